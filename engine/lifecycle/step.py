"""One step of an order's life: pure, never raises, and safe against duplicates and reorderings."""

from dataclasses import dataclass
from datetime import datetime

from engine.lifecycle.acting import act, entered
from engine.lifecycle.effects import Effect, Record
from engine.lifecycle.events import CancelAsked, Event
from engine.lifecycle.kinds import Kind
from engine.lifecycle.meaning import Meaning, meaning, picture
from engine.lifecycle.moves import MOVES, why_absent
from engine.lifecycle.order_state import PATIENCE, OrderState, Patience
from engine.lifecycle.states import State

_CANCELLABLE = (
    State.WORKING,
    State.PARTLY_FILLED,
    State.CANCEL_ASKED,
    State.REPLACE_ASKED,
    State.REPLACED,
    State.UNKNOWN,
    State.FILLED,
)
_WISH = CancelAsked("asked for before")


@dataclass(frozen=True, slots=True)
class Step:
    """
    What follows from an event.

    effects: in the order they are to be carried out, once the event is in the journal.
    anomaly: set when the table has no row for the event, or the event is of another order: the state stayed, and
    what the event allows (a write after `SendStarted`) must not be done. It is among the effects too.
    """

    order: OrderState
    effects: tuple[Effect, ...]
    anomaly: Record | None = None


def step(order: OrderState, event: Event, now: datetime, patience: Patience = PATIENCE) -> Step:
    """Return the order after an event, and what is to be done about it."""
    meant = meaning(order, event, now, patience)
    if meant.kind is None:
        why = "the event is of another order"
        return _anomaly(order, Record(order.client_id, None, None, why), ())
    if (order.state, meant.kind) not in MOVES:
        why = why_absent(order.state, meant.kind)
        return _anomaly(_kept(order, meant), Record(order.client_id, order.state, meant.kind, why), meant.effects)
    moved, effects = _move(meant.order, meant.kind, event, now, patience)
    moved, more = _follow(moved, meant.kind, now, patience)
    return Step(moved, (*meant.effects, *effects, *more))


def _anomaly(order: OrderState, record: Record, effects: tuple[Effect, ...]) -> Step:
    return Step(order, (*effects, record), record)


def _kept(order: OrderState, meant: Meaning) -> OrderState:
    # Figures the broker showed are kept whatever the table says; what an unexpected answer would have marked is not.
    return meant.order if meant.order.tickets != order.tickets else order


def _move(
    order: OrderState, kind: Kind, event: Event, now: datetime, patience: Patience
) -> tuple[OrderState, tuple[Effect, ...]]:
    move = MOVES[order.state, kind]
    order = entered(order, move.to)
    effects: list[Effect] = []
    for asked in move.acts:
        order, more = act(order, asked, event, now, patience)
        effects.extend(more)
    return order, tuple(effects)


def _follow(order: OrderState, kind: Kind, now: datetime, patience: Patience) -> tuple[OrderState, tuple[Effect, ...]]:
    # What was seen decides at once where a replacement came to nothing, and a wish to cancel waits for an id.
    effects: tuple[Effect, ...] = ()
    if kind is Kind.REPLACE_FAILED and order.tickets and (order.state, picture(order)) in MOVES:
        order, effects = _move(order, picture(order), _WISH, now, patience)
    is_wanted = order.is_cancel_wanted and order.state in _CANCELLABLE
    if is_wanted and any(not ticket.is_cancel_asked for ticket in order.open_tickets) and kind not in _ANSWERS:
        order, more = _move(order, Kind.CANCEL_ASKED, _WISH, now, patience)
        return order, (*effects, *more)
    return order, effects


_ANSWERS = (Kind.CANCEL_REFUSED, Kind.CANCEL_UNANSWERED)
"""After these a probe comes first: to ask again at once would flood a broker that goes on refusing."""
