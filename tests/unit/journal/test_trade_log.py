"""What trading writes into the journal comes back as it was, whatever it is."""

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.journal.log import JournalLog
from engine.journal.reading import read_entries
from engine.journal.trade_log import TRADE_KINDS, JournalTradeLog, encoded_trade, trade_body, trade_entries
from engine.lifecycle.events import EVENTS
from engine.model.entry import GENESIS, Entry, EntryKind
from engine.model.errors import JournalError
from engine.plan.entries import BODIES, Controlled, FlowHappened, OrderHappened, TradeBody
from engine.plan.flow import ApprovalAsked, Approved, Checked, Declined, Dropped, Ended, FilledLate, Probed

NOW = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
FLOW = (Probed, ApprovalAsked, Approved, Declined, Checked, Dropped, Ended, FilledLate)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    datetime: st.datetimes(timezones=st.just(UTC)),
    date: st.dates(),
    timedelta: st.timedeltas(timedelta(0), timedelta(days=9)),
    type(None): st.none(),
}
CHECKED = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def anything(kind: object) -> st.SearchStrategy[Any]:
    """Any value of a field's type, dataclasses field by field."""
    if kind in PLAIN:
        return PLAIN[kind]
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: anything(hints[field.name]) for field in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple and args[-1] is Ellipsis:
        return st.lists(anything(args[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(anything, args))
    if origin is frozenset:
        return st.frozensets(anything(args[0]), max_size=2)
    return st.one_of(*map(anything, args))


def bodies_of(kind: type[TradeBody]) -> st.SearchStrategy[TradeBody]:
    """Any body of a kind, with any of the events it may hold."""
    if kind is OrderHappened:
        events = st.one_of(*map(anything, EVENTS.values()))
        return st.builds(OrderHappened, PLAIN[str], PLAIN[str], PLAIN[str], events)
    if kind is FlowHappened:
        return st.builds(FlowHappened, PLAIN[str], st.one_of(*map(anything, FLOW)))
    return anything(kind)


def entry_of(body: TradeBody) -> Entry:
    kind = next(EntryKind(name) for name, each in BODIES.items() if each is type(body))
    return Entry(1, NOW, kind, "live-1", encoded_trade(body), GENESIS)


@pytest.mark.parametrize("name", BODIES)
@given(data=st.data())
@CHECKED
def test_every_body_comes_back_equal(name: str, data: st.DataObject):
    """S-900."""
    body = data.draw(bodies_of(BODIES[name]))

    assert trade_body(entry_of(body)) == body
    assert encoded_trade(trade_body(entry_of(body))) == encoded_trade(body)


@pytest.mark.parametrize("event", EVENTS.values(), ids=list(EVENTS))
@given(data=st.data())
@CHECKED
def test_every_event_of_an_order_comes_back_equal(event: type, data: st.DataObject):
    """S-900."""
    body = OrderHappened("main", "a" * 32, f"{'a' * 32}-1", data.draw(anything(event)))

    assert trade_body(entry_of(body)) == body


def test_every_body_has_a_kind_of_entry():
    """S-900."""
    assert {EntryKind(name) for name in BODIES} == TRADE_KINDS


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param(EntryKind.CONTROL, b"{}", id="a field that is missing"),
        pytest.param(EntryKind.FLOW, b'{"intent_id":"a","event":"blessed","body":{}}', id="a step nobody knows"),
        pytest.param(EntryKind.STAGE, b"", id="nothing"),
    ],
)
def test_what_this_version_cannot_read_is_an_error_that_names_the_entry(kind: EntryKind, body: bytes):
    """S-900."""
    with pytest.raises(JournalError, match="entry 7") as caught:
        trade_body(Entry(7, NOW, kind, "live-1", body, GENESIS))

    assert caught.value.code == "journal_too_new"


def test_others_are_told_of_an_entry_once_it_is_on_disk(tmp_path: Path):
    """S-900."""
    told: list[Entry] = []
    killed = Controlled("kill", "dana", "a test", ())
    with JournalLog.open(tmp_path, lambda: NOW) as log:
        trades = JournalTradeLog(log, "live-1", told.append)
        written = trades.write(killed)
        before = (list(told), trades.is_synced)
        trades.sync()
        after = (len(told), trades.is_synced)
        log.append(EntryKind.RUN_ENDED, "live-1", b"{}")

    assert before == ([], False)
    assert after == (1, True)
    assert list(trade_entries(read_entries(tmp_path))) == [written]
