"""Decision ids."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from engine.decide.ids import contract_key, decision_id
from engine.model.alert import Action, Leg
from engine.model.message import Author, Message

MESSAGE = Message("900", "100", Author("301", "alice"), datetime(2026, 1, 5, tzinfo=UTC))
names = st.text(max_size=5)


def test_an_id_is_32_hex_digits_and_never_changes():
    assert decision_id(MESSAGE, "momentum", "abc") == "16ced25b8ed21334c62ea81ebb697cc3"


@given(st.tuples(names, names, names), st.tuples(names, names, names))
def test_two_ids_are_equal_only_when_all_they_name_is(one: tuple[str, str, str], other: tuple[str, str, str]):
    ids = [decision_id(replace(MESSAGE, id=name), playbook, version) for name, playbook, version in (one, other)]

    assert (ids[0] == ids[1]) == (one == other)


def test_each_event_of_a_message_has_its_own_id():
    assert decision_id(MESSAGE, "momentum", "abc") != decision_id(replace(MESSAGE, event=2), "momentum", "abc")


def test_one_contract_has_one_key_under_either_of_its_roots():
    assert contract_key([Leg(Action.BUY_TO_OPEN, "SPXW")]) == contract_key([Leg(Action.BUY_TO_OPEN, "SPX")])
