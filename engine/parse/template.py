"""Templates such as "{action} {contract} {price?}" as RE2 source."""

import re
from dataclasses import dataclass
from functools import lru_cache

import re2

from engine.model.errors import Issue
from engine.model.nearest import nearest
from engine.model.reading import Source
from engine.model.source import Span
from engine.parse.normalise import plain
from engine.parse.shapes import FIELDS, Shapes

# Signs that may stand between any two pieces, and marks of Discord's own.
_MARKS = " \t\n,:|=()[]\"'*~-_`#"
_PIECE = re.compile(r"\{([^{}]*)\}|([{}])|([^{}\t\n\f\r ]+)")


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
            issues.extend(unseen(source, match.start(), match.end()))
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
    if not issues and not any(_says_something(element) for element in elements):
        issues.append(
            Issue(
                "empty_template",
                "the template matches the empty text",
                source.span,
                "at least one field that must be there",
            )
        )
    return tuple(elements), tuple(issues)


def _says_something(element: Element) -> bool:
    return not element.is_optional and bool(element.field or literal(element.word))


def unseen(source: Source, start: int, end: int) -> tuple[Issue, ...]:
    """Return the issue of words that no text ever shows: emoji are taken out before it is read."""
    word = source.text[start:end]
    if literal(word) or not word.strip(_MARKS):
        return ()
    message = f"{word!r} is never seen: emoji are taken out of a text before it is read"
    expected = f'letters, digits or signs; an emoji is asked for with when: ["{word}"]'
    return (Issue("bad_template", message, part_of(source, start, end), expected),)


def part_of(source: Source, start: int, end: int) -> Span:
    """Return where a stretch of a source stands in its file."""
    return source.span.within(source.text, start, end)


# What a field is called where a label of its own stands before it: it need not be in capitals, nor say what it is.
_LABELLED = {"symbol": "any_symbol", "price": "price_value", "stop": "stop_value", "target": "target_value"}


def template_regex(
    elements: tuple[Element, ...], shapes: Shapes, *, any_order: bool = True, labelled: bool = False
) -> str:
    """
    Return the pattern of a template, its pieces a gap apart, groups named after fields.

    labelled: whether it reads the value behind a label of a card, which vouches for what it is.
    """
    out: list[str] = []
    for index, element in enumerate(elements):
        field = _LABELLED.get(element.field, element.field) if labelled else element.field
        piece = shapes.fragment(field, any_order=any_order) if field else literal(element.word)
        if field == "strike" and not (index + 1 < len(elements) and elements[index + 1].field == "right"):
            piece += r"\b"
        if out and field == "price":
            # "600.5" is one number, not a strike and a price; "600@.5" is both.
            piece = f"(?:{shapes.some_gap}{piece}|{shapes.gap}{shapes.fragment('at_price')})"
        elif field == "right" and index and elements[index - 1].field == "strike":
            piece = shapes.right_of_strike
        elif out:
            piece = shapes.gap + piece
        out.append(f"(?:{piece})?" if element.is_optional else piece)
    return "".join(out)


def literal(words: str) -> str:
    """
    Return the pattern of words as a text shows them once it is normalised; "" when marks are all there is.

    >>> literal("(BUY,")
    '\\\\bBUY\\\\b'
    """
    bare = plain(words).strip(_MARKS)
    if not bare:
        return ""
    start = r"\b" if bare[0].isalnum() and bare[0].isascii() else ""
    end = r"\b" if bare[-1].isalnum() and bare[-1].isascii() else ""
    return start + r"\s+".join(str(re2.escape(word)) for word in bare.split()) + end


def hints(elements: tuple[Element, ...], shapes: Shapes) -> tuple[str, ...]:
    """
    Return cheap patterns that all match wherever the template can.

    Its literals, what makes a contract, an action or a labelled price; a template of nothing but other
    fields has the one least often met.
    """
    required = [element for element in elements if not element.is_optional]
    literals = [literal(element.word) for element in required if not element.field and literal(element.word)]
    fields = {element.field for element in required if element.field}
    out = list(dict.fromkeys(literals))
    if fields & _HAVE_RIGHT:
        out.append(shapes.right_hint)
    out.extend(strip_groups(shapes.fragment(_SAYS.get(field, field))) for field in _RARE if field in fields)
    if not out and _HAVE_DIGITS.intersection(fields):
        return (r"\d",)
    return tuple(out) or (strip_groups(shapes.fragment(min(fields, key=_IN_WORDS.index))),)


# A call or a put, in words or behind a figure.
_HAVE_RIGHT = frozenset({"contract", "from_contract", "right", "legs"})
_RARE = ("structure", "future", "roll", "open", "close", "action", "legs", "at_price")
_SAYS = {"legs": "action"}
# A contract, a strike or a count is never in words alone; the others, the rarer first, may be.
_HAVE_DIGITS = frozenset({"contract", "from_contract", "strike", "strikes", "quantity", "units", "width"})
_IN_WORDS = (
    "stop", "target", "size", "fraction", "credit", "unit", "right", "expiry", "at_price", "price", "symbol",
    "any_symbol", "text", "remark", "end",
)  # fmt: skip


def strip_groups(pattern: str) -> str:
    """
    Return a pattern without its named groups.

    >>> strip_groups("(?P<a>x)(?P<b>y)")
    '(?:x)(?:y)'
    """
    return str(_GROUP.sub("(?:", pattern))


@lru_cache(maxsize=256)
def number_groups(pattern: str) -> tuple[str, tuple[str, ...]]:
    """
    Return a pattern with plain groups, and what each was called, in order.

    >>> number_groups("(?P<a>x)(?P<b>y)(?P<a>z)")
    ('(x)(y)(z)', ('a', 'b', 'a'))
    """
    names = tuple(match.group(1) for match in _GROUP.finditer(pattern))
    return _GROUP.sub("(", pattern), names


_GROUP = re.compile(r"\(\?P<([A-Za-z0-9_]+)>")
