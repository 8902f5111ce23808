"""Carets and marks stand under what they mean, whatever the text holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.cli.pointing import mark_fields, point_at


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        pytest.param("BTO HIGH 5C", 4, 8, "BTO HIGH 5C\n    ^^^^", id="a word in the middle"),
        pytest.param("first\nBTO SPY", 6, 9, "BTO SPY\n^^^", id="only the line that holds it"),
        pytest.param("BTO", 3, 3, "BTO\n   ^", id="the end of the text"),
        pytest.param("🔥🔥 BTO", 3, 6, "🔥🔥 BTO\n     ^^^", id="wide characters take two columns"),
        pytest.param("a\nb", 0, 3, "a\n^", id="a stretch over two lines ends with its first"),
    ],
)
def test_point_at(text: str, start: int, end: int, expected: str):
    assert point_at(text, start, end).plain == expected


def test_a_long_line_is_cut_to_what_stands_around_the_place():
    text = "x" * 500 + "HERE" + "y" * 500

    line, carets = point_at(text, 500, 504).plain.split("\n")

    assert cell_len(line) <= 102
    assert line.startswith("…x")
    assert line.endswith("y…")
    assert line[carets.index("^") :].startswith("HERE")


def test_fields_are_marked_below_when_there_is_no_colour():
    marked = mark_fields("BTO SPY\n602C", [(0, 3), (8, 11)], with_style=False)

    assert marked.plain == "BTO SPY\n~~~\n602C\n~~~"


@given(text=st.text(max_size=300), start=st.integers(0, 300), length=st.integers(0, 50))
def test_any_place_of_any_text_can_be_pointed_at(text: str, start: int, length: int):
    start = min(start, len(text))

    line, carets = point_at(text, start, min(start + length, len(text))).plain.split("\n")

    assert carets.strip("^ ") == ""
    assert carets.count("^") >= 1
    assert "\x1b" not in line
