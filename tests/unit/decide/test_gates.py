"""Every gate by itself: what passes, what fails, what it does without its fact, and what it does to a close."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.decide import explain
from engine.decide.facts import Earlier
from engine.decide.gates import GATES
from engine.decide.hearing_gates import is_image_only
from engine.decide.question import AppliesTo
from engine.decide.terms import Terms
from engine.model.alert import Action, Alert, Problem, Reading, Refusal
from engine.model.decision import GateStatus, Reason, Verdict
from engine.model.listen import Forwards, Images, OnEdit
from engine.model.message import Author, Embed, EventKind, Message
from engine.model.playbook import ContractDefault, ExpiryDefault, PartDefault, Playbook, StrikeChoice
from engine.model.position import Position
from engine.model.rule import RefuseRule
from engine.model.source import Place
from tests.unit.decide.known import (
    AT,
    BTO,
    CLOSING,
    FACTS,
    HELD,
    LINE,
    MESSAGE,
    OPENING,
    STC,
    answer,
    knowing,
    leg,
    outcome_of,
)

BOB, CAROL = Author("302", "bob"), Author("303", "carol")
BARE_EXIT = Alert(STC, None, None, pattern="exit")


def test_an_opening_nothing_stands_against_is_approved(playbook: Playbook):
    outcome = outcome_of(playbook, OPENING)

    assert (outcome.verdict, outcome.reason, outcome.alert) == (Verdict.APPROVED, Reason.APPROVED, OPENING)
    assert [result.gate for result in outcome.gates] == [gate.name for gate in GATES]
    assert {result.status for result in outcome.gates} == {GateStatus.PASSED, GateStatus.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("message", "reason", "verdict", "line"),
    [
        pytest.param(replace(MESSAGE, channel_id="555"), Reason.CHANNEL_NOT_HEARD, Verdict.DENIED, 10, id="channel"),
        pytest.param(
            replace(MESSAGE, channel_id="555", parent_channel_id="101"),
            Reason.CHANNEL_NOT_HEARD,
            Verdict.DENIED,
            9,
            id="thread of a channel whose threads are not heard",
        ),
        pytest.param(
            replace(MESSAGE, channel_id="555", parent_channel_id="100"),
            Reason.APPROVED,
            Verdict.APPROVED,
            None,
            id="thread of a channel whose threads are heard",
        ),
        pytest.param(
            replace(MESSAGE, author=Author("666", "alice")),
            Reason.UNKNOWN_AUTHOR,
            Verdict.DENIED,
            10,
            id="a stranger under a known name",
        ),
        pytest.param(
            replace(MESSAGE, author=Author("301", "alice", is_bot=True)),
            Reason.WRONG_AUTHOR_KIND,
            Verdict.DENIED,
            11,
            id="a bot where a person is listed",
        ),
        pytest.param(
            replace(MESSAGE, author=Author("401", "flow")),
            Reason.WRONG_AUTHOR_KIND,
            Verdict.DENIED,
            14,
            id="a person where a webhook is listed",
        ),
        pytest.param(
            replace(MESSAGE, author=Author("401", "anything", is_bot=True)),
            Reason.APPROVED,
            Verdict.APPROVED,
            None,
            id="a webhook, whatever its name",
        ),
        pytest.param(replace(MESSAGE, is_forward=True), Reason.FORWARDED, Verdict.DENIED, 15, id="forward"),
        pytest.param(replace(MESSAGE, kind=EventKind.DELETED), Reason.DELETED, Verdict.IGNORED, 20, id="deleted"),
    ],
)
def test_what_stands_against_a_message(
    playbook: Playbook, message: Message, reason: Reason, verdict: Verdict, line: int | None
):
    """S-307."""
    outcome = outcome_of(playbook, OPENING, message)

    assert (outcome.reason, outcome.verdict) == (reason, verdict)
    assert (outcome.span.line if outcome.span else None) == line


def test_our_own_posts_are_ignored(playbook: Playbook):
    """S-308."""
    outcome = outcome_of(playbook, OPENING, facts=replace(FACTS, own_author_ids=frozenset({"301"})))

    assert (outcome.verdict, outcome.reason) == (Verdict.IGNORED, Reason.OWN_MESSAGE)


def test_a_strangers_chatter_is_ignored_and_a_strangers_order_refused(playbook: Playbook):
    stranger = replace(MESSAGE, author=Author("666", "mallory"))
    asks = Reading(refusal=Refusal("question", "asks"))
    orders = Reading(refusal=Refusal("leftover", "…", is_order_shaped=True))

    verdicts = [
        explain(Terms(playbook), stranger, reading, FACTS).outcomes[0].verdict for reading in (Reading(), asks, orders)
    ]

    assert verdicts == [Verdict.IGNORED, Verdict.IGNORED, Verdict.DENIED]


@pytest.mark.parametrize(
    ("alert", "age", "reason"),
    [
        pytest.param(OPENING, timedelta(seconds=30), Reason.APPROVED, id="an opening as old as it may be"),
        pytest.param(OPENING, timedelta(seconds=30.001), Reason.TOO_LATE, id="an opening a millisecond older"),
        pytest.param(OPENING, timedelta(days=1, seconds=2), Reason.TOO_LATE, id="a whole day counts"),
        pytest.param(CLOSING, timedelta(minutes=10), Reason.APPROVED, id="a close as old as it may be"),
        pytest.param(CLOSING, timedelta(minutes=11), Reason.TOO_LATE, id="a late close"),
        pytest.param(OPENING, timedelta(seconds=-4), Reason.APPROVED, id="clocks differ a little"),
        pytest.param(OPENING, timedelta(minutes=-2), Reason.CLOCK_BEHIND, id="our clock runs behind: no opening"),
        pytest.param(CLOSING, timedelta(minutes=-2), Reason.APPROVED, id="our clock runs behind: a close is warned of"),
    ],
)
def test_freshness(playbook: Playbook, alert: Alert, age: timedelta, reason: Reason):
    outcome = outcome_of(playbook, alert, facts=replace(FACTS, now=AT + age))

    assert outcome.reason is reason


def test_a_late_close_says_it_becomes_a_button(playbook: Playbook):
    outcome = outcome_of(playbook, CLOSING, facts=replace(FACTS, now=AT + timedelta(hours=1)))

    assert outcome.verdict is Verdict.DENIED
    assert "button" in outcome.detail


SAME = Earlier(1, (replace(OPENING, pattern="other"),))
OTHER = Earlier(1, (replace(OPENING, price=Decimal(2)),))
CHATTER = Earlier(1, ())


@pytest.mark.parametrize(
    ("on_edit", "earlier", "alert", "reason"),
    [
        pytest.param(OnEdit.IGNORE, OTHER, OPENING, Reason.EDITED_IGNORED, id="ignore"),
        pytest.param(OnEdit.REPLACE, SAME, OPENING, Reason.EDITED_SAME, id="the same again"),
        pytest.param(OnEdit.REPLACE, OTHER, OPENING, Reason.APPROVED, id="something else"),
        pytest.param(OnEdit.REPLACE, CHATTER, OPENING, Reason.APPROVED, id="chatter became an alert"),
        pytest.param(OnEdit.CANCEL, OTHER, OPENING, Reason.EDITED_CANCELS, id="cancel"),
        pytest.param(OnEdit.CANCEL, SAME, OPENING, Reason.EDITED_SAME, id="cancel, but the same again"),
        pytest.param(OnEdit.CANCEL, CHATTER, OPENING, Reason.APPROVED, id="cancel, but nothing stood before"),
        pytest.param(OnEdit.REPLACE, None, OPENING, Reason.EARLIER_UNKNOWN, id="unknown before: no opening"),
        pytest.param(OnEdit.REPLACE, None, CLOSING, Reason.APPROVED, id="unknown before: a close is warned of"),
    ],
)
@pytest.mark.parametrize("change", [{"kind": EventKind.EDITED, "event": 2}, {"kind": EventKind.EDITED}, {"event": 2}])
def test_edits(
    playbook: Playbook,
    on_edit: OnEdit,
    earlier: Earlier | None,
    alert: Alert,
    reason: Reason,
    change: dict[str, Any],
):
    """S-311."""
    edited = replace(playbook, listen=replace(playbook.listen, on_edit=on_edit))

    outcome = outcome_of(edited, alert, replace(MESSAGE, **change), replace(FACTS, earlier=earlier))

    assert outcome.reason is reason


def test_forwards_may_be_read(playbook: Playbook):
    reads = replace(playbook, listen=replace(playbook.listen, forwards=Forwards.READ))

    assert outcome_of(reads, OPENING, replace(MESSAGE, is_forward=True)).verdict is Verdict.APPROVED


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(replace(MESSAGE, content="", images=1), True, id="an image"),
        pytest.param(replace(MESSAGE, content="<@&123> @everyone", images=2), True, id="an image and mentions"),
        pytest.param(replace(MESSAGE, content="look", images=1), False, id="an image and a word"),
        pytest.param(replace(MESSAGE, content="", embeds=(Embed("BTO"),), images=1), False, id="an image and a card"),
        pytest.param(replace(MESSAGE, content=""), False, id="nothing at all"),
    ],
)
def test_what_is_an_image_only(message: Message, expected: bool):
    assert is_image_only(message) is expected


@pytest.mark.parametrize(
    ("images", "verdict", "reason"),
    [(Images.REFUSE, Verdict.DENIED, Reason.IMAGE_ONLY), (Images.IGNORE, Verdict.IGNORED, Reason.NOT_AN_ALERT)],
)
def test_images(playbook: Playbook, images: Images, verdict: Verdict, reason: Reason):
    """S-312."""
    playbook = replace(playbook, listen=replace(playbook.listen, images=images))

    outcome = outcome_of(playbook, None, replace(MESSAGE, content="", images=1))

    assert (outcome.verdict, outcome.reason) == (verdict, reason)


def test_what_the_reader_refuses_is_refused_with_its_place_and_nearest_pattern(playbook: Playbook):
    place = Place("content", 3, 7)
    reading = Reading(refusal=Refusal("leftover", "'7/19' is left over", place, "entry", is_order_shaped=True))

    (outcome,) = explain(Terms(playbook), MESSAGE, reading, FACTS).outcomes

    assert (outcome.verdict, outcome.reason, outcome.place) == (Verdict.DENIED, Reason.LEFTOVER, place)
    assert (outcome.nearest, outcome.is_order_shaped, outcome.alert) == ("entry", True, None)


EXPIRED = (Problem("expired", "2026-01-02 lies before the message"),)


@pytest.mark.parametrize(
    ("alert", "reason"),
    [
        pytest.param(replace(OPENING, problems=EXPIRED), Reason.EXPIRED, id="an expired opening"),
        pytest.param(
            replace(CLOSING, legs=(leg(STC, expiry=date(2026, 1, 2)),), problems=EXPIRED),
            Reason.NO_OPEN_POSITION,
            id="an exit is judged by what is open",
        ),
        pytest.param(replace(CLOSING, is_part=True), Reason.VAGUE_FRACTION, id="trim, but how much"),
        pytest.param(replace(CLOSING, is_part=True, fraction=Decimal("0.5")), Reason.APPROVED, id="trim half"),
        pytest.param(replace(CLOSING, is_part=True, quantity=2), Reason.APPROVED, id="trim two"),
        pytest.param(replace(OPENING, legs=(leg(BTO, expiry=None),)), Reason.INCOMPLETE_CONTRACT, id="no expiry"),
        pytest.param(replace(OPENING, legs=()), Reason.INCOMPLETE_CONTRACT, id="no legs"),
        pytest.param(
            replace(OPENING, legs=(leg(BTO, None, expiry=None),)),
            Reason.INCOMPLETE_CONTRACT,
            id="neither strike nor expiry",
        ),
    ],
)
def test_alerts_that_cannot_stand(playbook: Playbook, alert: Alert, reason: Reason):
    assert outcome_of(playbook, alert).reason is reason


def test_defaults_fill_only_what_they_name_and_the_trace_says_where(playbook: Playbook):
    """S-313."""
    listed = ExpiryDefault(frozenset({"SPY"}), "0dte", "this_week", LINE)
    filling = replace(playbook, defaults=replace(playbook.defaults, expiry=listed))

    outcome = outcome_of(filling, replace(OPENING, legs=(leg(BTO, expiry=None),)))

    assert outcome.verdict is Verdict.APPROVED
    assert outcome.alert is not None
    assert outcome.alert.legs == (leg(BTO, expiry=AT.date()),)
    assert answer(outcome, "reading").detail == (
        "read by entry; expiry 2026-01-05 filled by read.defaults at desk/momentum.yaml:25:5"
    )
    assert answer(outcome, "reading").span == LINE


def test_a_signal_without_a_contract_passes_when_the_playbook_chooses_one(playbook: Playbook):
    chosen = ContractDefault(0, 7, StrikeChoice.ATM, Decimal(0), LINE)
    choosing = replace(playbook, defaults=replace(playbook.defaults, contract=chosen))
    signal = replace(OPENING, legs=(leg(BTO, None, expiry=None),))

    unchosen = knowing(assumed=("contract",))
    outcome = outcome_of(choosing, signal, facts=unchosen)

    assert (outcome.verdict, outcome.size, outcome.alert) == (Verdict.APPROVED, None, signal)
    assert outcome_of(choosing, signal).reason is Reason.CHAIN_UNKNOWN
    assert outcome_of(choosing, replace(OPENING, legs=(leg(BTO, expiry=None),))).reason is Reason.INCOMPLETE_CONTRACT


def test_trim_takes_the_playbooks_fraction(playbook: Playbook):
    part = PartDefault(Decimal("0.25"), LINE)
    trimming = replace(playbook, defaults=replace(playbook.defaults, part=part))

    outcome = outcome_of(trimming, replace(CLOSING, is_part=True))

    assert outcome.alert is not None
    assert outcome.alert.fraction == Decimal("0.25")


def rule(answer: bool | None, code: str = "too_dear") -> RefuseRule:
    return RefuseRule(code, "price > 50", LINE, lambda values: answer)


@pytest.mark.parametrize(
    ("rules", "alert", "reason", "code"),
    [
        pytest.param((rule(False),), OPENING, Reason.APPROVED, "", id="does not hold"),
        pytest.param((rule(False), rule(True, "two")), OPENING, Reason.REFUSED_BY_RULE, "two", id="the second holds"),
        pytest.param((rule(None),), OPENING, Reason.RULE_COULD_NOT_RUN, "too_dear", id="cannot be answered"),
        pytest.param((rule(True),), CLOSING, Reason.APPROVED, "", id="never blocks a close"),
        pytest.param((rule(None),), CLOSING, Reason.APPROVED, "", id="never asked of a close"),
    ],
)
def test_the_playbooks_own_conditions(
    playbook: Playbook, rules: tuple[RefuseRule, ...], alert: Alert, reason: Reason, code: str
):
    """S-314."""
    outcome = outcome_of(Terms(playbook, rules), alert)

    assert (outcome.reason, outcome.rule) == (reason, code)


@pytest.mark.parametrize(
    ("author", "alert", "reason"),
    [
        pytest.param(BOB, OPENING, Reason.MAY_NOT_OPEN, id="bob may not open"),
        pytest.param(BOB, CLOSING, Reason.APPROVED, id="bob may close"),
        pytest.param(CAROL, OPENING, Reason.APPROVED, id="carol may open"),
        pytest.param(CAROL, CLOSING, Reason.MAY_NOT_CLOSE, id="carol may not close"),
        pytest.param(CAROL, replace(CLOSING, action=Action.UPDATE), Reason.MAY_NOT_CLOSE, id="nor move a stop"),
        pytest.param(
            BOB, replace(CLOSING, legs=(leg(STC), leg(BTO, "505"))), Reason.MAY_NOT_OPEN, id="a roll opens as well"
        ),
        pytest.param(
            CAROL, replace(CLOSING, legs=(leg(STC), leg(BTO, "505"))), Reason.MAY_NOT_CLOSE, id="a roll closes as well"
        ),
    ],
)
def test_what_an_author_may_do(playbook: Playbook, author: Author, alert: Alert, reason: Reason):
    """S-309."""
    facts = replace(FACTS, positions=(replace(HELD, author_id=author.id),))

    assert outcome_of(playbook, alert, replace(MESSAGE, author=author), facts).reason is reason


@pytest.mark.parametrize(
    ("alert", "positions", "reason", "status"),
    [
        pytest.param(BARE_EXIT, (HELD,), Reason.APPROVED, GateStatus.PASSED, id="one fits"),
        pytest.param(BARE_EXIT, (), Reason.NO_OPEN_POSITION, GateStatus.FAILED, id="none fits"),
        pytest.param(CLOSING, None, Reason.APPROVED, GateStatus.COULD_NOT_RUN, id="unknown, but the contract is named"),
        pytest.param(BARE_EXIT, None, Reason.POSITIONS_UNKNOWN, GateStatus.FAILED, id="unknown, and nothing is named"),
        pytest.param(OPENING, None, Reason.APPROVED, GateStatus.NOT_APPLICABLE, id="an opening needs no position"),
    ],
)
def test_exits_need_their_position(
    playbook: Playbook,
    alert: Alert,
    positions: tuple[Position, ...] | None,
    reason: Reason,
    status: GateStatus,
):
    """S-317."""
    outcome = outcome_of(playbook, alert, facts=replace(FACTS, positions=positions))

    assert outcome.reason is reason
    assert answer(outcome, "position").status is status


@pytest.mark.parametrize(("alert", "reason"), [(OPENING, Reason.DISABLED), (CLOSING, Reason.APPROVED)])
def test_a_playbook_that_is_switched_off_opens_nothing_and_still_closes(
    playbook: Playbook, alert: Alert, reason: Reason
):
    assert outcome_of(replace(playbook, enabled=False), alert).reason is reason


def test_the_first_gate_that_fails_is_the_reason_and_the_later_ones_still_answer(playbook: Playbook):
    """S-304, S-320."""
    late_stranger = replace(MESSAGE, author=Author("666", "mallory"), is_forward=True)

    outcome = outcome_of(playbook, OPENING, late_stranger, replace(FACTS, now=AT + timedelta(hours=1)))

    assert outcome.reason is Reason.UNKNOWN_AUTHOR
    assert [result.gate for result in outcome.gates if result.status is GateStatus.FAILED] == [
        "author",
        "freshness",
        "forward",
    ]


def test_a_gate_for_openings_is_never_asked_about_a_close(playbook: Playbook):
    outcome = outcome_of(playbook, CLOSING)

    for gate in GATES:
        if gate.applies_to is AppliesTo.OPENS:
            assert answer(outcome, gate.name).status is GateStatus.NOT_APPLICABLE
