"""All that is known of one order of ours: a chain of the broker's orders, each replacing the one before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engine.lifecycle.counting import complete_units, touched_units, units_of
from engine.lifecycle.states import State
from engine.model.order import Fill, Order, OrderStatus


@dataclass(frozen=True, slots=True)
class Patience:
    """
    How long the engine waits before it concludes.

    grace: how long a cancelled or expired order may still fill.
    absent_after: how long probes have to find nothing; 60 s or more wherever money is.
    probes: how many probes, at least, that takes.
    probe_after: the wait before the first probe, the second, …; the last one repeats.
    """

    grace: timedelta = timedelta(seconds=10)
    absent_after: timedelta = timedelta(seconds=60)
    probes: int = 4
    probe_after: tuple[timedelta, ...] = tuple(timedelta(seconds=n) for n in (1, 2, 4, 8, 15, 30))


PATIENCE: Final = Patience()


class Replacement(StrEnum):
    """Whether a replacement is under way: asked for, or asked for without a usable answer."""

    NONE = "none"
    ASKED = "asked"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Ticket:
    """
    One order at the broker.

    units: its whole size. remaining: units that could still fill by the lowest report while it was open.
    follows: id of the ticket it replaces. replaced_by: id of the one that replaces it. "" for none.
    live_at: when it was first seen to work at the venue.
    """

    id: str
    status: OrderStatus
    units: int
    remaining: int
    price: Decimal | None = None
    fills: tuple[Fill, ...] = ()
    follows: str = ""
    replaced_by: str = ""
    updated_at: datetime | None = None
    live_at: datetime | None = None
    reject_reason: str = ""
    is_cancel_asked: bool = False


@dataclass(frozen=True, slots=True)
class OrderState:
    """
    What is known of one order of ours and of every replacement of it.

    tickets: the broker's orders, in the order they were seen.
    codes: why the broker refused the order.
    misses, first_miss_at: probes in a row that found nothing, and when the first did.
    probes: how many were asked for in this state. probe_at: when the outstanding one is due; None when none is.
    grace_until: when the grace period ends; None when none runs or has run.
    is_settled: whether its last word is spoken and its room given back.
    """

    order: Order
    state: State = State.DRAFT
    tickets: tuple[Ticket, ...] = ()
    codes: tuple[str, ...] = ()
    replacement: Replacement = Replacement.NONE
    is_cancel_wanted: bool = False
    misses: int = 0
    first_miss_at: datetime | None = None
    probes: int = 0
    probe_at: datetime | None = None
    grace_until: datetime | None = None
    is_settled: bool = False

    @property
    def client_id(self) -> str:
        """Our id."""
        return self.order.client_id

    @property
    def is_opening(self) -> bool:
        """Whether any leg adds to a position: such an order is never tried again."""
        return any(leg.action.opens for leg in self.order.legs)

    @property
    def units(self) -> int:
        """Its whole size in units."""
        return units_of(self.order.legs)

    @property
    def fills(self) -> tuple[Fill, ...]:
        """Every fill known, each once."""
        return tuple(fill for ticket in self.tickets for fill in ticket.fills)

    @property
    def filled(self) -> int:
        """Units of which every leg filled."""
        return complete_units(self.order.legs, self.fills)

    @property
    def touched(self) -> int:
        """Units of which any leg filled, in part or whole."""
        return touched_units(self.order.legs, self.fills)

    @property
    def told_filled(self) -> int:
        """Units filled by the broker's word, which may come before the fills."""
        if any(ticket.status is OrderStatus.FILLED for ticket in self.tickets):
            return self.units
        return max(0, self.units - min((ticket.remaining for ticket in self.tickets), default=self.units))

    @property
    def remaining(self) -> int:
        """Units that the fills leave over; never below 0."""
        return max(0, self.units - self.filled)

    @property
    def is_whole(self) -> bool:
        """Whether no fill is known to be missing and every leg filled as far as every other."""
        return max(self.told_filled, self.touched) <= self.filled

    @property
    def is_replacing(self) -> bool:
        """Whether a replacement that has not been seen was asked for, or made."""
        return self.replacement is not Replacement.NONE or bool(self.unseen)

    @property
    def unseen(self) -> tuple[str, ...]:
        """The broker's ids of replacements that it named and has not shown."""
        seen = {ticket.id for ticket in self.tickets}
        return tuple(t.replaced_by for t in self.tickets if t.replaced_by and t.replaced_by not in seen)

    @property
    def order_ids(self) -> tuple[str, ...]:
        """Every id of the broker's known for it."""
        return (*(ticket.id for ticket in self.tickets), *self.unseen)

    @property
    def open_tickets(self) -> tuple[Ticket, ...]:
        """The broker's orders that can still fill."""
        return tuple(ticket for ticket in self.tickets if self.open_units(ticket))

    @property
    def status(self) -> OrderStatus | None:
        """The broker's last word on the newest of its orders; None before it has shown one."""
        return self.tickets[-1].status if self.tickets else None

    @property
    def wants_probe(self) -> bool:
        """Whether a probe asked for earlier is still wanted."""
        return self.probe_at is not None and not self.is_settled

    @property
    def at_broker(self) -> int:
        """Units that the broker's open orders could still fill; an order and its replacement exclude each other."""
        left = [self.open_units(ticket) for ticket in self.tickets]
        strangers = sum(1 for ticket in self.tickets if not ticket.follows) > 1
        return sum(left) if strangers else max(left, default=0)

    @property
    def could_fill(self) -> int:
        """Units that could still fill, as far as is known: what counts in every limit besides `filled`."""
        hidden = 0 if self.is_settled else self.remaining
        return max(hidden, self.at_broker)

    def open_units(self, ticket: Ticket) -> int:
        """Return how many units one of the broker's orders could still fill; 0 once it is at its end."""
        if ticket.status.is_final:
            return 0
        return max(0, min(ticket.remaining, ticket.units - complete_units(self.order.legs, ticket.fills)))
