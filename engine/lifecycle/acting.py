"""From the acts of a move to effects, where there is something to do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from engine.lifecycle.effects import Alarm, Cancel, Effect, Probe, Raise, Release, Replace, Send, Wake
from engine.lifecycle.events import Event, ReplaceAsked
from engine.lifecycle.moves import Act
from engine.lifecycle.order_state import OrderState, Patience
from engine.lifecycle.states import State

Done = tuple[OrderState, tuple[Effect, ...]]

_ALARMS: Final[Mapping[Act, tuple[Alarm, str]]] = {
    Act.ALARM_CAME_BACK: (Alarm.CAME_BACK, "the broker shows an order that had been given up"),
    Act.ALARM_FILLS_MISSING: (
        Alarm.FILLS_MISSING,
        "fills the broker told of are still missing, or its legs did not fill alike",
    ),
    Act.ALARM_UNRESOLVED: (Alarm.UNRESOLVED, "probes cannot say what became of the order"),
    Act.ALARM_UNCLEAR: (Alarm.UNCLEAR_STATUS, "the broker uses a status this version does not know"),
}


def act(order: OrderState, act: Act, event: Event, now: datetime, patience: Patience) -> Done:
    """Carry an act over into the order and into effects; () where nothing is to be done."""
    if act in _ALARMS:
        alarm, text = _ALARMS[act]
        return order, (Raise(order.client_id, alarm, text),)
    if act is Act.REPLACE:
        return _replace(order, event)
    if act is Act.PROBE:
        return _probe(order, now, patience)
    if act is Act.AWAIT_GRACE:
        return _await_grace(order, now, patience)
    return _SIMPLE[act](order)


def _send(order: OrderState) -> Done:
    return order, (Send(order.order),)


def _cancel(order: OrderState) -> Done:
    asked = {ticket.id for ticket in order.open_tickets if not ticket.is_cancel_asked}
    tickets = tuple(replace(t, is_cancel_asked=True) if t.id in asked else t for t in order.tickets)
    effects = tuple(Cancel(ticket.id) for ticket in tickets if ticket.id in asked)
    return replace(order, tickets=tickets, is_cancel_wanted=True), effects


def _replace(order: OrderState, event: Event) -> Done:
    # The newest of its orders is the open one: the row is for a working order only.
    if isinstance(event, ReplaceAsked) and order.open_tickets:
        return order, (Replace(order.open_tickets[-1].id, event.order),)
    return order, ()


def _probe(order: OrderState, now: datetime, patience: Patience) -> Done:
    if order.is_settled and order.state.is_over:
        return order, ()
    if order.probe_at is not None and now - order.probe_at < patience.absent_after:
        return order, ()  # one is outstanding; a new one would only put it off, unless its result was lost
    at = now + patience.probe_after[min(order.probes, len(patience.probe_after) - 1)]
    return replace(order, probes=order.probes + 1, probe_at=at), (Probe(order.client_id, order.order_ids, at),)


def _await_grace(order: OrderState, now: datetime, patience: Patience) -> Done:
    if order.is_settled:
        return order, ()
    until = order.grace_until
    if until is None or until <= now:
        until = now + patience.grace
    return replace(order, grace_until=until), (Wake(order.client_id, until),)


def _release(order: OrderState) -> Done:
    if order.is_settled:
        return order, ()
    return replace(order, is_settled=True), (Release(order.client_id, order.filled, order.remaining),)


_SIMPLE: Final[Mapping[Act, Callable[[OrderState], Done]]] = {
    Act.SEND: _send,
    Act.CANCEL: _cancel,
    Act.RELEASE: _release,
}


def entered(order: OrderState, state: State) -> OrderState:
    """Return the order in a state; a new one has its own count of probes and has yet to be settled."""
    if state is order.state:
        return order
    is_new_end = state in (State.CANCELLED, State.EXPIRED, State.FILLED) and not order.state.is_over
    return replace(
        order,
        state=state,
        probes=0,
        probe_at=None,
        is_settled=False,
        grace_until=None if is_new_end else order.grace_until,
    )
