"""From the fills of orders to the positions decisions rest on: live and after a restart the same way."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from engine.decide.book import Book
from engine.lifecycle.counting import units_of
from engine.lifecycle.slot import Slot
from engine.model.order import Fill, OrderLeg
from engine.model.position import Closed
from engine.plan.entries import Planned, Role, TradeEntry


class PositionKeeper:
    """Tells a book what the orders of intents have filled; orders of probes and mirrors are none of its business."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._traded: dict[str, str] = {}
        self._told: dict[str, int] = {}
        self._fills: dict[str, list[tuple[datetime, int]]] = {}
        self._over: set[str] = set()

    def go_on_with(self, other: "PositionKeeper", slots: Iterable[Slot]) -> tuple[Closed, ...]:
        """
        Tell the book of another one, which knows what is in the journal, whatever else this one was told.

        slots: as they stand. Return what was closed by fills that are not in the journal.
        """
        self._book, self._told = other._book, dict(other._told)
        ahead = [slot for slot in slots if slot.filled != self._told.get(slot.id, 0)]
        closed = [each for slot in sorted(ahead, key=_last_fill) for each in self.moved(slot, _last_fill(slot))]
        for intent_id in self._over:
            if intent_id not in other._over:
                self._book.released(intent_id)
        return tuple(closed)

    def restore(self, entry: TradeEntry) -> None:
        """Take note of what a slot is for, when its order is planned and when that is read again from the journal."""
        if isinstance(entry.body, Planned) and entry.body.role is Role.TRADE:
            self._traded[entry.body.slot_id] = entry.body.intent_id

    def moved(self, slot: Slot, at: datetime) -> tuple[Closed, ...]:
        """Take in a slot as it stands; return what its fills have closed since the last time."""
        intent = self._traded.get(slot.id)
        if intent is None or slot.filled == self._told.get(slot.id, 0):
            return ()
        self._told[slot.id] = slot.filled
        self._fills.setdefault(intent, []).append((at, slot.filled))
        return self._book.filled(intent, slot.filled, cost_of(slot), at)

    def filled_after(self, intent_id: str, at: datetime) -> int:
        """Return how many units of an intent were told to have filled after a time."""
        fills = self._fills.get(intent_id, [])
        before = max((units for told_at, units in fills if told_at <= at), default=0)
        return fills[-1][1] - before if fills else 0

    def released(self, intent_id: str) -> None:
        """Take in that an intent has come to its end: what it did not fill counts in no limit any more."""
        self._over.add(intent_id)
        self._book.released(intent_id)


def _last_fill(slot: Slot) -> datetime:
    return max(fill.at for attempt in slot.attempts for fill in attempt.fills)


def cost_of(slot: Slot) -> Decimal:
    """Return the net dollars per share that one unit of a slot's fills took, negative when it brought money."""
    fills: dict[str, list[Fill]] = {}
    for attempt in slot.attempts:
        for fill in attempt.fills:
            fills.setdefault(fill.symbol, []).append(fill)
    legs = slot.attempts[0].order.legs
    return sum((_paid(leg, units_of(legs), fills) for leg in legs), Decimal(0))


def _paid(leg: OrderLeg, units: int, fills: Mapping[str, list[Fill]]) -> Decimal:
    """Return what one leg cost in one unit, negative when it was sold."""
    filled = fills.get(leg.symbol, [])
    quantity = sum(fill.quantity for fill in filled)
    if not quantity:
        return Decimal(0)
    average = sum((fill.price * fill.quantity for fill in filled), Decimal(0)) / quantity
    return average * (leg.quantity // units) * (1 if leg.action.buys else -1)
