"""Sentences, lines, and the words that make one something other than an alert."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.segments import Guarded, Guards, segment_around
from tests.unit.parse.small import VOCABULARY, seen_texts

GUARDS = Guards(VOCABULARY)


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        pytest.param("BTO SPY", "BTO", "BTO SPY", id="the whole text"),
        pytest.param("one\nBTO SPY\ntwo", "BTO", "BTO SPY\n", id="a line"),
        pytest.param("Hi. BTO SPY at 1.25. Bye", "BTO", "BTO SPY at 1.25. ", id="a sentence; a decimal ends none"),
        pytest.param("Why? BTO SPY! Go", "BTO", " BTO SPY!", id="marks of any kind"),
        pytest.param("a; BTO SPY; b", "BTO", "BTO SPY; ", id="semicolons"),
        pytest.param("a...BTO SPY", "BTO", "BTO SPY", id="dots"),
        pytest.param("BTO.\nSPY", "BTO.\nSPY", "BTO.\nSPY", id="a stretch over several"),
    ],
)
def test_the_sentence_around_some_words(text: str, words: str, expected: str):
    start, end = segment_around(text, text.index(words), text.index(words) + len(words))

    assert text[start:end] == expected


def guard_of(text: str, unless: tuple[str, ...] = ()) -> tuple[str, str, str] | None:
    """The guard, its refusal and its words, for an alert "BTO SPY" of a text."""
    start = text.index("BTO SPY")
    guarded = GUARDS.first(text, segment_around(text, start, start + 7), unless)
    return guarded and (guarded.guard, guarded.code.value, text[guarded.start : guarded.end])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY", None, id="a plain alert"),
        pytest.param("BTO SPY?", ("question", "question", "?"), id="a question mark"),
        pytest.param("Why? BTO SPY", None, id="the question before it is another sentence"),
        pytest.param("anyone BTO SPY", ("question", "question", "anyone"), id="a word of questions"),
        pytest.param("Do  not BTO SPY", ("negation", "negation", "Do  not"), id="a negation"),
        pytest.param("once it breaks BTO SPY", ("condition", "condition", "once"), id="a condition"),
        pytest.param("yesterday i BTO SPY", ("hearsay", "hearsay", "yesterday"), id="hearsay"),
        pytest.param("BTO SPY\nif it breaks", None, id="a condition in another line"),
        pytest.param("BTO SPY\nwatching it", ("plan", "condition", "watching"), id="a plan counts in any line"),
        pytest.param("BTO SPY\ntypo", ("correction", "leftover", "typo"), id="so does a correction"),
        pytest.param("BTO SPY if you missed it", None, id="words that only look like a guard"),
        pytest.param(
            "BTO SPY if you missed it, if it breaks",
            ("condition", "condition", "if"),
            id="but only those words are harmless",
        ),
        pytest.param("BTO SPY iffy", None, id="a part of a word is no guard"),
    ],
)
def test_what_makes_a_text_no_alert(text: str, expected: tuple[str, str, str] | None):
    """S-205."""
    assert guard_of(text) == expected


@pytest.mark.parametrize("guard", ["question", "negation", "condition", "hearsay", "plan", "correction"])
def test_a_pattern_may_ignore_a_guard(guard: str):
    words = {"question": "?", "negation": "cancel", "condition": "if", "hearsay": "yesterday"}
    text = f"BTO SPY {words.get(guard, {'plan': 'watching', 'correction': 'typo'}.get(guard))}"

    assert (guard_of(text) or [None])[0] == guard
    assert guard_of(text, (guard,)) is None


@given(text=seen_texts, data=st.data())
def test_a_sentence_holds_the_words_it_is_around(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    first, last = segment_around(text, start, end)

    assert 0 <= first <= start <= end <= last <= len(text)


@given(seen_texts)
def test_a_guard_points_at_words_of_the_text(text: str):
    guarded = GUARDS.first(text, (0, len(text)), ())

    if guarded is None:
        assert "?" not in text
    else:
        assert isinstance(guarded, Guarded)
        assert text[guarded.start : guarded.end].strip()
