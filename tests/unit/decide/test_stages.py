"""What a stage changes: the account, the size, and which position an exit means."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.decide import decide
from engine.decide.facts import Earlier, Facts
from engine.decide.ids import intent_key
from engine.decide.terms import CANARY_BOUND, Terms
from engine.model.activity import History, Restriction, Scope, TradingState
from engine.model.alert import Alert, Reading
from engine.model.decision import Decision, Reason, Verdict
from engine.model.message import Message
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.model.stages import ProductionStage, Stage
from tests.unit.decide.known import AT, BTO, CLOSING, FACTS, LINE, MESSAGE, OPENING, ROLL, leg
from tests.unit.plan.staged import staged

OBSERVE, SANDBOX, CANARY, PRODUCTION = Stage.OBSERVE, Stage.SANDBOX, Stage.CANARY, Stage.PRODUCTION


@pytest.fixture
def terms(playbook: Playbook) -> Terms:
    return Terms(staged(playbook))


def held(account: str, quantity: int = 2, by: str = "1") -> Position:
    return Position("momentum", "301", by, (leg(BTO),), Decimal(1), AT, quantity=quantity, account=account)


def decided(
    terms: Terms,
    *alerts: Alert,
    message: Message = MESSAGE,
    history: History | None = None,
    **facts: Any,  # noqa: ANN401
) -> Decision:
    known: Facts = replace(FACTS, **facts)
    if history is not None:
        known = replace(known, alerts=tuple(replace(each, history=history) for each in known.alerts))
    return decide(terms, message, Reading(alerts), known)


@pytest.mark.parametrize(
    ("stage", "account"), [(None, "main"), (OBSERVE, ""), (SANDBOX, "cert"), (CANARY, "main"), (PRODUCTION, "main")]
)
def test_each_stage_has_its_account(terms: Terms, stage: Stage | None, account: str):
    assert terms.at(stage).account == account
    assert terms.at(stage).at(None) == terms
    assert decided(terms, OPENING, stage=stage).account == account


@pytest.mark.parametrize("stage", [None, *Stage])
def test_what_is_not_configured_is_never_production(playbook: Playbook, stage: Stage | None):
    sandboxed = replace(staged(playbook), stages=replace(staged(playbook).stages, production=None))
    real = replace(sandboxed, stages=replace(sandboxed.stages, sandbox=None))
    real = replace(real, stages=replace(real.stages, production=ProductionStage("main", None, LINE, LINE)))

    assert Terms(playbook).at(stage).account == ""
    assert Terms(sandboxed).at(stage).account == ("cert" if stage in (None, SANDBOX) else "")
    assert Terms(real).at(stage).account == ("" if stage in (OBSERVE, SANDBOX) else "main")


def test_the_canary_opens_one(terms: Terms):
    one, many = (decided(terms, OPENING, stage=stage).outcomes[0].size for stage in (CANARY, PRODUCTION))

    assert one is not None
    assert many is not None
    assert (one.quantity, one.bound_by) == (1, CANARY_BOUND)
    assert many.quantity > 1


def test_the_facts_say_the_stage_whatever_the_terms_are_at(terms: Terms):
    facts = replace(FACTS, stage=CANARY)

    assert decide(terms, MESSAGE, Reading((OPENING,)), facts) == decide(
        terms.at(SANDBOX), MESSAGE, Reading((OPENING,)), facts
    )


@pytest.mark.parametrize("stage", list(Stage))
def test_a_close_is_for_the_account_of_its_position(terms: Terms, stage: Stage):
    decision = decided(terms, CLOSING, stage=stage, positions=(held("main"),))

    (outcome,) = decision.outcomes
    assert (outcome.verdict, decision.account, decision.account_of(outcome)) == (Verdict.APPROVED, "main", "main")
    assert outcome.intent_key == intent_key(MESSAGE, "momentum", "main", 0)


@pytest.mark.parametrize("stage", list(Stage))
def test_real_money_is_closed_first(terms: Terms, stage: Stage):
    positions = (held("cert", 5), held("main", 3, "2"))

    decision = decided(terms, CLOSING, stage=stage, positions=positions)

    (outcome,) = decision.outcomes
    assert outcome.size is not None
    assert (decision.account, outcome.size.quantity) == ("main", 3)


def test_what_is_left_in_an_account_the_playbook_has_no_more_is_closed_there(terms: Terms):
    decision = decided(terms, CLOSING, stage=SANDBOX, positions=(held("old"),))

    assert decision.account == "old"


def test_what_was_only_observed_is_closed_by_what_only_observes(terms: Terms):
    real, observed = (decided(terms, CLOSING, stage=stage, positions=(held(""),)) for stage in (PRODUCTION, OBSERVE))

    assert real.outcomes[0].reason is Reason.NO_OPEN_POSITION
    assert (observed.outcomes[0].verdict, observed.account) == (Verdict.APPROVED, "")


def test_one_message_may_be_about_two_accounts(terms: Terms):
    other = replace(OPENING, legs=(leg(BTO, "510"),))
    decision = decided(terms, CLOSING, other, stage=SANDBOX, positions=(held("main"),))

    assert [each.verdict for each in decision.outcomes] == [Verdict.APPROVED] * 2
    assert decision.account == "cert"
    assert [decision.account_of(each) for each in decision.outcomes] == ["main", "cert"]


def test_a_roll_opens_nothing_in_an_account_that_openings_are_not_for(terms: Terms):
    """An unpromoted version never opens in production by rolling what is there."""
    tried = decided(terms, ROLL, stage=SANDBOX, positions=(held("main"),))
    real = decided(terms, ROLL, stage=PRODUCTION, positions=(held("main"),))

    assert tried.outcomes[0].reason is Reason.NO_OPEN_POSITION
    assert real.outcomes[0].verdict is Verdict.APPROVED


def test_a_halt_is_of_the_account_the_position_is_in(terms: Terms):
    def halted(account: str) -> Reason:
        stop = (Restriction(TradingState.HALTED, Scope.ACCOUNT, account, "dave", "a look"),)
        return decided(terms, CLOSING, stage=SANDBOX, positions=(held("main"),), restrictions=stop).outcomes[0].reason

    assert (halted("main"), halted("cert")) == (Reason.TRADING_HALTED, Reason.APPROVED)


@pytest.mark.parametrize("account", ["main", "cert"])
def test_a_close_is_not_sent_again_for_an_edit_after_the_stage_has_changed(terms: Terms, account: str):
    edited = replace(MESSAGE, event=2)
    known = History(intents=frozenset({intent_key(MESSAGE, "momentum", account, 0)}))
    changed = replace(CLOSING, price=Decimal(2))

    decision = decided(
        terms,
        changed,
        message=edited,
        history=known,
        stage=PRODUCTION,
        positions=(held("main"),),
        earlier=Earlier(1, (CLOSING,)),
    )

    assert decision.outcomes[0].reason is Reason.DUPLICATE


def test_an_edit_cancels_only_what_it_changes_after_the_stage_has_changed(terms: Terms):
    keys = tuple(intent_key(MESSAGE, "momentum", "cert", index) for index in range(2))
    other = replace(OPENING, legs=(leg(BTO, "505"),))
    earlier = Earlier(1, (OPENING, other), keys)

    decision = decided(
        terms,
        OPENING,
        message=replace(MESSAGE, event=2, at=MESSAGE.at + timedelta(seconds=1)),
        stage=PRODUCTION,
        earlier=earlier,
    )

    assert decision.cancels == keys[1:]
