"""
The gates, in the order they decide: the first that fails is the reason.

Each is a small pure function of one question. What guards openings never blocks a close.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from engine.decide.defaults import is_signal, missing
from engine.decide.question import (
    Answer,
    AppliesTo,
    Gate,
    Question,
    could_not_run,
    failed,
    not_applicable,
    passed,
)
from engine.decide.values import values_of
from engine.model.alert import Alert
from engine.model.decision import GateStatus, Reason
from engine.model.listen import AuthorKind, Forwards, Images, OnEdit
from engine.model.message import EventKind, Message, parts_of
from engine.model.rule import RefuseRule
from engine.parse.exits import names_contract

# A message from further in the future shows that our clock runs behind, so that its age is not known.
CLOCK_TOLERANCE: Final = timedelta(seconds=5)


def channel(question: Question) -> Answer:
    """The playbook listens to the channel, or to the channel its thread belongs to."""
    heard, message, listen = question.channel, question.message, question.playbook.listen
    if heard is not None:
        return passed(f"heard in {heard.name or heard.id}", heard.span)
    parent = next((known for known in listen.channels if known.id == message.parent_channel_id), None)
    if parent is not None:
        detail = f"threads of {parent.name or parent.id} are not listened to"
        return failed(Reason.CHANNEL_NOT_HEARD, detail, parent.span)
    return failed(Reason.CHANNEL_NOT_HEARD, f"channel {message.channel_id} is not listened to", listen.span)


def origin(question: Question) -> Answer:
    """What the engine posts itself is never an alert."""
    if question.message.author.id in question.facts.own_author_ids:
        return failed(Reason.OWN_MESSAGE, "posted by the engine itself")
    return passed()


def author(question: Question) -> Answer:
    """The author's id is listed, and the account is of the kind the list says. Names prove nothing."""
    posted_by, rule = question.message.author, question.author
    if rule is None:
        detail = f"{posted_by.name or 'author'} ({posted_by.id}) is not in listen.authors"
        return failed(Reason.UNKNOWN_AUTHOR, detail, question.playbook.listen.span)
    if posted_by.is_bot is (rule.kind is AuthorKind.PERSON):
        account = "a bot or webhook" if posted_by.is_bot else "a person"
        detail = f"{rule.name} is listed as {rule.kind.value}, but the account is {account}"
        return failed(Reason.WRONG_AUTHOR_KIND, detail, rule.span)
    return passed(f"{rule.name} ({rule.id})", rule.span)


def freshness(question: Question) -> Answer:
    """The message is young enough for what it asks."""
    if question.alert is None:
        return not_applicable("holds no alert")
    limits = question.playbook.listen.max_age
    limit, span = (limits.open, limits.open_span) if question.opens else (limits.close, limits.close_span)
    age = question.facts.now - question.message.at
    if age < -CLOCK_TOLERANCE:
        return could_not_run(Reason.CLOCK_BEHIND, f"posted {_seconds(-age)} in the future by our clock", span)
    if age <= limit:
        return passed(f"{_seconds(age)} old, at most {_seconds(limit)}", span)
    advice = "" if question.opens else "; a person may still send it, by a button in a later version"
    return failed(Reason.TOO_LATE, f"{_seconds(age)} old, at most {_seconds(limit)}{advice}", span)


def edit(question: Question) -> Answer:
    """An edit that says the same does nothing; what another one does is the playbook's to say."""
    message, listen = question.message, question.playbook.listen
    if message.kind is not EventKind.EDITED and (message.event < 2 or message.kind is EventKind.DELETED):
        return passed()
    span = listen.on_edit_span
    if listen.on_edit is OnEdit.IGNORE:
        return failed(Reason.EDITED_IGNORED, "on_edit is ignore", span)
    earlier = question.facts.earlier
    if earlier is None:
        return could_not_run(Reason.EARLIER_UNKNOWN, "what the message said before is not known", span)
    if _asks(earlier.alerts) == _asks(question.reading.alerts):
        return failed(Reason.EDITED_SAME, f"says the same as event {earlier.event}", span)
    if listen.on_edit is OnEdit.CANCEL and earlier.alerts:
        return failed(Reason.EDITED_CANCELS, "on_edit is cancel: an edited alert is not taken up again", span)
    return passed(f"says something else than event {earlier.event}", span)


def delete(question: Question) -> Answer:
    """A deleted message opens and closes nothing."""
    if question.message.kind is EventKind.DELETED:
        return failed(Reason.DELETED, "the message was deleted", question.playbook.listen.on_delete_span)
    return passed()


