"""Patterns of the language, compiled to RE2: where they match a text, and what they pick out of it."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import re2

from engine.model.reading import Anchor, PatternRule
from engine.parse.normalise import Normal
from engine.parse.shapes import SEGMENT_START, Shapes
from engine.parse.template import Element, hints, number_groups, parse_template, template_regex

MOST_ALERTS = 20  # in one text; more is refused as too long
_CORE = "core"
# Between two alerts of one sentence: "STC …, then BTO …".
_THEN = re2.compile(r"(?i)\s*[,;]?\s*(?:and\s+)?then\s+")
# A named group; an escaped character first, so that "\(" begins none.
_NAMED_GROUP = re2.compile(r"\\.|\(\?P?<(\w+)>")


@dataclass(frozen=True, slots=True)
class Hit:
    """A field a pattern picked out: its words, and where they stand in the normalised text."""

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


@lru_cache(maxsize=8192)
def compiled(pattern: str) -> Any:  # noqa: ANN401  google-re2 carries no types
    """Return a compiled pattern; equal patterns of different playbooks are compiled once."""
    return re2.compile(pattern, OPTIONS)


def quiet_options(most_bytes: int) -> Any:  # noqa: ANN401
    """Return options for RE2 that let a program take some memory, and keep RE2 from writing to stderr."""
    options = re2.Options()
    options.max_mem = most_bytes
    options.log_errors = False
    return options


OPTIONS = quiet_options(64 << 20)


class TextPattern:
    """A template or regular expression, searched in the text of one message part."""

    def __init__(self, rule: PatternRule, shapes: Shapes) -> None:
        self.rule = rule
        self._shapes = shapes
        self._steps: dict[int, str] = {}

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The pieces of the template; empty for a regular expression."""
        return parse_template(self.rule.template)[0] if self.rule.template else ()

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """Cheap patterns that all match wherever this one can."""
        if self.rule.regex is not None:
            return (self.rule.regex.text,)
        return tuple("(?i)" + hint for hint in hints(self.elements, self._shapes))

    @cached_property
    def _program(self) -> tuple[Any, tuple[str, ...]]:
        prefix = _prefix(self.rule.anchored, self._shapes)
        if self.rule.regex is not None:
            text, fields = _told_apart(self.rule.regex.text)
            program = compiled(f"{prefix}(?:{text})")
            names = {index: fields[name] for name, index in program.groupindex.items()}
            return program, tuple(names.get(index, "") for index in range(1, program.groups + 1))
        body = template_regex(self.elements, self._shapes, any_order=self.rule.any_contract_order)
        pattern, called = number_groups(f"(?i){prefix}(?P<{_CORE}>{body})")
        return compiled(pattern), called

    def find(self, normal: Normal) -> tuple[Match, ...]:
        """Return the matches in a text, from left to right, none overlapping another; one too many says enough."""
        out: list[Match] = []
        position = 0
        while len(out) <= MOST_ALERTS and (match := self._next(normal, position)) is not None:
            out.append(match)
            position = max(match.end, position + 1)
        return tuple(out)

    def _next(self, normal: Normal, position: int) -> Match | None:
        if position > len(normal.text):
            return None
        program, names = self._program
        match = program.search(normal.text, position)
        return self._match(match, names, normal, 0) if match else None

    def follows(self, normal: Normal, position: int) -> Match | None:
        """Return the match that goes on where another ended: "STC …, then BTO …"."""
        then = _THEN.match(normal.text[position:])
        if then is None:
            return None
        program, names = self._program
        position += then.end()
        rest = normal.text[position:]
        match = program.match(rest)
        return self._match(match, names, normal, position) if match else None

    def _match(self, match: Any, names: tuple[str, ...], normal: Normal, shift: int) -> Match:  # noqa: ANN401
        hits: list[Hit] = []
        start, end = match.start(), match.end()
        for index, name in enumerate(names, 1):
            first, last = match.span(index)
            if name == _CORE:
                start = first
            elif first >= 0 and name and (last > first or self.rule.regex is None):
                hits.append(Hit(name, match.group(index), first + shift, last + shift))
        if self.rule.regex is None and hits:
            end = max(hit.end for hit in hits) - shift
        return Match(self.rule, normal, start + shift, end + shift, match.start() + shift, tuple(hits))

    def progress(self, normal: Normal) -> tuple[int, str, int]:
        """
        Return how near the pattern came: how many of its pieces are there in order, the first piece
        that is not, and where in the text it was expected.

        A regular expression is one piece: it is there, or all of it is expected.
        """
        if self.rule.regex is not None:
            return (1, "", 0) if self.find(normal) else (0, self.rule.regex.text, 0)
        best = (0, _label(self.elements[0]) if self.elements else "", 0)
        for count in range(1, len(self.elements) + 1):
            match = compiled(self._step(count)).search(normal.text)
            if match is None:
                break
            following = _label(self.elements[count]) if count < len(self.elements) else ""
            best = (sum(not element.is_optional for element in self.elements[:count]), following, match.end(1))
        return best

    def _step(self, count: int) -> str:
        """Return the pattern of the first pieces of the template."""
        if count not in self._steps:
            prefix = _prefix(self.rule.anchored, self._shapes)
            body = template_regex(self.elements[:count], self._shapes, any_order=self.rule.any_contract_order)
            self._steps[count] = number_groups(f"(?i){prefix}(?P<{_CORE}>{body})")[0]
        return self._steps[count]


def _told_apart(regex: str) -> tuple[str, dict[str, str]]:
    """Return the expression with a name of its own for every named group, and the field each stands for."""
    fields: dict[str, str] = {}

    def renamed(match: Any) -> str:  # noqa: ANN401
        if not match.group(1):
            return str(match.group())
        name = f"g{len(fields)}"
        fields[name] = match.group(1)
        return f"(?P<{name}>"

    return str(_NAMED_GROUP.sub(renamed, regex)), fields


def _label(element: Element) -> str:
    return f"{{{element.field}}}" if element.field else element.word


def _prefix(anchor: Anchor, shapes: Shapes) -> str:
    if anchor is Anchor.SEGMENT:
        return shapes.prefix
    if anchor is Anchor.MESSAGE:
        return shapes.prefix.replace(SEGMENT_START, r"\A", 1)
    return ""
