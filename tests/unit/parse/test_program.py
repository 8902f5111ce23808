"""Programs find what RE2's own module finds, at the same places."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.program import NOWHERE, Program, ProgramSet, ShortProgram, Spans, compiled, masked
from tests.unit.parse.small import seen_texts

PATTERNS = (
    r"(?i)(bto)|(stc)",
    r"\b(\d+)(?:\.(\d+))?",
    r"a*",
    r"(?s).",
    r"",
    r"\A\s*(\pL+)",
    r"(?m:^)(.*?)(x)?$",
    r"[^\x00-\x7f]+",
    r"\z",
    r"(?P<first>S)(P)(?P<last>Y)",
)
LONG = "🚀 SPY 600c " * 60


def spans_of(match: object) -> Spans | None:
    """The places of a match of RE2's own module."""
    return match and [match.span(index) for index in range(match.re.groups + 1)]  # type: ignore[attr-defined]


@given(pattern=st.sampled_from(PATTERNS), text=seen_texts | st.text(), start=st.integers(0, 12))
def test_places_are_those_of_the_wrapped_module(pattern: str, text: str, start: int):
    program, wrapped = Program(pattern), re2.compile(pattern)
    text = text.encode(errors="replace").decode()
    start = min(start, len(text))

    assert program.search(text, start) == spans_of(wrapped.search(text, start))
    assert program.match(text, start) == spans_of(wrapped.match(text, start))
    assert program.holds(text) == (wrapped.search(text) is not None)
    assert list(program.finditer(text)) == [spans_of(match) for match in wrapped.finditer(text)]
    assert ShortProgram(pattern, for_ascii=False).search(text, start) == program.search(text, start)


@given(pattern=st.sampled_from(PATTERNS[:7]), text=seen_texts)
def test_a_program_for_ascii_finds_the_same_in_ascii(pattern: str, text: str):
    text = text.encode("ascii", "replace").decode()

    assert Program(pattern, for_ascii=True).search(text) == Program(pattern).search(text)
    assert ShortProgram(pattern, for_ascii=True).search(text) == Program(pattern).search(text)


def test_a_short_program_reads_long_texts_too():
    assert ShortProgram("(Y) 600c $", for_ascii=False).search(LONG) == Program("(Y) 600c $").search(LONG)


def test_groups_are_called_by_their_names():
    assert Program(PATTERNS[-1]).names == ("first", "", "last")


def test_a_program_of_any_size_compiles_and_others_are_refused():
    words = "|".join(f"word{number}" for number in range(1_000, 6_000))

    assert Program(words).search("say word4999") == [(4, 12)]
    with pytest.raises(re2.error):
        Program("(")


def test_equal_patterns_are_compiled_once():
    assert compiled("a+b") is compiled("a+b")


@given(text=seen_texts)
def test_what_is_blanked_keeps_its_place(text: str):
    blanked = Program(r"\d+").blanked(text)

    assert len(blanked) == len(text)
    assert not any(char.isascii() and char.isdigit() for char in blanked)
    assert all(new in (old, "\x01") for old, new in zip(text, blanked, strict=True))


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        pytest.param("BTO SPY", [(0, 3)], "··· SPY", id="one stretch"),
        pytest.param("BTO SPY", [(4, 7), (0, 3), (2, 5)], "·······", id="several that overlap"),
        pytest.param("BTO SPY", [(2, 2)], "BTO SPY", id="an empty one"),
        pytest.param("BTO SPY", [], "BTO SPY", id="none"),
    ],
)
def test_what_was_read_is_blanked_out_in_place(text: str, spans: list[tuple[int, int]], expected: str):
    assert masked(text, spans).replace("\x01", "·") == expected


@given(text=seen_texts)
def test_a_set_names_every_pattern_that_matches(text: str):
    held = ProgramSet(PATTERNS).match(text)

    assert sorted(held) == [index for index, pattern in enumerate(PATTERNS) if Program(pattern).holds(text)]
    assert ProgramSet(()).match(text) == []


def test_groups_that_take_no_part_are_nowhere():
    assert Program("(a)|(b)").search("b") == [(0, 1), NOWHERE, (0, 1)]
