"""The months of futures listed on a day, and the options on them."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from engine.model.instrument import Right
from engine.paper.expiries import Month, active_place, expiries, future_months, month_code, week_root
from engine.paper.instruments import Chain, Expiration, Future, FutureOption, Strike, plain
from engine.paper.products import Cadence, FutureProduct, Strikes, every
from engine.parse.sessions import last_trade

_OPTION: Final = re.compile(r"\.(?P<future>/[A-Z0-9]{2,6}) *(?P<contract>[A-Z0-9]{3,6}) *\d{6}[CP][\d.]+")
_NEAR: Final = Decimal("0.08")
_FAR: Final = Decimal("0.20")


class FutureListing:
    """Futures and their options as they follow from products and the calendar."""

    def __init__(self, products: tuple[FutureProduct, ...], *, has_streamers: bool) -> None:
        self._products = {product.code: product for product in products}
        self._has_streamers = has_streamers
        self._months = lru_cache(maxsize=64)(self._months_of)
        self._chains = lru_cache(maxsize=64)(self._chains_of)

    def products(self) -> tuple[FutureProduct, ...]:
        """Return every product."""
        return tuple(self._products.values())

    def futures(self, code: str, today: date) -> tuple[Future, ...]:
        """Return the months of a product listed on a day, the nearest first; empty when it is not known."""
        return self._months(code, today)

    def chains(self, code: str, today: date) -> tuple[Chain, ...]:
        """Return the options of a product listed on a day, a chain for each month that has some."""
        return self._chains(code, today)

    def future(self, symbol: str, today: date) -> Future | None:
        """Return the month a symbol names; None when it is not listed."""
        months = (month for code in self._products for month in self._months(code, today))
        return next((month for month in months if month.symbol == symbol), None)

    def option(self, symbol: str, today: date) -> FutureOption | None:
        """Return the option a symbol names; None when it is not listed."""
        match = _OPTION.fullmatch(symbol)
        future = None if match is None else self.future(match["future"], today)
        if match is None or future is None:
            return None
        found = (
            _named(self._products[future.product], expiration, strike, symbol)
            for chain in self._chains(future.product, today)
            for expiration in chain.expirations
            if expiration.contract == match["contract"]
            for strike in expiration.strikes
            if symbol in (strike.call, strike.put)
        )
        return next(found, None)

    def _months_of(self, code: str, today: date) -> tuple[Future, ...]:
        product = self._products.get(code)
        if product is None:
            return ()
        months = future_months(product, today)
        active = active_place(months, today)
        return tuple(_future(product, months, place, active) for place in range(len(months)))

    def _chains_of(self, code: str, today: date) -> tuple[Chain, ...]:
        product = self._products.get(code)
        if product is None or not product.option_root:
            return ()
        months = future_months(product, today)
        by_month: dict[Month, list[Expiration]] = {month: [] for month in months}
        days = {*expiries(Cadence.DAILY, today), *(month.expiry for month in months)}
        for day in sorted(days):
            month = next((each for each in months if each.expiry >= day), None)
            root = "" if month is None else _root(product, month, day)
            stops = last_trade("/", day)
            if month is not None and root and stops is not None:
                by_month[month].append(self._expiration(product, month, (day, stops), root))
        return tuple(
            Chain(f"/{code}{month.code()}", f"/{code}", product.option_ticks, tuple(found))
            for month, found in by_month.items()
            if found
        )

    def _expiration(self, product: FutureProduct, month: Month, end: tuple[date, datetime], root: str) -> Expiration:
        day, stops = end
        future = f"/{product.code}{month.code()}"
        contract = f"{root}{month_code(day)}"
        start = f"{'.' + future:<7}{contract:<6}{day:%y%m%d}"
        streamer = f"./{root}{month_code(day, 2)}"
        strikes = tuple(
            Strike(price, *self._names(start, streamer, product.venue, price))
            for price in _laid(product.strikes, product.anchor)
        )
        kind = "Regular" if root == product.option_root else "Weekly"
        return Expiration(future, root, day, kind, "PM", product.option_ticks, stops, strikes, contract)

    def _names(self, start: str, streamer: str, venue: str, price: Decimal) -> tuple[str, str, str, str]:
        names = (f"{start}C{plain(price)}", f"{start}P{plain(price)}")
        if not self._has_streamers:
            return *names, "", ""
        return *names, f"{streamer}C{plain(price)}:{venue}", f"{streamer}P{plain(price)}:{venue}"


def _named(product: FutureProduct, expiration: Expiration, strike: Strike, symbol: str) -> FutureOption:
    is_call = symbol == strike.call
    return FutureOption(
        symbol=symbol,
        underlying=expiration.underlying,
        product=product.code,
        root=expiration.root,
        contract=expiration.contract,
        exchange=product.exchange,
        expiry=expiration.expiry,
        right=Right.CALL if is_call else Right.PUT,
        strike=strike.price,
        ticks=product.option_ticks,
        multiplier=product.multiplier,
        expiration_type=expiration.expiration_type,
        streamer_symbol=strike.call_streamer if is_call else strike.put_streamer,
        stops_trading_at=expiration.stops_trading_at,
    )


def _root(product: FutureProduct, month: Month, day: date) -> str:
    return product.option_root if day == month.expiry else week_root(product, day)


def _laid(strikes: Strikes, anchor: Decimal) -> tuple[Decimal, ...]:
    """Return every wide strike within reach, and every fine one close by."""
    return tuple(sorted({*every(strikes.step, anchor, _NEAR), *every(strikes.wide, anchor, _FAR)}))


def _future(product: FutureProduct, months: tuple[Month, ...], place: int, active: int) -> Future:
    month = months[place]
    stops = last_trade("/", month.expiry)
    if stops is None:
        raise ValueError(f"{product.code} expires on {month.expiry}, which is no trading day")
    following = months[min(place + 1, len(months) - 1)]
    return Future(
        symbol=f"/{product.code}{month.code()}",
        product=product.code,
        description=product.description,
        exchange=product.exchange,
        delivery=month.delivery,
        expiry=month.expiry,
        ticks=product.ticks,
        option_ticks=product.option_ticks,
        multiplier=product.multiplier,
        margin=product.margin,
        streamer_symbol=f"/{product.code}{month.code(2)}:{product.venue}",
        stops_trading_at=stops,
        is_active_month=place == active,
        is_next_active_month=place == active + 1,
        roll_target=f"/{product.code}{following.code()}",
    )
