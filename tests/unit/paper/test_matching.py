"""An order fills at the natural price of its legs, never worse than its limit and never more than is left of it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.paper.matching import Match, at_limit, legacy_match, match, net_paid, signed_price, triggers
from engine.paper.orders import Leg, Order, Terms
from engine.paper.words import Action, Effect, InstrumentType, OrderType, Status
from tests.unit.paper.known import ACCOUNT, CALL, HIGHER, OPEN, limit, quote

STOP = Terms(OrderType.STOP, stop_trigger=Decimal("0.80"))
Sides = tuple[Decimal, Decimal]
MARKET = Terms(OrderType.MARKET)


def order(terms: Terms, *legs: tuple[str, Action, int]) -> Order:
    taken = tuple(
        Leg(InstrumentType.EQUITY_OPTION, symbol, action, quantity, quantity) for symbol, action, quantity in legs
    )
    return Order(1, ACCOUNT, taken, terms, "SPY", InstrumentType.EQUITY, Status.LIVE, OPEN, OPEN)


def buy(terms: Terms, quantity: int = 2) -> Order:
    return order(terms, (CALL, Action.BUY_TO_OPEN, quantity))


def vertical(price: str, quantity: int = 2) -> Order:
    return order(limit(price), (CALL, Action.BUY_TO_OPEN, quantity), (HIGHER, Action.SELL_TO_OPEN, quantity))


@pytest.mark.parametrize(
    ("asked", "bid", "ask", "size", "expected"),
    [
        pytest.param(buy(limit("1.05")), "1.00", "1.05", 50, Match(2, (Decimal("1.05"),)), id="at the ask"),
        pytest.param(buy(limit("1.50")), "1.00", "1.05", 50, Match(2, (Decimal("1.05"),)), id="better than asked for"),
        pytest.param(buy(limit("1.04")), "1.00", "1.05", 50, None, id="a cent too low rests"),
        pytest.param(buy(limit("1.05")), "1.00", None, 50, None, id="nobody sells"),
        pytest.param(
            buy(limit("1.05"), 9), "1.00", "1.05", 4, Match(4, (Decimal("1.05"),)), id="only what is on offer"
        ),
        pytest.param(buy(limit("1.05")), "1.00", "1.05", 0, None, id="nothing on offer"),
        pytest.param(buy(limit("1.05")), "1.00", "1.05", -5, None, id="less than nothing on offer"),
        pytest.param(buy(MARKET), "1.00", "1.05", 50, Match(2, (Decimal("1.05"),)), id="a market order takes the ask"),
        pytest.param(buy(STOP), "1.00", "1.05", 50, None, id="a stop sleeps"),
    ],
)
def test_a_single_leg(asked: Order, bid: str | None, ask: str | None, size: int, expected: Match | None):
    assert match(asked, {CALL: quote(bid, ask, size=size)}, is_triggered=False) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(vertical("0.65"), Match(2, (Decimal("1.05"), Decimal("0.40"))), id="at the natural net"),
        pytest.param(vertical("0.64"), None, id="a cent too low"),
        pytest.param(
            order(limit("1.70"), (CALL, Action.BUY_TO_OPEN, 4), (HIGHER, Action.SELL_TO_OPEN, 2)),
            Match(2, (Decimal("1.05"), Decimal("0.40"))),
            id="4 to 2 is priced as 2 to 1",
        ),
        pytest.param(
            order(limit("0.50", Effect.CREDIT), (CALL, Action.SELL_TO_OPEN, 1), (HIGHER, Action.BUY_TO_OPEN, 1)),
            Match(1, (Decimal("1.00"), Decimal("0.45"))),
            id="a credit of 0.55 is better than 0.50",
        ),
        pytest.param(
            order(limit("0.56", Effect.CREDIT), (CALL, Action.SELL_TO_OPEN, 1), (HIGHER, Action.BUY_TO_OPEN, 1)),
            None,
            id="a credit of 0.56 is not to be had",
        ),
    ],
)
def test_nets_of_several_legs(asked: Order, expected: Match | None):
    quotes = {CALL: quote("1.00", "1.05"), HIGHER: quote("0.40", "0.45")}

    assert match(asked, quotes, is_triggered=False) == expected


def test_a_leg_without_a_quote_fills_nothing_of_the_order():
    assert match(vertical("5.00"), {CALL: quote("1.00", "1.05")}, is_triggered=False) is None


@pytest.mark.parametrize(
    ("action", "bid", "ask", "expected"),
    [
        pytest.param(Action.SELL_TO_CLOSE, "0.75", "0.85", True, id="a sale when the mark is at the stop"),
        pytest.param(Action.SELL_TO_CLOSE, "0.80", "0.90", False, id="a sale while the mark is above"),
        pytest.param(Action.BUY_TO_CLOSE, "0.75", "0.85", True, id="a buy when the mark is at the stop"),
        pytest.param(Action.BUY_TO_CLOSE, "0.70", "0.80", False, id="a buy while the mark is below"),
        pytest.param(Action.SELL_TO_CLOSE, None, "0.05", False, id="never by one side alone"),
    ],
)
def test_stops_watch_the_mark(action: Action, bid: str | None, ask: str, expected: bool):
    assert triggers(order(STOP, (CALL, action, 1)), {CALL: quote(bid, ask)}) is expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param(MARKET, Match(2, (Decimal(1),)), id="a market order at a dollar"),
        pytest.param(limit("2.99"), Match(2, (Decimal("2.99"),)), id="below three dollars at its limit"),
        pytest.param(limit("3.00"), None, id="from three dollars on never"),
        pytest.param(STOP, None, id="a stop never"),
    ],
)
def test_the_old_fixed_rule(terms: Terms, expected: Match | None):
    assert legacy_match(buy(terms)) == expected


prices = st.integers(1, 2000).map(lambda cents: Decimal(cents) / 100)
sides = st.tuples(prices, st.integers(0, 50)).map(lambda pair: (pair[0], pair[0] + Decimal(pair[1]) / 100))
actions = st.sampled_from((Action.BUY_TO_OPEN, Action.SELL_TO_OPEN))


@given(
    first=sides,
    second=sides,
    acts=st.tuples(actions, actions),
    quantities=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    wanted=prices,
    effect=st.sampled_from((Effect.DEBIT, Effect.CREDIT)),
    size=st.integers(0, 30),
)
def test_never_worse_than_the_limit_and_never_more_than_is_left(
    first: Sides,
    second: Sides,
    acts: tuple[Action, Action],
    quantities: tuple[int, int],
    wanted: Decimal,
    effect: Effect,
    size: int,
):
    terms = Terms(OrderType.LIMIT, price=wanted, effect=effect)
    asked = order(terms, (CALL, acts[0], quantities[0]), (HIGHER, acts[1], quantities[1]))
    quotes = {
        CALL: quote(str(first[0]), str(first[1]), size=size),
        HIGHER: quote(str(second[0]), str(second[1]), size=size),
    }

    found = match(asked, quotes, is_triggered=False)

    if found is not None:
        assert 0 < found.units <= asked.remaining
        assert net_paid(asked, found.prices) <= signed_price(asked)
        assert all(found.units * asked.ratio(leg) <= size for leg in asked.legs)


@given(first=sides, second=sides, acts=st.tuples(actions, actions), wanted=prices)
def test_a_forced_fill_is_exactly_at_the_limit(
    first: Sides, second: Sides, acts: tuple[Action, Action], wanted: Decimal
):
    terms = Terms(OrderType.LIMIT, price=wanted, effect=Effect.DEBIT)
    asked = order(terms, (CALL, Action.BUY_TO_OPEN, 2), (HIGHER, acts[1], 1))

    found = at_limit(asked, {CALL: quote(*map(str, first)), HIGHER: quote(*map(str, second))})

    assert net_paid(asked, found.prices) == wanted
    assert all(price >= 0 for price in found.prices)
