"""The fields picked out of a text become values; contradictions and impossible values are refused."""

from decimal import Decimal

import pytest

from engine.model.alert import Action, Found, Level, Problem
from engine.model.source import Place
from engine.parse.dates import Expiry
from engine.parse.fields import Fields, FlawFound
from engine.parse.grammar import Grammar
from engine.parse.normalise import normalise
from engine.parse.pattern import Hit, Match
from tests.unit.parse.small import (
    BTO,
    CALL,
    CREDIT_SPREAD,
    FRIDAY,
    GRAMMAR,
    POSTED,
    PUT,
    STC,
    rules,
    template,
)


def fields(*hits: tuple[str, str], grammar: Grammar = GRAMMAR, **constants: str) -> Fields:
    """The fields of a text that holds just these words, a space between."""
    text, found = "", []
    for field, words in hits:
        found.append(Hit(field, words, len(text), len(text) + len(words)))
        text += words + " "
    rule = template("{action}", constants=tuple(constants.items()))
    return Fields(grammar, Match(rule, normalise(text), 0, len(text), 0, tuple(found)), (), POSTED)


def code(read: object, *arguments: object) -> tuple[str, str]:
    """The refusal a field's reader raises, and the words that caused it."""
    with pytest.raises(FlawFound) as caught:
        read(*arguments)  # type: ignore[operator]
    return caught.value.flaw.code.value, caught.value.hit.text if caught.value.hit else ""


@pytest.mark.parametrize(
    ("hits", "constant", "expected"),
    [
        pytest.param([("action", "Bought")], "", BTO, id="a word"),
        pytest.param([("action", "BTO"), ("action", "bought")], "", BTO, id="two words that mean one thing"),
        pytest.param([], "sell_to_close", STC, id="what the pattern states"),
        pytest.param([("action", "sold")], "buy_to_open", STC, id="the text goes first"),
        pytest.param([("action", "BTO"), ("action", "STC")], "", None, id="two actions"),
        pytest.param([("action", "yolo")], "", None, id="a word nobody knows"),
        pytest.param([], "", None, id="no action at all"),
    ],
)
def test_the_action(hits: list[tuple[str, str]], constant: str, expected: Action | None):
    """S-221."""
    read = fields(*hits, **({"action": constant} if constant else {}))

    if expected is None:
        assert code(read.action)[0] == "ambiguous"
    else:
        assert read.action() is expected


ALSO = Grammar(rules(also_symbols=frozenset({"HIGH"})))


@pytest.mark.parametrize(
    ("hits", "grammar", "expected"),
    [
        pytest.param([("symbol", "spy")], GRAMMAR, "SPY", id="in capitals"),
        pytest.param([("symbol", "$SPY"), ("symbol", "SPY")], GRAMMAR, "SPY", id="the same twice"),
        pytest.param([("symbol", "$HIGH")], GRAMMAR, "HIGH", id="a word with a dollar sign is a ticker"),
        pytest.param([("symbol", "HIGH")], ALSO, "HIGH", id="a word that a playbook takes for a ticker"),
        pytest.param([("named_symbol", "HIGH")], GRAMMAR, "HIGH", id="a word behind a label that says ticker"),
        pytest.param([("symbol", "HIGH")], GRAMMAR, "not_a_symbol", id="a word"),
        pytest.param([("symbol", "high")], GRAMMAR, "not_a_symbol", id="a word in small letters"),
        pytest.param([("symbol", "here")], GRAMMAR, "not_a_symbol", id="noise in small letters"),
        pytest.param([("symbol", "HERE")], GRAMMAR, "HERE", id="the same in capitals"),
        pytest.param([("symbol", "USDJPY")], GRAMMAR, "not_a_symbol", id="longer than any US ticker"),
        pytest.param([("symbol", "LEAPs")], GRAMMAR, "not_a_symbol", id="a plural"),
        pytest.param([("symbol", "SPY"), ("symbol", "QQQ")], GRAMMAR, "ambiguous", id="two tickers"),
        pytest.param([], GRAMMAR, None, id="none"),
    ],
)
def test_the_symbol(hits: list[tuple[str, str]], grammar: Grammar, expected: str | None):
    """S-222."""
    read = fields(*hits, grammar=grammar)

    if expected in ("not_a_symbol", "ambiguous"):
        assert code(read.symbol)[0] == expected
    else:
        assert read.symbol() == expected


