"""What is listed: shares, options, futures and their options, with the sizes of their ticks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import ClassVar, Final

from engine.model.instrument import Right
from engine.paper.words import InstrumentType

SHARES: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Tick:
    """The step prices move in, in dollars, for prices below a threshold; None: for all the rest."""

    value: Decimal
    threshold: Decimal | None = None


Ticks = tuple[Tick, ...]


def ticks(*steps: tuple[str, str] | str) -> Ticks:
    """
    Build a table of ticks from texts: (threshold, value) pairs, then the value of all the rest.

    >>> ticks(("3", "0.01"), "0.05")[0]
    Tick(value=Decimal('0.01'), threshold=Decimal('3'))
    """
    return tuple(
        Tick(Decimal(step)) if isinstance(step, str) else Tick(Decimal(step[1]), Decimal(step[0])) for step in steps
    )


def tick_at(table: Ticks, price: Decimal) -> Decimal:
    """
    Return the step that holds for a price: the first whose threshold is above it, or is missing.

    >>> tick_at(ticks(("3", "0.01"), "0.05"), Decimal("3.00"))
    Decimal('0.05')
    """
    return next((tick.value for tick in table if tick.threshold is None or price < tick.threshold), table[-1].value)


def rounded_down(table: Ticks, price: Decimal) -> Decimal:
    """Return the highest price on a tick that is not above a price."""
    step = tick_at(table, price)
    return (price / step).to_integral_value(ROUND_FLOOR) * step


def rounded_up(table: Ticks, price: Decimal) -> Decimal:
    """Return the lowest price on a tick that is not below a price."""
    step = tick_at(table, price)
    up = (price / step).to_integral_value(ROUND_CEILING) * step
    coarser = tick_at(table, up)  # rounding up may reach the next band
    return (up / coarser).to_integral_value(ROUND_CEILING) * coarser


@dataclass(frozen=True, slots=True)
class Equity:
    """A share, a fund or an index. is_index: it has a price and options, and does not trade itself."""

    symbol: str
    id: int
    description: str
    ticks: Ticks
    option_ticks: Ticks
    is_etf: bool = False
    is_index: bool = False

    instrument_type: ClassVar[InstrumentType] = InstrumentType.EQUITY
    multiplier: ClassVar[Decimal] = Decimal(1)

    @property
    def underlying(self) -> str:
        """Its own symbol."""
        return self.symbol

    @property
    def streamer_symbol(self) -> str:
        """Its name in the quote stream."""
        return self.symbol


@dataclass(frozen=True, slots=True)
class EquityOption:
    """
    An option on shares or an index.

    symbol: 21 characters. root: as in the symbol ("SPXW"). expiration_type: "Weekly", "Regular".
    settlement: "PM" or "AM". stops_trading_at: aware UTC.
    """

    symbol: str
    root: str
    underlying: str
    expiry: date
    right: Right
    strike: Decimal
    ticks: Ticks
    expiration_type: str
    settlement: str
    stops_trading_at: datetime
    is_european: bool = False

    instrument_type: ClassVar[InstrumentType] = InstrumentType.EQUITY_OPTION
    multiplier: ClassVar[Decimal] = SHARES

    @property
    def streamer_symbol(self) -> str:
        """
        Its name in the quote stream.

        Shape: a dot, the root, the expiry as yymmdd, C or P, the strike without needless zeros.
        """
        return f".{self.root}{self.expiry:%y%m%d}{self.right[0].upper()}{plain(self.strike)}"


@dataclass(frozen=True, slots=True)
class Future:
    """
    One month of a future.

    symbol: "/ESZ6". multiplier: dollars a point. margin: dollars held for one contract. is_active_month: the one
    most trade now; is_next_active_month: the one after it. option_ticks: of its options.
    """

    symbol: str
    product: str
    description: str
    exchange: str
    delivery: date
    expiry: date
    ticks: Ticks
    option_ticks: Ticks
    multiplier: Decimal
    margin: Decimal
    streamer_symbol: str
    stops_trading_at: datetime
    is_active_month: bool
    is_next_active_month: bool
    roll_target: str

    instrument_type: ClassVar[InstrumentType] = InstrumentType.FUTURE

    @property
    def underlying(self) -> str:
        """Its own symbol."""
        return self.symbol


@dataclass(frozen=True, slots=True)
class FutureOption:
    """
    An option on one month of a future.

    symbol: "./ESZ6 EW4U6 260925P6975". underlying: the future it is on. root: of the option product ("EW4").
    contract: root, month and year of the option ("EW4U6"). multiplier: dollars a point, the future's.
    """

    symbol: str
    underlying: str
    product: str
    root: str
    contract: str
    exchange: str
    expiry: date
    right: Right
    strike: Decimal
    ticks: Ticks
    multiplier: Decimal
    expiration_type: str
    streamer_symbol: str
    stops_trading_at: datetime

    instrument_type: ClassVar[InstrumentType] = InstrumentType.FUTURE_OPTION


Instrument = Equity | EquityOption | Future | FutureOption
OptionInstrument = EquityOption | FutureOption


@dataclass(frozen=True, slots=True)
class Strike:
    """The two options of one strike. Streamer names are "" where a listing lacks them."""

    price: Decimal
    call: str
    put: str
    call_streamer: str
    put_streamer: str


@dataclass(frozen=True, slots=True)
class Expiration:
    """
    The options of one expiry, by strike.

    root: of its symbols; contract: root, month and year of options on futures, "" for others.
    """

    underlying: str
    root: str
    expiry: date
    expiration_type: str
    settlement: str
    ticks: Ticks
    stops_trading_at: datetime
    strikes: tuple[Strike, ...]
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """All expirations of one root, the nearest first."""

    underlying: str
    root: str
    ticks: Ticks
    expirations: tuple[Expiration, ...]


def plain(number: Decimal) -> str:
    """
    Write a number without needless zeros and without an exponent.

    >>> plain(Decimal("6500.50")), plain(Decimal("700"))
    ('6500.5', '700')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def finest(tables: Sequence[Ticks], price: Decimal) -> Decimal:
    """Return the smallest of the steps that hold for a price."""
    return min(tick_at(table, price) for table in tables)
