"""
One message event, one playbook version → one decision.

Pure: the same arguments always give the same decision, so a logged one can be derived again.
"""

from typing import Final

from engine.decide.asking import Asking
from engine.decide.facts import Facts
from engine.decide.gates import answers
from engine.decide.hearing_gates import asked, is_image_only
from engine.decide.ids import contract_key, decision_id, house_key, intent_key, intent_keys, key_of_edit
from engine.decide.question import Question
from engine.decide.sizing import closing_size
from engine.decide.terms import Terms
from engine.model.alert import Reading
from engine.model.decision import Decision, GateResult, Outcome, Reason, Size, Verdict
from engine.model.listen import OnDelete, OnEdit
from engine.model.message import EventKind, Message, text_of

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

_TALK: Final = "says nothing that is an order"
_CHATTER: Final = Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, _TALK)


def decide(terms: Terms, message: Message, reading: Reading, facts: Facts) -> Decision:
    """Return what becomes of a message event: one outcome per alert, one when it holds none."""
    if is_chatter(message, reading):
        return _record(terms.at(facts.stage), message, reading, facts, (_CHATTER,))
    return explain(terms, message, reading, facts)


def explain(terms: Terms, message: Message, reading: Reading, facts: Facts) -> Decision:
    """Return the same decision as `decide`, with every gate's answer also for chatter."""
    terms = terms.at(facts.stage)
    asking = Asking(terms, message, reading, facts)
    alerts = () if reading.refusal is not None else reading.alerts
    if not alerts:
        return _record(terms, message, reading, facts, (_of_message(asking.without_alert()),))
    outcomes: list[Outcome] = []
    approved: tuple[Outcome, ...] = ()
    for index, alert in enumerate(alerts):
        outcome = _of_alert(asking.about(index, alert, approved))
        outcomes.append(outcome)
        if outcome.verdict is Verdict.APPROVED:
            approved = (*approved, outcome)
    return _record(terms, message, reading, facts, tuple(outcomes))


def is_chatter(message: Message, reading: Reading) -> bool:
    """Return whether a message says nothing that any gate would have to be asked about."""
    if reading.alerts or reading.refusal is not None:
        return False
    return message.kind is not EventKind.DELETED and not is_image_only(message)


def _of_message(question: Question) -> Outcome:
    """Return what becomes of a message that holds no alert; one nothing stands against is talk."""
    results, against = answers(question)
    refusal = question.reading.refusal
    if against is None or against.code is None or is_chatter(question.message, question.reading):
        return Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, _TALK, gates=results)
    is_order = refusal is not None and refusal.is_order_shaped
    return _refused(question, results, against, is_order=is_order)


def _of_alert(question: Question) -> Outcome:
    results, against = answers(question)
    if against is not None:
        return _refused(question, results, against, is_order=True)
    return _approved(question, results)


def _approved(question: Question, results: tuple[GateResult, ...]) -> Outcome:
    message, terms, alert = question.message, question.terms, question.alert
    key, intent = "", intent_key(message, question.playbook.name, question.account, question.index)
    size = question.sized if isinstance(question.sized, Size) else None
    if question.opens:
        key = house_key(terms.account, message, contract_key(question.opening))
    elif alert is not None:
        size = closing_size(alert, question.held)
        if question.about.history is not None and intent in question.about.history.intents:
            intent = key_of_edit(intent, message)
    return Outcome(
        index=question.index,
        verdict=Verdict.APPROVED,
        reason=Reason.APPROVED,
        detail="every gate passed",
        alert=alert,
        gates=results,
        is_order_shaped=True,
        size=size,
        intent_key=intent,
        house_key=key,
        said=question.said,
        account="" if question.account == terms.account else question.account,
    )


def _refused(question: Question, results: tuple[GateResult, ...], against: GateResult, *, is_order: bool) -> Outcome:
    code, refusal = against.code or Reason.NOT_AN_ALERT, question.reading.refusal
    is_ignored = code in IGNORES or (code in IGNORES_UNLESS_ORDER and not is_order)
    return Outcome(
        index=question.index,
        verdict=Verdict.IGNORED if is_ignored else Verdict.DENIED,
        reason=code,
        detail=against.detail,
        alert=question.alert,
        span=against.span,
        place=against.place,
        gates=results,
        nearest=refusal.nearest if refusal is not None else "",
        is_order_shaped=is_order,
        rule=against.rule,
        said=question.said,
    )


def _account(terms: Terms, outcomes: tuple[Outcome, ...]) -> str:
    """Return the account all that is approved is for; that of openings where there are several, or none."""
    if terms.stage is None:
        return terms.account
    approved = {each.account or terms.account for each in outcomes if each.verdict is Verdict.APPROVED}
    return approved.pop() if len(approved) == 1 else terms.account


def _cancels(terms: Terms, message: Message, reading: Reading, facts: Facts) -> tuple[str, ...]:
    """Return the keys of earlier openings of this message that an edit or a deletion takes back."""
    listen, earlier = terms.playbook.listen, facts.earlier
    if earlier is None or not earlier.intents:
        return ()
    if message.kind is EventKind.DELETED:
        return earlier.intents if listen.on_delete is OnDelete.CANCEL else ()
    before, now = asked(earlier.alerts), asked(reading.alerts)
    if listen.on_edit is OnEdit.IGNORE or before == now:
        return ()
    if listen.on_edit is OnEdit.CANCEL:
        return earlier.intents
    unchanged = [index for index, alert in enumerate(before) if alert in now]
    keys = (intent_keys(message, terms.playbook.name, terms.accounts, index) for index in unchanged)
    standing = frozenset().union(*keys)
    return tuple(key for key in earlier.intents if key not in standing)


def _record(terms: Terms, message: Message, reading: Reading, facts: Facts, outcomes: tuple[Outcome, ...]) -> Decision:
    playbook = terms.playbook
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
        text=text_of(message),
        outcomes=outcomes,
        text_after_edit=message.edited_at is not None and message.kind is EventKind.CREATED,
        assumed=facts.assumed,
        embeds=message.embeds,
        account=_account(terms, outcomes),
        cancels=_cancels(terms, message, reading, facts),
    )
