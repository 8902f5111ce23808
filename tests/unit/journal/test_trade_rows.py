"""The DuckDB file tells what the journal holds of trading: every entry once, wherever it stopped between two."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.journal.entry_bodies import RunEnded, encoded
from engine.journal.log import JournalLog
from engine.journal.projection import Projection, rebuild
from engine.journal.reading import read_entries
from engine.journal.retention import Kept, days_to_export, drop_runs, export_days, old_runs
from engine.journal.trade_tables import TRADE_TABLES
from engine.lifecycle import events as e
from engine.model.account import Booking
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError
from engine.model.order import OrderStatus
from engine.model.stages import Stage
from engine.plan.entries import (
    AccountFact,
    AccountHappened,
    Controlled,
    LooseningAsked,
    OrderHappened,
    Role,
    StageChanged,
)
from tests.trading import (
    CALL,
    MANIFEST,
    TEN,
    Ticking,
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

HALT = Restriction(TradingState.HALTED, Scope.ALL, "", "dana", "a test")
SALE = Booking("b1", "main", "Receive Deliver", "Assignment", "assigned", TEN, CALL, Decimal(1))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TradingDesk]:
    """A desk that has not traded yet."""
    desk = TradingDesk.open(tmp_path / "journal")
    yield desk
    desk.close()


def trade(desk: TradingDesk) -> TradingDesk:
    """Have everything happen once."""
    desk.write(StageChanged("momentum", "c0ffee", Stage.PRODUCTION, "dana", "it did well", (("runs", "3"),), "1.0", 5))
    for happen in (trade_in_production, refuse_in_sandbox, fail_the_checks, trade_in_sandbox, leave_open):
        happen(desk)
    desk.decide(denied(), number=6)
    desk.write(Controlled("kill", "dana", "a test", (HALT,)))
    desk.write(LooseningAsked("m1", "erin", ("max_spread rises",)))
    desk.write(AccountHappened("main", AccountFact.BOOKED, CALL, "assigned", booking=SALE))
    return desk


@pytest.fixture
def busy(desk: TradingDesk) -> TradingDesk:
    """A desk on which everything has happened once."""
    return trade(desk)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file made of the journal of such a desk, only to be read."""
    desk = trade(TradingDesk.open(tmp_path_factory.mktemp("whole") / "journal"))
    desk.close()
    return project(desk)


def live(desk: TradingDesk) -> Path:
    return desk.folder.parent / "live.duckdb"


def project(desk: TradingDesk) -> Path:
    with Projection(live(desk), desk.folder):
        pass
    return live(desk)


def ask(path: Path, query: str) -> list[Any]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(query).fetchall()


