"""Where a pattern matches a text, and what it picks out of it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.reading import Anchor, PatternRule
from engine.parse.normalise import normalise
from engine.parse.pattern import Hit, TextPattern, behind_then
from tests.unit.parse.small import BTO, FITTING, alert_like, regex, template, texts

ENTRY = template("{open} {contract} {price}")


def found(rule: PatternRule, text: str) -> list[dict[str, str]]:
    """The fields of every match."""
    matches = TextPattern(rule, FITTING).find(normalise(text))
    return [{hit.field: hit.text for hit in match.hits} for match in matches]


SPY = {"action": "BTO", "symbol": "SPY", "strike": "600", "right": "C", "price": "1.25"}
QQQ = {"action": "STO", "symbol": "QQQ", "strike": "500", "right": "p", "expiry": "11/27", "price": "2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY 600C @ 1.25", [SPY], id="an alert"),
        pytest.param("BTO SPY 600C @ 1.25\nSTO QQQ 500p 11/27 2", [SPY, QQQ], id="one a line"),
        pytest.param("BTO SPY 600C @ 1.25. STO QQQ 500p 11/27 2", [SPY, QQQ], id="one a sentence"),
        pytest.param("i just BTO SPY 600C @ 1.25", [SPY], id="noise before it"),
        pytest.param("[swing] 🚀 BTO SPY 600C @ 1.25", [SPY], id="marks and a remark in brackets before it"),
        pytest.param("BTO SPY 600C", [], id="no price"),
        pytest.param("they BTO SPY 600C @ 1.25", [], id="other words before it"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_a_template_finds_every_alert_of_a_text(text: str, expected: list[dict[str, str]]):
    """S-218."""
    assert found(ENTRY, text) == expected


@pytest.mark.parametrize(
    ("anchored", "text", "expected"),
    [
        pytest.param(Anchor.SEGMENT, "so\nBTO SPY 600C @ 1.25", 1, id="at the start of a line"),
        pytest.param(Anchor.SEGMENT, "so BTO SPY 600C @ 1.25", 0, id="not in the middle of one"),
        pytest.param(Anchor.MESSAGE, "BTO SPY 600C @ 1.25", 1, id="at the start of the text"),
        pytest.param(Anchor.MESSAGE, "just BTO SPY 600C @ 1.25", 1, id="behind noise"),
        pytest.param(Anchor.MESSAGE, "so\nBTO SPY 600C @ 1.25", 0, id="not in a later line"),
        pytest.param(Anchor.ANYWHERE, "so BTO SPY 600C @ 1.25", 1, id="anywhere"),
    ],
)
def test_where_a_template_may_begin(anchored: Anchor, text: str, expected: int):
    assert len(found(template("{open} {contract} {price}", anchored=anchored), text)) == expected


def test_a_contract_may_have_to_be_written_in_one_order():
    """S-223."""
    strict = template("{open} {contract} {price}", any_contract_order=False)

    assert found(strict, "BTO 600C SPY @ 1.25") == []
    assert found(strict, "BTO SPY 600C @ 1.25") == [SPY]


def test_a_match_knows_its_place_and_that_of_its_fields():
    text = "ok.\n**i just** BTO SPY 600C @ 1.25 lets go"
    seen = normalise(text)

    (match,) = TextPattern(ENTRY, FITTING).find(seen)

    assert seen.text[match.start : match.end] == "BTO SPY 600C @ 1.25"
    assert seen.text[match.region : match.start].strip(". \n") == "i just"
    assert all(seen.text[hit.start : hit.end] == hit.text for hit in match.hits)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY 600C @ 1.25, then STO QQQ 500p 11/27 @ 2", QQQ, id="a comma and then"),
        pytest.param("BTO SPY 600C @ 1.25 and then STO QQQ 500p 11/27 @ 2", QQQ, id="and then"),
        pytest.param("BTO SPY 600C @ 1.25 but STO QQQ 500p 11/27 @ 2", None, id="other words"),
        pytest.param("BTO SPY 600C @ 1.25", None, id="nothing"),
    ],
)
def test_a_second_alert_follows_in_the_same_sentence(text: str, expected: dict[str, str] | None):
    pattern, seen = TextPattern(ENTRY, FITTING), normalise(text)

    start = behind_then(seen.text, pattern.find(seen)[0].end)
    more = pattern.follows(seen, start) if start else None

    assert (more and {hit.field: hit.text for hit in more.hits}) == expected
    assert more is None or all(seen.text[hit.start : hit.end] == hit.text for hit in more.hits)


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        pytest.param(
            r"(?P<right>CALL|PUT): (\w+ )?(?P<symbol>[A-Z]+)",
            "CALL: swing SPY",
            [{"right": "CALL", "symbol": "SPY"}],
            id="named groups are fields, others are not",
        ),
        pytest.param(
            r"(?P<symbol>[A-Z]+) (?P<right>CALL)|(?P<right>PUT) (?P<symbol>[A-Z]+)",
            "PUT SPY",
            [{"right": "PUT", "symbol": "SPY"}],
            id="a field may stand in several places",
        ),
        pytest.param(r"\((?P<symbol>[A-Z]+)", "(SPY", [{"symbol": "SPY"}], id="an escaped bracket is no group"),
        pytest.param(r"buy (?P<symbol>[A-Z]+)", "BUY SPY", [], id="its capitals count"),
        pytest.param(r"(?P<symbol>[A-Z]*)!", "!", [{}], id="an empty group picks nothing"),
    ],
)
def test_a_regular_expression_picks_out_its_groups(written: str, text: str, expected: list[dict[str, str]]):
    """S-211."""
    assert found(regex(written, action=BTO), text) == expected


def test_a_field_of_a_regular_expression_is_a_hit_with_its_place():
    (match,) = TextPattern(regex(r"buy (?P<symbol>[A-Z]+) now"), FITTING).find(normalise("so buy SPY now"))

    assert (match.start, match.end, match.hits) == (3, 14, (Hit("symbol", "SPY", 7, 10),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("good morning", (0, "{open}", 0), id="nothing of it"),
        pytest.param("BTO", (1, "{contract}", 3), id="only the first piece"),
        pytest.param("BTO SPY 600C", (2, "{price}", 12), id="all but the last"),
        pytest.param("BTO SPY 600C @ 1.25", (3, "", 19), id="all of it"),
        pytest.param("so BTO SPY 600C", (0, "{open}", 0), id="in the wrong place"),
    ],
)
def test_how_near_a_template_came(text: str, expected: tuple[int, str, int]):
    """S-208."""
    assert TextPattern(ENTRY, FITTING).progress(normalise(text)) == expected


def test_words_and_optional_pieces_of_a_template_are_expected_by_name():
    pattern = TextPattern(template("{open} {quantity?} {symbol} for {at_price}"), FITTING)

    assert pattern.progress(normalise("BTO 5 "))[:2] == (1, "{symbol}")
    assert pattern.progress(normalise("BTO SPY"))[:2] == (2, "for")


RULES = (
    ENTRY,
    template("{close} {fraction?} {symbol} {end}"),
    template("{symbol} {at_price}", anchored=Anchor.ANYWHERE),
    regex(r"(?P<symbol>[A-Z]{2,4})\W*(?P<price>\d+)?"),
)


@given(text=texts, rule=st.sampled_from(RULES))
def test_matches_stand_in_order_and_their_words_are_in_the_text(text: str, rule: PatternRule):
    seen = normalise(text)

    matches = TextPattern(rule, FITTING).find(seen)

    assert [match.start for match in matches] == sorted(match.start for match in matches)
    for match in matches:
        assert 0 <= match.region <= match.start <= match.end <= len(seen.text)
        assert all(seen.text[hit.start : hit.end] == hit.text for hit in match.hits)
    for one, other in pairwise(matches):
        assert one.end <= other.start


@given(text=texts, rule=st.sampled_from(RULES[:3]))
def test_only_a_template_that_matches_has_all_its_pieces(text: str, rule: PatternRule):
    pattern, seen = TextPattern(rule, FITTING), normalise(text)

    _, lacks, at = pattern.progress(seen)

    assert (lacks == "") is bool(pattern.find(seen))
    assert 0 <= at <= len(seen.text)


@given(text=alert_like)
def test_no_pattern_comes_nearer_than_the_pieces_that_may_be_there(text: str):
    pattern, seen = TextPattern(template("{open} {quantity?} {contract} {size} {price}"), FITTING), normalise(text)

    assert pattern.progress(seen)[0] <= pattern.reach(seen) <= 4
