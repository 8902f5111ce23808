"""What an account holds and may do, and the rows of its history."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from engine.paper.fees import NO_FEES, Fees
from engine.paper.words import Action, InstrumentType

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Position:
    """
    What an account holds of one symbol.

    quantity: signed, negative for short, 0 for one that was closed. average_open_price, close_price, mark:
    dollars per share, close_price of the session before. multiplier: dollars one point is worth.
    realized_today: dollars, gains positive. mark: None when there is no quote.
    """

    account: str
    symbol: str
    instrument_type: InstrumentType
    underlying: str
    quantity: int
    average_open_price: Decimal
    multiplier: Decimal
    created_at: datetime
    updated_at: datetime
    realized_today: Decimal = ZERO
    close_price: Decimal = ZERO
    mark: Decimal | None = None
    expires_at: datetime | None = None

    @property
    def cost(self) -> Decimal:
        """Dollars it was opened for; negative for a short position."""
        return self.quantity * self.average_open_price * self.multiplier

    @property
    def value(self) -> Decimal:
        """Dollars it is worth by its mark, or by its cost while it has none; negative for a short position."""
        return self.cost if self.mark is None else self.quantity * self.mark * self.multiplier


@dataclass(frozen=True, slots=True)
class Balance:
    """
    The money of an account, in dollars; the values of short positions are positive.

    derivative_buying_power: what can be spent on options and margin, after what working orders hold back.
    requirement: margin held for everything; futures_requirement: the part of it for futures.
    """

    account: str
    at: datetime
    cash: Decimal
    long_equity: Decimal
    short_equity: Decimal
    long_derivative: Decimal
    short_derivative: Decimal
    long_futures_derivative: Decimal
    short_futures_derivative: Decimal
    open_futures_profit: Decimal
    net_liquidating_value: Decimal
    equity_buying_power: Decimal
    derivative_buying_power: Decimal
    requirement: Decimal
    futures_requirement: Decimal
    held_by_orders: Decimal


@dataclass(frozen=True, slots=True)
class TradingStatus:
    """What an account may do. options_level: "No Restrictions", "Covered And Cash Secured", "No Options"."""

    account: str
    updated_at: datetime
    options_level: str = "No Restrictions"
    is_closed: bool = False
    is_frozen: bool = False
    is_closing_only: bool = False
    is_futures_enabled: bool = True
    is_futures_closing_only: bool = False
    is_in_margin_call: bool = False
    is_pattern_day_trader: bool = False
    is_margin: bool = True


@dataclass(frozen=True, slots=True)
class Transaction:
    """
    One row of an account's history.

    type and sub_type: "Trade" with the action of the leg, "Money Movement", "Receive Deliver". symbol: "" for
    money. value: dollars before fees, signed: negative left the account; net_value: after them.
    """

    id: int
    account: str
    type: str
    sub_type: str
    description: str
    executed_at: datetime
    transaction_date: date
    value: Decimal
    net_value: Decimal
    symbol: str = ""
    underlying: str = ""
    instrument_type: InstrumentType | None = None
    action: Action | None = None
    quantity: int = 0
    price: Decimal = ZERO
    order_id: int = 0
    leg_count: int = 0
    fill_id: str = ""
    fees: Fees = NO_FEES
