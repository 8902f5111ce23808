"""Every slot of an account in memory, found by any id of its orders, and what their fills make of positions."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from engine.lifecycle.effects import Book, Effect
from engine.lifecycle.events import Event
from engine.lifecycle.order_state import OrderState, Patience
from engine.lifecycle.slot import Refusal, Slot, SlotStep, slot_step, with_order
from engine.model.errors import InvariantBroken
from engine.model.order import Fill, PlacedOrder
from engine.plan.entries import OrderHappened, Planned, TradeEntry


class Slots:
    """The slots of one account. Nothing is written or sent here."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._slots: dict[str, Slot] = {}
        self._slot_of: dict[str, str] = {}
        self._client_of: dict[str, str] = {}
        self._planned_at: dict[str, datetime] = {}
        self._ours: dict[str, Decimal] = defaultdict(Decimal)
        self._unsettled: dict[str, None] = {}
        self._traded: set[str] = set()
        self._fills: list[tuple[datetime, str, Decimal]] = []

    @property
    def all(self) -> Mapping[str, Slot]:
        """Every slot by its id; a view."""
        return MappingProxyType(self._slots)

    @property
    def ours(self) -> Mapping[str, Decimal]:
        """What our fills add up to, by symbol: contracts or shares, negative for short."""
        return MappingProxyType(self._ours)

    @property
    def traded(self) -> frozenset[str]:
        """Every symbol that any order of ours was for."""
        return frozenset(self._traded)

    def restore(self, entry: TradeEntry) -> tuple[Effect, ...]:
        """
        Take in an entry of the journal about an order of this account; return the effects that followed then.

        Raises: InvariantBroken, when the journal contradicts itself.
        """
        body = entry.body
        if isinstance(body, Planned):
            slot = self.with_next(body)
            if isinstance(slot, Refusal):
                raise InvariantBroken(f"entry {entry.seq} plans {body.order.client_id}, but {slot.why}")
            self.keep(slot, entry.at)
            return ()
        if not isinstance(body, OrderHappened):
            return ()
        if body.slot_id not in self._slots:
            raise InvariantBroken(f"entry {entry.seq} is of slot {body.slot_id}, which was never planned")
        found = self.stepped(body.client_id, body.event, entry.at)
        self.take(found)
        return found.effects

    def with_next(self, planned: Planned) -> Slot | Refusal:
        """Return the slot with a draft of its next order, which is not kept yet, or why it takes none."""
        slot = self._slots.get(planned.slot_id) or Slot(planned.slot_id, planned.purpose, planned.units)
        return with_order(slot, planned.order)

    def keep(self, slot: Slot, at: datetime) -> None:
        """Keep a slot with a new draft."""
        attempt = slot.attempts[-1]
        self._slots[slot.id] = slot
        self._slot_of[attempt.client_id] = slot.id
        self._planned_at[attempt.client_id] = at
        self._unsettled[attempt.client_id] = None
        self._traded.update(leg.symbol for leg in attempt.order.legs)

    def slot_of(self, client_id: str) -> Slot:
        """Return the slot of an order. Raises: KeyError."""
        return self._slots[self._slot_of[client_id]]

    def order(self, client_id: str) -> OrderState:
        """Return an order. Raises: KeyError."""
        return next(each for each in self.slot_of(client_id).attempts if each.client_id == client_id)

    def planned_at(self, client_id: str) -> datetime:
        """Return when an order was written down. Raises: KeyError."""
        return self._planned_at[client_id]

    def client_of(self, placed: PlacedOrder) -> str | None:
        """Return which order of ours one of the broker's belongs to; None when it is not ours."""
        if placed.client_id in self._slot_of:
            return placed.client_id
        return self._client_of.get(placed.id) or self._client_of.get(placed.replaces)

    def client_of_id(self, order_id: str) -> str:
        """Return which order of ours an id of the broker's belongs to. Raises: KeyError."""
        return self._client_of[order_id]

    def unsettled(self) -> Iterator[OrderState]:
        """Yield every order whose last word is not spoken, the oldest first."""
        for client_id in tuple(self._unsettled):
            yield self.order(client_id)

    def stepped(self, client_id: str, event: Event, at: datetime) -> SlotStep:
        """Return what follows from an event, and keep nothing of it."""
        return slot_step(self.slot_of(client_id), client_id, event, at, self._patience)

    def take(self, found: SlotStep) -> None:
        """Keep what followed from an event."""
        self._slots[found.slot.id] = found.slot
        for attempt in found.slot.attempts:
            for order_id in attempt.order_ids:
                self._client_of[order_id] = attempt.client_id
            if attempt.is_settled:
                self._unsettled.pop(attempt.client_id, None)
            else:
                self._unsettled[attempt.client_id] = None
        for effect in found.effects:
            self._book(effect)

    def forget_positions(self) -> None:
        """Begin anew with nothing held."""
        self._ours.clear()

    def own(self, symbol: str, held: Decimal) -> None:
        """Take a position for ours, whatever fills make."""
        self._ours[symbol] = held

    @property
    def traded_by_us(self) -> tuple[tuple[datetime, str, Decimal], ...]:
        """Every fill of ours: when, of what, and how much it added to the position."""
        return tuple(self._fills)

    def reserved_closes(self, symbol: str, counts: Callable[[str], bool] = lambda _: True) -> int:
        """
        Return how many of a symbol working closes, and closing legs of rolls, could still take.

        counts: which of them, by the ids of their slots.
        """
        return sum(
            order.could_fill * leg.quantity // order.units
            for order in self.unsettled()
            if counts(self._slot_of[order.client_id])
            for leg in order.order.legs
            if leg.symbol == symbol and leg.action.closes
        )

    def _book(self, effect: Effect) -> None:
        if isinstance(effect, Book):
            quantity = self._signed(effect.client_id, effect.fill)
            self._ours[effect.fill.symbol] += quantity
            self._fills.append((effect.fill.at, effect.fill.symbol, quantity))

    def _signed(self, client_id: str, fill: Fill) -> Decimal:
        # A fill of no leg has no side: the alarm it raises is all that can be done with it.
        legs = [leg for leg in self.order(client_id).order.legs if leg.symbol == fill.symbol]
        return Decimal(sum(fill.quantity if leg.action.buys else -fill.quantity for leg in legs[:1]))
