"""A market made up from a seed: prices that wander, and options priced from them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from math import exp
from typing import Final

from engine.model.instrument import Right
from engine.paper.hours import coming_session, last_session_before, trading_day, trading_session
from engine.paper.instruments import (
    Equity,
    EquityOption,
    Future,
    FutureOption,
    Instrument,
    rounded_down,
    rounded_up,
    tick_at,
)
from engine.paper.listing import Listing
from engine.paper.quotes import Greeks, Quote
from engine.paper.surface import Terms, greeks, price
from engine.paper.wander import lattice, wander

_YEAR: Final = timedelta(days=365)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_CARRY: Final = 0.03  # a year, of futures
# What follows the same path as something else.
_DRIVERS: Final = {"SPY": "SPX", "ES": "SPX", "MES": "SPX", "QQQ": "NDX", "NQ": "NDX", "MNQ": "NDX"}


class SyntheticMarket:
    """
    Quotes of everything a listing lists, the same for the same seed.

    Prices change every `step` while their market is open and stand still while it is closed. Mids of options
    allow no arbitrage, and every bid is at or below its mid and every ask at or above it.
    """

    def __init__(self, listing: Listing, seed: int = 0, step: timedelta = timedelta(seconds=1)) -> None:
        self._listing = listing
        self._seed = seed
        self._step = step
        self._futures = {product.code: product for product in listing.future_products()}
        self._instrument = lru_cache(maxsize=4096)(self._instrument_on)
        self._made = lru_cache(maxsize=65536)(self._make)
        self._stands = lru_cache(maxsize=4096)(self._standing)

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        """Return the quote that stands at a moment; None for what is not listed or has expired."""
        found = self._stands(symbol, now)
        return None if found is None else self._made(symbol, found[1])

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        """Return the model's figures for an option; None for anything else."""
        found = self._stands(symbol, now)
        if found is None or not isinstance(found[0], EquityOption | FutureOption):
            return None
        return greeks(self._terms(found[0], found[1]))

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        """Return the first moment after another at which one of the quotes may change; None when none will."""
        found = [self._instrument(symbol, _day_of(after)) for symbol in symbols]
        changes = [self._change(instrument, after) for instrument in found if instrument is not None]
        return min(changes, default=None)

    def _change(self, instrument: Instrument, after: datetime) -> datetime:
        following = self._floor(after) + self._step
        session = trading_session(instrument, following, is_extended=True)
        return following if session is not None else coming_session(instrument, following, is_extended=True).open

    def _instrument_on(self, symbol: str, day: datetime) -> Instrument | None:
        return self._listing.instrument(symbol, day)

    def _standing(self, symbol: str, now: datetime) -> tuple[Instrument, datetime] | None:
        """Return an instrument and since when its quote stands."""
        instrument = self._instrument(symbol, _day_of(now))
        if instrument is None:
            return None
        ends = getattr(instrument, "stops_trading_at", now)
        if now > ends:
            return None
        session = trading_session(instrument, now, is_extended=True)
        if session is not None:
            return instrument, max(self._floor(now), session.open)
        return instrument, self._floor(last_session_before(instrument, now, is_extended=True).close) - self._step

    def _floor(self, moment: datetime) -> datetime:
        return _EPOCH + (moment - _EPOCH) // self._step * self._step

    def _make(self, symbol: str, at: datetime) -> Quote | None:
        instrument = self._instrument(symbol, _day_of(at))
        if instrument is None:
            return None
        match instrument:
            case EquityOption() | FutureOption():
                mid = price(self._terms(instrument, at))
                return self._around(instrument, mid, 0.004 + 0.012 * mid, at)
            case Equity(is_index=True):
                return Quote(at, None, None, last=round(Decimal(self.spot(symbol, at)), 2))
            case _:
                mid = self.spot(symbol, at)
                return self._around(instrument, mid, 0.00001 * mid, at)

    def spot(self, symbol: str, at: datetime) -> float:
        """Return the mid of a share, an index or a future at a moment, in dollars."""
        share = self._listing.shares.get(symbol)
        if share is not None:
            return float(share.anchor) * self._path(symbol, share.volatility, at)
        future = self._instrument(symbol, _day_of(at))
        if not isinstance(future, Future):
            raise KeyError(symbol)
        product = self._futures[future.product]
        years = (future.stops_trading_at - at) / _YEAR
        return float(product.anchor) * self._path(product.code, product.volatility, at) * (1 + _CARRY * years)

    def _path(self, name: str, volatility: float, at: datetime) -> float:
        moved = volatility * wander(f"{self._seed}/{_DRIVERS.get(name, name)}", at)
        return exp(moved)

    def _terms(self, option: EquityOption | FutureOption, at: datetime) -> Terms:
        if isinstance(option, EquityOption):
            volatility = self._listing.shares[option.underlying].volatility
        else:
            volatility = self._futures[option.product].volatility
        years = (option.stops_trading_at - at) / _YEAR
        forward = self.spot(option.underlying, at)
        return Terms(forward, float(option.strike), years, volatility, option.right is Right.CALL)

    def _around(self, instrument: Instrument, mid: float, half: float, at: datetime) -> Quote:
        """Return a quote on ticks about a mid; without a bid when that would be nothing."""
        exact = Decimal(mid)
        bid = rounded_down(instrument.ticks, max(Decimal(0), Decimal(mid - half)))
        ask = max(rounded_up(instrument.ticks, Decimal(mid + half)), bid + tick_at(instrument.ticks, bid))
        return Quote(
            at=at,
            bid=bid if bid > 0 else None,
            ask=ask,
            bid_size=self._size(instrument, "bid", at),
            ask_size=self._size(instrument, "ask", at),
            last=rounded_down(instrument.ticks, exact) or tick_at(instrument.ticks, exact),
        )

    def _size(self, instrument: Instrument, side: str, at: datetime) -> int:
        chance = (lattice(f"{self._seed}/{instrument.symbol}/{side}", 0, int(at.timestamp())) + 1) / 2
        return 100 + int(chance * 1900) if isinstance(instrument, Equity) else 5 + int(chance * 195)


def _day_of(moment: datetime) -> datetime:
    """Return one moment for a whole trading day, so that lookups can be kept for it."""
    day = trading_day(moment)
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
