"""Orders in a line, for people."""

from decimal import Decimal

from engine.app.contract_text import short_legs
from engine.model.order import Order, OrderType, PlacedOrder, PriceEffect


def order_text(order: Order | PlacedOrder) -> str:
    """Return what an order is for: its legs, type and price; of several legs also whether that is paid or received."""
    effect = order.effect if len(order.legs) > 1 else None
    return f"{short_legs(order.legs) or 'what cannot be read,'} {_terms(order.order_type, order.price, effect)}"


def _terms(order_type: OrderType, price: Decimal | None, effect: PriceEffect | None) -> str:
    words = [order_type.value, "" if price is None else f"@ {price}", "" if effect is None else effect.value]
    return " ".join(filter(None, words))
