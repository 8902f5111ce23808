"""What follows an alert is read in any order: stops, targets, tags, counts, late prices and dates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.tail import tail_of
from tests.unit.parse.small import SHAPES, VOCABULARY, seen_texts

TAIL = tail_of(VOCABULARY, SHAPES)
_MARKS = frozenset({"read", "stop_label", "target_label"})


def picked(text: str, *, closes: bool = False) -> list[tuple[str, str]]:
    """The fields of a text, the marks of what was read left out."""
    return [(hit.field, hit.text) for hit in TAIL.scan(text, 0, len(text), closes=closes) if hit.field not in _MARKS]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("SL 0.90", [("stop", "0.90")], id="a stop"),
        pytest.param("stop at $0.90, TP 2.5", [("stop", "$0.90"), ("target", "2.5")], id="a stop and a target"),
        pytest.param("PT1: 2 PT2: 3", [("target", "2"), ("target", "3")], id="numbered targets"),
        pytest.param("SL BE", [("stop", "BE")], id="a stop at break even"),
        pytest.param("trailing 20%", [("trail_only", "trailing 20%")], id="a trail without a stop"),
        pytest.param("lotto", [("size", "lotto")], id="a size tag"),
        pytest.param("x5", [("quantity", "5")], id="a count"),
        pytest.param("qty: 12", [("quantity", "12")], id="a count with its label"),
        pytest.param("qty 50%", [("fraction", "50%")], id="a percentage is no count"),
        pytest.param("qty 1/2", [("fraction", "1/2")], id="nor is a part"),
        pytest.param("5 contracts", [("quantity", "5"), ("unit", "contracts")], id="a count with its unit"),
        pytest.param("exp 11/27", [("expiry", "11/27")], id="an expiry with its label"),
        pytest.param("11/27", [("late_expiry", "11/27")], id="a bare date"),
        pytest.param("weekly", [("late_expiry", "weekly")], id="a date by name"),
        pytest.param("entry 1.25", [("late_price", "1.25")], id="an entry price"),
        pytest.param("avg 1.30", [("average_price", "1.30")], id="an average price"),
        pytest.param("credit of 1.05", [("late_price", "1.05")], id="a credit and its price"),
        pytest.param("1.05 cr", [("late_price", "1.05"), ("credit", "cr")], id="a price and that it is a credit"),
        pytest.param("debit", [("credit", "debit")], id="a debit"),
        pytest.param("from 1.00 to 1.50", [("late_price", "1.50")], id="what it was is not the price"),
        pytest.param("up 50%", [("ignored", "up 50%")], id="a gain"),
        pytest.param("+50%", [("percent", "+50%")], id="a gain with its sign"),
        pytest.param("2 left", [("ignored", "2 left")], id="what is left"),
        pytest.param("spread", [("remark", "spread")], id="a remark"),
        pytest.param("lets go", [], id="words"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_what_may_follow_any_alert(text: str, expected: list[tuple[str, str]]):
    """S-229."""
    assert picked(text) == expected
    assert picked(text, closes=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("everything", [("close_all", "everything")], id="all"),
        pytest.param("half", [("fraction", "half")], id="a fraction in words"),
        pytest.param("1/2", [("fraction", "1/2")], id="a fraction in figures"),
        pytest.param(", 50% of position", [("fraction", "50%")], id="a percentage of the position"),
        pytest.param("25 percent of the contracts", [("fraction", "25 percent")], id="a percentage of the contracts"),
        pytest.param("50% off", [("fraction", "50%")], id="a percentage taken off"),
        pytest.param("50% of max profit", [("percent", "50%")], id="a percentage of something else"),
        pytest.param("+ $50 per contract", [("ignored", "+ $50 per contract")], id="a profit in dollars"),
        pytest.param("trim @ 2.10", [("late_price", "2.10")], id="a price behind the action"),
        pytest.param("some", [("part", "some")], id="a part that does not say how much"),
    ],
)
def test_what_may_follow_a_close(text: str, expected: list[tuple[str, str]]):
    """S-228."""
    assert picked(text, closes=True) == expected


def test_only_a_close_is_of_a_part_of_the_position():
    """S-228: 1/2 behind an opening is a date, not a half."""
    assert picked("1/2") == [("late_expiry", "1/2")]
    assert picked("half") == []


def test_only_the_stretch_asked_for_is_read():
    text = "SL 1 BTO SPY SL 2 STC SL 3"

    hits = TAIL.scan(text, 12, 18, closes=False)

    assert [(hit.field, hit.text, hit.start) for hit in hits if hit.field == "stop"] == [("stop", "2", 16)]


@given(text=seen_texts, closes=st.booleans(), data=st.data())
def test_the_words_of_every_field_stand_in_the_stretch(text: str, closes: bool, data: st.DataObject):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    for hit in TAIL.scan(text, start, end, closes=closes):
        assert start <= hit.start <= hit.end <= end
        assert text[hit.start : hit.end] == hit.text
