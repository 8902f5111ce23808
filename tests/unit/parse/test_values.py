"""The words of one field make a value that can be traded, or a flaw that says why not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.alert import Level
from engine.parse.values import (
    MOST_CONTRACTS,
    MOST_DOLLARS,
    Flaw,
    read_fraction,
    read_level,
    read_price,
    read_quantity,
    read_strike,
    read_strikes,
    read_symbol,
)
from tests.unit.parse.small import texts


def outcome(value: object) -> object:
    """A value as it is, a flaw by its code."""
    return value.code.value if isinstance(value, Flaw) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1.25", Decimal("1.25"), id="dollars and cents"),
        pytest.param(".5", Decimal("0.5"), id="no dollars"),
        pytest.param("$4.05", Decimal("4.05"), id="with its sign"),
        pytest.param(" $ 4 ", Decimal(4), id="with spaces"),
        pytest.param("1,234.50", Decimal("1234.50"), id="with a comma for thousands"),
        pytest.param("4$", Decimal(4), id="with the sign behind"),
        pytest.param("1000000", MOST_DOLLARS, id="the most there is"),
        pytest.param("1000000.01", "bad_price", id="more than that"),
        pytest.param("0", "bad_price", id="nothing is no price"),
        pytest.param("0.00", "bad_price", id="no cents either"),
        pytest.param("-1", "bad_price", id="below zero"),
        pytest.param("1.2.3", "bad_price", id="two points"),
        pytest.param(".", "bad_price", id="only a point"),
        pytest.param("1e5", "bad_price", id="an exponent"),
        pytest.param("NaN", "bad_price", id="not a number"),
        pytest.param("١٢", "bad_price", id="other people's digits"),
        pytest.param("²", "bad_price", id="a raised digit"),
        pytest.param("9" * 5000, "bad_price", id="more digits than any number has"),
    ],
)
def test_prices(text: str, expected: object):
    """S-227."""
    assert outcome(read_price(text)) == expected


@pytest.mark.parametrize(
    ("text", "in_thousandths", "expected"),
    [
        pytest.param("602.5", False, Decimal("602.5"), id="dollars"),
        pytest.param("$7,400", False, Decimal(7400), id="with sign and comma"),
        pytest.param("00602500", True, Decimal("602.5"), id="as an OCC symbol writes it"),
        pytest.param("99999.999", False, Decimal("99999.999"), id="just small enough"),
        pytest.param("100000", False, "bad_strike", id="too much for an OCC symbol"),
        pytest.param("0", False, "bad_strike", id="nothing"),
        pytest.param("C600", False, "bad_strike", id="no number"),
    ],
)
def test_strikes(text: str, in_thousandths: bool, expected: object):
    """S-223."""
    assert outcome(read_strike(text, in_thousandths=in_thousandths)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("7390/7395", ("7390", "7395"), id="in full"),
        pytest.param("7390/95", ("7390", "7395"), id="the last two digits"),
        pytest.param("7500/95", ("7500", "7495"), id="the nearest strike that ends so lies below"),
        pytest.param("7390-05", ("7390", "7405"), id="the nearest strike that ends so lies above"),
        pytest.param("$100/95", ("100", "95"), id="down over a power of ten"),
        pytest.param("7390c/7395C", ("7390", "7395"), id="with the right behind"),
        pytest.param("7400/10/20", ("7400", "7410", "7420"), id="three that rise"),
        pytest.param("7420/10/00", "bad_strike", id="00 alone is no strike"),
        pytest.param("602.5/605", ("602.5", "605"), id="half dollars"),
        pytest.param("602/5.5", ("602", "5.5"), id="decimals are never a short form"),
        pytest.param("7500/7400/7450", ("7500", "7400", "7450"), id="in full they stand in any order"),
        pytest.param("7500/50", "bad_structure", id="7450 or 7550? both are as near"),
        pytest.param("7400/90/7500/10", "bad_structure", id="short forms that turn around: 7410 or 7510?"),
        pytest.param("7500/7500", "bad_structure", id="the same twice"),
        pytest.param("7500/00", "bad_strike", id="nought"),
        pytest.param("7500/", "bad_strike", id="one missing"),
        pytest.param("a/b", "bad_strike", id="no numbers"),
    ],
)
def test_several_strikes(text: str, expected: object):
    """S-231."""
    expected = tuple(map(Decimal, expected)) if isinstance(expected, tuple) else expected

    assert outcome(read_strikes(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1", 1, id="one"),
        pytest.param("0012", 12, id="leading zeros"),
        pytest.param("1000000", MOST_CONTRACTS, id="the most there is"),
        pytest.param("1000001", "bad_quantity", id="more than that"),
        pytest.param("0", "bad_quantity", id="none"),
        pytest.param("1.5", "bad_quantity", id="not whole"),
        pytest.param("-1", "bad_quantity", id="below zero"),
        pytest.param("1,000", "bad_quantity", id="a comma"),
        pytest.param("", "bad_quantity", id="nothing"),
        pytest.param("٣", "bad_quantity", id="other people's digits"),
        pytest.param("9" * 5000, "bad_quantity", id="more digits than any number has"),
    ],
)
def test_quantities(text: str, expected: object):
    assert outcome(read_quantity(text)) == expected


@pytest.mark.parametrize(
    ("text", "meaning", "expected"),
    [
        pytest.param("1/2", None, Decimal("0.5"), id="a half"),
        pytest.param("1/3", None, Decimal("0.3333"), id="to four places"),
        pytest.param("2/3", None, Decimal("0.6667"), id="rounded"),
        pytest.param("50%", None, Decimal("0.5"), id="percent"),
        pytest.param("12.5 %", None, Decimal("0.125"), id="percent with a space"),
        pytest.param("25 percent", None, Decimal("0.25"), id="the word"),
        pytest.param("25pct", None, Decimal("0.25"), id="its short form"),
        pytest.param("100%", None, Decimal(1), id="all"),
        pytest.param("half", "1/2", Decimal("0.5"), id="a word"),
        pytest.param("the rest", "1", Decimal(1), id="a word for all"),
        pytest.param("most", "vague", "vague_fraction", id="a word that does not say how much"),
        pytest.param("half", None, "bad_fraction", id="a word nobody knows"),
        pytest.param("3/2", None, "bad_fraction", id="more than all"),
        pytest.param("101%", None, "bad_fraction", id="a percent more than all"),
        pytest.param("0%", None, "bad_fraction", id="nothing"),
        pytest.param("0.001%", None, "bad_fraction", id="nothing, when rounded"),
        pytest.param("1/0", None, "bad_fraction", id="divided by nothing"),
        pytest.param("-1/2", None, "bad_fraction", id="below zero"),
        pytest.param("1e-1", None, "bad_fraction", id="an exponent"),
        pytest.param("1/2/3", None, "bad_fraction", id="two strokes"),
    ],
)
def test_fractions(text: str, meaning: str | None, expected: object):
    """S-228."""
    assert outcome(read_fraction(text, meaning)) == expected


@pytest.mark.parametrize(
    ("text", "trail", "is_breakeven", "expected"),
    [
        pytest.param("0.90", None, False, Level(price=Decimal("0.90")), id="dollars"),
        pytest.param("$1", None, False, Level(price=Decimal(1)), id="with its sign"),
        pytest.param("30%", None, False, Level(percent=Decimal(30)), id="percent of the entry"),
        pytest.param("30 %", None, False, Level(percent=Decimal(30)), id="percent with a space"),
        pytest.param("2.5", "20", False, Level(price=Decimal("2.5"), trail=Decimal(20)), id="then trailing"),
        pytest.param("BE", None, True, Level(words="breakeven"), id="break even"),
        pytest.param("BE", "10", True, Level(words="breakeven", trail=Decimal(10)), id="break even, then trailing"),
        pytest.param("0", None, False, "bad_price", id="nothing"),
        pytest.param("tight", None, False, "bad_price", id="words"),
    ],
)
def test_levels(text: str, trail: str | None, is_breakeven: bool, expected: object):
    """S-229."""
    assert outcome(read_level(text, trail, is_breakeven=is_breakeven)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("spy", "SPY", id="small letters"),
        pytest.param("$brk.b", "BRK.B", id="a class of shares"),
        pytest.param(" #TSLA ", "TSLA", id="a hash"),
    ],
)
def test_symbols(text: str, expected: str):
    assert read_symbol(text) == expected


money = st.decimals(Decimal("0.01"), MOST_DOLLARS, places=2)
figures = st.text(st.sampled_from("0123456789.,$/%-+ e"), max_size=16) | texts


@given(money)
def test_every_price_reads_back_as_itself(price: Decimal):
    assert read_price(f"{price}") == read_price(f"${price:,}") == price


@given(figures)
def test_a_price_is_above_zero_or_a_flaw(text: str):
    price = read_price(text)

    assert isinstance(price, Flaw) or 0 < price <= MOST_DOLLARS


@given(text=figures, in_thousandths=st.booleans())
def test_a_strike_fits_an_option_or_is_a_flaw(text: str, in_thousandths: bool):
    strike = read_strike(text, in_thousandths=in_thousandths)

    assert isinstance(strike, Flaw) or 0 < strike < 100_000


@given(figures)
def test_a_quantity_is_at_least_one_or_a_flaw(text: str):
    quantity = read_quantity(text)

    assert isinstance(quantity, Flaw) or 0 < quantity <= MOST_CONTRACTS


@given(text=figures, meaning=st.none() | figures)
def test_a_fraction_is_a_part_or_a_flaw(text: str, meaning: str | None):
    """S-316: more than all can never be sold, nor nothing."""
    fraction = read_fraction(text, meaning)

    assert isinstance(fraction, Flaw) or 0 < fraction <= 1


@given(text=figures, trail=st.none() | figures, is_breakeven=st.booleans())
def test_a_level_states_exactly_one_thing(text: str, trail: str | None, is_breakeven: bool):
    level = read_level(text, trail, is_breakeven=is_breakeven)

    if not isinstance(level, Flaw):
        assert [level.price is not None, level.percent is not None, bool(level.words)].count(True) == 1
        assert (level.price or level.percent or 1) > 0


@given(figures)
def test_strikes_are_different_and_above_zero_or_a_flaw(text: str):
    strikes = read_strikes(text)

    if not isinstance(strikes, Flaw):
        assert len(set(strikes)) == len(strikes) == len(text.replace("-", "/").split("/"))
        assert min(strikes) > 0


@given(first=st.integers(1000, 9999), second=st.integers(1, 99))
def test_a_short_strike_is_the_one_that_ends_so_less_than_half_a_hundred_away(first: int, second: int):
    strikes = read_strikes(f"{first}/{second:02}")

    if isinstance(strikes, Flaw):
        assert (first - second) % 50 == 0
    else:
        assert strikes[1] % 100 == second
        assert 0 < abs(strikes[1] - first) < 50
