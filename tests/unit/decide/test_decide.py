"""What holds for every decision."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.decide.decide import decide, explain
from engine.decide.facts import Earlier, Facts
from engine.decide.gates import GATES
from engine.decide.question import AppliesTo
from engine.decide.terms import Terms
from engine.model.alert import Action, Alert, Asset, Leg, Problem, Reading, Refusal
from engine.model.decision import GateStatus, Reason, Verdict
from engine.model.instrument import Right
from engine.model.message import Author, Embed, EventKind, Message
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.model.rule import RefuseRule
from engine.model.source import Span

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
FRIDAY = date(2026, 1, 9)
LINE = Span("desk/momentum.yaml", 25, 5, 25, 40)

strikes = st.none() | st.sampled_from([Decimal(500), Decimal(505)])
legs = st.builds(
    Leg,
    st.sampled_from(Action),
    st.none() | st.sampled_from(["SPY", "TSLA"]),
    st.sampled_from(Asset),
    strikes,
    st.none() | st.sampled_from(Right),
    st.none() | st.just(FRIDAY),
)
alerts = st.builds(
    Alert,
    action=st.sampled_from(Action),
    symbol=st.none() | st.sampled_from(["SPY", "TSLA"]),
    asset=st.none() | st.sampled_from(Asset),
    legs=st.lists(legs, max_size=3).map(tuple),
    quantity=st.none() | st.integers(1, 9),
    is_part=st.booleans(),
    problems=st.sampled_from([(), (Problem("expired", "too old"),)]),
)
refusals = st.builds(Refusal, st.sampled_from(["question", "leftover"]), st.just("why"), is_order_shaped=st.booleans())
readings = st.builds(Reading, st.lists(alerts, max_size=3).map(tuple)) | st.builds(Reading, refusal=refusals)
messages = st.builds(
    Message,
    id=st.just("900"),
    channel_id=st.sampled_from(["100", "555"]),
    author=st.builds(Author, st.sampled_from(["301", "302", "303", "401", "666"]), st.just("x"), st.booleans()),
    at=st.just(AT),
    content=st.sampled_from(["", "all out"]),
    embeds=st.sampled_from([(), (Embed("BTO"),)]),
    edited_at=st.none() | st.just(AT),
    kind=st.sampled_from(EventKind),
    event=st.integers(1, 2),
    is_forward=st.booleans(),
    images=st.integers(0, 1),
)
positions = st.builds(
    Position,
    st.just("momentum"),
    st.sampled_from(["301", "302"]),
    st.just("1"),
    st.just((Leg(Action.BUY_TO_OPEN, "SPY", Asset.OPTION, Decimal(500), Right.CALL, FRIDAY),)),
    st.just(Decimal(1)),
    st.just(AT),
)
facts = st.builds(
    Facts,
    now=st.sampled_from([0, 60, 3600, -600]).map(lambda seconds: AT + timedelta(seconds=seconds)),
    content_hash=st.just("abc"),
    positions=st.none() | st.lists(positions, max_size=2).map(tuple),
    earlier=st.none() | st.just(Earlier(1, ())),
)
rules = st.lists(
    st.sampled_from([True, False, None]).map(lambda says: RefuseRule("x", "price > 1", LINE, lambda values: says)),
    max_size=2,
).map(tuple)


@given(rules, messages, readings, facts)
def test_every_decision_is_whole_and_the_same_each_time(
    playbook: Playbook, rules: tuple[RefuseRule, ...], message: Message, reading: Reading, facts: Facts
):
    decision = decide(Terms(playbook, rules), message, reading, facts)

    assert decision == decide(Terms(playbook, rules), message, reading, facts)
    assert [outcome.index for outcome in decision.outcomes] == list(range(max(1, len(reading.alerts))))
    for outcome in decision.outcomes:
        assert (outcome.verdict is Verdict.APPROVED) == (outcome.reason is Reason.APPROVED)
        assert outcome.detail
        if outcome.verdict is Verdict.APPROVED:
            assert outcome.alert is not None


@given(rules, messages, readings, facts)
def test_explaining_never_changes_what_is_decided(
    playbook: Playbook, rules: tuple[RefuseRule, ...], message: Message, reading: Reading, facts: Facts
):
    decided = decide(Terms(playbook, rules), message, reading, facts)
    explained = explain(Terms(playbook, rules), message, reading, facts)

    for short, full in zip(decided.outcomes, explained.outcomes, strict=True):
        assert short.verdict is full.verdict
        assert len(full.gates) == len(GATES)
        if short.gates:
            assert short == full


@given(rules, messages, alerts, facts)
def test_nothing_that_guards_openings_refuses_a_close(
    playbook: Playbook, rules: tuple[RefuseRule, ...], message: Message, alert: Alert, facts: Facts
):
    closing_legs = tuple(leg for leg in alert.legs if not leg.action.opens)
    close = replace(alert, action=Action.SELL_TO_CLOSE, legs=closing_legs)

    (outcome,) = decide(Terms(playbook, rules), message, Reading((close,)), facts).outcomes

    applies = {gate.name: gate.applies_to for gate in GATES}
    against = {result.gate for result in outcome.gates if result.status is GateStatus.FAILED}
    assert all(applies[name] is not AppliesTo.OPENS for name in against)
    assert (outcome.verdict is Verdict.APPROVED) == (not against)


@given(rules, messages, alerts, facts)
def test_an_opening_with_a_missing_fact_is_never_approved(
    playbook: Playbook, rules: tuple[RefuseRule, ...], message: Message, alert: Alert, facts: Facts
):
    # An order is made of the legs: one at least opens, the others may close (a roll).
    legs = tuple(replace(leg, action=Action.BUY_TO_OPEN) for leg in alert.legs[:1]) + alert.legs[1:]
    opening = replace(alert, action=Action.BUY_TO_OPEN, legs=legs)

    (outcome,) = decide(Terms(playbook, rules), message, Reading((opening,)), facts).outcomes

    if any(result.status is GateStatus.COULD_NOT_RUN for result in outcome.gates):
        assert outcome.verdict is not Verdict.APPROVED


def test_chatter_costs_no_gates(playbook: Playbook):
    message = Message("900", "100", Author("301", "alice"), AT, "good morning")

    (outcome,) = decide(Terms(playbook), message, Reading(), Facts(AT, "abc")).outcomes

    assert (outcome.verdict, outcome.reason, outcome.gates) == (Verdict.IGNORED, Reason.NOT_AN_ALERT, ())


def test_the_record_names_what_was_judged(playbook: Playbook):
    message = Message(
        "900", "100", Author("301", "alice"), AT, "good", (Embed("morning"),), edited_at=AT + timedelta(hours=1)
    )

    decision = decide(Terms(playbook), message, Reading(), Facts(AT, "abc", assumed=("fills",)))

    assert (decision.playbook, decision.content_hash, decision.message_id, decision.event) == (
        "momentum",
        "abc",
        "900",
        1,
    )
    assert (decision.text, decision.text_after_edit, decision.assumed) == ("good\nmorning", True, ("fills",))
