"""The summary counts what a replay met, in whatever way it is told."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.model.decision import Outcome, Reason, Verdict
from engine.model.playbook import Playbook
from engine.model.run import RunCounts
from engine.replay.summary import SAMPLES_PER_REASON, DayCount, ReasonCount, ReplaySummary
from engine.replay.tally import Tally
from tests.unit.replay.decided import START, approved, closed, denied, ignored, reading, record


def summed(*outcomes: Outcome) -> ReplaySummary:
    tally = Tally()
    for number, outcome in enumerate(outcomes):
        given_record = record(number, outcome)
        tally.add(given_record.decision, given_record.message, reading(given_record))
    return tally.result(1, RunCounts(len(outcomes)), START)


def test_decisions_are_counted_by_reason_author_and_day():
    summary = summed(approved(), approved(), denied(), ignored())

    assert (summary.alerts, summary.approved, summary.denied, summary.ignored) == (2, 2, 1, 1)
    assert summary.denied_without_alert == 1
    assert summary.reasons == (
        ReasonCount(Verdict.APPROVED, Reason.APPROVED, 2, 2),
        ReasonCount(Verdict.DENIED, Reason.NO_PATTERN, 1, 1),
        ReasonCount(Verdict.IGNORED, Reason.NOT_AN_ALERT, 1, 0),
    )
    assert [(each.name, each.approved, each.denied) for each in summary.authors] == [("name-301", 2, 1)]
    assert summary.days == (DayCount(date(2026, 1, 5), 2, 1),)


def test_what_the_replay_rests_on_is_in_the_summary():
    summary = summed()

    assert summary.assumptions == START.assumptions
    assert summary.archives == START.archives
    assert [(each.name, each.content_hash) for each in summary.versions] == [("momentum", "hash-1")]


@given(st.dictionaries(st.sampled_from(["301", "302", "303"]), st.integers(1, 50)))
def test_chatter_counts_the_same_in_bulk(authors: dict[str, int]):
    one_by_one, in_bulk = Tally(), Tally()
    posted = [author for author, count in authors.items() for _ in range(count)]
    for number, author in enumerate(posted):
        said = record(number, ignored(), text="", author=author)
        one_by_one.add(said.decision, said.message, reading(said))
    if authors:
        in_bulk.add_chatter("momentum", ("100", "momentum"), authors)

    counts = RunCounts(len(posted))
    assert in_bulk.result(1, counts, START) == one_by_one.result(1, counts, START)


def test_what_positions_came_to_is_assumed_by_playbook_and_author():
    tally = Tally()
    opened = record(0, approved())
    tally.add(opened.decision, opened.message, reading(opened))

    tally.close([closed("50"), closed("-20")])

    summary = tally.result(1, RunCounts(), START)
    assert [(each.name, each.profit) for each in summary.assumed_profit_by_playbook] == [("momentum", Decimal(30))]
    assert [(each.name, each.profit) for each in summary.assumed_profit_by_author] == [("name-301", Decimal(30))]


def test_samples_do_not_grow_with_messages():
    refused = denied()

    summary = summed(*([refused] * (SAMPLES_PER_REASON + 30)), denied(Reason.QUESTION))

    reasons = [sample.reason for sample in summary.samples]
    assert reasons == [Reason.NO_PATTERN] * SAMPLES_PER_REASON + [Reason.QUESTION]


def test_samples_name_the_line_that_decided(playbook: Playbook):
    summary = summed(denied(span=playbook.size.span))

    assert [sample.place for sample in summary.samples] == ["desk/momentum.yaml:31"]


def test_texts_of_ignored_messages_are_kept_only_where_everything_was_ignored():
    said = record(0, ignored(), text="good morning")
    tally = Tally()
    tally.keep_ignored(said.message, "momentum", "good morning")
    tally.add_chatter("momentum", ("100", "momentum"), {"301": 1})

    alone = tally.result(1, RunCounts(1), START)
    order = record(1, denied())
    tally.add(order.decision, order.message, reading(order))
    beside = tally.result(1, RunCounts(2), START)

    assert [sample.text for sample in alone.ignored_samples] == ["good morning"]
    assert beside.ignored_samples == ()


def test_unwatched_channels_and_unheard_authors_are_counted_in_bulk():
    tally = Tally()

    tally.add_unwatched("7", "gossip", 10)
    tally.add_unwatched("7", "gossip")
    tally.add_unheard("666", "mallory", 3)

    summary = tally.result(1, RunCounts(11, 11), START)
    assert [(each.id, each.messages) for each in summary.unwatched] == [("7", 11)]
    assert [(each.id, each.messages) for each in summary.unheard_authors] == [("666", 3)]
    assert tally.unwatched_messages == 11


def test_an_outcome_of_a_rule_counts_under_its_reason():
    summary = summed(replace(denied(Reason.REFUSED_BY_RULE), rule="too_dear"))

    assert [each.reason for each in summary.reasons] == [Reason.REFUSED_BY_RULE]
    assert summary.samples[0].rule == "too_dear"
