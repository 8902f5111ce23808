"""An order's life at the exchange: the order of events, the races, and what an account's books say of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from engine.paper.answers import Happened, Placed, Rejected
from engine.paper.conduct import Conduct, FillModel, Quirk
from engine.paper.exchange import Exchange
from engine.paper.holdings import Balance, Position
from engine.paper.orders import Order, OrderRequest, Terms
from engine.paper.words import Action, Effect, OrderType, Status, TimeInForce
from tests.unit.paper.known import (
    ACCOUNT,
    CALL,
    CLOSE,
    FUTURE,
    HIGHER,
    IMMEDIATE,
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
    selling,
    statuses,
    tape,
)

REAL = Conduct()
MARKET = Terms(OrderType.MARKET)
RESTING = request(terms=limit("0.90"))
LATER = OPEN + seconds(30)


def order(made: Exchange, order_id: int, now: datetime = LATER) -> Order:
    found = made.order(ACCOUNT, order_id, now)
    assert found is not None
    return found


def kinds(events: tuple[Happened, ...]) -> list[str]:
    return [type(event.subject).__name__ for event in events]


# -------------------------------------------------------------------- fills


def test_an_order_is_routed_then_in_flight_then_live_then_filled():
    made = exchange(REAL)
    taken = placed(made, request())
    events = made.advance(LATER)

    assert taken.status is Status.ROUTED
    assert statuses(events, taken.id) == ["Routed", "In Flight", "Live", "Filled"]
    assert kinds(events) == ["Order", "Balance"] * 4 + ["Position", "Balance"]
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert order(made, taken.id).legs[0].fills[0].price == Decimal("1.05")


def test_a_market_order_is_never_live():
    made = exchange(REAL)
    taken = placed(made, request(terms=MARKET))

    assert statuses(made.advance(LATER), taken.id) == ["Routed", "In Flight", "Filled"]


def test_a_limit_fills_when_the_market_comes_to_it():
    market = tape()
    market.add(CALL, quote("0.85", "0.90", OPEN + seconds(60)))
    made = exchange(market=market)
    taken = placed(made, RESTING)

    assert order(made, taken.id, OPEN + seconds(59)).status is Status.LIVE
    filled = order(made, taken.id, OPEN + seconds(60))
    assert (filled.status, filled.terminal_at) == (Status.FILLED, OPEN + seconds(60))


def test_quotes_can_be_changed_from_outside():
    market = tape()
    made = exchange(market=market)
    taken = placed(made, RESTING)
    made.advance(OPEN)

    for price, expected in (("0.95", Status.LIVE), ("0.90", Status.FILLED)):
        market.add(CALL, quote("0.80", price, LATER))
        made.quotes_changed(LATER)
        assert order(made, taken.id, LATER).status is expected


def test_a_change_is_looked_at_once_however_often_quotes_were_changed_before():
    market = tape()
    market.add(CALL, quote("1.00", "1.05", LATER + seconds(5)))
    made = exchange(market=market)
    made.script(Quirk.PARTIAL)
    taken = placed(made, request(leg(quantity=32)))
    made.quotes_changed(OPEN)
    made.quotes_changed(OPEN)

    assert order(made, taken.id, OPEN).remaining == 4
    assert order(made, taken.id, LATER + seconds(5)).remaining == 2


def test_parts_fill_as_they_are_on_offer():
    market = tape()
    market.add(CALL, quote("1.00", "1.05", OPEN, size=2))
    market.add(CALL, quote("1.00", "1.04", OPEN + seconds(5), size=2))
    made = exchange(market=market)
    taken = placed(made, request(leg(quantity=3)))

    part = order(made, taken.id, OPEN)
    assert (part.status, part.remaining) == (Status.LIVE, 1)
    whole = order(made, taken.id)
    assert [(fill.quantity, fill.price) for fill in whole.legs[0].fills] == [
        (2, Decimal("1.05")),
        (1, Decimal("1.04")),
    ]
    assert len({fill.id for fill in whole.legs[0].fills}) == 2


def test_a_stop_sells_once_the_mark_falls_to_it():
    market = tape()
    market.add(CALL, quote("0.70", "0.80", OPEN + seconds(9)))
    made = exchange(market=market)
    placed(made, request())
    stop = Terms(OrderType.STOP, stop_trigger=Decimal("0.75"))
    taken = placed(made, request(leg(action=Action.SELL_TO_CLOSE), terms=stop))

    assert order(made, taken.id, OPEN + seconds(8)).status is Status.LIVE
    assert order(made, taken.id).legs[0].fills[0].price == Decimal("0.70")


def test_a_stop_limit_waits_for_its_limit_after_its_stop():
    market = tape()
    market.add(CALL, quote("0.70", "0.80", OPEN + seconds(9)))
    market.add(CALL, quote("0.80", "0.90", OPEN + seconds(12)))
    made = exchange(market=market)
    placed(made, request())
    terms = Terms(OrderType.STOP_LIMIT, price=Decimal("0.78"), effect=Effect.CREDIT, stop_trigger=Decimal("0.75"))
    taken = placed(made, request(leg(action=Action.SELL_TO_CLOSE), terms=terms))

    assert order(made, taken.id, OPEN + seconds(11)).status is Status.LIVE
    assert order(made, taken.id, OPEN + seconds(12)).legs[0].fills[0].price == Decimal("0.80")


def test_what_cannot_fill_at_once_is_cancelled_when_asked_so():
    made = exchange()
    taken = placed(made, request(terms=limit("0.90", force=TimeInForce.IOC)))

    assert order(made, taken.id).status is Status.CANCELLED


def test_positions_and_cash_lag_behind_the_fill():
    made = exchange(REAL)
    placed(made, request())
    events = made.advance(LATER)
    filled = next(event.at for event in events if getattr(event.subject, "status", "") == "Filled")
    booked = next(event.at for event in events if isinstance(event.subject, Position))

    assert booked > filled
    again = exchange(REAL)
    placed(again, request())
    assert again.positions(ACCOUNT, filled) == ()
    assert again.balance(ACCOUNT, filled).cash == 100_000
    assert [position.quantity for position in again.positions(ACCOUNT, booked)] == [1]


def test_buying_and_selling_leaves_the_difference_and_the_fees():
    made = exchange()
    placed(made, request(leg(quantity=2)))
    placed(made, selling(2))
    trades = [row for row in made.transactions(ACCOUNT, LATER) if row.type == "Trade"]
    fees = sum(row.fees.total for row in trades)

    assert made.balance(ACCOUNT, LATER).cash == 100_000 - 10 - fees
    assert [(row.sub_type, row.value, row.quantity) for row in trades] == [
        ("Sell to Close", Decimal(200), 2),
        ("Buy to Open", Decimal(-210), 2),
    ]
    closed = made.positions(ACCOUNT, LATER)[0]
    assert (closed.quantity, closed.realized_today) == (0, -10)
    assert made.positions(ACCOUNT, LATER + timedelta(days=1)) == ()


def test_a_spread_fills_leg_by_leg_at_its_net():
    made = exchange()
    taken = placed(made, request(leg(), leg(HIGHER, Action.SELL_TO_OPEN), terms=limit("0.65")))

    assert [each.fills[0].price for each in order(made, taken.id).legs] == [Decimal("1.05"), Decimal("0.40")]
    assert {each.symbol: each.quantity for each in made.positions(ACCOUNT, LATER)} == {CALL: 1, HIGHER: -1}
    assert made.balance(ACCOUNT, LATER).requirement == 65


def test_the_values_of_an_account_add_up():
    made = exchange()
    placed(made, request())
    placed(made, request(leg(FUTURE, Action.BUY), terms=limit("6720.25")))
    balance = made.balance(ACCOUNT, LATER)

    assert isinstance(balance, Balance)
    assert balance.long_derivative == Decimal("102.5")
    assert balance.open_futures_profit == Decimal("-6.25")
    assert balance.net_liquidating_value == balance.cash + Decimal("102.5") - Decimal("6.25")
    assert balance.futures_requirement == 23_000


def test_the_old_fixed_rule_can_be_had():
    made = exchange(replace(IMMEDIATE, fill_model=FillModel.LEGACY_TABLE))
    cheap, dear = placed(made, request(terms=limit("0.05"))), placed(made, request(terms=limit("9.00")))

    assert order(made, cheap.id).status is Status.FILLED
    assert order(made, dear.id).status is Status.LIVE


# -------------------------------------------------------------------- sessions


def test_an_order_of_the_night_waits_for_the_open():
    made = exchange(at=NIGHT)
    answer = made.place(ACCOUNT, request(), NIGHT)

    assert isinstance(answer, Placed)
    assert answer.order.status is Status.RECEIVED
    assert [warning.code for warning in answer.warnings] == ["tif.next_valid_session"]
    assert order(made, answer.order.id, NEXT_OPEN - seconds(1)).status is Status.RECEIVED
    assert statuses(made.advance(NEXT_OPEN), answer.order.id) == ["Received", "Routed", "In Flight", "Live", "Filled"]


@pytest.mark.parametrize(
    ("terms", "until"),
    [
        pytest.param(limit("0.90"), CLOSE, id="a day order at the close"),
        pytest.param(
            replace(limit("0.90", force=TimeInForce.GTD), gtc_date=(OPEN + timedelta(days=2)).date()),
            CLOSE + timedelta(days=2),
            id="an order till a date at its close",
        ),
    ],
)
def test_orders_expire(terms: Terms, until: datetime):
    made = exchange()
    taken = placed(made, request(terms=terms))

    assert order(made, taken.id, until - seconds(1)).status is Status.LIVE
    assert order(made, taken.id, until).status is Status.EXPIRED


def test_an_order_till_cancelled_fills_only_while_the_market_is_open():
    market = tape()
    market.add(CALL, quote("0.80", "0.85", NIGHT))
    made = exchange(market=market)
    taken = placed(made, request(terms=limit("0.90", force=TimeInForce.GTC)))

    assert order(made, taken.id, NEXT_OPEN - seconds(1)).status is Status.LIVE
    assert order(made, taken.id, NEXT_OPEN).terminal_at == NEXT_OPEN


def test_no_order_outlives_its_contract():
    made = exchange()
    taken = placed(made, request(leg(TODAY), terms=limit("0.40", force=TimeInForce.GTC)))

    assert order(made, taken.id, CLOSE).status is Status.EXPIRED


@pytest.mark.parametrize(
    ("spot", "expected", "cash"),
    [
        pytest.param(("669.00", "669.02"), {}, "0", id="worthless"),
        pytest.param(("671.99", "672.01"), {"SPY": 100}, "-67000", id="exercised into shares"),
    ],
)
def test_options_expire(spot: tuple[str, str], expected: dict[str, int], cash: str):
    market = tape()
    market.add("SPY", quote(*spot, CLOSE - seconds(60)))
    made = exchange(market=market)
    placed(made, request(leg(TODAY), terms=limit("0.55")))
    before = made.balance(ACCOUNT, LATER).cash
    after = CLOSE + timedelta(hours=2)

    held = {each.symbol: each.quantity for each in made.positions(ACCOUNT, after) if each.quantity}
    assert held == expected
    assert made.balance(ACCOUNT, after).cash - before == Decimal(cash)


# -------------------------------------------------------------------- cancels and replacements


def test_a_cancel_is_asked_first_and_done_later():
    made = exchange(REAL)
    taken = placed(made, RESTING)
    asked = made.cancel(ACCOUNT, taken.id, LATER)

    assert isinstance(asked, Order)
    assert asked.status is Status.CANCEL_REQUESTED
    assert order(made, taken.id, LATER + seconds(1)).status is Status.CANCELLED
    assert made.cancel(ACCOUNT, taken.id, LATER + seconds(1)) == Rejected(
        "cannot_update_order", "the order could not be cancelled"
    )


def test_an_order_that_was_not_sent_yet_is_cancelled_at_once():
    made = exchange(at=NIGHT)
    taken = placed(made, request(), NIGHT)
    asked = made.cancel(ACCOUNT, taken.id, NIGHT)

    assert isinstance(asked, Order)
    assert asked.status is Status.CANCELLED
    assert statuses(made.advance(NEXT_OPEN + seconds(60)), taken.id) == ["Received", "Cancelled"]


def test_a_fill_can_come_before_the_cancel_is_done():
    made = exchange(REAL)
    made.script(Quirk.FILL_BEFORE_CANCEL)
    taken = placed(made, RESTING)
    made.cancel(ACCOUNT, taken.id, LATER)

    assert statuses(made.advance(LATER + seconds(9)), taken.id)[-2:] == ["Cancel Requested", "Filled"]


def test_a_fill_can_come_after_the_cancel_was_done():
    made = exchange(REAL)
    made.script(Quirk.FILL_AFTER_CANCEL)
    taken = placed(made, RESTING)
    made.cancel(ACCOUNT, taken.id, LATER)

    assert statuses(made.advance(LATER + seconds(9)), taken.id)[-2:] == ["Cancelled", "Filled"]
    assert [each.quantity for each in made.positions(ACCOUNT, LATER + seconds(9))] == [1]


def test_a_replacement_is_a_new_order_that_waits_for_the_old_one():
    made = exchange(REAL)
    old = placed(made, RESTING)
    answer = made.replace(ACCOUNT, old.id, limit("1.05"), LATER)

    assert isinstance(answer, Placed)
    new = answer.order
    assert (new.status, new.replaces) == (Status.CONTINGENT, old.id)
    assert new.id != old.id
    events = made.advance(LATER + seconds(30))
    assert statuses(events, old.id)[-2:] == ["Replace Requested", "Cancelled"]
    assert statuses(events, new.id) == ["Contingent", "Routed", "In Flight", "Live", "Filled"]
    gone = order(made, old.id, LATER + seconds(30))
    assert (gone.is_edited, gone.replaced_by) == (True, new.id)
    assert gone.cancelled_at < gone.terminal_at


def test_a_fill_of_the_old_order_ends_its_replacement():
    made = exchange(REAL)
    made.script(Quirk.FILL_DURING_REPLACE)
    old = placed(made, RESTING)
    answer = made.replace(ACCOUNT, old.id, limit("0.95"), LATER)

    assert isinstance(answer, Placed)
    events = made.advance(LATER + seconds(30))
    assert statuses(events, old.id)[-1] == "Filled"
    assert statuses(events, answer.order.id) == ["Contingent", "Cancelled"]


def test_a_fill_of_a_part_ends_the_replacement_and_leaves_the_old_order_working():
    market = tape()
    market.add(CALL, quote("0.85", "0.90", LATER + seconds(0.05), size=1))
    market.add(CALL, quote("1.00", "1.05", LATER + seconds(0.06)))
    made = exchange(REAL, market)
    old = placed(made, request(leg(quantity=3), terms=limit("0.90")))
    answer = made.replace(ACCOUNT, old.id, limit("0.95"), LATER)

    assert isinstance(answer, Placed)
    left = order(made, old.id, LATER + seconds(9))
    assert (left.status, left.remaining, left.replaced_by) == (Status.LIVE, 2, 0)
    assert order(made, answer.order.id, LATER + seconds(9)).status is Status.CANCELLED


def test_a_close_that_is_being_replaced_counts_once():
    made = exchange(REAL)
    placed(made, request(leg(quantity=2)))
    working = placed(made, selling(1, "9.00"), LATER)
    made.replace(ACCOUNT, working.id, limit("8.00", Effect.CREDIT), LATER + seconds(9))

    assert isinstance(made.place(ACCOUNT, selling(1, "9.00"), LATER + seconds(9)), Placed)


def test_a_replacement_can_fail_when_the_old_order_is_gone():
    made = exchange()
    made.script(Quirk.REPLACE_FAILS)
    old = placed(made, RESTING)
    answer = made.replace(ACCOUNT, old.id, limit("0.95"), LATER)

    assert isinstance(answer, Placed)
    assert order(made, old.id).status is Status.CANCELLED
    assert (order(made, answer.order.id).status, order(made, answer.order.id).reject_reason) == (
        Status.REJECTED,
        "Replace failed",
    )


def test_a_replacement_has_what_was_left():
    market = tape()
    market.add(CALL, quote("0.85", "0.90", OPEN, size=2))
    market.add(CALL, quote("1.00", "1.05", OPEN + seconds(1)))
    made = exchange(market=market)
    old = placed(made, request(leg(quantity=5), terms=limit("0.90")))
    answer = made.replace(ACCOUNT, old.id, limit("1.05"), LATER)

    assert isinstance(answer, Placed)
    assert answer.order.legs[0].quantity == 3
    made.advance(LATER)
    assert [each.quantity for each in made.positions(ACCOUNT, LATER)] == [5]


@pytest.mark.parametrize("kind", ["cancel", "replace"])
def test_what_is_not_there_cannot_be_changed(kind: str):
    made = exchange()
    answer = made.cancel(ACCOUNT, 5, OPEN) if kind == "cancel" else made.replace(ACCOUNT, 5, limit("1"), OPEN)

    assert isinstance(answer, Rejected)
    assert answer.code == "record_not_found"


def test_a_filled_order_cannot_be_replaced():
    made = exchange()
    taken = placed(made, request())
    answer = made.replace(ACCOUNT, taken.id, limit("1.10"), LATER)

    assert answer == Rejected("cannot_update_order", "the order could not be replaced")


def test_a_dry_replacement_changes_nothing():
    made = exchange()
    taken = placed(made, RESTING)
    answer = made.dry_run_replace(ACCOUNT, taken.id, limit("0.95"), LATER)

    assert isinstance(answer, Placed)
    assert answer.order.id == 0
    assert [each.status for each in made.orders(ACCOUNT, LATER)] == [Status.LIVE]


# -------------------------------------------------------------------- oddities


def test_now_and_then_an_order_is_rejected_on_its_way():
    made = exchange()
    made.script(Quirk.SESSION_OFFLINE, identifier="m1:0")
    fine, odd = placed(made, RESTING), placed(made, replace(RESTING, external_identifier="m1:0"))

    assert order(made, fine.id).status is Status.LIVE
    assert (order(made, odd.id).status, order(made, odd.id).reject_reason) == (Status.REJECTED, "Session offline")


def test_futures_can_be_offline():
    made = exchange(replace(IMMEDIATE, futures_are_offline=True))
    taken = placed(made, request(leg(FUTURE, Action.BUY), terms=limit("6720.25")))

    assert order(made, taken.id).status is Status.REJECTED


def test_an_order_can_fill_in_ever_smaller_parts():
    market = tape()
    for count in range(1, 6):
        market.add(CALL, quote("1.00", "1.05", OPEN + seconds(count)))
    made = exchange(market=market)
    made.script(Quirk.PARTIAL)
    taken = placed(made, request(leg(quantity=7)))

    assert [fill.quantity for fill in order(made, taken.id).legs[0].fills] == [4, 2, 1]


def test_filled_can_be_said_before_all_fills_are_there():
    made = exchange()
    made.script(Quirk.SHORT_REPORT)
    taken = placed(made, request(leg(), leg(HIGHER, Action.SELL_TO_OPEN), terms=limit("0.65")))
    said = [event.subject for event in made.advance(OPEN) if isinstance(event.subject, Order)]
    filled = [each for each in said if each.id == taken.id and each.status is Status.FILLED]

    assert [[len(each.fills) for each in report.legs] for report in filled] == [[1, 0], [1, 1]]


def test_quirks_by_chance_are_the_same_for_the_same_seed():
    conduct = replace(IMMEDIATE, chances={Quirk.SESSION_OFFLINE: 0.5})
    runs = []
    for _ in range(2):
        made = exchange(conduct)
        taken = [placed(made, RESTING).id for _ in range(20)]
        runs.append([order(made, order_id).status for order_id in taken])

    assert runs[0] == runs[1]
    assert {Status.REJECTED, Status.LIVE} == set(runs[0])


def test_the_daily_reset_forgets_positions_and_keeps_orders():
    made = exchange(REAL)
    filled, working = placed(made, request()), placed(made, RESTING)
    made.advance(LATER)
    made.reset(LATER)

    assert order(made, filled.id).status is Status.FILLED
    assert order(made, working.id).status is Status.REMOVED
    assert made.balance(ACCOUNT, LATER + seconds(60)).cash == 100_000
    assert all(each.quantity == 0 for each in made.positions(ACCOUNT, LATER + seconds(60)))


def test_a_fill_booked_after_a_reset_counts_for_nothing():
    made = exchange(replace(IMMEDIATE, pace=1))
    placed(made, request())
    made.advance(OPEN + seconds(0.2))
    while not any(getattr(event.subject, "status", "") == "Filled" for event in made.advance(made.next_at)):
        pass
    made.reset(made.next_at - timedelta(microseconds=1))
    made.advance(LATER)

    assert made.positions(ACCOUNT, LATER) == ()
    assert made.balance(ACCOUNT, LATER).cash == 100_000


def test_live_orders_are_todays_and_those_that_work():
    made = exchange()
    done, working = placed(made, request()), placed(made, request(terms=limit("0.90", force=TimeInForce.GTC)))
    tomorrow = OPEN + timedelta(days=1)

    assert [each.id for each in made.live_orders(ACCOUNT, OPEN)] == [working.id, done.id]
    assert [each.id for each in made.live_orders(ACCOUNT, tomorrow)] == [working.id]
    assert [each.id for each in made.orders(ACCOUNT, tomorrow)] == [working.id, done.id]


def test_money_can_be_added():
    made = exchange()
    made.deposit(ACCOUNT, Decimal(500), OPEN)

    assert made.balance(ACCOUNT, OPEN).cash == 100_500
    assert [row.sub_type for row in made.transactions(ACCOUNT, OPEN)] == ["Deposit", "Deposit"]
    assert isinstance(made.advance(OPEN)[0].subject, Balance)


def drive(made: Exchange, stops: list[float]) -> list[Happened]:
    """Run one fixed script of requests, advancing at other moments too."""
    said: list[Happened] = []
    script: list[tuple[float, OrderRequest | None]] = [
        (0, request(leg(quantity=3))),
        (1, RESTING),
        (40, selling(2)),
        (50, None),
    ]
    moments: list[tuple[float, OrderRequest | None, bool]] = [(at, asked, True) for at, asked in script]
    moments += [(at, None, False) for at in stops]
    for at, asked, is_asked in sorted(moments, key=lambda each: each[0]):
        now = OPEN + seconds(at)
        if asked is not None:
            made.place(ACCOUNT, asked, now)
        elif is_asked:
            made.cancel(ACCOUNT, made.orders(ACCOUNT, now)[1].id, now)
        else:
            said += made.advance(now)
    return [*said, *made.advance(OPEN + seconds(300))]


def test_what_happens_does_not_depend_on_how_often_one_looks():
    market = tape()
    for count in range(1, 200):
        market.add(CALL, quote("1.00", "1.05", OPEN + seconds(count), size=1))

    assert drive(exchange(REAL, market), []) == drive(exchange(REAL, market), [0.01, 0.5, 3, 7, 7.5, 41, 42, 60, 61])
