"""What a replay gave, written down as expectations, is met by that replay."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app.expect_text import expectations_text
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.decision import Outcome, Reason
from engine.model.playbook import Playbook
from engine.model.reading import ReadRules
from engine.parse.reader import Reader
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.replay.expect import Checked, Checker
from engine.replay.expectations import read_expectations
from engine.replay.happened import Happened
from tests.unit.replay.decided import alert, approved, denied, ignored, record

OUTCOMES = (
    approved(),
    approved(7, price="0.05"),
    denied(),
    denied(Reason.NO_OPEN_POSITION, alert=alert()),
    denied(Reason.AMBIGUOUS),
    ignored(),
)
runs = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.text(max_size=40)), max_size=25)


def written(records: list[Record]) -> str:
    happened = Happened()
    happened.add(records)
    return expectations_text(happened, "an archive")


def held_to(text: str, records: list[Record], rulebook: Rulebook) -> tuple[Checked, ...]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "expect.yaml"
        file.write_text(text, encoding="utf-8")
        read = read_expectations(file, rulebook)
    assert read.issues == ()
    assert read.expectations is not None
    checker = Checker(read.expectations, rulebook)
    checker.add(records)
    return checker.results()


@pytest.fixture(scope="session")
def rulebook(playbook: Playbook) -> Rulebook:
    """One playbook, called momentum."""
    return Rulebook(None, (LivePlaybook(Terms(playbook), Reader(ReadRules()), "hash-1"),), ())


@given(run=runs)
def test_every_run_meets_what_it_gave(run: list[tuple[Outcome, str]], rulebook: Rulebook):
    records = [record(number, outcome, text=text) for number, (outcome, text) in enumerate(run)]

    results = held_to(written(records), records, rulebook)

    assert [each for each in results if not each.is_met] == []


@given(run=runs, more=st.sampled_from([each for each in OUTCOMES if each.is_order_shaped]))
def test_one_order_more_is_noticed(run: list[tuple[Outcome, str]], more: Outcome, rulebook: Rulebook):
    records = [record(number, outcome, text=text) for number, (outcome, text) in enumerate(run)]
    text = written(records)

    results = held_to(text, [*records, record(99, more)], rulebook)

    assert any(not each.is_met for each in results)


def test_a_message_is_written_with_its_text_and_its_size():
    text = written([record(0, approved(3))])

    assert "  # BTO SPY 500C 1/9 @ 1.25\n" in text
    assert 'message: "100000000000000000", playbook: momentum' in text
    assert "contracts: 3}" in text


def test_few_messages_of_each_reason_are_written():
    text = written([record(number, denied()) for number in range(10)])

    assert text.count("message:") == 3
    assert "exactly: 10}" in text
