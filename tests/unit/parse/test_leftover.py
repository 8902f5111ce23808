"""What a pattern left unread and might have mattered refuses the message."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.alert import Action, Alert, Asset, Found, Leg
from engine.model.source import Place
from engine.parse.leftover import stray_contract, stray_figure, stray_prose
from engine.parse.normalise import normalise
from engine.parse.pattern import Match
from engine.parse.program import masked
from engine.parse.segments import segment_around
from tests.unit.parse.small import BTO, CALL, GRAMMAR, SHAPES, STC, seen_texts, template

RULE = template("{open} {contract} {price}")


def alert(action: Action = BTO, price: str | None = "1.25", **more: object) -> Alert:
    leg = Leg(action, "SPY", Asset.OPTION, Decimal(600), CALL)
    place = Place("content", 0, 3)
    found = (Found("strike", "600", place), Found("quantity", "5", place))
    return Alert(action, "SPY", Asset.OPTION, (leg,), price and Decimal(price), found=found, **more)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        pytest.param("and more", None, id="words"),
        pytest.param("maybe 605c", "605c", id="another contract"),
        pytest.param("the 600 calls run", None, id="the alert's own contract"),
        pytest.param("hedged with 600p", "600p", id="its strike with the other right"),
        pytest.param("99999999999p", "99999p", id="figures no strike has"),
        pytest.param("600", None, id="a bare number"),
    ],
)
def test_contract_like_words_left_over(rest: str, expected: str | None):
    """S-204."""
    stray = stray_contract(rest, SHAPES, [alert()], GRAMMAR.right_of)

    assert (stray and stray.text) == expected
    assert stray is None or rest[stray.start : stray.end] == stray.text


def strayed(text: str, read: Alert) -> str | None:
    """What is stray in a text of which "BTO SPY 600C" was read."""
    start, end = text.index("BTO"), text.index("BTO") + len("BTO SPY 600C")
    match = Match(RULE, normalise(text), start, end, start, ())
    stray = stray_figure(masked(text, [(start, end)]), segment_around(text, start, end), match, read)
    return stray and stray.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY 600C lets go", None, id="words"),
        pytest.param("BTO SPY 600C 1.25", None, id="the alert's own price"),
        pytest.param("BTO SPY 600C runs to 3.50", "3.50", id="another price"),
        pytest.param("BTO SPY 600C @", "@", id="a price sign without a price"),
        pytest.param("BTO SPY 600C for $7", "$7", id="dollars"),
        pytest.param("BTO SPY 600C strike 600", "strike", id="a word of contracts"),
        pytest.param("BTO SPY 600C 3/4", "3/4", id="a date or a share"),
        pytest.param("BTO SPY 600C, 7", "7", id="a bare number right behind it"),
        pytest.param("BTO SPY 600C, 5", None, id="the alert's own quantity"),
        pytest.param("BTO SPY 600C number 7", None, id="a bare number behind words"),
        pytest.param("BTO SPY 600C (was 3.50 before)", None, id="a remark in brackets"),
        pytest.param("BTO SPY 600C.\nSpot is at 601.55", None, id="a price in another line"),
        pytest.param("BTO SPY 600C.\nthen STC it", "STC", id="a code of orders in any line"),
    ],
)
def test_figures_left_over_in_the_alerts_own_sentence(text: str, expected: str | None):
    """S-201, S-204."""
    assert strayed(text, alert()) == expected


def test_an_opening_without_a_price_leaves_no_price_in_any_line():
    text = "BTO SPY 600C\npaid 1.30"

    assert strayed(text, alert(price=None)) == "1.30"
    assert strayed(text, alert(price=None, is_market=True)) is None
    assert strayed(text, alert(STC, price=None)) is None


@pytest.mark.parametrize(
    ("text", "read", "expected"),
    [
        pytest.param("BTO SPY 600C looks heavy up here", alert(price=None), "looks", id="a statement about it"),
        pytest.param("BTO SPY 600C lets go", alert(price=None), None, id="two words are a remark"),
        pytest.param("BTO SPY 600C just here the I", alert(price=None), None, id="noise is nothing"),
        pytest.param("BTO SPY 600C (looks heavy to me)", alert(price=None), None, id="brackets are an aside"),
        pytest.param("BTO SPY 600C.\nlooks heavy to me", alert(price=None), None, id="another line"),
        pytest.param("BTO SPY 600C looks heavy to me", alert(), None, id="an alert with a price is one"),
        pytest.param(
            "BTO SPY 600C looks heavy to me", alert(price=None, is_market=True), None, id="so is one at market"
        ),
        pytest.param("BTO SPY 600C looks heavy to me", alert(STC, price=None), None, id="so is an exit"),
    ],
)
def test_prose_about_a_contract_is_no_opening_of_it(text: str, read: Alert, expected: str | None):
    """S-201."""
    end = len("BTO SPY 600C")
    stray = stray_prose(masked(text, [(0, end)]), segment_around(text, 0, end), read, SHAPES.noise)

    assert (stray and stray.text) == expected


@given(text=seen_texts, data=st.data())
def test_masking_keeps_every_place(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    rest = masked(text, [(start, end)])

    assert (len(rest), rest[:start], rest[end:]) == (len(text), text[:start], text[end:])
    assert set(rest[start:end]) <= {"\x01"}
