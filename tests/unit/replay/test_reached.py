"""Lines of a playbook that no message reached are named, and those that were reached are not."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.decision import GateResult, GateStatus, Outcome, Reason, Size
from engine.model.limits import CountLimit
from engine.model.playbook import Playbook, RefuseWhen
from engine.model.reading import PatternRule, ReadRules, Source
from engine.model.source import Span
from engine.replay.reached import LineKind, Reached
from tests.unit.replay.decided import approved, denied, record

RULE = Span("desk/momentum.yaml", 25, 5, 25, 20)
LIMIT = Span("desk/momentum.yaml", 58, 5, 58, 20)


@pytest.fixture
def written(playbook: Playbook) -> Playbook:
    """A playbook with a pattern, a condition, a limit of its own, and a size."""
    entry = PatternRule("entry", replace(RULE, line=22), Source("{action} {contract}", RULE))
    return replace(
        playbook,
        read=ReadRules(patterns=(entry,)),
        refuse_when=(RefuseWhen(Source("price > 50", RULE), "too_dear", "", RULE),),
        risk=replace(playbook.risk, max_open_positions=CountLimit(5, LIMIT)),
        size=replace(playbook.size, percent=Decimal("0.02"), most_contracts=3),
    )


def unreached(playbook: Playbook, *outcomes: Outcome, hits: tuple[tuple[str, str], ...] = ()) -> set[str]:
    reached = Reached()
    reached.watch(playbook)
    for number, outcome in enumerate(outcomes):
        reached.add(record(number, outcome).decision)
    return {each.name for each in reached.unreached(hits)}


def test_before_any_message_nothing_is_reached(written: Playbook):
    reached = Reached()
    reached.watch(written)

    lines = reached.unreached([])

    kinds = {kind: {each.name for each in lines if each.kind is kind} for kind in LineKind}
    assert kinds[LineKind.PATTERN] == {"entry"}
    assert kinds[LineKind.AUTHOR] == {"alice", "bob", "carol", "flow"}
    assert kinds[LineKind.RULE] == {"too_dear"}
    assert {"allow", "risk.max_open_positions", "size.percent", "size.at_most.contracts"} <= kinds[LineKind.LIMIT]
    assert "desk/momentum.yaml:25" in {each.place for each in lines}


def test_a_pattern_that_matched_and_an_author_who_posted_are_reached(written: Playbook):
    left = unreached(written, approved(), hits=(("momentum", "entry"),))

    assert not {"entry", "alice"} & left
    assert "bob" in left


def test_authors_of_chatter_are_reached_too(written: Playbook):
    reached = Reached()
    reached.watch(written)

    reached.hear("momentum", ["302"])

    assert "bob" not in {each.name for each in reached.unreached([])}


def test_what_refused_is_reached(written: Playbook):
    assert "too_dear" not in unreached(written, denied(Reason.REFUSED_BY_RULE, rule="too_dear", span=RULE))


def test_a_limit_that_failed_behind_another_is_reached(written: Playbook):
    behind = GateResult("counts", GateStatus.FAILED, Reason.DISABLED, "5 open, at most 5", LIMIT)

    assert "risk.max_open_positions" not in unreached(written, denied(gates=(behind,)))


def test_a_limit_that_was_asked_and_passed_is_not_reached(written: Playbook):
    passed = GateResult("counts", GateStatus.PASSED, None, "1 open, at most 5", LIMIT)

    assert "risk.max_open_positions" in unreached(written, replace(approved(), gates=(passed,)))


def test_the_bound_that_made_a_size_is_reached_and_the_other_is_not(written: Playbook):
    size = Size(3, Decimal(125), Decimal("1.25"), "size.at_most.contracts")

    left = unreached(written, replace(approved(), size=size))

    assert "size.percent" in left
    assert "size.at_most.contracts" not in left


def test_what_a_playbook_does_not_write_has_no_line(written: Playbook):
    whole = Span("desk/momentum.yaml", 1, 1, 99, 1)
    silent = replace(
        written,
        allow=replace(written.allow, span=whole),
        risk=replace(written.risk, span=whole, symbols=replace(written.risk.symbols, span=whole)),
        size=replace(written.size, span=whole),
    )

    assert not {"allow", "risk.symbols", "size.percent"} & unreached(silent)
