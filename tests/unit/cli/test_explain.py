"""`signalbook explain` shows every gate and every pattern, not only the first that failed."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run

AT = ("--at", "2026-11-24 10:05 America/New_York")
ALERT = "BTO SPY 602C 11/27 @ 1.25"


def test_an_approved_alert_shows_every_gate(run: Run):
    """S-505."""
    result = run("explain", "starter", ALERT, *AT)

    assert result.exit_code == 0
    assert "approved" in result.stdout
    for gate in ("channel", "origin", "author", "freshness", "reading", "may_open"):
        assert gate in result.stdout


def test_a_stranger_who_is_late_fails_both_gates(run: Run):
    """S-305, S-505."""
    result = run("explain", "starter", ALERT, "--by", "200000000000000009", "--late", "2m", "--json", *AT)

    assert result.exit_code == 1
    [outcome] = json.loads(result.stdout)["decision"]["outcomes"]
    failed = {gate["gate"]: gate["code"] for gate in outcome["gates"] if gate["status"] == "failed"}
    assert failed == {"author": "unknown_author", "freshness": "too_late"}
    assert outcome["reason"] == "unknown_author"


def test_the_nearest_miss_is_pointed_at(run: Run):
    """S-505."""
    result = run("explain", "starter", "BTO SPY 602 11/27 @ 1.25", *AT)

    assert result.exit_code == 1
    assert "nearest miss" in result.stdout
    assert "BTO SPY 602 11/27 @ 1.25\n" in result.stdout
    assert "option-open" in result.stdout


def test_an_exit_needs_what_was_said_before(run: Run):
    """S-315."""
    alone = run("explain", "starter", "STC SPY 602C @ 1.90", *AT)
    with_opening = run("explain", "starter", "STC SPY 602C @ 1.90", "--after", ALERT, *AT)

    assert (alone.exit_code, with_opening.exit_code) == (1, 0)
    assert "no_open_position" in alone.stdout


def test_a_file_may_be_named_instead(run: Run):
    assert run("explain", "playbooks/starter.yaml", ALERT, *AT).exit_code == 0


def test_an_unknown_playbook_names_those_there_are(run: Run):
    """S-514."""
    result = run("explain", "starte", ALERT, *AT)

    assert result.exit_code == 1
    assert "playbook_not_found" in result.stderr
    assert "starter" in result.stderr
    assert result.stdout == ""


def test_a_card_tells_which_of_its_parts_is_missing(run: Run, desk: Path):
    """S-216, S-505."""
    playbook = desk / "playbooks" / "starter.yaml"
    fields = '{Ticker: "{symbol}", Contract: "{strike}{right} {expiry}", Entry: "{price}"}'
    card = f'{{title: "{{action}} Alert", fields: {fields}}}'
    patterns = f"  use: [us-words]\n  patterns: [{{name: card, card: {card}}}]"
    text = playbook.read_text().replace("  use: [us-options]", patterns)
    playbook.write_text(text.split("examples:")[0], encoding="utf-8")
    said = {"Ticker": "SPY", "Entry": "$1.25", "Contract": "602C 11/27"}
    written = [{"name": name, "value": value} for name, value in said.items()]
    whole, cut = (json.dumps({"title": "BTO Alert", "fields": some}) for some in (written, written[:2]))

    read = run("explain", "starter", "--embed", whole, "--json", *AT)
    missed = run("explain", "starter", "--embed", cut, *AT)

    assert read.exit_code == 0
    assert json.loads(read.stdout)["decision"]["outcomes"][0]["alert"]["symbol"] == "SPY"
    assert "Contract" in missed.stdout


@pytest.mark.parametrize("card", ["BTO", "[]", '{"titel": "x"}', '{"fields": [1]}', '{"title": 5}'])
def test_what_is_no_card_is_wrong_usage(run: Run, card: str):
    """S-513."""
    assert run("explain", "starter", "--embed", card, *AT).exit_code == 2


@pytest.mark.parametrize(
    ("option", "hint"), [(("--by", "alcie"), "did you mean alice?"), (("--channel", "alert"), "did you mean alerts?")]
)
def test_a_misspelt_name_is_no_stranger(run: Run, option: tuple[str, str], hint: str):
    """S-513."""
    result = run("explain", "starter", ALERT, *option, "--json", *AT)

    assert result.exit_code == 2
    assert hint in json.loads(result.stdout)["error"]["message"]


@pytest.mark.parametrize("head", ["desk: main", "library: words"])
def test_a_file_that_is_no_playbook_says_what_it_is(run: Run, desk: Path, head: str):
    (desk / "playbooks" / "other.yaml").write_text(f"signalbook: 1\n{head}\n", encoding="utf-8")

    result = run("explain", "playbooks/other.yaml", "hi", *AT)

    assert result.exit_code in (1, 3)
    assert "there is no playbook" not in result.stderr


def test_only_the_nearest_patterns_are_shown_unless_all_are_asked_for(run: Run):
    few, every = (run("explain", "starter", ALERT, *AT, *more).stdout for more in ((), ("--all",)))

    assert "--all shows the others" in few
    assert len(few.splitlines()) < len(every.splitlines())
    assert "~~~ ~~~ ~~~~ ~~~~~   ~~~~" in few
