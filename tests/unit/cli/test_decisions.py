"""`signalbook decisions` lists what was decided and shows one message with its whole trace."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import ALICE, FIRST_ID, SAID, Run, message


def message_id(number: int) -> str:
    return str(FIRST_ID + (number << 22))


def test_decisions_are_listed_newest_first(replayed: Run):
    """S-507."""
    rows = json.loads(replayed("decisions", "--json").stdout)

    assert rows[0]["text"] == "STC SPY 602C 11/27 @ 2.10"
    assert [row["posted_at"] for row in rows] == sorted((row["posted_at"] for row in rows), reverse=True)


@pytest.mark.parametrize(
    ("narrowing", "texts"),
    [
        pytest.param(("--missed",), {SAID[3][0], SAID[4][0]}, id="order-shaped, refused"),
        pytest.param(("--verdict", "approved"), {SAID[0][0], SAID[5][0], SAID[6][0]}, id="by verdict"),
        pytest.param(("--symbol", "qqq"), {SAID[4][0]}, id="by symbol"),
        pytest.param(("--text", "half"), {SAID[5][0]}, id="by text"),
        pytest.param(("--author", "mallory"), {SAID[4][0]}, id="by author"),
        pytest.param(("--reason", "unknown_author"), {SAID[4][0]}, id="by reason"),
        pytest.param(("--verdict", "refused", "--reason", "no_right"), {SAID[3][0]}, id="by verdict, as people say it"),
    ],
)
def test_the_list_can_be_narrowed(replayed: Run, narrowing: tuple[str, ...], texts: set[str]):
    """S-507."""
    rows = json.loads(replayed("decisions", "--json", *narrowing).stdout)

    assert {row["text"] for row in rows} == texts


def test_one_message_is_shown_with_every_gate(replayed: Run):
    """S-507."""
    result = replayed("decisions", message_id(4))

    assert result.exit_code == 0
    assert "denied unknown_author" in result.stdout
    assert "mallory (200000000000000009) is not in listen.authors" in result.stdout
    assert "may_open" in result.stdout


def test_chatter_is_told_without_its_text(replayed: Run):
    result = replayed("decisions", message_id(1))

    assert result.exit_code == 0
    assert "text of chatter is not kept" in result.stdout


@pytest.mark.parametrize("number", [0, 3, 4, 5, 6])
def test_an_example_made_of_a_message_passes_when_pasted(replayed: Run, desk: Path, number: int):
    """S-507, S-144."""
    example = replayed("decisions", message_id(number), "--as-example").stdout
    playbook = desk / "playbooks" / "starter.yaml"
    playbook.write_text(playbook.read_text() + example, encoding="utf-8")

    checked = replayed("check", "--json")

    assert json.loads(checked.stdout)["issues"] == []
    assert json.loads(checked.stdout)["playbooks"][0]["examples_passed"] == 3


def test_a_message_nobody_knows_is_status_1(replayed: Run):
    """S-514."""
    result = replayed("decisions", "999999999999999999")

    assert result.exit_code == 1
    assert "decision_not_found" in result.stderr


def test_without_a_replay_there_is_nothing_to_open(run: Run):
    """S-416, S-513."""
    result = run("decisions", "--db", "gone.duckdb")

    assert result.exit_code == 5
    assert "store_not_found" in result.stderr


def test_a_card_becomes_an_example_that_passes(run: Run, desk: Path):
    """S-507."""
    playbook = desk / "playbooks" / "starter.yaml"
    fields = '{Ticker: "{symbol}", Contract: "{strike}{right} {expiry}", Entry: "{price}"}'
    card = f'{{title: "{{action}} Alert", fields: {fields}}}'
    patterns = f"  use: [us-words]\n  patterns: [{{name: card, card: {card}}}]"
    text = playbook.read_text().replace("  use: [us-options]", patterns).split("examples:")[0]
    playbook.write_text(text, encoding="utf-8")
    embed = {
        "title": "BTO Alert",
        "description": "",
        "fields": [
            {"name": "Ticker", "value": "SPY"},
            {"name": "Contract", "value": "602C 11/27"},
            {"name": "Entry", "value": "$1.25"},
        ],
    }
    archive = json.loads((desk / "archive.json").read_text())
    archive["messages"] = [archive["messages"][0] | {"content": "", "embeds": [embed]}]
    (desk / "cards.json").write_text(json.dumps(archive), encoding="utf-8")
    assert run("replay", "cards.json").exit_code == 0

    example = run("decisions", message_id(0), "--as-example").stdout
    playbook.write_text(text + "examples:\n" + example, encoding="utf-8")

    assert "embeds:" in example
    assert "action: buy_to_open" in example
    assert json.loads(run("check", "--json").stdout)["issues"] == []


@pytest.mark.parametrize(
    ("arguments", "status", "hint"),
    [
        pytest.param(("--as-example",), 2, "decisions ID --as-example", id="an example of nothing"),
        pytest.param(("--verdict", "aproved"), 2, "did you mean approved?", id="verdict"),
        pytest.param(("--reason", "no_rigth"), 2, "did you mean no_right?", id="reason"),
        pytest.param(("--playbook", "startr"), 1, "did you mean starter?", id="playbook"),
        pytest.param(("--author", "malory"), 1, "did you mean mallory?", id="author"),
    ],
)
def test_what_the_run_does_not_hold_is_no_empty_list(replayed: Run, arguments: tuple[str, ...], status: int, hint: str):
    """S-513."""
    result = replayed("decisions", "--json", *arguments)

    assert result.exit_code == status
    assert hint in json.loads(result.stdout)["error"]["message"]


def test_an_exit_that_fits_two_positions_brings_both_and_no_closed_one(run: Run, desk: Path):
    """S-507, S-144."""
    openings = tuple(f"BTO SPY {contract} @ 1" for contract in ("600C 11/27", "601C 11/27", "601C 12/18"))
    said = (openings[0], "STC SPY 600C @ 2", *openings[1:], "STC SPY 601C @ 2")
    archive = json.loads((desk / "archive.json").read_text())
    archive["messages"] = [message(number, text, ALICE) for number, text in enumerate(said)]
    (desk / "two.json").write_text(json.dumps(archive), encoding="utf-8")
    assert run("replay", "two.json").exit_code == 0

    example = run("decisions", message_id(4), "--as-example").stdout
    playbook = desk / "playbooks" / "starter.yaml"
    playbook.write_text(playbook.read_text() + example, encoding="utf-8")

    assert "gives: {refused: ambiguous_position}" in example
    assert example.count("BTO SPY 601C") == 2
    assert "600C" not in example
    assert json.loads(run("check", "--json").stdout)["issues"] == []
