"""Patterns of the language, compiled to RE2: where they match a text, and what they pick out of it."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from engine.model.reading import Anchor, PatternRule
from engine.parse.fitting import Fitting
from engine.parse.normalise import Normal
from engine.parse.program import Program, ShortProgram, Spans, compiled, compiled_short
from engine.parse.shapes import SEGMENT_START, Shapes
from engine.parse.template import Element, hints, number_groups, parse_template, template_regex
from engine.parse.vocabulary import NEVER

MOST_ALERTS = 20  # in one text; more is refused as too long
_CORE = "core"
# Of so many kinds of texts a pattern remembers what it looks like for them.
_MOST_WRITTEN = 256
# Between two alerts of one sentence: "STC …, then BTO …".
_THEN = Program(r"(?i)\s*[,;]?\s*(?:and\s+)?then\s+")
# A named group; an escaped character first, so that "\(" begins none.
_NAMED_GROUP = re.compile(r"\\.|\(\?P?<([A-Za-z0-9_]+)>")


class Hit(NamedTuple):
    """A field a pattern picked out: its words, and where they stand in the normalised text; made by the dozen."""

    field: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Match:
    """
    One match of one pattern.

    start: where what is meant begins (noise before it left out); end: after the last field or literal.
    region: where the segment it stands in begins.
    outside: texts of the message, other than the part, that it rests on (the footer of a card).
    """

    rule: PatternRule
    normal: Normal
    start: int
    end: int
    region: int
    hits: tuple[Hit, ...]
    outside: tuple[str, ...] = ()


class TextPattern:
    """A template or regular expression, searched in the text of one message part."""

    def __init__(self, rule: PatternRule, fitting: Fitting) -> None:
        self.rule = rule
        self._fitting = fitting
        self._written = lru_cache(maxsize=_MOST_WRITTEN)(self._write)

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The pieces of the template; empty for a regular expression."""
        return parse_template(self.rule.template)[0] if self.rule.template else ()

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """Cheap patterns that all match wherever this one can."""
        if self.rule.regex is not None:
            return (self.rule.regex.text,)
        return tuple("(?i)" + hint for hint in hints(self.elements, self._fitting.whole))

    @cached_property
    def sketch(self) -> str:
        """A cheap pattern that matches wherever this one does; "" when the hints are as good."""
        return self._fitting.sketches.sketch(self.elements, self.rule.anchored)

    def _program(self, text: str) -> tuple[ShortProgram, tuple[str, ...]]:
        """Return what matches in a text what the pattern does, and the field of each of its groups, "" for none."""
        shapes = self._fitting.shapes(text)
        source, names = self._written(shapes, len(self.elements))
        return compiled_short(source, for_ascii=shapes.is_ascii and self.rule.regex is None), names

    def _write(self, shapes: Shapes, count: int) -> tuple[str, tuple[str, ...]]:
        """Return the pattern of the first pieces of the template, or of the expression, and its fields."""
        prefix = _prefix(self.rule.anchored, shapes)
        if self.rule.regex is not None:
            text, fields = _told_apart(self.rule.regex.text)
            return f"{prefix}(?:{text})", tuple(fields.get(name, "") for name in compiled(text).names)
        body = template_regex(self.elements[:count], shapes, any_order=self.rule.any_contract_order)
        return number_groups(f"(?i){prefix}(?P<{_CORE}>{body})")

    def find(self, normal: Normal) -> tuple[Match, ...]:
        """Return the matches in a text, from left to right, none overlapping another; one too many says enough."""
        out: list[Match] = []
        position = 0
        program, names = self._program(normal.text)
        # At the very end nothing can begin, unless a pattern begins anywhere.
        last = len(normal.text) - (self.rule.anchored is not Anchor.ANYWHERE)
        while len(out) <= MOST_ALERTS and (position <= last or not position):
            spans = program.search(normal.text, position)
            if spans is None:
                break
            out.append(self._match(spans, names, normal, 0))
            position = max(out[-1].end, position + 1)
        return tuple(out)

    def follows(self, normal: Normal, position: int) -> Match | None:
        """Return the match that begins at a position as if the text did."""
        rest = normal.text[position:]
        shapes = self._fitting.shapes(rest)
        source, names = self._written(shapes, len(self.elements))
        spans = compiled(source, for_ascii=shapes.is_ascii and self.rule.regex is None).match(rest)
        return self._match(spans, names, normal, position) if spans else None

    def _match(self, spans: Spans, names: tuple[str, ...], normal: Normal, shift: int) -> Match:
        """Return what was found in a text from `shift` on, `spans` counted from there."""
        text = normal.text[shift:] if shift else normal.text
        may_be_empty = self.rule.regex is None
        taken = [(name, *span) for name, span in zip(names, spans[1:], strict=True) if span[0] >= 0]
        hits = [
            Hit(name, text[first:last], first, last)
            for name, first, last in taken
            if name and name != _CORE and (last > first or may_be_empty)
        ]
        region, end = spans[0]
        start = next((first for name, first, _ in taken if name == _CORE), region)
        if may_be_empty and hits:
            end = max([hit.end for hit in hits])
        if shift:
            hits = [hit._replace(start=hit.start + shift, end=hit.end + shift) for hit in hits]
        return Match(self.rule, normal, start + shift, end + shift, region + shift, tuple(hits))

    def reach(self, normal: Normal) -> int:
        """Return how many of its pieces may be there at most: those before the first that is nowhere in the text."""
        shapes = self._fitting.shapes(normal.text)
        needed = [element for element in self.elements if not element.is_optional]
        absent = (number for number, element in enumerate(needed) if not _may_hold(shapes, element))
        return next(absent, max(1, len(needed)))

    def progress(self, normal: Normal) -> tuple[int, str, int]:
        """
        Return how near the pattern came: how many of its pieces are there in order, the first piece
        that is not, and where in the text it was expected.

        A regular expression is one piece: it is there, or all of it is expected.
        """
        if self.rule.regex is not None:
            return (1, "", 0) if self.find(normal) else (0, self.rule.regex.text, 0)
        best = (0, _label(self.elements[0]) if self.elements else "", 0)
        shapes = self._fitting.shapes(normal.text)
        for count, element in enumerate(self.elements, 1):
            if not element.is_optional and not _may_hold(shapes, element):
                break
            spans = compiled_short(self._written(shapes, count)[0], for_ascii=shapes.is_ascii).search(normal.text)
            if spans is None:
                break
            following = _label(self.elements[count]) if count < len(self.elements) else ""
            best = (sum(not element.is_optional for element in self.elements[:count]), following, spans[1][1])
        return best


def behind_then(text: str, end: int) -> int | None:
    """Return where the text goes on behind "then", when a match that ends there is followed by it."""
    if end == len(text):
        return None
    then = _THEN.match(text[end:])
    return None if then is None else end + then[0][1]


def _told_apart(regex: str) -> tuple[str, dict[str, str]]:
    """Return the expression with a name of its own for every named group, and the field each stands for."""
    fields: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        if not match.group(1):
            return str(match.group())
        name = f"g{len(fields)}"
        fields[name] = match.group(1)
        return f"(?P<{name}>"

    return str(_NAMED_GROUP.sub(renamed, regex)), fields


def _may_hold(shapes: Shapes, element: Element) -> bool:
    return not element.field or shapes.fragment(element.field) != NEVER


def _label(element: Element) -> str:
    return f"{{{element.field}}}" if element.field else element.word


def _prefix(anchor: Anchor, shapes: Shapes) -> str:
    if anchor is Anchor.SEGMENT:
        return shapes.prefix
    if anchor is Anchor.MESSAGE:
        return shapes.prefix.replace(SEGMENT_START, r"\A", 1)
    return ""
