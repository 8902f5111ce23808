"""The fields of one match become one alert, or the flaw that keeps it from being one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.model.alert import Action, Alert, Asset, Leg, Level, Problem
from engine.model.instrument import Right
from engine.model.reading import PatternRule
from engine.parse.build import build
from engine.parse.fields import FlawFound
from engine.parse.normalise import normalise
from engine.parse.pattern import TextPattern
from engine.parse.tail import tail_of
from tests.unit.parse.small import (
    BTC,
    BTO,
    CALL,
    FITTING,
    FRIDAY,
    GRAMMAR,
    POSTED,
    PUT,
    SHAPES,
    STC,
    STO,
    VOCABULARY,
    template,
)

TAIL = tail_of(VOCABULARY, SHAPES)
LATER = date(2026, 1, 16)


def built(rule: PatternRule, text: str) -> Alert:
    """The alert of a text that a pattern reads, without where its fields stand."""
    seen = normalise(text)
    match = TextPattern(rule, FITTING).find(seen)[0]
    closes = "STC" in text or "trim" in text or rule.constants == (("action", "sell_to_close"),)
    tail = TAIL.scan(seen.text, match.end, len(seen.text), closes=closes)
    return replace(build(GRAMMAR, match, tail, POSTED), found=(), pattern="")


def option(
    action: Action, strike: str | None, right: Right | None = CALL, expiry: date | None = FRIDAY, ratio: int = 1
) -> Leg:
    return Leg(action, "SPY", Asset.OPTION, strike and Decimal(strike), right, expiry, ratio)


def order(leg: Leg, price: str | None = None, **more: object) -> Alert:
    return Alert(leg.action, leg.symbol, leg.asset, (leg,), price=price and Decimal(price), **more)


OPEN = template("{open} {contract} {price?}")
CLOSE = template("{close} {fraction?} {contract} {price?}")
STOCK = template("{open} {quantity?} {unit?} {symbol} {unit?} {at_price}")
EXIT = template("{close} {fraction?} {symbol} {unit?}")


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param(
            OPEN,
            "BTO SPY 600C 1/9 @ 1.25",
            order(option(BTO, "600"), "1.25"),
            id="an option bought",
        ),
        pytest.param(OPEN, "STO SPY 600p weekly", order(option(STO, "600", PUT)), id="an option written"),
        pytest.param(
            OPEN,
            "BTO SPY 600C at market exp 1/9",
            order(option(BTO, "600"), is_market=True),
            id="at market, the expiry behind",
        ),
        pytest.param(
            OPEN,
            "BTO SPY 600C 1/9 @ 1.20-1.30 x5 lotto SL 0.8 PT 2/3",
            order(
                option(BTO, "600"),
                "1.20",
                price_high=Decimal("1.30"),
                quantity=5,
                size_tags=("lotto",),
                stop=Level(Decimal("0.8")),
                targets=(Level(Decimal(2)), Level(Decimal(3))),
            ),
            id="all that may follow",
        ),
        pytest.param(
            OPEN,
            "BTO SPY 600C 1/9 @ 1.25 trail 20%",
            order(option(BTO, "600"), "1.25", stop=Level(percent=Decimal(20), trail=Decimal(20))),
            id="a stop that only trails",
        ),
        pytest.param(
            OPEN,
            "BTO SPY 600C 2/30 @ 1.25",
            order(option(BTO, "600", expiry=None), "1.25", problems=(Problem("bad_date", "there is no day '2/30'"),)),
            id="an impossible expiry is a problem",
        ),
        pytest.param(
            CLOSE,
            "STC half SPY 600C 1/9 @ 2",
            order(option(STC, "600"), "2", fraction=Decimal("0.5")),
            id="half of an option sold",
        ),
        pytest.param(
            CLOSE,
            "trim SPY 600C @ 2",
            order(option(STC, "600", expiry=None), "2", is_part=True),
            id="a part that does not say how much",
        ),
        pytest.param(
            CLOSE,
            "STC SPY 600C 1/9 @ 2, 50% of position",
            order(option(STC, "600"), "2", fraction=Decimal("0.5")),
            id="a fraction behind the price",
        ),
        pytest.param(
            STOCK,
            "BTO 100 shares SPY @ 600.5",
            order(Leg(BTO, "SPY", Asset.STOCK), "600.5", quantity=100),
            id="shares bought",
        ),
        pytest.param(EXIT, "STC SPY", Alert(STC, "SPY", None), id="an exit that leaves open of what"),
        pytest.param(
            EXIT,
            "STC everything SPY shares",
            order(Leg(STC, "SPY", Asset.STOCK), fraction=Decimal(1)),
            id="an exit from shares",
        ),
        pytest.param(
            template("{action} {future} {price}"),
            "BTO /es @ 5000",
            order(Leg(BTO, "/ES", Asset.FUTURE), "5000"),
            id="a future",
        ),
        pytest.param(
            template("{action} {symbol} to {stop}"),
            "move stop SPY to SL BE",
            Alert(Action.UPDATE, "SPY", None, stop=Level(words="breakeven")),
            id="a stop moved",
        ),
        pytest.param(
            template("{action} {contract} {stop}"),
            "move stop SPY 600C 1/9 SL 1",
            order(option(Action.UPDATE, "600"), stop=Level(Decimal(1))),
            id="the stop of one contract moved",
        ),
    ],
)
def test_an_order_of_one_leg(rule: PatternRule, text: str, expected: Alert):
    """S-221, S-223, S-227, S-228, S-229, S-230."""
    assert built(rule, text) == expected


LEGS = template("{legs} {expiry?} {price?} {credit?}")
NAMED = template("{action} {symbol} {structure} {strikes} {right?} {expiry?} {price} {credit?}")
NAMED_CLOSE = template("{close} {symbol} {structure} {at_price}")
ROLL = template("{roll} {from_contract} to {contract} {price?} {credit?}")


def several(action: Action, legs: tuple[Leg, ...], structure: str, price: str | None = None, **more: object) -> Alert:
    return Alert(action, "SPY", Asset.OPTION, legs, structure=structure, price=price and Decimal(price), **more)


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param(
            LEGS,
            "BTO SPY 600c / STO 605c 1/9 @ 1.25 debit",
            several(BTO, (option(BTO, "600"), option(STO, "605")), "legs", "1.25", is_credit=False),
            id="a spread leg by leg",
        ),
        pytest.param(
            LEGS,
            "BTO SPY 600c / STO 605c 1/9 @ 1.25 cr",
            several(STO, (option(BTO, "600"), option(STO, "605")), "legs", "1.25", is_credit=True),
            id="its net price says who pays",
        ),
        pytest.param(
            LEGS,
            "BTO 2 SPY 600c / STO 4 605c 1/9",
            several(BTO, (option(BTO, "600"), option(STO, "605", ratio=2)), "legs", quantity=2),
            id="a ratio, twice",
        ),
        pytest.param(
            LEGS,
            "STC SPY 600c / BTC 605c 1/9",
            several(STC, (option(STC, "600"), option(BTC, "605")), "legs"),
            id="a spread closed leg by leg",
        ),
        pytest.param(
            LEGS,
            "sold SPY 600c, sold 590p 1/9 @ 2 cr",
            several(STO, (option(STO, "600"), option(STO, "590", PUT)), "legs", "2", is_credit=True),
            id="what is sold for a credit opens",
        ),
        pytest.param(
            NAMED,
            "STO SPY CCS 600/605 1/9 @ 1.25",
            several(STO, (option(STO, "600"), option(BTO, "605")), "call_credit_spread", "1.25", is_credit=True),
            id="a credit spread by name",
        ),
        pytest.param(
            NAMED,
            "BTO SPY CCS 600c/605c 1/9 @ 1.25",
            several(STO, (option(STO, "600"), option(BTO, "605")), "call_credit_spread", "1.25", is_credit=True),
            id="people buy credit spreads too: its name decides",
        ),
        pytest.param(
            NAMED,
            "BTO SPY fly 590/600/610 puts 1/9 @ 1.25",
            several(
                BTO,
                (option(BTO, "590", PUT), option(STO, "600", PUT, ratio=2), option(BTO, "610", PUT)),
                "butterfly",
                "1.25",
                is_credit=False,
            ),
            id="a butterfly",
        ),
        pytest.param(
            NAMED,
            "STO SPY fly 590p/600p/610p 1/9 @ 1.25",
            several(
                STO,
                (option(STO, "590", PUT), option(BTO, "600", PUT, ratio=2), option(STO, "610", PUT)),
                "butterfly",
                "1.25",
                is_credit=True,
            ),
            id="a butterfly sold; its letters say puts",
        ),
        pytest.param(
            NAMED_CLOSE,
            "STC SPY CCS @ .20",
            several(BTC, (), "call_credit_spread", "0.20"),
            id="a credit spread is bought back",
        ),
        pytest.param(
            ROLL,
            "Rolled SPY 600C 1/9 to SPY 605C 1/16 @ .5 debit",
            several(
                BTO,
                (option(STC, "600"), option(BTO, "605", expiry=LATER)),
                "roll",
                "0.5",
                is_credit=False,
            ),
            id="a roll up and out",
        ),
    ],
)
def test_an_order_of_several_legs(rule: PatternRule, text: str, expected: Alert):
    """S-231."""
    assert built(rule, text) == expected


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        pytest.param(OPEN, "BTO HIGH 5C", "not_a_symbol", id="a word for a ticker"),
        pytest.param(OPEN, "BTO SPY 600C @ 0", "bad_price", id="a price of nothing"),
        pytest.param(OPEN, "BTO SPY 600C @ 1.25 SL 1 SL 2", "ambiguous", id="two stops"),
        pytest.param(OPEN, "BTO SPY 600C 1/9 @ 1.25 1/16", "ambiguous", id="two expiries"),
        pytest.param(OPEN, "BTO SPY 600C x5 qty 6", "ambiguous", id="two quantities"),
        pytest.param(STOCK, "BTO SPY @ 2.50 1/9", "no_right", id="an expiry, but no option"),
        pytest.param(STOCK, "BTO SPY @ 2.50 2/30", "no_right", id="an impossible expiry, but no option"),
        pytest.param(CLOSE, "STC SPY 600C 1/2", "ambiguous", id="half of it, or of January 2?"),
        pytest.param(CLOSE, "STC most SPY 600C", "vague_fraction", id="most of it"),
        pytest.param(NAMED, "STO SPY CCS 600/605/610 1/9 @ 1", "bad_structure", id="a strike too many"),
        pytest.param(NAMED, "STO SPY CCS 600p/605p 1/9 @ 1", "bad_structure", id="a call spread of puts"),
        pytest.param(NAMED, "STO SPY CCS 600/605 puts 1/9 @ 1", "bad_structure", id="a call spread that says puts"),
        pytest.param(NAMED, "STO SPY CCS 600/605 1/9 @ 1 debit", "bad_structure", id="a credit spread for a debit"),
        pytest.param(NAMED, "STO SPY CCS 6/12 @ 1", "bad_structure", id="strikes, or a date?"),
        pytest.param(NAMED, "BTO SPY fly 590/600/615 puts 1/9 @ 1", "bad_structure", id="wings that are not equal"),
        pytest.param(
            template("{open} {symbol} {structure} {at_price}"),
            "STO SPY CCS @ 1.25",
            "bad_structure",
            id="a structure opened without strikes",
        ),
        pytest.param(LEGS, "BTO SPY 600c / sold 605c 1/9", "ambiguous", id="a spread, or a roll?"),
        pytest.param(LEGS, "BTO SPY 600c / 605c 1/9", "bad_structure", id="both legs bought"),
        pytest.param(LEGS, "BTO SPY 0c / STO 605c 1/9", "bad_strike", id="a leg without a strike"),
        pytest.param(OPEN, "STO SPY 600C 1/9 @ 1.25 spread", "bad_structure", id="one leg of a spread goes out naked"),
        pytest.param(LEGS, "BTO SPY 600c 1/9 / STO 605c 1/9 1/16", "ambiguous", id="legs with expiries, and another"),
        pytest.param(LEGS, "BTO 2 SPY 600c / STO 2 605c 1/9 x3", "ambiguous", id="two by the legs, three by the text"),
        pytest.param(OPEN, "BTO SPY 600C 1/9 @ 1 100 shares", "bad_quantity", id="shares of an option"),
        pytest.param(ROLL, "roll SPY 600C 1/9 to SPY 600C 1/9", "bad_structure", id="a roll to where it is"),
        pytest.param(ROLL, "roll SPY 600C 1/9 to QQQ 500C 1/9", "bad_structure", id="a roll to another symbol"),
    ],
)
def test_what_cannot_be_meant_is_refused(rule: PatternRule, text: str, expected: str):
    """S-201, S-231."""
    with pytest.raises(FlawFound) as caught:
        built(rule, text)

    assert caught.value.flaw.code == expected
    assert caught.value.flaw.detail


def test_the_width_that_is_named_must_be_that_of_the_strikes():
    rule = template("{action} {symbol} {width} {structure} {strikes} {expiry} {price}")

    assert len(built(rule, "STO SPY 5w CCS 600/605 1/9 @ 1").legs) == 2
    with pytest.raises(FlawFound):
        built(rule, "STO SPY 10w CCS 600/605 1/9 @ 1")


@pytest.mark.parametrize("asset", ["option", "stock", "future"])
def test_a_pattern_may_state_what_it_is_about(asset: str):
    rule = template("{symbol} {end}", constants=(("action", "sell_to_close"), ("asset", asset)))

    assert built(rule, "SPY").asset is Asset(asset)


def test_a_pattern_about_stock_never_reads_an_option():
    rule = template("{contract}", constants=(("action", "buy_to_open"), ("asset", "stock")))

    with pytest.raises(FlawFound):
        built(rule, "SPY 600C")


def test_an_alert_names_its_pattern_and_where_it_was_found():
    """S-217."""
    seen = normalise("**BTO** SPY 600C")
    match = TextPattern(OPEN, FITTING).find(seen)[0]

    alert = build(GRAMMAR, match, (), POSTED)

    assert alert.pattern == "entry"
    assert [(found.field, found.text, found.place.start) for found in alert.found] == [
        ("action", "BTO", 2),
        ("symbol", "SPY", 8),
        ("strike", "600", 12),
        ("right", "C", 15),
    ]
