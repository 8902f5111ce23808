"""Requests about quotes."""

from collections.abc import Iterator
from typing import Final

from engine.paper.instruments import Instrument
from engine.paper.market_views import quote_json
from engine.paper.routing import BAD_GATEWAY, Answer, Call, Route, bad_value, not_found
from engine.paper.wire import Json, items

_KINDS: Final = ("index", "equity", "equity-option", "future", "future-option", "cryptocurrency")
_MOST: Final = 100


def _market_data(call: Call) -> Answer:
    symbols = [symbol for kind in _KINDS for symbol in call.every(kind)]
    if len(symbols) > _MOST:
        raise bad_value("symbols", f"are more than {_MOST}")
    return Answer(items(row for symbol in symbols for row in _quotes(call, symbol)))


def _one_market_data(call: Call) -> Answer:
    for row in _quotes(call, call.names["symbol"]):
        return Answer(row)
    raise not_found(f"market data of {call.names['symbol']}")


def _quotes(call: Call, symbol: str) -> Iterator[Json]:
    instrument: Instrument | None = call.venue.exchange.listing.instrument(symbol, call.now)
    quote = None if instrument is None else call.venue.shown.quote(symbol, call.now)
    if instrument is not None and quote is not None:
        yield quote_json(instrument, quote)


MARKET_ROUTES: Final = (
    Route("market_data", "GET", "/market-data/by-type", _market_data, in_sandbox=BAD_GATEWAY),
    Route("one_market_data", "GET", "/market-data/{kind}/{symbol}", _one_market_data, in_sandbox=BAD_GATEWAY),
)
