"""Taking in what the broker shows: figures only, in any order, any number of times, with the same result."""

from dataclasses import replace
from datetime import datetime

from engine.lifecycle.counting import units_placed
from engine.lifecycle.effects import Alarm, Book, Effect, Raise
from engine.lifecycle.order_state import OrderState, Replacement, Ticket
from engine.model.order import Fill, OrderStatus, PlacedOrder

_RANK = {
    status: rank
    for rank, status in enumerate(
        (
            OrderStatus.RECEIVED,
            OrderStatus.CONTINGENT,
            OrderStatus.ROUTED,
            OrderStatus.IN_FLIGHT,
            OrderStatus.LIVE,
            OrderStatus.UNKNOWN,
            OrderStatus.REPLACE_REQUESTED,
            OrderStatus.CANCEL_REQUESTED,
        )
    )
}
_BEFORE_VENUE = (OrderStatus.RECEIVED, OrderStatus.CONTINGENT)
AT_WORK = (*_BEFORE_VENUE, OrderStatus.ROUTED, OrderStatus.IN_FLIGHT, OrderStatus.LIVE)


def is_of(order: OrderState, placed: PlacedOrder) -> bool:
    """Return whether what the broker shows is this order or a replacement of it."""
    by_link = placed.id in order.order_ids or (placed.replaces != "" and placed.replaces in order.order_ids)
    return by_link or (placed.client_id != "" and placed.client_id == order.client_id)


def absorb(order: OrderState, placed: PlacedOrder, now: datetime) -> tuple[OrderState, tuple[Effect, ...]]:
    """Take in one report of one of the broker's orders; return with it the bookings and alarms that follow."""
    old = next((ticket for ticket in order.tickets if ticket.id == placed.id), None)
    effects: tuple[Effect, ...] = ()
    if old is None:
        order, effects = _with_new_ticket(order, placed)
    ticket = _newer(next(t for t in order.tickets if t.id == placed.id), placed, now)
    order = _with_ticket(replace(order, misses=0, first_miss_at=None), ticket)
    order, booked = absorb_fills(order, placed.id, placed.fills)
    order, excess = _guard(order)
    return order, (*effects, *booked, *excess)


def absorb_fills(order: OrderState, order_id: str, fills: tuple[Fill, ...]) -> tuple[OrderState, tuple[Effect, ...]]:
    """Take in fills of one of the broker's orders: new ones are booked, known ones are not."""
    known = {(fill.id, fill.symbol): fill for fill in order.fills}
    effects: list[Effect] = []
    new: list[Fill] = []
    for fill in fills:
        before = known.get((fill.id, fill.symbol))
        if before is None:
            known[fill.id, fill.symbol] = fill
            new.append(fill)
            effects.append(Book(order.client_id, order_id, fill))
        elif (before.quantity, before.price) != (fill.quantity, fill.price):
            effects.append(_changed(order, before, fill))
    if not new:
        return order, tuple(effects)
    ticket = next(t for t in order.tickets if t.id == order_id)
    was = order
    order = _with_ticket(order, replace(ticket, fills=(*ticket.fills, *new)))
    return replace(order, is_settled=False), (*effects, *_alarms_of_fills(was, order, new))


def _with_new_ticket(order: OrderState, placed: PlacedOrder) -> tuple[OrderState, tuple[Effect, ...]]:
    follows = _predecessor(order, placed)
    units = units_placed(order.order.legs, placed.legs)
    ticket = Ticket(placed.id, placed.status, units, units, follows=follows)
    effects: tuple[Effect, ...] = ()
    if order.tickets and not follows:
        text = f"the broker shows {placed.id} under the id of {order.tickets[0].id}, which it does not replace"
        effects = (Raise(order.client_id, Alarm.SECOND_ORDER, text),)
        order = replace(order, is_cancel_wanted=True)
    if follows:
        order = replace(order, replacement=Replacement.NONE)
    return replace(order, tickets=(*order.tickets, ticket), is_settled=False), effects


