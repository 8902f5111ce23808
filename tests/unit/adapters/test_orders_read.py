"""The broker's orders in our words: oddities are named, never hidden, never raised."""

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.tastytrade.orders_read import placed_order, preflight
from engine.adapters.tastytrade.values import Unreadable
from engine.model.alert import Action
from engine.model.order import (
    REMAINING_UNKNOWN,
    Fill,
    InstrumentKind,
    OrderLeg,
    OrderStatus,
    OrderType,
    PlacedOrder,
    PriceEffect,
    TimeInForce,
)

FILL = {"fill-id": "7_A", "quantity": 2, "fill-price": "1.25", "filled-at": "2026-11-24T15:00:01.500+00:00"}
LONG = "SPY   261218C00700000"
SHORT = "SPY   261218C00710000"
ORDER: dict[str, Any] = {
    "id": 270561,
    "account-number": "5WX00001",
    "external-identifier": "msg-1:0",
    "order-type": "Limit",
    "time-in-force": "Day",
    "status": "Live",
    "price": "1.25",
    "price-effect": "Debit",
    "received-at": "2026-11-24T15:00:00.000+00:00",
    "updated-at": 1795532401500,
    "replaces-order-id": "270560",
    "legs": [
        {
            "instrument-type": "Equity Option",
            "symbol": LONG,
            "action": "Buy to Open",
            "quantity": 4,
            "remaining-quantity": 2,
            "fills": [FILL],
        },
        {
            "instrument-type": "Equity Option",
            "symbol": SHORT,
            "action": "Sell to Open",
            "quantity": "2",
            "remaining-quantity": "2",
            "fills": [],
        },
    ],
}


def changed(**more: object) -> dict[str, Any]:
    return {**copy.deepcopy(ORDER), **{key.replace("_", "-"): value for key, value in more.items()}}


def legged(index: int, **more: object) -> dict[str, Any]:
    order = copy.deepcopy(ORDER)
    order["legs"][index] |= {key.replace("_", "-"): value for key, value in more.items()}
    return order


def test_an_order_is_read_whole():
    assert placed_order(ORDER) == PlacedOrder(
        id="270561",
        client_id="msg-1:0",
        account="5WX00001",
        legs=(
            OrderLeg(LONG, InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 4),
            OrderLeg(SHORT, InstrumentKind.EQUITY_OPTION, Action.SELL_TO_OPEN, 2),
        ),
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        status=OrderStatus.LIVE,
        price=Decimal("1.25"),
        effect=PriceEffect.DEBIT,
        remaining=2,  # the second leg has not begun: both units can still fill
        fills=(Fill("7_A", LONG, 2, Decimal("1.25"), datetime(2026, 11, 24, 15, 0, 1, 500_000, UTC)),),
        received_at=datetime(2026, 11, 24, 15, tzinfo=UTC),
        updated_at=datetime(2026, 11, 24, 15, 0, 1, 500_000, UTC),
        replaces="270560",
    )


@pytest.mark.parametrize("word", ["Dead", "Remove Pending", "", None, 7, ["Live"]])
def test_a_status_nobody_knows_is_unknown_and_hides_nothing_else(word: object):
    assert placed_order(changed(status=word)).status is OrderStatus.UNKNOWN
    assert len(placed_order(changed(status=word)).fills) == 1


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(changed(legs=None), id="no legs"),
        pytest.param(changed(legs=[]), id="not one leg"),
        pytest.param(changed(legs=["x"]), id="a leg that is no object"),
        pytest.param(legged(0, action="Allocate"), id="an action nobody knows"),
        pytest.param(legged(0, quantity=None), id="a leg without a quantity"),
        pytest.param(legged(0, quantity="1.5"), id="part of a contract"),
        pytest.param(legged(0, fills="x"), id="fills that are no list"),
        pytest.param(legged(0, fills=[{**FILL, "fill-id": None}]), id="a fill nobody could count once"),
        pytest.param(legged(0, fills=[{**FILL, "fill-price": "NaN"}]), id="a fill without a price"),
    ],
)
def test_legs_or_fills_that_cannot_be_read_in_full_make_the_order_unknown(odd: dict[str, Any]):
    read = placed_order(odd)

    assert (read.id, read.client_id, read.status) == ("270561", "msg-1:0", OrderStatus.UNKNOWN)
    assert (read.legs, read.fills, read.remaining) == ((), (), REMAINING_UNKNOWN)


def test_a_remainder_that_is_not_said_is_not_taken_for_nothing():
    assert placed_order(legged(1, remaining_quantity=None)).remaining == REMAINING_UNKNOWN


def test_orders_of_others_may_trade_what_we_never_do():
    leg = {"instrument-type": "Cryptocurrency", "symbol": "BTC/USD", "action": "Buy to Open", "quantity": "0.015"}
    read = placed_order(changed(order_type="Notional Market", time_in_force="GTC Ext", legs=[leg]))

    assert read.legs == (OrderLeg("BTC/USD", InstrumentKind.OTHER, Action.BUY_TO_OPEN, 1),)
    assert (read.order_type, read.time_in_force) == (OrderType.OTHER, TimeInForce.OTHER)


@pytest.mark.parametrize("row", [{}, {"id": 0}, {"id": None}, {"id": True}])
def test_only_an_order_without_an_id_is_none(row: dict[str, Any]):
    with pytest.raises(Unreadable):
        placed_order(row)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.decimals(allow_nan=True),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ORDER, *ORDER["legs"][0], *FILL]), inner)
    ),
    max_leaves=12,
)


@given(key=st.sampled_from([key for key in ORDER if key != "id"]), value=json_values)
def test_no_value_hides_an_order(key: str, value: object):
    assert placed_order({**ORDER, key: value}).id == "270561"


@given(key=st.sampled_from(list(ORDER["legs"][0])), value=json_values)
def test_no_value_of_a_leg_hides_an_order(key: str, value: object):
    order = copy.deepcopy(ORDER)
    order["legs"][0][key] = value

    assert placed_order(order).id == "270561"


def test_a_dry_run_is_read_with_its_signs():
    power = {"change-in-buying-power": "125.1", "change-in-buying-power-effect": "Debit"}
    fees = {"total-fees": "0.1", "total-fees-effect": "Debit"}
    warned = [{"code": "tif.next_valid_session", "message": "later"}]
    read = preflight({"buying-power-effect": power, "fee-calculation": fees, "warnings": warned})

    assert (read.buying_power_change, read.fees, read.margin_change) == (Decimal("-125.1"), Decimal("-0.1"), None)
    assert read.warnings == ("tif.next_valid_session",)
