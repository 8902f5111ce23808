"""The quotes clients are shown, which need not be those orders are filled by."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.paper.quotes import Greeks, Quote, QuoteSource


class ShownQuotes:
    """
    Quotes that can be late, stand still, lack a side, or be missing.

    frozen: since when quotes of a symbol stand still; of all for the symbol "". one_sided: symbols without a bid.
    missing: symbols without a quote.
    """

    def __init__(self, source: QuoteSource, delay: timedelta = timedelta(0)) -> None:
        self.delay = delay
        self.frozen: dict[str, datetime] = {}
        self.one_sided: set[str] = set()
        self.missing: set[str] = set()
        self._source = source

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        """Return the quote that is shown at a moment; None when the symbol has none."""
        if symbol in self.missing:
            return None
        quote = self._source.quote(symbol, self._as_of(symbol, now))
        return replace(quote, bid=None) if quote is not None and symbol in self.one_sided else quote

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        """Return the figures that are shown for an option; None for what is none."""
        return None if symbol in self.missing else self._source.greeks(symbol, self._as_of(symbol, now))

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        """Return the first moment after another at which one of the quotes may change; None when none will."""
        changes = self._source.next_change(symbols, after - self.delay)
        return None if changes is None else changes + self.delay

    def _as_of(self, symbol: str, now: datetime) -> datetime:
        stands = [self.frozen[name] for name in (symbol, "") if name in self.frozen]
        return min([now - self.delay, *stands])
