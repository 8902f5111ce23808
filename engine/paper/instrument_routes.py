"""Requests about what is listed."""

from collections.abc import Iterator
from typing import Final

from engine.paper.future_views import future_chains_json, future_json, future_option_json, product_json
from engine.paper.hours import trading_day
from engine.paper.instrument_views import chain_json, compact_chain_json, equity_json, option_json
from engine.paper.instruments import Chain, Equity, EquityOption, Future, FutureOption
from engine.paper.listing import Listing
from engine.paper.paging import page
from engine.paper.products import FutureProduct
from engine.paper.routing import FORBIDDEN, Answer, Call, Route, not_found
from engine.paper.wire import Json, items

_PER_PAGE: Final = 250


def _listing(call: Call) -> Listing:
    return call.venue.exchange.listing


def _equity(call: Call) -> Answer:
    found = _listing(call).instrument(call.names["symbol"], call.now)
    if not isinstance(found, Equity):
        raise not_found(f"equity {call.names['symbol']}")
    return Answer(equity_json(found))


def _equities(call: Call) -> Answer:
    wanted = call.every("symbol")
    is_index, is_etf = call.one("is-index"), call.one("is-etf")
    found = [
        equity
        for equity in _listing(call).equities()
        if (not wanted or equity.symbol in wanted)
        and is_index in ("", str(equity.is_index).lower())
        and is_etf in ("", str(equity.is_etf).lower())
    ]
    return page(call, [equity_json(equity) for equity in found], _PER_PAGE)


def _option(call: Call) -> Answer:
    found = _listing(call).instrument(call.names["symbol"], call.now)
    if not isinstance(found, EquityOption):
        raise not_found(f"option {call.names['symbol']}")
    return Answer(option_json(found, trading_day(call.now)))


def _options(call: Call) -> Answer:
    found = [_listing(call).instrument(symbol, call.now) for symbol in call.every("symbol")]
    today = trading_day(call.now)
    return Answer(items(option_json(option, today) for option in found if isinstance(option, EquityOption)))


def _chains(call: Call) -> tuple[Chain, ...]:
    chains = _listing(call).chains(call.names["symbol"], call.now)
    if not chains:
        raise not_found(f"option chain {call.names['symbol']}")
    return chains


def _nested_chain(call: Call) -> Answer:
    today = trading_day(call.now)
    return Answer(items(chain_json(chain, today) for chain in _chains(call)))


def _compact_chain(call: Call) -> Answer:
    return Answer(items(compact_chain_json(chain) for chain in _chains(call)))


def _flat_chain(call: Call) -> Answer:
    return Answer(items(_options_of(call, _chains(call))))


def _options_of(call: Call, chains: tuple[Chain, ...]) -> Iterator[Json]:
    listing, today = _listing(call), trading_day(call.now)
    for symbol in _symbols(chains):
        match listing.instrument(symbol, call.now):
            case EquityOption() as option:
                yield option_json(option, today)
            case FutureOption() as option:
                yield future_option_json(option, today)


def _symbols(chains: tuple[Chain, ...]) -> Iterator[str]:
    for chain in chains:
        for expiration in chain.expirations:
            for strike in expiration.strikes:
                yield strike.call
                yield strike.put


def _products(call: Call) -> dict[str, FutureProduct]:
    return {product.code: product for product in _listing(call).future_products()}


def _future_products(call: Call) -> Answer:
    return Answer(items(product_json(product) for product in _products(call).values()))


def _future_product(call: Call) -> Answer:
    product = _products(call).get(call.names["code"])
    if product is None:
        raise not_found(f"future product {call.names['code']}")
    return Answer(product_json(product))


def _future(call: Call) -> Answer:
    found = _listing(call).instrument(f"/{call.names['symbol'].lstrip('/')}", call.now)
    if not isinstance(found, Future):
        raise not_found(f"future {call.names['symbol']}")
    return Answer(future_json(found, _products(call)[found.product]))


def _futures(call: Call) -> Answer:
    wanted = {f"/{symbol.lstrip('/')}" for symbol in call.every("symbol")}
    codes = [code.lstrip("/") for code in call.every("product-code")]
    found = [
        future_json(future, product)
        for code, product in _products(call).items()
        for future in _listing(call).futures(code, call.now)
        if (future.symbol in wanted if wanted else not codes or code in codes)
    ]
    return page(call, found, _PER_PAGE)


def _future_option(call: Call) -> Answer:
    found = _listing(call).instrument(call.names["symbol"], call.now)
    if not isinstance(found, FutureOption):
        raise not_found(f"future option {call.names['symbol']}")
    return Answer(future_option_json(found, trading_day(call.now)))


def _future_chains(call: Call) -> tuple[Chain, ...]:
    chains = _listing(call).future_chains(call.names["symbol"], call.now)
    if not chains:
        raise not_found(f"future option chain {call.names['symbol']}")
    return chains


def _nested_future_chain(call: Call) -> Answer:
    futures = _listing(call).futures(call.names["symbol"], call.now)
    return Answer(future_chains_json(_future_chains(call), futures, trading_day(call.now)))


def _flat_future_chain(call: Call) -> Answer:
    return Answer(items(_options_of(call, _future_chains(call))))


_INSTRUMENTS: Final = "/instruments"
INSTRUMENT_ROUTES: Final = (
    Route("active_equities", "GET", f"{_INSTRUMENTS}/equities/active", _equities),
    Route("equity", "GET", f"{_INSTRUMENTS}/equities/{{symbol}}", _equity),
    Route("equities", "GET", f"{_INSTRUMENTS}/equities", _equities),
    Route("option", "GET", f"{_INSTRUMENTS}/equity-options/{{symbol}}", _option),
    Route("options", "GET", f"{_INSTRUMENTS}/equity-options", _options, in_sandbox=FORBIDDEN),
    Route("nested_chain", "GET", "/option-chains/{symbol}/nested", _nested_chain),
    Route("compact_chain", "GET", "/option-chains/{symbol}/compact", _compact_chain),
    Route("flat_chain", "GET", "/option-chains/{symbol}", _flat_chain),
    Route("future_products", "GET", f"{_INSTRUMENTS}/future-products", _future_products),
    Route("future_product", "GET", f"{_INSTRUMENTS}/future-products/{{exchange}}/{{code}}", _future_product),
    Route("future", "GET", f"{_INSTRUMENTS}/futures/{{symbol}}", _future),
    Route("futures", "GET", f"{_INSTRUMENTS}/futures", _futures),
    Route("future_option", "GET", f"{_INSTRUMENTS}/future-options/{{symbol}}", _future_option),
    Route("nested_future_chain", "GET", "/futures-option-chains/{symbol}/nested", _nested_future_chain),
    Route("flat_future_chain", "GET", "/futures-option-chains/{symbol}", _flat_future_chain),
)
