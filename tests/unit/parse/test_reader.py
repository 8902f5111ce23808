"""One message becomes the alerts in it, or the reason why there are none."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.alert import Action, Alert, Asset, Leg, Level, Reading, Refusal
from engine.model.message import Embed, EmbedField
from engine.model.reading import PatternRule
from engine.model.source import Place
from engine.parse.dates import read_expiry
from engine.parse.normalise import normalise
from engine.parse.reader import MOST_BYTES, Reader
from engine.parse.values import read_price, read_strike, read_symbol
from tests.corpus.promises import broken_promises
from tests.unit.parse.small import (
    BTC,
    BTO,
    CALL,
    FRIDAY,
    POSTED,
    PUT,
    STC,
    STO,
    alert_like,
    any_text,
    card,
    regex,
    rules,
    says,
    template,
)

slow = settings(deadline=None, max_examples=60)
ENTRY = template("{open} {contract} {price?}", "entry")
EXIT = template("{close} {fraction?} {contract} {price?}", "exit")
SMALL = Reader(rules(ENTRY, EXIT))
LATER = date(2026, 1, 16)


def option(action: Action, strike: str, symbol: str = "SPY", expiry: date | None = FRIDAY) -> Leg:
    right = PUT if strike.endswith("p") else CALL
    return Leg(action, symbol, Asset.OPTION, Decimal(strike.rstrip("p")), right, expiry)


def said(alert: Alert) -> dict[str, object]:
    """All that an alert says, its pattern and places left out."""
    unsaid = Alert(alert.action, alert.symbol, alert.asset)
    return {
        field.name: getattr(alert, field.name)
        for field in fields(Alert)
        if field.name not in ("pattern", "found", "asset", "action")
        and (field.name == "symbol" or getattr(alert, field.name) != getattr(unsaid, field.name))
    } | {"action": alert.action}


def single(leg: Leg, **more: object) -> dict[str, object]:
    return {"action": leg.action, "symbol": leg.symbol, "legs": (leg,), **more}


def price(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY 602C 1/9 @ 1.25", single(option(BTO, "602"), price=price("1.25")), id="an option bought"),
        pytest.param(
            "bought $SPY 602 calls 01/09/26 for $1.25", single(option(BTO, "602"), price=price("1.25")), id="in words"
        ),
        pytest.param(
            "STO 5 SPY 590p weekly .55", single(option(STO, "590p"), price=price(".55"), quantity=5), id="written"
        ),
        pytest.param(
            "BTO SPY 602C 1/9 @ 1.25 SL .90 PT 2 lotto",
            single(
                option(BTO, "602"),
                price=price("1.25"),
                stop=Level(price(".90")),
                targets=(Level(price("2")),),
                size_tags=("lotto",),
            ),
            id="with a stop, a target and a tag",
        ),
        pytest.param("BTO SPY 602C 1/9 at market", single(option(BTO, "602"), is_market=True), id="at market"),
        pytest.param(
            "STC half SPY 602C 1/9 @ 2.10",
            single(option(STC, "602"), price=price("2.10"), fraction=price(".5")),
            id="half of it",
        ),
        pytest.param(
            "STC SPY 602C 1/9 @ 2.10, 50% of position",
            single(option(STC, "602"), price=price("2.10"), fraction=price(".5")),
            id="half of it, said last",
        ),
        pytest.param(
            "trimming SPY 602C 1/9 @ 2.10", single(option(STC, "602"), price=price("2.10"), is_part=True), id="a part"
        ),
        pytest.param(
            "all out SPY 602C 1/9 @ 2.10",
            single(option(STC, "602"), price=price("2.10"), fraction=price("1")),
            id="all",
        ),
        pytest.param(
            "BTO 100 shares AAPL @ 150",
            single(Leg(BTO, "AAPL", Asset.STOCK), price=price("150"), quantity=100),
            id="shares",
        ),
        pytest.param("BTO /ES @ 5000", single(Leg(BTO, "/ES", Asset.FUTURE), price=price("5000")), id="a future"),
        pytest.param("# BTO SPY 602C 1/9 1.25", single(option(BTO, "602"), price=price("1.25")), id="in a heading"),
        pytest.param(
            "BTO SPY 602C 1/9 1.25 https://x.y/1.55", single(option(BTO, "602"), price=price("1.25")), id="with a link"
        ),
        pytest.param(
            "BTO SPY 602C 2/30 @ 1.25",
            None,
            id="an impossible expiry comes back with a problem",
        ),
    ],
)
def test_an_alert_is_read(shipped: Reader, text: str, expected: dict[str, object] | None):
    """S-221, S-223, S-224, S-227, S-228, S-229, S-230."""
    reading = shipped.read(says(text))

    (alert,) = reading.alerts
    assert reading.refusal is None
    if expected is None:
        assert [problem.code for problem in alert.problems] == ["bad_date"]
    else:
        assert said(alert) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "STO SPX CCS 7390/95 1/9 @ 1.25",
            (STO, (option(STO, "7390", "SPX"), option(BTO, "7395", "SPX")), "1.25"),
            id="a credit spread by name",
        ),
        pytest.param(
            "BTO SPY 600c / STO SPY 605c 1/9 @ 1.25",
            (BTO, (option(BTO, "600"), option(STO, "605")), "1.25"),
            id="a debit spread leg by leg",
        ),
        pytest.param(
            "STO 5 SPY 600c / BTO 605c 1/9 @ 1.25 credit",
            (STO, (option(STO, "600"), option(BTO, "605")), "1.25"),
            id="five of a spread, never five against one",
        ),
        pytest.param(
            "BTO SPY 600 straddle 1/9 @ 5", (BTO, (option(BTO, "600"), option(BTO, "600p")), "5"), id="a straddle"
        ),
        pytest.param(
            "STO SPY iron condor 590/595/605/610 1/9 @ 1",
            (STO, (option(BTO, "590p"), option(STO, "595p"), option(STO, "605"), option(BTO, "610")), "1"),
            id="an iron condor",
        ),
        pytest.param(
            "Rolled SPY 600C 1/9 to 605C 1/16 @ .5",
            (BTO, (option(STC, "600"), option(BTO, "605", expiry=LATER)), ".5"),
            id="a roll",
        ),
    ],
)
def test_an_order_of_several_legs_is_one_alert(
    shipped: Reader, text: str, expected: tuple[Action, tuple[Leg, ...], str]
):
    """S-218, S-231."""
    (alert,) = shipped.read(says(text)).alerts

    assert (alert.action, alert.legs, alert.price) == (expected[0], expected[1], Decimal(expected[2]))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("BTO SPY 602C 1/9 @ 1.25\nSTC QQQ 500p 1/9 @ 2", id="a line each"),
        pytest.param("BTO SPY 602C 1/9 @ 1.25. STC QQQ 500p 1/9 @ 2", id="a sentence each"),
        pytest.param("BTO SPY 602C 1/9 @ 1.25\nBTO SPY 602C 1/9 @ 1.25\nSTC QQQ 500p 1/9 @ 2", id="one of them twice"),
    ],
)
def test_one_message_may_hold_several_alerts(shipped: Reader, text: str):
    """S-218."""
    reading = shipped.read(says(text))

    assert [(alert.action, alert.symbol, alert.price) for alert in reading.alerts] == [
        (BTO, "SPY", Decimal("1.25")),
        (STC, "QQQ", Decimal(2)),
    ]


def test_an_exit_and_an_entry_may_be_joined_by_then(shipped: Reader):
    """S-218."""
    reading = shipped.read(says("STC QQQ 500p 1/9 @ 2, then BTO SPY 602C 1/9 @ 1.25"))

    assert [(alert.action, alert.symbol) for alert in reading.alerts] == [(STC, "QQQ"), (BTO, "SPY")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("good morning everyone", id="chatter"),
        pytest.param("", id="nothing"),
        pytest.param("I like SPY here", id="a ticker"),
        pytest.param("SPY at 601.55", id="a quote"),
        pytest.param("> BTO SPY 602C 1/9 @ 1.25", id="a quoted alert"),
        pytest.param("~~BTO SPY 602C 1/9 @ 1.25~~", id="a struck alert"),
        pytest.param("`BTO SPY 602C 1/9 @ 1.25`", id="an alert as code"),
        pytest.param("the 600 calls look good", id="a contract without an action or a price"),
    ],
)
def test_chatter_is_neither_read_nor_refused(shipped: Reader, text: str):
    """S-206."""
    assert shipped.read(says(text)) == Reading()


@pytest.mark.parametrize(
    ("text", "code", "words", "is_order_shaped"),
    [
        pytest.param("BTO SPY 602C 1/9 @ 1.25?", "question", "?", False, id="a question"),
        pytest.param("do not BTO SPY 602C 1/9 @ 1.25", "negation", None, None, id="a negation"),
        pytest.param("BTO SPY 602C 1/9 @ 1.25 if it breaks 600", "condition", "if it", True, id="a condition"),
        pytest.param("BTO SPY 602C 1/9 @ 1.25 yesterday", "hearsay", "yesterday", True, id="hearsay"),
        pytest.param("BTO HIGH 5C 1/9 @ 1.25", "not_a_symbol", "HIGH", True, id="an English word for a ticker"),
        pytest.param("BTO SPY 602C 1/9 @ 0", "bad_price", "0", True, id="a price of nothing"),
        pytest.param("BTO SPY 602C 1/9 @ 1.25 or 605C", "leftover", "605C", True, id="another contract left over"),
        pytest.param("BTO SPY 602C 1/9 @ 1.25 runs to 3.50", "leftover", "3.50", True, id="another price left over"),
        pytest.param("BTO SPY @ 2.50 1/9", "no_right", None, None, id="an expiry, but no option"),
        pytest.param("BTO SPY 602 1/9 @ 1.25", "no_right", None, True, id="neither call nor put"),
        pytest.param("STC most SPY 602C 1/9 @ 2", "vague_fraction", "most", True, id="a part nobody can count"),
        pytest.param("STC 0.001% SPY 602C 1/9 @ 2", "bad_fraction", "0.001%", True, id="a part of nothing"),
        pytest.param("BTO SPY 602С 1/9 @ 1.25", "foreign_characters", None, None, id="a Cyrillic С"),
        pytest.param("BTO \u202eSPY 602C 1/9 @ 1.25", "foreign_characters", None, None, id="text that turns around"),
        pytest.param("STO SPX CCS 7500/50 1/9 @ 1", "bad_structure", None, None, id="a short strike that is a guess"),
        pytest.param("STO SPX CCS 7390p/7395p 1/9 @ 1", "bad_structure", None, None, id="a call spread of puts"),
        pytest.param("BTO now 602C 1/9 @ 1.25", "not_a_symbol", "now", True, id="noise in small letters is no ticker"),
        pytest.param(
            "STO SPX 7390C 1/9 @ 1.2 call credit spread",
            "bad_structure",
            "call credit spread",
            True,
            id="one leg of a spread would go out naked",
        ),
        pytest.param("rolling SPY 602C 1/9", None, None, None, id="a roll that does not say where to"),
        pytest.param("so BTO maybe SPY 602C @ 1.25 later", None, None, None, id="an order no pattern reads"),
        pytest.param("BTO SPY 602C @ 1.25 and STC SPY 602C @ 1.30 then", None, None, None, id="more than can be told"),
    ],
)
def test_what_is_not_understood_completely_is_refused(
    shipped: Reader, text: str, code: str | None, words: str | None, is_order_shaped: bool | None
):
    """S-201, S-205, S-208, S-209."""
    reading = shipped.read(says(text))

    assert reading.alerts == ()
    assert reading.refusal is not None
    assert reading.refusal.reason
    assert code in (None, reading.refusal.code)
    if words is not None:
        assert reading.refusal.place is not None
        assert text[reading.refusal.place.start : reading.refusal.place.end] == words
    if is_order_shaped is not None:
        assert reading.refusal.is_order_shaped is is_order_shaped


def test_an_order_no_pattern_reads_names_the_nearest_and_what_it_lacks():
    """S-208."""
    reading = Reader(rules(template("{open} {contract} now", "entry"), EXIT)).read(says("BTO SPY 602C @ 1.25"))

    assert reading == Reading(
        refusal=Refusal(
            "no_pattern",
            "it looks like an order, but no pattern reads it; 'entry' expected now",
            Place("content", 12, 13),
            "entry",
            is_order_shaped=True,
        )
    )


def test_a_text_above_16_kb_is_refused_unread():
    """S-207."""
    alert = "BTO SPY 602C @ 1.25"
    filler = "é" * ((MOST_BYTES - len(alert) - 1) // 2)

    fits, does_not = SMALL.read(says(f"{alert}\n{filler}")), SMALL.read(says(f"{alert}\n{filler}éé"))

    assert [each.symbol for each in fits.alerts] == ["SPY"]
    assert does_not.refusal is not None
    assert does_not.refusal.code == "too_long"


def test_the_parts_of_a_message_count_together():
    """S-207."""
    half = "x" * (MOST_BYTES // 2 + 1)

    reading = SMALL.read(says(half, Embed(description=half)))

    assert (reading.refusal and reading.refusal.code) == "too_long"


@pytest.mark.parametrize(("count", "code"), [(20, None), (21, "too_long")])
def test_more_than_twenty_alerts_are_refused(count: int, code: str | None):
    text = "\n".join(f"BTO SPY {600 + number}C @ 1.25" for number in range(count))

    reading = SMALL.read(says(text))

    assert (reading.refusal and reading.refusal.code, len(reading.alerts)) == (code, 0 if code else count)


def test_an_embed_is_read_like_content_and_the_same_alert_counts_once():
    """S-218."""
    alone = SMALL.read(says("", Embed(title="BTO SPY 602C @ 1.25")))
    both = SMALL.read(says("BTO SPY 602C @ 1.25", Embed(title="BTO SPY 602C @ 1.25")))
    contradicting = SMALL.read(says("BTO SPY 602C @ 1.25", Embed(title="BTO SPY 602C @ 1.30")))

    assert [found.place.part for found in alone.alerts[0].found] == ["embed 1"] * 5
    assert [alert.price for alert in both.alerts] == [Decimal("1.25")]
    assert (contradicting.refusal and contradicting.refusal.code) == "ambiguous"


def test_a_refusal_in_one_part_refuses_the_message():
    """S-201."""
    reading = SMALL.read(says("BTO SPY 602C @ 1.25", Embed(title="BTO QQQ 500C @ 1 if it breaks")))

    assert (reading.alerts, reading.refusal and reading.refusal.code) == ((), "condition")


def test_a_title_that_speaks_against_what_stands_below_it_refuses_it():
    """S-205."""
    embed = Embed(title="Watching for tomorrow", description="BTO SPY 602C @ 1.25")

    assert (SMALL.read(says("", embed)).refusal or Refusal("", "")).code == "condition"


@pytest.mark.parametrize(
    ("rule", "text", "is_read"),
    [
        pytest.param(
            replace(ENTRY, unless=("Watchlist",)), "watchlist\nBTO SPY 602C @ 1.25", False, id="a word of unless"
        ),
        pytest.param(replace(ENTRY, unless=("🔴",)), "🔴\nBTO SPY 602C @ 1.25", False, id="an emoji of unless"),
        pytest.param(replace(ENTRY, unless=("watchlist",)), "BTO SPY 602C @ 1.25", True, id="no word of unless"),
        pytest.param(replace(ENTRY, unless=("hm",)), "> hm\nBTO SPY 602C @ 1.25", True, id="a quoted word of unless"),
        pytest.param(replace(ENTRY, when=("🟢", "go")), "🟢\nBTO SPY 602C @ 1.25", True, id="a word of when"),
        pytest.param(replace(ENTRY, when=("🟢", "go")), "BTO SPY 602C @ 1.25", False, id="no word of when"),
        pytest.param(replace(ENTRY, when=("go",)), "> go\nBTO SPY 602C @ 1.25", False, id="a quoted word of when"),
        pytest.param(
            replace(ENTRY, ignore_guards=("condition",)), "BTO SPY 602C @ 1.25 if", True, id="an ignored guard"
        ),
        pytest.param(ENTRY, "BTO SPY 602C @ 1.25 if", False, id="a guard that is not ignored"),
    ],
)
def test_what_a_pattern_says_about_texts_it_reads(rule: PatternRule, text: str, is_read: bool):
    assert bool(Reader(rules(rule)).read(says(text)).alerts) is is_read


def test_a_card_that_rests_on_a_footer_is_no_alert_when_the_footer_speaks_against_it():
    """S-205."""
    rule = card(title="{action}", footer="{text}", fields={"Ticker": "{symbol}", "Entry": "{price}"})
    told = Embed(title="BTO", description="Ticker: SPY\nEntry: 1.25", footer="flow bot")

    assert len(Reader(rules(rule)).read(says("", told)).alerts) == 1
    refused = Reader(rules(rule)).read(says("", replace(told, footer="only if it breaks"))).refusal
    assert (refused and refused.code) == "condition"


def test_a_pattern_may_say_that_a_text_is_no_alert():
    """S-215."""
    silent = template("example :", "lesson", constants=(("action", "none"),))

    reading = Reader(rules(silent, ENTRY)).read(says("example:\nBTO SPY 602C @ 1.25"))

    assert reading == Reading(refusal=Refusal("not_an_alert", "'lesson' says it is no alert", nearest="lesson"))


def test_quoted_text_is_read_when_the_playbook_says_so():
    """S-206."""
    text = says("> BTO SPY 602C @ 1.25")

    assert SMALL.read(text) == Reading()
    assert len(Reader(rules(ENTRY, reads_quotes=True)).read(text).alerts) == 1


def test_what_a_pattern_states_is_part_of_its_alerts():
    """S-202."""
    signal = regex(r"(?P<right>CALL|PUT): .* confirmed on (?P<symbol>[A-Z]+)", action=BTO)

    (alert,) = Reader(rules(signal)).read(says("CALL: 3 of 3 confirmed on SPX")).alerts

    assert said(alert) == single(Leg(BTO, "SPX", Asset.OPTION, right=CALL))


def test_a_card_is_read_whole():
    """S-216."""
    labels = {
        "Ticker": "{symbol}",
        "Contract": "{strike}{right}",
        "Expiry": "{expiry}",
        "Entry": "{price}",
        "Stop": "{stop}",
    }
    embed = Embed(
        title="🟢 BTO",
        fields=tuple(map(EmbedField, labels, ("HIGH", "602C", "01/09/2026", "$1.25", "0.90"))),
        footer="not financial advice",
    )

    (alert,) = Reader(rules(card(title="{action}", fields=labels))).read(says("", embed)).alerts

    assert said(alert) == single(option(BTO, "602", "HIGH"), price=Decimal("1.25"), stop=Level(Decimal("0.90")))


@pytest.mark.parametrize(
    ("patterns", "text", "expected"),
    [
        pytest.param((ENTRY, template("{open} {contract}", "short")), "BTO SPY 602C @ 1.25", ["entry"], id="contained"),
        pytest.param((ENTRY, replace(ENTRY, name="again")), "BTO SPY 602C @ 1.25", ["entry"], id="equal"),
        pytest.param(
            (ENTRY, template("BTO {contract} {price}", "wrong", action=STC)),
            "BTO SPY 602C @ 1.25",
            "ambiguous",
            id="equal, with another action",
        ),
        pytest.param(
            (ENTRY, regex(r"SPY (?P<strike>\d)", "odd", action=BTO)),
            "BTO SPY 602C @ 1.25",
            ["entry"],
            id="a part of it",
        ),
    ],
)
def test_all_patterns_that_match_must_agree(patterns: tuple[PatternRule, ...], text: str, expected: list[str] | str):
    """S-203."""
    reading = Reader(rules(*patterns)).read(says(text))

    if isinstance(expected, str):
        assert reading.refusal is not None
        assert reading.refusal.code == expected
    else:
        assert [alert.pattern for alert in reading.alerts] == expected


@slow
@given(content=any_text | alert_like, title=alert_like, value=any_text)
def test_any_text_gives_a_reading_that_keeps_its_promises(shipped: Reader, content: str, title: str, value: str):
    """S-611."""
    message = says(content, Embed(title=title, fields=(EmbedField("Ticker", value),)))

    reading = shipped.read(message)

    assert broken_promises(message, reading) == ()
    assert shipped.read(message) == reading


@slow
@given(alert_like)
def test_a_new_reader_of_the_same_rules_reads_the_same(text: str):
    """S-303."""
    assert Reader(rules(ENTRY, EXIT)).read(says(text)) == SMALL.read(says(text))


def unplaced(reading: Reading) -> tuple[tuple[Alert, ...], str]:
    """What a reading says, wherever it stands."""
    return tuple(replace(alert, found=()) for alert in reading.alerts), reading.refusal.code if reading.refusal else ""


ALERTS = ("BTO SPY 602C 1/9 @ 1.25", "STC half QQQ 500p 1/16 @ 2.10", "BTO AAPL 200C 1/9 1.5 SL 1 PT 2", "hello there")
quoted_text = st.text(st.sampled_from("BTOSPY602C @1.25 ifnot?~`*|"), min_size=1, max_size=30)


@slow
@given(lines=st.lists(st.sampled_from(ALERTS), min_size=1, max_size=3, unique=True), quoted=quoted_text, data=st.data())
def test_quoted_text_never_changes_the_reading_of_the_rest(
    shipped: Reader, lines: list[str], quoted: str, data: st.DataObject
):
    """S-206."""
    where = data.draw(st.integers(0, len(lines)))
    with_quote = [*lines[:where], f"> {quoted}", *lines[where:]]

    assert unplaced(shipped.read(says("\n".join(with_quote)))) == unplaced(shipped.read(says("\n".join(lines))))


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


decorations = st.sampled_from(
    [
        str,
        "**{}**".format,
        "__{}__".format,
        "||{}||".format,
        "🚀 {}".format,
        "{} ✅".format,
        "<:x:1>{}".format,
        lambda word: word[0] + "\u200b" + word[1:],
        wide,
    ]
)
words = st.tuples(
    st.sampled_from(["BTO", "bought", "STO"]),
    st.sampled_from(["SPY", "$TSLA", "BRK.B"]),
    st.sampled_from(["600C", "1,050c", "17.5p"]),
    st.sampled_from(["1/9", "01/16/26", "16JAN26", "weekly", "2026-01-16"]),
    st.sampled_from(["@1.25", "@.5", "$4.05"]),
)


@slow
@given(words=words, data=st.data())
def test_decoration_changes_neither_values_nor_the_words_they_are_found_in(
    shipped: Reader, words: tuple[str, ...], data: st.DataObject
):
    """S-217: every place of a found field slices the raw text to words that read to the field's value."""
    decorated = " ".join(data.draw(decorations)(word) for word in words)

    plain, reading = shipped.read(says(" ".join(words))), shipped.read(says(decorated))

    assert len(plain.alerts) == 1
    assert unplaced(reading) == unplaced(plain)
    alert, leg = reading.alerts[0], reading.alerts[0].legs[0]
    for found in alert.found:
        raw = decorated[found.place.start : found.place.end]
        seen = normalise(raw).text.strip()
        assert raw == found.text
        if found.field == "price":
            assert read_price(seen) == alert.price
        elif found.field == "strike":
            assert read_strike(seen) == leg.strike
        elif found.field == "symbol":
            assert read_symbol(seen) == leg.symbol
        elif found.field == "expiry":
            assert read_expiry(seen, "this_week" if seen == "weekly" else None, POSTED).day == leg.expiry


contracts = st.tuples(
    st.sampled_from(["BTO", "STO", "STC", "BTC"]),
    st.sampled_from(["SPY", "QQQ", "AAPL"]),
    st.integers(1, 9999),
    st.sampled_from(["C", "P"]),
    st.dates(POSTED, date(2026, 12, 31)),
    st.decimals("0.01", "99", places=2),
)


@slow
@given(contracts)
def test_a_plain_alert_reads_to_exactly_what_it_says(shipped: Reader, said: tuple[str, str, int, str, date, Decimal]):
    action, symbol, strike, right, expiry, paid = said

    (alert,) = shipped.read(says(f"{action} {symbol} {strike}{right} {expiry:%m/%d/%Y} @ {paid}")).alerts

    meant = {"BTO": BTO, "STO": STO, "STC": STC, "BTC": BTC}[action]
    leg = Leg(meant, symbol, Asset.OPTION, Decimal(strike), CALL if right == "C" else PUT, expiry)
    assert (alert.action, alert.legs, alert.price) == (meant, (leg,), paid)
