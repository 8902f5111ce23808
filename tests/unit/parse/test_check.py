"""What is wrong with a pattern is said when it is loaded, with the exact place and what to write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.errors import Issue
from engine.model.reading import PatternRule, ReadRules
from engine.parse.check import REGEX_FIELDS, WIDEST_GAP, check_rules
from engine.parse.reader import Reader
from engine.parse.shapes import FIELDS
from tests.unit.parse.small import BTO, card, regex, rules, says, source, template, texts


def issues(rule: PatternRule) -> tuple[Issue, ...]:
    return check_rules(ReadRules(patterns=(rule,)))


def pointed(issue: Issue, text: str) -> str:
    """The words of a pattern an issue points at; its sources begin in column 1."""
    return text[issue.span.column - 1 : issue.span.end_column - 1]


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(template("{action} {contract} {price}"), id="a template with an action"),
        pytest.param(template("{legs} {price}"), id="legs say what to do"),
        pytest.param(template("{roll} {from_contract} to {contract}"), id="so does a roll"),
        pytest.param(template("{contract} {at_price}", action=BTO), id="so does what the pattern states"),
        pytest.param(regex(r"(?P<action>BTO|STC) (?P<symbol>[A-Z]+)"), id="an expression with an action"),
        pytest.param(regex(r"[*+]+ (?P<symbol>[A-Z]+)", action=BTO), id="a class of signs repeats nothing"),
        pytest.param(regex(r"\\1 (?P<symbol>[A-Z]+)", action=BTO), id="an escaped backslash is no reference"),
        pytest.param(
            regex(rf"buy .{{0,{WIDEST_GAP}}}(?P<symbol>[A-Z]+)", action=BTO), id="a gap that is just not wide"
        ),
        pytest.param(regex(r"buy .* (?P<symbol>[A-Z]+)", action=BTO), id="any gap without a number"),
        pytest.param(
            card(
                title="{action}", author="Bot", footer="{text}", fields={"Ticker|Symbol": "{symbol}", "Note?": "{text}"}
            ),
            id="a card",
        ),
        pytest.param(card(fields={"📈 Ticker": "{symbol}"}, action=BTO), id="a label with an emoji beside its words"),
        pytest.param(template("{text}", constants=(("action", "none"),)), id="a pattern that says no alert"),
        *(
            pytest.param(
                template("{contract}", constants=(("action", "buy_to_open"), constant)), id=" is ".join(constant)
            )
            for constant in (
                *(
                    ("symbol", "BRK.B"),
                    ("right", "put"),
                    ("expiry", "this_week"),
                    ("strike", "602.5"),
                    ("size", "lotto"),
                ),
                *(("structure", "iron_condor"), ("future", "/ES"), ("price", "market"), ("fraction", "1/2")),
                *(("asset", "stock"), ("credit", "debit"), ("stop", "breakeven")),
            )
        ),
    ],
)
def test_a_good_pattern_has_no_issues(rule: PatternRule):
    assert issues(rule) == ()


@pytest.mark.parametrize(
    ("written", "code", "where", "message"),
    [
        pytest.param(r"a(?=b)", "re2_unsupported", "(?=", "a look-around is not in RE2", id="look-ahead"),
        pytest.param(r"a(?!b)", "re2_unsupported", "(?!", "a look-around is not in RE2", id="negative look-ahead"),
        pytest.param(r"(?<=b)a", "re2_unsupported", "(?<=", "a look-around is not in RE2", id="look-behind"),
        pytest.param(r"(?<!b)a", "re2_unsupported", "(?<!", "a look-around is not in RE2", id="negative look-behind"),
        pytest.param(r"(?>ab)", "re2_unsupported", "(?>", "an atomic group is not in RE2", id="atomic group"),
        pytest.param(r"(a)\1", "re2_unsupported", r"\1", "a back-reference is not in RE2", id="back-reference"),
        pytest.param(r"(?(1)a|b)", "re2_unsupported", "(?(", "a conditional is not in RE2", id="conditional"),
        pytest.param(r"a\Z", "re2_unsupported", r"\Z", r"\Z is not in RE2", id="end of text"),
        pytest.param(r"a*+b", "re2_unsupported", "*+", "a possessive repeat is not in RE2", id="possessive repeat"),
        pytest.param(r"a{2}+b", "re2_unsupported", "}+", "a possessive repeat is not in RE2", id="possessive count"),
        pytest.param(r"(a", "bad_regex", "(a", "the expression does not compile: missing )", id="an open group"),
        pytest.param(r"[z-a]x", "bad_regex", "[z-a]x", "the expression does not compile: invalid", id="a turned range"),
        pytest.param(r"a{1001}", "bad_regex", "a{1001}", "the expression does not compile: invalid", id="too often"),
        pytest.param(r"a*", "empty_pattern", "a*", "the expression matches the empty text", id="matches nothing too"),
        pytest.param(r"V.{0,200}T", "wide_gap", ".{0,200}", "a gap of up to 200 characters", id="a wide gap"),
        pytest.param(r"V.{41}T", "wide_gap", ".{41}", "a gap of up to 41 characters", id="a wide gap of one size"),
        pytest.param(r"V[^x]{0,99}T", "wide_gap", "[^x]{0,99}", "a gap of up to 99 characters", id="all but a letter"),
        pytest.param(r"V[\s\S]{,50}T", "wide_gap", r"[\s\S]{,50}", "a gap of up to 50 characters", id="any of a class"),
        pytest.param(r"V(?:a|b){50}", "wide_gap", "){50}", "a gap of up to 50 characters", id="a group"),
        pytest.param("buy — a", "bad_regex", "—", "'—' is never seen", id="a dash that no text shows"),
        pytest.param("buy 🟢 a", "bad_regex", "🟢", "'🟢' is never seen", id="an emoji that no text shows"),
        pytest.param(
            r"(?P<simbol>[A-Z]+)", "unknown_field", "simbol", "'simbol' is not a field", id="an unknown field"
        ),
    ],
)
def test_what_is_wrong_with_an_expression(written: str, code: str, where: str, message: str):
    """S-113, S-120."""
    (issue,) = issues(regex(written, action=BTO))

    assert (issue.code, pointed(issue, written), issue.is_error) == (code, where, True)
    assert issue.message.startswith(message)
    assert issue.expected


def test_an_unknown_field_comes_with_the_nearest_one():
    """S-113."""
    (issue,) = issues(regex(r"(?P<simbol>[A-Z]+)", action=BTO))

    assert (issue.nearest, issue.expected) == ("symbol", f"one of {', '.join(REGEX_FIELDS)}")


def test_every_unsupported_piece_is_reported():
    """S-112."""
    written = r"(?<!x)(a)\1\Z"

    assert [pointed(issue, written) for issue in issues(regex(written, action=BTO))] == ["(?<!", r"\1", r"\Z"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(template("{simbol} {action}"), [("unknown_field", "symbol")], id="in a template"),
        pytest.param(
            card(title="{action", fields={"Ticker": "{simbol}"}),
            [("bad_template", ""), ("unknown_field", "symbol"), ("no_action", "")],
            id="in every slot of a card",
        ),
        pytest.param(
            card(title="{action}", fields={"🎯": "{price}"}), [("bad_template", "")], id="a label of emoji only"
        ),
        pytest.param(
            card(title="{action}", fields={"Entry|🎯": "{price}"}), [("bad_template", "")], id="one of its names is"
        ),
        pytest.param(template("{price?}", action=BTO), [("empty_template", "")], id="a template of nothing"),
        pytest.param(template("{contract} {price}"), [("no_action", "")], id="nothing says what to do"),
        pytest.param(regex("(?P<symbol>[A-Z]+)"), [("no_action", "")], id="nor does an expression"),
        pytest.param(card(fields={"Ticker": "{symbol}"}), [("no_action", "")], id="nor does a card"),
        pytest.param(
            template("{contract}", action=BTO, constants=(("simbol", "SPX"), ("action", "buy_to_open"))),
            [("unknown_field", "symbol")],
            id="a constant that is no field",
        ),
        *(
            pytest.param(
                template("{contract} {action}", constants=(constant,)), [("bad_constant", "")], id=" is ".join(constant)
            )
            for constant in (
                *(
                    ("right", "maybe"),
                    ("expiry", "soon"),
                    ("strike", "low"),
                    ("strike", "0"),
                    ("symbol", "S P"),
                    ("size", ""),
                ),
                *(("future", "ES"), ("price", "1.25"), ("fraction", "3/2"), ("asset", "bond"), ("credit", "much")),
                *(("structure", ""), ("stop", "1.25")),
            )
        ),
        pytest.param(template("{contract}", constants=(("action", "yolo"),)), [("bad_constant", "")], id="no action"),
    ],
)
def test_what_is_wrong_with_a_pattern(rule: PatternRule, expected: list[tuple[str, str]]):
    """S-113."""
    assert [(issue.code, issue.nearest) for issue in issues(rule)] == expected


def test_issues_come_in_the_order_of_the_patterns():
    """S-112."""
    written = ReadRules(patterns=(template("{simbol}", action=BTO), regex("(a", action=BTO), template("{symbol}")))

    assert [issue.code for issue in check_rules(written)] == ["unknown_field", "bad_regex", "no_action"]


def test_a_mistake_of_a_label_points_into_the_label():
    rule = card(title="{action}", fields={"Entry|🎯": "{price}"})

    (issue,) = issues(rule)

    assert pointed(issue, "Entry|🎯") == "🎯"


pieces = st.sampled_from(
    [
        *(f"{{{field}}}" for field in FIELDS),
        *(f"{{{field}?}}" for field in FIELDS),
        "BUY",
        "→",
        "-",
        "{",
        "}",
        "{x}",
        "🟢",
    ]
)
written_templates = st.lists(pieces, min_size=1, max_size=4).map(" ".join)
written_expressions = st.lists(
    st.sampled_from(
        ["(?P<symbol>[A-Z]+)", "(?P<price>[0-9.]+)", r"\s+", "buy", ".*", "a?", "(?=x)", ".{0,99}", "(", r"\1", "(x|y)"]
    ),
    min_size=1,
    max_size=4,
).map("".join)


@given(written=written_templates, text=texts)
def test_a_template_without_issues_reads_any_text(written: str, text: str):
    rule = template(written, action=BTO)

    if not issues(rule):
        Reader(rules(rule)).read(says(text))


@given(written=written_expressions, text=texts)
def test_an_expression_without_issues_reads_any_text(written: str, text: str):
    rule = regex(written, action=BTO)

    if not issues(rule):
        Reader(rules(rule)).read(says(text))


@given(st.text(max_size=30))
def test_any_source_is_checked_and_issues_point_into_it(written: str):
    for rule in (template(written, action=BTO), regex(written, action=BTO)):
        for issue in issues(rule):
            assert 1 <= issue.span.column <= issue.span.end_column <= len(written) + 1
            assert issue.span.file == source(written).span.file
