"""One entry intent or one exit group: its orders, one after another, share what is left to fill."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from engine.lifecycle.counting import units_of
from engine.lifecycle.effects import Alarm, Effect, Raise, Record
from engine.lifecycle.events import CancelAsked, Event
from engine.lifecycle.order_state import PATIENCE, OrderState, Patience
from engine.lifecycle.states import State
from engine.lifecycle.step import Step, step
from engine.model.order import Order, OrderLeg


class Purpose(StrEnum):
    """What a slot is for."""

    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Slot:
    """
    One entry intent or one exit group.

    id: deterministic; client ids are made of it.
    units: how many units of its orders' legs it may fill in all.
    attempts: its orders, oldest first.
    """

    id: str
    purpose: Purpose
    units: int
    attempts: tuple[OrderState, ...] = ()

    @property
    def next_client_id(self) -> str:
        """The client id its next order must have."""
        return f"{self.id}-{len(self.attempts) + 1}"

    @property
    def filled(self) -> int:
        """Units filled by all its orders."""
        return sum(attempt.filled for attempt in self.attempts)

    @property
    def remainder(self) -> int:
        """Units left to fill; never below 0."""
        return max(0, self.units - self.filled)

    @property
    def could_fill(self) -> int:
        """Units that its orders could still fill, as far as is known; unknown outcomes count at full size."""
        return sum(attempt.could_fill for attempt in self.attempts)

    @property
    def room(self) -> int:
        """Units that another order may have."""
        return max(0, self.remainder - self.could_fill)


class NoRoom(StrEnum):
    """Why a slot takes no further order."""

    NO_UNITS = "no_units"
    WRONG_CLIENT_ID = "wrong_client_id"
    WRONG_PURPOSE = "wrong_purpose"
    OTHER_LEGS = "other_legs"
    OPENING_NOT_RESENT = "opening_not_resent"
    NOT_CONFIRMED_OVER = "not_confirmed_over"
    OVER_REMAINDER = "over_remainder"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no to an order. code: one of NoRoom when it is the slot's, else of who refused it. why: one sentence."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class SlotStep:
    """What follows from an event for a slot; as `Step`."""

    slot: Slot
    effects: tuple[Effect, ...]
    anomaly: Record | None = None


def with_order(slot: Slot, order: Order) -> Slot | Refusal:
    """
    Return the slot with a draft of its next order, or why it takes none.

    An entry takes a second order only for what a cancelled one left over, once the cancel is confirmed and its grace
    period is over. An exit takes any order its room allows, so also one beside, or after, another.
    """
    return _form(slot, order) or _turn(slot, order) or replace(slot, attempts=(*slot.attempts, OrderState(order)))


def slot_step(slot: Slot, client_id: str, event: Event, now: datetime, patience: Patience = PATIENCE) -> SlotStep:
    """Return the slot after an event of one of its orders, and what is to be done about it."""
    index = next((i for i, attempt in enumerate(slot.attempts) if attempt.client_id == client_id), None)
    if index is None:
        record = Record(client_id, None, None, f"slot {slot.id} has no such order")
        return SlotStep(slot, (record,), record)
    stepped = step(slot.attempts[index], event, now, patience)
    slot, effects = _put(slot, index, stepped)
    slot, more = _within(slot, now, patience)
    return SlotStep(slot, (*effects, *more), stepped.anomaly)


def _form(slot: Slot, order: Order) -> Refusal | None:
    units = units_of(order.legs)
    if units < 1 or any(leg.quantity < 1 for leg in order.legs):
        return Refusal(NoRoom.NO_UNITS, "the order has no legs, or a leg without quantity")
    if order.client_id != slot.next_client_id:
        return Refusal(NoRoom.WRONG_CLIENT_ID, f"the next order is {slot.next_client_id}, not {order.client_id}")
    if any(leg.action.opens for leg in order.legs) is not (slot.purpose is Purpose.ENTRY):
        return Refusal(NoRoom.WRONG_PURPOSE, f"an order of a slot for an {slot.purpose.value} was expected")
    if slot.attempts and _unit(order.legs) != _unit(slot.attempts[0].order.legs):
        return Refusal(NoRoom.OTHER_LEGS, "the legs differ from those of the slot's first order")
    return None


def _turn(slot: Slot, order: Order) -> Refusal | None:
    if slot.purpose is Purpose.ENTRY and slot.attempts:
        last = slot.attempts[-1]
        if last.state is not State.CANCELLED:
            why = f"{last.client_id} is {last.state.value}, and an opening is never sent again"
            return Refusal(NoRoom.OPENING_NOT_RESENT, why)
        if not last.is_settled:
            return Refusal(NoRoom.NOT_CONFIRMED_OVER, f"{last.client_id} may still fill until its grace period is over")
    units = units_of(order.legs)
    if units > slot.room:
        why = f"{units} units are more than the {slot.room} that {slot.remainder} left and {slot.could_fill} open allow"
        return Refusal(NoRoom.OVER_REMAINDER, why)
    return None


def _unit(legs: tuple[OrderLeg, ...]) -> frozenset[OrderLeg]:
    units = units_of(legs)
    return frozenset(replace(leg, quantity=leg.quantity // units) for leg in legs)


def _put(slot: Slot, index: int, stepped: Step) -> tuple[Slot, tuple[Effect, ...]]:
    attempts = (*slot.attempts[:index], stepped.order, *slot.attempts[index + 1 :])
    return replace(slot, attempts=attempts), stepped.effects


def _within(slot: Slot, now: datetime, patience: Patience) -> tuple[Slot, tuple[Effect, ...]]:
    # An order that was given up and came back, or filled late, takes room that another may have by now.
    if slot.could_fill <= slot.remainder:
        return slot, ()
    effects: list[Effect] = []
    for index, attempt in enumerate(slot.attempts):
        if attempt.could_fill and not attempt.is_cancel_wanted:
            text = f"{slot.could_fill} units could fill where slot {slot.id} has {slot.remainder} left"
            slot, more = _put(slot, index, step(attempt, CancelAsked(text), now, patience))
            effects += [*more, Raise(attempt.client_id, Alarm.MAY_OVERFILL, text)]
    return slot, tuple(effects)
