"""Prices over time, as the exchange asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Quote:
    """
    Prices of one instrument in dollars per share, None where there is none; sizes in contracts or shares.

    at: since when it stands, aware UTC.
    """

    at: datetime
    bid: Decimal | None
    ask: Decimal | None
    bid_size: int = 0
    ask_size: int = 0
    last: Decimal | None = None

    @property
    def mark(self) -> Decimal | None:
        """The middle of bid and ask, or the last trade while a side is missing."""
        return self.last if self.bid is None or self.ask is None else (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class Greeks:
    """What the model says of an option, per share: price in dollars, volatility a year, theta a day, vega a point."""

    price: float
    volatility: float
    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


class QuoteSource(Protocol):
    """
    Prices as steps in time: a quote stands until the next change.

    The same question always has the same answer, so what the exchange does never depends on how often it
    is asked to go on.
    """

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        """Return the quote that stands at a moment; None when the symbol has none."""
        ...

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        """Return the model's figures for an option; None for what is no option, or has none."""
        ...

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        """Return the first moment after another at which one of the quotes may change; None when none will."""
        ...
