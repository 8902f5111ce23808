"""What an author holds, as far as the engine knows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from engine.model.alert import Asset, Leg


@dataclass(frozen=True, slots=True)
class Position:
    """
    One open position of one author under one playbook.

    opened_by: id of the message that opened it. followed_by: ids of those that added to it or took
    from it. A reply to any of these messages means this position.
    legs: with the actions that opened it; what was not chosen yet (strike, expiry) is None.
    structure: name of the multi-leg structure; "" for a single leg.
    quantity: units still open; None when the size is unknown.
    fraction: what is left of it, 0 < f ≤ 1. price: assumed or real average price; None if unknown.
    expires_by: the last day an option whose expiry was not chosen yet can exist; None when the legs tell.
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
    structure: str = ""
    followed_by: tuple[str, ...] = ()
    expires_by: date | None = None

    @property
    def asset(self) -> Asset:
        """The class it belongs to: an option as soon as one leg is an option."""
        assets = {leg.asset for leg in self.legs}
        return Asset.OPTION if Asset.OPTION in assets else self.legs[0].asset

    @property
    def symbol(self) -> str | None:
        """The underlying; of the first leg where legs differ."""
        return self.legs[0].symbol

    @property
    def messages(self) -> tuple[str, ...]:
        """The ids of the messages that made it what it is."""
        return (self.opened_by, *self.followed_by)