@pytest.mark.parametrize(
    ("reader", "hits", "expected"),
    [
        pytest.param("strike", [("strike", "$602.5")], Decimal("602.5"), id="a strike"),
        pytest.param("strike", [("occ_strike", "00602500")], Decimal("602.5"), id="a strike in thousandths"),
        pytest.param("strike", [("strike", "600"), ("strike", "600.0")], Decimal(600), id="a strike twice"),
        pytest.param("strike", [], None, id="no strike"),
        pytest.param("right", [("right", "Calls")], CALL, id="a right"),
        pytest.param("right", [("right", "PUT"), ("right", "p")], PUT, id="a right twice"),
        pytest.param("right", [], None, id="no right"),
        pytest.param("price", [("price", "1.25")], (Decimal("1.25"), None), id="a price"),
        pytest.param("price", [("late_price", "1.25")], (Decimal("1.25"), None), id="a price further behind"),
        pytest.param("price", [("average_price", "1.3")], (Decimal("1.3"), None), id="an average, for want of a price"),
        pytest.param("price", [("price", "1"), ("average_price", "2")], (Decimal(1), None), id="a price, no average"),
        pytest.param("price", [("market", "mkt"), ("average_price", "2")], (None, None), id="at market, no average"),
        pytest.param(
            "price", [("price", "1.2"), ("price_high", "1.3")], (Decimal("1.2"), Decimal("1.3")), id="a range"
        ),
        pytest.param("quantity", [("quantity", "5"), ("quantity", "5")], 5, id="a quantity twice"),
        pytest.param("fraction", [("fraction", "Half")], Decimal("0.5"), id="a fraction in words"),
        pytest.param("fraction", [("fraction", "25%")], Decimal("0.25"), id="a fraction in figures"),
        pytest.param("fraction", [("close_all", "everything")], Decimal(1), id="all"),
        pytest.param("fraction", [("action", "all out")], Decimal(1), id="an action that closes all"),
        pytest.param("is_part", [("action", "trim")], True, id="an action that closes a part"),
        pytest.param("is_part", [("action", "STC")], False, id="an action that does not say"),
        pytest.param("names_shares", [("unit", "shares")], True, id="shares"),
        pytest.param("names_shares", [("unit", "cons")], False, id="contracts"),
        pytest.param("is_credit", [("credit", "cr")], True, id="a credit"),
        pytest.param("is_credit", [("credit", "debit")], False, id="a debit"),
        pytest.param("is_credit", [], None, id="neither credit nor debit"),
        pytest.param("tags", [("size", "lottery"), ("size", "small"), ("size", "lotto")], ("lotto", "small"), id="tag"),
        pytest.param("structure", [("structure", "Bear  Call")], CREDIT_SPREAD, id="a structure"),
        pytest.param("expiry", [("expiry", "1/9"), ("late_expiry", "weekly")], FRIDAY, id="an expiry in two ways"),
        pytest.param("expiry", [("compact_expiry", "260109")], FRIDAY, id="an expiry as in an OCC symbol"),
        pytest.param("is_market", [("market", "mkt")], True, id="at market"),
    ],
)
def test_what_a_field_reads_as(reader: str, hits: list[tuple[str, str]], expected: object):
    """S-224, S-227, S-228."""
    assert getattr(fields(*hits), reader)() == expected


@pytest.mark.parametrize(
    ("reader", "constants", "expected"),
    [
        pytest.param("symbol", {"symbol": "SPX"}, "SPX", id="symbol"),
        pytest.param("strike", {"strike": "600"}, Decimal(600), id="strike"),
        pytest.param("right", {"right": "call"}, CALL, id="right"),
        pytest.param("expiry", {"expiry": "this_week"}, FRIDAY, id="expiry"),
        pytest.param("fraction", {"fraction": "1/2"}, Decimal("0.5"), id="fraction"),
        pytest.param("structure", {"structure": "call_credit_spread"}, CREDIT_SPREAD, id="structure"),
        pytest.param("is_market", {"price": "market"}, True, id="price"),
        pytest.param("is_credit", {"credit": "credit"}, True, id="credit"),
        pytest.param("tags", {"size": "lotto"}, ("lotto",), id="size"),
    ],
)
def test_what_a_pattern_states_stands_in_for_what_the_text_does_not_say(
    reader: str, constants: dict[str, str], expected: object
):
    """S-202: only what is written down is filled in."""
    assert getattr(fields(**constants), reader)() == expected


