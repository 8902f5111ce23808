"""What is listed on a day: shares, chains of options, months of futures; with the gaps a sandbox has."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from engine.model.instrument import Right
from engine.paper.expiries import expiries, is_monthly
from engine.paper.future_listing import FutureListing
from engine.paper.hours import trading_day
from engine.paper.instruments import Chain, Equity, EquityOption, Expiration, Future, Instrument, Strike, plain
from engine.paper.products import FUTURES, SHARE_TICKS, SHARES, FutureProduct, Root, Share, Strikes, every
from engine.parse.sessions import last_trade

_OCC: Final = re.compile(r"([A-Z0-9]{1,6}) {0,5}(\d{6})([CP])(\d{8})")
_OCC_LENGTH: Final = 21
_NEAR_DAYS: Final = 45
_NEAR: Final = Decimal("0.12")
_FAR: Final = Decimal("0.40")
_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True)
class Gaps:
    """
    What a sandbox does not list.

    lacks_today: options that expire today. fridays_only: of the rest only Fridays. missing_one_in: strikes, by
    chance of the seed; 0 for none. lacks_future_streamers: options on futures have no names in the quote stream.
    """

    seed: int = 0
    lacks_today: bool = True
    fridays_only: bool = True
    missing_one_in: int = 12
    lacks_future_streamers: bool = True


NO_GAPS: Final = Gaps(lacks_today=False, fridays_only=False, missing_one_in=0, lacks_future_streamers=False)


class Listing:
    """Everything an environment lists; what is listed on a day follows from the products and the calendar."""

    def __init__(
        self,
        shares: tuple[Share, ...] = SHARES,
        futures: tuple[FutureProduct, ...] = FUTURES,
        gaps: Gaps = NO_GAPS,
    ) -> None:
        self.shares = {product.symbol: product for product in shares}
        self.gaps = gaps
        self._futures = FutureListing(futures, has_streamers=not gaps.lacks_future_streamers)
        self._roots = {root.name: (product, root) for product in shares for root in product.roots}
        self._equities = {product.symbol: _equity(place, product) for place, product in enumerate(shares)}
        self._chain = lru_cache(maxsize=256)(self._chain_of)
        self._expiries = lru_cache(maxsize=256)(self._expiries_of)

    def instrument(self, symbol: str, now: datetime) -> Instrument | None:
        """Return what a symbol names if it is listed now; None when it is not, or no longer."""
        today = trading_day(now)
        if symbol in self._equities:
            return self._equities[symbol]
        if symbol.startswith("./"):
            return self._futures.option(symbol, today)
        if symbol.startswith("/"):
            return self._futures.future(symbol, today)
        return self._option(symbol, today)

    def equities(self) -> tuple[Equity, ...]:
        """Return every share, fund and index."""
        return tuple(self._equities.values())

    def chains(self, symbol: str, now: datetime) -> tuple[Chain, ...]:
        """
        Return the options listed now for an underlying ("SPX": two roots) or for one root ("SPXW").

        Empty when there are none.
        """
        if symbol in self.shares:
            roots = [root.name for root in self.shares[symbol].roots]
        else:
            roots = [symbol] if symbol in self._roots else []
        return tuple(self._chain(root, trading_day(now)) for root in roots)

    def future_products(self) -> tuple[FutureProduct, ...]:
        """Return every product of futures."""
        return self._futures.products()

    def futures(self, code: str, now: datetime) -> tuple[Future, ...]:
        """Return the months listed now of a product, with or without its slash; empty when it is not known."""
        return self._futures.futures(code.lstrip("/"), trading_day(now))

    def future_chains(self, code: str, now: datetime) -> tuple[Chain, ...]:
        """Return the options listed now on a product of futures: one chain for each month of it."""
        return self._futures.chains(code.lstrip("/"), trading_day(now))

    def _option(self, symbol: str, today: date) -> EquityOption | None:
        match = _OCC.fullmatch(symbol) if len(symbol) == _OCC_LENGTH else None
        if match is None or match[1] not in self._roots:
            return None
        product, root = self._roots[match[1]]
        strike = Decimal(match[4]) / 1000
        expiry = next((day for day in self._expiries(root, today) if f"{day:%y%m%d}" == match[2]), None)
        if expiry is None or strike not in self._strikes(product, root, expiry, today):
            return None
        stops = last_trade(root.name, expiry)
        if stops is None:
            return None
        return EquityOption(
            symbol=symbol,
            root=root.name,
            underlying=product.symbol,
            expiry=expiry,
            right=Right.CALL if match[3] == "C" else Right.PUT,
            strike=strike,
            ticks=product.option_ticks,
            expiration_type="Regular" if is_monthly(expiry) else "Weekly",
            settlement=root.settlement,
            stops_trading_at=stops,
            is_european=root.is_european,
        )

    def _chain_of(self, name: str, today: date) -> Chain:
        product, root = self._roots[name]
        expirations = (self._expiration(product, root, expiry, today) for expiry in self._expiries(root, today))
        listed = tuple(expiration for expiration in expirations if expiration is not None)
        return Chain(product.symbol, name, product.option_ticks, listed)

    def _expiries_of(self, root: Root, today: date) -> tuple[date, ...]:
        days = expiries(root.cadence, today)
        if self.gaps.lacks_today:
            days = tuple(day for day in days if day > today)
        if self.gaps.fridays_only:
            days = tuple(day for day in days if day.weekday() == _FRIDAY or is_monthly(day))
        return days

    def _expiration(self, product: Share, root: Root, expiry: date, today: date) -> Expiration | None:
        stops = last_trade(root.name, expiry)
        if stops is None:
            return None
        day = f"{expiry:%y%m%d}"
        return Expiration(
            underlying=product.symbol,
            root=root.name,
            expiry=expiry,
            expiration_type="Regular" if is_monthly(expiry) else "Weekly",
            settlement=root.settlement,
            ticks=product.option_ticks,
            stops_trading_at=stops,
            strikes=tuple(_strike(root.name, day, price) for price in self._strikes(product, root, expiry, today)),
        )

    def _strikes(self, product: Share, root: Root, expiry: date, today: date) -> tuple[Decimal, ...]:
        laid = laid_strikes(product.strikes, product.anchor, (expiry - today).days)
        return tuple(price for price in laid if not self._is_missing(root.name, expiry, price))

    def _is_missing(self, root: str, expiry: date, strike: Decimal) -> bool:
        one_in = self.gaps.missing_one_in
        if not one_in:
            return False
        digest = blake2b(f"{self.gaps.seed}/{root}/{expiry}/{strike}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") % one_in == 0


@lru_cache(maxsize=256)
def laid_strikes(strikes: Strikes, anchor: Decimal, days: int) -> tuple[Decimal, ...]:
    """Return the strikes of an expiry so many days away: it only ever gains some as it comes nearer."""
    found = set(every(strikes.wide, anchor, _FAR))
    if days <= _NEAR_DAYS:
        found |= set(every(strikes.step, anchor, _NEAR))
    return tuple(sorted(found))


def _strike(root: str, expiry: str, price: Decimal) -> Strike:
    digits, short = _written(price)
    start, streamer = f"{root:<6}{expiry}", f".{root}{expiry}"
    return Strike(price, f"{start}C{digits}", f"{start}P{digits}", f"{streamer}C{short}", f"{streamer}P{short}")


@lru_cache(maxsize=16384)
def _written(price: Decimal) -> tuple[str, str]:
    return f"{int(price * 1000):08d}", plain(price)


def _equity(place: int, product: Share) -> Equity:
    return Equity(
        symbol=product.symbol,
        id=place + 1,
        description=product.description,
        ticks=SHARE_TICKS,
        option_ticks=product.option_ticks,
        is_etf=product.is_etf,
        is_index=product.is_index,
    )
