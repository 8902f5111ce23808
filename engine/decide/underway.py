"""Approved orders that are on their way: what they may still fill counts as taken until they come to their end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from engine.decide.assumed import is_closed_by, less
from engine.decide.holdings import Owner
from engine.decide.recent import REMEMBERED
from engine.model.alert import Leg
from engine.model.position import Position

_Place = TypeVar("_Place")
_MANY: Final = 1000


@dataclass(slots=True, eq=False)
class Underway:
    """
    One approved order.

    closing: the legs of what it closes; () for an opening. new: the position it makes when all of it fills; None for a
    close. by: id of its message. day: in New York, on which it was approved. units: of all of it.
    over_mid: dollars it may pay beyond the mid. filled, cost: units so far, and what one took on average, negative
    when it brought money; None when not known.
    is_over: it fills nothing any more, as far as is known.
    """

    owner: Owner
    by: str
    day: date
    units: int
    closing: tuple[Leg, ...] = ()
    new: Position | None = None
    over_mid: Decimal = Decimal(0)
    filled: int = 0
    cost: Decimal | None = None
    is_over: bool = False

    @property
    def left(self) -> int:
        """Units it may still fill."""
        return 0 if self.is_over else max(0, self.units - self.filled)

    def fill(self, units: int, cost: Decimal | None) -> tuple[int, Decimal | None]:
        """
        Take in what has filled in all; return how many units are new, 0 for none, and the cost of these alone.

        cost: of one, on average over all of them; None when not known.
        """
        more = units - self.filled
        if more <= 0:
            return 0, None
        new = cost
        if cost is not None and self.filled and self.cost is not None:
            new = (cost * units - self.cost * self.filled) / more
        self.filled, self.cost = units, cost
        return more, new


class OrdersUnderway:
    """The approved orders by their intent keys; those that are long over are forgotten."""

    def __init__(self) -> None:
        self._orders: dict[str, Underway] = {}
        self._closes: dict[Owner, dict[str, Underway]] = {}
        self._openings: dict[tuple[Owner, tuple[Leg, ...]], dict[str, Underway]] = {}

    def get(self, key: str) -> Underway | None:
        """Return an order; None for one that is not known."""
        return self._orders.get(key)

    def add(self, key: str, order: Underway) -> None:
        """Take in an order that was approved."""
        if len(self._orders) >= _MANY:
            self._forget(order.day - REMEMBERED)
        self._orders[key] = order
        if order.closing:
            self._closes.setdefault(order.owner, {})[key] = order
        if order.new is not None:
            self._openings.setdefault((order.owner, order.new.legs), {})[key] = order

    def end(self, key: str) -> Underway | None:
        """Return an order that has come to its end; None when it is not known."""
        order = self._orders.get(key)
        if order is None:
            return None
        order.is_over = True
        _remove(self._closes, order.owner, key)
        if order.new is not None:
            _remove(self._openings, (order.owner, order.new.legs), key)
        return order

    def is_opening(self, owner: Owner, legs: tuple[Leg, ...], without: str = "") -> bool:
        """Return whether any order may still open such a position. without: the intent key of one not counted."""
        orders = self._openings.get((owner, legs), {})
        return any(order.left for key, order in orders.items() if key != without)

    def free(self, owner: Owner, positions: Iterable[Position]) -> Iterator[Position]:
        """Yield what is left of an owner's positions once all closes that are under way have filled."""
        closes = self._closes.get(owner)
        if not closes:
            yield from positions
            return
        for position in positions:
            taken = sum(order.left for order in closes.values() if is_closed_by(order.closing, position))
            held = position.quantity
            rest = position if not taken or held is None else less(position, held, min(taken, held))
            if rest is not None:
                yield rest

    def _forget(self, before: date) -> None:
        kept = {key: order for key, order in self._orders.items() if not order.is_over or order.day >= before}
        self._orders = kept


def _remove(of: dict[_Place, dict[str, Underway]], place: _Place, key: str) -> None:
    orders = of.get(place)
    if orders is not None:
        orders.pop(key, None)
        if not orders:
            del of[place]
