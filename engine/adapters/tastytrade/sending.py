"""Our orders as the broker's JSON, written by the SDK's own order classes."""

from decimal import Decimal
from typing import Any

from tastytrade.order import (
    AdvancedInstructions,
    BaseOrder,
    Leg,
    LimitOrder,
    MarketOrder,
    OCOOrder,
    OTOCOOrder,
    StopLimitOrder,
    StopOrder,
)

from engine.adapters.tastytrade.words import SENT_KINDS, SENT_TIMES, sent_action
from engine.model.complex_order import ComplexOrder
from engine.model.errors import NothingSent
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PriceEffect, TimeInForce

_CANNOT_BE_SENT = "not_representable"


def new_order(order: Order) -> str:
    """
    Write an order to be placed, or checked, as JSON.

    A leg that closes asks the broker to refuse it where there is nothing to close. Of outright futures the broker
    takes only sides, so of them it cannot be asked that.
    Raises: NothingSent, when the broker has no words for it.
    """
    return _sdk_order(order).model_dump_json(exclude_none=True, by_alias=True)


def new_terms(order: Order) -> str:
    """
    Write what replaces an order: all of it but the legs, which stay.

    Raises: NothingSent, when the broker has no words for it.
    """
    return _sdk_order(order).model_dump_json(exclude={"legs"}, exclude_none=True, by_alias=True)


def new_complex_order(order: ComplexOrder) -> str:
    """
    Write orders that hang on each other as JSON.

    Raises: NothingSent, when the broker has no words for one of them, or for ending a position with it.
    """
    profit, stop = _sdk_order(order.take_profit), _sdk_order(order.stop)
    if not isinstance(profit, LimitOrder) or not isinstance(stop, StopOrder | StopLimitOrder):
        raise NothingSent(_CANNOT_BE_SENT, "a position is ended by a limit order and by a stop or stop limit order")
    if order.trigger is None:
        return OCOOrder(take_profit=profit, stop_loss=stop).model_dump_json(exclude_none=True, by_alias=True)
    trigger = _sdk_order(order.trigger)
    whole = OTOCOOrder(trigger_order=trigger, take_profit=profit, stop_loss=stop)  # type: ignore[arg-type]
    return whole.model_dump_json(exclude_none=True, by_alias=True)


def _sdk_order(order: Order) -> BaseOrder:
    settings: dict[str, Any] = {
        "legs": [_leg(leg) for leg in order.legs],
        "time_in_force": SENT_TIMES[_sent_time(order)],
        "external_identifier": order.client_id,
    }
    if any(leg.action.closes for leg in order.legs):
        settings["advanced_instructions"] = AdvancedInstructions(strict_position_effect_validation=True)
    match order.order_type:
        case OrderType.LIMIT:
            return LimitOrder(price=_signed(order), **settings)
        case OrderType.STOP_LIMIT:
            return StopLimitOrder(price=_signed(order), stop_trigger=_trigger(order), **settings)
        case OrderType.STOP:
            return StopOrder(stop_trigger=_trigger(order), **settings)
        case OrderType.MARKET:
            return MarketOrder(**settings)
        case OrderType.OTHER:
            raise NothingSent(_CANNOT_BE_SENT, f"order {order.client_id} is of a type the broker is not sent")


def _leg(leg: OrderLeg) -> Leg:
    if leg.kind is InstrumentKind.OTHER:
        raise NothingSent(_CANNOT_BE_SENT, f"{leg.symbol} is nothing the broker is sent orders for")
    if leg.quantity < 1:
        raise NothingSent(_CANNOT_BE_SENT, f"the quantity of {leg.symbol} was {leg.quantity}")
    return Leg(
        instrument_type=SENT_KINDS[leg.kind],
        symbol=leg.symbol,
        action=sent_action(leg.action, leg.kind),
        quantity=leg.quantity,
    )


def _sent_time(order: Order) -> TimeInForce:
    if order.time_in_force in (TimeInForce.GTD, TimeInForce.OTHER):  # an order of ours names no last day
        raise NothingSent(_CANNOT_BE_SENT, f"order {order.client_id} works {order.time_in_force.value}")
    return order.time_in_force


def _signed(order: Order) -> Decimal:
    # The SDK's sign: negative is paid.
    if order.price is None or order.price < 0 or (order.price > 0 and order.effect is None):
        raise NothingSent(_CANNOT_BE_SENT, f"order {order.client_id} needs a price and its effect")
    return -order.price if order.effect is PriceEffect.DEBIT else order.price


def _trigger(order: Order) -> Decimal:
    if order.stop_trigger is None:
        raise NothingSent(_CANNOT_BE_SENT, f"order {order.client_id} needs a trigger")
    return order.stop_trigger
