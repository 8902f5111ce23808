"""What an event means for an order: takes in its figures and names its kind, the column of the table."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from engine.lifecycle.absorb import AT_WORK, absorb, absorb_fills, is_of
from engine.lifecycle.effects import Effect
from engine.lifecycle.events import (
    Acknowledged,
    CancelAsked,
    CancelRefused,
    CancelUnanswered,
    Event,
    FillsSeen,
    Found,
    GraceOver,
    NotFound,
    Plain,
    ProbeUnanswered,
    Recovered,
    Refused,
    ReplaceAcknowledged,
    ReplaceAsked,
    ReplaceFailed,
    ReplaceUnanswered,
    Reported,
    Sight,
)
from engine.lifecycle.kinds import Kind
from engine.lifecycle.order_state import OrderState, Patience, Replacement
from engine.lifecycle.states import State
from engine.model.order import Order, OrderStatus

_ENDS: Final = {
    OrderStatus.CANCELLED: Kind.IS_CANCELLED,
    OrderStatus.REMOVED: Kind.IS_CANCELLED,
    OrderStatus.PARTIALLY_REMOVED: Kind.IS_CANCELLED,
    OrderStatus.EXPIRED: Kind.IS_EXPIRED,
    OrderStatus.REJECTED: Kind.IS_REJECTED,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """
    An event taken in.

    order: with the event's figures, still in its old state. kind: None when the event is of another order.
    effects: bookings and alarms, due whatever the table says.
    """

    order: OrderState
    kind: Kind | None
    effects: tuple[Effect, ...] = ()


def meaning(order: OrderState, event: Event, now: datetime, patience: Patience) -> Meaning:
    """Take an event in and say what it means."""
    if isinstance(event, Found | NotFound | ProbeUnanswered | Recovered):
        order = replace(order, probe_at=None)  # the probe has its result; or timers did not outlive the engine
    if isinstance(event, Acknowledged | Found | Reported | ReplaceAcknowledged):
        return _sight(order, event, now, patience)
    if isinstance(event, FillsSeen):
        return _fills(order, event)
    if isinstance(event, NotFound):
        return _not_found(order, event, now, patience)
    if isinstance(event, GraceOver):
        return Meaning(order, _grace(order, now))
    if isinstance(event, ReplaceAsked) and not _is_same_order(order, event.order):
        return Meaning(order, None)
    return Meaning(_marked(order, event), event.kind)


def picture(order: OrderState) -> Kind:
    """Return what the broker's orders, taken together, say of an order; it has at least one of them."""
    if max(order.told_filled, order.filled) >= order.units:
        is_left = order.open_tickets or order.is_replacing or not order.is_whole
        return Kind.IS_FILLED_SHORT if is_left else Kind.IS_FILLED
    open_tickets = order.open_tickets
    if not open_tickets:
        return Kind.OLD_GONE if order.is_replacing else _ENDS.get(order.tickets[-1].status, Kind.IS_UNCLEAR)
    if len(open_tickets) > 1:
        return Kind.IS_REPLACING
    if order.is_replacing:
        return Kind.OLD_STILL_OPEN
    return _of_one(order, open_tickets[0].status)


def _is_same_order(order: OrderState, other: Order) -> bool:
    return (other.client_id, other.account, other.legs) == (order.client_id, order.order.account, order.order.legs)


def _of_one(order: OrderState, status: OrderStatus) -> Kind:
    if status is OrderStatus.UNKNOWN:
        return Kind.IS_UNCLEAR
    if status is OrderStatus.CANCEL_REQUESTED:
        return Kind.IS_CANCELLING
    return Kind.IS_PARTLY_FILLED if max(order.told_filled, order.touched) else Kind.IS_WORKING


