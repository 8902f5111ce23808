"""What is asked of the exchange: checked, then taken or refused."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

from engine.paper.answers import (
    CANNOT_UPDATE,
    NOT_FOUND,
    PREFLIGHT_FAILED,
    Notice,
    Placed,
    Rejected,
)
from engine.paper.desk import Desk
from engine.paper.effects import Effects, effects
from engine.paper.endings import Endings
from engine.paper.flow import Flow
from engine.paper.hours import trading_day
from engine.paper.orders import LegRequest, Order, OrderRequest, Terms
from engine.paper.tickets import Ticket
from engine.paper.validation import Checked, Scope, check
from engine.paper.words import InstrumentType, Status

PENDING = "Pending Order"
_NO_POWER = Notice("margin_check_failed", "Account does not have sufficient buying power available for this order.")
_BUSY = frozenset({Status.CANCEL_REQUESTED, Status.REPLACE_REQUESTED, Status.CONTINGENT})


class Requests:
    """Requests for single orders."""

    def __init__(self, desk: Desk, flow: Flow, endings: Endings) -> None:
        self._desk = desk
        self._flow = flow
        self._endings = endings

    def place(self, account: str, request: OrderRequest, at: datetime, *, is_dry: bool) -> Placed | Rejected:
        """Take an order, or only check it."""
        ticket = self.prepared(request, Scope(account, at))
        if isinstance(ticket, Rejected):
            return ticket
        draft, placed = ticket
        if is_dry:
            return placed
        order = replace(draft.order, id=self._desk.book.next_id(), status=self._flow.first_status(draft, at))
        self.take(draft, order)
        self._flow.begin(draft, at)
        return replace(placed, order=draft.order)

    def take(self, ticket: Ticket, order: Order) -> None:
        """Put an order that has its id into the book."""
        request_id = blake2b(f"{self._desk.setup.seed}/{order.id}".encode(), digest_size=16).hexdigest()
        ticket.order = replace(order, global_request_id=request_id, updated_at=order.received_at)
        ticket.quirks = self._desk.quirks_of(order)
        self._desk.take(ticket)
        if order.terms.cancel_at is not None:
            ends = max(order.terms.cancel_at, order.received_at)
            self._desk.agenda.add(ends, lambda now: self._cancel_by_rule(ticket, now))

    def _cancel_by_rule(self, ticket: Ticket, at: datetime) -> None:
        if not ticket.order.status.is_final and ticket.order.status is not Status.REPLACE_REQUESTED:
            self._endings.cancel(ticket, at)

    def prepared(self, request: OrderRequest, scope: Scope) -> tuple[Ticket, Placed] | Rejected:
        """Check an order and its effect on buying power; return it as it would be taken."""
        if scope.account not in self._desk.ledgers:
            return Rejected("not_permitted", "User not permitted access")
        checked = check(self._desk, request, scope)
        if checked.problems:
            return refused(checked.problems)
        order = _draft(request, checked, scope)
        found = effects(self._desk, order, checked.instruments, scope.at)
        if found.power.is_too_much and not scope.is_child:
            return refused((_NO_POWER,))
        ticket = Ticket(order, checked.instruments, held=found.held)
        return ticket, _placed(order, found, checked)

    def cancel(self, account: str, order_id: int, at: datetime) -> Order | Rejected:
        """Ask for an order to be cancelled."""
        ticket = self._desk.book.ticket(account, order_id)
        if ticket is None:
            return not_found(order_id)
        if ticket.order.status.is_final or ticket.order.status is Status.REPLACE_REQUESTED:
            return Rejected(CANNOT_UPDATE, "the order could not be cancelled")
        self._endings.cancel(ticket, at)
        return ticket.order

    def replace(self, account: str, order_id: int, terms: Terms, at: datetime, *, is_dry: bool) -> Placed | Rejected:
        """Ask for an order to be replaced, or only check that."""
        old = self._desk.book.ticket(account, order_id)
        if old is None:
            return not_found(order_id)
        if old.order.status.is_final or old.order.status in _BUSY:
            return Rejected(CANNOT_UPDATE, "the order could not be replaced")
        prepared = self.prepared(_again(old.order, terms), Scope(account, at, replaces=order_id))
        if isinstance(prepared, Rejected):
            return prepared
        new, placed = prepared
        new.order = replace(
            new.order,
            status=Status.CONTINGENT,
            contingent_status=PENDING,
            replaces=order_id,
            complex_id=old.order.complex_id,
            complex_tag=old.order.complex_tag,
        )
        if not is_dry:
            self.take(new, replace(new.order, id=self._desk.book.next_id()))
            self._endings.replace(old, new, at)
        return replace(placed, order=new.order)

    def live_orders(self, account: str, at: datetime) -> tuple[Order, ...]:
        """Return what works, and what was created or changed today."""
        today = trading_day(at)
        return tuple(
            ticket.order
            for ticket in self._desk.book.of_account(account)
            if not ticket.order.status.is_final or trading_day(ticket.order.updated_at) == today
        )


def refused(problems: tuple[Notice, ...]) -> Rejected:
    """Return the refusal of an order that failed checks."""
    return Rejected(PREFLIGHT_FAILED, "One or more preflight checks failed", problems)


def not_found(identity: int) -> Rejected:
    """Return the refusal of a request about something that does not exist."""
    return Rejected(NOT_FOUND, f"there is no order {identity}")


def _draft(request: OrderRequest, checked: Checked, scope: Scope) -> Order:
    return Order(
        id=0,
        account=scope.account,
        legs=checked.legs,
        terms=request.terms,
        underlying=checked.instruments[0].underlying,
        underlying_type=_underlying_type(checked),
        status=Status.RECEIVED,
        received_at=scope.at,
        updated_at=scope.at,
        external_identifier=request.external_identifier,
        source=request.source,
        replaces=scope.replaces,
        is_strict=request.is_strict,
    )


def _underlying_type(checked: Checked) -> InstrumentType:
    is_future = checked.instruments[0].instrument_type.is_future
    return InstrumentType.FUTURE if is_future else InstrumentType.EQUITY


def _placed(order: Order, found: Effects, checked: Checked) -> Placed:
    return Placed(order, found.power, found.fees, checked.warnings)


def _again(order: Order, terms: Terms) -> OrderRequest:
    """Return an order's request again with other terms, for what is left of it."""
    legs = tuple(LegRequest(leg.instrument_type, leg.symbol, leg.action, Decimal(leg.remaining)) for leg in order.legs)
    return OrderRequest(legs, terms, order.external_identifier, order.source, order.is_strict)
