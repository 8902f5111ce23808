"""
Plots as SVG, written here and nowhere else: bars, columns over time, lines over time.

They hold no script, no font and no colour: the page's style gives the colours, light and dark
(`s0` to `s7`, chosen so that people who see few colours tell them apart; lines differ in their dashes too).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.replay.axis import marks, money_text, number_text, shown_days
from engine.replay.markup import Markup, element, joined

STYLES: Final = 8
_WIDTH: Final = 760
_LABELS: Final = 270  # room for the labels of bars at most
_TOTALS: Final = 64  # room for what stands behind bars
_ROW: Final = 24
_HEIGHT: Final = 230  # of columns and lines, without what surrounds them
_TOP: Final = 24  # room for the name of an upright axis
_BOTTOM: Final = 44  # room for the marks of the axis and its name
_SIDE: Final = 82  # room for the marks of an upright axis
_LONGEST: Final = 38  # letters of a label
_LETTER: Final = 7  # about the width of one


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in parts that add up. label: of the bar."""

    label: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of sums over days. points: (day, value), in order."""

    name: str
    points: tuple[tuple[date, float], ...]


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands across and upright, with units."""

    across: str
    upright: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What the parts of bars are: their names, and the style of each (0 to 7)."""

    names: tuple[str, ...]
    styles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to places on the picture."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low or 1) * (self.end - self.start)


def bars(caption: str, unit: str, parts: Parts, rows: Sequence[Bar]) -> Markup:
    """Return bars lying below each other, each with its total; unit: what is counted."""
    steps = marks(0, max((sum(row.values) for row in rows), default=1))
    scale = _Scale(0, steps[-1], _room(rows), _WIDTH - _TOTALS)
    floor = _ROW * len(rows)
    grid = [element("line", class_="grid", x1=_at(x), x2=_at(x), y1=0, y2=floor) for x in (scale.at(s) for s in steps)]
    texts = [_text(scale.at(step), floor + 16, number_text(step), "mark", "middle") for step in steps]
    texts.append(_text((scale.start + scale.end) / 2, floor + 36, unit, "axis", "middle"))
    drawn = [_bar(row, parts, _ROW * number, scale) for number, row in enumerate(rows)]
    return _picture(caption, _legend(parts), floor + _BOTTOM, [*grid, *texts, *drawn])


def columns(caption: str, axes: Axes, parts: Parts, days: Sequence[tuple[date, tuple[int, ...]]]) -> Markup:
    """Return columns standing beside each other, one for each day or week, in the order of time."""
    upright = _upright(0, max((sum(values) for _, values in days), default=1), number_text)
    wide = (_WIDTH - _SIDE) / max(1, len(days))
    drawn = []
    for number, (day, values) in enumerate(days):
        told = f"{day.isoformat()}: " + ", ".join(
            f"{value:,} {name}" for name, value in zip(parts.names, values, strict=True)
        )
        drawn.append(_column(_SIDE + wide * number, wide, values, parts, (upright.scale, told)))
    at = [_SIDE + wide * (number + 0.5) for number in range(len(days))]
    body = [upright.drawn, *drawn, *_days([day for day, _ in days], at), *_axis_names(axes)]
    return _picture(caption, _legend(parts), _TOP + _HEIGHT + _BOTTOM, body)


def lines(caption: str, axes: Axes, drawn: Sequence[Line]) -> Markup:
    """Return sums in dollars over days as steps; each begins at 0."""
    days = sorted({day for line in drawn for day, _ in line.points})
    values = [value for line in drawn for _, value in line.points]
    upright = _upright(min(0.0, *values, 0.0), max(0.0, *values, 0.0), money_text)
    first, last = (days[0].toordinal(), days[-1].toordinal()) if days else (0, 1)
    across = _Scale(first - 1, last, _SIDE, _WIDTH - 36)
    names = tuple(f"{line.name} {money_text(line.points[-1][1])}" for line in drawn if line.points)
    paths = [_path(line, number, across, upright.scale) for number, line in enumerate(drawn)]
    marked = [days[index] for index in shown_days(days)] if len(days) < 9 else _evenly(first, last)
    at = [across.at(day.toordinal()) for day in marked]
    legend = _legend(Parts(names, tuple(range(len(names)))), is_line=True)
    body = [upright.drawn, *paths, *_days(marked, at), *_axis_names(axes)]
    return _picture(caption, legend, _TOP + _HEIGHT + _BOTTOM, body)


@dataclass(frozen=True, slots=True)
class _Upright:
    scale: _Scale
    drawn: Markup


def _upright(low: float, high: float, shown: Callable[[float], str]) -> _Upright:
    steps = marks(low, high)
    scale = _Scale(steps[0], steps[-1], _TOP + _HEIGHT, _TOP)
    rows = []
    for step in steps:
        y = scale.at(step)
        rows.append(element("line", class_="zero" if step == 0 else "grid", x1=_SIDE, x2=_WIDTH, y1=_at(y), y2=_at(y)))
        rows.append(_text(_SIDE - 8, y + 4, shown(step), "mark", "end"))
    return _Upright(scale, joined(rows))


def _room(rows: Sequence[Bar]) -> float:
    """Return how wide the labels are."""
    return min(_LABELS, 24 + _LETTER * max((len(row.label) for row in rows), default=0))


def _bar(row: Bar, parts: Parts, top: float, scale: _Scale) -> Markup:
    drawn, sum_so_far = [], 0
    for value, style, name in zip(row.values, parts.styles, parts.names, strict=True):
        x, end = scale.at(sum_so_far), scale.at(sum_so_far + value)
        sum_so_far += value
        if value:
            told = element("title", f"{row.label}: {value:,} {name}")
            size = {"x": _at(x), "y": top + 4, "width": _at(max(1.0, end - x)), "height": _ROW - 8}
            drawn.append(element("rect", told, class_=f"s{style}", **size))
    label = row.label if len(row.label) <= _LONGEST else row.label[: _LONGEST - 1] + "…"
    name = _text(scale.start - 8, top + 16, label, "label", "end")
    return joined([name, *drawn, _text(scale.at(sum_so_far) + 6, top + 16, f"{sum_so_far:,}", "total", "start")])


def _column(x: float, wide: float, values: tuple[int, ...], parts: Parts, shown: tuple[_Scale, str]) -> Markup:
    scale, told = shown
    gap = min(2.0, wide * 0.15)
    drawn, sum_so_far = [element("title", told)], 0
    for value, style in zip(values, parts.styles, strict=True):
        low, high = scale.at(sum_so_far), scale.at(sum_so_far + value)
        sum_so_far += value
        if value:
            size = {"x": _at(x + gap), "y": _at(high), "width": _at(wide - 2 * gap), "height": _at(low - high)}
            drawn.append(element("rect", class_=f"s{style}", **size))
    return element("g", *drawn)


def _path(line: Line, number: int, across: _Scale, upright: _Scale) -> Markup:
    d = [f"M{_at(across.start)} {_at(upright.at(0))}"]
    for day, value in line.points:
        d.append(f"H{_at(across.at(day.toordinal()))}V{_at(upright.at(value))}")
    d.append(f"H{_at(across.end)}")
    return element("path", element("title", line.name), class_=f"line l{number % STYLES}", d="".join(d))


def _evenly(first: int, last: int) -> list[date]:
    return [date.fromordinal(first + (last - first) * number // 6) for number in range(7)]


def _days(days: Sequence[date], at: Sequence[float]) -> list[Markup]:
    floor = _TOP + _HEIGHT
    return [
        _text(min(at[index], _WIDTH - 34), floor + 18, days[index].isoformat(), "mark", "middle")
        for index in shown_days(days)
    ]


def _axis_names(axes: Axes) -> Iterator[Markup]:
    yield _text(_SIDE + (_WIDTH - _SIDE) / 2, _TOP + _HEIGHT + 38, axes.across, "axis", "middle")
    yield _text(4, 12, axes.upright, "axis", "start")


def _legend(parts: Parts, *, is_line: bool = False) -> Markup:
    """Return the key of the colours, as a list that wraps; nothing for a single part."""
    if len(parts.names) < 2 and not is_line:
        return Markup()
    entries = []
    for name, style in zip(parts.names, parts.styles, strict=True):
        if is_line:
            sign = element("line", class_=f"line l{style % STYLES}", x1=0, x2=26, y1=6, y2=6)
        else:
            sign = element("rect", class_=f"s{style}", width=12, height=12)
        drawn = element("svg", sign, width=26 if is_line else 12, height=12, aria_hidden="true")
        entries.append(element("li", drawn, f" {name}"))
    return element("ul", *entries, class_="legend")


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> Markup:
    return element("text", text, class_=kind, x=_at(x), y=_at(y), text_anchor=anchor)


def _picture(caption: str, legend: Markup, height: float, body: Sequence[str]) -> Markup:
    box = f"0 0 {_WIDTH} {_at(height)}"
    drawn = element("svg", *body, xmlns="http://www.w3.org/2000/svg", viewBox=box, role="img", aria_label=caption)
    return element("figure", element("figcaption", caption), legend, drawn)


def _at(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")
