"""The gates of what an alert says: understood, complete, its author's to say, of an allowed kind, about a position."""

from typing import Final

from engine.decide.defaults import is_signal, missing
from engine.decide.question import PASSED, Answer, Question, could_not_run, failed, not_applicable, passed
from engine.decide.strategies import has_undefined_risk
from engine.decide.values import values_of
from engine.model.alert import Refusal
from engine.model.decision import GateStatus, Reason
from engine.model.ladder import AlertStop
from engine.model.limits import UndefinedRisk
from engine.model.rule import RefuseRule
from engine.parse.exits import describe, names_contract

# Why no contract could be chosen, where the market data lacks what decides it.
_MARKET_UNKNOWN: Final = frozenset({Reason.CHAIN_UNKNOWN, Reason.NO_UNDERLYING_PRICE, Reason.DELTA_UNKNOWN})


def reading(question: Question) -> Answer:
    """The text was understood completely."""
    refusal = question.reading.refusal
    if refusal is not None:
        return failed(Reason(refusal.code), refusal.reason, place=refusal.place)
    alert = question.alert
    if alert is None:
        return not_applicable("holds no alert")
    if alert.problems and question.opens:
        problem = alert.problems[0]
        return failed(Reason(problem.code), problem.detail, question.filled[0].span if question.filled else None)
    if alert.is_part and alert.fraction is None and alert.quantity is None:
        return failed(Reason.VAGUE_FRACTION, "says to close a part, but not how much; read.defaults.part may say")
    if not question.filled:
        return passed(f"read by {alert.pattern or 'no pattern'}")
    how = "; ".join([f"read by {alert.pattern or 'no pattern'}", *map(str, question.filled)])
    return passed(how, question.filled[0].span)


def contract(question: Question) -> Answer:
    """An opening names its contract, or the playbook says how to choose it."""
    alert = question.alert
    if alert is None:
        return not_applicable("holds no alert")
    default = question.playbook.defaults.contract
    if question.unchosen is not None:
        return _not_chosen(question.unchosen, question)
    lacking = missing(alert)
    if not lacking:
        return PASSED
    if default is not None and is_signal(alert) and "contract" in question.facts.assumed:
        return passed(f"chosen by read.defaults at {default.span}; which one is assumed away", default.span)
    detail = f"does not say {', '.join(lacking)}, and read.defaults does not fill it in"
    return failed(Reason.INCOMPLETE_CONTRACT, detail)


def _not_chosen(why: Refusal, question: Question) -> Answer:
    default = question.playbook.defaults.contract
    span = None if default is None else default.span
    code = Reason(why.code)
    return could_not_run(code, why.reason, span) if code in _MARKET_UNKNOWN else failed(code, why.reason, span)


def rules(question: Question) -> Answer:
    """None of the playbook's own conditions refuses it."""
    alert = question.alert
    if alert is None or not question.terms.rules:
        return PASSED
    heard_in = question.channel.name if question.channel else ""
    said_by = question.author.name if question.author else ""
    values = values_of(alert, question.message, said_by, heard_in)
    for rule in question.terms.rules:
        answer = rule.test(values)
        if answer is None:
            return _by_rule(rule, GateStatus.COULD_NOT_RUN, Reason.RULE_COULD_NOT_RUN, "asks for what is not known")
        if answer:
            return _by_rule(rule, GateStatus.FAILED, Reason.REFUSED_BY_RULE, "holds")
    return PASSED


def _by_rule(rule: RefuseRule, status: GateStatus, reason: Reason, verb: str) -> Answer:
    return Answer(status, reason, f"{rule.code}: {rule.say or f'{rule.text!r} {verb}'}", rule.span, rule=rule.code)


def may_open(question: Question) -> Answer:
    """The author may open."""
    rule = question.author
    if rule is None:
        return not_applicable("the author is not listed")
    if not rule.may_open:
        return failed(Reason.MAY_NOT_OPEN, f"{rule.name} may not open positions", rule.may_span)
    return PASSED


def may_close(question: Question) -> Answer:
    """The author may close."""
    rule = question.author
    if rule is None:
        return not_applicable("the author is not listed")
    if not rule.may_close:
        return failed(Reason.MAY_NOT_CLOSE, f"{rule.name} may not close positions", rule.may_span)
    return PASSED


def strategy(question: Question) -> Answer:
    """The legs make a kind of position the playbook allows; what is sold is covered, unless it says otherwise."""
    allow, kind = question.playbook.allow, question.kind
    if kind is None:
        legs = describe(question.opening) or "an opening without legs"
        return failed(Reason.STRATEGY_UNKNOWN, f"{legs} is no kind of position that is known", allow.span)
    if kind not in allow.kinds:
        return failed(Reason.STRATEGY_NOT_ALLOWED, f"{kind.value} is not in allow.kinds", allow.span)
    if allow.undefined_risk is UndefinedRisk.NEVER and has_undefined_risk(kind, question.opening):
        return failed(Reason.UNDEFINED_RISK, f"the loss of this {kind.value} has no limit", allow.span)
    return passed(kind.value, allow.span)


def stop(question: Question) -> Answer:
    """A stop is there where the playbook requires one."""
    rule = question.playbook.exits.stop
    if rule is None or not rule.is_required:
        return PASSED
    if any(not isinstance(source, AlertStop) for source in rule.sources):
        return PASSED
    if question.alert is not None and question.alert.stop is not None:
        return PASSED
    return failed(Reason.NO_STOP, "the alert names no stop, and exits.stop requires one", rule.span)


def position(question: Question) -> Answer:
    """An exit means exactly one open position of its author."""
    alert, refusal = question.alert, question.unresolved
    if alert is None:
        return not_applicable("holds no alert")
    if question.facts.positions is None:
        if names_contract(alert):
            return could_not_run(Reason.POSITIONS_UNKNOWN, "what the author has open is not known")
        detail = "names no contract of its own, and what the author has open is not known"
        return failed(Reason.POSITIONS_UNKNOWN, detail)
    if refusal is not None:
        return failed(Reason(refusal.code), refusal.reason, place=refusal.place)
    return passed("fits one open position")
