"""Which pattern came nearest to a text that none reads, and what was missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.model.message import Message
from engine.model.source import Place
from engine.parse.card import CardPattern
from engine.parse.grammar import Pattern
from engine.parse.normalise import Normal
from engine.parse.pattern import TextPattern


@dataclass(frozen=True, slots=True)
class Near:
    """
    A pattern that nearly matched.

    reached: how many of its pieces were there. place: where a line of text stopped; None for a card.
    lacks: the first piece that was not there, as "{price}" or "field Entry".
    """

    name: str
    reached: int
    lacks: str
    place: Place | None = None


def nearest(patterns: Iterable[Pattern], normal: Normal, message: Message) -> Near | None:
    """Return the pattern of which most was there; None when nothing of any was."""
    best: Near | None = None
    for pattern in patterns:
        if best and isinstance(pattern, TextPattern) and pattern.reach(normal) <= best.reached:
            continue
        near = _near(pattern, normal, message)
        if near.reached > (best.reached if best else 0):
            best = near
    return best


def nearly(patterns: Iterable[Pattern], normal: Normal, message: Message) -> Near | None:
    """
    Return the first card that is known by its title, author, footer or content, and lacks one value.

    Such a card is an order that cannot be read rather than chatter.
    """
    for pattern in patterns:
        if isinstance(pattern, CardPattern) and (lacks := pattern.lacks_only(normal, message)):
            return Near(pattern.rule.name, pattern.slots - 1, lacks)
    return None


def _near(pattern: Pattern, normal: Normal, message: Message) -> Near:
    if isinstance(pattern, CardPattern):
        missing = pattern.missing(normal, message)
        return Near(pattern.rule.name, pattern.slots - len(missing), missing[0] if missing else "")
    count, lacks, at = pattern.progress(normal)
    return Near(pattern.rule.name, count, lacks, normal.place(at, min(at + 1, len(normal.text))))
