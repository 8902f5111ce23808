from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.reading import Source
from engine.model.rule import RULE_NAMES, ValueKind
from engine.model.source import Span
from engine.playbook.expression import compile_condition

VALUES = {
    "action": "buy_to_open",
    "symbol": "SPY",
    "right": "call",
    "price": Decimal("1.25"),
    "strike": Decimal(602),
    "quantity": 4,
    "dte": 3,
    "expiry": date(2026, 11, 27),
    "is_market": False,
    "tags": ("lotto", "small"),
    "text": "BTO SPY 602C",
    "author": "alice",
    "fraction": None,
}
NUMBERS = [name.name for name in RULE_NAMES if name.kind is ValueKind.NUMBER]


def source(text: str) -> Source:
    """Return a condition as it would stand in quotes at column 10."""
    return Source(text, Span("book.yaml", 3, 10, 3, 12 + len(text)))


def answer(text: str, **values: object) -> bool | None:
    test, issues = compile_condition(source(text))
    assert issues == ()
    assert test is not None
    return test({**VALUES, **values})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("price > 1", True, id="comparison"),
        pytest.param("1 < price < 1.25", False, id="chain, each link must hold"),
        pytest.param("price * 100 * quantity >= 500", True, id="arithmetic in Decimal"),
        pytest.param("price == 1.25", True, id="numbers are equal whatever their digits"),
        pytest.param("price + 0.1 == 1.35", True, id="no binary fractions"),
        pytest.param("-price < -1", True, id="sign"),
        pytest.param("strike - price * 2 > 599.49 and strike / 2 == 301", True, id="precedence"),
        pytest.param("symbol == 'SPY' and right != 'put'", True, id="texts"),
        pytest.param("symbol in ['QQQ', 'SPY']", True, id="in a list"),
        pytest.param("symbol not in ['QQQ', 'SPY']", False, id="not in a list"),
        pytest.param("dte in (1, 2, 3)", True, id="a list of numbers"),
        pytest.param("'lotto' in tags", True, id="in a list of the alert"),
        pytest.param("'602' in text", True, id="search in a text"),
        pytest.param("not is_market or price > 100", True, id="not binds tighter than or"),
        pytest.param("expiry <= '2026-11-27'", True, id="dates are compared as dates"),
        pytest.param("'2026-12-01' > expiry", True, id="dates, the other way round"),
        pytest.param("price|round(1) == 1.3", True, id="half rounds up"),
        pytest.param("(price - 2)|abs == 0.75", True, id="abs"),
        pytest.param("text|lower|length == 12", True, id="filters in a row"),
        pytest.param("tags|length > 1", True, id="length of a list"),
        pytest.param("strike / (price - 1.25) > 2", None, id="division by zero has no answer"),
        pytest.param("fraction > 0.5", None, id="no value has no answer"),
        pytest.param("price > 1 or fraction > 0.5", None, id="also where the other side would do"),
    ],
)
def test_conditions(text: str, expected: bool | None):
    assert answer(text) is expected


