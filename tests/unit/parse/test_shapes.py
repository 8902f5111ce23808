"""What each field of a template looks like."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.program import compiled
from engine.parse.shapes import FIELDS, NUMBER, NUMBER_END
from engine.parse.template import number_groups
from tests.unit.parse.small import SHAPES


def picked(pattern: str, text: str) -> dict[str, str] | None:
    """What a fragment picks out of a whole text; None when it is no such text."""
    numbered, names = number_groups(f"(?i){pattern}")
    spans = compiled(rf"(?:{numbered})\z").match(text)
    if spans is None:
        return None
    named = zip(names, spans[1:], strict=True)
    return {name: text[start:end] for name, (start, end) in named if start >= 0}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_a_shape_that_compiles(field: str):
    numbered, names = number_groups(f"(?i){SHAPES.fragment(field)}")

    assert len(compiled(numbered).names) == len(names) > 0


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        pytest.param("action", "buy  to open", {"action": "buy  to open"}, id="an action of several words"),
        pytest.param("action", "buyto", None, id="no action"),
        pytest.param("open", "STO", {"action": "STO"}, id="what opens"),
        pytest.param("open", "STC", None, id="what closes does not open"),
        pytest.param("close", "BTC", {"action": "BTC"}, id="what closes"),
        pytest.param("symbol", "SPY", {"symbol": "SPY"}, id="a ticker in capitals"),
        pytest.param("symbol", "spy", None, id="small letters are a word"),
        pytest.param("symbol", "$spy", {"symbol": "$spy"}, id="unless a sign says ticker"),
        pytest.param("symbol", "BRK.B", {"symbol": "BRK.B"}, id="a class of shares"),
        pytest.param("any_symbol", "spy", {"symbol": "spy"}, id="small letters where a label says ticker"),
        pytest.param("strike", "$602.5", {"strike": "602.5"}, id="a strike"),
        pytest.param("strike", "7,400", {"strike": "7,400"}, id="a strike with a comma"),
        pytest.param("expiry", "exp: 11/27", {"expiry": "11/27"}, id="an expiry with its label"),
        pytest.param("expiry", "0dte", {"expiry": "0dte"}, id="an expiry by name"),
        pytest.param("quantity", "5 ", {"quantity": "5"}, id="a bare number"),
        pytest.param("quantity", "5, ", {"quantity": "5"}, id="a bare number and a comma"),
        pytest.param("quantity", "2,", {"quantity": "2"}, id="a comma at the end"),
        pytest.param("quantity", "2,5", None, id="a comma inside a number ends none"),
        pytest.param("quantity", "qty: 5", {"quantity": "5"}, id="a number with its label"),
        pytest.param("quantity", "x5", {"quantity": "5"}, id="a number of times"),
        pytest.param("quantity", "5cons", {"quantity": "5", "unit": "cons"}, id="a number of contracts"),
        pytest.param("units", "5", None, id="a bare number does not say of what"),
        pytest.param("units", "5 contracts of", {"quantity": "5", "unit": "contracts"}, id="a number and its unit"),
        pytest.param("fraction", "half of my", {"fraction": "half"}, id="a fraction in words"),
        pytest.param("fraction", "1/2 of position", {"fraction": "1/2"}, id="a fraction in figures"),
        pytest.param("fraction", "50%", {"fraction": "50%"}, id="a percentage"),
        pytest.param("fraction", "everything", {"close_all": "everything"}, id="all"),
        pytest.param("fraction", "some of the", {"part": "some"}, id="a part that does not say how much"),
        pytest.param("price", "@ 1.25", {"price": "1.25"}, id="a price with its sign"),
        pytest.param("price", "1.25", {"price": "1.25"}, id="a bare price"),
        pytest.param("price", ".5", {"price": ".5"}, id="a price without dollars"),
        pytest.param("price", "$4.05", {"price": "4.05"}, id="a price in dollars"),
        pytest.param("price", "1,234.5", {"price": "1,234.5"}, id="a price with a comma"),
        pytest.param("price", "@ 1.20-1.30", {"price": "1.20", "price_high": "1.30"}, id="a range"),
        pytest.param("price", "1.2 to 1.3", {"price": "1.2", "price_high": "1.3"}, id="a range in words"),
        pytest.param("price", "at market", {"market": "market"}, id="at market"),
        pytest.param("price", "1/16", None, id="a date is no price"),
        pytest.param("price", "50%", None, id="nor is a percentage"),
        pytest.param("price", "600C", None, id="nor a contract"),
        pytest.param("at_price", "1.25", None, id="a price that needs its sign"),
        pytest.param("at_price", "@1.25", {"price": "1.25"}, id="and has it"),
        pytest.param("structure", "Bear  Call", {"structure": "Bear  Call"}, id="a structure by name"),
        pytest.param("strikes", "7390/95 ", {"strikes": "7390/95"}, id="two strikes"),
        pytest.param("strikes", "$7390c/$7395c", {"strikes": "$7390c/$7395c"}, id="with signs and rights"),
        pytest.param("strikes", "7390/95/00/05/10 ", None, id="five are too many"),
        pytest.param("width", "10 wide", {"width": "10"}, id="a width"),
        pytest.param("future", "/ES", {"future": "/ES"}, id="a future"),
        pytest.param("future", "/MESZ25", {"future": "/MESZ25"}, id="a future with its month"),
        pytest.param("credit", "cr", {"credit": "cr"}, id="a credit"),
        pytest.param("size", "lottery", {"size": "lottery"}, id="a size tag"),
        pytest.param("stop", "SL: $0.90", {"stop": "$0.90"}, id="a stop"),
        pytest.param("stop", "stop to BE", {"stop": "BE"}, id="a stop at break even"),
        pytest.param("stop", "0.90", None, id="a stop needs its label"),
        pytest.param("stop_value", "0.90", {"stop": "0.90"}, id="unless a card has it"),
        pytest.param("stop", "SL 1 trailing 20%", {"stop": "1", "trail": "20"}, id="a stop that trails"),
        pytest.param("target", "TP1: 2.50", {"target": "2.50"}, id="a numbered target"),
        pytest.param("target", "PT 2/2.5/3", {"target": "2/2.5/3"}, id="several targets"),
        pytest.param("target", "PT 50%", {"target": "50%"}, id="a target in percent"),
        pytest.param("legs", "BTO 600c / STO 605c", {"legs": "BTO 600c / STO 605c"}, id="legs"),
        pytest.param("legs", "BTO 600c", None, id="one leg is no order of several"),
        pytest.param("text", "anything at all", {"text": "anything at all"}, id="text"),
    ],
)
def test_what_a_field_looks_like(field: str, text: str, expected: dict[str, str] | None):
    """S-223, S-227, S-228, S-229, S-230."""
    assert picked(SHAPES.fragment(field), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("SPY 11/27 600C", ("SPY", "600", "C", "11/27"), id="expiry in the middle"),
        pytest.param("SPY 600C 11/27", ("SPY", "600", "C", "11/27"), id="expiry last"),
        pytest.param("SPY 600C", ("SPY", "600", "C", ""), id="no expiry"),
        pytest.param("spy 600 calls weekly", ("spy", "600", "calls", "weekly"), id="in words"),
        pytest.param("11/27 SPY 600 call", ("SPY", "600", "call", "11/27"), id="expiry first"),
        pytest.param("600C of SPY 11/27", ("SPY", "600", "C", "11/27"), id="strike first"),
        pytest.param("11/27 600P on SPY", ("SPY", "600", "P", "11/27"), id="expiry, strike, symbol"),
        pytest.param("SPY 600 11/27 put", ("SPY", "600", "put", "11/27"), id="right last"),
        pytest.param("SPY call 600 strike", ("SPY", "600", "call", ""), id="right before strike"),
        pytest.param("SPY C600 11/27", ("SPY", "600", "C", "11/27"), id="right and strike in one"),
        pytest.param("$SPY $600c exp 11/27", ("$SPY", "600", "c", "11/27"), id="with signs and a label"),
    ],
)
def test_a_contract_is_read_in_the_orders_people_write(text: str, expected: tuple[str, ...]):
    """S-223."""
    fields = picked(SHAPES.contract(any_order=True), text) or {}

    assert tuple(fields.get(name, "") for name in ("symbol", "strike", "right", "expiry")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "SPY251127C00602500",
            {"symbol": "SPY", "compact_expiry": "251127", "right": "C", "occ_strike": "00602500"},
            id="as the OCC writes it",
        ),
        pytest.param(
            ".SPY251127C602.5",
            {"symbol": "SPY", "compact_expiry": "251127", "right": "C", "strike": "602.5"},
            id="as platforms write it",
        ),
    ],
)
def test_a_contract_as_one_symbol(text: str, expected: dict[str, str]):
    assert picked(SHAPES.contract(any_order=True), text) == expected


@pytest.mark.parametrize("text", ["11/27 SPY 600C", "600C SPY", "SPY C600", "SPY251127C00602500"])
def test_a_playbook_may_insist_on_one_order(text: str):
    assert picked(SHAPES.contract(any_order=False), text) is None


def test_the_contract_a_roll_leads_from_has_fields_of_its_own():
    fields = picked(SHAPES.fragment("from_contract"), "SPY 600C 11/27")

    assert fields == {"from_symbol": "SPY", "from_strike": "600", "from_right": "C", "from_expiry": "11/27"}


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        pytest.param("", True, id="the end of the text"),
        pytest.param(" now", True, id="a space"),
        pytest.param(", SL", True, id="a comma and a space"),
        pytest.param(".", True, id="the end of a sentence"),
        pytest.param("/con", True, id="per contract"),
        pytest.param("0", False, id="another digit"),
        pytest.param(".5", False, id="its decimals"),
        pytest.param(",000", False, id="its thousands"),
        pytest.param("/16", False, id="a date or a share"),
        pytest.param("%", False, id="a percent sign"),
        pytest.param("c", False, id="a right"),
    ],
)
def test_where_a_number_ends(behind: str, expected: bool):
    assert (re2.match(rf"1{NUMBER_END}", f"1{behind}") is not None) is expected


@given(st.integers(0, 999_999), st.sampled_from(["{}", "{:,}", "{}.25", ".{}", "{:,}.5"]))
def test_every_way_to_write_a_number_is_one(number: int, shape: str):
    assert re2.fullmatch(NUMBER, shape.format(number)) is not None
