"""Orders of one entry or one exit share what is left to fill."""

import pytest

from engine.lifecycle import events as e
from engine.lifecycle.effects import Alarm, Cancel, Raise, Send
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.slot import NoRoom, Purpose, Refusal, Slot, slot_step, with_order
from engine.lifecycle.states import State
from engine.model.order import Order, OrderStatus
from tests.unit.lifecycle.orders import NOW, a_fill, absent, after, an_order, in_state, placed, second, sent

ENTRY = Slot("e", Purpose.ENTRY, 10)
EXIT = Slot("e", Purpose.EXIT, 10)


def closing(units: int, n: int = 1) -> Order:
    return an_order(units, f"e-{n}", is_closing=True)


def opened(attempt: OrderState) -> Slot:
    return Slot("e", Purpose.ENTRY, 10, (attempt,))


def cancelled(filled: int = 0) -> OrderState:
    fills = (a_fill(filled),) if filled else ()
    return after(sent(), e.Reported(placed(an_order(), OrderStatus.CANCELLED, fills=fills)))


def test_a_first_order_is_taken_as_a_draft():
    slot = with_order(ENTRY, an_order())

    assert isinstance(slot, Slot)
    assert slot.attempts == (OrderState(an_order()),)
    assert (slot.could_fill, slot.room, slot.next_client_id) == (10, 0, "e-2")


@pytest.mark.parametrize(
    ("slot", "order", "code"),
    [
        pytest.param(ENTRY, an_order(0), NoRoom.NO_UNITS, id="an order for nothing"),
        pytest.param(ENTRY, an_order(client_id="e-2"), NoRoom.WRONG_CLIENT_ID, id="a client id out of turn"),
        pytest.param(ENTRY, closing(5), NoRoom.WRONG_PURPOSE, id="a close in an entry's slot"),
        pytest.param(EXIT, an_order(), NoRoom.WRONG_PURPOSE, id="an opening in an exit's slot"),
        pytest.param(ENTRY, an_order(11), NoRoom.OVER_REMAINDER, id="more than the slot"),
        pytest.param(
            Slot("e", Purpose.EXIT, 10, (OrderState(closing(4)),)),
            closing(7, 2),
            NoRoom.OVER_REMAINDER,
            id="more than a draft leaves",
        ),
        pytest.param(
            Slot("e", Purpose.EXIT, 10, (OrderState(closing(4)),)),
            an_order(2, "e-2", is_closing=True, is_spread=True),
            NoRoom.OTHER_LEGS,
            id="legs unlike the first order's",
        ),
        pytest.param(opened(cancelled(4)), an_order(6, "e-2"), NoRoom.NOT_CONFIRMED_OVER, id="in the grace period"),
        pytest.param(opened(absent()), an_order(10, "e-2"), NoRoom.OPENING_NOT_RESENT, id="an opening not found"),
    ],
)
def test_a_slot_refuses(slot: Slot, order: Order, code: NoRoom):
    """S-805, S-807."""
    refusal = with_order(slot, order)

    assert isinstance(refusal, Refusal)
    assert refusal.code is code


@pytest.mark.parametrize("state", [state for state in State if state is not State.CANCELLED], ids=lambda s: s.value)
def test_an_opening_in_any_other_state_than_cancelled_has_no_successor(state: State):
    """S-807."""
    refusal = with_order(opened(in_state(state)), an_order(10, "e-2"))

    assert isinstance(refusal, Refusal)
    assert refusal.code is NoRoom.OPENING_NOT_RESENT


def test_an_entry_goes_on_with_what_a_confirmed_cancel_left_over():
    """S-806, S-807."""
    slot = opened(after(cancelled(4), e.GraceOver(), at=second(11)))

    assert isinstance(with_order(slot, an_order(6, "e-2")), Slot)
    assert isinstance(with_order(slot, an_order(7, "e-2")), Refusal)


def test_a_close_is_tried_again_only_once_it_was_given_up():
    """S-808."""
    order = closing(10)
    slot = with_order(EXIT, order)
    assert isinstance(slot, Slot)
    for event in (e.IntentJournaled(), e.SendStarted(), e.OutcomeUnknown("timeout")):
        slot = slot_step(slot, "e-1", event, NOW).slot

    unknown = with_order(slot, closing(10, 2))
    for n in (1, 20, 40, 61):
        slot = slot_step(slot, "e-1", e.NotFound(is_position_unchanged=True), second(n)).slot

    assert isinstance(unknown, Refusal)
    assert unknown.code is NoRoom.OVER_REMAINDER
    assert isinstance(with_order(slot, closing(10, 2)), Slot)


def test_a_close_that_comes_back_filled_stops_its_successor():
    """S-805, S-812."""
    slot = with_order(Slot("e", Purpose.EXIT, 10, (absent(closing(10)),)), closing(10, 2))
    assert isinstance(slot, Slot)
    live = placed(closing(10, 2), name="B2")
    for event in (e.IntentJournaled(), e.SendStarted(), e.Acknowledged(live)):
        slot = slot_step(slot, "e-2", event, second(70)).slot

    stepped = slot_step(slot, "e-1", e.Found(placed(closing(10), OrderStatus.FILLED, fills=(a_fill(10),))), second(80))

    assert Cancel("B2") in stepped.effects
    assert [effect.alarm for effect in stepped.effects if isinstance(effect, Raise)] == [
        Alarm.CAME_BACK,
        Alarm.MAY_OVERFILL,
    ]
    assert [attempt.state for attempt in stepped.slot.attempts] == [State.FILLED, State.CANCEL_ASKED]


def test_two_closes_share_an_exit():
    slot = with_order(EXIT, closing(4))
    assert isinstance(slot, Slot)
    slot = with_order(slot, closing(6, 2))
    assert isinstance(slot, Slot)

    assert (slot.could_fill, slot.room) == (10, 0)


def test_an_event_of_an_order_that_is_not_the_slot_s_is_recorded():
    """S-803."""
    stepped = slot_step(ENTRY, "x-1", e.IntentJournaled(), NOW)

    assert stepped.slot == ENTRY
    assert stepped.effects == (stepped.anomaly,)


def test_a_slot_passes_on_what_its_order_asks_for():
    slot = with_order(ENTRY, an_order())
    assert isinstance(slot, Slot)

    assert slot_step(slot, "e-1", e.IntentJournaled(), NOW).effects == (Send(an_order()),)
