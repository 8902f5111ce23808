"""Orders in a line, for people."""

from collections.abc import Iterable
from decimal import Decimal

from engine.model.order import Order, OrderLeg, OrderType, PlacedOrder, PriceEffect


def order_text(order: Order | PlacedOrder) -> str:
    """Return what an order is for: its legs, type and price; of several legs also whether that is paid or received."""
    effect = order.effect if len(order.legs) > 1 else None
    return f"{legs_text(order.legs)} {_terms(order.order_type, order.price, effect)}"


def legs_text(legs: Iterable[OrderLeg]) -> str:
    """Return what legs do."""
    said = ", ".join(
        f"{leg.action.value.replace('_', ' ')} {leg.quantity} {' '.join(leg.symbol.split())}" for leg in legs
    )
    return said or "what cannot be read,"


def _terms(order_type: OrderType, price: Decimal | None, effect: PriceEffect | None) -> str:
    words = [order_type.value, "" if price is None else f"@ {price}", "" if effect is None else effect.value]
    return " ".join(filter(None, words))
