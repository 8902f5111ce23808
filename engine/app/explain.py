"""What one playbook makes of one text, with every gate's and every pattern's answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.decide.assumed import after
from engine.decide.decide import explain
from engine.decide.facts import Facts
from engine.model.decision import Decision, Verdict
from engine.model.listen import AuthorKind, Listen
from engine.model.message import Author, Embed, Message
from engine.model.position import Position
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
    held: tuple[Position, ...] = ()
    for number, text in enumerate(said.earlier):
        posted = message.at - _BETWEEN * (len(said.earlier) - number)
        before = replace(message, id=f"earlier-{number + 1}", content=text, embeds=(), at=posted)
        held = _carried_out(live, before, held)
    decision = _decision(live, message, held, said.late)
    return Explanation(message, decision, trace(live.reader, message).patterns)


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


def _decision(live: LivePlaybook, message: Message, held: Sequence[Position], late: timedelta) -> Decision:
    [(_, reading)] = Hearing((live,)).read(message)
    facts = Facts(
        now=message.at + late, content_hash=live.content_hash, positions=tuple(held), assumed=("now", "positions")
    )
    return explain(live.playbook, live.rules, message, reading, facts)


def _carried_out(live: LivePlaybook, message: Message, held: tuple[Position, ...]) -> tuple[Position, ...]:
    for outcome in _decision(live, message, held, timedelta(0)).outcomes:
        if outcome.verdict is Verdict.APPROVED and outcome.alert is not None:
            held = after(held, outcome.alert, message, live.playbook)
    return held
