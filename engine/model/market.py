"""What the market says of one underlying, and what an account holds: facts a decision may rest on."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from engine.model.instrument import Right


@dataclass(frozen=True, slots=True)
class Quote:
    """
    Prices of one instrument, in dollars per share; None where there is none.

    at: when the market said so, aware UTC.
    """

    at: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None

    @property
    def mid(self) -> Decimal | None:
        """The middle of bid and ask; None when one of them is missing."""
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class ListedOption:
    """One contract of a chain. delta: as the market data says, puts negative; None: not known."""

    expiry: date
    strike: Decimal
    right: Right
    delta: Decimal | None = None
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Market:
    """
    What is known of one underlying when an alert is decided.

    quote: of the underlying itself. chain: its listed options; None when the chain is not known.
    margin: dollars of margin one contract of a future takes, None when not known or not a future.
    """

    symbol: str
    quote: Quote | None = None
    chain: tuple[ListedOption, ...] | None = None
    margin: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountState:
    """What an account holds, in dollars; None where it is not known. name: its alias in the desk."""

    name: str
    net_liq: Decimal | None = None
    buying_power: Decimal | None = None
