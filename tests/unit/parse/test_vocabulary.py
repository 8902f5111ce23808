"""Words extend fields: every spelling is matched as a whole word, and means one thing."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from engine.model.reading import Words
from engine.parse.vocabulary import NEVER, Vocabulary, alternation
from tests.unit.parse.small import seen_texts

ACTIONS = Vocabulary(
    (
        Words("action", "buy_to_open", ("BTO", "Bought  in")),
        Words("action", "sell_to_close", ("STC", "out", "all out", "bto")),
        Words("right", "call", ("c",)),
        Words("stop", "stop", ("SL", "s/l")),
        Words("at", "at", ("@", "at")),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO", "buy_to_open", id="as written"),
        pytest.param("bTo", "buy_to_open", id="in any case, and the first value that has it counts"),
        pytest.param("bought\n in", "buy_to_open", id="spaces of any kind and number"),
        pytest.param("all out", "sell_to_close", id="of several words"),
        pytest.param("BTOO", None, id="not a word of the field"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_what_a_spelling_means(text: str, expected: str | None):
    """S-214, S-221."""
    assert ACTIONS.meaning("action", text) == expected


def test_a_field_without_words_means_nothing():
    assert (ACTIONS.meaning("roll", "roll"), ACTIONS.spellings("roll"), ACTIONS.any_of("roll")) == (None, (), NEVER)


def test_spellings_of_some_values_only():
    assert ACTIONS.spellings("action", "sell_to_close") == ("stc", "out", "all out")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY", ["BTO"], id="a whole word"),
        pytest.param("btox abto", [], id="no part of a word"),
        pytest.param("all out", ["all out"], id="the longest spelling first"),
        pytest.param("all \n out", ["all \n out"], id="any spaces between its words"),
        pytest.param("out, OUT", ["out", "OUT"], id="any case"),
    ],
)
def test_any_spelling_is_matched_as_a_whole_word(text: str, expected: list[str]):
    found = re2.compile("(?i)" + ACTIONS.any_of("action")).finditer(text)

    assert [match.group() for match in found] == expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        pytest.param(ACTIONS.behind_number("right"), "450c", True, id="450c: right behind a figure"),
        pytest.param(ACTIONS.behind_number("right"), "450cx", False, id="but the word ends there"),
        pytest.param(ACTIONS.any_of("right"), "450c", False, id="other words begin a word"),
        pytest.param(ACTIONS.before_number("stop"), "SL1", True, id="SL1: right before a figure"),
        pytest.param(ACTIONS.before_number("stop"), "xSL1", False, id="but the word begins there"),
        pytest.param(ACTIONS.any_of("stop"), "SL1", False, id="other words end a word"),
        pytest.param(ACTIONS.any_of("at"), "600C@1.25", True, id="signs need no spaces"),
        pytest.param(ACTIONS.any_of("stop"), "xs/l.", False, id="a sign inside changes nothing about its ends"),
    ],
)
def test_figures_may_touch_some_words(pattern: str, text: str, expected: bool):
    assert (re2.compile("(?i)" + pattern).search(text) is not None) is expected


@given(seen_texts)
def test_a_field_without_words_is_never_matched(text: str):
    assert re2.compile(NEVER).search(text) is None


spelled = st.lists(
    st.text(st.sampled_from("abcXYZ@$./'%"), min_size=1, max_size=5).filter(str.strip), min_size=1, max_size=2
).map(" ".join)


@given(st.lists(spelled, min_size=1, max_size=6))
def test_every_spelling_is_matched_by_its_own_pattern_and_has_a_meaning(spellings: list[str]):
    words = Vocabulary((Words("size", "tag", tuple(spellings)),))
    pattern = re2.compile(f"(?i)(?:{alternation(tuple(spellings))})$")

    for spelling in spellings:
        shouted = spelling.upper().replace(" ", "  ")
        assert words.meaning("size", shouted) == "tag"
        assert pattern.search(shouted) is not None
