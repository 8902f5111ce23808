"""Looks orders up at the broker: one listing answers for all that are looked for at the time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from engine.execute.jobs import Jobs
from engine.execute.orders import Orders
from engine.execute.positions import Positions
from engine.lifecycle import events
from engine.lifecycle.absorb import is_of
from engine.lifecycle.order_state import OrderState, Replacement
from engine.model.errors import BrokerError
from engine.model.order import PlacedOrder
from engine.ports import Broker

_A_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class _Search:
    """What a look at the broker found so far. failed: why it did not come to its end, "" when it did."""

    wanted: dict[str, OrderState]
    orders: dict[str, PlacedOrder] = field(default_factory=dict)
    held: dict[str, Decimal] | None = None
    failed: str = ""

    def add(self, orders: Iterable[PlacedOrder]) -> None:
        self.orders.update((order.id, order) for order in orders)

    def of(self, order: OrderState) -> tuple[PlacedOrder, ...]:
        """Return the orders found of one of ours, in the order they are best taken in."""
        found = [placed for placed in self.orders.values() if is_of(order, placed)]
        ids = {placed.id for placed in found}
        found += [p for p in self.orders.values() if p.replaces in ids and p.id not in ids]
        return in_order(found, order.order_ids)

    def lacking(self) -> list[OrderState]:
        """Return the orders that a further look could still say something new of."""
        return [order for order in self.wanted.values() if self._lacks(order)]

    def _lacks(self, order: OrderState) -> bool:
        ids = {placed.id for placed in self.of(order)}
        is_new = not ids <= set(order.order_ids)
        if not ids or not ids.issuperset(order.order_ids):
            return True
        return order.replacement is not Replacement.NONE and not is_new


def in_order(found: Iterable[PlacedOrder], known: tuple[str, ...]) -> tuple[PlacedOrder, ...]:
    """
    Return orders of the broker's as they are best taken in: new ones first, the oldest first.

    A replacement has to be known before the old order is looked at once more; where nothing is known yet, the first
    order comes first.
    """
    return tuple(sorted(found, key=lambda placed: (placed.id in known, len(placed.id), placed.id)))


class Lookups:
    """Looks up orders whose outcome or end is not known."""

    def __init__(self, broker: Broker, orders: Orders, positions: Positions, jobs: Jobs) -> None:
        self.jobs = jobs
        self._broker = broker
        self._orders = orders
        self._positions = positions
        self._wanted: dict[str, None] = {}
        self._is_looking = False

    def probe(self, client_id: str) -> None:
        """Look an order up, if a probe of it is still wanted."""
        if self._orders.slots.order(client_id).wants_probe:
            self.look_up(client_id)

    def look_up(self, client_id: str) -> None:
        """Look an order up, unless its last word is spoken."""
        if self._orders.slots.order(client_id).is_settled:
            return
        self._wanted[client_id] = None
        if not self._is_looking:
            self._is_looking = True
            self.jobs.start(self._look)

    async def _look(self) -> None:
        try:
            while self._wanted:
                search = _Search({client_id: self._orders.slots.order(client_id) for client_id in self._wanted})
                self._wanted.clear()
                try:
                    await self._ask(search)
                except BrokerError as error:
                    search.failed = error.message
                for client_id, order in search.wanted.items():
                    self._conclude(client_id, order, search)
        finally:
            self._is_looking = False

    async def _ask(self, search: _Search) -> None:
        search.add(await self._broker.live_orders())
        if not search.lacking():
            return
        day = min(self._since(order) for order in search.lacking())
        search.add(await self._broker.orders_since(day))
        for order in search.lacking():
            for order_id in order.order_ids:
                if order_id not in search.orders:
                    found = await self._broker.order(order_id)
                    search.add(() if found is None else (found,))
        if any(not search.of(order) for order in search.wanted.values()):
            search.held = {each.symbol: each.quantity for each in await self._broker.holdings()}

    def _since(self, order: OrderState) -> date:
        # A day earlier: the broker's days are not those of UTC.
        return (self._orders.slots.planned_at(order.client_id) - _A_DAY).date()

    def _conclude(self, client_id: str, before: OrderState, search: _Search) -> None:
        found = search.of(before)
        for placed in found:
            self._orders.happened(client_id, events.Found(placed))
        if found:
            return
        if search.failed or search.held is None:
            self._orders.happened(client_id, events.ProbeUnanswered(search.failed or "the look was given up"))
        elif self._orders.slots.order(client_id).tickets != before.tickets:
            self._orders.happened(client_id, events.ProbeUnanswered("news of the order came meanwhile"))
        else:
            is_unchanged = self._positions.agree(search.held, (leg.symbol for leg in before.order.legs))
            self._orders.happened(client_id, events.NotFound(is_position_unchanged=is_unchanged))
