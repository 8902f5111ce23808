"""Every pattern tried on a message is shown: the one that matches first, then those that came near."""

import pytest
from hypothesis import given, settings

from engine.model.message import Embed
from engine.model.source import Place
from engine.parse.reader import MOST_BYTES, Reader
from engine.parse.trace import PatternTrace, ReadTrace, trace
from tests.unit.parse.small import BTO, alert_like, any_text, card, regex, rules, says, template

ENTRY = template("{open} {contract} {price}", "entry")
EXIT = template("{close} {fraction?} {contract} {price?}", "exit")
CARD = card("card", title="{action}", fields={"Ticker": "{symbol}", "Entry": "{price}"})
SIGNAL = regex(r"(?P<symbol>[A-Z]+) confirmed", "signal", action=BTO)
READER = Reader(rules(ENTRY, EXIT, CARD, SIGNAL))


def row(
    name: str, reached: int, pieces: int, expected: str, place: Place | None, *, is_match: bool = False
) -> PatternTrace:
    span = next(rule.span for rule in READER.rules.patterns if rule.name == name)
    return PatternTrace(name, span, "content", is_match, reached, pieces, expected, place)


def test_the_pattern_that_matches_comes_first_and_the_others_by_how_near_they_came():
    """S-505."""
    message = says("STC SPY 602C @ 2")

    traced = trace(READER, message)

    assert traced.reading == READER.read(message)
    assert traced.patterns[0] == row("exit", 2, 2, "", Place("content", 0, 16), is_match=True)
    assert [each.pattern for each in traced.patterns] == ["exit", "card", "signal", "entry"]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        pytest.param("good morning", "entry", (0, 3, "{open}", None), id="nothing of a template"),
        pytest.param("BTO what", "entry", (1, 3, "{contract}", Place("content", 3, 4)), id="its first piece"),
        pytest.param("BTO SPY 602C soon", "entry", (2, 3, "{price}", Place("content", 12, 13)), id="all but the last"),
        pytest.param("BTO\nTicker: SPY", "card", (2, 3, "field Entry", None), id="a card but for one value"),
        pytest.param("Ticker: SPY", "card", (1, 3, "title", None), id="the first of several that a card lacks"),
        pytest.param("hello", "card", (0, 3, "title", None), id="nothing of a card"),
    ],
)
def test_what_was_missing_is_named_and_pointed_at(text: str, name: str, expected: tuple[int, int, str, Place | None]):
    """S-505."""
    traced = next(each for each in trace(READER, says(text)).patterns if each.pattern == name)

    assert traced == row(name, *expected)


def test_a_pattern_kept_back_says_by_what():
    barred = template("{open} {contract}", "entry", unless=("watchlist",))

    (traced,) = trace(Reader(rules(barred)), says("BTO SPY 602C watchlist")).patterns

    assert not traced.is_match
    assert "watchlist" in traced.expected


def test_every_part_is_traced_by_itself():
    traced = trace(READER, says("hello", Embed(title="BTO SPY 602C @ 1")))

    assert [(each.part, each.is_match) for each in traced.patterns[:2]] == [("embed 1", True), ("embed 1", False)]
    assert len(traced.patterns) == 8


def test_a_text_too_long_to_read_is_not_traced():
    """S-207."""
    message = says("x" * (MOST_BYTES + 1))

    assert trace(READER, message) == ReadTrace(READER.read(message), ())


@settings(deadline=None)
@given(text=any_text | alert_like)
def test_matches_come_first_and_only_they_lack_nothing(text: str):
    """S-505."""
    traced = trace(READER, says(text)).patterns

    assert sorted(traced, key=lambda each: not each.is_match) == list(traced)
    for each in traced:
        assert each.is_match is (each.reached == each.pieces) is (each.expected == "")
        assert each.place is None or 0 <= each.place.start <= each.place.end <= len(text)


@settings(deadline=None)
@given(text=any_text | alert_like)
def test_what_was_read_was_read_by_patterns_that_match(text: str):
    traced = trace(READER, says(text))

    matching = {each.pattern for each in traced.patterns if each.is_match}
    assert {alert.pattern for alert in traced.reading.alerts} <= matching
