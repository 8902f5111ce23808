"""What an exchange lists when nobody says otherwise: products with a price to start from."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor
from typing import Final

from engine.model.instrument import point_value
from engine.paper.instruments import Ticks, ticks

SHARE_TICKS: Final = ticks(("1", "0.0001"), "0.01")
PENNY: Final = ticks("0.01")
PENNY_PILOT: Final = ticks(("3", "0.01"), "0.05")
NICKEL: Final = ticks(("3", "0.05"), "0.10")


class Cadence(StrEnum):
    """Which days options of a root expire on: every session, every Friday, or the third Friday of a month."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Root:
    """The options of one root. settlement: "PM" or "AM"."""

    name: str
    cadence: Cadence
    settlement: str = "PM"
    is_european: bool = False


@dataclass(frozen=True, slots=True)
class Strikes:
    """Where strikes are listed: every `step` near the anchor for near expiries, every `wide` farther out; dollars."""

    step: Decimal
    wide: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """
    A share, a fund or an index with its options.

    anchor: dollars, what strikes are laid around and where a synthetic price wanders. volatility: a year's, 0.2 for
    20%.
    """

    symbol: str
    description: str
    anchor: Decimal
    volatility: float
    strikes: Strikes
    roots: tuple[Root, ...]
    option_ticks: Ticks = PENNY_PILOT
    is_etf: bool = False
    is_index: bool = False


@dataclass(frozen=True, slots=True)
class FutureProduct:
    """
    A future with its months and options.

    months: letters of its delivery months. anchor, volatility: as of a share. multiplier: dollars a point.
    margin: dollars for one contract. venue: exchange code in streamer symbols. option_root: of options that expire
    with the future. friday: what precedes the number of the week in the roots of weekly ones ("EW"), "" for none;
    weekday: likewise for Monday to Thursday ("E"), which a letter follows.
    """

    code: str
    description: str
    anchor: Decimal
    volatility: float
    strikes: Strikes
    months: str
    ticks: Ticks
    option_ticks: Ticks
    margin: Decimal
    exchange: str = "CME"
    venue: str = "XCME"
    option_root: str = ""
    friday: str = ""
    weekday: str = ""

    @property
    def multiplier(self) -> Decimal:
        """Dollars one point is worth."""
        value = point_value(self.code)
        if value is None:
            raise ValueError(f"the point value of {self.code} is not known")
        return value


def _strikes(step: str, wide: str) -> Strikes:
    return Strikes(Decimal(step), Decimal(wide))


def share(symbol: str, anchor: str, volatility: float = 0.35, cadence: Cadence = Cadence.WEEKLY) -> Share:
    """Describe a share by its price alone, in dollars; its strikes follow from that."""
    price = Decimal(anchor)
    strikes = next(steps for limit, steps in _STEPS if limit is None or price < limit)
    return Share(symbol, symbol, price, volatility, strikes, (Root(_root(symbol), cadence),))


_STEPS: Final[tuple[tuple[int | None, Strikes], ...]] = (
    (25, _strikes("0.5", "1")),
    (100, _strikes("1", "5")),
    (300, _strikes("2.5", "5")),
    (None, _strikes("5", "10")),
)


def every(step: Decimal, anchor: Decimal, reach: Decimal) -> Iterator[Decimal]:
    """
    Yield the multiples of a step within reach of an anchor; reach: a part of it.

    >>> [int(price) for price in every(Decimal(5), Decimal(100), Decimal("0.1"))]
    [90, 95, 100, 105, 110]
    """
    first = ceil(anchor * (1 - reach) / step)
    last = floor(anchor * (1 + reach) / step)
    yield from (step * place for place in range(max(first, 1), last + 1))


def _root(symbol: str) -> str:
    return symbol.replace("/", "")


def _fund(symbol: str, description: str, anchor: str, volatility: float) -> Share:
    roots = (Root(symbol, Cadence.DAILY),)
    return Share(symbol, description, Decimal(anchor), volatility, _strikes("1", "5"), roots, PENNY, is_etf=True)


