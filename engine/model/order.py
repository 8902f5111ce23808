"""Orders as the engine speaks of them, whichever broker works them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.model.alert import Action


class InstrumentKind(StrEnum):
    """What an order's leg trades. OTHER: what the engine never trades, only sees in accounts (crypto, bonds)."""

    EQUITY = "equity"
    EQUITY_OPTION = "equity_option"
    FUTURE = "future"
    FUTURE_OPTION = "future_option"
    OTHER = "other"


class OrderType(StrEnum):
    """How an order is priced. OTHER: a way the engine never sends, only sees in orders of others."""

    LIMIT = "limit"
    MARKET = "market"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    OTHER = "other"


class TimeInForce(StrEnum):
    """How long an order works. OTHER: a way the engine never sends, only sees in orders of others."""

    DAY = "day"
    GTC = "gtc"
    GTD = "gtd"
    EXT = "ext"
    IOC = "ioc"
    OTHER = "other"


class PriceEffect(StrEnum):
    """Whether an order's price is paid or received."""

    DEBIT = "debit"
    CREDIT = "credit"


class OrderStatus(StrEnum):
    """
    What a broker says of an order.

    RECEIVED, ROUTED, IN_FLIGHT, CONTINGENT come before it works; LIVE, CANCEL_REQUESTED and
    REPLACE_REQUESTED while it does; the rest are final. UNKNOWN: a word this version does not know, or an answer
    whose legs or fills cannot be read in full.
    """

    RECEIVED = "received"
    ROUTED = "routed"
    IN_FLIGHT = "in_flight"
    CONTINGENT = "contingent"
    LIVE = "live"
    CANCEL_REQUESTED = "cancel_requested"
    REPLACE_REQUESTED = "replace_requested"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REMOVED = "removed"
    PARTIALLY_REMOVED = "partially_removed"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows, but for fills that crossed a cancel on the wire."""
        return self in _FINAL


_FINAL = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
        OrderStatus.REMOVED,
        OrderStatus.PARTIALLY_REMOVED,
    }
)


class Priority(StrEnum):
    """
    Whose turn it is when messages to the broker run short, the most urgent first.

    LOOK: requests that only read.
    """

    KILL = "kill"
    CANCEL = "cancel"
    EXIT = "exit"
    LOOK = "look"
    ENTRY = "entry"


REMAINING_UNKNOWN: Final = 2**31
"""The remainder of an order whose answer does not say it: more than any order is for."""


@dataclass(frozen=True, slots=True)
class OrderLeg:
    """One leg. symbol: as the broker writes it ("SPY   261218C00700000", "/ESZ6"). quantity: contracts or shares."""

    symbol: str
    kind: InstrumentKind
    action: Action
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """
    An order to be sent.

    client_id: ours, deterministic; the broker echoes it and does not deduplicate by it.
    price: net dollars per share of one unit, never negative; None for market and stop orders.
    """

    client_id: str
    account: str
    legs: tuple[OrderLeg, ...]
    order_type: OrderType
    time_in_force: TimeInForce = TimeInForce.DAY
    price: Decimal | None = None
    effect: PriceEffect | None = None
    stop_trigger: Decimal | None = None

    @property
    def priority(self) -> Priority:
        """EXIT when it only closes, ENTRY when any leg opens."""
        return Priority.EXIT if all(leg.action.closes for leg in self.legs) else Priority.ENTRY


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill of one leg. id: the broker's, by which a fill is counted once. price: dollars per share."""

    id: str
    symbol: str
    quantity: int
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """
    An order as the broker knows it.

    id: the broker's; a replacement has another one. client_id: "" for orders that are not ours.
    remaining: units that can still fill, REMAINING_UNKNOWN when that was not said. legs: () when they could not be
    read; the status is UNKNOWN then. replaces, replaced_by: ids, "" for none.
    """

    id: str
    client_id: str
    account: str
    legs: tuple[OrderLeg, ...]
    order_type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    price: Decimal | None
    effect: PriceEffect | None
    remaining: int
    fills: tuple[Fill, ...] = ()
    received_at: datetime | None = None
    updated_at: datetime | None = None
    replaces: str = ""
    replaced_by: str = ""
    reject_reason: str = ""


@dataclass(frozen=True, slots=True)
class Preflight:
    """
    What a broker says to an order it was only asked about.

    buying_power_change, margin_change, fees: dollars, signed: negative takes money away; None when not said.
    warnings: codes in the broker's words.
    """

    buying_power_change: Decimal | None
    margin_change: Decimal | None
    fees: Decimal | None
    warnings: tuple[str, ...] = ()
