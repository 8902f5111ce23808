"""Two versions differ in what appears, vanishes and changes, and in nothing else."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.record import Record
from engine.model.alert import Action
from engine.model.decision import Outcome, Reason
from engine.model.run import RunCounts
from engine.replay.compare import Changed, Collector, Comparison, Decided, Difference, compare
from engine.replay.compare_page import compare_page, decided_text
from engine.replay.tally import Tally
from tests.unit.replay.decided import START, alert, approved, denied, ignored, record

SUMMARY = Tally().result(0, RunCounts(), START)


def compared(old: list[Record], new: list[Record]) -> Comparison:
    sides = []
    for records in (old, new):
        collector = Collector()
        collector.add(records)
        sides.append((collector, collector.side("momentum", "hash-1", SUMMARY)))
    return compare(*sides)


def only_change(old: Outcome, new: Outcome) -> Changed:
    (changed,) = compared([record(0, old)], [record(0, new)]).changed
    return changed


outcomes = st.sampled_from(
    [approved(), approved(5), approved(price="2.00"), denied(), denied(rule="too_dear"), ignored()]
)
runs = st.lists(outcomes, max_size=15).map(
    lambda decided: [record(number, each) for number, each in enumerate(decided)]
)


@given(runs)
def test_a_version_does_not_differ_from_itself(run: list[Record]):
    assert compared(run, run).changed == ()


@given(runs, runs)
def test_what_appears_one_way_vanishes_the_other(old: list[Record], new: list[Record]):
    forth, back = compared(old, new), compared(new, old)

    assert forth.count(Difference.APPEARS) == back.count(Difference.VANISHES)
    assert forth.count(Difference.CHANGES) == back.count(Difference.CHANGES)
    assert [each.message.id for each in forth.changed] == [each.message.id for each in back.changed]
    assert sum(move.count for move in forth.moves) == len(forth.changed)


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        pytest.param(approved(2), approved(3), ("quantity",), id="size"),
        pytest.param(approved(2), approved(2, price="1.30"), ("price",), id="price"),
        pytest.param(approved(2), approved(2, strike="505"), ("contract",), id="contract"),
        pytest.param(
            replace(approved(), size=None),
            replace(approved(), size=None, alert=alert(action=Action.SELL_TO_OPEN)),
            ("action",),
            id="action",
        ),
        pytest.param(denied(), denied(Reason.QUESTION), ("reason",), id="reason"),
        pytest.param(denied(), denied(rule="too_dear"), ("reason",), id="the code of a rule"),
        pytest.param(replace(approved(), size=None), denied(alert=alert()), ("verdict", "reason"), id="verdict"),
    ],
)
def test_a_change_names_what_changed(old: Outcome, new: Outcome, fields: tuple[str, ...]):
    changed = only_change(old, new)

    assert changed.kind is Difference.CHANGES
    assert changed.fields == fields


def test_what_only_one_version_decides_appears_or_vanishes():
    assert only_change(ignored(), denied()).kind is Difference.APPEARS
    assert only_change(denied(), ignored()).kind is Difference.VANISHES


def test_a_sentence_or_a_line_that_moved_is_no_difference():
    assert compared([record(0, denied())], [record(0, replace(denied(), detail="another"))]).changed == ()


def test_what_only_one_version_approves_comes_first():
    old = [record(0, denied()), record(1, approved()), record(2, denied())]
    new = [record(0, denied(Reason.QUESTION)), record(1, denied()), record(2, denied(Reason.QUESTION))]

    changed = compared(old, new)

    assert [each.message.id[-1] for each in changed.changed] == ["1", "0", "2"]
    assert [(move.old, move.new, move.count) for move in changed.moves] == [
        ("no_pattern", "question", 2),
        ("approved", "no_pattern", 1),
    ]


def test_both_versions_are_summed_up():
    old = compared([record(0, approved(2)), record(1, denied()), record(2, replace(approved(), size=None))], []).old

    assert (old.approved, old.refused, old.opened, old.sized, old.cost) == (2, 1, 2, 1, Decimal(250))


def test_the_page_shows_every_difference_and_escapes_texts():
    page = compare_page(
        compared([record(0, approved(2), text="BTO <b>SPY")], [record(0, approved(3), text="BTO <b>SPY")])
    )

    assert "BTO &lt;b&gt;SPY" in page
    assert '<span class="was">2 ×</span>' in page
    assert '<span class="now">3 ×</span>' in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_page_of_equal_versions_says_so():
    assert "Both versions decide every message alike." in compare_page(compared([], []))


def test_a_decision_reads_in_one_line():
    sold = Decided(denied().verdict, "no_open_position", "sell_to_close", "SPY 500C", part=Decimal("0.5"))

    assert decided_text(sold) == "denied no_open_position sell_to_close 50% of SPY 500C"
    assert decided_text(None) == "nothing"
