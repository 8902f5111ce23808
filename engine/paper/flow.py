"""The life of an order once it was taken: routed, worked, filled, ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.paper.conduct import FillModel, Quirk
from engine.paper.desk import Desk
from engine.paper.filling import Filling
from engine.paper.hours import coming_session, trading_session, works_until
from engine.paper.matching import Match, at_limit, legacy_match, match, triggers
from engine.paper.orders import Order
from engine.paper.quotes import Quote
from engine.paper.tickets import Ticket
from engine.paper.words import OrderType, Status, TimeInForce

SESSION_OFFLINE: Final = "Session offline"
_LATE: Final = 10.0  # seconds before pace
_AT_VENUE: Final = frozenset({Status.IN_FLIGHT, Status.LIVE, Status.CANCEL_REQUESTED, Status.REPLACE_REQUESTED})

Watcher = Callable[[Ticket, datetime], None]


class Flow:
    """Moves orders through their statuses as time goes on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._filling = Filling(desk)
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """Have something told of each fill and of each end of an order, after it was said."""
        self._watchers.append(watcher)

    # ---------------------------------------------------------------- on its way

    def first_status(self, ticket: Ticket, at: datetime) -> Status:
        """Return the status an order is taken with."""
        if _is_early(ticket, at):
            return Status.CONTINGENT
        return Status.ROUTED if self._is_open(ticket, at) else Status.RECEIVED

    def begin(self, ticket: Ticket, at: datetime) -> None:
        """Set an order going that has its first status."""
        terms = ticket.order.terms
        if terms.route_after is not None and _is_early(ticket, at):
            self._desk.agenda.add(terms.route_after, lambda now: self.release(ticket, now))
            return
        ends = [getattr(instrument, "stops_trading_at", None) for instrument in ticket.instruments]
        ends.append(works_until(ticket.instruments[0], terms.time_in_force, terms.gtc_date, at))
        last = min((each for each in ends if each is not None), default=None)
        if last is not None:
            self._desk.agenda.add(last, lambda now: self._expire(ticket, now))
        if ticket.order.status is Status.ROUTED:
            self._send(ticket, at)
        else:
            self._desk.agenda.add(self._opening(ticket, at), lambda now: self._route(ticket, now))

    def release(self, ticket: Ticket, at: datetime) -> None:
        """Set an order going that waited for another one."""
        if ticket.order.status is Status.CONTINGENT:
            self._desk.change(ticket, at, status=self.first_status(ticket, at), contingent_status="")
            self.begin(ticket, at)

    def end(self, ticket: Ticket, at: datetime, status: Status, **changes: object) -> None:
        """End an order that is not final yet."""
        if ticket.order.status.is_final:
            return
        self._desk.change(ticket, at, status=status, contingent_status="", **changes)
        self._tell(ticket, at)

    def _route(self, ticket: Ticket, at: datetime) -> None:
        if ticket.order.status is Status.RECEIVED:
            self._desk.change(ticket, at, status=Status.ROUTED)
            self._send(ticket, at)

    def _send(self, ticket: Ticket, at: datetime) -> None:
        self._desk.agenda.add(at + self._wait(ticket, "routing"), lambda now: self._fly(ticket, now))

    def _fly(self, ticket: Ticket, at: datetime) -> None:
        if ticket.order.status is not Status.ROUTED:
            return
        is_future = ticket.order.underlying_type.is_future
        if Quirk.SESSION_OFFLINE in ticket.quirks or (is_future and self._desk.setup.conduct.futures_are_offline):
            self.end(ticket, at, Status.REJECTED, reject_reason=SESSION_OFFLINE)
            return
        self._desk.change(ticket, at, status=Status.IN_FLIGHT, in_flight_at=at)
        self._desk.agenda.add(at + self._wait(ticket, "arrival"), lambda now: self._arrive(ticket, now))

    def _arrive(self, ticket: Ticket, at: datetime) -> None:
        if ticket.order.status not in _AT_VENUE:
            return
        if ticket.order.status is Status.IN_FLIGHT and ticket.order.terms.order_type is not OrderType.MARKET:
            self._desk.change(ticket, at, status=Status.LIVE, live_at=at)
        late = timedelta(seconds=_LATE * self._desk.setup.conduct.pace if Quirk.LATE in ticket.quirks else 0)
        ticket.can_fill_from = at + self._wait(ticket, "filling") + late
        self._wake_at(ticket, ticket.can_fill_from)

    def _expire(self, ticket: Ticket, at: datetime) -> None:
        if ticket.order.status is not Status.CANCEL_REQUESTED:  # that one ends as cancelled, a moment later
            self.end(ticket, at, Status.EXPIRED)

    # ---------------------------------------------------------------- matching

    def fill_at_limit(self, ticket: Ticket, at: datetime) -> None:
        """
        Fill all that is left of an order at its own limit, whatever its status and the quotes.

        Nothing fills that never was at the venue, whose stop was not reached, or while its market is closed.
        """
        order = ticket.order
        could_fill = order.in_flight_at is not None and (ticket.is_triggered or not order.terms.order_type.has_stop)
        if order.remaining and not ticket.is_forgotten and could_fill and self._is_open(ticket, at):
            self._fill(ticket, at_limit(order, self._quotes(order, at)), at)

    def _fill(self, ticket: Ticket, found: Match, at: datetime) -> None:
        self._filling.fill(ticket, found, at)
        self._tell(ticket, at)

    def look_again(self, ticket: Ticket, at: datetime) -> None:
        """Hold an order against its quotes now, if it could fill by now: they are not what was foreseen."""
        if ticket.can_fill_from is not None and ticket.can_fill_from <= at:
            self._wake_at(ticket, at)

    def _wake_at(self, ticket: Ticket, at: datetime) -> None:
        ticket.wakes_at = at
        self._desk.agenda.add(at, lambda now: self._wake(ticket, now))

    def _wake(self, ticket: Ticket, at: datetime) -> None:
        if ticket.wakes_at != at or ticket.order.status not in _AT_VENUE:
            return
        ticket.wakes_at = None
        if not self._is_open(ticket, at):
            self._wake_at(ticket, self._opening(ticket, at))
            return
        found = self._match(ticket, at)
        if found is not None:
            self._fill(ticket, found, at)
        if ticket.order.terms.time_in_force is TimeInForce.IOC:
            self.end(ticket, at, Status.CANCELLED, cancelled_at=at)
        changes = self._desk.quotes.next_change([leg.symbol for leg in ticket.order.legs], at)
        if changes is not None and not ticket.order.status.is_final:
            self._wake_at(ticket, changes)

    def _match(self, ticket: Ticket, at: datetime) -> Match | None:
        if self._desk.setup.conduct.fill_model is FillModel.LEGACY_TABLE:
            return legacy_match(ticket.order)
        quotes = self._quotes(ticket.order, at)
        ticket.is_triggered = ticket.is_triggered or triggers(ticket.order, quotes)
        found = match(ticket.order, quotes, is_triggered=ticket.is_triggered)
        if found is not None and Quirk.PARTIAL in ticket.quirks:
            return replace(found, units=(found.units + 1) // 2)
        return found

    # ---------------------------------------------------------------- small parts

    def _quotes(self, order: Order, at: datetime) -> dict[str, Quote]:
        found = {leg.symbol: self._desk.quotes.quote(leg.symbol, at) for leg in order.legs}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    def _tell(self, ticket: Ticket, at: datetime) -> None:
        for watcher in self._watchers:
            watcher(ticket, at)

    def _is_open(self, ticket: Ticket, at: datetime) -> bool:
        is_extended = ticket.order.terms.time_in_force.is_extended
        return trading_session(ticket.instruments[0], at, is_extended=is_extended) is not None

    def _opening(self, ticket: Ticket, at: datetime) -> datetime:
        is_extended = ticket.order.terms.time_in_force.is_extended
        return coming_session(ticket.instruments[0], at, is_extended=is_extended).open

    def _wait(self, ticket: Ticket, step: str) -> timedelta:
        span = getattr(self._desk.setup.conduct, step)
        return self._desk.draws.wait(span, f"{ticket.order.id}/{step}")


def _is_early(ticket: Ticket, at: datetime) -> bool:
    after = ticket.order.terms.route_after
    return after is not None and at < after
