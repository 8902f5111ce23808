"""What is refused, by its code, before an order is taken."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.paper.answers import Placed, Rejected
from engine.paper.orders import OrderRequest, Terms
from engine.paper.words import Action, Effect, InstrumentType, OrderType, TimeInForce
from tests.unit.paper.known import (
    ACCOUNT,
    CALL,
    CLOSE,
    FUTURE,
    HIGHER,
    IMMEDIATE,
    NIGHT,
    OPEN,
    TODAY,
    exchange,
    leg,
    limit,
    placed,
    request,
    seconds,
    selling,
)

MARKET = Terms(OrderType.MARKET)
STOP = Terms(OrderType.STOP, stop_trigger=Decimal("0.50"))
BTO, STO, BTC, STC = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE


def codes(answer: object) -> set[str]:
    assert isinstance(answer, Rejected), answer
    assert answer.code == "preflight_check_failure"
    return {problem.code for problem in answer.problems}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param(OrderRequest((), limit("1")), "invalid_leg_count", id="no leg"),
        pytest.param(
            request(*(leg(f"SPY   261218C006{number}0000") for number in range(60, 65))), "invalid_leg_count", id="five"
        ),
        pytest.param(request(leg("SPY"), leg(CALL)), "invalid_leg_count", id="shares with options"),
        pytest.param(request(leg(quantity="1.5")), "invalid_quantity", id="half a contract"),
        pytest.param(request(leg(quantity=0)), "invalid_quantity", id="nothing"),
        pytest.param(request(leg(quantity=None)), "invalid_quantity", id="no quantity"),
        pytest.param(request(leg(action=Action.BUY)), "invalid_action", id="an option that is just bought"),
        pytest.param(request(leg(), leg()), "duplicate_leg_symbol", id="the same leg twice"),
        pytest.param(
            request(leg(), leg(action=STO)), "illegal_buy_and_sell_on_same_symbol", id="bought and sold at once"
        ),
        pytest.param(request(terms=Terms(OrderType.LIMIT)), "order_must_have_price", id="a limit without a price"),
        pytest.param(
            request(terms=Terms(OrderType.LIMIT, price=Decimal(1))), "order_must_have_price_effect", id="no effect"
        ),
        pytest.param(request(terms=replace(MARKET, price=Decimal(1))), "order_must_omit_price", id="a priced market"),
        pytest.param(
            request(terms=Terms(OrderType.MARKETABLE_LIMIT, price=Decimal(1))),
            "order_must_omit_price",
            id="a priced marketable limit",
        ),
        pytest.param(request(terms=limit("1", Effect.CREDIT)), "cant_buy_for_credit", id="a buy that is paid"),
        pytest.param(
            request(leg(action=STO), terms=limit("1")), "cant_sell_for_debit", id="a sale that has to be paid"
        ),
        pytest.param(
            request(leg(), leg(HIGHER), terms=MARKET), "multi_leg_market_orders_not_supported", id="a market spread"
        ),
        pytest.param(
            request(terms=replace(MARKET, time_in_force=TimeInForce.GTC)),
            "gtc_market_orders_not_supported",
            id="a market order till cancelled",
        ),
        pytest.param(
            request(terms=replace(STOP, time_in_force=TimeInForce.GTC)),
            "gtc_opening_stop_orders_not_supported",
            id="an opening stop till cancelled",
        ),
        pytest.param(request(terms=Terms(OrderType.STOP)), "order_must_have_stop_trigger", id="a stop without one"),
        pytest.param(
            request(terms=replace(limit("1"), stop_trigger=Decimal(1))),
            "order_must_omit_stop_trigger",
            id="a limit with one",
        ),
        pytest.param(
            request(leg(), leg(HIGHER, STO), terms=replace(STOP, order_type=OrderType.STOP)),
            "stop_orders_have_one_leg",
            id="a stop of two legs",
        ),
        pytest.param(request(terms=limit("1", force=TimeInForce.GTD)), "invalid_gtc_date", id="a date is missing"),
        pytest.param(
            request(terms=replace(limit("1", force=TimeInForce.GTD), gtc_date=date(2026, 11, 20))),
            "invalid_gtc_date",
            id="a date in the past",
        ),
        pytest.param(
            request(terms=limit("1", force=TimeInForce.EXT)), "ext_orders_are_share_limits", id="an option at night"
        ),
        pytest.param(
            request(terms=Terms(OrderType.NOTIONAL_MARKET, value=Decimal(50))),
            "notional_market_not_supported",
            id="by value",
        ),
        pytest.param(request(leg("SPY   261218C00670100")), "instrument_validation_failed", id="not listed"),
        pytest.param(
            request(replace(leg(), instrument_type=InstrumentType.EQUITY)),
            "instrument_validation_failed",
            id="listed as something else",
        ),
        pytest.param(request(leg("SPX")), "instrument_validation_failed", id="an index itself"),
        pytest.param(
            request(leg(), leg("QQQ   261218C00605000")), "legs_have_different_underlyings", id="two underlyings"
        ),
        pytest.param(request(terms=limit("1.001")), "invalid_price_increment", id="off the tick"),
        pytest.param(
            request(leg(FUTURE), terms=limit("6720.10")), "invalid_price_increment", id="off the tick of a future"
        ),
        pytest.param(
            request(selling().legs[0], terms=limit("1", Effect.CREDIT), is_strict=True),
            "closing_with_no_position",
            id="a strict close of nothing",
        ),
        pytest.param(request(leg(quantity=1000)), "margin_check_failed", id="more than there is money for"),
    ],
)
def test_refused_by_code(asked: OrderRequest, code: str):
    made = exchange()

    assert code in codes(made.place(ACCOUNT, asked, OPEN))
    assert made.orders(ACCOUNT, OPEN) == ()


@pytest.mark.parametrize(
    ("asked", "now", "code"),
    [
        pytest.param(
            request(terms=MARKET), NIGHT, "tif_no_after_hours_opening_market_orders", id="a market order at night"
        ),
        pytest.param(
            request(leg(FUTURE, Action.BUY), terms=limit("6720")),
            CLOSE + timedelta(hours=1, minutes=30),
            "tif.futures_session_not_active",
            id="a future in its daily break",
        ),
        pytest.param(
            request(leg(TODAY, STO), terms=limit("0.50", Effect.CREDIT)),
            CLOSE - timedelta(minutes=20),
            "too_close_to_expiration",
            id="selling what expires in twenty minutes",
        ),
        pytest.param(
            request(leg(TODAY), terms=limit("0.50")),
            CLOSE,
            "instrument_validation_failed",
            id="what has just expired",
        ),
    ],
)
def test_refused_at_that_time(asked: OrderRequest, now: datetime, code: str):
    assert code in codes(exchange().place(ACCOUNT, asked, now))


@pytest.mark.parametrize(
    ("changes", "asked", "code"),
    [
        pytest.param({"is_frozen": True}, request(), "account_not_tradeable", id="frozen"),
        pytest.param({"is_closing_only": True}, request(), "account_closing_only", id="closing only"),
        pytest.param({"is_in_margin_call": True}, request(), "account_closing_only", id="in a margin call"),
        pytest.param(
            {"is_futures_enabled": False},
            request(leg(FUTURE), terms=limit("6720")),
            "futures_not_enabled",
            id="without futures",
        ),
        pytest.param({"options_level": "No Options"}, request(), "options_level_too_low", id="without options"),
    ],
)
def test_accounts_are_held_to_what_they_may_do(changes: dict[str, object], asked: OrderRequest, code: str):
    made = exchange()
    made.set_trading_status(replace(made.trading_status(ACCOUNT), **changes), OPEN)

    assert code in codes(made.dry_run(ACCOUNT, asked, OPEN))
    assert [event.subject for event in made.advance(OPEN)] == [made.trading_status(ACCOUNT)]


def test_an_account_that_may_only_close_may_close():
    made = exchange()
    placed(made, request())
    made.set_trading_status(replace(made.trading_status(ACCOUNT), is_closing_only=True), OPEN)

    assert isinstance(made.place(ACCOUNT, selling(), OPEN), Placed)


def test_a_close_without_a_position_opens_and_says_so():
    answer = exchange().dry_run(ACCOUNT, selling(), OPEN)

    assert isinstance(answer, Placed)
    assert [warning.code for warning in answer.warnings] == ["closing_with_no_position"]
    assert answer.order.legs[0].action is STO


def test_no_more_is_closed_than_is_held_and_not_being_closed():
    made = exchange()
    placed(made, request(leg(quantity=3)))

    assert codes(made.dry_run(ACCOUNT, selling(4), OPEN)) == {"cannot_close_against_more_than_existing_position"}
    working = placed(made, selling(2, "9.00"))
    assert codes(made.dry_run(ACCOUNT, selling(2), OPEN)) == {"cannot_close_against_more_than_existing_position"}
    made.cancel(ACCOUNT, working.id, OPEN)
    assert isinstance(made.dry_run(ACCOUNT, selling(2), OPEN), Placed)


def test_right_after_a_fill_the_ledger_does_not_show_it():
    made = exchange(replace(IMMEDIATE, pace=1))
    placed(made, request())
    filled = next(
        event.at for event in made.advance(OPEN + seconds(30)) if getattr(event.subject, "status", "") == "Filled"
    )
    again = exchange(replace(IMMEDIATE, pace=1))
    placed(again, request())

    assert codes(
        again.dry_run(ACCOUNT, request(*selling().legs, terms=limit("1", Effect.CREDIT), is_strict=True), filled)
    )
    assert isinstance(again.dry_run(ACCOUNT, selling(), filled + seconds(2)), Placed)


def test_futures_are_told_apart_by_what_is_held():
    made = exchange()
    bought = placed(made, request(leg(FUTURE, Action.BUY), terms=limit("6720.25")))
    sold = placed(made, request(leg(FUTURE, Action.SELL), terms=limit("6720.00", Effect.CREDIT)))

    assert [order.legs[0].action for order in (bought, sold)] == [BTO, STC]


def test_what_works_holds_its_money_back():
    made = exchange(cash=Decimal(1000))
    placed(made, request(leg(quantity=6), terms=limit("1.00")))

    assert made.balance(ACCOUNT, OPEN).held_by_orders == Decimal("606.72")
    assert codes(made.dry_run(ACCOUNT, request(leg(quantity=4), terms=limit("1.00")), OPEN)) == {"margin_check_failed"}


def test_a_credit_spread_takes_its_width_less_what_it_brings():
    asked = request(leg(CALL, STO), leg(HIGHER, BTO), terms=limit("2.00", Effect.CREDIT))
    answer = exchange().dry_run(ACCOUNT, asked, OPEN)

    assert isinstance(answer, Placed)
    assert answer.power.margin_change == -500
    assert answer.power.power_change == -300 - answer.fees.total
    assert answer.power.is_spread
    assert (answer.order.id, answer.order.status) == (0, "Received")


def test_an_unknown_account_is_not_permitted():
    assert exchange().place("5WX99999", request(), OPEN) == Rejected("not_permitted", "User not permitted access")
