"""A broker that takes its time: it hides fills, loses answers, and shows old news again."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.order import Fill, Order, OrderLeg, OrderStatus, PlacedOrder
from tests.unit.lifecycle.orders import NOW

_OPEN_TO_CANCEL = (
    OrderStatus.RECEIVED,
    OrderStatus.ROUTED,
    OrderStatus.LIVE,
    OrderStatus.CANCEL_REQUESTED,
    OrderStatus.CONTINGENT,
)


@dataclass
class Held:
    """One order at the broker. hidden: fills that happened and are not shown yet."""

    id: str
    order: Order
    status: OrderStatus = OrderStatus.ROUTED
    fills: list[Fill] = field(default_factory=list)
    hidden: list[Fill] = field(default_factory=list)
    replaces: str = ""
    replaced_by: str = ""
    version: int = 0

    @property
    def units(self) -> int:
        return self.order.legs[0].quantity

    @property
    def true_filled(self) -> int:
        first = self.order.legs[0].symbol
        return sum(fill.quantity for fill in (*self.fills, *self.hidden) if fill.symbol == first)

    @property
    def open_units(self) -> int:
        return 0 if self.status.is_final else self.units - self.true_filled


class RoughBroker:
    """Orders by id, in the order they were taken; `news` is everything the stream ever said."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.news: list[PlacedOrder] = []
        self.on_the_way: list[tuple[datetime, Order]] = []
        self.taken: list[str] = []
        self._fills = 0

    def take(self, order: Order) -> PlacedOrder:
        self.taken.append(order.client_id)
        held = Held(f"B{len(self.held) + 1}", order)
        self.held[held.id] = held
        return self.show(held)

    def take_later(self, order: Order, at: datetime) -> None:
        self.on_the_way.append((at, order))

    def arrive(self, now: datetime) -> None:
        due = [order for at, order in self.on_the_way if at <= now]
        self.on_the_way = [(at, order) for at, order in self.on_the_way if at > now]
        for order in due:
            self.take(order)

    def show(self, held: Held) -> PlacedOrder:
        held.version += 1
        order = held.order
        shown = PlacedOrder(
            held.id,
            order.client_id,
            order.account,
            order.legs,
            order.order_type,
            order.time_in_force,
            held.status,
            order.price,
            order.effect,
            held.units - held.true_filled,
            tuple(held.fills),
            updated_at=NOW + timedelta(milliseconds=held.version),
            replaces=held.replaces,
            replaced_by=held.replaced_by,
        )
        self.news.append(shown)
        return shown

    def fill(self, held: Held, units: int, *, is_hidden: bool) -> None:
        ratios = [(leg, leg.quantity // held.units) for leg in held.order.legs]
        new = [self._fill(leg, ratio * units) for leg, ratio in ratios]
        shown, hidden = (new[:-1], new[-1:]) if is_hidden else (new, [])
        held.fills += shown
        held.hidden += hidden
        if held.true_filled == held.units:
            self._end(held, OrderStatus.FILLED)
        elif held.status is OrderStatus.ROUTED:
            held.status = OrderStatus.LIVE
        self.show(held)

    def unhide(self) -> list[PlacedOrder]:
        late = [held for held in self.held.values() if held.hidden]
        for held in late:
            held.fills += held.hidden
            held.hidden = []
        return [self.show(held) for held in late]

    def cancel(self, order_id: str) -> bool:
        held = self.held[order_id]
        if held.status not in _OPEN_TO_CANCEL:
            return False
        held.status = OrderStatus.CANCEL_REQUESTED
        self.show(held)
        return True

    def end(self, held: Held, status: OrderStatus) -> None:
        self._end(held, status)
        self.show(held)

    def replace(self, order_id: str, order: Order) -> PlacedOrder | None:
        old = self.held[order_id]
        if old.status is not OrderStatus.LIVE or old.true_filled:
            return None
        new = Held(f"B{len(self.held) + 1}", order, OrderStatus.CONTINGENT, replaces=old.id)
        self.held[new.id] = new
        old.status, old.replaced_by = OrderStatus.REPLACE_REQUESTED, new.id
        self.show(old)
        return self.show(new)

    def settle_replace(self, new: Held) -> None:
        """The old order goes and the new one works; any fill of the old one aborts the new."""
        old = self.held[new.replaces]
        if old.true_filled or old.status is not OrderStatus.REPLACE_REQUESTED:
            new.status = OrderStatus.CANCELLED
            old.status = OrderStatus.LIVE if old.status is OrderStatus.REPLACE_REQUESTED else old.status
            old.replaced_by = ""
        elif new.status is OrderStatus.CANCEL_REQUESTED:
            old.status, new.status = OrderStatus.CANCELLED, OrderStatus.CANCELLED
        else:
            old.status, new.status = OrderStatus.CANCELLED, OrderStatus.ROUTED
        self.show(old)
        self.show(new)

    def of(self, client_id: str) -> list[Held]:
        return [held for held in self.held.values() if held.order.client_id == client_id]

    def true_filled(self, client_id: str) -> int:
        return sum(held.true_filled for held in self.of(client_id))

    def true_open(self, client_id: str) -> int:
        """Units that can still fill: a replacement only works once the old order is gone unfilled."""
        waiting = [order.legs[0].quantity for _, order in self.on_the_way if order.client_id == client_id]
        return max((held.open_units for held in self.of(client_id) if self.works(held)), default=0) + sum(waiting)

    def works(self, held: Held) -> bool:
        """Whether an order can fill, as far as the one it replaces is concerned."""
        return not held.replaces or self.held[held.replaces].status.is_final

    def _end(self, held: Held, status: OrderStatus) -> None:
        held.status = status
        for other in self.held.values():
            if other.replaces == held.id and not other.status.is_final:
                other.status, held.replaced_by = OrderStatus.CANCELLED, ""
                self.show(other)

    def _fill(self, leg: OrderLeg, quantity: int) -> Fill:
        self._fills += 1
        return Fill(f"f{self._fills}", leg.symbol, quantity, Decimal("1.25"), NOW)


def cheaper(order: Order) -> Order:
    return replace(order, price=(order.price or Decimal(1)) - Decimal("0.05"))
