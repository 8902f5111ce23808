"""The listed contracts that the legs of alerts mean, looked up at the broker and kept for the day."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from engine.decide.ids import root_of
from engine.model.alert import Asset, Leg
from engine.model.contract import Chain, Contract
from engine.model.instrument import Option
from engine.model.order import InstrumentKind
from engine.model.symbols import FutureMonth, future_of, option_of
from engine.parse.exits import UNDERLYING, describe
from engine.ports import BrokerReader

_Found = TypeVar("_Found")
_TWO_ROOTS: Final = frozenset(UNDERLYING.values())


@dataclass(frozen=True, slots=True)
class NotListed:
    """What a leg means is not listed, or more than one contract is. why: one sentence, naming the nearest."""

    leg: Leg
    why: str


class Contracts:
    """
    What one broker lists, each thing looked up once a day; what was not found is asked for again.

    Every method may raise NothingSent and OrderRefused. on: the day in New York; what was kept of another day is
    forgotten. None: the day that was named last.
    """

    def __init__(self, broker: BrokerReader) -> None:
        self._broker = broker
        self._day: date | None = None
        self._symbols: dict[str, Contract] = {}
        self._chains: dict[str, Chain] = {}
        self._months: dict[str, tuple[Contract, ...]] = {}

    async def of(self, legs: Sequence[Leg], on: date, held: Collection[str] = ()) -> Mapping[Leg, Contract] | NotListed:
        """
        Return the contract of each leg, or the first that is not listed, or could be several.

        held: symbols of what the account holds: a leg that closes means one of these where it could be several, so
        that a future is closed in the month it was opened in.
        """
        found: dict[Leg, Contract] = {}
        for leg in legs:
            contract = await self._of_leg(leg, on, () if leg.action.opens else held)
            if isinstance(contract, NotListed):
                return contract
            found[leg] = contract
        return found

    async def by_symbol(self, symbol: str, on: date | None = None) -> Contract | None:
        """Return an instrument by the symbol orders write; None when the broker does not list it."""
        return await self._kept(self._symbols, symbol, self._broker.contract, on)

    async def underlying(self, symbol: str, on: date | None = None) -> Contract | None:
        """Return the shares or the index options are on ("SPX" for SPXW); None when the broker does not list it."""
        return await self.by_symbol(root_of(symbol), on)

    async def future(self, symbol: str, on: date | None = None) -> Contract | None:
        """Return a future: the month that "/ESZ6" says, the active one of "/ES"; None when there is none."""
        months = await self._months_of(_future_root(symbol), on)
        month = _month(symbol, self._day)
        if month is None:
            return next((each for each in months if each.is_active_month and each.is_active is not False), None)
        return next((each for each in months if _is_month(each.symbol, month, self._day)), None)

    async def chain(self, underlying: str, on: date | None = None) -> Chain | None:
        """Return the options on an underlying: of "SPX" also SPXW's, of "/ES" every month's; None for none."""
        root = _future_root(underlying) if underlying.startswith("/") else root_of(underlying)
        return await self._kept(self._chains, root, self._broker.chain, on)

    def forget(self, symbol: str = "") -> None:
        """Forget what is known of one symbol or underlying, of everything when none is named."""
        for kept in (self._symbols, self._chains, self._months):
            if symbol:
                kept.pop(symbol, None)
            else:
                kept.clear()

    async def _of_leg(self, leg: Leg, on: date, held: Collection[str]) -> Contract | NotListed:
        if leg.symbol is None:
            return NotListed(leg, "the alert names no symbol")
        if leg.asset is Asset.FUTURE:
            return await self._of_future(leg, leg.symbol, on, held)
        if leg.asset is Asset.STOCK:
            found = await self.by_symbol(leg.symbol, on)
            return found or NotListed(leg, f"the broker lists no {leg.symbol}")
        if leg.expiry is None or leg.strike is None or leg.right is None:
            return NotListed(leg, f"{describe((leg,))} names no contract")
        return await self._of_option(leg, on, held)

    async def _of_future(self, leg: Leg, symbol: str, on: date, held: Collection[str]) -> Contract | NotListed:
        root = _future_root(symbol)
        if _month(symbol, on) is None:
            mine = [each for each in held if _month(each, on) is not None and _future_root(each) == root]
            if len(mine) > 1:
                return NotListed(leg, f"{', '.join(sorted(mine))} are all held: which is meant?")
            symbol = mine[0] if mine else symbol
        found = await self.future(symbol, on)
        if found is not None:
            return found
        months = ", ".join(month.symbol for month in await self._months_of(root, on))
        return NotListed(leg, f"the broker lists no {symbol}{f', but {months}' if months else ''}")

    async def _of_option(self, leg: Leg, on: date, held: Collection[str]) -> Contract | NotListed:
        symbol = leg.symbol or ""
        if symbol not in _TWO_ROOTS and not symbol.startswith("/"):
            found = await self.by_symbol(_occ(leg), on) if _occ(leg) else None
            if found is not None:
                return found
        chain = await self.chain(symbol, on)
        listed = [each for each in (() if chain is None else chain.contracts) if _is_of(each, symbol, on)]
        fits = [each for each in listed if _is(each, leg)]
        chosen = _chosen(fits, symbol, held)
        if chosen is not None:
            return await self.by_symbol(chosen.symbol, on) or chosen
        if fits:
            return NotListed(leg, f"{describe((leg,))} could be {' or '.join(each.symbol for each in fits)}")
        return NotListed(leg, _nearest(leg, listed))

    async def _months_of(self, root: str, on: date | None) -> tuple[Contract, ...]:
        async def look_up(name: str) -> tuple[Contract, ...] | None:
            return await self._broker.futures(name) or None

        return await self._kept(self._months, root.removeprefix("/"), look_up, on) or ()

    async def _kept(
        self,
        kept: dict[str, _Found],
        name: str,
        look_up: Callable[[str], Awaitable[_Found | None]],
        on: date | None,
    ) -> _Found | None:
        if on is not None and on != self._day:
            self.forget()
            self._day = on
        if name in kept:
            return kept[name]
        found = await look_up(name)
        if found is not None and self._day == (on or self._day):
            kept[name] = found
        return found


def _occ(leg: Leg) -> str:
    """Return the symbol of an option whose root is its underlying's; "" when it cannot be written."""
    if leg.expiry is None or leg.strike is None or leg.right is None:
        return ""
    try:
        return Option((leg.symbol or "").replace("/", ""), leg.expiry, leg.right, leg.strike).occ
    except ValueError:
        return ""


