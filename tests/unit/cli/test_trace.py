"""`signalbook trace` shows the whole way of one message with its times, also while the engine runs."""

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from engine.cli.main import app
from engine.journal.projection import Projection
from engine.lifecycle import events
from engine.model.order import OrderStatus
from engine.model.stages import Stage
from engine.plan.entries import Role
from tests.trading import (
    MESSAGE,
    TradingDesk,
    approved,
    denied,
    fail_the_checks,
    intent_of,
    key,
    leave_open,
    refuse_in_sandbox,
    shown,
    trade_in_production,
    trade_in_sandbox,
)
from tests.unit.cli.conftest import ALICE, FIRST_ID, SAID, Run

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a desk on which everything has happened once."""
    home = tmp_path_factory.mktemp("home")
    desk = TradingDesk.open(home / "journal")
    for happen in (trade_in_production, refuse_in_sandbox, fail_the_checks, trade_in_sandbox, leave_open):
        happen(desk)
    desk.decide(denied(), number=6)
    desk.close()
    with Projection(home / "signalbook.duckdb", home / "journal"):
        pass
    return home


def message(number: int) -> str:
    return str(int(MESSAGE) + number - 1)


def trace(home: Path, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["trace", *arguments], env={"SIGNALBOOK_HOME": str(home), **environment})


def way(home: Path, wanted: str) -> dict[str, Any]:
    result = trace(home, wanted, "--json")
    assert result.exit_code == 0, result.output
    [intent] = json.loads(result.stdout)["intents"]
    return intent


def steps(intent: dict[str, Any]) -> list[tuple[float, str, str]]:
    return [(step["ms"], step["where"], step["what"]) for step in intent["steps"] if step["tone"] != "quiet"]


def test_an_opening_is_followed_from_the_decision_to_the_last_fill(home: Path):
    """S-909."""
    assert steps(way(home, message(1))) == [
        (3.0, "decision", "approved"),
        (5.0, "decision", "intended"),
        (6.0, "sandbox", "probe planned"),
        (7.0, "sandbox", "order on disk"),
        (8.0, "sandbox", "send begins"),
        (93.0, "sandbox", "acknowledged"),
        (133.0, "sandbox", "live"),
        (134.0, "sandbox", "sandbox says pass"),
        (135.0, "sandbox", "cancel asked"),
        (136.0, "approval", "asked"),
        (196.0, "sandbox", "cancelled"),
        (4396.0, "approval", "approved"),
        (4491.0, "checks", "checked and sound"),
        (4492.0, "production", "order planned"),
        (4493.0, "production", "order on disk"),
        (4494.0, "production", "send begins"),
        (4579.0, "production", "acknowledged"),
        (4619.0, "production", "live"),
        (4739.0, "production", "partly filled"),
        (4864.0, "production", "filled"),
        (4870.0, "end", "filled"),
    ]


def test_the_parts_are_timed(home: Path):
    """S-909."""
    assert way(home, message(1))["spans_ms"] == {
        "decision": 3.0,
        "sandbox": 128.0,
        "approval": 4260.0,
        "checks": 95.0,
        "send to answer": 85.0,
        "answer to first fill": 160.0,
        "in all": 4870.0,
    }


def test_the_stream_may_show_an_order_before_the_request_is_answered(tmp_path: Path):
    """S-909."""
    desk = TradingDesk.open(tmp_path / "journal")
    intent = desk.intend(intent_of(desk.decide(approved(), number=1), stage=Stage.SANDBOX))
    order = desk.plan(intent, Role.TRADE, "cert")
    desk.happen(order, events.IntentJournaled())
    desk.happen(order, events.SendStarted())
    desk.happen(order, events.Reported(shown(order, "501", OrderStatus.IN_FLIGHT)), 40)
    desk.fill(order, "501", intent.units)
    desk.close()
    with Projection(tmp_path / "signalbook.duckdb", tmp_path / "journal"):
        pass

    spans = way(tmp_path, message(1))["spans_ms"]

    assert spans["send to answer"] == 40.0
    assert spans["answer to first fill"] > 0


def test_the_checks_are_shown_with_the_dry_run(home: Path):
    """S-909."""
    [checked] = [step for step in way(home, message(3))["steps"] if step["where"] == "checks"]

    assert [(check["name"], check["status"]) for check in checked["checks"]] == [
        ("contract", "passed"),
        ("tick", "passed"),
        ("buying_power", "failed"),
        ("dry_run", "not_run"),
    ]
    assert (checked["what"], checked["tone"]) == ("checked and refused", "bad")
    assert "✗ buying_power" in trace(home, message(3)).stdout


@pytest.mark.parametrize(
    ("number", "state", "last"),
    [
        (2, "dropped: the sandbox refused it: margin_check_failed", "dropped sandbox refused"),
        (3, "dropped: buying_power: takes $250.26 of $100.00", "dropped unsound"),
        (4, "cancelled 1 of 2 at 0.70", "cancelled"),
        (5, "working", "found at the broker"),
    ],
)
def test_every_way_ends_with_what_became_of_it(home: Path, number: int, state: str, last: str):
    """S-909."""
    assert f"→ {state}" in trace(home, message(number)).stdout
    assert steps(way(home, message(number)))[-1][2] == last


@pytest.mark.parametrize("wanted", [key(1), f"{key(1)}-1", f"{key(1)}p-1"], ids=["intent", "order", "probe"])
def test_it_is_found_by_any_of_its_ids(home: Path, wanted: str):
    """S-909."""
    assert way(home, wanted)["trade"]["message_id"] == message(1)


def test_a_message_that_was_refused_says_why(home: Path):
    """S-909."""
    result = trace(home, message(6))

    assert result.exit_code == 0
    assert "momentum denied symbol_denied: SPY is denied" in result.stdout


def test_what_was_told_twice_is_shown_when_asked_for(home: Path):
    """S-909."""
    plain, everything = trace(home, message(1)).stdout, trace(home, message(1), "--all").stdout

    assert len(everything.splitlines()) == len(plain.splitlines()) + 2


def test_what_the_log_does_not_hold_is_status_1(home: Path):
    """S-909."""
    result = trace(home, "999", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "trace_not_found"


SILENT, NEWEST = str(FIRST_ID + (1 << 22)), str(FIRST_ID + (6 << 22))


def test_a_message_that_says_nothing_is_shown_with_when_it_was_read_by_whom_and_why_nothing_was_found(run: Run):
    """S-949."""
    run("feed", "archive.json")

    shown, asked = run("trace", SILENT), run("trace", SILENT, "--json")

    assert shown.exit_code == 0, shown.output
    assert shown.stdout.splitlines() == [
        f"message {SILENT} of alice ({ALICE})",
        "posted 2026-11-24 15:01:00.000Z",
        "good morning everybody",
        "starter ignored not_an_alert: says nothing that is an order"
        " (read 2026-11-24 15:01:01.000Z, 1,000 ms after it was posted)",
    ]
    [ignored] = json.loads(asked.stdout)["ignored"]
    assert (ignored["playbook"], ignored["reason"], ignored["text"]) == ("starter", "not_an_alert", SAID[1][0])
    assert json.loads(asked.stdout)["outcomes"] == []


@pytest.mark.parametrize("is_damaged", [False, True])
def test_without_the_journal_the_file_says_what_it_keeps_of_a_silent_message(run: Run, *, is_damaged: bool):
    """S-949."""
    run("feed", "archive.json")
    if is_damaged:
        (Path("signalbook-data") / "journal" / "000001.log").write_bytes(b"spoilt")

    result = run("trace", SILENT, *([] if is_damaged else ["--db", "signalbook-data/signalbook.duckdb"]))

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[2:] == [
        "its text is in the journal only",
        "starter ignored not_an_alert (when it was read, only the journal says: --home)",
    ]


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        pytest.param(f"{SILENT[:-1]}{(int(SILENT[-1]) + 1) % 10}", SILENT, id="one digit is wrong"),
        pytest.param(f"{SILENT[:9]}{SILENT[10]}{SILENT[9]}{SILENT[11:]}", SILENT, id="two digits are swapped"),
        pytest.param(SILENT[:16], SILENT, id="the end is missing"),
        pytest.param(
            "12345", f"the newest messages: {FIRST_ID + (6 << 22)}, {FIRST_ID + (5 << 22)}", id="nothing like it"
        ),
    ],
)
def test_an_unknown_id_is_answered_with_the_nearest_or_the_newest(run: Run, wanted: str, offered: str):
    """S-949."""
    run("feed", "archive.json")

    result = run("trace", wanted)

    assert result.exit_code == 1
    assert f"the log holds nothing of {wanted}" in result.stderr
    assert offered in result.stderr


def test_colours_are_left_out_where_they_are_not_wanted(home: Path):
    """S-909."""
    assert COLOUR.search(trace(home, message(1), FORCE_COLOR="1").stdout)
    assert not COLOUR.search(trace(home, message(1), FORCE_COLOR="1", NO_COLOR="1").stdout)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
def test_it_is_shown_while_the_engine_runs(home: Path):
    """S-716, S-909."""
    before = trace(home, message(1), "--json").stdout
    with Projection(home / "signalbook.duckdb", home / "journal"):
        assert trace(home, message(1), "--json").stdout == before
        orders = CliRunner().invoke(app, ["orders", "--json", "--home", str(home)])
        assert len(json.loads(orders.stdout)) == 5