@pytest.mark.parametrize(
    ("reader", "hits", "expected"),
    [
        pytest.param("strike", [("strike", "600"), ("strike", "605")], ("ambiguous", ""), id="two strikes"),
        pytest.param("strike", [("strike", "0")], ("bad_strike", "0"), id="no strike of any option"),
        pytest.param("right", [("right", "c"), ("right", "p")], ("ambiguous", ""), id="call and put"),
        pytest.param("right", [("right", "maybe")], ("no_right", "maybe"), id="neither call nor put"),
        pytest.param("price", [("price", "1"), ("late_price", "2")], ("ambiguous", ""), id="two prices"),
        pytest.param("price", [("price", "0")], ("bad_price", "0"), id="no price"),
        pytest.param("price", [("text", "at -"), ("price", "1")], None, id="a dash and a space is no sign"),
        pytest.param("quantity", [("quantity", "5"), ("quantity", "6")], ("ambiguous", ""), id="two quantities"),
        pytest.param("quantity", [("quantity", "0")], ("bad_quantity", "0"), id="none"),
        pytest.param("fraction", [("fraction", "most")], ("vague_fraction", "most"), id="not how much"),
        pytest.param("fraction", [("fraction", "150%")], ("bad_fraction", "150%"), id="more than all"),
        pytest.param(
            "fraction", [("fraction", "half"), ("close_all", "everything")], ("ambiguous", ""), id="half and everything"
        ),
        pytest.param("is_credit", [("credit", "cr"), ("credit", "debit")], ("ambiguous", ""), id="credit and debit"),
        pytest.param("structure", [("structure", "unicorn")], ("bad_structure", "unicorn"), id="no structure"),
        pytest.param("expiry", [("expiry", "1/9"), ("late_expiry", "1/16")], ("ambiguous", "1/16"), id="two expiries"),
    ],
)
def test_contradictions_and_impossible_values_are_refused(
    reader: str, hits: list[tuple[str, str]], expected: tuple[str, str] | None
):
    """S-201, S-208."""
    read = getattr(fields(*hits), reader)

    assert (code(read) if expected else read() and None) == expected


@pytest.mark.parametrize(
    ("text", "field", "words", "expected"),
    [
        pytest.param("BTO @ -1.25", "price", "1.25", "bad_price", id="a price below zero"),
        pytest.param("BTO -5 SPY", "quantity", "5", "bad_quantity", id="less than one bought"),
        pytest.param("BTO SPY -1dte", "expiry", "1dte", "bad_date", id="days before the message"),
    ],
)
def test_a_sign_in_front_of_a_figure_counts(text: str, field: str, words: str, expected: str):
    start = text.index(words)
    hits = (Hit("action", "BTO", 0, 3), Hit(field, words, start, start + len(words)))
    read = Fields(GRAMMAR, Match(template("{action}"), normalise(text), 0, len(text), 0, hits), (), POSTED)

    if field == "expiry":
        assert (read.expiry(), [problem.code for problem in read.problems]) == (None, [expected])
    else:
        assert code(getattr(read, field)) == (expected, words)


@pytest.mark.parametrize(
    ("text", "field", "words", "is_whole"),
    [
        pytest.param("sold 2,500 put", "quantity", "2", False, id="the thousands of a number"),
        pytest.param("sold 2,500 put", "strike", "500", False, id="what is behind them"),
        pytest.param("sold 2,500 put", "strike", "2,500", True, id="the whole number"),
        pytest.param("SPY 11/27 ", "expiry", "11/2", False, id="a part of a date"),
        pytest.param("SPY 2.5 jan 16", "late_expiry", "5 jan 16", False, id="the decimals of a number"),
        pytest.param("paid 1.25.", "price", "1.25", True, id="the end of a sentence"),
        pytest.param("1.25,SPY", "price", "1.25", True, id="a comma before a word"),
        pytest.param("BTO600C", "strike", "600", True, id="letters on both sides"),
    ],
)
def test_a_part_of_a_longer_figure_is_not_read(text: str, field: str, words: str, is_whole: bool):
    """S-201."""
    start = text.index(words)
    match = Match(template("{action}"), normalise(text), 0, 3, 0, (Hit(field, words, start, start + len(words)),))

    if is_whole:
        assert Fields(GRAMMAR, match, (), POSTED).all(field)
    else:
        assert code(Fields, GRAMMAR, match, (), POSTED) == ("leftover", words)


def test_the_day_of_an_exit_may_not_be_its_expiry():
    text = "STC SPY on friday"
    hits = (Hit("action", "STC", 0, 3), Hit("expiry", "friday", 11, 17))
    read = Fields(GRAMMAR, Match(template("{action}"), normalise(text), 0, len(text), 0, hits), (), POSTED)

    assert code(read.expiry) == ("ambiguous", "friday")