def _predecessor(order: OrderState, placed: PlacedOrder) -> str:
    ids = {ticket.id for ticket in order.tickets}
    if placed.replaces in ids:
        return placed.replaces
    named = next((ticket.id for ticket in order.tickets if ticket.replaced_by == placed.id), "")
    if named or order.replacement is Replacement.NONE or not order.tickets:
        return named
    return order.tickets[-1].id  # asked for, under our id and with no other word on what it replaces


def _newer(ticket: Ticket, placed: PlacedOrder, now: datetime) -> Ticket:
    status = _later(ticket, placed)
    remaining = ticket.remaining
    if not placed.status.is_final:
        remaining = max(0, min(remaining, placed.remaining))
    is_live = placed.status is OrderStatus.LIVE and ticket.live_at is None
    is_taken_back = ticket.status is OrderStatus.CANCEL_REQUESTED and status in AT_WORK  # the venue refused the cancel
    return replace(
        ticket,
        status=status,
        remaining=remaining,
        price=placed.price if ticket.price is None else ticket.price,
        replaced_by=placed.replaced_by or ticket.replaced_by,
        updated_at=max((at for at in (ticket.updated_at, placed.updated_at) if at), default=None),
        live_at=(placed.updated_at or now) if is_live else ticket.live_at,
        reject_reason=placed.reject_reason or ticket.reject_reason,
        is_cancel_asked=ticket.is_cancel_asked and not is_taken_back,
    )


def _later(ticket: Ticket, placed: PlacedOrder) -> OrderStatus:
    # An end is never taken back, and Filled outweighs every other end: the fill and the cancel crossed.
    if OrderStatus.FILLED in (ticket.status, placed.status):
        return OrderStatus.FILLED
    if ticket.status.is_final or placed.status.is_final:
        return ticket.status if ticket.status.is_final else placed.status
    if ticket.updated_at and placed.updated_at and ticket.updated_at != placed.updated_at:
        return placed.status if placed.updated_at > ticket.updated_at else ticket.status
    return max(ticket.status, placed.status, key=_RANK.__getitem__)


def _with_ticket(order: OrderState, ticket: Ticket) -> OrderState:
    return replace(order, tickets=tuple(ticket if t.id == ticket.id else t for t in order.tickets))


def _guard(order: OrderState) -> tuple[OrderState, tuple[Effect, ...]]:
    # An order that filled while it was replaced may leave a replacement that is too large.
    left = max(0, order.units - max(order.filled, order.told_filled))
    if order.at_broker <= left or order.is_cancel_wanted:
        return order, ()
    wanted = replace(order, is_cancel_wanted=True)
    at_venue = [ticket for ticket in order.open_tickets if ticket.status not in _BEFORE_VENUE]
    if sum(order.open_units(ticket) for ticket in at_venue) <= left:
        return wanted, ()
    text = f"{order.at_broker} units are open at the broker where {left} are left to fill"
    return wanted, (Raise(order.client_id, Alarm.MAY_OVERFILL, text),)


def _alarms_of_fills(was: OrderState, order: OrderState, new: list[Fill]) -> tuple[Effect, ...]:
    symbols = {leg.symbol for leg in order.order.legs}
    alarms = [
        Raise(order.client_id, Alarm.STRANGE_FILL, f"fill {fill.id} is of {fill.symbol}, which is no leg of the order")
        for fill in new
        if fill.symbol not in symbols
    ]
    if was.is_settled:
        text = f"fill(s) {', '.join(fill.id for fill in new)} came after the order was settled"
        alarms.append(Raise(order.client_id, Alarm.LATE_FILL, text))
    if order.touched > order.units:
        text = f"{order.touched} units filled of {order.units}"
        alarms.append(Raise(order.client_id, Alarm.OVERFILLED, text))
    return tuple(alarms)


def _changed(order: OrderState, before: Fill, fill: Fill) -> Raise:
    text = f"fill {fill.id} was {before.quantity} at {before.price} and is now {fill.quantity} at {fill.price}"
    return Raise(order.client_id, Alarm.STRANGE_FILL, text)
