"""A sketch holds wherever its template matches, and tells most templates from a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.normalise import normalise
from engine.parse.pattern import TextPattern
from engine.parse.program import compiled
from engine.parse.sketch import SketchSet
from tests.unit.parse.small import FITTING, alert_like, seen_texts, template

TEMPLATES = (
    "{quantity?} {open} {quantity?} {contract} {expiry?} {units?} {price?}",
    "{close} {fraction?} {quantity?} {strike}{right} {expiry?} {price?}",
    "{fraction} {close} {quantity?} {contract} {price?}",
    "{contract} {price?} {action} {expiry?} {price?}",
    "{expiry} {action} {quantity?} {contract} {price?}",
    "{action} {quantity?} {at_price} {contract}",
    "{action} {quantity?} {symbol} {expiry} {right} {strike} {price}",
    "{close} {symbol} {end}",
    "{action} {quantity?} {future} {price}",
    "{legs} {structure?} {expiry?} {credit?} {price?}",
    "{action} {structure} {symbol} {strikes} {width?} {price?} {credit?}",
    "{symbol} {stop} {target?} {size?} {text}",
    "{roll} {from_contract} {contract} {price}",
)
PATTERNS = tuple(TextPattern(template(text, text), FITTING) for text in TEMPLATES)
SKETCHES = SketchSet([pattern.sketch for pattern in PATTERNS])
EVERY = tuple(range(len(PATTERNS)))


@given(text=alert_like | seen_texts, pattern=st.sampled_from(PATTERNS))
def test_a_sketch_holds_wherever_its_template_matches(text: str, pattern: TextPattern):
    """S-213."""
    seen = normalise(text)

    if pattern.find(seen):
        assert compiled(pattern.sketch).holds(seen.text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY 600C 1/9 @ 1.25", [0], id="an entry"),
        pytest.param("STC half SPY 600C @ 2", [1], id="an exit"),
        pytest.param("SPY 600C 1.25 BTO", [3], id="the action last"),
        pytest.param("STO ccs SPY 600/605 @ .95 credit", [10], id="a structure"),
        pytest.param("nothing of the kind", [], id="talk"),
    ],
)
def test_few_templates_are_left_to_be_tried(text: str, expected: list[int]):
    possible = SKETCHES.possible(text, EVERY)

    assert set(expected) >= {index for index in EVERY if PATTERNS[index].find(normalise(text))}
    assert possible == expected


def test_a_template_with_words_of_its_own_is_always_tried():
    pattern = TextPattern(template("desk {contract}"), FITTING)

    assert pattern.sketch == ""
    assert SketchSet([pattern.sketch]).possible("anything", (0,)) == [0]


def test_numbers_of_no_pattern_are_left_out():
    assert SketchSet([""]).possible("anything", (0, 1, 2)) == [0]
