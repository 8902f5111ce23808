"""The price an order is sent at."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.alert import Action
from engine.model.contract import Tick
from engine.model.live_quote import QuoteFlaw
from engine.model.order import InstrumentKind, OrderLeg, PriceEffect
from engine.plan.limit_price import Prices, closing_price, on_tick, opening_price, price_now, step_at
from tests.unit.plan.orders_known import C500, C505, CLOSING, CREDIT, DEBIT, OPENING, TICKS, contract, legs_of, quote

BTO, STO, BTC, STC = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE
SPREAD = (*legs_of(BTO), *legs_of(STO, symbol=C505))
LEAVING = (*legs_of(STC), *legs_of(BTC, symbol=C505))


def market(first: tuple[str | None, str | None], second: tuple[str | None, str | None] = ("0.60", "0.70")) -> Prices:
    listed = {C500: contract(), C505: contract(C505, "505")}
    return Prices(listed, {C500: quote(C500, *first), C505: quote(C505, *second)})


NOTHING = Prices({C500: contract(), C505: contract(C505, "505")}, {})
WIDE = market(("1.20", "1.30"))


@pytest.mark.parametrize(
    ("action", "limit", "prices", "price"),
    [
        (BTO, "1.25", WIDE, "1.25"),  # rests at the alert's price
        (BTO, "1.40", WIDE, "1.30"),  # the market is better
        (BTO, "1.28", NOTHING, "1.25"),  # bought down
        (BTO, "3.18", NOTHING, "3.10"),
        (BTO, None, WIDE, "1.25"),
        (BTO, None, market(("1.20", "1.40")), "1.30"),
        (BTO, None, NOTHING, None),
        (BTO, "0.04", NOTHING, None),
        (STO, "1.25", WIDE, "1.25"),
        (STO, "1.10", WIDE, "1.20"),
        (STO, "1.22", NOTHING, "1.25"),  # sold up
        (STO, "2.98", NOTHING, "3.00"),
        (STO, "3.01", NOTHING, "3.10"),
    ],
)
def test_an_opening_is_patient(action: Action, limit: str | None, prices: Prices, price: str | None):
    effect = DEBIT if action.buys else CREDIT

    priced = opening_price(legs_of(action), None if limit is None else Decimal(limit), effect, prices)

    assert (None if priced is None else priced.price) == (None if price is None else Decimal(price))


def test_a_spread_is_priced_by_the_unit():
    priced = opening_price(SPREAD, Decimal("0.90"), DEBIT, WIDE)

    assert priced is not None
    assert (priced.price, priced.effect) == (Decimal("0.70"), DEBIT)


@pytest.mark.parametrize(
    ("action", "limit", "prices", "price"),
    [
        (STC, "2.00", WIDE, "1.20"),  # the alert's price holds nothing up
        (STC, None, WIDE, "1.20"),
        (BTC, "0.10", WIDE, "1.30"),
        (STC, "1.28", NOTHING, "1.25"),  # sold down
        (BTC, "1.28", NOTHING, "1.30"),  # bought up
        (STC, None, NOTHING, None),
        (STC, None, market(("0", "0.05")), "0.05"),
        (STC, "1.30", market((None, "1.40")), "1.30"),
        (STC, None, market(("1.20", None)), "1.20"),
        (STC, None, market((None, "1.40")), None),
    ],
)
def test_a_close_is_priced_to_fill(action: Action, limit: str | None, prices: Prices, price: str | None):
    effect = DEBIT if action.buys else CREDIT

    priced = closing_price(legs_of(action), None if limit is None else Decimal(limit), effect, prices)

    assert (None if priced is None else priced.price) == (None if price is None else Decimal(price))
    assert priced is None or priced.effect is effect


@pytest.mark.parametrize(
    ("first", "second", "price", "effect"),
    [
        (("1.20", "1.30"), ("0.60", "0.70"), "0.50", CREDIT),
        (("0.60", "0.70"), ("0.60", "0.70"), "0.10", DEBIT),  # what was to bring something has to be paid for
        (("0.70", "0.80"), ("0.60", "0.70"), "0.05", DEBIT),  # even: a tick is paid
    ],
)
def test_a_spread_is_left_whichever_way_it_costs(
    first: tuple[str, str], second: tuple[str, str], price: str, effect: PriceEffect
):
    priced = closing_price(LEAVING, Decimal("5.00"), CREDIT, market(first, second))

    assert priced is not None
    assert (priced.price, priced.effect) == (Decimal(price), effect)


def test_a_doubtful_quote_is_worth_less_than_the_alert_and_more_than_nothing():
    late = Prices(NOTHING.contracts, {C500: quote(flaws=(QuoteFlaw.DELAYED,))})

    assert [
        priced.price if priced else None
        for priced in (
            closing_price(legs_of(STC), Decimal("2.00"), CREDIT, late),
            closing_price(legs_of(STC), None, CREDIT, late),
            opening_price(legs_of(BTO), None, DEBIT, late),
        )
    ] == [Decimal("2.00"), Decimal("1.20"), None]


def test_shares_beside_an_option_count_by_the_hundred():
    shares = OrderLeg("SPY", InstrumentKind.EQUITY, BTO, 200)
    prices = Prices({}, {"SPY": quote("SPY", "500.00", "500.10"), C500: quote()})

    priced = opening_price((shares, *legs_of(STO)), None, DEBIT, prices)

    assert priced is not None
    assert priced.price == Decimal("498.80")


def test_an_intent_without_a_price_has_none_now():
    assert price_now(replace(OPENING, price=None), WIDE) is None


def test_a_price_is_made_anew_by_the_market_now():
    fallen = market(("0.90", "1.00"))

    assert [getattr(price_now(intent, fallen), "price", None) for intent in (OPENING, CLOSING)] == [
        Decimal("1.00"),
        Decimal("0.90"),
    ]


PRICES = st.decimals("0.01", "20", places=2)
STEPS = st.sampled_from([(Tick(Decimal("0.01")),), TICKS, (Tick(Decimal("0.01"), Decimal(3)), Tick(Decimal("0.05")))])


@given(limit=PRICES | st.none(), bid=PRICES, width=PRICES, buys=st.booleans(), ticks=STEPS)
def test_an_opening_is_on_the_tick_and_never_beyond_the_alert(
    limit: Decimal | None, bid: Decimal, width: Decimal, buys: bool, ticks: tuple[Tick, ...]
):
    prices = Prices({C500: contract(ticks=ticks)}, {C500: quote(C500, str(bid), str(bid + width))})

    priced = opening_price(legs_of(BTO if buys else STO), limit, DEBIT if buys else CREDIT, prices)

    if priced is not None:
        step = step_at(priced.price, [ticks])
        assert step is not None
        assert priced.price % step == 0
        worst = limit if limit is not None else bid + width / 2
        assert priced.price <= worst if buys else priced.price >= worst


@given(bid=PRICES, width=PRICES, buys=st.booleans(), ticks=STEPS, limit=PRICES | st.none())
def test_a_close_always_reaches_the_market(
    bid: Decimal, width: Decimal, buys: bool, ticks: tuple[Tick, ...], limit: Decimal | None
):
    prices = Prices({C500: contract(ticks=ticks)}, {C500: quote(C500, str(bid), str(bid + width))})

    priced = closing_price(legs_of(BTC if buys else STC), limit, DEBIT if buys else CREDIT, prices)

    assert priced is not None
    assert priced.price % (step_at(priced.price, [ticks]) or 1) == 0
    assert priced.price >= bid + width if buys else priced.price <= max(bid, step_at(Decimal(0), [ticks]) or 0)


@given(price=PRICES, tables=st.lists(STEPS, min_size=1, max_size=3), up=st.booleans())
def test_rounding_keeps_its_side(price: Decimal, tables: list[tuple[Tick, ...]], up: bool):
    rounded = on_tick(price, tables, up=up)

    assert rounded >= price if up else rounded <= price
    assert on_tick(rounded, tables, up=up) == rounded
