"""Orders as the exchange is asked for them, and as it keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import gcd

from engine.paper.words import Action, ComplexType, Effect, InstrumentType, OrderType, Status, TimeInForce


@dataclass(frozen=True, slots=True)
class LegRequest:
    """One leg as it was sent. quantity: None for a notional order."""

    instrument_type: InstrumentType
    symbol: str
    action: Action
    quantity: Decimal | None


@dataclass(frozen=True, slots=True)
class Terms:
    """
    All of an order that a replacement may change.

    price: net dollars per share of one ratio unit, never negative; None where the type has none.
    stop_trigger: dollars per share. gtc_date: the last day of a GTD order. value: dollars of a notional order.
    route_after: it is not sent before. cancel_at: it is cancelled then. has_conditions: prices it should wait for.
    """

    order_type: OrderType
    time_in_force: TimeInForce = TimeInForce.DAY
    price: Decimal | None = None
    effect: Effect | None = None
    stop_trigger: Decimal | None = None
    gtc_date: date | None = None
    value: Decimal | None = None
    value_effect: Effect | None = None
    route_after: datetime | None = None
    cancel_at: datetime | None = None
    has_conditions: bool = False


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """
    An order as it was sent.

    external_identifier: the client's own name for it, echoed and never used to tell orders apart.
    is_strict: a close that finds no position is refused instead of turned into an opening.
    """

    legs: tuple[LegRequest, ...]
    terms: Terms
    external_identifier: str = ""
    source: str = ""
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class ComplexRequest:
    """Orders that hang together. trigger: None for an OCO. orders: an OTOCO gives the profit first, then the stop."""

    type: ComplexType
    orders: tuple[OrderRequest, ...]
    trigger: OrderRequest | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill of one leg. price: dollars per share. exec_id, group_id: the venue's own."""

    id: str
    quantity: int
    price: Decimal
    at: datetime
    venue: str
    exec_id: str
    group_id: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of an order that was taken. remaining: what can still fill of it."""

    instrument_type: InstrumentType
    symbol: str
    action: Action
    quantity: int
    remaining: int
    fills: tuple[Fill, ...] = ()

    @property
    def filled(self) -> int:
        """What its fills add up to."""
        return sum(fill.quantity for fill in self.fills)


@dataclass(frozen=True, slots=True)
class Order:
    """
    An order that was taken, whole, at one moment.

    id: 0 in a dry run. size: ratio units, the greatest common divisor of the quantities.
    contingent_status, complex_tag, reject_reason: "" where there is none. replaces, replaced_by,
    complex_id: 0 for none. preflight_id: the place of a child in its complex dry run, else None.
    """

    id: int
    account: str
    legs: tuple[Leg, ...]
    terms: Terms
    underlying: str
    underlying_type: InstrumentType
    status: Status
    received_at: datetime
    updated_at: datetime
    external_identifier: str = ""
    source: str = ""
    global_request_id: str = ""
    venue_order_id: str = ""
    in_flight_at: datetime | None = None
    live_at: datetime | None = None
    cancelled_at: datetime | None = None
    terminal_at: datetime | None = None
    replaces: int = 0
    replaced_by: int = 0
    complex_id: int = 0
    complex_tag: str = ""
    contingent_status: str = ""
    reject_reason: str = ""
    preflight_id: int | None = None
    is_strict: bool = False
    is_edited: bool = False

    @property
    def size(self) -> int:
        """How many ratio units were ordered."""
        return gcd(*(leg.quantity for leg in self.legs))

    @property
    def remaining(self) -> int:
        """How many ratio units can still fill."""
        first = self.legs[0]
        return first.remaining * self.size // first.quantity

    @property
    def is_editable(self) -> bool:
        """Whether the exchange says that a cancel or a replace may be asked for: a hint, as at the real broker."""
        return self.status in (Status.RECEIVED, Status.CONTINGENT, Status.LIVE)

    def ratio(self, leg: Leg) -> int:
        """Return how many of a leg one unit takes."""
        return leg.quantity // self.size


@dataclass(frozen=True, slots=True)
class ComplexOrder:
    """Orders that hang together, as they stand. id: 0 in a dry run."""

    id: int
    account: str
    type: ComplexType
    orders: tuple[Order, ...]
    trigger: Order | None = None

    def children(self) -> Iterator[Order]:
        """Yield every order of it, the trigger first."""
        if self.trigger is not None:
            yield self.trigger
        yield from self.orders
