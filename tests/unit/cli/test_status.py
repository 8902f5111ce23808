"""`signalbook status`."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from engine.app.trading_state_file import TradingStateFile
from engine.cli.exit_code import ExitCode
from engine.journal.log import JournalLog
from engine.journal.projection import rebuild
from engine.journal.trade_log import JournalTradeLog
from engine.lifecycle.events import IntentJournaled, SendStarted
from engine.lifecycle.slot import Purpose
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.alert import Action
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PriceEffect
from engine.plan.entries import AccountFact, AccountHappened, Controlled, OrderHappened, Planned, Role
from tests.unit.cli.conftest import Run
from tests.unit.cli.engines import ORDER, Engine, running

ALL = Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "quotes look wrong")
MAIN = Restriction(TradingState.HALTED, Scope.ACCOUNT, "main", "dave", "margin")
BUY = OrderLeg("SPY   261218C00600000", InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 2)
OPENING = Order("3f9a-1", "5WT00001", (BUY,), OrderType.LIMIT, price=Decimal("1.25"), effect=PriceEffect.DEBIT)
BODIES = (
    Controlled("kill", "dave", "margin", (MAIN,)),
    Planned("main", "3f9a", "3f9a", Role.TRADE, Purpose.ENTRY, 2, OPENING),
    OrderHappened("main", "3f9a", "3f9a-1", IntentJournaled()),
    OrderHappened("main", "3f9a", "3f9a-1", SendStarted()),
    AccountHappened("cert", AccountFact.UNREACHABLE, "", "no network"),
)


@pytest.fixture
def home(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNALBOOK_HOME", str(desk / "home"))
    return desk / "home"


def test_the_engine_tells_how_things_stand(run: Run, home: Path):
    """S-892."""
    with running(Engine([dict(ORDER)], in_force=(ALL,)), home):
        shown, asked = run("status"), run("status", "--json")

    assert (shown.exit_code, asked.exit_code) == (ExitCode.DONE, ExitCode.DONE)
    words = " ".join(shown.stdout.split())
    for part in (
        "the engine runs since 2026-11-24T14:00:00+00:00",
        "all: reducing, by carol: quotes look wrong",
        "main │ paper-production │ yes",
        "main │ 3f9a-1 │ buy_to_open 5 SPY │ working │ yes",
        "momentum │ abababababab │ canary",
        "1 wait for a person: signalbook approve --list",
        "journal: 4,711 entries, and no room for openings; DuckDB file: 11 entries behind",
    ):
        assert part in words
    assert json.loads(asked.stdout)["engine"] == "running"


def test_without_an_engine_journal_and_files_tell_as_much_as_they_know(run: Run, home: Path):
    """S-892."""
    with JournalLog.open(home / "journal", lambda: datetime.now(UTC)) as log:
        trade_log = JournalTradeLog(log, "live")
        for body in BODIES:
            trade_log.write(body)
    TradingStateFile(home / "trading-state.json").change(lambda _: (ALL,), tightens=True)
    rebuild(home / "journal", home / "signalbook.duckdb")

    shown, asked = run("status"), run("status", "--json")

    assert (shown.exit_code, asked.exit_code) == (ExitCode.ENGINE, ExitCode.ENGINE)
    assert "no engine runs" in shown.stderr
    words = " ".join(shown.stdout.split())
    for part in (
        "all: reducing, by carol: quotes look wrong",
        "account main: halted, by dave: margin",
        "main │ 3f9a-1 │ BTO 2 SPY 600C 2026-12-18 limit @ 1.25 │ sent │ yes",
        "cert │ │ not known │ unreachable: no network",
        "journal: 5 entries; DuckDB file: level",
    ):
        assert part in words
    said = json.loads(asked.stdout)
    assert "no engine runs" in said["engine"]
    assert said["orders"][0]["state"] == "sent"


def test_a_state_that_cannot_be_read_is_said_loudly(run: Run, home: Path):
    """S-882."""
    home.mkdir()
    (home / "trading-state.json").write_text("spoilt")

    result = run("status")

    assert "trading states cannot be read: nothing may open" in result.stdout
    assert "does not hold what it should: nothing may open" in result.stderr


def test_a_fresh_folder_is_active_and_empty(run: Run, home: Path):
    home.mkdir()

    result = run("status", "--json")

    said = json.loads(result.stdout)
    assert (said["in_force"], said["orders"], said["journal"]["seq"], said["problems"]) == ([], [], 0, [])


def test_a_damaged_journal_is_among_the_problems(run: Run, home: Path):
    with JournalLog.open(home / "journal", lambda: datetime.now(UTC)) as log:
        JournalTradeLog(log, "live").write(BODIES[0])
    [segment] = (home / "journal").glob("*.log")
    content = bytearray(segment.read_bytes())
    content[100] ^= 1
    segment.write_bytes(content)

    result = run("status", "--json")

    assert "journal_damaged" in json.loads(result.stdout)["problems"][0]
