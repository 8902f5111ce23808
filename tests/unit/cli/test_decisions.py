"""`signalbook decisions` lists what was decided and shows one message with its whole trace."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import FIRST_ID, SAID, Run


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
        pytest.param(("--playbook", "nobody"), set(), id="by playbook"),
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
    card = '{title: "{action} Alert", fields: {Ticker: "{symbol}", Contract: "{strike}{right} {expiry}"}}'
    patterns = f"  use: [us-words]\n  patterns: [{{name: card, card: {card}}}]"
    text = playbook.read_text().replace("  use: [us-options]", patterns).split("examples:")[0]
    playbook.write_text(text, encoding="utf-8")
    embed = {
        "title": "BTO Alert",
        "description": "",
        "fields": [{"name": "Ticker", "value": "SPY"}, {"name": "Contract", "value": "602C 11/27"}],
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
