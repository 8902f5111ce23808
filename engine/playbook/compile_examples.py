"""`examples:` of a playbook, compiled into the messages they stand for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.model.alert import Level
from engine.model.listen import AuthorKind, Listen
from engine.model.message import Author, Embed, EmbedField, EventKind, Message
from engine.model.stages import Example, Expected, Gives, GivesAlerts, GivesRefusal, NoAlert
from engine.playbook.bound import Bound
from engine.playbook.compile_read import action_name
from engine.playbook.section import Section, amount_of, texts_of, value_as

_DISCORD_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
_STRANGER: Final = "100000000000000001"
_BETWEEN: Final = timedelta(minutes=1)
_NO_TIME: Final = timedelta(0)
_ExpectedValue = str | int | bool | Decimal | date | Level | tuple[str | Level | tuple[Expected, ...], ...]


def compile_examples(examples: tuple[Section, ...], listen: Listen) -> tuple[Example, ...]:
    """Return the examples of a playbook; the messages are heard in its first channel."""
    return tuple(_example(example, listen) for example in examples)


def _example(example: Section, listen: Listen) -> Example:
    at = example.moment("at")
    author = _author(example.text("by"), listen)
    given = example.section("given")
    earlier = given.items("earlier")
    before = tuple(
        _earlier(said, _message(at - _BETWEEN * (len(earlier) - index), author, listen, content=""))
        for index, said in enumerate(earlier)
    )
    return Example(
        span=example.span,
        span_of_gives=example.span_of("gives"),
        before=before,
        message=_judged(example, _message(at, author, listen, content=example.text("says")), before),
        late=example.duration("late", _NO_TIME),
        given=tuple((name, value_as(bound, Decimal)) for name, bound in given.entries() if name != "earlier"),
        gives=gives_of(example),
    )


def _earlier(said: Bound, empty: Message) -> Message:
    if isinstance(said.value, str):
        return replace(empty, content=said.value)
    section = Section(said, said.span)
    return replace(empty, content=section.text("content"), embeds=_embeds(section))


def _author(name: str, listen: Listen) -> Author:
    rule = next((rule for rule in listen.authors if rule.name == name), None)
    if rule is None:
        return Author(_STRANGER, name)
    return Author(rule.id, rule.name, is_bot=rule.kind is not AuthorKind.PERSON)


def _message(at: datetime, author: Author, listen: Listen, *, content: str) -> Message:
    channel = listen.channels[0]
    return Message(snowflake(at), channel.id, author, at, content=content, channel_name=channel.name)


def snowflake(at: datetime) -> str:
    """
    Return the first Discord id of a moment.

    Source: Discord's reference, "Snowflakes": milliseconds since 2015 above 22 other bits.

    >>> snowflake(datetime(2016, 4, 30, 11, 18, 25, 796000, tzinfo=UTC))
    '175928847298985984'
    """
    return str((at - _DISCORD_EPOCH) // timedelta(milliseconds=1) << 22)


def _judged(example: Section, plain: Message, before: tuple[Message, ...]) -> Message:
    if "message" not in example:
        return plain
    section = example.section("message")
    kind = section.choice("event", EventKind.CREATED)
    answers = section.count("answers", 0)
    return Message(
        id=plain.id,
        channel_id=plain.channel_id,
        author=plain.author,
        at=plain.at,
        content=section.text("content"),
        embeds=_embeds(section),
        channel_name=plain.channel_name,
        edited_at=plain.at if kind is EventKind.EDITED else None,
        kind=kind,
        event=1 if kind is EventKind.CREATED else 2,
        reply_to=before[answers - 1].id if 0 < answers <= len(before) else "",
        is_forward=section.flag("forwarded", default=False),
        images=section.count("images", 0),
    )


def _embeds(message: Section) -> tuple[Embed, ...]:
    return tuple(_embed(embed) for embed in message.sections("embeds"))


def _embed(embed: Section) -> Embed:
    fields = tuple(EmbedField(field.text("name"), field.text("value")) for field in embed.sections("fields"))
    return Embed(
        title=embed.text("title"),
        description=embed.text("description"),
        fields=fields,
        author=embed.text("author"),
        footer=embed.text("footer"),
        color=embed.text("color"),
    )


def gives_of(example: Section) -> Gives:
    """Return what must come of a message, as its entry says at `gives`."""
    bound = example.get("gives")
    if bound is None or isinstance(bound.value, str):
        return NoAlert()
    if isinstance(bound.value, tuple):
        return GivesAlerts(tuple(_expected(alert) for alert in example.sections("gives")))
    gives = Section(bound, bound.span)
    if "refused" in gives:
        return GivesRefusal(gives.text("refused"), gives.span_of("refused"))
    return GivesAlerts((_expected(gives),))


def _expected(fields: Section) -> tuple[Expected, ...]:
    return tuple(Expected(name, _value(name, bound), bound.span) for name, bound in fields.entries())


def _value(name: str, bound: Bound) -> _ExpectedValue:
    if name == "action":
        return action_name(value_as(bound, str))
    if name == "legs":
        return tuple(_expected(Section(leg, bound.span)) for leg in value_as(bound, tuple))
    if name == "stop":
        return _level(bound)
    if name == "targets":
        return tuple(_level(level) for level in value_as(bound, tuple))
    if isinstance(bound.value, tuple):
        return texts_of(bound)
    return _plain(bound)


def _plain(bound: Bound) -> str | int | bool | Decimal | date:
    value = bound.value
    if isinstance(value, str | int | Decimal | date):
        return value
    return str(value)


def _level(bound: Bound) -> Level:
    if bound.value == "breakeven":
        return Level(words="breakeven")
    dollars, share = amount_of(bound)
    return Level(price=dollars, percent=None if share is None else share * 100)
