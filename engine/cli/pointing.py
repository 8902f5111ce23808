"""Pointing into a text: a line with a caret below it, and fields marked where they stand."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.text import Text

from engine.cli.screen import out, visible
from engine.model.alert import Alert

_WINDOW = 100
_FIELD_STYLE = "underline cyan"


def point_at(text: str, start: int, end: int) -> Text:
    """
    Return the line of `text` that holds `start`, with carets below start to end.

    A long line is cut to what stands around the place. start and end are offsets in code points.
    """
    first = text.rfind("\n", 0, start) + 1
    newline = text.find("\n", start)
    last = len(text) if newline < 0 else newline
    left = max(first, min(start - _WINDOW // 2, last - _WINDOW))
    right = min(last, left + _WINDOW)
    before = ("…" if left > first else "") + _flat(text[left:start])
    inside = _flat(text[start : min(max(end, start), right)])
    after = _flat(text[min(max(end, start), right) : right]) + ("…" if right < last else "")
    carets = "^" * max(1, cell_len(inside))
    return Text.assemble(before, (inside, "bold red"), after, "\n", " " * cell_len(before), (carets, "bold red"))


def mark_fields(text: str, places: Iterable[tuple[int, int]], *, with_style: bool) -> Text:
    """
    Return a text with the stretches that were read marked.

    with_style: mark by colour and underline; otherwise by a row of "~" below each line.
    """
    marked = sorted(places)
    if with_style:
        whole = Text(visible(text))
        for start, end in marked:
            whole.stylize(_FIELD_STYLE, start, end)
        return whole
    return Text("\n".join(_underlined_lines(visible(text), marked)))


def mark_alerts(text: str, alerts: Iterable[Alert], part: str = "content") -> Text:
    """Return a part of a message with what its alerts were read from marked, in the way stdout can show."""
    found = (found.place for alert in alerts for found in alert.found)
    places = [(place.start, place.end) for place in found if place.part == part]
    screen = out()
    return mark_fields(text, places, with_style=screen.is_terminal and not screen.no_color)


def _underlined_lines(text: str, places: list[tuple[int, int]]) -> Iterable[str]:
    offset = 0
    for line in text.split("\n"):
        yield _flat(line)
        row = "".join(_mark(character, offset + index, places) for index, character in enumerate(line)).rstrip()
        if row:
            yield row
        offset += len(line) + 1


def _mark(character: str, offset: int, places: list[tuple[int, int]]) -> str:
    is_read = any(start <= offset < end for start, end in places)
    return ("~" if is_read else " ") * cell_len(_flat(character))


def _flat(text: str) -> str:
    return visible(text).replace("\n", "␊").replace("\t", " ")
