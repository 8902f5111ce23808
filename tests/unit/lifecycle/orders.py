"""Orders, and what a broker may say of them, for the tests of this room."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.lifecycle import events as e
from engine.lifecycle.effects import Effect
from engine.lifecycle.events import Acknowledged, CancelAsked, Event, IntentJournaled, SendStarted
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.states import State
from engine.lifecycle.step import step
from engine.model.alert import Action
from engine.model.order import (
    Fill,
    InstrumentKind,
    Order,
    OrderLeg,
    OrderStatus,
    OrderType,
    PlacedOrder,
    PriceEffect,
    TimeInForce,
)

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
CALL = "SPY   261127C00602000"
HIGHER_CALL = "SPY   261127C00605000"


def second(n: float) -> datetime:
    return NOW + timedelta(seconds=n)


def legs(units: int, *, is_closing: bool = False, is_spread: bool = False) -> tuple[OrderLeg, ...]:
    bought, sold = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN
    if is_closing:
        bought, sold = Action.SELL_TO_CLOSE, Action.BUY_TO_CLOSE
    first = OrderLeg(CALL, InstrumentKind.EQUITY_OPTION, bought, units)
    second_leg = OrderLeg(HIGHER_CALL, InstrumentKind.EQUITY_OPTION, sold, 2 * units)
    return (first, second_leg) if is_spread else (first,)


def an_order(units: int = 10, client_id: str = "e-1", **shape: bool) -> Order:
    return Order(
        client_id,
        "main",
        legs(units, **shape),
        OrderType.LIMIT,
        price=Decimal("1.25"),
        effect=PriceEffect.DEBIT,
    )


def a_fill(quantity: int, name: str = "f1", symbol: str = CALL) -> Fill:
    return Fill(name, symbol, quantity, Decimal("1.25"), NOW)


def placed(
    order: Order,
    status: OrderStatus = OrderStatus.LIVE,
    *,
    name: str = "B1",
    remaining: int | None = None,
    fills: tuple[Fill, ...] = (),
    updated_at: datetime | None = None,
) -> PlacedOrder:
    units = order.legs[0].quantity
    filled = sum(fill.quantity for fill in fills if fill.symbol == CALL)
    return PlacedOrder(
        name,
        order.client_id,
        order.account,
        order.legs,
        order.order_type,
        TimeInForce.DAY,
        status,
        order.price,
        order.effect,
        units - filled if remaining is None else remaining,
        fills,
        updated_at=updated_at,
    )


def replacing(shown: PlacedOrder, old: str) -> PlacedOrder:
    return replace(shown, replaces=old)


def after(order: OrderState, *events: Event, at: datetime = NOW) -> OrderState:
    for event in events:
        order = step(order, event, at).order
    return order


def effects_of(order: OrderState, *events: Event, at: datetime = NOW) -> tuple[Effect, ...]:
    effects: tuple[Effect, ...] = ()
    for event in events:
        stepped = step(order, event, at)
        order, effects = stepped.order, (*effects, *stepped.effects)
    return effects


def sent(order: Order | None = None) -> OrderState:
    return after(OrderState(order or an_order()), IntentJournaled(), SendStarted())


def working(order: Order | None = None) -> OrderState:
    order = order or an_order()
    return after(sent(order), Acknowledged(placed(order)))


def in_state(state: State) -> OrderState:
    """An order that came to a state in the plainest way."""
    order = EXAMPLES[state]()
    assert order.state is state
    return order


def _examples() -> dict:
    order = an_order()
    two = (a_fill(2),)
    ten = (a_fill(10),)
    return {
        State.DRAFT: lambda: OrderState(order),
        State.INTENDED: lambda: after(OrderState(order), IntentJournaled()),
        State.SENT: sent,
        State.UNKNOWN: lambda: after(sent(), e.OutcomeUnknown("timeout")),
        State.WORKING: working,
        State.PARTLY_FILLED: lambda: after(working(), e.Reported(placed(order, fills=two))),
        State.CANCEL_ASKED: lambda: after(working(), CancelAsked("a person")),
        State.REPLACE_ASKED: lambda: after(working(), e.ReplaceAsked(order)),
        State.REPLACED: lambda: after(
            working(),
            e.ReplaceAsked(order),
            e.ReplaceAcknowledged(replacing(placed(order, OrderStatus.CONTINGENT, name="B2"), "B1")),
        ),
        State.FILLED: lambda: after(working(), e.Reported(placed(order, OrderStatus.FILLED, fills=ten))),
        State.CANCELLED: lambda: after(working(), e.Reported(placed(order, OrderStatus.CANCELLED))),
        State.EXPIRED: lambda: after(working(), e.Reported(placed(order, OrderStatus.EXPIRED))),
        State.REJECTED: lambda: after(sent(), e.Refused(("margin_check_failed",))),
        State.UNSENT: lambda: after(sent(), e.NothingSent("no route")),
        State.ABSENT: absent,
    }


def absent(order: Order | None = None) -> OrderState:
    state = after(sent(order), e.OutcomeUnknown("timeout"))
    for n in (1, 20, 40, 62):
        state = after(state, e.NotFound(is_position_unchanged=True), at=second(n))
    return state


EXAMPLES = _examples()
