"""The gates that can change between the decision and the send, asked again: trading states, hours, prices, limits."""

from typing import Final

from engine.decide.facts import Facts
from engine.decide.gates import GATES
from engine.decide.pricing import order_quote
from engine.decide.question import Gate, Question
from engine.decide.record import Record
from engine.decide.strategies import chosen_strategy, receives, strategies_of
from engine.decide.terms import Terms
from engine.model.alert import Alert, Reading
from engine.model.check import Check, CheckStatus
from engine.model.decision import GateStatus, Outcome
from engine.parse.exits import needs_position

CHANGING: Final = frozenset(
    {
        "trading_state",
        "symbol",
        "session",
        "expiry",
        "price_collar",
        "spread",
        "too_good",
        "house",
        "counts",
        "losses",
        "cooldown",
        "enabled",
    }
)
"""The gates whose answer can change while an order is proven, approved and sent."""

_PREFIX: Final = "recheck_"
_STATUS: Final = {
    GateStatus.PASSED: CheckStatus.PASSED,
    GateStatus.FAILED: CheckStatus.FAILED,
    GateStatus.COULD_NOT_RUN: CheckStatus.NOT_RUN,
    GateStatus.NOT_APPLICABLE: CheckStatus.NOT_APPLICABLE,
}


def recheck(terms: Terms, record: Record, outcome: Outcome, facts_now: Facts) -> tuple[Check, ...]:
    """
    Return what these gates say now, each as a check named "recheck_" and the gate; its code is the gate's reason.

    terms: in force now. facts_now: as `engine.decide.gathering.gather_again` puts them together: the market, the
    restrictions and the history as they are now, the outcome itself not counted.
    """
    alert = outcome.alert
    if alert is None:
        return ()
    question = _question(terms.at(facts_now.stage), record, outcome, alert, facts_now)
    return tuple(_check(gate, question) for gate in GATES if gate.name in CHANGING)


def _question(terms: Terms, record: Record, outcome: Outcome, alert: Alert, facts: Facts) -> Question:
    opening = tuple(leg for leg in alert.legs if leg.action.opens)
    about, kind = facts.about(outcome.index), chosen_strategy(strategies_of(opening), terms.playbook.allow.kinds)
    quote = None if kind is None else order_quote(opening, about.market, receives=receives(kind, alert))
    question = Question(
        terms,
        record.message,
        Reading((alert,)),
        facts,
        about=about,
        index=outcome.index,
        alert=alert,
        opens=bool(opening),
        closes=needs_position(alert),
        opening=opening,
        kind=kind,
        quote=quote,
        sized=outcome.size,
    )
    question.account = record.decision.account_of(outcome)
    return question


def _check(gate: Gate, question: Question) -> Check:
    name = f"{_PREFIX}{gate.name}"
    if not gate.applies(opens=question.opens, closes=question.closes):
        return Check(name, CheckStatus.NOT_APPLICABLE, detail=gate.spared.detail)
    answer = gate.test(question)
    status = _STATUS[answer.status]
    blocks = status is CheckStatus.FAILED or (status is CheckStatus.NOT_RUN and question.opens)
    return Check(name, status, blocks, "" if answer.code is None else answer.code.value, answer.detail)
