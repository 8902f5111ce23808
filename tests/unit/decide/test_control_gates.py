"""Trading states, duplicates, repeats; edits and deletions that take back what was approved."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.decide import decide
from engine.decide.facts import AlertFacts, Earlier
from engine.decide.ids import contract_key, house_key, intent_key
from engine.decide.terms import Terms
from engine.model.activity import History, Restriction, Scope, SimilarOpening, TradingState
from engine.model.alert import Action, Alert, Reading
from engine.model.decision import GateStatus, Reason, Verdict
from engine.model.desk import Repeats
from engine.model.limits import DuplicateRule
from engine.model.listen import OnDelete, OnEdit
from engine.model.message import EventKind, Message
from engine.model.playbook import Playbook
from engine.model.stages import OnUnavailable, SandboxEach, SandboxPass, SandboxStage
from tests.unit.decide.known import (
    BTO,
    CLOSING,
    FACTS,
    HELD,
    HOUSE,
    HOUSE_LINE,
    LINE,
    MESSAGE,
    NOW,
    OPENING,
    ROLL,
    STO,
    answer,
    knowing,
    leg,
    outcome_of,
    outcomes_of,
)  # fmt: skip

UPDATE = replace(CLOSING, action=Action.UPDATE, legs=(leg(Action.UPDATE),))


def trading(playbook: Playbook, **house: Any) -> Terms:  # noqa: ANN401
    """A playbook that trades in the account "main", under other house limits."""
    stage = SandboxStage("main", SandboxEach.OPENS, SandboxPass.LIVE, timedelta(0), OnUnavailable.ASK, LINE, LINE)
    stages = replace(playbook.stages, sandbox=stage)
    return Terms(replace(playbook, stages=stages), (), replace(HOUSE, **house) if house else None)


def restricted(state: TradingState, scope: Scope = Scope.ALL, of: str = "") -> Restriction:
    return Restriction(state, scope, of, "dave", "a look at the feed")


@pytest.mark.parametrize(
    ("scope", "of", "holds"),
    [
        (Scope.ALL, "", True),
        (Scope.ACCOUNT, "main", True),
        (Scope.ACCOUNT, "other", False),
        (Scope.PLAYBOOK, "momentum", True),
        (Scope.PLAYBOOK, "other", False),
        (Scope.AUTHOR, "301", True),
        (Scope.AUTHOR, "302", False),
        (Scope.CHANNEL, "100", True),
        (Scope.CHANNEL, "101", False),
        (Scope.CHANNEL, "77", True),
    ],
)
def test_a_restriction_holds_for_its_scope_only(playbook: Playbook, scope: Scope, of: str, holds: bool):
    in_thread = replace(MESSAGE, parent_channel_id="77")
    facts = knowing(restrictions=(restricted(TradingState.REDUCING, scope, of),))

    outcome = outcome_of(trading(playbook), OPENING, in_thread, facts)

    assert outcome.reason is (Reason.TRADING_REDUCED if holds else Reason.APPROVED)


@pytest.mark.parametrize(
    ("state", "alert", "reason"),
    [
        (TradingState.REDUCING, OPENING, Reason.TRADING_REDUCED),
        (TradingState.REDUCING, ROLL, Reason.TRADING_REDUCED),
        (TradingState.REDUCING, CLOSING, Reason.APPROVED),
        (TradingState.REDUCING, UPDATE, Reason.APPROVED),
        (TradingState.HALTED, OPENING, Reason.TRADING_HALTED),
        (TradingState.HALTED, CLOSING, Reason.TRADING_HALTED),
        (TradingState.HALTED, UPDATE, Reason.TRADING_HALTED),
        (TradingState.ACTIVE, OPENING, Reason.APPROVED),
    ],
)
def test_what_a_trading_state_stops(playbook: Playbook, state: TradingState, alert: Alert, reason: Reason):
    """S-331."""
    assert outcome_of(playbook, alert, facts=knowing(restrictions=(restricted(state),))).reason is reason


def test_the_strictest_of_several_restrictions_decides_and_is_named(playbook: Playbook):
    both = (restricted(TradingState.REDUCING), restricted(TradingState.HALTED, Scope.AUTHOR, "301"))

    outcome = outcome_of(playbook, OPENING, facts=knowing(restrictions=both))

    assert outcome.detail == "halted for author 301, set by dave: a look at the feed"


@pytest.mark.parametrize(("alert", "verdict"), [(OPENING, Verdict.DENIED), (CLOSING, Verdict.APPROVED)])
def test_an_unknown_trading_state_denies_an_opening_and_warns_on_a_close(
    playbook: Playbook, alert: Alert, verdict: Verdict
):
    outcome = outcome_of(playbook, alert, facts=knowing(restrictions=None))

    assert outcome.verdict is verdict
    assert answer(outcome, "trading_state").status is GateStatus.COULD_NOT_RUN


SAME = SimilarOpening(NOW - timedelta(minutes=5), "momentum", "302", "800", "main", contract_key(OPENING.legs))


@pytest.mark.parametrize(
    ("opening", "is_duplicate"),
    [
        pytest.param(SAME, True, id="the same contract by the same playbook"),
        pytest.param(replace(SAME, at=NOW - timedelta(minutes=10)), True, id="exactly as long ago as the window"),
        pytest.param(replace(SAME, at=NOW - timedelta(minutes=10, seconds=1)), False, id="longer ago"),
        pytest.param(replace(SAME, contract=contract_key([leg(strike="505")])), False, id="another strike"),
        pytest.param(replace(SAME, contract=contract_key([leg(STO)])), False, id="the other side"),
        pytest.param(replace(SAME, playbook="other"), False, id="another playbook, and the desk has no window"),
        pytest.param(replace(SAME, playbook="other", message_id="900"), True, id="another playbook, this very message"),
        pytest.param(
            replace(SAME, playbook="other", message_id="900", account="b"), False, id="this message, another account"
        ),
        pytest.param(
            replace(SAME, message_id="900", at=NOW - timedelta(days=1)), True, id="this message, however long ago"
        ),
    ],
)
def test_the_same_contract_again(playbook: Playbook, opening: SimilarOpening, is_duplicate: bool):
    """S-326."""
    outcome = outcome_of(trading(playbook), OPENING, facts=knowing(History(similar=(opening,))))

    assert outcome.reason is (Reason.DUPLICATE if is_duplicate else Reason.APPROVED)


@pytest.mark.parametrize(
    ("opening", "is_duplicate"),
    [
        pytest.param(replace(SAME, playbook="other"), True, id="another playbook in the same account"),
        pytest.param(replace(SAME, playbook="other", account="b"), False, id="another account"),
        pytest.param(replace(SAME, playbook="other", account=""), False, id="one that only observes"),
        pytest.param(replace(SAME, playbook="other", at=NOW - timedelta(hours=1)), False, id="longer ago"),
    ],
)
def test_the_houses_window_is_over_all_playbooks_of_an_account(
    playbook: Playbook, opening: SimilarOpening, is_duplicate: bool
):
    terms = trading(playbook, duplicate_window=timedelta(minutes=20))

    outcome = outcome_of(terms, OPENING, facts=knowing(History(similar=(opening,))))

    assert (outcome.reason, outcome.span) == (
        (Reason.DUPLICATE, HOUSE_LINE) if is_duplicate else (Reason.APPROVED, None)
    )


def test_a_window_of_nothing_is_switched_off(playbook: Playbook):
    off = replace(playbook, risk=replace(playbook.risk, duplicates=DuplicateRule(timedelta(0), LINE)))

    assert outcome_of(off, OPENING, facts=knowing(History(similar=(replace(SAME, at=NOW),)))).reason is Reason.APPROVED


def test_two_alerts_of_one_message_do_not_open_the_same(playbook: Playbook):
    reasons = [outcome.reason for outcome in outcomes_of(playbook, (OPENING, replace(OPENING, price=Decimal("1.30"))))]

    assert reasons == [Reason.APPROVED, Reason.DUPLICATE]


@pytest.mark.parametrize(("alert", "verdict"), [(OPENING, Verdict.DENIED), (CLOSING, Verdict.APPROVED)])
def test_an_unknown_history_denies_an_opening_and_warns_on_a_close(playbook: Playbook, alert: Alert, verdict: Verdict):
    outcome = outcome_of(playbook, alert, facts=knowing(alerts=(AlertFacts(),)))

    assert (outcome.verdict, answer(outcome, "duplicate").code) == (verdict, Reason.HISTORY_UNKNOWN)


KEY = intent_key(MESSAGE, "momentum", "", 0)


@pytest.mark.parametrize(
    ("alert", "reason"),
    [(OPENING, Reason.DUPLICATE), (CLOSING, Reason.DUPLICATE), (ROLL, Reason.DUPLICATE), (UPDATE, Reason.APPROVED)],
)
def test_the_same_alert_is_never_approved_twice(playbook: Playbook, alert: Alert, reason: Reason):
    known = knowing(History(intents=frozenset({KEY})))

    assert outcome_of(playbook, alert, facts=known).reason is reason
    assert outcome_of(playbook, alert, replace(MESSAGE, id="901"), known).reason is Reason.APPROVED


def test_an_approved_outcome_carries_its_keys(playbook: Playbook):
    opened, closed = outcome_of(playbook, OPENING), outcome_of(playbook, CLOSING)

    assert (opened.intent_key, opened.house_key) == (KEY, house_key("", MESSAGE, contract_key(OPENING.legs)))
    assert (closed.intent_key, closed.house_key) == (KEY, "")
    refused = outcome_of(playbook, OPENING, facts=knowing(restrictions=None))
    assert (refused.intent_key, refused.house_key) == ("", "")


@pytest.mark.parametrize(("times", "reason"), [(2, Reason.APPROVED), (3, Reason.REPEATED), (4, Reason.REPEATED)])
def test_one_contract_is_not_opened_over_and_over(playbook: Playbook, times: int, reason: Reason):
    terms = trading(playbook, repeats=Repeats(3, timedelta(hours=2), LINE))
    old = tuple(replace(SAME, at=NOW - timedelta(minutes=20 * count)) for count in range(1, times + 1))
    others = (
        replace(SAME, at=NOW - timedelta(hours=3)),
        replace(SAME, at=NOW - timedelta(hours=1), playbook="other"),
        replace(SAME, at=NOW - timedelta(hours=1), contract=contract_key([leg(strike="505")])),
    )

    assert outcome_of(terms, OPENING, facts=knowing(History(similar=(*others, *old)))).reason is reason


EDITED = replace(MESSAGE, kind=EventKind.EDITED, event=2)
DELETED = replace(MESSAGE, kind=EventKind.DELETED, event=2)
CHANGED = replace(OPENING, price=Decimal("1.30"))
OTHER = replace(OPENING, legs=(leg(BTO, "505"),))
KEYS = tuple(intent_key(MESSAGE, "momentum", "", index) for index in range(2))


@pytest.mark.parametrize(
    ("on_edit", "alerts", "reasons", "cancels"),
    [
        pytest.param(OnEdit.REPLACE, (CHANGED,), [Reason.DUPLICATE], KEYS[:1], id="replaced: cancelled, not anew"),
        pytest.param(OnEdit.REPLACE, (OPENING,), [Reason.EDITED_SAME], (), id="the same: nothing"),
        pytest.param(OnEdit.REPLACE, (), [Reason.NOT_AN_ALERT], KEYS[:1], id="no alert any more: cancelled"),
        pytest.param(
            OnEdit.REPLACE, (OPENING, OTHER), [Reason.DUPLICATE, Reason.DUPLICATE], (), id="one more: the first stands"
        ),
        pytest.param(OnEdit.REPLACE, (CLOSING,), [Reason.APPROVED], KEYS[:1], id="now a close"),
        pytest.param(OnEdit.IGNORE, (CHANGED,), [Reason.EDITED_IGNORED], (), id="ignored"),
        pytest.param(OnEdit.CANCEL, (CHANGED,), [Reason.EDITED_CANCELS], KEYS[:1], id="cancelled"),
        pytest.param(OnEdit.CANCEL, (OPENING,), [Reason.EDITED_SAME], (), id="cancel, but the same"),
    ],
)
def test_an_edit_of_an_approved_opening(
    playbook: Playbook, on_edit: OnEdit, alerts: tuple[Alert, ...], reasons: list[Reason], cancels: tuple[str, ...]
):
    """S-328."""
    edits = replace(playbook, listen=replace(playbook.listen, on_edit=on_edit))
    facts = knowing(earlier=Earlier(1, (OPENING,), KEYS[:1]))

    decision = decide(Terms(edits), EDITED, Reading(alerts), facts)

    assert [outcome.reason for outcome in decision.outcomes] == reasons
    assert decision.cancels == cancels


def test_of_several_openings_only_those_an_edit_changes_are_cancelled(playbook: Playbook):
    facts = knowing(earlier=Earlier(1, (OPENING, OTHER), KEYS))

    decision = decide(Terms(playbook), EDITED, Reading((CHANGED, OTHER)), facts)

    assert decision.cancels == KEYS[:1]


def test_an_edit_of_a_refused_opening_is_judged_anew(playbook: Playbook):
    decision = decide(Terms(playbook), EDITED, Reading((CHANGED,)), knowing(earlier=Earlier(1, (OPENING,))))

    assert (decision.outcomes[0].reason, decision.cancels) == (Reason.APPROVED, ())


@pytest.mark.parametrize(("on_delete", "cancels"), [(OnDelete.CANCEL, KEYS[:1]), (OnDelete.IGNORE, ())])
def test_a_deletion(playbook: Playbook, on_delete: OnDelete, cancels: tuple[str, ...]):
    deletes = replace(playbook, listen=replace(playbook.listen, on_delete=on_delete))

    decision = decide(Terms(deletes), DELETED, Reading(), knowing(earlier=Earlier(1, (OPENING,), KEYS[:1])))

    assert (decision.outcomes[0].reason, decision.cancels) == (Reason.DELETED, cancels)


HALF = replace(CLOSING, fraction=Decimal("0.5"))


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        pytest.param(CLOSING, replace(CLOSING, price=Decimal(2)), Reason.DUPLICATE, id="only its price was added"),
        pytest.param(
            replace(CLOSING, fraction=Decimal("0.5")), CLOSING, Reason.APPROVED, id="half became all: never trapped"
        ),
        pytest.param(replace(CLOSING, symbol="QQQ", legs=()), CLOSING, Reason.APPROVED, id="another position"),
        pytest.param(OPENING, CLOSING, Reason.APPROVED, id="an opening became a close"),
    ],
)
def test_an_edit_of_an_approved_close(playbook: Playbook, before: Alert, now: Alert, reason: Reason):
    facts = knowing(History(intents=frozenset({KEY})), earlier=Earlier(1, (before,)), positions=(HELD,))

    assert outcome_of(playbook, now, EDITED, facts).reason is reason


@pytest.mark.parametrize(
    ("before", "now", "reasons"),
    [
        pytest.param((HALF,), (UPDATE, HALF), [Reason.APPROVED, Reason.DUPLICATE], id="a line above it is new"),
        pytest.param((UPDATE, HALF), (HALF,), [Reason.DUPLICATE], id="the line above it is gone"),
        pytest.param((HALF,), (HALF, HALF), [Reason.DUPLICATE, Reason.APPROVED], id="once more"),
        pytest.param((HALF, HALF), (CLOSING, HALF), [Reason.APPROVED, Reason.DUPLICATE], id="one of two is changed"),
    ],
)
def test_an_approved_close_is_known_wherever_the_edit_puts_it(
    playbook: Playbook, before: tuple[Alert, ...], now: tuple[Alert, ...], reasons: list[Reason]
):
    facts = knowing(History(intents=frozenset(KEYS[: len(before)])), earlier=Earlier(1, before), positions=(HELD,))

    assert [outcome.reason for outcome in outcomes_of(playbook, now, EDITED, facts)] == reasons


def test_an_edited_close_of_which_nothing_is_known_passes_with_a_warning(playbook: Playbook):
    outcome = outcome_of(playbook, CLOSING, EDITED, knowing(History(intents=frozenset({KEY}))))

    assert outcome.verdict is Verdict.APPROVED
    assert answer(outcome, "duplicate").code is Reason.EARLIER_UNKNOWN


def test_the_facts_of_the_table_are_those_of_no_event(playbook: Playbook):
    message: Message = MESSAGE

    assert decide(Terms(playbook), message, Reading((OPENING,)), FACTS).cancels == ()
