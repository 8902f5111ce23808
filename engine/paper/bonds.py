"""What the orders of a complex order do to each other."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from engine.paper.desk import Desk
from engine.paper.effects import effects
from engine.paper.flow import Flow
from engine.paper.tickets import Group, Ticket
from engine.paper.words import ComplexType, Status

TOO_DEAR: Final = "Insufficient buying power"


class Bonds:
    """
    Holds complex orders together.

    A trigger that filled whole sets the others going; one that ends otherwise ends them. The first fill of one
    of a pair, also of a part, cancels the other at once: two orders never close the same position.
    """

    def __init__(self, desk: Desk, flow: Flow) -> None:
        self._desk = desk
        self._flow = flow
        flow.watch(self._react)

    def begin(self, group: Group, at: datetime) -> None:
        """Set a complex order going whose orders are in the book."""
        first = [self._desk.book.by_id(group.trigger_id)] if group.trigger_id else self._tickets(group)
        for ticket in first:
            self._flow.release(ticket, at)

    def _react(self, ticket: Ticket, at: datetime) -> None:
        group = self._desk.book.group(ticket.order.account, ticket.order.complex_id)
        if group is None or ticket.order.is_edited:  # its replacement has its place
            return
        if ticket.order.id == group.trigger_id:
            self._follow_trigger(group, ticket, at)
        elif group.type is not ComplexType.OTO and ticket.order.legs[0].fills:
            for other in self._tickets(group):
                if other is not ticket:
                    self._flow.end(other, at, Status.CANCELLED, cancelled_at=at)

    def _follow_trigger(self, group: Group, trigger: Ticket, at: datetime) -> None:
        if not trigger.order.status.is_final:
            return
        for ticket in self._tickets(group):
            if trigger.order.status is not Status.FILLED:
                self._flow.end(ticket, at, Status.CANCELLED, cancelled_at=at)
            elif self._is_too_dear(ticket, at):
                self._flow.end(ticket, at, Status.REJECTED, reject_reason=TOO_DEAR)
            else:
                self._flow.release(ticket, at)

    def _is_too_dear(self, ticket: Ticket, at: datetime) -> bool:
        """Return whether an order opens more than there is money for; nobody asked while it waited."""
        order = ticket.order
        if order.status is not Status.CONTINGENT or all(leg.action.is_close for leg in order.legs):
            return False
        return effects(self._desk, order, ticket.instruments, at).power.is_too_much

    def _tickets(self, group: Group) -> Iterable[Ticket]:
        return [self._desk.book.by_id(order_id) for order_id in group.order_ids]