@pytest.mark.parametrize(
    ("text", "code", "pointed_at", "nearest"),
    [
        pytest.param("pric > 50", "unknown_name", "pric", "price", id="unknown name"),
        pytest.param("price > 1 and symbl == 'SPY'", "unknown_name", "symbl", "symbol", id="pointed at inside"),
        pytest.param("price|rnd > 1", "unknown_filter", "rnd", "round", id="unknown filter"),
        pytest.param("symbol * 3 == 'SPYSPYSPY'", "wrong_type", "symbol * 3", "", id="text times number"),
        pytest.param("'a' + 'b' == symbol", "wrong_type", "'a' + 'b'", "", id="text plus text"),
        pytest.param("price > '50'", "wrong_type", "'50'", "", id="number against text"),
        pytest.param("symbol > 'A'", "wrong_type", "'A'", "", id="texts have no order"),
        pytest.param("price in ['1']", "wrong_type", "'1'", "", id="number in a list of texts"),
        pytest.param("symbol in 'SPY QQQ'", "wrong_type", "'SPY QQQ'", "", id="a text is no list"),
        pytest.param("price and is_market", "wrong_type", "price", "", id="a number is no answer"),
        pytest.param("price ** 2 > 1", "not_allowed", "price ** 2", "", id="power"),
        pytest.param("price % 2 == 1", "not_allowed", "price % 2", "", id="remainder"),
        pytest.param("price // 2 == 1", "not_allowed", "price // 2", "", id="whole division"),
        pytest.param("symbol ~ right == 'x'", "not_allowed", "symbol ~ right", "", id="joining texts"),
        pytest.param("symbol.upper() == 'SPY'", "not_allowed", "symbol.upper", "", id="call"),
        pytest.param("symbol.__class__ == 'SPY'", "not_allowed", "symbol.__class__", "", id="attribute"),
        pytest.param("tags[0] == 'lotto'", "not_allowed", "tags[0", "", id="index"),
        pytest.param("price is defined", "not_allowed", "price", "", id="test"),
        pytest.param("price == none", "not_allowed", "none", "", id="null"),
        pytest.param("dte > 1 if opens else dte > 2", "not_allowed", "dte > 1 if opens else dte > 2", "", id="if"),
        pytest.param("price", "not_a_condition", "price", "", id="not an answer"),
        pytest.param("1 > 2", "constant_condition", "1 > 2", "", id="always the same"),
        pytest.param("symbol == 'spy'", "never_equal", "'spy'", "SPY", id="symbols are capitals"),
        pytest.param("right == 'calls'", "never_equal", "'calls'", "call", id="not one of its values"),
        pytest.param("price >", "bad_expression", ">", "", id="unfinished"),
        pytest.param("price > 1e9999", "bad_expression", "1e9999", "", id="exponent"),
        pytest.param("price > 0x1F", "bad_expression", "0x1F", "", id="hexadecimal"),
        pytest.param("price $ 3", "bad_expression", "$", "", id="not the grammar"),
        pytest.param("price > 1 price", "bad_expression", "price", "", id="goes on"),
        pytest.param("'open == symbol", "bad_expression", "'", "", id="quote not closed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_pointed_at(text: str, code: str, pointed_at: str, nearest: str):
    test, issues = compile_condition(source(text))

    assert test is None
    assert [(issue.code, issue.nearest) for issue in issues] == [(code, nearest)]
    span = issues[0].span
    assert text[span.column - 11 : span.end_column - 11] == pointed_at


def test_all_unknown_names_are_reported_at_once():
    _, issues = compile_condition(source("pric > 1 or symbl == 'SPY' or not marked"))

    assert [issue.message.split(" ")[0] for issue in issues] == ["'pric'", "'symbl'", "'marked'"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(" * 500 + "price" + ")" * 500 + " > 1", id="brackets"),
        pytest.param("not " * 300 + "is_market", id="many words"),
        pytest.param("-" * 900 + "price > 1", id="signs"),
        pytest.param("price > 1" + " or price > 1" * 200, id="long"),
        pytest.param("price" + "|abs" * 240 + " > 1", id="filters"),
    ],
)
def test_depth_and_length_are_bounded(text: str):
    test, issues = compile_condition(source(text))

    assert test is None
    assert [issue.code for issue in issues] == ["bad_expression"]


def test_a_value_over_several_lines_is_pointed_at_whole():
    span = Span("book.yaml", 3, 10, 5, 4)

    _, issues = compile_condition(Source("pric > 50", span))

    assert issues[0].span == span


@given(st.text(max_size=40))
def test_any_text_gives_a_test_or_an_issue(text: str):
    test, issues = compile_condition(source(text))

    assert (test is None) == bool(issues)


@given(st.sampled_from(NUMBERS), st.decimals(-1000, 1000, places=2))
def test_a_missing_value_never_answers(name: str, limit: Decimal):
    text = f"{name} > {limit:f}" if limit >= 0 else f"{name} > ({limit:f})"
    test, issues = compile_condition(source(text))

    assert issues == ()
    assert test is not None
    assert test({}) is None
    assert test({name: None}) is None
