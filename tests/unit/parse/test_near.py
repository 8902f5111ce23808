"""A text that no pattern reads is answered with the pattern that came nearest."""

import pytest
from hypothesis import given

from engine.model.source import Place
from engine.parse.grammar import Grammar
from engine.parse.near import Near, nearest, nearly
from engine.parse.normalise import normalise
from tests.unit.parse.small import card, rules, says, template, texts

ENTRY = template("{open} {contract} {price}", "entry")
EXIT = template("{close} {contract} {price}", "exit")
CARD = card("card", title="{action}", fields={"Ticker": "{symbol}", "Contract": "{strike}{right}", "Entry": "{price}"})
GRAMMAR = Grammar(rules())
PATTERNS = tuple(GRAMMAR.pattern(rule) for rule in (ENTRY, EXIT, CARD))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("good morning", None, id="nothing of any"),
        pytest.param(
            "BTO SPY 600C soon", Near("entry", 2, "{price}", Place("content", 12, 13)), id="all but the price"
        ),
        pytest.param("STC what", Near("exit", 1, "{contract}", Place("content", 3, 4)), id="only the action"),
        pytest.param("BTO\nTicker: SPY\nContract: 600C", Near("card", 3, "field Entry"), id="a card but for one value"),
        pytest.param("🚀 BTO SPY 600C", Near("entry", 2, "{price}", Place("content", 14, 14)), id="at the end"),
    ],
)
def test_the_nearest_pattern(text: str, expected: Near | None):
    """S-208."""
    assert nearest(PATTERNS, normalise(text), says(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO\nTicker: SPY\nContract: 600C", Near("card", 3, "field Entry"), id="all but one value"),
        pytest.param("BTO\nTicker: SPY", None, id="all but two values"),
        pytest.param("BTO SPY 600C soon", None, id="a line of text is no card"),
    ],
)
def test_a_card_that_lacks_one_value_is_an_order_nobody_can_read(text: str, expected: Near | None):
    assert nearly(PATTERNS, normalise(text), says(text)) == expected


@given(texts)
def test_the_nearest_pattern_stops_inside_the_text(text: str):
    near = nearest(PATTERNS, normalise(text), says(text))

    if near is not None and near.place is not None:
        assert 0 <= near.place.start <= near.place.end <= len(text)