def _index(symbol: str, description: str, anchor: str, strikes: Strikes, volatility: float) -> Share:
    roots = (
        Root(symbol, Cadence.MONTHLY, "AM", is_european=True),
        Root(f"{symbol}{'P' if symbol == 'NDX' else 'W'}", Cadence.DAILY, is_european=True),
    )
    return Share(symbol, description, Decimal(anchor), volatility, strikes, roots, NICKEL, is_index=True)


SHARES: Final = (
    _fund("SPY", "SPDR S&P 500 ETF Trust", "670", 0.17),
    _fund("QQQ", "Invesco QQQ Trust", "605", 0.22),
    _fund("IWM", "iShares Russell 2000 ETF", "240", 0.23),
    share("AAPL", "265", 0.28),
    share("MSFT", "510", 0.26),
    share("NVDA", "185", 0.42),
    share("TSLA", "410", 0.55),
    share("AMD", "225", 0.52),
    share("AMZN", "230", 0.32),
    share("META", "640", 0.35),
    share("GOOGL", "280", 0.31),
    share("PLTR", "170", 0.60),
    share("SMCI", "45", 0.75),
    share("F", "12.50", 0.38),
    Share(
        symbol="BRK/B",
        description="Berkshire Hathaway Inc. Class B",
        anchor=Decimal(500),
        volatility=0.18,
        strikes=_strikes("5", "10"),
        roots=(Root("BRKB", Cadence.MONTHLY),),
        option_ticks=NICKEL,
    ),
    _index("SPX", "S&P 500 Index", "6700", _strikes("5", "25"), 0.17),
    _index("NDX", "Nasdaq 100 Index", "24800", _strikes("25", "100"), 0.22),
)

_ES_OPTION_TICKS: Final = ticks(("5", "0.05"), ("20", "0.1"), ("100", "0.25"), "0.5")
_QUARTERS: Final = "HMUZ"
_EVERY_MONTH: Final = "FGHJKMNQUVXZ"


def _stock_index(code: str, description: str, anchor: str, margin: str, roots: tuple[str, str, str]) -> FutureProduct:
    option_root, friday, weekday = roots
    return FutureProduct(
        code=code,
        description=description,
        anchor=Decimal(anchor),
        volatility=0.18,
        strikes=_strikes("5", "25"),
        months=_QUARTERS,
        ticks=ticks("0.25"),
        option_ticks=_ES_OPTION_TICKS,
        margin=Decimal(margin),
        option_root=option_root,
        friday=friday,
        weekday=weekday,
    )


FUTURES: Final = (
    _stock_index("ES", "E Mini S&P", "6720", "23000", ("ES", "EW", "E")),
    _stock_index("MES", "Micro E Mini S&P", "6720", "2300", ("MES", "EX", "")),
    _stock_index("NQ", "E Mini Nasdaq 100", "24900", "33000", ("NQ", "QN", "")),
    _stock_index("MNQ", "Micro E Mini Nasdaq 100", "24900", "3300", ("", "", "")),
    FutureProduct(
        code="CL",
        description="Crude Oil",
        anchor=Decimal(62),
        volatility=0.34,
        strikes=_strikes("0.5", "1"),
        months=_EVERY_MONTH,
        ticks=ticks("0.01"),
        option_ticks=ticks("0.01"),
        margin=Decimal(6000),
        exchange="NYMEX",
        venue="XNYM",
        option_root="LO",
    ),
    FutureProduct(
        code="GC",
        description="Gold",
        anchor=Decimal(4000),
        volatility=0.20,
        strikes=_strikes("5", "25"),
        months="GJMQVZ",
        ticks=ticks("0.1"),
        option_ticks=ticks("0.1"),
        margin=Decimal(20000),
        exchange="COMEX",
        venue="XCEC",
        option_root="OG",
    ),
)
