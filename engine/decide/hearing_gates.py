"""The gates a message passes before anything it says counts: where, by whom, when and how it was posted."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from engine.decide.question import PASSED, Answer, Question, could_not_run, failed, not_applicable, passed
from engine.model.alert import Alert
from engine.model.decision import Reason
from engine.model.listen import AuthorKind, Forwards, Images, OnEdit
from engine.model.message import EventKind, Message, parts_of

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
    return PASSED


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
        return PASSED
    span = listen.on_edit_span
    if listen.on_edit is OnEdit.IGNORE:
        return failed(Reason.EDITED_IGNORED, "on_edit is ignore", span)
    earlier = question.facts.earlier
    if earlier is None:
        return could_not_run(Reason.EARLIER_UNKNOWN, "what the message said before is not known", span)
    if asked(earlier.alerts) == asked(question.reading.alerts):
        return failed(Reason.EDITED_SAME, f"says the same as event {earlier.event}", span)
    if listen.on_edit is OnEdit.CANCEL and earlier.alerts:
        return failed(Reason.EDITED_CANCELS, "on_edit is cancel: an edited alert is not taken up again", span)
    return passed(f"says something else than event {earlier.event}", span)


def delete(question: Question) -> Answer:
    """A deleted message opens and closes nothing."""
    if question.message.kind is EventKind.DELETED:
        return failed(Reason.DELETED, "the message was deleted", question.playbook.listen.on_delete_span)
    return PASSED


def forward(question: Question) -> Answer:
    """A forward is never by its original author."""
    listen = question.playbook.listen
    if question.message.is_forward and listen.forwards is Forwards.REFUSE:
        return failed(Reason.FORWARDED, "forwarded, and forwards are refused", listen.forwards_span)
    return PASSED


def image(question: Question) -> Answer:
    """What an image says cannot be read."""
    listen = question.playbook.listen
    if is_image_only(question.message) and listen.images is Images.REFUSE:
        count = question.message.images
        detail = f"{count} image{'s' if count > 1 else ''} and nothing else that can be read"
        return failed(Reason.IMAGE_ONLY, detail, listen.images_span)
    return PASSED


def is_image_only(message: Message) -> bool:
    """Return whether a message has an image and, mentions aside, no text."""
    return message.images > 0 and all(_is_mention(word) for part in parts_of(message) for word in part.text.split())


def asked(alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """Return what alerts ask for, without where and how it was read."""
    return tuple(replace(alert, pattern="", found=()) for alert in alerts)


def _is_mention(word: str) -> bool:
    return word.startswith("<@") or word in ("@everyone", "@here")


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g} s"
