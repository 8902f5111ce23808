"""Whatever the account stream says becomes an event, or nothing."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.tastytrade.stream_messages import events_of
from engine.model.account_event import Anomaly, FundsSeen, HoldingSeen, OrderSeen, StandingSeen

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
ORDER = {"id": 1, "status": "Live", "user-id": 99, "legs": []}
POSITION = {"symbol": "SPY", "quantity": "3", "quantity-direction": "Short"}


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("Order", ORDER, [OrderSeen]),
        ("ComplexOrder", {"trigger-order": ORDER, "orders": [ORDER, ORDER]}, [OrderSeen] * 3),
        ("CurrentPosition", POSITION, [HoldingSeen]),
        ("AccountBalance", {"account-number": "5WX00001"}, [FundsSeen]),
        ("TradingStatus", {"account-number": "5WX00001"}, [StandingSeen]),
        ("UserMessage", {"x": 1}, []),
        ("QuoteAlert", None, []),
        ("SomethingNew", {"x": 1}, [Anomaly]),
        ("Order", {"status": "Live"}, [Anomaly]),
        ("Order", None, [Anomaly]),
        ("ComplexOrder", {"orders": "x"}, [Anomaly]),
        ("CurrentPosition", {**POSITION, "quantity-direction": "Sideways"}, [Anomaly]),
        ("AccountBalance", {}, [Anomaly]),
    ],
)
def test_kinds_of_messages(kind: str, data: object, expected: list[type]):
    assert [type(event) for event in events_of({"type": kind, "data": data}, NOON)] == expected


def test_a_short_position_is_negative():
    (seen,) = events_of({"type": "CurrentPosition", "data": POSITION}, NOON)

    assert isinstance(seen, HoldingSeen)
    assert seen.holding.quantity == Decimal(-3)


def test_a_position_is_frozen_only_where_the_broker_says_so():
    row = {key: value for key, value in POSITION.items() if key != "is-frozen"}

    for said, is_frozen in (({}, False), ({"is-frozen": False}, False), ({"is-frozen": True}, True)):
        (seen,) = events_of({"type": "CurrentPosition", "data": {**row, **said}}, NOON)
        assert isinstance(seen, HoldingSeen)
        assert seen.holding.is_frozen is is_frozen


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ORDER, *POSITION, "orders"]), inner),
)
kinds = st.sampled_from(["Order", "ComplexOrder", "CurrentPosition", "AccountBalance", "TradingStatus", "New", ""])


@given(kind=kinds | values, data=values)
def test_no_message_raises(kind: object, data: object):
    assert all(event.at == NOON for event in events_of({"type": kind, "data": data}, NOON))
