"""What goes to the broker for each of our orders."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.tastytrade.orders_read import placed_order
from engine.adapters.tastytrade.sending import new_order, new_terms
from engine.model.alert import Action
from engine.model.errors import NothingSent
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PriceEffect, TimeInForce

OPTION = OrderLeg("SPY   261218C00700000", InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 5)
ORDER = Order("msg-1:0", "5WX00001", (OPTION,), OrderType.LIMIT, price=Decimal("2.50"), effect=PriceEffect.DEBIT)


def sent(order: Order) -> dict:
    return json.loads(new_order(order))


def test_an_opening_is_sent_as_the_broker_writes_it():
    body = sent(ORDER)
    del body["source"], body["behavior"]  # the SDK's own, which the broker does not look at

    assert body == {
        "time-in-force": "Day",
        "order-type": "Limit",
        "price": "2.50",
        "price-effect": "Debit",
        "external-identifier": "msg-1:0",
        "legs": [
            {
                "instrument-type": "Equity Option",
                "symbol": "SPY   261218C00700000",
                "action": "Buy to Open",
                "quantity": 5,
            }
        ],
    }


def test_a_close_asks_to_be_refused_where_there_is_nothing_to_close():
    close = replace(ORDER, legs=(replace(OPTION, action=Action.SELL_TO_CLOSE),), effect=PriceEffect.CREDIT)

    assert sent(close)["advanced-instructions"] == {"strict-position-effect-validation": True}
    assert sent(close)["price-effect"] == "Credit"


@pytest.mark.parametrize(
    ("action", "side"),
    [
        (Action.BUY_TO_OPEN, "Buy"),
        (Action.BUY_TO_CLOSE, "Buy"),
        (Action.SELL_TO_OPEN, "Sell"),
        (Action.SELL_TO_CLOSE, "Sell"),
    ],
)
def test_of_a_future_only_the_side_is_sent(action: Action, side: str):
    future = OrderLeg("/ESZ6", InstrumentKind.FUTURE, action, 1)

    assert sent(replace(ORDER, legs=(future,)))["legs"][0]["action"] == side


@pytest.mark.parametrize(
    ("order", "price_keys"),
    [
        (replace(ORDER, order_type=OrderType.MARKET, price=None, effect=None), {}),
        (
            replace(ORDER, order_type=OrderType.STOP, price=None, effect=None, stop_trigger=Decimal("1.1")),
            {"stop-trigger": "1.1"},
        ),
        (
            replace(ORDER, order_type=OrderType.STOP_LIMIT, stop_trigger=Decimal("1.1")),
            {"stop-trigger": "1.1", "price": "2.50", "price-effect": "Debit"},
        ),
        (replace(ORDER, price=Decimal("0.00"), effect=None), {"price": "0.00"}),
    ],
)
def test_each_type_carries_its_own_prices(order: Order, price_keys: dict[str, str]):
    body = sent(order)

    assert {key: body[key] for key in ("price", "price-effect", "stop-trigger") if key in body} == price_keys


def test_a_replacement_leaves_the_legs_out():
    body = json.loads(new_terms(ORDER))

    assert "legs" not in body
    assert (body["price"], body["external-identifier"]) == ("2.50", "msg-1:0")


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(replace(ORDER, price=None), id="a limit without a price"),
        pytest.param(replace(ORDER, effect=None), id="a price without its effect"),
        pytest.param(replace(ORDER, price=Decimal(-1)), id="a price with a sign"),
        pytest.param(replace(ORDER, order_type=OrderType.STOP), id="a stop without a trigger"),
        pytest.param(replace(ORDER, order_type=OrderType.OTHER), id="a type we only see"),
        pytest.param(replace(ORDER, time_in_force=TimeInForce.GTD), id="until a day it cannot name"),
        pytest.param(replace(ORDER, legs=(replace(OPTION, kind=InstrumentKind.OTHER),)), id="a kind we only see"),
        pytest.param(replace(ORDER, legs=(replace(OPTION, quantity=0),)), id="none of it"),
    ],
)
def test_what_cannot_be_said_is_not_sent(order: Order):
    with pytest.raises(NothingSent) as unsaid:
        new_order(order)

    assert unsaid.value.code == "not_representable"


prices = st.decimals(Decimal("0.01"), Decimal("9999.99"), places=2)
actions = st.sampled_from([action for action in Action if action is not Action.UPDATE])
kinds = st.sampled_from([InstrumentKind.EQUITY, InstrumentKind.EQUITY_OPTION, InstrumentKind.FUTURE_OPTION])
legs = st.builds(OrderLeg, st.sampled_from(["SPY", "QQQ", "IWM"]), kinds, actions, st.integers(1, 1000))


@given(price=prices, effect=st.sampled_from(PriceEffect), sent_legs=st.lists(legs, min_size=1, max_size=4))
def test_what_is_sent_reads_back_as_it_was(price: Decimal, effect: PriceEffect, sent_legs: list[OrderLeg]):
    order = replace(ORDER, legs=tuple(sent_legs), price=price, effect=effect)
    read = placed_order({**sent(order), "id": 1, "status": "Received"})

    assert (read.client_id, read.legs, read.price, read.effect) == (order.client_id, order.legs, price, effect)
