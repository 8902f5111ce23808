"""What an author holds, as far as the engine knows."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.alert import Leg


@dataclass(frozen=True, slots=True)
class Position:
    """
    One open position of one author under one playbook.

    opened_by: id of the message that opened it; a reply to that message means this position.
    legs: with the actions that opened it. quantity: units still open; None when the size is unknown.
    fraction: what is left of it, 0 < f ≤ 1. price: assumed or real average price; None if unknown.
    is_assumed: a replay assumed the fill at the alert's price.
    """

    playbook: str
    author_id: str
    opened_by: str
    legs: tuple[Leg, ...]
    fraction: Decimal
    opened_at: datetime
    price: Decimal | None = None
    quantity: int | None = None
    is_assumed: bool = True
