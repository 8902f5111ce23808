"""What no venue could do is not done here either, however odd an order's way is."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.paper.answers import Happened, Placed, PlacedComplex
from engine.paper.conduct import AccountSetup, Conduct, Quirk, Setup
from engine.paper.exchange import Exchange
from engine.paper.holdings import Balance
from engine.paper.orders import ComplexRequest, Fill, Order, Terms
from engine.paper.words import Action, ComplexType, Effect, OrderType, Status, TimeInForce
from tests.unit.paper.known import (
    ACCOUNT,
    CALL,
    CLOSE,
    HIGHER,
    LISTING,
    NEXT_OPEN,
    NIGHT,
    OPEN,
    TODAY,
    exchange,
    leg,
    limit,
    placed,
    quote,
    request,
    seconds,
    statuses,
    tape,
)

FILLING_BY_CANCEL = (Quirk.FILL_AFTER_CANCEL, Quirk.FILL_BEFORE_CANCEL)


def fills(made: Exchange, now: datetime) -> list[Fill]:
    return [fill for order in made.orders(ACCOUNT, now) for each in order.legs for fill in each.fills]


@pytest.mark.parametrize("quirk", FILLING_BY_CANCEL)
def test_an_order_that_never_reached_the_venue_does_not_fill_around_its_cancel(quirk: Quirk):
    """S-971."""
    made = exchange(Conduct(chances={quirk: 1.0}))
    order = placed(made, request())

    made.cancel(ACCOUNT, order.id, OPEN)

    assert statuses(made.advance(OPEN + seconds(60)), order.id) == ["Routed", "Cancel Requested", "Cancelled"]
    assert fills(made, OPEN + seconds(60)) == []


def test_an_order_that_waits_for_the_open_does_not_fill_while_it_is_replaced():
    """S-971."""
    made = exchange(Conduct(chances={Quirk.FILL_DURING_REPLACE: 1.0}), at=NIGHT)
    order = placed(made, request(), NIGHT)

    made.replace(ACCOUNT, order.id, limit("1.04"), NIGHT)

    assert fills(made, NIGHT + seconds(60)) == []


@pytest.mark.parametrize("quirk", FILLING_BY_CANCEL)
def test_a_stop_that_was_not_reached_does_not_fill_around_its_cancel(quirk: Quirk):
    """S-971."""
    made = exchange(Conduct(pace=0.1, chances={quirk: 1.0}))
    order = placed(made, request(terms=Terms(OrderType.STOP, stop_trigger=Decimal(5))))

    made.cancel(ACCOUNT, order.id, OPEN + seconds(5))

    assert fills(made, OPEN + seconds(60)) == []


def test_a_cancel_that_ends_after_the_close_lets_nothing_fill():
    """S-971."""
    before = CLOSE - seconds(0.05)
    made = exchange(Conduct(chances={Quirk.FILL_AFTER_CANCEL: 1.0}))
    order = placed(made, request(terms=limit("0.50", force=TimeInForce.GTC)))

    made.cancel(ACCOUNT, order.id, before)

    assert fills(made, CLOSE + seconds(60)) == []


def opening_child(quantity: int) -> ComplexRequest:
    return ComplexRequest(ComplexType.OTO, (request(leg(HIGHER, quantity=quantity), terms=limit("0.45")),), request())


@pytest.mark.parametrize(("quantity", "status"), [(10, Status.FILLED), (5000, Status.REJECTED)])
def test_what_follows_a_trigger_opens_only_what_there_is_money_for(quantity: int, status: Status):
    """S-971."""
    made = exchange()
    answer = made.place_complex(ACCOUNT, opening_child(quantity), OPEN)
    assert isinstance(answer, PlacedComplex)

    made.advance(OPEN + seconds(60))

    assert made.order(ACCOUNT, answer.order.orders[0].id, OPEN + seconds(60)).status is status
    assert made.balance(ACCOUNT, OPEN + seconds(60)).derivative_buying_power >= 0


def test_a_balance_comes_with_every_change_of_an_order():
    """S-972."""
    made = exchange(Conduct())
    order = placed(made, request())
    told = made.advance(OPEN + seconds(60))

    for place, event in enumerate(told):
        if isinstance(event.subject, Order):
            after = told[place + 1]
            assert isinstance(after.subject, Balance), (event.subject.status, after)
            assert after.at == event.at
    assert statuses(told, order.id) == ["Routed", "In Flight", "Live", "Filled"]


@pytest.mark.parametrize("action", [Action.BUY_TO_OPEN, Action.SELL_TO_OPEN])
def test_shares_have_no_margin_by_themselves_as_the_recordings_show(action: Action):
    terms = limit("1.00", Effect.DEBIT if action.is_buy else Effect.CREDIT)
    answer = exchange().dry_run(ACCOUNT, request(leg("SPY", action), terms=terms), OPEN)

    assert isinstance(answer, Placed)
    assert answer.power.isolated == 0


# -------------------------------------------------------------------- properties

steps = st.lists(
    st.tuples(
        st.sampled_from(("buy", "sell", "cancel", "replace", "wait")),
        st.integers(80, 125),
        st.integers(1, 6),
        st.sampled_from((TimeInForce.DAY, TimeInForce.GTC)),
    ),
    max_size=25,
)
moves = st.lists(st.tuples(st.integers(70, 130), st.integers(0, 10)), max_size=30)
Told = list[Happened]


def around_the_close(taken: list[tuple], moved: list[tuple[int, int]], seed: int) -> tuple[Exchange, Told]:
    """Run steps from two minutes before a close, with quotes that also move at night and again after the open."""
    market = tape()
    for start in (CLOSE - seconds(120), CLOSE + seconds(60), NEXT_OPEN):
        for count, (bid, width) in enumerate(moved):
            sides = (str(Decimal(bid) / 100), str(Decimal(bid + width) / 100))
            market.add(CALL, quote(*sides, start + seconds(count * 3)))
    conduct = Conduct(pace=0.5, chances=dict.fromkeys(Quirk, 0.2))
    now = CLOSE - seconds(120)
    made = Exchange(Setup((AccountSetup(ACCOUNT),), seed=seed, conduct=conduct), LISTING, market, now)
    told: Told = []
    for kind, cents, quantity, force in taken:
        terms = Terms(OrderType.LIMIT, force, Decimal(cents) / 100, Effect.CREDIT if kind == "sell" else Effect.DEBIT)
        action = Action.SELL_TO_OPEN if kind == "sell" else Action.BUY_TO_OPEN
        orders = made.orders(ACCOUNT, now)
        match kind:
            case "buy" | "sell":
                made.place(ACCOUNT, request(leg(action=action, quantity=quantity), terms=terms), now)
            case "cancel" if orders:
                made.cancel(ACCOUNT, orders[quantity % len(orders)].id, now)
            case "replace" if orders:
                old = orders[quantity % len(orders)]
                same = Terms(OrderType.LIMIT, force, terms.price, old.terms.effect)
                made.replace(ACCOUNT, old.id, same, now)
            case "wait":
                now += seconds(quantity * cents / 10)
        told += made.advance(now)
    return made, told + list(made.advance(NEXT_OPEN + timedelta(hours=1)))


@settings(max_examples=60, deadline=None)
@given(taken=steps, moved=moves, seed=st.integers(0, 99))
def test_nothing_fills_outside_the_session_beyond_a_limit_or_before_it_was_at_the_venue(
    taken: list[tuple], moved: list[tuple[int, int]], seed: int
):
    """S-971."""
    made, _ = around_the_close(taken, moved, seed)

    for order in made.orders(ACCOUNT, NEXT_OPEN + timedelta(hours=1)):
        side = order.legs[0].action.sign
        for fill in order.legs[0].fills:
            assert fill.at < CLOSE or fill.at >= NEXT_OPEN
            assert side * fill.price <= side * order.terms.price
            assert order.in_flight_at is not None
            assert fill.at >= order.in_flight_at
            assert order.terms.time_in_force is TimeInForce.GTC or order.received_at > CLOSE or fill.at < CLOSE


held = st.lists(
    st.tuples(st.sampled_from((CALL, HIGHER, TODAY)), st.booleans(), st.integers(1, 9)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(bought=held, spot=st.integers(600, 740), weeks=st.integers(0, 5))
def test_expiries_make_and_lose_no_money_and_leave_no_option_behind(
    bought: list[tuple[str, bool, int]], spot: int, weeks: int
):
    """S-971."""
    market = tape()
    market.add("SPY", quote(f"{spot}.00", f"{spot}.02", OPEN + seconds(60)))
    made = exchange(market=market, cash=Decimal(10_000_000))
    for symbol, is_buy, quantity in bought:
        action, effect = (Action.BUY_TO_OPEN, Effect.DEBIT) if is_buy else (Action.SELL_TO_OPEN, Effect.CREDIT)
        price = "9.00" if is_buy else "0.05"
        made.place(ACCOUNT, request(leg(symbol, action, quantity), terms=limit(price, effect)), OPEN)
    after = OPEN + timedelta(weeks=weeks, hours=12)

    positions = {each.symbol: each for each in made.positions(ACCOUNT, after)}
    rows = made.transactions(ACCOUNT, after)

    assert made.balance(ACCOUNT, after).cash == sum(row.net_value for row in rows)
    assert all(each.quantity == 0 for each in positions.values() if each.expires_at and each.expires_at < after)
    moved = sum(row.value / -row.price for row in rows if row.symbol == "SPY")
    assert moved == (positions["SPY"].quantity if "SPY" in positions else 0)
