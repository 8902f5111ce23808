"""Requests that look for instruments, and about those that are shown but never traded: cryptocurrencies."""

from collections.abc import Iterator
from typing import Final

from engine.paper.instruments import Equity, Future
from engine.paper.routing import Answer, Call, Route, bad_value, not_found, whole
from engine.paper.wire import Json, items, moment

_MOST: Final = 25
_COINS: Final = {"BTC/USD": "Bitcoin", "ETH/USD": "Ethereum", "LTC/USD": "Litecoin"}
_DIGITS: Final = 8
_PRECISIONS: Final = {"Equity": 5, "Equity Option": 0, "Future": 0, "Future Option": 0}


def _search(call: Call) -> Answer:
    limit = whole(call.one("limit", str(_MOST)))
    if limit is None:
        raise bad_value("limit")
    wanted, kind = call.one("query").casefold(), call.one("type")
    found = (
        row
        for row in _searchable(call)
        if wanted in f"{row['symbol']} {row['description']}".casefold() and kind in ("", row["instrument-type"])
    )
    return Answer(items(row for row, _ in zip(found, range(limit), strict=False)))


def _searchable(call: Call) -> Iterator[Json]:
    listing = call.venue.exchange.listing
    for product in listing.future_products():
        yield from (_future_row(future) for future in listing.futures(product.code, call.now))
    yield from (_equity_row(equity) for equity in listing.equities())


def _future_row(future: Future) -> Json:
    return {
        "description": f"{future.description} {future.delivery:%B %Y}",
        "exchange": future.exchange,
        "instrument-type": future.instrument_type.value,
        "stops-trading-at": moment(future.stops_trading_at),
        "symbol": future.symbol,
    }


def _equity_row(equity: Equity) -> Json:
    return {
        "description": equity.description,
        "exchange": "ARCX" if equity.is_etf else "XNAS",
        "instrument-type": equity.instrument_type.value,
        "symbol": equity.symbol,
    }


def _coins(call: Call) -> Answer:
    wanted = call.every("symbol")
    return Answer(items(_coin_json(symbol) for symbol in _COINS if not wanted or symbol in wanted))


def _coin(call: Call) -> Answer:
    symbol = call.names["symbol"]
    if symbol not in _COINS:
        raise not_found(f"cryptocurrency {symbol}")
    return Answer(_coin_json(symbol))


def _coin_json(symbol: str) -> Json:
    """Write a coin. None can be ordered: the broker takes no orders for them through its API either."""
    place = list(_COINS).index(symbol) + 1
    venue: Json = {
        "destination-venue": "ZERO_HASH_CLOB",
        "id": place,
        "max-price-precision": 2,
        "max-quantity-precision": _DIGITS,
        "routable": True,
        "symbol": symbol,
    }
    return {
        "active": True,
        "description": f"{_COINS[symbol]} to USD",
        "destination-venue-symbols": [venue],
        "id": place,
        "instrument-type": "Cryptocurrency",
        "is-closing-only": False,
        "short-description": _COINS[symbol],
        "streamer-symbol": f"{symbol}:CXTALP",
        "symbol": symbol,
        "tick-size": "0.01",
    }


def _precisions(call: Call) -> Answer:
    coins: list[Json] = [
        {
            "instrument-type": "Cryptocurrency",
            "minimum-increment-precision": _DIGITS,
            "symbol": symbol,
            "value": _DIGITS,
        }
        for symbol in _COINS
    ]
    others: list[Json] = [
        {"instrument-type": kind, "minimum-increment-precision": 0, "value": value}
        for kind, value in _PRECISIONS.items()
    ]
    return Answer(items([*others, *coins]))


_INSTRUMENTS: Final = "/instruments"
SEARCH_ROUTES: Final = (
    Route("search_instruments", "GET", f"{_INSTRUMENTS}/search", _search),
    Route("cryptocurrencies", "GET", f"{_INSTRUMENTS}/cryptocurrencies", _coins),
    Route("cryptocurrency", "GET", f"{_INSTRUMENTS}/cryptocurrencies/{{symbol}}", _coin),
    Route("quantity_precisions", "GET", f"{_INSTRUMENTS}/quantity-decimal-precisions", _precisions),
)
