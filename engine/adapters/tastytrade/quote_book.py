"""What the quote stream has said so far, how late it is, and what is wrong with it. Pure: the time is passed in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.model.live_quote import LiveQuote, QuoteFlaw
from engine.model.market import Quote

_WINDOW: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Trust:
    """How much is asked of a feed. longest_lag: how late it may be. longest_silence: how long it may say nothing."""

    longest_lag: timedelta = timedelta(seconds=5)
    longest_silence: timedelta = timedelta(seconds=60)


class QuoteBook:
    """
    The latest quotes of a feed.

    Quotes of the feed carry no time of their own, only trades do. So the lag is measured on trades as they come in:
    the least there was within a minute, as a trade can be told late but never early. The first trade told of a symbol
    is what happened before anyone listened, and measures nothing by being old.
    """

    def __init__(self, trust: Trust | None = None) -> None:
        self._trust = trust or Trust()
        self._prices: dict[str, tuple[Quote, datetime]] = {}
        self._first: dict[str, datetime] = {}
        self._lags: list[tuple[datetime, timedelta]] = []
        self._heard_at: datetime | None = None
        self.heard = 0
        """How many quotes came in."""

    def connected(self, now: datetime) -> None:
        """Begin anew: what another connection said is no quote any more."""
        self._prices.clear()
        self._first.clear()
        self._lags.clear()
        self._heard_at = now

    def disconnected(self) -> None:
        """Note that nothing more will come; what is known stays, as frozen."""
        self._heard_at = None

    def quoted(self, symbol: str, bid: Decimal | None, ask: Decimal | None, now: datetime) -> None:
        """Take in a quote; a price that is not above zero is none."""
        self._heard_at = now
        self.heard += 1
        sides = (price if price is not None and price > 0 else None for price in (bid, ask))
        self._prices[symbol] = (Quote(now, *sides), now)

    def traded(self, symbol: str, at: datetime, now: datetime) -> None:
        """Take in that there was a trade. Trades come by a way of their own: they do not show that quotes come."""
        lag = max(now - at, timedelta(0))
        if self._first.setdefault(symbol, at) != at or lag <= self._trust.longest_lag:
            self._lags = [each for each in self._lags if now - each[0] <= _WINDOW]
            self._lags.append((now, lag))

    def lag(self) -> timedelta | None:
        """Return how late the feed is; None when that is not measured."""
        return min((lag for _, lag in self._lags), default=None)

    def has(self, symbol: str) -> bool:
        """Return whether there is a quote of a symbol, by its name in the feed."""
        return symbol in self._prices

    def quote(self, streamed: str, symbol: str, now: datetime) -> LiveQuote:
        """Return what is known. streamed: its name in the feed. symbol: as orders write it."""
        found = self._prices.get(streamed)
        lag = self.lag()
        if found is None:
            return LiveQuote(symbol, Quote(now), None, lag, (QuoteFlaw.MISSING,))
        quote, received_at = found
        is_frozen = self._heard_at is None or now - self._heard_at > self._trust.longest_silence
        as_of = received_at if is_frozen else self._heard_at or received_at
        flaws = (
            *flaws_of(quote, lag, self._trust),
            *((QuoteFlaw.FROZEN,) if is_frozen else ()),
        )
        return LiveQuote(symbol, replace(quote, at=as_of - (lag or timedelta(0))), received_at, lag, flaws)


def flaws_of(quote: Quote, lag: timedelta | None, trust: Trust) -> tuple[QuoteFlaw, ...]:
    """Return what is wrong with a quote by its own looks and by how late it is."""
    if quote.bid is None and quote.ask is None:
        return (QuoteFlaw.MISSING,)
    sided = (QuoteFlaw.ONE_SIDED,) if quote.bid is None or quote.ask is None else ()
    if lag is None:
        return (*sided, QuoteFlaw.UNMEASURED)
    return (*sided, QuoteFlaw.DELAYED) if lag > trust.longest_lag else sided
