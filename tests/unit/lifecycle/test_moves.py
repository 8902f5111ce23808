"""The table: every pair of state and kind."""

from itertools import product

import pytest

from engine.lifecycle import kinds, states
from engine.lifecycle.kinds import Kind
from engine.lifecycle.moves import MOVES, ROWS, Act, why_absent
from engine.lifecycle.states import OPEN, OVER, PENDING, State

PAIRS = list(product(State, Kind))
SEEN = [kind for kind in Kind if kind.value.startswith("is_")]


def test_no_pair_has_two_rows():
    assert sum(len(row.states) for row in ROWS) == len(MOVES)


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda word: word.value)
def test_every_pair_has_a_move_or_a_reason_why_not(state: State, kind: Kind):
    """S-801, S-803."""
    move = MOVES.get((state, kind))

    if move is None:
        assert why_absent(state, kind).startswith(f"{kind.value} is not expected of an order that is {state.value}: ")
    else:
        assert move.to in State
        assert len(set(move.acts)) == len(move.acts)


def test_every_state_and_kind_has_a_meaning():
    assert set(states.MEANINGS) == set(State)
    assert set(kinds.MEANINGS) == set(Kind)


def test_every_state_is_reached_and_every_kind_used():
    assert {move.to for move in MOVES.values()} == set(State) - {State.DRAFT}
    assert {kind for _, kind in MOVES} == set(Kind)


@pytest.mark.parametrize(
    ("act", "pairs"),
    [
        (Act.SEND, {(State.DRAFT, Kind.JOURNALED)}),
        (Act.REPLACE, {(State.WORKING, Kind.REPLACE_ASKED)}),
    ],
)
def test_only_one_pair_can_place_and_only_one_can_replace(act: Act, pairs: set[tuple[State, Kind]]):
    """S-809."""
    assert {pair for pair, move in MOVES.items() if act in move.acts} == pairs


def test_no_order_goes_back_to_where_it_could_be_sent():
    """S-807."""
    unsent = {State.DRAFT, State.INTENDED}

    assert {(state, kind) for (state, kind), move in MOVES.items() if move.to in unsent} == {
        (State.DRAFT, Kind.JOURNALED)
    }
    assert [pair for pair, move in MOVES.items() if move.to is State.SENT and pair[0] is not State.SENT] == [
        (State.INTENDED, Kind.SEND_STARTED)
    ]


@pytest.mark.parametrize("state", [*PENDING, *OPEN], ids=lambda state: state.value)
def test_an_order_that_may_stand_takes_every_word_of_the_broker(state: State):
    """S-802."""
    missing = [kind for kind in SEEN if (state, kind) not in MOVES]

    # What has filled is never unfilled.
    assert missing == ([Kind.IS_WORKING] if state is State.PARTLY_FILLED else [])


def test_nothing_ends_by_the_clock():
    assert [s for (s, kind), move in MOVES.items() if kind is Kind.DAY_ENDED and move.to is not s] == []


def test_only_an_unknown_order_is_given_up_and_only_after_long_probing():
    """S-808."""
    assert {pair for pair, move in MOVES.items() if move.to is State.ABSENT and pair[0] is not State.ABSENT} == {
        (State.UNKNOWN, Kind.ABSENT_FOR_LONG)
    }


def test_what_comes_back_from_an_end_is_cancelled_and_a_person_called():
    """S-812."""
    back = {pair: move for pair, move in MOVES.items() if pair[0] in OVER and move.to not in OVER}

    assert {move.to for move in back.values()} == {State.CANCEL_ASKED}
    assert all({Act.CANCEL, Act.ALARM_CAME_BACK} <= {*move.acts} for move in back.values())
