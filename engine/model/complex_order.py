"""Orders that hang on each other at the broker."""

from dataclasses import dataclass

from engine.model.order import Order


@dataclass(frozen=True, slots=True)
class ComplexOrder:
    """
    Two orders that end a position, of which one cancels the other, and the order that opens it.

    trigger: what must fill before the other two work; None when the position is there already.
    """

    trigger: Order | None
    take_profit: Order
    stop: Order
