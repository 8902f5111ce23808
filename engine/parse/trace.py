"""Every pattern tried on a message, matched or not: what `explain` shows."""

from dataclasses import dataclass, replace

from engine.model.alert import Reading, Refusal
from engine.model.message import Message
from engine.model.source import Place, Span
from engine.parse.card import CardPattern
from engine.parse.grammar import Pattern
from engine.parse.normalise import Normal
from engine.parse.reader import Reader, barred, normal_parts


@dataclass(frozen=True, slots=True)
class PatternTrace:
    """
    How one pattern fared on one part of a message.

    reached, pieces: how many of its required pieces were there in order, of how many; a card's slots count as one each.
    expected: the first piece that was not there, "" when it matched.
    place: the words matched, or where the missing piece was expected; None when nothing of it was there.
    """

    pattern: str
    span: Span
    part: str
    is_match: bool
    reached: int
    pieces: int
    expected: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class ReadTrace:
    """What came of a message, and every pattern's part in it, nearest first."""

    reading: Reading
    patterns: tuple[PatternTrace, ...]


def trace(reader: Reader, message: Message) -> ReadTrace:
    """Read a message and tell how every pattern fared, not stopping at the first that matches."""
    reading = reader.read(message)
    normals = normal_parts(message, reader.rules)
    if isinstance(normals, Refusal):
        return ReadTrace(reading, ())
    rows = [_traced(reader, pattern, normal, message) for normal in normals for pattern in reader.patterns]
    rows.sort(key=lambda row: (not row.is_match, -row.reached, row.pieces - row.reached))
    return ReadTrace(reading, tuple(rows))


def _traced(reader: Reader, pattern: Pattern, normal: Normal, message: Message) -> PatternTrace:
    rule, pieces = pattern.rule, _pieces(pattern)
    row = PatternTrace(rule.name, rule.span, normal.part, False, 0, pieces, "", None)  # noqa: FBT003
    matches = reader.matches(pattern, normal, message)
    if matches:
        return replace(row, is_match=True, reached=pieces, place=normal.place(matches[0].start, matches[0].end))
    if words := barred(rule, normal):
        return replace(row, expected=words)
    if isinstance(pattern, CardPattern):
        missing = pattern.missing(normal, message)
        return replace(row, reached=pieces - len(missing), expected=missing[0] if missing else "")
    reached, expected, at = pattern.progress(normal)
    place = normal.place(at, min(at + 1, len(normal.text))) if reached else None
    return replace(row, reached=reached, expected=expected, place=place)


def _pieces(pattern: Pattern) -> int:
    if isinstance(pattern, CardPattern):
        return pattern.slots
    return sum(not element.is_optional for element in pattern.elements) or 1
