"""Names in the quote stream, and what they name."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from engine.paper.hours import trading_day
from engine.paper.listing import Listing

_OPTION: Final = re.compile(r"\.(?P<root>[A-Z0-9]{1,6})(?P<day>\d{6})(?P<right>[CP])(?P<strike>\d+(?:\.\d+)?)")


class FeedSymbols:
    """The names of everything a listing lists."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._futures: dict[date, dict[str, str]] = {}

    def order_symbol(self, name: str, now: datetime) -> str:
        """Return the symbol orders use for a name in the stream; the name itself when it is one of no other kind."""
        if name.startswith(("/", "./")):
            return self._futures_on(now).get(name, name)
        match = _OPTION.fullmatch(name)
        if match is None:
            return name
        return f"{match['root']:<6}{match['day']}{match['right']}{int(Decimal(match['strike']) * 1000):08d}"

    def _futures_on(self, now: datetime) -> dict[str, str]:
        day = trading_day(now)
        if day not in self._futures:
            self._futures = {day: self._futures_at(now)}
        return self._futures[day]

    def _futures_at(self, now: datetime) -> dict[str, str]:
        names: dict[str, str] = {}
        for product in self._listing.future_products():
            for future in self._listing.futures(product.code, now):
                names[future.streamer_symbol] = future.symbol
            for chain in self._listing.future_chains(product.code, now):
                for expiration in chain.expirations:
                    for strike in expiration.strikes:
                        names[strike.call_streamer] = strike.call
                        names[strike.put_streamer] = strike.put
        return names
