"""
One message event, one playbook version → one decision.

Pure: the same arguments always give the same decision, so a logged one can be derived again.
"""

from dataclasses import replace
from typing import Final

from engine.decide.defaults import fill
from engine.decide.facts import Facts
from engine.decide.gates import GATES, is_image_only
from engine.decide.ids import decision_id
from engine.decide.question import Question
from engine.model.alert import Alert, Reading, Refusal
from engine.model.decision import Decision, GateResult, GateStatus, Outcome, Reason, Verdict
from engine.model.message import EventKind, Message, parts_of
from engine.model.playbook import Playbook
from engine.model.rule import RefuseRule
from engine.parse.calendar import market_date
from engine.parse.exits import needs_position, resolve

# Nothing was asked of us, so nothing is refused.
IGNORES: Final = frozenset(
    {
        Reason.NOT_AN_ALERT,
        Reason.OWN_MESSAGE,
        Reason.EDITED_IGNORED,
        Reason.EDITED_SAME,
        Reason.EDITED_CANCELS,
        Reason.DELETED,
    }
)
# Whoever they are, strangers are only refused what looks like an order.
IGNORES_UNLESS_ORDER: Final = frozenset({Reason.CHANNEL_NOT_HEARD, Reason.UNKNOWN_AUTHOR})

_CHATTER: Final = Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, "says nothing that is an order")


def decide(
    playbook: Playbook, rules: tuple[RefuseRule, ...], message: Message, reading: Reading, facts: Facts
) -> Decision:
    """Return what becomes of a message event: one outcome per alert, one when it holds none."""
    if _is_chatter(message, reading):
        return _record(playbook, message, facts, (_CHATTER,))
    return explain(playbook, rules, message, reading, facts)


def explain(
    playbook: Playbook, rules: tuple[RefuseRule, ...], message: Message, reading: Reading, facts: Facts
) -> Decision:
    """Return the same decision as `decide`, with every gate's answer also for chatter."""
    about = Question(
        playbook,
        rules,
        message,
        reading,
        facts,
        channel=playbook.listen.channel(message.channel_id, message.parent_channel_id),
        author=playbook.listen.author(message.author.id),
    )
    alerts = () if reading.refusal is not None else reading.alerts
    questions = [_about_alert(about, alert) for alert in alerts] or [about]
    return _record(playbook, message, facts, tuple(_outcome(index, each) for index, each in enumerate(questions)))


def _is_chatter(message: Message, reading: Reading) -> bool:
    if reading.alerts or reading.refusal is not None:
        return False
    return message.kind is not EventKind.DELETED and not is_image_only(message)


def _about_alert(about: Question, alert: Alert) -> Question:
    """Return the question with defaults filled in and an exit resolved, as far as the facts allow."""
    playbook, message, positions = about.playbook, about.message, about.facts.positions
    alert, filled = fill(alert, playbook.defaults, market_date(message.at))
    question = replace(about, alert=alert, filled=filled)
    if positions is None or not needs_position(alert):
        return question
    resolved = resolve(alert, positions, message, playbook.read.not_symbols)
    if isinstance(resolved, Refusal):
        return replace(question, unresolved=resolved)
    return replace(question, alert=resolved)


def _outcome(index: int, question: Question) -> Outcome:
    results = tuple(gate.ask(question) for gate in GATES)
    if _is_chatter(question.message, question.reading):
        return replace(_CHATTER, gates=results)
    refusal = question.reading.refusal
    is_order = question.alert is not None or (refusal is not None and refusal.is_order_shaped)
    approved = Outcome(
        index=index,
        verdict=Verdict.APPROVED,
        reason=Reason.APPROVED,
        detail="every gate passed",
        alert=question.alert,
        gates=results,
        nearest=refusal.nearest if refusal is not None else "",
        is_order_shaped=is_order,
    )
    for result in results:
        if result.code is not None and _stands_against(result, question):
            return _refused(approved, result, result.code)
    if question.alert is None:  # a picture the playbook does not mind
        return replace(_CHATTER, gates=results)
    return approved


def _refused(approved: Outcome, against: GateResult, code: Reason) -> Outcome:
    return replace(
        approved,
        verdict=_verdict(code, is_order=approved.is_order_shaped),
        reason=code,
        detail=against.detail,
        span=against.span,
        place=against.place,
        rule=against.rule,
    )


def _stands_against(result: GateResult, question: Question) -> bool:
    """Return whether a gate's answer denies: a missing fact denies what opens, and only warns on the rest."""
    if result.status is GateStatus.COULD_NOT_RUN:
        return question.opens
    return result.status is GateStatus.FAILED


def _verdict(reason: Reason, *, is_order: bool) -> Verdict:
    if reason in IGNORES or (reason in IGNORES_UNLESS_ORDER and not is_order):
        return Verdict.IGNORED
    return Verdict.DENIED


def _record(playbook: Playbook, message: Message, facts: Facts, outcomes: tuple[Outcome, ...]) -> Decision:
    return Decision(
        decision_id=decision_id(message, playbook.name, facts.content_hash),
        playbook=playbook.name,
        content_hash=facts.content_hash,
        message_id=message.id,
        event=message.event,
        channel_id=message.channel_id,
        author_id=message.author.id,
        author_name=message.author.name,
        at=message.at,
        now=facts.now,
        text="\n".join(part.text for part in parts_of(message)),
        outcomes=outcomes,
        text_after_edit=message.edited_at is not None and message.kind is EventKind.CREATED,
        assumed=facts.assumed,
        embeds=message.embeds,
    )