def forward(question: Question) -> Answer:
    """A forward is never by its original author."""
    listen = question.playbook.listen
    if question.message.is_forward and listen.forwards is Forwards.REFUSE:
        return failed(Reason.FORWARDED, "forwarded, and forwards are refused", listen.forwards_span)
    return passed()


def image(question: Question) -> Answer:
    """What an image says cannot be read."""
    listen = question.playbook.listen
    if is_image_only(question.message) and listen.images is Images.REFUSE:
        count = question.message.images
        detail = f"{count} image{'s' if count > 1 else ''} and nothing else that can be read"
        return failed(Reason.IMAGE_ONLY, detail, listen.images_span)
    return passed()


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
    how = "; ".join([f"read by {alert.pattern or 'no pattern'}", *map(str, question.filled)])
    return passed(how, question.filled[0].span if question.filled else None)


def contract(question: Question) -> Answer:
    """An opening names its contract, or the playbook says how to choose it."""
    if question.alert is None:
        return not_applicable("holds no alert")
    lacking = missing(question.alert)
    if not lacking:
        return passed()
    default = question.playbook.defaults.contract
    if default is not None and is_signal(question.alert):
        return passed(f"strike and expiry chosen by read.defaults at {default.span}", default.span)
    detail = f"does not say {', '.join(lacking)}, and read.defaults does not fill it in"
    return failed(Reason.INCOMPLETE_CONTRACT, detail)


def rules(question: Question) -> Answer:
    """None of the playbook's own conditions refuses it."""
    alert = question.alert
    if alert is None or not question.rules:
        return passed()
    heard_in = question.channel.name if question.channel else ""
    said_by = question.author.name if question.author else ""
    values = values_of(alert, question.message, said_by, heard_in)
    for rule in question.rules:
        answer = rule.test(values)
        if answer is None:
            return _by_rule(rule, GateStatus.COULD_NOT_RUN, Reason.RULE_COULD_NOT_RUN, "asks for what is not known")
        if answer:
            return _by_rule(rule, GateStatus.FAILED, Reason.REFUSED_BY_RULE, "holds")
    return passed()


def may_open(question: Question) -> Answer:
    """The author may open."""
    rule = question.author
    if rule is None:
        return not_applicable("the author is not listed")
    if not rule.may_open:
        return failed(Reason.MAY_NOT_OPEN, f"{rule.name} may not open positions", rule.may_span)
    return passed("", rule.may_span)


def may_close(question: Question) -> Answer:
    """The author may close."""
    rule = question.author
    if rule is None:
        return not_applicable("the author is not listed")
    if not rule.may_close:
        return failed(Reason.MAY_NOT_CLOSE, f"{rule.name} may not close positions", rule.may_span)
    return passed("", rule.may_span)


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


def enabled(question: Question) -> Answer:
    """The playbook is switched on."""
    playbook = question.playbook
    if not playbook.enabled:
        return failed(Reason.DISABLED, f"{playbook.name} is switched off", playbook.enabled_span)
    return passed()


GATES: Final = (
    Gate("channel", AppliesTo.BOTH, channel),
    Gate("origin", AppliesTo.BOTH, origin),
    Gate("author", AppliesTo.BOTH, author),
    Gate("freshness", AppliesTo.BOTH, freshness),
    Gate("edit", AppliesTo.BOTH, edit),
    Gate("delete", AppliesTo.BOTH, delete),
    Gate("forward", AppliesTo.BOTH, forward),
    Gate("image", AppliesTo.BOTH, image),
    Gate("reading", AppliesTo.BOTH, reading),
    Gate("contract", AppliesTo.OPENS, contract),
    Gate("rules", AppliesTo.OPENS, rules),
    Gate("may_open", AppliesTo.OPENS, may_open),
    Gate("may_close", AppliesTo.CLOSES, may_close),
    Gate("position", AppliesTo.CLOSES, position),
    Gate("enabled", AppliesTo.OPENS, enabled),
)


def is_image_only(message: Message) -> bool:
    """Return whether a message has an image and, mentions aside, no text."""
    return message.images > 0 and all(_is_mention(word) for part in parts_of(message) for word in part.text.split())


def _is_mention(word: str) -> bool:
    return word.startswith("<@") or word in ("@everyone", "@here")


def _asks(alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """Return what alerts ask for, without where and how it was read."""
    return tuple(replace(alert, pattern="", found=()) for alert in alerts)


def _by_rule(rule: RefuseRule, status: GateStatus, reason: Reason, verb: str) -> Answer:
    return Answer(status, reason, f"{rule.code}: {rule.say or f'{rule.text!r} {verb}'}", rule.span, rule=rule.code)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g} s"
