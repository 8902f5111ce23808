"""One pass over a text finds the same hints as one search for each."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.hints import HintSet, hint_set
from engine.parse.normalise import normalise
from tests.unit.parse.small import PIECES, seen_texts, texts

HINTS = ("(?i)bto", r"\d", "(?i)bto", "SPY|QQQ", r"(?i)\bstc\b", r"(?s).", r"@\s?\d", "", r"(?m:^)x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY", (0, 2, 3, 5, 7), id="equal hints are all named"),
        pytest.param("stc 5", (1, 4, 5, 7), id="in ascending order"),
        pytest.param("", (7,), id="the empty text"),
        pytest.param("\nx", (5, 7, 8), id="a line of its own"),
    ],
)
def test_the_hints_that_hold(text: str, expected: tuple[int, ...]):
    """S-213."""
    assert HintSet([(hint,) for hint in HINTS]).match(text) == expected


def test_no_hints_hold_for_nothing():
    assert HintSet(()).match("BTO SPY") == ()


def test_equal_hints_share_one_set():
    assert hint_set((("a", "b"),)) is hint_set((("a", "b"),))


words = st.sampled_from([re2.escape(piece) for piece in PIECES if piece.isascii()])
hints = st.lists(st.lists(words | st.sampled_from(HINTS), min_size=1, max_size=3).map(tuple), max_size=8)


@given(hints=hints, text=seen_texts)
def test_a_set_of_hints_finds_what_each_alone_finds(hints: list[tuple[str, ...]], text: str):
    alone = tuple(index for index, needed in enumerate(hints) if all(re2.search(hint, text) for hint in needed))

    assert HintSet(hints).match(text) == alone


@given(hints=hints, raw=texts)
def test_a_look_at_a_text_as_it_is_posted_says_the_same_or_nothing(hints: list[tuple[str, ...]], raw: str):
    one = HintSet(hints)

    assert one.look(raw) in (None, one.match(normalise(raw).text), one.match(normalise(raw, reads_quotes=True).text))
    assert one.look(raw) is None or normalise(raw).text == normalise(raw, reads_quotes=True).text == raw
