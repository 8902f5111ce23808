"""Shapes cut down to a text match in it exactly what the whole ones do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.fitting import Fitting
from engine.parse.normalise import normalise
from engine.parse.program import Spans, compiled
from engine.parse.shapes import FIELDS, Shapes
from engine.parse.template import number_groups
from tests.unit.parse.small import FITTING, WORDS, alert_like, seen_texts

PLAIN = "BTO SPY 600c 1/9 @ 1.25"


def found(shapes: Shapes, field: str, text: str) -> list[tuple[tuple[str, int, int], ...]]:
    """Every place of a field in a text, with its groups by name."""
    pattern, names = number_groups(f"(?i){shapes.prefix}{shapes.gap}{shapes.fragment(field)}")
    program = compiled(pattern, for_ascii=shapes.is_ascii)
    return [_named(spans, names) for spans in program.finditer(text)]


def _named(spans: Spans, names: tuple[str, ...]) -> tuple[tuple[str, int, int], ...]:
    named = zip(("", *names), spans, strict=True)
    return tuple((name, *span) for name, span in named if span[0] >= 0)


@given(text=alert_like | seen_texts, field=st.sampled_from(FIELDS))
def test_fitting_shapes_match_what_the_whole_ones_do(text: str, field: str):
    """S-213."""
    text = normalise(text).text

    assert found(FITTING.shapes(text), field, text) == found(FITTING.whole, field, text)


def test_texts_with_the_same_words_share_their_shapes():
    shapes = FITTING.shapes(PLAIN)

    assert FITTING.shapes("bto QQQ 5.5P 2/10 @ 3") is shapes
    assert FITTING.shapes(PLAIN + " lotto") is not shapes


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(" lotto", id="a word"),
        pytest.param(" jan 9", id="a month"),
        pytest.param(" friday", id="a weekday"),
        pytest.param(" fly", id="a structure"),
        pytest.param(" é", id="another script"),
        pytest.param(" 600 strike puts SPY", id="another way to write a contract"),
    ],
)
def test_what_a_text_does_not_hold_is_left_out(more: str):
    fields = ("contract", "structure", "size", "end")
    plain, fuller = FITTING.shapes(PLAIN), FITTING.shapes(PLAIN + more)

    assert any(plain.fragment(field) != fuller.fragment(field) for field in fields)


def test_a_program_that_fits_is_a_fraction_of_the_whole():
    whole, cut = FITTING.whole.fragment("contract"), FITTING.shapes(PLAIN).fragment("contract")

    assert len(cut) * 10 < len(whole)


def test_a_vocabulary_without_words_fits_too():
    assert Fitting((), ()).shapes("600c").fragment("strike") == Fitting(WORDS, ()).shapes("600c").fragment("strike")
