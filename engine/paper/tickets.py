"""The orders an exchange works, as they change, and what it says of each change."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from engine.paper.answers import Happened, Subject
from engine.paper.conduct import Quirk
from engine.paper.instruments import Instrument
from engine.paper.orders import ComplexOrder, Order
from engine.paper.words import ComplexType, Status

ZERO = Decimal(0)


@dataclass(slots=True)
class Ticket:
    """
    One order with what the exchange knows of it besides.

    instruments: of its legs, in turn. quirks: the odd ways it will go. is_triggered: its stop was reached.
    held: dollars of buying power held back for each contract or share of the first leg. booked: how many of
    those positions show. is_forgotten: a reset of the account came between; nothing of it counts any more.
    wakes_at: when it is next held against its quotes, None for not by itself. can_fill_from: None before it arrived.
    """

    order: Order
    instruments: tuple[Instrument, ...]
    quirks: set[Quirk] = field(default_factory=set)
    is_triggered: bool = False
    held: Decimal = ZERO
    booked: int = 0
    is_forgotten: bool = False
    wakes_at: datetime | None = None
    can_fill_from: datetime | None = None

    @property
    def unbooked(self) -> int:
        """Contracts or shares of the first leg that may still change positions."""
        if self.is_forgotten:
            return 0
        first = self.order.legs[0]
        return (first.filled if self.order.status.is_final else first.quantity) - self.booked


@dataclass(slots=True)
class Group:
    """A complex order: which orders belong to it."""

    id: int
    account: str
    type: ComplexType
    order_ids: tuple[int, ...]
    trigger_id: int = 0


class Book:
    """Every order there is, by id, and the changes nobody has been told of yet."""

    def __init__(self, first_id: int) -> None:
        self._tickets: dict[int, Ticket] = {}
        self._of_account: dict[str, dict[int, Ticket]] = {}
        self._open: dict[str, dict[int, Ticket]] = {}
        self._groups: dict[int, Group] = {}
        self._said: list[Happened] = []
        self._last_id = first_id
        self._last_group_id = 0

    def next_id(self) -> int:
        """Return an id no order has had."""
        self._last_id += 1
        return self._last_id

    def next_group_id(self) -> int:
        """Return an id no complex order has had."""
        self._last_group_id += 1
        return self._last_group_id

    def add(self, ticket: Ticket) -> None:
        """Take an order in, and say so."""
        order = ticket.order
        self._tickets[order.id] = ticket
        self._of_account.setdefault(order.account, {})[order.id] = ticket
        self._open.setdefault(order.account, {})[order.id] = ticket
        self.say(order.received_at, order.account, order)

    def add_group(self, group: Group) -> None:
        """Take a complex order in; its orders are added by themselves."""
        self._groups[group.id] = group

    def change(self, ticket: Ticket, at: datetime, **changes: object) -> None:
        """Change an order, and say how it stands now."""
        self.change_silently(ticket, at, **changes)
        account = ticket.order.account
        self.say(at, account, ticket.order)
        group = self._groups.get(ticket.order.complex_id)
        if group is not None:
            self.say(at, account, self.complex_order(group))

    def change_silently(self, ticket: Ticket, at: datetime, **changes: object) -> None:
        """Change an order without saying so."""
        status = changes.get("status")
        if isinstance(status, Status) and status.is_final:
            changes = {"terminal_at": at, **changes}
        ticket.order = replace(ticket.order, updated_at=at, **changes)  # type: ignore[arg-type]  # by name, from the steps
        self._open[ticket.order.account][ticket.order.id] = ticket  # again, when it fills after its end

    def say(self, at: datetime, account: str, subject: Subject) -> None:
        """Note what the account stream has to say."""
        self._said.append(Happened(at, account, subject))

    def said(self) -> tuple[Happened, ...]:
        """Return what was to be said, once."""
        said, self._said = tuple(self._said), []
        return said

    def ticket(self, account: str, order_id: int) -> Ticket | None:
        """Return an order of an account; None when it has none of that id."""
        return self._of_account.get(account, {}).get(order_id)

    def by_id(self, order_id: int) -> Ticket:
        """Return an order that is known to exist."""
        return self._tickets[order_id]

    def of_account(self, account: str) -> Iterator[Ticket]:
        """Yield every order of an account, the newest first."""
        yield from reversed(self._of_account.get(account, {}).values())

    def pending(self, account: str) -> Iterator[Ticket]:
        """Yield the orders of an account that may still change what it holds, the oldest first."""
        tickets = self._open.get(account, {})
        for order_id, ticket in list(tickets.items()):
            if ticket.order.status.is_final and not ticket.unbooked:
                del tickets[order_id]
            else:
                yield ticket

    def group(self, account: str, group_id: int) -> Group | None:
        """Return a complex order of an account; None when it has none of that id."""
        group = self._groups.get(group_id)
        return group if group is not None and group.account == account else None

    def groups(self, account: str) -> Iterator[Group]:
        """Yield the complex orders of an account, the newest first."""
        yield from (group for group in reversed(self._groups.values()) if group.account == account)

    def hand_over(self, old: Ticket, new: Ticket) -> None:
        """Give the place of an order in its complex order, if it has one, to its replacement."""
        group = self._groups.get(old.order.complex_id)
        if group is None:
            return
        if group.trigger_id == old.order.id:
            group.trigger_id = new.order.id
        group.order_ids = tuple(new.order.id if each == old.order.id else each for each in group.order_ids)

    def complex_order(self, group: Group) -> ComplexOrder:
        """Return a complex order as its orders stand now."""
        trigger = self._tickets[group.trigger_id].order if group.trigger_id else None
        orders = tuple(self._tickets[order_id].order for order_id in group.order_ids)
        return ComplexOrder(group.id, group.account, group.type, orders, trigger)
