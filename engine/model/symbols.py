"""
How instruments are written: one home for reading and writing symbols.

| what | symbol of an order | symbol of the quote stream |
| --- | --- | --- |
| shares | `AAPL`, `BRK/B` | the same |
| equity option | `SPY   261218C00700000` (OCC, 21 characters) | `.SPY261218C700` |
| future | `/ESZ6` | `/ESZ26:XCME` |
| future option | `./ESZ6 EW4U6 260925P6975` | only as the broker lists it |

A future option's symbol is never made up here: its contract's month is not its future's, and only a listing knows it.
Source: the broker's symbology page, and its recorded chains.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from engine.model.instrument import Option, Right
from engine.model.order import InstrumentKind

_MONTHS: Final = "FGHJKMNQUVXZ"
_OCC: Final = re.compile(r"(?P<root>[A-Z0-9/.]{1,6}) {0,5}(?P<day>\d{6})(?P<right>[CP])(?P<strike>\d{8})", re.ASCII)
_STREAMED: Final = re.compile(
    r"\.(?P<root>[A-Z0-9/.]{1,6})(?P<day>\d{6})(?P<right>[CP])(?P<strike>\d+(?:\.\d+)?)", re.ASCII
)
_FUTURE: Final = re.compile(rf"/(?P<root>[A-Z0-9]+)(?P<month>[{_MONTHS}])(?P<year>\d{{1,2}})", re.ASCII)
_FUTURE_OPTION: Final = re.compile(
    r"\.(?P<future>/[A-Z0-9]+) +(?P<contract>[A-Z0-9]+) +(?P<day>\d{6})(?P<right>[CP])(?P<strike>\d+(?:\.\d+)?)",
    re.ASCII,
)
_RIGHTS: Final = {"C": Right.CALL, "P": Right.PUT}


@dataclass(frozen=True, slots=True)
class FutureMonth:
    """A future. root: without its slash ("ES"). year_digits: 1 or 2, as it was written."""

    root: str
    year: int
    month: int
    year_digits: int = 1

    @property
    def symbol(self) -> str:
        """
        How orders write it.

        >>> FutureMonth("ES", 2026, 12).symbol
        '/ESZ6'
        """
        return f"/{self.root}{_MONTHS[self.month - 1]}{self.year % 10**self.year_digits:0{self.year_digits}d}"

    def streamed(self, exchange: str) -> str:
        """
        Return how the quote stream writes it. exchange: as the broker's listing says ("XCME").

        >>> FutureMonth("ES", 2026, 12).streamed("XCME")
        '/ESZ26:XCME'
        """
        return f"/{self.root}{_MONTHS[self.month - 1]}{self.year % 100:02d}:{exchange}"


@dataclass(frozen=True, slots=True)
class FutureOption:
    """An option on a future. symbol: as it was listed. future: "/ESZ6". contract: of the option itself ("EW4U6")."""

    symbol: str
    future: str
    contract: str
    expiry: date
    right: Right
    strike: Decimal


def kind_of(symbol: str) -> InstrumentKind:
    """
    Return what the symbol of an order stands for.

    >>> [kind_of(symbol).value for symbol in ("BRK/B", "SPY   261218C00700000", "/ESZ6", "./ESZ6 EW4U6 260925P6975")]
    ['equity', 'equity_option', 'future', 'future_option']
    """
    if symbol.startswith("./"):
        return InstrumentKind.FUTURE_OPTION
    if symbol.startswith("/"):
        return InstrumentKind.FUTURE
    return InstrumentKind.EQUITY_OPTION if _OCC.fullmatch(symbol) and len(symbol) == 21 else InstrumentKind.EQUITY


def option_of(occ: str) -> Option:
    """
    Read an OCC symbol.

    Raises: ValueError, naming the symbol, when it is none.

    >>> option_of("SPXW  261218P06500500")
    Option(underlying='SPXW', expiry=datetime.date(2026, 12, 18), right=<Right.PUT: 'put'>, strike=Decimal('6500.5'))
    """
    match = _OCC.fullmatch(occ) if len(occ) == 21 else None
    if match is None:
        raise ValueError(f"{occ!r} is no OCC symbol")
    return _option(match, _plain(Decimal(match["strike"]) / 1000), occ)


def streamed_option(option: Option) -> str:
    """
    Return how the quote stream writes an option on shares.

    >>> streamed_option(Option("IWM", date(2026, 12, 18), Right.CALL, Decimal("200.25")))
    '.IWM261218C200.25'
    """
    return f".{option.underlying}{option.expiry:%y%m%d}{option.right[0].upper()}{_plain(option.strike)}"


def option_of_streamed(symbol: str) -> Option:
    """
    Read the quote stream's symbol of an option on shares.

    Raises: ValueError, naming the symbol, when it is none.

    >>> option_of_streamed(".BRK/B261218C512.5").occ
    'BRK/B 261218C00512500'
    """
    match = _STREAMED.fullmatch(symbol)
    if match is None:
        raise ValueError(f"{symbol!r} is no streamed option")
    return _option(match, _plain(Decimal(match["strike"])), symbol)


def future_of(symbol: str, today: date) -> FutureMonth:
    """
    Read a future, with or without the exchange of the quote stream.

    today: what a single digit of a year is understood by: the decade from last year on.
    Raises: ValueError, naming the symbol, when it is none.

    >>> future_of("/M2KH7", date(2026, 11, 22)).year, future_of("/ESZ26:XCME", date(2026, 11, 22)).symbol
    (2027, '/ESZ26')
    """
    match = _FUTURE.fullmatch(symbol.split(":")[0])
    if match is None:
        raise ValueError(f"{symbol!r} is no future")
    digits = len(match["year"])
    first = today.year - 1
    year = first + (int(match["year"]) - first) % 10**digits
    return FutureMonth(match["root"], year, _MONTHS.index(match["month"]) + 1, digits)


def future_option_of(symbol: str) -> FutureOption:
    """
    Read the symbol of an option on a future, as it was listed.

    Raises: ValueError, naming the symbol, when it is none.

    >>> found = future_option_of("./ESZ6 ESZ6  261218C6300")
    >>> found.future, found.contract, found.strike, found.symbol
    ('/ESZ6', 'ESZ6', Decimal('6300'), './ESZ6 ESZ6  261218C6300')
    """
    match = _FUTURE_OPTION.fullmatch(symbol)
    if match is None:
        raise ValueError(f"{symbol!r} is no future option")
    expiry = _day(match["day"], symbol)
    strike = Decimal(match["strike"])
    return FutureOption(symbol, match["future"], match["contract"], expiry, _RIGHTS[match["right"]], strike)


def _option(match: re.Match[str], strike: Decimal, symbol: str) -> Option:
    option = Option(match["root"], _day(match["day"], symbol), _RIGHTS[match["right"]], strike)
    try:
        _ = option.occ
    except ValueError as error:
        raise ValueError(f"{symbol!r} is no option: {error}") from error
    return option


def _day(text: str, symbol: str) -> date:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError as error:
        raise ValueError(f"{symbol!r} has no such day: {error}") from error


def _plain(number: Decimal) -> Decimal:
    # 700.000 is written 700, and 700 never 7E+2
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()
