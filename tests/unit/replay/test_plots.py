"""Plots: whole XML, everything inside the picture, no label over another."""

from datetime import date, timedelta
from xml.etree import ElementTree as Xml

from hypothesis import given
from hypothesis import strategies as st

from engine.replay.axis import marks, shown_days
from engine.replay.plots import Axes, Bar, Line, Parts, bars, columns, lines

PARTS = Parts(("approved", "refused"), (0, 1))
DAY = date(2026, 1, 1)
counts = st.integers(0, 1_000_000)
sums = st.floats(-1e6, 1e6)


def drawn(markup: str) -> Xml.Element:
    """Return the picture itself."""
    found = Xml.fromstring(markup).find(".//{http://www.w3.org/2000/svg}svg")
    assert found is not None
    return found


def places(svg: Xml.Element, name: str) -> list[float]:
    return [float(each.get(name, "0")) for each in svg.iter() if each.get(name)]


def assert_inside(svg: Xml.Element) -> None:
    width, height = map(float, svg.get("viewBox", "").split()[2:])
    for name, end in (("x", width), ("x1", width), ("x2", width), ("y", height), ("y1", height), ("y2", height)):
        assert all(-0.1 <= place <= end + 0.1 for place in places(svg, name)), name
    for rect in svg.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(rect.get("x", "0")) + float(rect.get("width", "0")) <= width + 1.1


@given(st.lists(st.tuples(st.text(max_size=60), counts, counts), max_size=30))
def test_bars_are_whole_and_inside(rows: list[tuple[str, int, int]]):
    svg = drawn(bars("By reason", "decisions", PARTS, [Bar(label, (one, two)) for label, one, two in rows]))

    assert_inside(svg)
    assert svg.get("aria-label") == "By reason"


@given(st.lists(st.tuples(counts, counts), max_size=90))
def test_columns_are_whole_and_inside(values: list[tuple[int, int]]):
    days = [(DAY + timedelta(days=number), each) for number, each in enumerate(values)]

    assert_inside(drawn(columns("By day", Axes("day", "decisions"), PARTS, days)))


@given(st.lists(st.lists(sums, min_size=1, max_size=40), min_size=1, max_size=8))
def test_lines_are_whole_and_inside(values: list[list[float]]):
    given_lines = [
        Line(f"p{number}", tuple((DAY + timedelta(days=day), value) for day, value in enumerate(each)))
        for number, each in enumerate(values)
    ]

    assert_inside(drawn(lines("Profit", Axes("day", "dollars"), given_lines)))


def test_lines_differ_in_more_than_colour():
    given_lines = [Line(name, ((DAY, 1.0), (DAY + timedelta(days=9), 2.0))) for name in "abc"]

    styles = [
        path.get("class")
        for path in drawn(lines("Profit", Axes("day", "dollars"), given_lines)).iter()
        if path.get("d")
    ]

    assert styles == ["line l0", "line l1", "line l2"]


def test_a_legend_names_every_part():
    markup = bars("By reason", "decisions", PARTS, [Bar("a", (1, 2))])

    assert [each.text or each[0].tail for each in Xml.fromstring(markup).iter("li")] == [" approved", " refused"]


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), st.integers(3, 12))
def test_marks_enclose_what_is_shown_and_are_few(low: float, width: float, most: int):
    steps = marks(low, low + width, most)

    assert steps[0] <= low
    assert steps[-1] >= low + width
    assert 2 <= len(steps) <= 2 * most + 3


@given(st.integers(1, 500), st.integers(1, 12))
def test_days_are_written_so_that_they_do_not_overlap(count: int, most: int):
    shown = shown_days([DAY + timedelta(days=number) for number in range(count)], most)

    assert shown[0] == 0
    assert len(shown) <= most