def test_an_impossible_expiry_is_a_problem_not_a_refusal():
    """S-226."""
    read = fields(("expiry", "2/30"))

    assert read.expiry() is None
    assert read.problems == [Problem("bad_date", "there is no day '2/30'")]
    assert read.day(Hit("expiry", "1/9", 0, 0)) == Expiry(FRIDAY)


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        pytest.param([("stop", "0.9")], (Level(price=Decimal("0.9")),), id="one"),
        pytest.param([("stop", "0.9"), ("stop", "$.90")], (Level(price=Decimal("0.9")),), id="the same twice"),
        pytest.param([("stop", "1"), ("stop", "2")], (Level(Decimal(1)), Level(Decimal(2))), id="two"),
        pytest.param([("stop", "BE")], (Level(words="breakeven"),), id="break even"),
        pytest.param([("stop", "30%")], (Level(percent=Decimal(30)),), id="percent"),
        pytest.param([("stop", "1"), ("trail", "20")], (Level(Decimal(1), trail=Decimal(20)),), id="trailing"),
        pytest.param([], (), id="none"),
    ],
)
def test_stops(hits: list[tuple[str, str]], expected: tuple[Level, ...]):
    """S-229."""
    assert fields(*hits).levels("stop") == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("2/2.5/3", ("2", "2.5", "3"), id="with strokes"),
        pytest.param("1.60 / 2.00", ("1.60", "2.00"), id="with spaces"),
        pytest.param("2 > 3", ("2", "3"), id="one behind another"),
        pytest.param("2/2", ("2",), id="the same twice"),
    ],
)
def test_several_targets_in_one(words: str, expected: tuple[str, ...]):
    """S-229."""
    levels = fields(("text", "PT"), ("target", words)).levels("target")

    assert levels == tuple(Level(Decimal(each)) for each in expected)


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        pytest.param("TP1 hit", "1", (), id="a digit behind letters says which one it is"),
        pytest.param("TP 1 hit", "1", (), id="so does a digit that was reached"),
        pytest.param("TP 1 ", "1", (Level(Decimal(1)),), id="any other digit is a price"),
        pytest.param("TP1 12", "12", (Level(Decimal(12)),), id="so is a longer figure"),
    ],
)
def test_the_number_of_a_target_is_not_its_price(text: str, words: str, expected: tuple[Level, ...]):
    start = text.index(words, 2) if len(words) > 1 else text.index(words)
    hits = (Hit("target", words, start, start + len(words)),)
    read = Fields(GRAMMAR, Match(template("{action}"), normalise(text), 0, 0, 0, hits), (), POSTED)

    assert read.levels("target") == expected


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        pytest.param([("action", "STC")], True, id="an action that closes"),
        pytest.param([("action", "BTO")], False, id="an action that opens"),
        pytest.param([("action", "STC"), ("legs", "STC SPY 600c")], False, id="legs close each by itself"),
        pytest.param([("roll", "rolled")], False, id="a roll opens too"),
    ],
)
def test_whether_it_closes(hits: list[tuple[str, str]], expected: bool):
    assert fields(*hits).closes is expected


def test_a_percent_sign_at_the_end_holds_for_all_targets():
    assert fields(("text", "PT"), ("target", "30/50%")).levels("target") == (
        Level(percent=Decimal(30)),
        Level(percent=Decimal(50)),
    )


def test_a_stop_that_does_not_read_is_refused():
    assert code(fields(("stop", "tight")).levels, "stop") == ("bad_price", "tight")


def test_found_fields_point_into_the_raw_text_and_remarks_are_left_out():
    """S-217."""
    raw = "**BTO** ＳＰＹ lets go"
    seen = normalise(raw)
    hits = (
        Hit("action", "BTO", 1, 4),
        Hit("symbol", "SPY", 6, 9),
        Hit("late_price", "SPY", 6, 9),
        Hit("text", "lets", 10, 14),
        Hit("right", "call", 0, 0),
    )

    found = Fields(GRAMMAR, Match(template("{action}"), seen, 0, 9, 0, hits), (), POSTED).found()

    assert found == (
        Found("action", "BTO", Place("content", 2, 5)),
        Found("symbol", "ＳＰＹ", Place("content", 8, 11)),
        Found("price", "ＳＰＹ", Place("content", 8, 11)),
    )