def _is(contract: Contract, leg: Leg) -> bool:
    return (contract.expiry, contract.strike, contract.right) == (leg.expiry, leg.strike, leg.right)


def _is_of(contract: Contract, symbol: str, on: date) -> bool:
    """Whether an option is of the underlying written: every month's is of "/ES", one month's of "/ESZ6"."""
    month = _month(symbol, on) if symbol.startswith("/") else None
    return month is None or _is_month(contract.underlying, month, on)


def _chosen(fits: Sequence[Contract], symbol: str, held: Collection[str]) -> Contract | None:
    """Return the one contract that is meant: what is held, or of the very root written; None for none or several."""
    standard = [each for each in fits if each.is_standard] or list(fits)
    mine = [each for each in fits if each.symbol in held]
    exact = [each for each in standard if symbol not in _TWO_ROOTS and _root(each) == symbol]
    return next((found[0] for found in (mine, exact, standard) if len(found) == 1), None)


def _root(contract: Contract) -> str:
    if contract.kind is not InstrumentKind.EQUITY_OPTION:
        return ""
    try:
        return option_of(contract.symbol).underlying
    except ValueError:
        return ""


def _nearest(leg: Leg, listed: Sequence[Contract]) -> str:
    """Say that an option is not listed, and what is."""
    name = describe((leg,))
    if not listed:
        return f"the broker lists no options on {leg.symbol}"
    days = sorted({each.expiry for each in listed if each.expiry is not None})
    if leg.expiry not in days:
        wanted = leg.expiry or date.min
        near = min(days, key=lambda day: (abs((day - wanted).days), day), default=None)
        return f"{name} is not listed: the nearest expiry of {leg.symbol} is {near}"
    strikes = {each.strike for each in listed if each.expiry == leg.expiry and each.right is leg.right and each.strike}
    strike = leg.strike or Decimal(0)
    near_strike = min(strikes, key=lambda each: (abs(each - strike), each), default=None)
    return f"{name} is not listed: the nearest strike of that day is {near_strike}"


def _future_root(symbol: str) -> str:
    month = _month(symbol, None)
    return symbol if month is None else f"/{month.root}"


def _month(symbol: str, on: date | None) -> FutureMonth | None:
    """Return the month that a future's symbol names; None for a root. on: by which a single digit is understood."""
    try:
        return future_of(symbol, on or date(2000, 1, 1))
    except ValueError:
        return None


def _is_month(symbol: str, wanted: FutureMonth, on: date | None) -> bool:
    found = _month(symbol, on)
    return found is not None and (found.root, found.year, found.month) == (wanted.root, wanted.year, wanted.month)
