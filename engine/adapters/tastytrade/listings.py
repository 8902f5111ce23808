"""Looking up what the broker lists."""

from collections.abc import Callable
from urllib.parse import quote

from engine.adapters.tastytrade.connection import Ask, Connection
from engine.adapters.tastytrade.instruments_read import chain, equity, future, future_chain, future_option, option
from engine.adapters.tastytrade.values import Json, rows, text
from engine.model.contract import Chain, Contract
from engine.model.order import InstrumentKind
from engine.model.symbols import kind_of

_PER_PAGE = 250


class Listings:
    """Instruments and chains of one environment. Nothing is remembered: what is listed changes by the day."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def contract(self, symbol: str) -> Contract | None:
        """See ports.Broker."""
        match kind_of(symbol):
            case InstrumentKind.EQUITY_OPTION:
                return await self._option(symbol)
            case InstrumentKind.FUTURE_OPTION:
                return await self._future_option(symbol)
            case InstrumentKind.FUTURE:
                found = await self._row(_future_path(symbol), symbol)
                return None if found is None else self._read(symbol, found, future)
            case _:
                found = await self._row(_equity_path(symbol), symbol)
                return None if found is None else self._read(symbol, found, equity)

    async def futures(self, root: str) -> tuple[Contract, ...]:
        """See ports.Broker."""
        ask = Ask("GET", "/instruments/futures", f"list the futures of {root}", query={"product-code[]": root})
        found = await self._connection.every(ask, _PER_PAGE)
        return tuple(self._connection.read(ask, row, future) for row in found)

    async def chain(self, underlying: str) -> Chain | None:
        """See ports.Broker."""
        is_future = underlying.startswith("/")
        kind = "futures-option-chains" if is_future else "option-chains"
        ask = Ask("GET", f"/{kind}/{_segment(underlying.lstrip('/'))}/nested", f"list the options on {underlying}")
        data = await self._connection.look_up(ask)
        if data is None:
            return None
        contracts = self._connection.read(ask, data, _future_chains if is_future else _chains)
        return Chain(underlying, contracts) if contracts else None

    async def _option(self, symbol: str) -> Contract | None:
        row = await self._row(f"/instruments/equity-options/{_segment(symbol)}", symbol)
        if row is None:
            return None
        share = await self._row(_equity_path(text(row, "underlying-symbol")), symbol)
        return self._read(symbol, row, lambda found: option(found, share))

    async def _future_option(self, symbol: str) -> Contract | None:
        row = await self._row(f"/instruments/future-options/{_segment(symbol)}", symbol)
        if row is None:
            return None
        month = await self._row(_future_path(text(row, "underlying-symbol")), symbol)
        return self._read(symbol, row, lambda found: future_option(found, month))

    async def _row(self, path: str, symbol: str) -> Json | None:
        return await self._connection.look_up(_ask(path, symbol))

    def _read(self, symbol: str, row: Json, reader: Callable[[Json], Contract]) -> Contract:
        return self._connection.read(_ask("", symbol), row, reader)


def _ask(path: str, symbol: str) -> Ask:
    return Ask("GET", path, f"look up {symbol}")


def _chains(data: Json) -> tuple[Contract, ...]:
    return tuple(contract for root in rows(data) for contract in chain(root))


def _future_chains(data: Json) -> tuple[Contract, ...]:
    return tuple(contract for month in rows(data, "option-chains") for contract in future_chain(month))


def _equity_path(symbol: str) -> str:
    return f"/instruments/equities/{_segment(symbol)}"


def _future_path(symbol: str) -> str:
    return f"/instruments/futures/{_segment(symbol.lstrip('/'))}"


def _segment(symbol: str) -> str:
    return quote(symbol, safe="")
