"""Several matches must mean one thing: parts are dropped, repetitions merged, contradictions refused."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.alert import Alert, Asset, Found, Leg, Reading, Refusal
from engine.model.decision import Reason
from engine.model.source import Place
from engine.parse.agreement import Read, agreed, longest
from engine.parse.normalise import normalise
from engine.parse.pattern import Hit, Match
from engine.parse.values import Flaw
from tests.unit.parse.small import BTO, CALL, FRIDAY, PUT, STC, STO, card, template

TEXT = normalise("BTO 5 SPY 600C 11/27 @ 1.25 and more words")
LEG = Leg(BTO, "SPY", Asset.OPTION, Decimal(600), CALL, FRIDAY)
SPY = Alert(BTO, "SPY", Asset.OPTION, (LEG,), price=Decimal("1.25"))
SPREAD = replace(SPY, legs=(LEG, replace(LEG, action=STO, strike=Decimal(605))), structure="legs")
FLAW = Flaw(Reason.BAD_PRICE, "'0' is not a price")


def read(start: int, end: int, alert: Alert | None = SPY, *, name: str = "", is_card: bool = False) -> Read:
    """A match of a stretch, its fields at both ends of it."""
    name = name or f"{start}-{end}"
    rule = card(name, title="{action}") if is_card else template("{action}", name)
    hits = (Hit("action", "", start, start + 1), Hit("price", "", end - 1, end))
    match = Match(rule, TEXT, start, end, start, hits)
    return Read(match, alert, None if alert else FLAW, None, ((start, end),))


def names(kept: list[Read] | Refusal) -> object:
    return kept.code.value if isinstance(kept, Refusal) else [each.match.rule.name for each in kept]


OTHER_PRICE = replace(SPY, price=Decimal(2))
OTHER_ACTION = replace(SPY, action=STC)
UNPRICED = replace(SPY, price=None)
STOCK = replace(SPY, asset=Asset.STOCK, legs=())


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([read(0, 10), read(12, 20)], ["0-10", "12-20"], id="apart"),
        pytest.param([read(12, 20), read(0, 10)], ["0-10", "12-20"], id="in order of the text"),
        pytest.param([read(0, 10), read(0, 20)], ["0-20"], id="contained: the longest counts"),
        pytest.param([read(0, 10, OTHER_PRICE), read(0, 20)], ["0-20"], id="a part that leaves fields out"),
        pytest.param([read(0, 20, UNPRICED), read(0, 20, name="b")], ["0-20"], id="equal and agreeing"),
        pytest.param([read(0, 20), read(0, 20, OTHER_PRICE)], "ambiguous", id="equal, with another price"),
        pytest.param([read(0, 20), read(0, 20, OTHER_ACTION)], "ambiguous", id="equal, with another action"),
        pytest.param([read(0, 20), read(0, 20, STOCK)], ["0-20"], id="equal: a stock is what no contract was read of"),
        pytest.param([read(0, 12), read(8, 18, UNPRICED)], ["0-12"], id="crossing and agreeing"),
        pytest.param([read(0, 12), read(8, 18, OTHER_PRICE)], "ambiguous", id="crossing, with another price"),
        pytest.param(
            [read(0, 9), read(8, 20), read(19, 24, OTHER_PRICE)],
            "ambiguous",
            id="crossing one that was itself dropped",
        ),
        pytest.param([read(0, 20, SPREAD), read(0, 20, name="leg")], ["0-20"], id="one leg of an order of several"),
        pytest.param(
            [read(0, 20, name="leg"), read(0, 20, SPREAD)], ["0-20"], id="whichever comes first: no leg goes out naked"
        ),
        pytest.param(
            [read(0, 20, SPREAD), read(0, 20, replace(SPREAD, legs=(LEG, replace(LEG, strike=Decimal(610)))))],
            "ambiguous",
            id="two orders of several legs that differ in one",
        ),
        pytest.param([read(0, 20), read(0, 20, None, name="b")], ["0-20"], id="what does not read is dropped"),
        pytest.param([read(0, 10), read(0, 20, None)], "bad_price", id="unless it is the longest"),
        pytest.param([read(0, 10, None), read(0, 20, None)], "bad_price", id="nothing reads"),
        pytest.param(
            [read(0, 10, is_card=True), read(12, 20, is_card=True)], ["0-10"], id="two cards are of the whole text"
        ),
        pytest.param(
            [read(0, 10, is_card=True), read(12, 20, OTHER_ACTION, is_card=True)],
            "ambiguous",
            id="two cards that contradict each other",
        ),
    ],
)
def test_which_readings_count(reads: list[Read], expected: object):
    """S-203."""
    assert names(longest(reads)) == expected


def test_a_contradiction_names_both_patterns_and_its_place():
    """S-208."""
    refusal = longest([read(0, 20, name="a"), read(0, 20, OTHER_PRICE, name="b")])

    assert refusal == Refusal(
        Reason.AMBIGUOUS, "the patterns 'b' and 'a' read it differently", Place("content", 0, 20), "b"
    )


def test_a_flaw_is_refused_at_its_words():
    """S-208."""
    flawed = read(0, 20, None, name="entry")

    assert longest([flawed]) == Refusal(FLAW.code, FLAW.detail, Place("content", 0, 20), "entry")
    assert longest([replace(flawed, hit=Hit("price", "", 6, 9))]) == Refusal(
        FLAW.code, FLAW.detail, Place("content", 6, 9), "entry"
    )


QQQ = replace(SPY, symbol="QQQ", legs=(replace(LEG, symbol="QQQ"),))
PUTS = replace(SPY, legs=(replace(LEG, right=PUT),))
UNDATED = replace(SPY, legs=(replace(LEG, expiry=None),))
FULLER = replace(SPY, quantity=5, found=(Found("quantity", "5", Place("content", 4, 5)),))


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        pytest.param([], (), id="none"),
        pytest.param([SPY, QQQ], (SPY, QQQ), id="two symbols are two alerts"),
        pytest.param([SPY, PUTS], (SPY, PUTS), id="two rights are two alerts"),
        pytest.param([SPY, SPY], (SPY,), id="said twice is one"),
        pytest.param([UNDATED, SPY], (UNDATED,), id="said twice, once without its expiry"),
        pytest.param([SPY, FULLER], (FULLER,), id="the fuller one counts"),
        pytest.param([SPY, OTHER_PRICE], None, id="two prices for one contract"),
        pytest.param([FULLER, replace(SPY, quantity=6)], None, id="two sizes for one contract"),
        pytest.param([SPY, SPREAD], (SPY, SPREAD), id="a contract and a spread are two"),
    ],
)
def test_repetitions_of_one_alert_are_one(alerts: list[Alert], expected: tuple[Alert, ...] | None):
    """S-203, S-218."""
    reading = agreed(alerts)

    if expected is None:
        assert reading.refusal is not None
        assert (reading.refusal.code, reading.refusal.is_order_shaped, reading.alerts) == ("ambiguous", True, ())
    else:
        assert reading == Reading(alerts=expected)


stretches = st.tuples(st.integers(0, 20), st.integers(2, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))
alerts = st.sampled_from([SPY, OTHER_PRICE, OTHER_ACTION, UNPRICED, SPREAD, None])
readings = st.lists(st.builds(lambda stretch, alert: read(*stretch, alert), stretches, alerts), max_size=5)


@given(readings)
def test_kept_readings_never_overlap_and_all_have_an_alert(reads: list[Read]):
    kept = longest(reads)

    if isinstance(kept, list):
        assert all(each.alert for each in kept)
        assert all(one.match.end <= other.match.start for index, one in enumerate(kept) for other in kept[index + 1 :])
        assert all(each in reads for each in kept)


@given(readings.flatmap(lambda reads: st.tuples(st.just(reads), st.permutations(reads))))
def test_the_order_of_patterns_never_decides_whether_they_agree(both: tuple[list[Read], list[Read]]):
    one, other = (longest(reads) for reads in both)

    assert isinstance(one, Refusal) is isinstance(other, Refusal)


def test_a_message_that_opens_and_closes_one_contract_is_a_report():
    reading = agreed([SPY, OTHER_ACTION])

    assert reading.refusal is not None
    assert (reading.alerts, reading.refusal.code) == ((), Reason.HEARSAY)
