"""Cards: alerts laid out as an embed or as "label: value" lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.message import Embed, EmbedField, Message, parts_of
from engine.model.reading import PatternRule
from engine.parse.card import CardPattern, embed_of
from engine.parse.normalise import Normal, normalise
from engine.parse.program import compiled
from tests.unit.parse.small import BTO, FITTING, alert_like, card, says


def pattern(rule: PatternRule) -> CardPattern:
    assert rule.card is not None
    return CardPattern(rule, rule.card, FITTING)


def last_part(message: Message) -> Normal:
    """The last text of a message: its embed, when it has one."""
    part = parts_of(message)[-1]
    return normalise(part.text, part.name)


def read(rule: PatternRule, message: Message) -> dict[str, str] | None:
    """The fields of a card, None when it does not match."""
    matches = pattern(rule).find(last_part(message), message)
    assert len(matches) <= 1
    return {hit.field: hit.text for hit in matches[0].hits} if matches else None


FIELDS = {"Ticker|Symbol": "{symbol}", "Contract": "{strike}{right}", "Exp Date": "{expiry}", "Entry?": "{price}"}
LINES = card(title="{action}", fields=FIELDS)
SPY = {"action": "BTO", "named_symbol": "SPY", "strike": "600", "right": "C", "expiry": "1/9", "price": "1.25"}
NO_PRICE = {field: text for field, text in SPY.items() if field != "price"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO\nTicker: SPY\nContract: 600C\nExp Date: 1/9\nEntry: 1.25", SPY, id="one a line"),
        pytest.param(
            "**BTO**\n**Ticker:** SPY\n**Contract:** 600C\n**Exp Date:** 1/9\n**Entry:** $1.25", SPY, id="bold labels"
        ),
        pytest.param("🟢 BTO\n📈 Ticker - SPY\nContract 600C\nExp Date = 1/9\nEntry > 1.25", SPY, id="any sign behind"),
        pytest.param(
            "BTO\nTicker:\nSPY\nContract:\n600C\nExp Date:\n1/9\nEntry:\n1.25", SPY, id="values in the next line"
        ),
        pytest.param("BTO | Ticker: SPY | Contract: 600C | Exp Date: 1/9 | Entry: 1.25", SPY, id="bars between"),
        pytest.param("BTO\nTicker: SPY • Contract: 600C • Exp Date: 1/9 · Entry: 1.25", SPY, id="dots between"),
        pytest.param("BTO\nEntry: 1.25\nExp  Date: 1/9\nContract: 600 C\nSYMBOL: SPY", SPY, id="in any order"),
        pytest.param("BTO\nTicker: SPY\nContract: 600C\nExp Date: 1/9", NO_PRICE, id="an optional label is missing"),
        pytest.param(
            "BTO\nTicker: SPY\nContract: 600C\nExp Date: 1/9\nEntry: soon",
            NO_PRICE,
            id="an optional value does not read",
        ),
        pytest.param("BTO\nTicker: SPY\nContract: 600C\nEntry: 1.25", None, id="a required label is missing"),
        pytest.param("BTO\nTicker: SPY\nContract: soon\nExp Date: 1/9", None, id="a required value does not read"),
        pytest.param("BTO\nTicker: SPY rocks\nContract: 600C\nExp Date: 1/9", None, id="a value with words behind it"),
        pytest.param("Ticker: SPY\nContract: 600C\nExp Date: 1/9", None, id="no title"),
        pytest.param("so BTO\nTicker: SPY\nContract: 600C\nExp Date: 1/9", None, id="a title that begins otherwise"),
        pytest.param("BTO\nMy Ticker: SPY\nContract: 600C\nExp Date: 1/9", None, id="a label that begins otherwise"),
        pytest.param("BTO\nTickers: SPY\nContract: 600C\nExp Date: 1/9", None, id="a label that goes on"),
    ],
)
def test_a_card_of_lines(text: str, expected: dict[str, str] | None):
    """S-216."""
    assert read(LINES, says(text)) == expected


def test_a_card_of_embed_fields():
    """S-216."""
    fields = (EmbedField("Ticker", "SPY"), EmbedField("Contract", "600C"), EmbedField("Exp Date", "1/9"))

    assert read(LINES, says("look", Embed(title="BTO", fields=fields))) == NO_PRICE


def test_a_label_vouches_for_a_ticker_that_would_be_a_word():
    """S-222."""
    rule = card(fields={"Ticker": "{symbol}"}, action=BTO)

    assert read(rule, says("Ticker: high")) == {"named_symbol": "high"}
    assert read(card(title="{symbol}", action=BTO), says("high")) is None


def test_a_label_may_be_written_with_an_emoji_in_the_playbook():
    rule = card(fields={"📈 Entry Price|🎯": "{price}"}, action=BTO)

    assert read(rule, says("📈 Entry  Price: 1.25")) == {"price": "1.25"}
    assert read(rule, says("Entry Price: 1.25")) == {"price": "1.25"}


def test_the_same_label_twice_gives_both_values():
    matches = pattern(card(fields={"Entry": "{price}"}, action=BTO))
    message = says("Entry: 1.25\nEntry: 1.30")

    (match,) = matches.find(last_part(message), message)

    assert [hit.text for hit in match.hits] == ["1.25", "1.30"]


def test_a_value_knows_its_place():
    message = says("", Embed(title="BTO", description="x", fields=(EmbedField("Ticker", "SPY"),)))
    seen = last_part(message)

    (match,) = pattern(card(title="{action}", fields={"Ticker": "{symbol}"})).find(seen, message)

    assert [(hit.text, seen.place(hit.start, hit.end).part) for hit in match.hits] == [
        ("BTO", "embed 1"),
        ("SPY", "embed 1"),
    ]
    assert all(seen.text[hit.start : hit.end] == hit.text for hit in match.hits)
    assert (match.start, match.end) == (0, len("BTO\nx\nTicker: SPY"))


ENTRY = Embed(
    title="Entry", description="BTO SPY 600C @ 1.25", author="Flow Bot", footer="Day trade lotto", color="#19C2FF"
)


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        pytest.param({"color": "#19c2ff"}, {}, id="its colour, whatever its capitals"),
        pytest.param({"color": "#FF0000"}, None, id="another colour"),
        pytest.param({"author": "flow bot"}, {}, id="its author line"),
        pytest.param({"author": "{action}"}, None, id="an author line that says something else"),
        pytest.param({"footer": "trade {size}"}, {"size": "lotto"}, id="what its footer says"),
        pytest.param({"content": "{right} alert"}, {"right": "Call"}, id="what stands above the embed"),
        pytest.param({"content": "put alert"}, None, id="something else stands above the embed"),
        pytest.param({"title": "entry"}, {}, id="its title"),
        pytest.param({"title": "exit"}, None, id="another title"),
        pytest.param(
            {"description": "{open} {contract} {price}"},
            {"action": "BTO", "symbol": "SPY", "strike": "600", "right": "C", "price": "1.25"},
            id="its description",
        ),
        pytest.param({"description": "SPY {strike}"}, None, id="a description that begins otherwise"),
        pytest.param(
            {"color": "#19C2FF", "author": "flow", "footer": "{size}", "content": "alert", "title": "entry"},
            {"size": "lotto"},
            id="all of them together",
        ),
        pytest.param({"color": "#19C2FF", "title": "exit"}, None, id="all must match"),
    ],
)
def test_the_slots_of_an_embed(slots: dict[str, str], expected: dict[str, str] | None):
    """S-216."""
    assert read(card(action=BTO, **slots), says("**Call** alert", ENTRY)) == expected


def test_what_is_said_outside_of_the_card_has_no_place_in_it_but_is_kept_to_be_guarded():
    message = says("Call alert", ENTRY)

    (match,) = pattern(card(action=BTO, footer="{size}", content="{right}")).find(last_part(message), message)

    assert [(hit.field, hit.start, hit.end) for hit in match.hits] == [("size", 0, 0), ("right", 0, 0)]
    assert match.outside == ("Day trade lotto", "Call alert")


def test_only_an_embed_has_a_colour_and_an_author():
    message = says("Entry")

    assert read(card(action=BTO, color="#19C2FF"), message) is None
    assert embed_of(last_part(message), message) == Embed()


def test_the_second_embed_is_looked_at_by_itself():
    message = says("", Embed(title="news"), ENTRY)
    seen = last_part(message)

    assert (seen.part, embed_of(seen, message)) == ("embed 2", ENTRY)
    assert read(card(action=BTO, color="#19C2FF"), message) == {}


def test_an_empty_embed_before_it_keeps_its_number():
    message = says("", Embed(), ENTRY)

    assert embed_of(last_part(message), message) == ENTRY


@pytest.mark.parametrize(
    ("text", "missing", "lacks"),
    [
        pytest.param("BTO\nTicker: SPY\nContract: 600C\nExp Date: 1/9", (), "", id="nothing"),
        pytest.param("BTO\nTicker: SPY\nContract: 600C", ("field Exp Date",), "field Exp Date", id="one value"),
        pytest.param("BTO\nTicker: SPY", ("field Contract", "field Exp Date"), "", id="two values"),
        pytest.param(
            "Ticker: SPY\nContract: 600C\nExp Date: 1/9", ("title",), "", id="what tells the card from others"
        ),
    ],
)
def test_what_a_card_lacks(text: str, missing: tuple[str, ...], lacks: str):
    """S-208."""
    message = says(text)
    made = pattern(LINES)

    assert made.slots == 4
    assert made.missing(last_part(message), message) == missing
    assert made.lacks_only(last_part(message), message) == lacks


CARDS = (
    LINES,
    card(title="Entry {action?}", fields={"Ticker": "{symbol}"}, action=BTO),
    card(fields={"Ticker?": "{symbol}", "Entry": "{price}"}, action=BTO),
    card(description="{action} {contract}", footer="{text}"),
    card(title="{action} {symbol}", color="#19C2FF", content="{right}"),
)
lines = st.lists(
    st.sampled_from(
        ["BTO", "Entry", "Ticker: SPY", "Ticker", "Contract: 600C", "Exp Date: 1/9", "Entry: 1.25", "|", "•"]
    )
    | alert_like,
    max_size=8,
).map("\n".join)
embeds = st.builds(
    Embed, title=lines, description=lines, author=alert_like, footer=alert_like, color=st.just("#19C2FF")
)


@given(content=lines, embed=embeds, rule=st.sampled_from(CARDS))
def test_the_hints_of_a_card_hold_wherever_it_matches(content: str, embed: Embed, rule: PatternRule):
    """S-213: a card whose hints do not hold is never tried."""
    message, made = says(content, embed), pattern(rule)

    for part in parts_of(message):
        seen = normalise(part.text, part.name)
        matches = made.find(seen, message)
        assert bool(matches) is (made.missing(seen, message) == ())
        if matches:
            assert all(compiled(hint).holds(seen.text) for hint in made.hints)
            assert all(seen.text[hit.start : hit.end] == hit.text for hit in matches[0].hits if hit.end)
