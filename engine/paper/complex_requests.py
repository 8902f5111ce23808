"""What is asked of the exchange about complex orders: checked, then taken or refused."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from engine.paper.answers import Notice, Placed, PlacedComplex, Rejected
from engine.paper.bonds import Bonds
from engine.paper.desk import Desk
from engine.paper.endings import Endings
from engine.paper.fees import Fees
from engine.paper.orders import ComplexOrder, ComplexRequest, OrderRequest
from engine.paper.requests import PENDING, Requests, not_found, refused
from engine.paper.tickets import Group, Ticket
from engine.paper.validation import Scope
from engine.paper.words import ComplexType, OrderType, Status

_MOST_OTO: Final = 3
_BAD_COMBINATION: Final = Notice("invalid_oco_order_type_combo", "an OCO is a Limit and a Stop or Stop Limit order")

Prepared = tuple[Ticket, Placed]


class ComplexRequests:
    """Requests for complex orders."""

    def __init__(self, desk: Desk, requests: Requests, endings: Endings, bonds: Bonds) -> None:
        self._desk = desk
        self._requests = requests
        self._endings = endings
        self._bonds = bonds

    def place(self, account: str, request: ComplexRequest, at: datetime, *, is_dry: bool) -> PlacedComplex | Rejected:
        """Take a complex order, or only check it."""
        problem = _form_problem(request)
        if problem is not None:
            return refused((problem,))
        trigger = () if request.trigger is None else (request.trigger,)
        prepared: list[Prepared] = []
        for child in (*trigger, *request.orders):
            waits = bool(trigger) and child is not request.trigger
            found = self._requests.prepared(child, Scope(account, at, is_child=waits))
            if isinstance(found, Rejected):
                return _numbered(found, len(prepared))
            prepared.append(found)
        group_id = 0 if is_dry else self._desk.book.next_group_id()
        self._name(request.type, prepared, group_id, has_trigger=bool(trigger))
        if not is_dry:
            self._take(request.type, prepared, group_id, at)
        return _answer(account, request, prepared, group_id)

    def _name(self, kind: ComplexType, prepared: list[Prepared], group_id: int, *, has_trigger: bool) -> None:
        for place, (ticket, _) in enumerate(prepared):
            ticket.order = replace(
                ticket.order,
                status=Status.CONTINGENT,
                contingent_status=PENDING,
                complex_id=group_id,
                complex_tag=_tag(kind, place, has_trigger=has_trigger),
                preflight_id=None if group_id else place,
            )

    def _take(self, kind: ComplexType, prepared: list[Prepared], group_id: int, at: datetime) -> None:
        ids = tuple(self._desk.book.next_id() for _ in prepared)
        account = prepared[0][0].order.account
        has_trigger = kind is not ComplexType.OCO
        group = Group(group_id, account, kind, ids[1:] if has_trigger else ids, ids[0] if has_trigger else 0)
        for (ticket, _), order_id in zip(prepared, ids, strict=True):
            self._requests.take(ticket, replace(ticket.order, id=order_id))
        self._desk.book.add_group(group)
        self._bonds.begin(group, at)

    def cancel(self, account: str, complex_id: int, at: datetime) -> ComplexOrder | Rejected:
        """Ask for every order of a complex order that is not final to be cancelled."""
        group = self._desk.book.group(account, complex_id)
        if group is None:
            return not_found(complex_id)
        for order in self._desk.book.complex_order(group).children():
            ticket = self._desk.book.by_id(order.id)
            if not ticket.order.status.is_final and ticket.order.status is not Status.REPLACE_REQUESTED:
                self._endings.cancel(ticket, at)
        return self._desk.book.complex_order(group)


def _form_problem(request: ComplexRequest) -> Notice | None:
    count = len(request.orders)
    match request.type:
        case ComplexType.OCO:
            is_right = request.trigger is None and count == 2
        case ComplexType.OTO:
            is_right = request.trigger is not None and 1 <= count <= _MOST_OTO
        case ComplexType.OTOCO:
            is_right = request.trigger is not None and count == 2
        case _:
            return Notice("complex_order_type_not_supported", f"{request.type} orders are not supported here")
    if not is_right:
        return Notice("invalid_complex_order", f"a {request.type} order does not have {count} orders like these")
    return _BAD_COMBINATION if request.type is not ComplexType.OTO and not _is_pair(request.orders) else None


def _is_pair(orders: tuple[OrderRequest, ...]) -> bool:
    kinds = [order.terms.order_type for order in orders]
    return kinds.count(OrderType.LIMIT) == 1 and sum(kind.has_stop for kind in kinds) == 1


def _tag(kind: ComplexType, place: int, *, has_trigger: bool) -> str:
    if has_trigger and place == 0:
        return f"{kind}::trigger-order"
    return f"{kind}::oco-{place}-order" if kind is ComplexType.OTOCO else f"{kind}::order"


def _numbered(refusal: Rejected, place: int) -> Rejected:
    return replace(refusal, problems=tuple(replace(each, preflight_id=place) for each in refusal.problems))


def _answer(account: str, request: ComplexRequest, prepared: list[Prepared], group_id: int) -> PlacedComplex:
    """Say of money what the trigger does, or the first of a pair: the others close what that one opens."""
    orders = tuple(ticket.order for ticket, _ in prepared)
    has_trigger = request.trigger is not None
    first = prepared[0][1]
    warnings = {notice.code: notice for _, placed in prepared for notice in placed.warnings}
    return PlacedComplex(
        order=ComplexOrder(
            id=group_id,
            account=account,
            type=request.type,
            orders=orders[1:] if has_trigger else orders,
            trigger=orders[0] if has_trigger else None,
        ),
        power=first.power,
        fees=first.fees if has_trigger else max((placed.fees for _, placed in prepared), key=_total),
        warnings=tuple(warnings.values()),
    )


def _total(fees: Fees) -> Decimal:
    return fees.total
