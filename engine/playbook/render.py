"""An issue as text for people: the place, the source line with carets below, what was expected."""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from unicodedata import combining, east_asian_width

from engine.model.errors import Issue
from engine.model.source import Span
from engine.playbook.yaml_nodes import source_lines

_TAB: Final = "    "
_WINDOW: Final = 100
_SECRET: Final = re.compile(r"(?=[A-Za-z0-9_.+/=-]*[0-9])(?=[A-Za-z0-9_.+/=-]*[A-Za-z])[A-Za-z0-9_.+/=-]{32,}")
_HIDDEN_CODES: Final = frozenset({"secret_in_file"})


def render(issue: Issue, text: str) -> str:
    """
    Return one issue as plain text.

    text: of the file it is in; "" when the file could not be read. What looks like a secret is
    never shown.
    """
    head = f"{_place(issue.span, text)}: {'' if issue.is_error else 'warning: '}{issue.code}: {issue.message}"
    lines = source_lines(text)
    rows = [head]
    margin = " " * 4
    if text and 0 < issue.span.line <= len(lines):
        margin = " " * max(4, len(str(issue.span.line)))
        rows.extend(_pointed(issue, lines[issue.span.line - 1], margin))
    if _help(issue):
        rows.append(f"{margin} = {_help(issue)}")
    return "\n".join(rows)


def render_all(issues: Iterable[Issue], texts: Mapping[str, str]) -> str:
    """Return all issues as plain text, an empty line between. texts: file → text."""
    return "\n\n".join(render(issue, texts.get(issue.span.file, "")) for issue in issues)


def _place(span: Span, text: str) -> str:
    """A folder, or a file that cannot be read, has no lines to name."""
    has_none = not text and span == Span(span.file, 1, 1, 1, 1)
    return span.file if has_none else str(span)


def _help(issue: Issue) -> str:
    expected = f"expected: {issue.expected}" if issue.expected else ""
    nearest = f"did you mean '{issue.nearest}'?" if issue.nearest else ""
    return "   ".join(part for part in (expected, nearest) if part)


def _pointed(issue: Issue, line: str, margin: str) -> Iterable[str]:
    start, end = _columns(issue.span, line)
    before, inside, after = line[:start], line[start:end], line[end:]
    if issue.code in _HIDDEN_CODES:
        inside = "•" * min(len(inside), 8)
    before, inside, after = (_SECRET.sub("••••••••", part) for part in (before, inside, after))
    if len(before) > _WINDOW // 2:
        before = "…" + before[-(_WINDOW // 2) :]
    shown_end = max(8, _WINDOW - len(before) - len(inside))
    after = after if len(after) <= shown_end else after[:shown_end] + "…"
    if len(inside) > _WINDOW:
        inside = inside[:_WINDOW] + "…"
    number = str(issue.span.line).rjust(len(margin))
    yield f"{number} | {_flat(before + inside + after)}".rstrip()
    yield f"{margin} | {' ' * _width(before)}{'^' * max(1, _width(inside))}"


def _columns(span: Span, line: str) -> tuple[int, int]:
    """Return the offsets to point at; of a value over several lines, what stands on the first."""
    start = min(span.column - 1, len(line))
    end = len(line.rstrip()) if span.end_line > span.line else min(span.end_column - 1, len(line))
    return start, max(start, end)


def _flat(text: str) -> str:
    return "".join(_TAB if character == "\t" else character if character.isprintable() else "�" for character in text)


def _width(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    return sum(_width_of(character) for character in _flat(text))


def _width_of(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
