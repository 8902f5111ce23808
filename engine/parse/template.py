"""Templates such as "{action} {contract} {price?}" as RE2 source."""

from dataclasses import dataclass
from functools import lru_cache

import re2

from engine.model.errors import Issue
from engine.model.reading import Source
from engine.model.source import Span
from engine.parse.nearest import nearest
from engine.parse.shapes import FIELDS, Shapes

_PIECE = re2.compile(r"\{([^{}]*)\}|([{}])|([^{}\s]+)")


@dataclass(frozen=True, slots=True)
class Element:
    """
    One piece of a template.

    field: a name of FIELDS, or "" for a literal word. word: the literal.
    """

    field: str
    word: str = ""
    is_optional: bool = False


@lru_cache(maxsize=8192)
def parse_template(source: Source) -> tuple[tuple[Element, ...], tuple[Issue, ...]]:
    """Return the pieces of a template, and what is wrong with it."""
    elements: list[Element] = []
    issues: list[Issue] = []
    for match in _PIECE.finditer(source.text):
        field, brace, word = match.group(1), match.group(2), match.group(3)
        if brace is not None:
            issues.append(
                Issue(
                    "bad_template",
                    f"a lone {brace!r} in a template",
                    part_of(source, match.start(), match.end()),
                    "a field in braces, for example {symbol}",
                )
            )
        elif word is not None:
            elements.append(Element("", word))
        else:
            name = field.strip().removesuffix("?")
            if name not in FIELDS:
                issues.append(
                    Issue(
                        "unknown_field",
                        f"{{{field}}} is not a field",
                        part_of(source, match.start(), match.end()),
                        f"one of {', '.join(FIELDS)}",
                        nearest(name, FIELDS),
                    )
                )
            elements.append(Element(name, is_optional=field.strip().endswith("?")))
    if not issues and not any(not element.is_optional for element in elements):
        issues.append(
            Issue(
                "empty_template",
                "the template matches the empty text",
                source.span,
                "at least one field that must be there",
            )
        )
    return tuple(elements), tuple(issues)


def part_of(source: Source, start: int, end: int) -> Span:
    """
    Return where a stretch of a source stands in its file.

    Quoted or multi-line scalars whose text is not written as it reads are pointed at whole.
    """
    span = source.span
    width = span.end_column - span.column
    quotes = width - len(source.text)
    if span.line != span.end_line or quotes not in (0, 2):
        return span
    column = span.column + quotes // 2
    return Span(span.file, span.line, column + start, span.line, column + end)


def template_regex(
    elements: tuple[Element, ...], shapes: Shapes, *, any_order: bool = True, any_case: bool = False
) -> str:
    """
    Return the pattern of a template, its pieces a gap apart, groups named after fields.

    any_case: whether a bare {symbol} may stand in small letters: in a card its label vouches for it.
    """
    out: list[str] = []
    for element in elements:
        field = "any_symbol" if any_case and element.field == "symbol" else element.field
        piece = shapes.fragment(field, any_order=any_order) if field else _literal(element.word)
        gap = shapes.gap if out else ""
        out.append(f"(?:{gap}{piece})?" if element.is_optional else gap + piece)
    return "".join(out)


def _literal(word: str) -> str:
    bare = word.strip(",:|=()[]\"'*~-")
    if not bare:
        return ""
    start = r"\b" if bare[0].isalnum() and bare[0].isascii() else ""
    end = r"\b" if bare[-1].isalnum() and bare[-1].isascii() else ""
    return start + str(re2.escape(bare)) + end


def hint(elements: tuple[Element, ...], shapes: Shapes) -> str:
    """
    Return a cheap pattern that matches wherever the template can: its rarest required piece.

    A literal says most, then an action or a structure; with neither, a digit must do.
    """
    required = [element for element in elements if not element.is_optional]
    literals = [_literal(element.word) for element in required if not element.field and _literal(element.word)]
    if literals:
        return max(literals, key=len)
    for field in ("open", "close", "action", "roll", "structure", "future"):
        if any(element.field == field for element in required):
            return strip_groups(shapes.fragment(field))
    if any(element.field == "legs" for element in required):
        return strip_groups(shapes.fragment("action"))
    return r"\d"


def strip_groups(pattern: str) -> str:
    """
    Return a pattern without its named groups.

    >>> strip_groups("(?P<a>x)(?P<b>y)")
    '(?:x)(?:y)'
    """
    return str(_GROUP.sub("(?:", pattern))


@lru_cache(maxsize=8192)
def number_groups(pattern: str) -> tuple[str, tuple[str, ...]]:
    """
    Return a pattern with plain groups, and what each was called, in order.

    >>> number_groups("(?P<a>x)(?P<b>y)(?P<a>z)")
    ('(x)(y)(z)', ('a', 'b', 'a'))
    """
    names = tuple(match.group(1) for match in _GROUP.finditer(pattern))
    return _GROUP.sub("(", pattern), names


_GROUP = re2.compile(r"\(\?P<(\w+)>")
