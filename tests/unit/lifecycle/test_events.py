"""Events and orders go through the journal and come back equal."""

import msgspec
import pytest

from engine.lifecycle import events as e
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.slot import Purpose, Slot
from engine.lifecycle.states import State
from tests.unit.lifecycle.orders import after, in_state, second
from tests.unit.lifecycle.test_step import EVENTS


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_an_event_comes_back_equal(event: e.Event):
    body = msgspec.json.encode(event)

    assert msgspec.json.decode(body, type=e.EVENTS[e.NAMES[type(event)]]) == event


@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
def test_an_order_comes_back_equal(state: State):
    slot = Slot("e", Purpose.ENTRY, 10, (in_state(state),))

    assert msgspec.json.decode(msgspec.json.encode(slot), type=Slot) == slot


def test_an_order_is_the_sum_of_its_events():
    """S-801."""
    told = [event for event in EVENTS.values() if not isinstance(event, e.CancelAsked)]
    start = in_state(State.DRAFT)
    once: OrderState = after(start, *told, at=second(1))

    assert after(start, *told, at=second(1)) == once
