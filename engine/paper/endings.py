"""Cancels and replacements between being asked for and being done, and the races on the way."""

from datetime import datetime
from typing import Final

from engine.paper.conduct import Quirk
from engine.paper.desk import Desk
from engine.paper.flow import Flow
from engine.paper.tickets import Ticket
from engine.paper.words import Status

REPLACE_FAILED: Final = "Replace failed"
_NOT_SENT: Final = frozenset({Status.RECEIVED, Status.CONTINGENT})


class Endings:
    """Takes orders out of the market because someone asked for it."""

    def __init__(self, desk: Desk, flow: Flow) -> None:
        self._desk = desk
        self._flow = flow
        flow.watch(self._abort_replacement)

    def cancel(self, ticket: Ticket, at: datetime) -> None:
        """Cancel an order that is not final: at once while it was not sent yet, else later, if no fill comes first."""
        if ticket.order.status in _NOT_SENT:
            self._flow.end(ticket, at, Status.CANCELLED, cancelled_at=at)
            return
        if ticket.order.status is Status.CANCEL_REQUESTED:
            return
        self._desk.change(ticket, at, status=Status.CANCEL_REQUESTED)
        wait = self._desk.draws.wait(self._desk.setup.conduct.cancelling, f"{ticket.order.id}/cancelling")
        if Quirk.FILL_BEFORE_CANCEL in ticket.quirks:
            self._desk.agenda.add(at + wait / 2, lambda now: self._fill_first(ticket, now))
        self._desk.agenda.add(at + wait, lambda now: self._finish_cancel(ticket, now))

    def _finish_cancel(self, ticket: Ticket, at: datetime) -> None:
        if ticket.order.status.is_final:
            return
        self._flow.end(ticket, at, Status.CANCELLED, cancelled_at=at)
        if Quirk.FILL_AFTER_CANCEL in ticket.quirks:
            wait = self._desk.draws.wait(self._desk.setup.conduct.booking, f"{ticket.order.id}/after")
            self._desk.agenda.add(at + wait, lambda now: self._flow.fill_at_limit(ticket, now))

    def _fill_first(self, ticket: Ticket, at: datetime) -> None:
        if not ticket.order.status.is_final:
            self._flow.fill_at_limit(ticket, at)

    def replace(self, old: Ticket, new: Ticket, at: datetime) -> None:
        """Begin to replace an order by one that is Contingent and in the book."""
        self._desk.change(old, at, status=Status.REPLACE_REQUESTED, replaced_by=new.order.id)
        wait = self._desk.draws.wait(self._desk.setup.conduct.replacing, f"{new.order.id}/replacing")
        if Quirk.FILL_DURING_REPLACE in old.quirks:
            self._desk.agenda.add(at + wait / 2, lambda now: self._fill_first(old, now))
        self._desk.agenda.add(at + wait, lambda now: self._finish_replace(old, new, at + wait / 2, now))

    def _finish_replace(self, old: Ticket, new: Ticket, cancelled_at: datetime, at: datetime) -> None:
        if old.order.status is not Status.REPLACE_REQUESTED:
            return
        self._desk.book.hand_over(old, new)
        self._flow.end(old, at, Status.CANCELLED, cancelled_at=cancelled_at, is_edited=True)
        if Quirk.REPLACE_FAILS in old.quirks | new.quirks:
            self._flow.end(new, at, Status.REJECTED, reject_reason=REPLACE_FAILED)
        else:
            self._flow.release(new, at)

    def _abort_replacement(self, old: Ticket, at: datetime) -> None:
        """End a replacement whose old order filled, also in part, or ended by itself, before it was cancelled."""
        order = old.order
        if not order.replaced_by or order.is_edited:
            return
        new = self._desk.book.by_id(order.replaced_by)
        if new.order.status is not Status.CONTINGENT:
            return
        if order.status is Status.REPLACE_REQUESTED:
            self._desk.change(old, at, status=Status.LIVE, replaced_by=0)
        self._flow.end(new, at, Status.CANCELLED, cancelled_at=at)
