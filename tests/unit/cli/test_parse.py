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


@pytest.mark.parametrize(("expiry", "code"), [("11/20", "expired"), ("13/45", "bad_date"), ("11/28", "not_a_session")])
def test_a_day_nothing_can_be_bought_for_ends_with_status_1(run: Run, expiry: str, code: str):
    """S-513."""
    result = run("parse", f"BTO SPY 602C {expiry} @ 1.25", "--at", AT)

    assert result.exit_code == 1
    assert result.stdout.startswith(f"will be refused: {code}: ")
    assert f"BTO SPY 602C {expiry} @ 1.25\n             ^^^^^\n" in result.stdout


@pytest.mark.parametrize("more", [(ALERT,), ("--json",)])
def test_json_lines_take_no_text_and_no_other_form(run: Run, more: tuple[str, ...]):
    """S-513."""
    assert run("parse", "--jsonl", *more).exit_code == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 1: not JSON"),
        ('{"at": "x"}', "line 1: 'text' is missing"),
        ('{"text": 1}', "line 1: 'text' is not a text"),
    ],
)
def test_a_line_that_cannot_be_read_says_which_and_why(run: Run, line: str, reason: str):
    result = run("parse", "--jsonl", stdin=line.encode() + b"\n")

    assert json.loads(result.stdout)["refusal"] == {"code": "bad_line", "reason": reason}


def test_words_without_quotes_are_wrong_usage_with_a_hint(run: Run):
    result = run("parse", "BTO", "SPY", "602C")

    assert result.exit_code == 2
    assert "put the message in quotes" in result.stderr


def test_an_error_is_json_where_json_was_asked_for(run: Run):
    unknown = run("parse", ALERT, "--playbook", "startr", "--json")
    bad_time = run("parse", ALERT, "--at", "noon", "--json")

    assert json.loads(unknown.stdout)["error"]["code"] == "playbook_not_found"
    assert "did you mean starter?" in json.loads(unknown.stdout)["error"]["message"]
    assert json.loads(bad_time.stdout)["error"]["code"] == "wrong_usage"


def test_a_long_text_is_not_echoed_whole(run: Run):
    assert len(run("parse", "x " * 50_000, "--at", AT).stdout) < 1_000


def test_the_words_of_every_price_are_shown(run: Run):
    ranged = run("parse", "BTO SPY 602C 11/27 @ 1.25-1.35", "--at", AT).stdout
    average = run("parse", "BTO SPY 602C 11/27 avg 2.35", "--at", AT).stdout

    assert "price_high │ 1.35        │ 1.35" in ranged
    assert "price  │ 2.35        │ 2.35" in average
