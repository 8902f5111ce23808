"""`signalbook parse` says what a text says, for people and line by line for programs."""

import json

import pytest

from tests.unit.cli.conftest import Run

AT = "2026-11-24T15:05:00+00:00"
ALERT = "BTO SPY 602C 11/27 @ 1.25"


def test_an_alert_is_shown_with_the_words_it_was_read_from(run: Run):
    """S-502."""
    result = run("parse", ALERT, "--at", AT)

    assert result.exit_code == 0
    assert f"{ALERT}\n~~~ ~~~ ~~~~ ~~~~~   ~~~~\n" in result.stdout
    assert "2026-11-27" in result.stdout


def test_a_refused_text_ends_with_status_1_and_a_caret(run: Run):
    """S-208, S-513."""
    result = run("parse", "BTO SPY 602 11/27 @ 1.25", "--at", AT)

    assert result.exit_code == 1
    assert "refused no_right" in result.stdout
    assert "^" in result.stdout


def test_chatter_is_no_alert_and_no_refusal(run: Run):
    result = run("parse", "good morning everybody", "--at", AT)

    assert result.exit_code == 0
    assert "no alert in it" in result.stdout


def test_the_text_may_come_from_standard_input(run: Run):
    assert run("parse", "--at", AT, stdin=ALERT.encode()).stdout == run("parse", ALERT, "--at", AT).stdout


def test_json_holds_every_field_and_its_place(run: Run):
    """S-510."""
    [alert] = json.loads(run("parse", ALERT, "--at", AT, "--json").stdout)["alerts"]

    assert (alert["symbol"], alert["price"], alert["asset"]) == ("SPY", "1.25", "option")
    assert {found["field"]: found["text"] for found in alert["found"]}["strike"] == "602"


def test_a_playbook_may_read_instead_of_the_shipped_libraries(run: Run):
    """S-504: without one the shipped libraries read shares too; the starter reads options only."""
    shares = ("parse", "bought 100 shares of AAPL @ 190.50", "--at", AT, "--json")

    assert json.loads(run(*shares).stdout)["alerts"][0]["asset"] == "stock"
    assert json.loads(run(*shares, "--playbook", "starter").stdout)["alerts"] == []


def test_json_lines_hold_exactly_the_documented_keys(run: Run):
    """S-503."""
    result = run("parse", "--jsonl", stdin=json.dumps({"text": ALERT, "at": AT}).encode() + b"\n")

    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {
            "alerts": [
                {
                    "action": "buy_to_open",
                    "symbol": "SPY",
                    "price": "1.25",
                    "quantity": None,
                    "fraction": None,
                    "legs": [
                        {
                            "action": "buy_to_open",
                            "symbol": "SPY",
                            "strike": "602",
                            "right": "call",
                            "expiry": "2026-11-27",
                            "ratio": 1,
                        }
                    ],
                }
            ],
            "refusal": None,
        }
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"not json", id="no JSON"),
        pytest.param(b"[1]", id="no object"),
        pytest.param(b'{"at": "2026-11-24T15:05:00Z"}', id="no text"),
        pytest.param(b'{"text": 7}', id="a number for a text"),
        pytest.param(b'{"text": "BTO", "at": "2026-11-24T15:05:00"}', id="a time without zone"),
        pytest.param(b'{"text": "BTO", "at": 5}', id="a number for a time"),
        pytest.param(b'{"text": "\xff"}', id="bytes that are no UTF-8"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_line_that_cannot_be_read_is_answered_in_its_place(run: Run, line: bytes):
    """S-503."""
    good = json.dumps({"text": ALERT, "at": AT}).encode()

    result = run("parse", "--jsonl", stdin=b"\n".join((good, line, good)) + b"\n")

    first, middle, last = (json.loads(row) for row in result.stdout.splitlines())
    assert result.exit_code == 1
    assert first == last
    assert middle["alerts"] == []
    assert middle["refusal"]["code"] == "bad_line"


@pytest.mark.parametrize("text", ["\ud800 BTO SPY 602C 11/27 @ 1.25", "BTO \x00 SPY", "x" * 20_000, ""])
def test_odd_texts_are_answered_by_one_line(run: Run, text: str):
    """S-503."""
    result = run("parse", "--jsonl", stdin=json.dumps({"text": text, "at": AT}).encode() + b"\n")

    assert result.exit_code == 0
    assert [set(json.loads(line)) for line in result.stdout.splitlines()] == [{"alerts", "refusal"}]


def test_a_time_without_zone_is_wrong_usage(run: Run):
    """S-513."""
    result = run("parse", ALERT, "--at", "2026-11-24 10:05")

    assert result.exit_code == 2
    assert "time zone" in result.stderr


def test_a_text_cannot_act_on_the_terminal(run: Run):
    result = run("parse", "hello \x1b[2J", "--at", AT)

    assert "\x1b" not in result.stdout
