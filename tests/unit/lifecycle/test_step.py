"""An order from intent to end, one event at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.lifecycle import events as e
from engine.lifecycle.effects import Alarm, Book, Cancel, Probe, Raise, Record, Release, Replace, Send, Wake
from engine.lifecycle.moves import MOVES
from engine.lifecycle.order_state import PATIENCE, OrderState
from engine.lifecycle.states import OVER, State
from engine.lifecycle.step import step
from engine.model.order import OrderStatus
from tests.unit.lifecycle.orders import (
    HIGHER_CALL,
    NOW,
    a_fill,
    absent,
    after,
    an_order,
    effects_of,
    in_state,
    placed,
    replacing,
    second,
    sent,
    working,
)

ORDER = an_order()
LIVE = placed(ORDER)
ALL = (a_fill(10),)
EVENTS = {
    "intent_journaled": e.IntentJournaled(),
    "send_started": e.SendStarted(),
    "acknowledged": e.Acknowledged(placed(ORDER, OrderStatus.ROUTED)),
    "refused": e.Refused(("margin_check_failed",)),
    "nothing_sent": e.NothingSent("no route"),
    "outcome_unknown": e.OutcomeUnknown("timeout"),
    "found": e.Found(LIVE),
    "not_found": e.NotFound(is_position_unchanged=True),
    "probe_unanswered": e.ProbeUnanswered("timeout"),
    "reported_live": e.Reported(LIVE),
    "reported_partly_filled": e.Reported(placed(ORDER, fills=(a_fill(2),))),
    "reported_filled": e.Reported(placed(ORDER, OrderStatus.FILLED, fills=ALL)),
    "reported_filled_without_fills": e.Reported(placed(ORDER, OrderStatus.FILLED)),
    "reported_cancelled": e.Reported(placed(ORDER, OrderStatus.CANCELLED)),
    "reported_rejected": e.Reported(placed(ORDER, OrderStatus.REJECTED)),
    "reported_expired": e.Reported(placed(ORDER, OrderStatus.EXPIRED)),
    "reported_in_new_words": e.Reported(placed(ORDER, OrderStatus.UNKNOWN)),
    "reported_of_another": e.Reported(placed(an_order(client_id="x-1"), name="B9")),
    "fills_seen": e.FillsSeen("B1", (a_fill(3, "f3"),)),
    "cancel_asked": e.CancelAsked("a person"),
    "cancel_refused": e.CancelRefused(("cannot_update_order",)),
    "cancel_unanswered": e.CancelUnanswered("timeout"),
    "replace_asked": e.ReplaceAsked(ORDER),
    "replace_acknowledged": e.ReplaceAcknowledged(replacing(placed(ORDER, name="B2"), "B1")),
    "replace_failed": e.ReplaceFailed(("cannot_update_order",)),
    "replace_unanswered": e.ReplaceUnanswered("timeout"),
    "day_ended": e.DayEnded(),
    "grace_over": e.GraceOver(),
    "recovered": e.Recovered(),
}


def test_every_event_has_an_example_and_a_name_in_the_journal():
    assert {type(event) for event in EVENTS.values()} == set(e.EVENTS.values()) == set(e.NAMES)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
def test_any_event_in_any_state_moves_as_the_table_says_or_is_recorded(state: State, event: e.Event):
    """S-801, S-803."""
    order = in_state(state)

    stepped = step(order, event, NOW)

    if stepped.anomaly is None:
        assert stepped.order.state in {move.to for move in MOVES.values()}
    else:
        assert stepped.order.state is state
        assert stepped.anomaly in stepped.effects
        assert stepped.anomaly.why
    assert stepped.order.filled + stepped.order.could_fill >= 0
    assert sum(isinstance(effect, Send) for effect in stepped.effects) == (
        state is State.DRAFT and isinstance(event, e.IntentJournaled)
    )


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
def test_an_event_twice_books_sends_and_replaces_no_more_than_once(state: State, event: e.Event):
    """S-804, S-807."""
    once = step(in_state(state), event, NOW)

    again = step(once.order, event, NOW)

    assert not [effect for effect in again.effects if isinstance(effect, Book | Send | Replace)]
    assert again.order.fills == once.order.fills


def test_an_order_is_sent_once_acknowledged_and_filled():
    order = OrderState(ORDER)

    effects = effects_of(
        order,
        e.IntentJournaled(),
        e.SendStarted(),
        e.Acknowledged(placed(ORDER, OrderStatus.ROUTED)),
        e.Reported(LIVE),
        e.Reported(placed(ORDER, fills=(a_fill(4),))),
        e.Reported(placed(ORDER, OrderStatus.FILLED, fills=(a_fill(4), a_fill(6, "f2")))),
    )

    assert effects == (
        Send(ORDER),
        Book("e-1", "B1", a_fill(4)),
        Book("e-1", "B1", a_fill(6, "f2")),
        Release("e-1", 10, 0),
    )


def test_a_send_may_start_only_once():
    """S-809."""
    order = in_state(State.INTENDED)

    first = step(order, e.SendStarted(), NOW)
    again = step(first.order, e.SendStarted(), NOW)

    assert (first.order.state, first.anomaly) == (State.SENT, None)
    assert again.anomaly is not None


def test_a_cancel_before_the_send_keeps_it_from_starting():
    """S-809."""
    order = after(in_state(State.INTENDED), e.CancelAsked("the alert was deleted"))

    stepped = step(order, e.SendStarted(), NOW)

    assert order.state is State.UNSENT
    assert stepped.order == order
    assert isinstance(stepped.anomaly, Record)


def test_an_unknown_outcome_is_probed_for_and_counts_at_full_size():
    """S-808."""
    stepped = step(sent(), e.OutcomeUnknown("timeout"), NOW)

    assert stepped.effects == (Probe("e-1", (), second(1)),)
    assert (stepped.order.state, stepped.order.could_fill) == (State.UNKNOWN, 10)


def test_probes_over_a_minute_that_find_nothing_give_an_order_up():
    """S-808."""
    order = after(sent(), e.OutcomeUnknown("timeout"))
    states = []
    for n in (1, 20, 40, 60, 61):
        order = after(order, e.NotFound(is_position_unchanged=True), at=second(n))
        states.append(order.state)

    assert states == [State.UNKNOWN] * 4 + [State.ABSENT]
    assert (order.could_fill, order.is_settled) == (0, True)


def test_two_probes_a_minute_apart_are_too_few():
    order = after(sent(), e.OutcomeUnknown("timeout"), e.NotFound(is_position_unchanged=True))

    assert after(order, e.NotFound(is_position_unchanged=True), at=second(90)).state is State.UNKNOWN


def test_an_order_is_not_given_up_while_the_position_is_unexplained():
    """S-808."""
    order = after(sent(), e.OutcomeUnknown("timeout"))
    for n in (1, 20, 40, 61):
        order = after(order, e.NotFound(is_position_unchanged=False), at=second(n))
    stepped = step(order, e.NotFound(is_position_unchanged=False), second(62))

    assert (stepped.order.state, stepped.order.could_fill) == (State.UNKNOWN, 10)
    assert [effect.alarm for effect in stepped.effects if isinstance(effect, Raise)] == [Alarm.UNRESOLVED]


def test_probes_before_the_outcome_is_unknown_count_for_nothing():
    order = sent()
    for n in (1, 20, 40, 70):
        order = after(order, e.NotFound(is_position_unchanged=True), at=second(n))

    assert (order.state, order.misses) == (State.SENT, 0)


def test_an_order_that_comes_back_is_cancelled_and_a_person_called():
    """S-812."""
    stepped = step(absent(), e.Found(LIVE), second(70))

    assert (stepped.order.state, stepped.order.could_fill) == (State.CANCEL_ASKED, 10)
    assert Cancel("B1") in stepped.effects
    assert [effect.alarm for effect in stepped.effects if isinstance(effect, Raise)] == [Alarm.CAME_BACK]


def test_a_wish_to_cancel_waits_for_the_broker_s_id():
    """S-810."""
    order = after(sent(), e.CancelAsked("a person"))

    stepped = step(order, e.Reported(LIVE), NOW)

    assert order.state is State.SENT
    assert (stepped.order.state, stepped.effects) == (State.CANCEL_ASKED, (Cancel("B1"),))


def test_a_refused_cancel_is_probed_first_and_asked_again_when_the_order_is_open():
    """S-810."""
    order = in_state(State.CANCEL_ASKED)

    refused = step(order, e.CancelRefused(("cannot_update_order",)), NOW)
    found = step(refused.order, e.Found(LIVE), second(1))

    assert refused.effects == (Probe("e-1", ("B1",), second(1)),)
    assert found.effects == (Cancel("B1"),)


def test_a_cancel_that_was_asked_is_not_asked_again_by_itself():
    order = in_state(State.CANCEL_ASKED)

    assert effects_of(order, e.Reported(LIVE), e.CancelAsked("again")) == ()


def test_a_cancelled_order_counts_until_its_grace_period_is_over():
    """S-806."""
    stepped = step(working(), e.Reported(placed(ORDER, OrderStatus.CANCELLED)), NOW)
    early = step(stepped.order, e.GraceOver(), second(5))
    over = step(early.order, e.GraceOver(), second(10))

    assert stepped.effects == (Wake("e-1", NOW + PATIENCE.grace),)
    assert (stepped.order.could_fill, early.order.could_fill, over.order.could_fill) == (10, 10, 0)
    assert early.effects == (Wake("e-1", second(10)),)
    assert over.effects == (Release("e-1", 0, 10),)


def test_a_fill_that_crossed_the_cancel_is_booked_in_the_grace_period():
    """S-806."""
    order = in_state(State.CANCELLED)

    partly = step(order, e.FillsSeen("B1", (a_fill(4),)), second(2))
    wholly = step(order, e.Reported(placed(ORDER, OrderStatus.CANCELLED, fills=ALL)), second(2))

    assert Book("e-1", "B1", a_fill(4)) in partly.effects
    assert (partly.order.state, partly.order.could_fill) == (State.CANCELLED, 6)
    assert wholly.order.state is State.FILLED


def test_a_fill_after_the_grace_period_calls_a_person_and_is_released_anew():
    order = after(in_state(State.CANCELLED), e.GraceOver(), at=second(11))

    stepped = step(order, e.FillsSeen("B1", (a_fill(4),)), second(20))
    over = step(stepped.order, e.GraceOver(), second(30))

    assert [effect.alarm for effect in stepped.effects if isinstance(effect, Raise)] == [Alarm.LATE_FILL]
    assert over.effects == (Release("e-1", 4, 6),)


def test_filled_before_its_fills_waits_for_them():
    """S-804."""
    short = step(working(), e.Reported(placed(ORDER, OrderStatus.FILLED)), NOW)
    whole = step(short.order, e.Reported(placed(ORDER, OrderStatus.FILLED, fills=ALL)), second(1))

    assert short.effects == (Probe("e-1", ("B1",), second(1)), Wake("e-1", second(10)))
    assert short.order.state is State.FILLED
    assert whole.effects == (Book("e-1", "B1", ALL[0]), Release("e-1", 10, 0))


def test_fills_that_stay_missing_call_a_person():
    order = after(working(), e.Reported(placed(ORDER, OrderStatus.FILLED, fills=(a_fill(9),))))

    stepped = step(order, e.GraceOver(), second(10))

    assert [effect.alarm for effect in stepped.effects if isinstance(effect, Raise)] == [Alarm.FILLS_MISSING]
    assert stepped.order.is_settled is False


def test_a_spread_filled_on_its_first_leg_s_fills_waits_for_the_others():
    """S-804."""
    spread = an_order(5, is_spread=True)
    near, far = a_fill(5), a_fill(10, "f2", HIGHER_CALL)

    short = after(working(spread), e.Reported(placed(spread, OrderStatus.FILLED, fills=(near,))))
    whole = after(short, e.Reported(placed(spread, OrderStatus.FILLED, fills=(near, far))))

    assert (short.state, short.filled, short.is_settled) == (State.FILLED, 0, False)
    assert (whole.state, whole.filled, whole.is_settled) == (State.FILLED, 5, True)


def test_fills_may_come_before_the_word_filled():
    order = after(working(), e.FillsSeen("B1", ALL))

    assert (order.state, order.is_settled) == (State.FILLED, True)


def test_a_partial_fill_known_only_from_the_remaining_quantity_is_one():
    order = after(working(), e.Reported(placed(ORDER, remaining=7)))

    assert (order.state, order.filled, order.could_fill) == (State.PARTLY_FILLED, 0, 10)


def test_a_replacement_is_followed_to_its_own_id():
    """S-811."""
    second_order = replacing(placed(ORDER, OrderStatus.CONTINGENT, name="B2"), "B1")
    gone = replace(placed(ORDER, OrderStatus.CANCELLED), replaced_by="B2")
    asked = step(working(), e.ReplaceAsked(ORDER), NOW)
    taken = after(asked.order, e.ReplaceAcknowledged(second_order))
    working_again = after(taken, e.Reported(gone), e.Reported(replace(second_order, status=OrderStatus.LIVE)))

    assert asked.effects == (Replace("B1", ORDER),)
    assert (taken.state, taken.could_fill) == (State.REPLACED, 10)
    assert (working_again.state, working_again.order_ids) == (State.WORKING, ("B1", "B2"))


def test_the_end_of_the_old_order_does_not_end_one_whose_replacement_is_unseen():
    """S-811."""
    order = after(in_state(State.REPLACE_ASKED), e.Reported(placed(ORDER, OrderStatus.CANCELLED)))

    failed = after(order, e.ReplaceFailed(("cannot_update_order",)))

    assert (order.state, order.could_fill) == (State.REPLACE_ASKED, 10)
    assert failed.state is State.CANCELLED


def test_a_partly_filled_order_is_not_replaced():
    """S-811."""
    stepped = step(in_state(State.PARTLY_FILLED), e.ReplaceAsked(ORDER), NOW)

    assert stepped.order == in_state(State.PARTLY_FILLED)
    assert stepped.anomaly is not None
    assert "send a successor" in stepped.anomaly.why


def test_a_replacement_with_other_legs_is_no_replacement():
    stepped = step(working(), e.ReplaceAsked(an_order(9)), NOW)

    assert (stepped.order, stepped.effects) == (working(), (stepped.anomaly,))


def test_a_replacement_larger_than_what_is_left_is_cancelled():
    """S-811."""
    order = in_state(State.REPLACED)
    partly = replace(placed(ORDER, OrderStatus.CANCELLED, fills=(a_fill(2),)), replaced_by="B2")
    live = replacing(placed(ORDER, name="B2"), "B1")

    effects = effects_of(order, e.Reported(partly), e.Reported(live))

    assert Cancel("B2") in effects


def test_a_replacement_aborted_by_a_fill_leaves_a_filled_order():
    """S-811."""
    order = after(in_state(State.REPLACED), e.Reported(placed(ORDER, OrderStatus.FILLED, fills=ALL)))
    aborted = replacing(placed(ORDER, OrderStatus.CANCELLED, name="B2"), "B1")

    over = after(order, e.Reported(aborted))

    assert (order.state, order.is_settled, order.could_fill) == (State.FILLED, False, 10)
    assert (over.state, over.is_settled, over.could_fill, over.filled) == (State.FILLED, True, 0, 10)


def test_an_unanswered_replacement_that_is_never_seen_lapses():
    order = after(in_state(State.REPLACE_ASKED), e.ReplaceUnanswered("timeout"))
    for n in (1, 20, 40, 62):
        assert order.state is State.REPLACE_ASKED
        order = after(order, e.Found(LIVE), at=second(n))

    assert order.state is State.WORKING


def test_reports_of_the_old_order_do_not_keep_an_unanswered_replacement_waiting():
    order = after(in_state(State.REPLACE_ASKED), e.ReplaceUnanswered("timeout"))
    for n in (1, 20, 40, 62):
        order = after(order, e.Found(LIVE), at=second(n))
        order = after(order, e.Reported(LIVE), at=second(n))

    assert order.state is State.WORKING


def test_a_second_order_under_our_id_is_cancelled_and_a_person_called():
    stepped = step(working(), e.Reported(placed(ORDER, name="B7")), NOW)

    assert {Cancel("B1"), Cancel("B7")} <= {*stepped.effects}
    assert stepped.order.could_fill == 20
    assert [effect.alarm for effect in stepped.effects if isinstance(effect, Raise)] == [Alarm.SECOND_ORDER]


@pytest.mark.parametrize("state", [State.INTENDED, State.SENT], ids=lambda state: state.value)
def test_after_a_crash_an_order_that_may_have_been_sent_is_unknown(state: State):
    """S-807."""
    stepped = step(in_state(state), e.Recovered(), NOW)

    assert (stepped.order.state, stepped.effects) == (State.UNKNOWN, (Probe("e-1", (), second(1)),))


@pytest.mark.parametrize("state", OVER, ids=lambda state: state.value)
def test_nothing_is_sent_after_an_end(state: State):
    """S-809."""
    effects = effects_of(in_state(state), *EVENTS.values(), at=NOW + timedelta(hours=1))

    assert not [effect for effect in effects if isinstance(effect, Send | Replace)]


def test_a_changed_fill_calls_a_person_and_keeps_the_first():
    order = in_state(State.PARTLY_FILLED)

    stepped = step(order, e.FillsSeen("B1", (a_fill(3),)), NOW)

    assert stepped.order.filled == 2
    assert [effect.alarm for effect in stepped.effects if isinstance(effect, Raise)] == [Alarm.STRANGE_FILL]


def test_a_fill_of_another_symbol_is_booked_and_calls_a_person():
    stranger = a_fill(3, "f9", "QQQ")

    stepped = step(working(), e.FillsSeen("B1", (stranger,)), NOW)

    assert Book("e-1", "B1", stranger) in stepped.effects
    assert [effect.alarm for effect in stepped.effects if isinstance(effect, Raise)] == [Alarm.STRANGE_FILL]


def test_the_moment_an_order_went_live_is_kept():
    order = after(sent(), e.Acknowledged(placed(ORDER, OrderStatus.ROUTED)), e.Reported(LIVE), at=second(3))

    assert after(order, e.Reported(LIVE), at=second(9)).tickets[0].live_at == second(3)