def tables(path: Path) -> dict[str, list[Any]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        return {name: connection.execute(f"select columns(*)::varchar from {name}").fetchall() for name in names}


def test_each_intent_is_told_with_what_came_of_it(whole: Path):
    """S-901."""
    columns = "stage, sandbox, approval, approval_by, checked, dropped, state, filled, units, average_price, order_id"

    assert ask(whole, f"select {columns} from trades order by seq") == [
        ("production", "pass", "approved", "dana", "sound", "", "filled", 2, 2, 1.25, "5012"),
        ("production", "refused", "", "", "", "sandbox_refused", "dropped", 0, 2, None, ""),
        ("production", "outage", "", "", "unsound", "unsound", "dropped", 0, 2, None, ""),
        ("sandbox", "", "", "", "sound", "", "cancelled", 1, 2, pytest.approx(0.70), "5041"),
        ("production", "skipped", "", "", "sound", "", "working", 0, 2, None, "5051"),
    ]


def test_each_order_is_told_with_the_latest_that_is_known_of_it(whole: Path):
    """S-901."""
    columns = "account, role, state, filled, could_fill, broker_status, why, sent_at is not null, ended_at is not null"

    assert ask(whole, f"select {columns} from order_states order by seq") == [
        ("cert", "probe", "cancelled", 0, 2, "cancelled", "the probe has shown what it can", True, True),
        ("main", "trade", "filled", 2, 0, "filled", "", True, True),
        ("cert", "probe", "rejected", 0, 0, "", "margin_check_failed", True, True),
        ("cert", "trade", "cancelled", 1, 1, "cancelled", "good_until has passed", True, True),
        ("main", "trade", "working", 0, 2, "live", "", True, False),
    ]


def test_a_fill_that_is_told_again_and_again_is_booked_once(whole: Path):
    """S-902."""
    columns = "account, order_id, fill_id, symbol, action, quantity, price"

    booked = ask(whole, f"select {columns} from fills order by seq, rowid")

    assert [row[2] for row in booked] == ["5012-1", "5012-2", "5041-1", "5041-1"]
    assert booked[0] == ("main", "5012", "5012-1", CALL, "buy_to_open", 1, Decimal("1.25"))
    assert len({row[:4] for row in booked}) == len(booked)


def test_a_fill_told_before_a_restart_is_not_booked_again_after_it(desk: TradingDesk):
    """S-902, S-903."""
    intent = trade_in_production(desk)
    before = ask(project(desk), "select * exclude (written_at, filled_at) from fills")
    order = desk.slots["main", intent.id].attempts[0].order
    filled = desk.slots["main", intent.id].attempts[0].fills

    desk.happen(order, e.Reported(shown(order, "5012", OrderStatus.FILLED, filled)))

    assert ask(project(desk), "select * exclude (written_at, filled_at) from fills") == before
    assert ask(live(desk), "select state, filled from order_events order by seq desc limit 1") == [("filled", 2)]


def test_every_run_in_the_sandbox_is_a_test_result(whole: Path):
    """S-904."""
    columns = "role, verdict, codes, took_ms, stage, slot_id, day"
    day = date(2026, 11, 24)

    assert ask(whole, f"select {columns} from test_results order by seq") == [
        ("probe", "pass", "[]", 128, "production", f"{key(1)}p", day),
        ("probe", "refused", '["margin_check_failed"]', 73, "production", f"{key(2)}p", day),
        ("probe", "outage", "[]", 1, "production", "", day),
        ("trade", "pass", "[]", 1508, "sandbox", key(4), day),
    ]


def test_checks_stages_controls_and_accounts_have_their_rows(whole: Path):
    """S-901."""
    path = whole

    assert ask(
        path, "select name, status, blocks, code from checks where intent_id like '%3' order by check_index"
    ) == [
        ("contract", "passed", False, ""),
        ("tick", "passed", False, ""),
        ("buying_power", "failed", True, "too_little"),
        ("dry_run", "not_run", True, "not_asked"),
    ]
    assert ask(path, "select stage, by_whom, openings, evidence from stage_changes") == [
        ("production", "dana", 5, '{"runs":"3"}')
    ]
    assert ask(path, "select kind, what, by_whom, why from control_actions order by seq") == [
        ("control", "kill", "dana", "a test"),
        ("loosening", "loosening m1 asked for", "erin", "max_spread rises"),
    ]
    assert ask(path, "select fact, symbol, booking ->> '$.sub_kind' from account_events") == [
        ("booked", CALL, "Assignment")
    ]


def test_made_anew_every_row_is_the_same(busy: TradingDesk):
    """S-903."""
    before = tables(project(busy))

    rebuild(busy.folder, live(busy))

    assert tables(live(busy)) == before
    assert all(before[table] for table in TRADE_TABLES)


def test_stopped_between_any_two_entries_it_goes_on_to_the_same_rows(whole: Path, tmp_path: Path):
    """S-903."""
    entries = list(read_entries(whole.with_name("journal")))
    path, journal = tmp_path / "piecewise.duckdb", tmp_path / "journal"

    for count in (*range(1, len(entries), 7), len(entries)):
        _append(journal, entries[:count])
        with Projection(path, journal):
            pass

    pieces, at_once = tables(path), tables(whole)
    assert {name: pieces[name] for name in TRADE_TABLES} == {name: at_once[name] for name in TRADE_TABLES}


def _append(folder: Path, entries: list[Entry]) -> None:
    """Append what a journal lacks of some entries, each at its own time."""
    clock = Ticking()
    with JournalLog.open(folder, clock) as log:
        last = log.last.seq if log.last is not None else 0
        for entry in entries:
            if entry.seq > last:
                clock.now = entry.at
                log.append(entry.kind, entry.run, entry.body)


def test_a_successor_of_an_order_shares_its_slot_across_a_restart(desk: TradingDesk):
    """S-903."""
    record = desk.decide(approved(), number=1)
    intent = desk.intend(intent_of(record))
    first = desk.plan(intent, Role.TRADE, "main", is_close=True)
    desk.happen(first, e.IntentJournaled())
    desk.happen(first, e.SendStarted())
    desk.happen(first, e.NothingSent("no connection"))
    project(desk)
    second = desk.plan(intent, Role.TRADE, "main", is_close=True)
    desk.send(second, "77")

    rows = ask(
        project(desk), "select client_id, state, refusal from order_states join orders using (client_id) order by 1"
    )

    assert rows == [(f"{intent.id}-1", "unsent", ""), (f"{intent.id}-2", "working", "")]
    assert ask(live(desk), "select orders, state from trades") == [(2, "working")]


def test_an_event_of_an_order_nobody_planned_is_kept_and_said_to_be_odd(desk: TradingDesk):
    """S-905."""
    desk.write(OrderHappened("main", "gone", "gone-1", e.CancelAsked("a person")))

    assert ask(project(desk), "select client_id, event, state, why, anomaly, filled from order_events") == [
        ("gone-1", "cancel_asked", "", "a person", "its order was never planned", None)
    ]


def test_what_the_lifecycle_did_not_expect_is_in_the_row_of_the_event(desk: TradingDesk):
    """S-905."""
    intent = trade_in_production(desk)
    desk.write(OrderHappened("main", intent.id, f"{intent.id}-1", e.SendStarted()))

    [(state, anomaly)] = ask(project(desk), "select state, anomaly from order_events order by seq desc limit 1")

    assert state == "filled"
    assert "must not be sent" in anomaly


def test_an_entry_it_cannot_read_stops_it_and_loses_nothing(busy: TradingDesk):
    project(busy)
    before = tables(live(busy))
    busy.log.append(EntryKind.FLOW, busy.run, b'{"intent_id":"a","event":"blessed","body":{}}')

    with pytest.raises(JournalError, match="does not know how to read"):
        Projection(live(busy), busy.folder)

    assert tables(live(busy)) == before


def test_rows_of_trading_are_exported_by_day(busy: TradingDesk):
    """S-906."""
    path = project(busy)
    [day] = days_to_export(path, busy.folder, date(2026, 11, 25))

    [done] = export_days(path, busy.log, busy.folder.parent / "exports", [day])

    rows = {file.name: file.rows for file in done.files}
    assert {table: rows[f"{table}.parquet"] for table in TRADE_TABLES} == {
        table: len(ask(path, f"select 1 from {table}")) for table in TRADE_TABLES
    }
    with duckdb.connect() as connection:
        read = connection.read_parquet(str(Path(done.folder) / "orders.parquet"))
        assert set(read.select("run").fetchall()) == {("live-1",)}


def test_a_run_that_is_dropped_leaves_its_trading(tmp_path: Path, clock: Callable[[], Any]):
    """S-906."""
    desk = TradingDesk.open(tmp_path / "journal", "feed-1")
    _as_feed(desk)
    trade_in_production(desk)
    desk.log.append(EntryKind.RUN_ENDED, desk.run, encoded(RunEnded(1)))
    path = project(desk)
    before = tables(path)
    kept = Kept(path, desk.folder)

    drop_runs(kept, old_runs(kept, desk.clock() + timedelta(days=40)), desk.log, tmp_path / "exports")
    dropped = tables(path)
    rebuild(desk.folder, path)

    assert {table: dropped[table] for table in TRADE_TABLES} == {table: before[table] for table in TRADE_TABLES}
    assert (dropped["decisions"], dropped["journaled_decisions"]) == ([], [])
    assert tables(path) == dropped
    desk.close()


def _as_feed(desk: TradingDesk) -> None:
    """Begin another run, of a kind that can be dropped."""
    desk.run = "feed-2"
    desk.log.append(EntryKind.RUN_STARTED, desk.run, encoded(replace(MANIFEST, source="feed")))


@pytest.mark.parametrize("table", ["journaled_decisions", *TRADE_TABLES])
def test_rows_are_never_changed_or_deleted(whole: Path, table: str):
    """S-714."""
    with duckdb.connect(str(whole)) as connection:
        for change in (f"update {table} set seq = 0", f"delete from {table}"):
            with pytest.raises(duckdb.ConstraintException):
                connection.execute(change)
