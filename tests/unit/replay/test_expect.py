"""Expectations are read the house way, and hold a replay to what they say."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.alert import Action
from engine.model.chatter import ChatterBatch
from engine.model.decision import Outcome, Reason
from engine.model.playbook import Playbook, RefuseWhen
from engine.model.reading import ReadRules, Source
from engine.model.source import Span
from engine.parse.reader import Reader
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.replay.expect import Checked, Checker
from engine.replay.expectations import CountExpected, ExpectationFile, Expectations, Unexpected, read_expectations
from tests.unit.replay.decided import alert, approved, denied, ignored, record

HEAD = "signalbook: 1\nexpect: a test\n"
ID = "1442549871206400000"
HERE = Span("expect.yaml", 3, 1, 3, 10)


@pytest.fixture
def rulebook(playbook: Playbook) -> Rulebook:
    """One playbook that hears alice as 301."""
    return Rulebook(None, (LivePlaybook(Terms(playbook), Reader(ReadRules()), "hash-1"),), ())


def read(folder: Path, body: str, rulebook: Rulebook) -> ExpectationFile:
    file = folder / "expect.yaml"
    file.write_text(HEAD + body, encoding="utf-8")
    return read_expectations(file, rulebook)


def expectations(folder: Path, body: str, rulebook: Rulebook) -> Expectations:
    found = read(folder, body, rulebook)
    assert found.issues == ()
    assert found.expectations is not None
    return found.expectations


def checked(expected: Expectations, rulebook: Rulebook, *records: Record) -> tuple[Checked, ...]:
    checker = Checker(expected, rulebook)
    checker.add(records)
    return checker.results()


def with_id(given_record: Record, message_id: str = ID) -> Record:
    decision = replace(given_record.decision, message_id=message_id)
    return replace(given_record, message=replace(given_record.message, id=message_id), decision=decision)


@pytest.mark.parametrize(
    ("bounds", "counts"),
    [
        pytest.param("exactly: 2", {2}, id="exactly"),
        pytest.param("at_least: 2", {2, 3}, id="at least"),
        pytest.param("at_most: 2", {0, 1, 2}, id="at most"),
        pytest.param("at_least: 1, at_most: 2", {1, 2}, id="both ends"),
    ],
)
def test_counts_are_held_to_their_bounds(bounds: str, counts: set[int], tmp_path: Path, rulebook: Rulebook):
    expected = expectations(tmp_path, f"counts: [{{reason: no_pattern, {bounds}}}]\n", rulebook)

    met = {
        count
        for count in range(4)
        if checked(expected, rulebook, *(record(number, denied()) for number in range(count)))[0].is_met
    }

    assert met == counts


@pytest.mark.parametrize(
    "narrowed",
    [
        "playbook: momentum",
        "author: alice",
        'author: "301"',
        "author: name-301",
        "verdict: denied",
        "reason: refused_by_rule",
        "action: BTO",
    ],
)
def test_counts_narrow_by_whatever_they_name(narrowed: str, tmp_path: Path, rulebook: Rulebook):
    expected = expectations(tmp_path, f"unexpected: allow\ncounts: [{{{narrowed}, exactly: 1}}]\n", rulebook)
    fits = record(0, denied(Reason.REFUSED_BY_RULE, alert=alert(), rule="too_dear"))
    other = replace(approved(), alert=alert(action=Action.SELL_TO_CLOSE))

    (result,) = checked(expected, rulebook, fits, record(1, other, author="302", playbook="other"))

    assert result.is_met, result


def test_a_rule_is_counted_by_its_own_code(tmp_path: Path, playbook: Playbook):
    rule = RefuseWhen(Source("price > 50", HERE), "too_dear", "", HERE)
    live = LivePlaybook(Terms(replace(playbook, refuse_when=(rule,))), Reader(ReadRules()), "hash-1")
    rulebook = Rulebook(None, (live,), ())
    expected = expectations(tmp_path, "counts: [{reason: too_dear, exactly: 1}]\n", rulebook)

    results = checked(expected, rulebook, record(0, denied(Reason.REFUSED_BY_RULE, rule="too_dear")))

    assert all(each.is_met for each in results)


def test_a_message_is_held_to_the_fields_that_are_written(tmp_path: Path, rulebook: Rulebook):
    body = f'messages: [{{message: "{ID}", gives: {{action: BTO, symbol: SPY, price: 1.25}}}}]\n'
    expected = expectations(tmp_path, body, rulebook)

    met = checked(expected, rulebook, with_id(record(0, approved())))
    dearer = checked(expected, rulebook, with_id(record(0, approved(price="1.30"))))
    refused = checked(expected, rulebook, with_id(record(0, denied())))
    absent = checked(expected, rulebook)

    assert [each.is_met for each in met] == [True, True]
    assert [each.is_met for each in dearer] == [False, True]
    assert "1.3" in dearer[0].details[0]
    assert [each.is_met for each in refused] == [False, True]
    assert [each.is_met for each in absent] == [False, True]
    assert "no playbook decided it" in absent[0].was


def test_what_looks_like_an_order_and_nothing_covers_fails(tmp_path: Path, rulebook: Rulebook):
    expected = expectations(tmp_path, "counts: [{reason: approved, at_least: 0}]\n", rulebook)

    results = checked(
        expected, rulebook, record(0, approved()), record(1, denied(), text="BTO what"), record(2, ignored())
    )

    assert [each.is_met for each in results] == [True, False]
    assert results[-1].was == "1"
    assert "100000000000000001 no_pattern: BTO what" in results[-1].details[0]


def test_the_unexpected_may_be_allowed(tmp_path: Path, rulebook: Rulebook):
    expected = expectations(tmp_path, "unexpected: allow\ncounts: [{reason: approved, exactly: 0}]\n", rulebook)

    assert all(each.is_met for each in checked(expected, rulebook, record(1, denied())))


def test_chatter_is_counted_from_columns(tmp_path: Path, rulebook: Rulebook):
    body = "counts: [{reason: not_an_alert, exactly: 3}, {author: alice, exactly: 2}]\n"
    checker = Checker(expectations(tmp_path, body, rulebook), rulebook)
    columns = pa.table({"author_id": pa.array([301, 301, 999], pa.int64())})

    checker.add_chatter(ChatterBatch("momentum", "100", columns))

    assert [each.is_met for each in checker.results()] == [True, True, True]


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        pytest.param("counts: [{exactly: many}]\n", "bad_number", 3, id="a count that is none"),
        pytest.param("counts: [{reason: no_patern, exactly: 1}]\n", "unknown_code", 3, id="a reason there is not"),
        pytest.param("counts: [{reason: approved}]\n", "missing_key", 3, id="no bound"),
        pytest.param(
            "counts: [{playbook: momentun, exactly: 1}]\n", "unknown_playbook", 3, id="a playbook there is not"
        ),
        pytest.param("count: []\n", "unknown_key", 3, id="a misspelt key"),
        pytest.param(
            f'messages: [{{message: "{ID}", gives: {{refused: nope}}}}]\n', "unknown_code", 3, id="no refusal"
        ),
    ],
)
def test_mistakes_are_named_with_their_place(body: str, code: str, line: int, tmp_path: Path, rulebook: Rulebook):
    found = read(tmp_path, body, rulebook)

    assert found.expectations is None
    assert (code, line) in [(issue.code, issue.span.line) for issue in found.issues]


def test_a_file_that_is_not_there_is_an_issue(tmp_path: Path, rulebook: Rulebook):
    found = read_expectations(tmp_path / "gone.yaml", rulebook)

    assert [issue.code for issue in found.issues] == ["unreadable_file"]


outcomes = st.sampled_from([approved(), denied(), denied(Reason.QUESTION), ignored(), denied(rule="too_dear")])


@given(st.lists(outcomes, max_size=20))
def test_counts_of_every_reason_leave_nothing_unexpected(decided: list[Outcome]):
    codes = {outcome.rule or outcome.reason.value for outcome in decided}
    counts = tuple(
        CountExpected(HERE, reason=code, exactly=sum(code in (each.rule, each.reason.value) for each in decided))
        for code in codes
    )
    expected = Expectations("expect.yaml", "", Unexpected.FAIL, counts, ())

    results = checked(expected, Rulebook(None, (), ()), *(record(number, each) for number, each in enumerate(decided)))

    assert all(each.is_met for each in results)
