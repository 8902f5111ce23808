"""What a broker lists: contracts, their ticks, and chains of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from engine.model.instrument import Right
from engine.model.order import InstrumentKind


@dataclass(frozen=True, slots=True)
class Tick:
    """The step of prices, in dollars. below: of prices under this one; None for all the rest."""

    step: Decimal
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """
    One instrument as the broker lists it.

    symbol: as orders write it. streamer_symbol: as the quote stream does, "" when the listing lacks it.
    underlying: "SPY", "/ESZ6". ticks: in the order they apply; () when the listing does not say them.
    multiplier: dollars one point of one contract is worth; None when not said.
    is_active, is_closing_only, is_halted: None when not said. is_standard: False for an option that was adjusted.
    last_trade_at: when trading in it ends; expiry, strike, right: of options.
    """

    symbol: str
    kind: InstrumentKind
    underlying: str
    streamer_symbol: str = ""
    ticks: tuple[Tick, ...] = ()
    multiplier: Decimal | None = None
    is_active: bool | None = None
    is_closing_only: bool | None = None
    is_halted: bool | None = None
    is_standard: bool = True
    is_active_month: bool = False
    last_trade_at: datetime | None = None
    expiry: date | None = None
    strike: Decimal | None = None
    right: Right | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The options listed on one underlying; what a chain does not say of a contract is None."""

    underlying: str
    contracts: tuple[Contract, ...]


def tick_at(price: Decimal, ticks: tuple[Tick, ...]) -> Decimal | None:
    """
    Return the step that applies at a price; None when no tick covers it.

    >>> tick_at(Decimal("3.00"), (Tick(Decimal("0.01"), Decimal("3")), Tick(Decimal("0.05"))))
    Decimal('0.05')
    """
    return next((tick.step for tick in ticks if tick.below is None or abs(price) < tick.below), None)
