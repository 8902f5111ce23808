"""When a person is asked, who counts, and what the sandbox's verdict means."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.desk import Desk, Person
from engine.model.playbook import Playbook
from engine.model.stages import Approval, OnTimeout, OnUnavailable, Stage
from engine.plan.approval import (
    Need,
    SandboxSays,
    approval_needed,
    asked,
    may_approve,
    sandbox_says,
    timed_out,
)
from engine.plan.flow import ApprovalAsked, Declined, Dropped, ProbeVerdict
from tests.unit.plan.staged import AT, CAROL, DAVE, DESK, ERIN, LINE, V1, intent, staged

TWO_MINUTES = timedelta(minutes=2)
OPENING = intent("x", V1, Stage.PRODUCTION)


def asking(playbook: Playbook, above: str = "500", by: tuple[str, ...] = ()) -> Playbook:
    """A playbook that asks for a person above an amount."""
    base = staged(playbook)
    assert base.stages.production is not None
    approval = Approval(Decimal(above), by, TWO_MINUTES, OnTimeout.REFUSE, LINE, LINE)
    return replace(base, stages=replace(base.stages, production=replace(base.stages.production, approval=approval)))


def saying(playbook: Playbook, on_unavailable: OnUnavailable | None) -> Playbook:
    """A playbook that says what a sandbox that could not judge means, or leaves it to the desk."""
    base = staged(playbook)
    assert base.stages.sandbox is not None
    sandbox = replace(base.stages.sandbox, on_unavailable=on_unavailable)
    return replace(base, stages=replace(base.stages, sandbox=sandbox))


@pytest.mark.parametrize(
    ("verdict", "own", "desk", "expected"),
    [
        pytest.param(ProbeVerdict.PASS, None, DESK, SandboxSays.PASS, id="passed"),
        pytest.param(ProbeVerdict.SKIPPED, None, DESK, SandboxSays.PASS, id="not asked, by the playbook"),
        pytest.param(ProbeVerdict.REFUSED, OnUnavailable.DRY_RUN, DESK, SandboxSays.BLOCK, id="refused is refused"),
        pytest.param(ProbeVerdict.CANNOT_REPRESENT, None, DESK, SandboxSays.ASK, id="the desk: no such contract"),
        pytest.param(ProbeVerdict.OUTAGE, None, DESK, SandboxSays.BLOCK, id="the desk: an outage"),
        pytest.param(ProbeVerdict.OUTAGE, OnUnavailable.ASK, DESK, SandboxSays.ASK, id="the playbook says it itself"),
        pytest.param(ProbeVerdict.OUTAGE, OnUnavailable.DRY_RUN, DESK, SandboxSays.DRY_RUN, id="a dry run instead"),
        pytest.param(ProbeVerdict.OUTAGE, None, None, SandboxSays.BLOCK, id="no desk to say it"),
    ],
)
def test_what_a_verdict_means(
    playbook: Playbook, verdict: ProbeVerdict, own: OnUnavailable | None, desk: Desk | None, expected: SandboxSays
):
    """S-870."""
    assert sandbox_says(verdict, saying(playbook, own), desk) is expected


def test_without_a_sandbox_no_verdict_but_a_pass_helps(playbook: Playbook):
    base = staged(playbook)
    without = replace(base, stages=replace(base.stages, sandbox=None))

    assert sandbox_says(ProbeVerdict.OUTAGE, without, DESK) is SandboxSays.BLOCK


@pytest.mark.parametrize(
    ("risk", "is_asked"),
    [pytest.param("500", False, id="exactly the amount"), pytest.param("500.01", True, id="a cent above it")],
)
def test_above_an_amount_a_person_is_asked(playbook: Playbook, risk: str, is_asked: bool):
    """S-869."""
    needed = approval_needed(replace(OPENING, risk=Decimal(risk)), asking(playbook), ProbeVerdict.PASS, DESK)

    expected = Need("above $500", ("carol", "erin"), TWO_MINUTES, OnTimeout.REFUSE)
    assert needed == (expected if is_asked else None)


def test_where_the_sandbox_could_not_judge_a_person_is_asked(playbook: Playbook):
    """S-870."""
    needed = approval_needed(OPENING, staged(playbook), ProbeVerdict.CANNOT_REPRESENT, DESK)

    assert isinstance(needed, Need)
    assert needed.why == "the sandbox could not judge it (cannot_represent)"
    assert needed.by == ("carol", "erin")


def test_what_the_sandbox_stops_nobody_is_asked_about(playbook: Playbook):
    for verdict in (ProbeVerdict.REFUSED, ProbeVerdict.OUTAGE):
        assert isinstance(approval_needed(OPENING, asking(playbook, "0"), verdict, DESK), Dropped)


@pytest.mark.parametrize(
    "changes",
    [{"is_opening": False}, {"stage": Stage.SANDBOX}, {"stage": Stage.OBSERVE}],
    ids=["a close", "in the sandbox", "nothing is sent"],
)
def test_only_what_opens_in_production_waits_for_anybody(playbook: Playbook, changes: dict[str, object]):
    """S-869."""
    other = replace(OPENING, risk=Decimal(9_999), **changes)  # type: ignore[arg-type]

    assert approval_needed(other, asking(playbook), ProbeVerdict.OUTAGE, DESK) is None


def test_the_author_of_the_alert_is_not_among_those_asked(playbook: Playbook):
    """S-869."""
    own = replace(OPENING, author_id=CAROL.id, risk=Decimal(9_999))

    needed = approval_needed(own, asking(playbook), ProbeVerdict.PASS, DESK)

    assert isinstance(needed, Need)
    assert needed.by == ("erin",)


@pytest.mark.parametrize(
    ("by", "desk"),
    [
        pytest.param(("carol",), DESK, id="only the author may"),
        pytest.param(("dave",), DESK, id="who is named may not approve"),
        pytest.param(("",), DESK, id="nobody is on both lists"),
        pytest.param((), None, id="no desk"),
        pytest.param((), replace(DESK, people=()), id="no people"),
    ],
)
def test_where_nobody_may_approve_nothing_is_sent(playbook: Playbook, by: tuple[str, ...], desk: Desk | None):
    """S-869."""
    own = replace(OPENING, author_id=CAROL.id, risk=Decimal(9_999))

    needed = approval_needed(own, asking(playbook, by=by), ProbeVerdict.PASS, desk)

    assert isinstance(needed, Dropped)
    assert needed.code == "nobody_approves"


@pytest.mark.parametrize(
    ("person", "by", "author", "why_not"),
    [
        pytest.param(CAROL, (), "301", None, id="may approve"),
        pytest.param(CAROL, ("carol",), "301", None, id="and is named"),
        pytest.param(CAROL, ("erin",), "301", "carol is not among those momentum asks: erin", id="another is named"),
        pytest.param(DAVE, (), "301", "dave may not approve", id="has not the permission"),
        pytest.param(CAROL, (), "501", "carol wrote the alert, and nobody approves his own", id="wrote it"),
        pytest.param(replace(CAROL, id="999"), (), "301", "carol is nobody of the desk", id="has only the name"),
        pytest.param(replace(CAROL, name="zoe"), (), "301", "zoe is nobody of the desk", id="is a stranger"),
        pytest.param(ERIN, ("",), "301", "erin is not among those momentum asks: nobody", id="nobody is named"),
    ],
)
def test_whose_answer_counts(playbook: Playbook, person: Person, by: tuple[str, ...], author: str, why_not: str | None):
    """S-869."""
    order = replace(OPENING, author_id=author)

    assert may_approve(person, order, asking(playbook, by=by), DESK) == why_not


def test_without_a_desk_no_answer_counts(playbook: Playbook):
    assert may_approve(CAROL, OPENING, asking(playbook), None)


def test_a_question_never_outlasts_the_opening():
    need = Need("x", ("carol",), timedelta(hours=1), OnTimeout.REFUSE)

    assert asked(need, OPENING, AT) == ApprovalAsked("x", ("carol",), OPENING.good_until)


@pytest.mark.parametrize(
    ("after", "on_timeout", "expected"),
    [
        pytest.param(119, OnTimeout.REFUSE, None, id="there is time"),
        pytest.param(120, OnTimeout.REFUSE, Declined, id="the time is over"),
        pytest.param(120, OnTimeout.ASK_AGAIN, ApprovalAsked, id="asked again"),
        pytest.param(180, OnTimeout.ASK_AGAIN, Declined, id="not beyond the opening's own time"),
    ],
)
def test_what_follows_when_nobody_answers(after: int, on_timeout: OnTimeout, expected: type | None):
    """S-869."""
    need = Need("x", ("carol",), TWO_MINUTES, on_timeout)
    question = asked(need, OPENING, AT)

    made = timed_out(question, need, OPENING, AT + timedelta(seconds=after))

    assert (None if made is None else type(made)) is expected
