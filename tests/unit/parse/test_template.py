"""Templates are taken apart, checked, and become RE2 source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.reading import Source
from engine.model.source import Span
from engine.parse.normalise import normalise
from engine.parse.pattern import TextPattern
from engine.parse.program import compiled
from engine.parse.template import Element, literal, number_groups, parse_template, part_of, strip_groups, template_regex
from tests.unit.parse.small import FITTING, SHAPES, alert_like, source, template


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{action} {contract}", (Element("action"), Element("contract")), id="fields"),
        pytest.param("{strike}{right}", (Element("strike"), Element("right")), id="fields that touch"),
        pytest.param("{price?}{ end }", (Element("price", is_optional=True), Element("end")), id="optional, spaces"),
        pytest.param("BUY {symbol}", (Element("", "BUY"), Element("symbol")), id="words"),
        pytest.param("on:{symbol}!", (Element("", "on:"), Element("symbol"), Element("", "!")), id="touching words"),
    ],
)
def test_the_pieces_of_a_template(text: str, expected: tuple[Element, ...]):
    """S-211."""
    assert parse_template(source(text)) == (expected, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "{simbol} {price}",
            ("unknown_field", "{simbol} is not a field", "{simbol}", "symbol"),
            id="an unknown field, and its nearest",
        ),
        pytest.param("{} {price}", ("unknown_field", "{} is not a field", "{}", ""), id="a field without a name"),
        pytest.param("{price", ("bad_template", "a lone '{' in a template", "{", ""), id="a brace left open"),
        pytest.param("{price} }", ("bad_template", "a lone '}' in a template", "}", ""), id="a brace too many"),
        pytest.param(
            "{price?} {size?}",
            ("empty_template", "the template matches the empty text", "{price?} {size?}", ""),
            id="nothing that must be there",
        ),
        pytest.param(
            "- ( ) **",
            ("empty_template", "the template matches the empty text", "- ( ) **", ""),
            id="nothing but marks",
        ),
        pytest.param(
            "🟢 {contract}",
            (
                "bad_template",
                "'🟢' is never seen: emoji are taken out of a text before it is read",
                "🟢",
                "",
            ),
            id="an emoji, which no text shows",
        ),
    ],
)
def test_what_is_wrong_with_a_template(text: str, expected: tuple[str, str, str, str]):
    """S-113."""
    written = source(text, line=7, column=11)
    (issue,) = parse_template(written)[1]

    pointed = text[issue.span.column - 11 : issue.span.end_column - 11]
    assert (issue.code, issue.message, pointed, issue.nearest) == expected
    assert (issue.span.line, issue.is_error) == (7, True)


def test_all_mistakes_of_a_template_are_reported_in_order():
    """S-112."""
    issues = parse_template(source("{simbol} } {prise}"))[1]

    assert [issue.span.column for issue in issues] == [1, 10, 12]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        pytest.param(Span("f", 3, 10, 3, 18), Span("f", 3, 12, 3, 14), id="unquoted"),
        pytest.param(Span("f", 3, 10, 3, 20), Span("f", 3, 13, 3, 15), id="in quotes"),
        pytest.param(Span("f", 3, 10, 3, 21), Span("f", 3, 10, 3, 21), id="quoted with an escape: the whole"),
        pytest.param(Span("f", 3, 10, 4, 2), Span("f", 3, 10, 4, 2), id="over several lines: the whole"),
    ],
)
def test_where_a_part_of_a_source_stands(span: Span, expected: Span):
    """S-104."""
    assert part_of(Source("ab{cd}ef", span), 2, 4) == expected


@pytest.mark.parametrize(
    ("text", "reads", "expected"),
    [
        pytest.param("{action} {symbol}", "BTO SPY", "BTO SPY", id="a space between"),
        pytest.param("{action} {symbol}", "BTO:  just (SPY", "BTO:  just (SPY", id="signs and noise between"),
        pytest.param("{action} {symbol}", "BTO lotto SPY", "BTO lotto SPY", id="a size tag between"),
        pytest.param("{action} {symbol}", "BTO what SPY", None, id="other words between"),
        pytest.param("{strike}{right}", "600 C", "600 C", id="fields that touch may stand apart"),
        pytest.param("{action} {quantity?} {symbol}", "BTO 5 SPY", "BTO 5 SPY", id="an optional field is there"),
        pytest.param("{action} {quantity?} {symbol}", "BTO SPY", "BTO SPY", id="or is not"),
        pytest.param("{symbol} off the table", "SPY off the  table", "SPY off the  table", id="words of the template"),
        pytest.param("{symbol} off", "SPY offer", None, id="its words are whole words"),
        pytest.param("{symbol} → {strike}", "SPY > 600", "SPY > 600", id="its signs are made plain like the text's"),
        pytest.param("BUY: {symbol}", "buy SPY", "buy SPY", id="its signs between words may be missing"),
        pytest.param("{symbol} {strike} {price}", "SPY 600 .5", "SPY 600 .5", id="two numbers"),
        pytest.param("{symbol} {strike} {price}", "SPY 600@.5", "SPY 600@.5", id="two numbers and a sign"),
        pytest.param("{symbol} {strike} {price}", "SPY 600.5", None, id="one number is not two"),
        pytest.param("{symbol} {expiry} {strike}", "SPY 11/27", None, id="a date is not a date and a strike"),
        pytest.param("{symbol} {strike} {quantity}", "SPY 6005 ", None, id="nor a strike a strike and a count"),
    ],
)
def test_what_a_template_matches(text: str, reads: str, expected: str | None):
    elements, issues = parse_template(source(text))
    spans = compiled("(?i)" + strip_groups(template_regex(elements, SHAPES))).search(reads)

    assert issues == ()
    assert (reads[slice(*spans[0])] if spans else None) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("BUY", r"\bBUY\b", id="a word"),
        pytest.param("(BUY):", r"\bBUY\b", id="marks around it do not matter"),
        pytest.param("+5", r"\+5\b", id="a sign that matters"),
        pytest.param("—", "", id="a dash may stand between any pieces"),
        pytest.param("**", "", id="so may marks of Discord's own"),
    ],
)
def test_words_of_a_template(words: str, expected: str):
    assert literal(words) == expected


TEMPLATES = (
    *("{action} {contract} {price}", "{open} {symbol}", "{symbol} {at_price}", "{right} {symbol}", "{legs} {price?}"),
    *("{close} {fraction?} {end}", "{fraction} {symbol}", "{structure} {strikes}", "{expiry} {size}", "{text}"),
    *("{roll} {from_contract} to {contract}", "{future} {price}", "SPY {credit?} {target}", "{symbol} {stop}"),
    *("{units} {symbol?}", "{unit} {symbol}", "{width} {credit}", "{strike} {price}"),
)


@given(text=alert_like, written=st.sampled_from(TEMPLATES))
def test_the_hint_holds_wherever_the_template_matches(text: str, written: str):
    """S-213: a pattern whose hint does not hold is never tried."""
    pattern = TextPattern(template(written), FITTING)
    seen = normalise(text)

    if pattern.find(seen):
        assert all(compiled(hint).holds(seen.text) for hint in pattern.hints)


@given(st.lists(st.sampled_from(["(?P<a>x)", "(?P<b1>y|z)", r"\(", "(?:w)", "v+"]), max_size=6).map("".join))
def test_groups_are_numbered_in_order(pattern: str):
    numbered, names = number_groups(pattern)

    assert len(compiled(numbered).names) == len(names) == pattern.count("(?P<")
    assert compiled(strip_groups(pattern)).names == ()
