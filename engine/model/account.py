"""What a broker says an account holds, may do, and has done."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.order import InstrumentKind


@dataclass(frozen=True, slots=True)
class Holding:
    """
    A position as the broker nets it.

    symbol: as orders write it. quantity: contracts or shares, negative for short, 0 for one that was closed.
    average_open_price: dollars per share. multiplier: dollars one point of one contract is worth.
    is_frozen: the broker lets nobody trade it now. updated_at: None when not said.
    """

    account: str
    symbol: str
    kind: InstrumentKind
    underlying: str
    quantity: Decimal
    average_open_price: Decimal | None = None
    multiplier: Decimal | None = None
    is_frozen: bool = False
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Funds:
    """The money of an account, in dollars; None where the broker does not say. settled_cash: what is not on its way."""

    account: str
    net_liq: Decimal | None = None
    derivative_buying_power: Decimal | None = None
    equity_buying_power: Decimal | None = None
    cash: Decimal | None = None
    settled_cash: Decimal | None = None
    maintenance_call: Decimal | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What an account may do. None where the broker does not say: a missing fact never permits.

    options_level: in the broker's words ("No Restrictions"), "" when not said.
    """

    account: str
    options_level: str = ""
    is_closed: bool | None = None
    is_frozen: bool | None = None
    is_closing_only: bool | None = None
    is_futures_enabled: bool | None = None
    is_futures_closing_only: bool | None = None
    is_in_margin_call: bool | None = None
    is_in_day_trade_call: bool | None = None
    is_pattern_day_trader: bool | None = None
    are_short_calls_enabled: bool | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """
    One row of an account's history.

    kind, sub_kind: in the broker's words ("Trade", "Buy to Open"; "Receive Deliver", "Assignment").
    value: dollars before fees, net_value after them; negative left the account. order_id, fill_id: "" for none.
    """

    id: str
    account: str
    kind: str
    sub_kind: str
    description: str
    at: datetime
    symbol: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    value: Decimal | None = None
    net_value: Decimal | None = None
    order_id: str = ""
    fill_id: str = ""
