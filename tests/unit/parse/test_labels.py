"""Dates and shares behind a label nobody named are not taken for the alert's own."""

import pytest

from engine.parse.fields import FlawFound
from engine.parse.labels import trusted
from engine.parse.normalise import normalise
from engine.parse.pattern import Hit, Match
from tests.unit.parse.small import VOCABULARY, card, template

CARD = card(title="{action}")
LINE = template("{action}")


def kept(text: str, words: str, field: str = "fraction", *, said: str = "fraction", is_card: bool = True) -> bool:
    """Whether words of the rest of a text are kept, when the pattern itself has read `said`."""
    start = text.index(words)
    end = text.find("\n") if "\n" in text else 3
    hits = (Hit("action", text[:3], 0, 3), Hit(said, "", 0, 0))
    match = Match(CARD if is_card else LINE, normalise(text), 0, end, 0, hits)
    hit = Hit(field, words, start, start + len(words))
    return trusted(match, (hit,), VOCABULARY) == (hit,)


@pytest.mark.parametrize(
    ("text", "words", "field", "expected"),
    [
        pytest.param("STC\nhalf of it", "half", "fraction", True, id="no label"),
        pytest.param("STC\nqty: 1/2", "1/2", "fraction", True, id="a label that means how much"),
        pytest.param("STC\nRisk: 2/10", "2/10", "fraction", False, id="another label"),
        pytest.param("STC | Risk = 2/10", "2/10", "fraction", False, id="another label between bars"),
        pytest.param("STC\nRisk: low | 1/2", "1/2", "fraction", True, id="behind the next bar"),
        pytest.param("STC\nRisk: low\n1/2", "1/2", "fraction", True, id="in the next line"),
        pytest.param("STC\nRisk: all out", "all out", "close_all", False, id="words for all"),
        pytest.param("STC\nRisk: 2.50", "2.50", "late_price", True, id="only dates and shares are doubted"),
    ],
)
def test_what_a_label_makes_of_a_share(text: str, words: str, field: str, expected: bool):
    assert kept(text, words, field) is expected


@pytest.mark.parametrize(
    ("text", "words", "field", "expected"),
    [
        pytest.param(
            "BTO\nReviewed: 1/9",
            "1/9",
            "late_expiry",
            "'1/9' behind 'Reviewed' may be an expiry: name the label in a card, as {expiry} or {text}",
            id="a date",
        ),
        pytest.param(
            "STC\nRisk: 2/10",
            "2/10",
            "fraction",
            "'2/10' behind 'Risk' may be a part of the position: name the label in a card, as {fraction} or {text}",
            id="a share",
        ),
    ],
)
def test_what_the_pattern_has_not_read_itself_is_left_over(text: str, words: str, field: str, expected: str):
    """S-204."""
    with pytest.raises(FlawFound) as caught:
        kept(text, words, field, said="strike")

    assert (caught.value.flaw.code, caught.value.flaw.detail) == ("leftover", expected)
    assert caught.value.hit is not None
    assert caught.value.hit.text == words


def test_of_a_line_of_text_only_later_lines_are_doubted():
    assert kept("STC Size: 1/2", "1/2", is_card=False) is True
    assert kept("STC\nRisk: 2/10", "2/10", is_card=False) is False