def _sight(order: OrderState, event: Sight, now: datetime, patience: Patience) -> Meaning:
    if not is_of(order, event.placed):
        return Meaning(order, None)
    misses, first_miss_at = order.misses, order.first_miss_at
    order, effects = absorb(order, event.placed, now)
    if isinstance(event, Found) and event.placed.status in AT_WORK:
        order = _to_ask_again(order, event.placed.id)  # a cancel that was asked for has come to nothing, so far
    if order.replacement is Replacement.UNANSWERED:
        # To see the old order says nothing of its replacement, which is what is being looked for.
        order = replace(order, misses=misses, first_miss_at=first_miss_at)
    if isinstance(event, Found) and order.replacement is Replacement.UNANSWERED:
        # The probe saw the old order and, once more, no replacement of it.
        order = _missed(order, now)
        if _is_long(order, now, patience) and not order.unseen:
            return Meaning(_without_replacement(order), Kind.REPLACE_FAILED, effects)
        seen = picture(order)
        return Meaning(order, Kind.NOT_FOUND if seen is Kind.OLD_STILL_OPEN else seen, effects)
    return Meaning(order, picture(order), effects)


def _fills(order: OrderState, event: FillsSeen) -> Meaning:
    if event.order_id not in {ticket.id for ticket in order.tickets}:
        return Meaning(order, None)
    order, effects = absorb_fills(order, event.order_id, event.fills)
    return Meaning(order, picture(order), effects)


def _not_found(order: OrderState, event: NotFound, now: datetime, patience: Patience) -> Meaning:
    if order.state in (State.DRAFT, State.INTENDED, State.SENT):
        return Meaning(order, Kind.NOT_FOUND)  # probes count from when the outcome became unknown
    order = _missed(order, now)
    if not _is_long(order, now, patience):
        return Meaning(order, Kind.NOT_FOUND)
    if order.tickets:
        return Meaning(order, Kind.VANISHED)
    return Meaning(order, Kind.ABSENT_FOR_LONG if event.is_position_unchanged else Kind.POSITION_MOVED)


def _missed(order: OrderState, now: datetime) -> OrderState:
    return replace(order, misses=order.misses + 1, first_miss_at=order.first_miss_at or now)


def _is_long(order: OrderState, now: datetime, patience: Patience) -> bool:
    first = order.first_miss_at
    return first is not None and order.misses >= patience.probes and now - first >= patience.absent_after


def _grace(order: OrderState, now: datetime) -> Kind:
    if order.grace_until is not None and now < order.grace_until:
        return Kind.GRACE_RUNS
    if not order.is_whole or order.open_tickets or order.is_replacing:
        return Kind.FILLS_MISSING
    return Kind.GRACE_OVER


def _marked(order: OrderState, event: Plain) -> OrderState:
    # What an event leaves behind besides a state; whether it is expected at all is the table's to say.
    if isinstance(event, Refused):
        return replace(order, codes=event.codes)
    if isinstance(event, CancelAsked):
        return replace(order, is_cancel_wanted=True)
    if isinstance(event, CancelRefused | CancelUnanswered):
        return _to_ask_again(order)
    if isinstance(event, Recovered):
        return _recovered(order)
    return _replacing(order, event)


def _replacing(order: OrderState, event: Plain) -> OrderState:
    if isinstance(event, ReplaceAsked) and order.state is State.WORKING:
        return replace(order, replacement=Replacement.ASKED)
    if isinstance(event, ReplaceFailed):
        return _without_replacement(order)
    if isinstance(event, ReplaceUnanswered) and order.replacement is Replacement.ASKED:
        return replace(order, replacement=Replacement.UNANSWERED)
    return order


def _without_replacement(order: OrderState) -> OrderState:
    return replace(order, replacement=Replacement.NONE, misses=0, first_miss_at=None)


def _recovered(order: OrderState) -> OrderState:
    order = _to_ask_again(order)
    if order.replacement is Replacement.ASKED:
        return replace(order, replacement=Replacement.UNANSWERED)
    return order


def _to_ask_again(order: OrderState, only: str = "") -> OrderState:
    asked = (ticket.is_cancel_asked and only not in ("", ticket.id) for ticket in order.tickets)
    marked = (replace(ticket, is_cancel_asked=is_so) for ticket, is_so in zip(order.tickets, asked, strict=True))
    return replace(order, tickets=tuple(marked))
