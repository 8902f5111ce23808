"""
The gates, in the order they decide: the first that fails is the reason.

Each is a small pure function of one question. What guards openings never blocks a close.
"""

from typing import Final

from engine.decide import control_gates, hearing_gates, limit_gates, meaning_gates, price_gates, sessions
from engine.decide.question import PASSED, Answer, AppliesTo, Gate, Question
from engine.model.decision import GateResult, GateStatus

GATES: Final = (
    Gate("channel", AppliesTo.BOTH, hearing_gates.channel),
    Gate("origin", AppliesTo.BOTH, hearing_gates.origin),
    Gate("author", AppliesTo.BOTH, hearing_gates.author),
    Gate("freshness", AppliesTo.BOTH, hearing_gates.freshness),
    Gate("edit", AppliesTo.BOTH, hearing_gates.edit),
    Gate("delete", AppliesTo.BOTH, hearing_gates.delete),
    Gate("forward", AppliesTo.BOTH, hearing_gates.forward),
    Gate("image", AppliesTo.BOTH, hearing_gates.image),
    Gate("reading", AppliesTo.BOTH, meaning_gates.reading),
    Gate("contract", AppliesTo.OPENS, meaning_gates.contract),
    Gate("rules", AppliesTo.OPENS, meaning_gates.rules),
    Gate("may_open", AppliesTo.OPENS, meaning_gates.may_open),
    Gate("may_close", AppliesTo.CLOSES, meaning_gates.may_close),
    Gate("strategy", AppliesTo.OPENS, meaning_gates.strategy),
    Gate("trading_state", AppliesTo.BOTH, control_gates.trading_state),
    Gate("duplicate", AppliesTo.BOTH, control_gates.duplicate),
    Gate("symbol", AppliesTo.OPENS, limit_gates.symbol),
    Gate("session", AppliesTo.OPENS, sessions.session),
    Gate("expiry", AppliesTo.OPENS, sessions.expiry),
    Gate("stop", AppliesTo.OPENS, meaning_gates.stop),
    Gate("position", AppliesTo.CLOSES, meaning_gates.position),
    Gate("price_collar", AppliesTo.OPENS, price_gates.collar),
    Gate("spread", AppliesTo.OPENS, price_gates.spread),
    Gate("too_good", AppliesTo.OPENS, price_gates.too_good),
    Gate("size", AppliesTo.OPENS, limit_gates.size),
    Gate("house", AppliesTo.OPENS, price_gates.house),
    Gate("counts", AppliesTo.OPENS, limit_gates.counts),
    Gate("losses", AppliesTo.OPENS, limit_gates.losses),
    Gate("cooldown", AppliesTo.OPENS, limit_gates.cooldown),
    Gate("repeats", AppliesTo.OPENS, control_gates.repeats),
    Gate("enabled", AppliesTo.OPENS, control_gates.enabled),
)


def _plan(*, opens: bool, closes: bool) -> tuple[list[GateResult], list[tuple[int, Gate]]]:
    """Return the answers of all gates when none objects, and the gates that are asked, with their places."""
    asked = [(place, gate) for place, gate in enumerate(GATES) if gate.applies(opens=opens, closes=closes)]
    return [gate.passed if (place, gate) in asked else gate.spared for place, gate in enumerate(GATES)], asked


_PLANS: Final = {
    (opens, closes): _plan(opens=opens, closes=closes) for opens in (False, True) for closes in (False, True)
}


def answers(question: Question) -> tuple[tuple[GateResult, ...], GateResult | None]:
    """
    Return the answer of every gate, in order, and the first that stands against it; None when none does.

    A gate that could not run stands against what opens, and only warns on the rest.
    """
    template, asked = _PLANS[question.opens, question.closes]
    results, against = template.copy(), None
    for place, gate in asked:
        answer = gate.test(question)
        if answer is PASSED:
            continue
        results[place] = result = gate.named(answer)
        if against is None and answer.code is not None and _denies(answer, question):
            against = result
    return tuple(results), against


def _denies(answer: Answer, question: Question) -> bool:
    return answer.status is GateStatus.FAILED or (answer.status is GateStatus.COULD_NOT_RUN and question.opens)
