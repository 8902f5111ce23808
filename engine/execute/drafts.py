"""The orders of an intent, drafted: what the alert asks, a probe, what flattens it, the mirror of a close."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from engine.execute.rules import AccountDesk
from engine.lifecycle.counting import units_of
from engine.lifecycle.slot import Purpose, Slot
from engine.model.alert import Action
from engine.model.intent import Intent
from engine.model.order import Order, OrderLeg, OrderType, PriceEffect
from engine.plan.entries import Planned, Role
from engine.plan.limit_price import Priced

_SUFFIX: Final[Mapping[Role, str]] = MappingProxyType(
    {Role.TRADE: "", Role.PROBE: "p", Role.UNWIND: "u", Role.MIRROR: "m"}
)
_CLOSING: Final = {Action.BUY_TO_OPEN: Action.SELL_TO_CLOSE, Action.SELL_TO_OPEN: Action.BUY_TO_CLOSE}
_ALWAYS_ON_TICK: Final = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draft goes. alias, number: of its account. slots: that the account has already."""

    alias: str
    number: str
    slots: Mapping[str, Slot]


def place_in(desk: AccountDesk) -> Place:
    """Return the place of an account."""
    return Place(desk.alias, desk.broker.account, desk.executor.slots)


def slot_id(intent: Intent, role: Role) -> str:
    """Return the id of the one slot an intent has for a role."""
    return intent.id + _SUFFIX[role]


def legs_of(intent: Intent, units: int) -> tuple[OrderLeg, ...]:
    """Return the legs of a number of an intent's units."""
    return _scaled(intent.legs, intent.units, units)


def limit(intent: Intent, role: Role, place: Place, units: int, priced: Priced) -> Planned:
    """Return a draft of the order an intent asks for, for a number of its units at a price."""
    order = Order(
        client_id=_client_id(slot_id(intent, role), place),
        account=place.number,
        legs=legs_of(intent, units),
        order_type=OrderType.LIMIT,
        price=priced.price,
        effect=priced.effect,
    )
    return _planned(intent, role, place, order)


def unwinding(intent: Intent, place: Place, units: int) -> Planned:
    """
    Return a draft that closes units of an opening, as its slot counts them, at whatever price.

    One leg goes at the market, which takes no order of several; those are priced so that any market fills them.
    """
    opened = _scaled(intent.legs, units_of(intent.legs), units)
    legs = tuple(replace(leg, action=_CLOSING[leg.action]) for leg in opened if leg.action.opens)
    order = Order(_client_id(slot_id(intent, Role.UNWIND), place), place.number, legs, OrderType.MARKET)
    if len(legs) > 1:
        receives = intent.effect is PriceEffect.DEBIT
        price = _ALWAYS_ON_TICK if receives else 3 * (intent.price or 0) // 1 + 1
        effect = PriceEffect.CREDIT if receives else PriceEffect.DEBIT
        order = replace(order, order_type=OrderType.LIMIT, price=Decimal(price), effect=effect)
    return _planned(intent, Role.UNWIND, place, order)


def _client_id(slot: str, place: Place) -> str:
    known = place.slots.get(slot)
    return Slot(slot, Purpose.ENTRY, 1).next_client_id if known is None else known.next_client_id


def _planned(intent: Intent, role: Role, place: Place, order: Order) -> Planned:
    slot = slot_id(intent, role)
    known = place.slots.get(slot)
    purpose = Purpose.ENTRY if any(leg.action.opens for leg in order.legs) else Purpose.EXIT
    units = units_of(order.legs) if known is None else known.units
    return Planned(place.alias, slot, intent.id, role, purpose, units, order)


def _scaled(legs: tuple[OrderLeg, ...], of: int, units: int) -> tuple[OrderLeg, ...]:
    return tuple(replace(leg, quantity=leg.quantity // of * units) for leg in legs)
