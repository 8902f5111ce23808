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
    is_credit: opening it received the price instead of paying it; None if that is unknown.
    account: alias of the account it is in; "" under a playbook that only observes.
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
    is_credit: bool | None = False
    account: str = ""

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


@dataclass(frozen=True, slots=True)
class Closed:
    """
    A position, or a part of one, that came to its end.

    contract: its legs as people write them. opened_by: id of the message that opened it.
    closed_by: id of the message that closed it; "" when it expired. closed_at: of an expiry, the close of that day.
    quantity: units closed; None when the size is unknown.
    open_price, close_price: dollars per share; None if unknown; an expired option is taken to be worthless.
    profit: dollars, negative for a loss; None when a price, the size or the instrument's multiplier is unknown.
    is_assumed: it rests on fills or values that were assumed.
    """

    playbook: str
    author_id: str
    symbol: str
    contract: str
    opened_by: str
    opened_at: datetime
    closed_by: str
    closed_at: datetime
    quantity: int | None = None
    open_price: Decimal | None = None
    close_price: Decimal | None = None
    profit: Decimal | None = None
    is_expired: bool = False
    is_assumed: bool = True
