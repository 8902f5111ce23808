"""Quotes by request, which say of each side whether it is there. The sandbox does not have them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from engine.adapters.tastytrade.connection import Ask, Connection
from engine.adapters.tastytrade.quote_book import Trust, flaws_of
from engine.adapters.tastytrade.values import Json, flag, moment, number, rows, text
from engine.model.contract import Contract
from engine.model.live_quote import LiveQuote
from engine.model.market import Quote
from engine.model.order import InstrumentKind

_MOST: Final = 100
_KEYS: Final[Mapping[InstrumentKind, str]] = {
    InstrumentKind.EQUITY: "equity",
    InstrumentKind.EQUITY_OPTION: "equity-option",
    InstrumentKind.FUTURE: "future",
    InstrumentKind.FUTURE_OPTION: "future-option",
}


async def requested_quotes(
    connection: Connection, contracts: Sequence[Contract], now: datetime, trust: Trust
) -> Mapping[str, LiveQuote]:
    """
    Return quotes by their symbols; those the broker does not know are left out.

    Raises: NothingSent or OrderRefused, as `ports.Broker` says of requests that read.
    """
    found: dict[str, LiveQuote] = {}
    for first in range(0, len(contracts), _MOST):
        ask = _ask(contracts[first : first + _MOST])
        data = await connection.ask(ask)
        for row in connection.read(ask, data, lambda answer: list(rows(answer))):
            found |= {quote.symbol: quote for quote in _quote(row, now, trust)}
    return found


def _ask(contracts: Sequence[Contract]) -> Ask:
    query: defaultdict[str, list[str]] = defaultdict(list)
    for contract in contracts:
        if contract.kind in _KEYS:
            query[_KEYS[contract.kind]].append(contract.symbol)
    return Ask("GET", "/market-data/by-type", "ask for quotes", query=dict(query))


def _quote(row: Json, now: datetime, trust: Trust) -> Iterator[LiveQuote]:
    symbol, at = text(row, "symbol"), moment(row, "updated-at")
    if not symbol or at is None:
        return
    bid, ask = (
        price if price is not None and price > 0 else None for price in (number(row, "bid"), number(row, "ask"))
    )
    lag = max(now - at, timedelta(0))
    quote = Quote(at, bid, ask, number(row, "last"))
    yield LiveQuote(symbol, quote, now, lag, flaws_of(quote, lag, trust), flag(row, "is-trading-halted"))
