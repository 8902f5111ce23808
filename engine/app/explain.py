"""What one playbook makes of one text, with every gate's and every pattern's answer."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.decide.decide import explain
from engine.decide.rehearsal import Rehearsal
from engine.model.alert import Reading
from engine.model.decision import Decision
from engine.model.listen import AuthorKind, Listen
from engine.model.message import Author, Embed, Message
from engine.parse.trace import PatternTrace, trace
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook

_STRANGER = "0"
_BETWEEN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Said:
    """
    A text somebody posts, with or without cards.

    by: id or name of an author of the playbook; any other name is a stranger; "" the first author.
    channel: id or name of a channel; "" the first of the playbook.
    late: how long after it was posted it is judged.
    earlier: texts the same author posted before, a minute apart; what they open is taken as filled.
    """

    text: str
    at: datetime
    embeds: tuple[Embed, ...] = ()
    by: str = ""
    channel: str = ""
    late: timedelta = timedelta(0)
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """message: as it was judged. patterns: nearest first."""

    message: Message
    decision: Decision
    patterns: tuple[PatternTrace, ...]


def explain_message(live: LivePlaybook, said: Said) -> Explanation:
    """Return what becomes of a text under one playbook, and why."""
    message = _message(live.playbook.listen, said)
    rehearsal, hearing = Rehearsal(live.terms, live.content_hash), Hearing((live,))
    for number, text in enumerate(said.earlier):
        posted = message.at - _BETWEEN * (len(said.earlier) - number)
        before = replace(message, id=f"earlier-{number + 1}", content=text, embeds=(), at=posted)
        rehearsal.play(before, _read(hearing, before), posted)
    decision = rehearsal.play(message, _read(hearing, message), message.at + said.late, by=explain)
    return Explanation(message, decision, trace(live.reader, message).patterns)


def _read(hearing: Hearing, message: Message) -> Reading:
    [(_, reading)] = hearing.read(message)
    return reading


def _message(listen: Listen, said: Said) -> Message:
    channel = next((known for known in listen.channels if said.channel in ("", known.id, known.name)), None)
    return Message(
        id="explained",
        channel_id=channel.id if channel else said.channel,
        author=_author(listen, said.by),
        at=said.at,
        content=said.text,
        embeds=said.embeds,
        channel_name=channel.name if channel else said.channel,
    )


def _author(listen: Listen, by: str) -> Author:
    rule = next((known for known in listen.authors if by in ("", known.id, known.name)), None)
    if rule is None:
        return Author(by if by.isdigit() else _STRANGER, by)
    return Author(rule.id, rule.name, is_bot=rule.kind is not AuthorKind.PERSON)
