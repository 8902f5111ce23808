"""Orders of several legs are read whole: no leg goes out naked, and none is guessed."""

from datetime import date
from decimal import Decimal
from math import gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.alert import Action, Asset, Leg
from engine.model.instrument import Right
from engine.model.reading import StructureRule
from engine.parse.legs import (
    Legged,
    LegReader,
    RawLeg,
    as_stated,
    closing_legs,
    join_legs,
    reversed_legs,
    structure_legs,
)
from engine.parse.values import Flaw
from tests.unit.parse.small import (
    BTC,
    BTO,
    BUTTERFLY,
    CALL,
    CREDIT_SPREAD,
    FRIDAY,
    NEVER,
    PUT,
    SHAPES,
    STC,
    STO,
    STRADDLE,
    VOCABULARY,
    seen_texts,
)

READER = LegReader(VOCABULARY, SHAPES, NEVER)
LATER = date(2026, 1, 16)


def raw(
    action: Action | None = None,
    symbol: str | None = None,
    strike: str | None = None,
    right: Right | None = None,
    expiry: str | None = None,
    count: int | None = None,
    *,
    is_stock: bool = False,
    says_close: bool = False,
) -> RawLeg:
    number = None if strike is None else Decimal(strike)
    return RawLeg(action, symbol, number, right, expiry, count, is_stock, says_close)


def option(action: Action, strike: str, right: Right = CALL, expiry: date | None = FRIDAY, ratio: int = 1) -> Leg:
    return Leg(action, "SPY", Asset.OPTION, Decimal(strike), right, expiry, ratio)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "BTO SPY 600c / STO 605c",
            (raw(BTO, "SPY", "600", CALL), raw(STO, None, "605", CALL)),
            id="the second leaves out the symbol",
        ),
        pytest.param(
            "BTO 2 SPY 11/27 600 calls and 605p",
            (raw(BTO, "SPY", "600", CALL, "11/27", 2), raw(None, None, "605", PUT)),
            id="the second leaves out the action",
        ),
        pytest.param(
            "bought 100 shares of SPY + STO 1 605c weekly",
            (raw(BTO, "SPY", count=100, is_stock=True), raw(STO, None, "605", CALL, "weekly", 1)),
            id="shares and a call",
        ),
        pytest.param(
            "BTO 100 SPY shares, BTO 590p",
            (raw(BTO, "SPY", count=100, is_stock=True), raw(BTO, None, "590", PUT)),
            id="the symbol before the shares",
        ),
        pytest.param(
            "STC HIGH 600c / BTO 605c",
            (raw(STC, None, "600", CALL, says_close=True), raw(BTO, None, "605", CALL)),
            id="a word is no symbol; a code that closes says so",
        ),
        pytest.param("nothing", (), id="no legs"),
    ],
)
def test_legs_are_split(text: str, expected: tuple[RawLeg, ...]):
    """S-231."""
    assert READER.split(text) == expected


@pytest.mark.parametrize(
    ("legs", "expiries", "expected"),
    [
        pytest.param(
            (raw(BTO, "SPY", "600", CALL), raw(STO, None, "605", CALL)),
            (None, FRIDAY),
            Legged((option(BTO, "600"), option(STO, "605")), None),
            id="symbol and expiry are shared",
        ),
        pytest.param(
            (raw(BTO, "SPY", "600", CALL), raw(None, None, "590", PUT)),
            (FRIDAY, None),
            Legged((option(BTO, "600"), option(BTO, "590", PUT)), None),
            id="the action is that of the leg before",
        ),
        pytest.param(
            (raw(STO, "SPY", "600", CALL), raw(BTO, None, "600", CALL)),
            (FRIDAY, LATER),
            Legged((option(STO, "600"), option(BTO, "600", expiry=LATER)), None),
            id="a calendar",
        ),
        pytest.param(
            (raw(BTO, "SPY", "600", CALL, count=2), raw(STO, None, "605", CALL, count=4)),
            (FRIDAY, None),
            Legged((option(BTO, "600"), option(STO, "605", ratio=2)), 2),
            id="two of a ratio",
        ),
        pytest.param(
            (raw(BTO, "SPY", count=100, is_stock=True), raw(STO, None, "605", CALL, count=1)),
            (None, FRIDAY),
            Legged((Leg(BTO, "SPY", Asset.STOCK, ratio=100), option(STO, "605")), 1),
            id="a covered call",
        ),
        pytest.param(
            (raw(BTO, "SPY", count=100, is_stock=True), raw(STO, None, "605", CALL)),
            (None, FRIDAY),
            Legged((Leg(BTO, "SPY", Asset.STOCK, ratio=100), option(STO, "605")), None),
            id="a hundred shares go with one call",
        ),
        pytest.param(
            (raw(BTO, "SPY", count=500, is_stock=True), raw(STO, None, "605", CALL)),
            (None, FRIDAY),
            "ambiguous",
            id="how many calls go with five hundred?",
        ),
        pytest.param(
            (raw(STO, "SPY", "600", CALL, count=5), raw(BTO, None, "605", CALL)),
            (FRIDAY, None),
            Legged((option(STO, "600"), option(BTO, "605")), 5),
            id="five of a spread, not five legs against one",
        ),
        pytest.param(
            (raw(BTO, "SPY", "590", PUT), raw(STO, None, "580", PUT, count=2), raw(BTO, None, "570", PUT)),
            (FRIDAY, None, None),
            Legged((option(BTO, "590", PUT), option(STO, "580", PUT, ratio=2), option(BTO, "570", PUT)), 1),
            id="two of a middle leg: the others are one",
        ),
        pytest.param(
            (raw(BTO, "SPY", "590", PUT, count=1), raw(STO, None, "580", PUT, count=2), raw(BTO, None, "570", PUT)),
            (FRIDAY, None, None),
            "ambiguous",
            id="some legs say how many, one does not",
        ),
        pytest.param(
            (raw(STC, "SPY", "600", CALL, says_close=True), raw(BTO, None, "605", CALL)),
            (FRIDAY, LATER),
            Legged((option(STC, "600"), option(BTO, "605", expiry=LATER)), None, says_close=True),
            id="a roll that says what it closes",
        ),
        pytest.param(
            (raw(BTO, "SPY", "600", CALL), raw(STC, None, "605", CALL), raw(STC, None, "610", CALL)),
            (FRIDAY, None, None),
            Legged((option(BTO, "600"), option(STO, "605"), option(STO, "610")), None),
            id="sold beside bought opens too",
        ),
        pytest.param(
            (raw(BTO, "SPY", "600", CALL), raw(STC, None, "605", CALL)),
            (FRIDAY, None),
            "ambiguous",
            id="bought and sold, of one right: a spread, or a roll?",
        ),
        pytest.param(
            (raw(BTO, "SPY", "600", CALL), raw(None, None, "605", CALL)),
            (FRIDAY, None),
            "bad_structure",
            id="all on one side: a spread, or several orders?",
        ),
        pytest.param(
            (raw(BTO, "SPY", "600", CALL), raw(STO, None, "600", CALL)),
            (FRIDAY, None),
            "bad_structure",
            id="the same contract twice",
        ),
        pytest.param(
            (raw(BTO, "SPY", "600", CALL), raw(STO, "QQQ", "605", CALL)),
            (FRIDAY, None),
            "bad_structure",
            id="two symbols",
        ),
        pytest.param(
            (raw(BTO, None, "600", CALL), raw(STO, None, "605", CALL)), (FRIDAY, None), "bad_structure", id="no symbol"
        ),
        pytest.param(
            (raw(None, "SPY", "600", CALL), raw(STO, None, "605", CALL)),
            (FRIDAY, None),
            "bad_structure",
            id="no first action",
        ),
        pytest.param((), (), "bad_structure", id="no legs at all"),
    ],
)
def test_legs_take_what_they_leave_unsaid_from_their_neighbours(
    legs: tuple[RawLeg, ...], expiries: tuple[date | None, ...], expected: Legged | str
):
    """S-231."""
    joined = join_legs(legs, expiries)

    assert (joined.code.value if isinstance(joined, Flaw) else joined) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("BTO SPY 0c / STO 605c", "bad_strike", id="a strike of nothing"),
        pytest.param("BTO 0 SPY 600c / STO 605c", "bad_quantity", id="a count of nothing"),
    ],
)
def test_a_leg_that_does_not_read_is_a_flaw(text: str, expected: str):
    flaw = READER.split(text)

    assert isinstance(flaw, Flaw)
    assert flaw.code == expected


def test_what_is_said_outside_of_the_legs_holds_for_them():
    legs = (raw(BTO, None, "600", CALL), raw(STC, "SPY", "605", CALL), raw(None, None, "610", CALL))

    assert [leg.symbol for leg in as_stated(legs, "SPY", "")] == ["SPY", "SPY", "SPY"]
    assert [leg.action for leg in as_stated(legs, None, "buy_to_open")] == [BTO, STO, None]
    assert as_stated(legs, None, "") == legs


@pytest.mark.parametrize(
    ("rule", "strikes", "right", "expected"),
    [
        pytest.param(
            CREDIT_SPREAD, ("600", "605"), None, (option(STO, "600"), option(BTO, "605")), id="the sold strike first"
        ),
        pytest.param(
            BUTTERFLY,
            ("590", "600", "610"),
            PUT,
            (option(BTO, "590", PUT), option(STO, "600", PUT, ratio=2), option(BTO, "610", PUT)),
            id="the right the text says",
        ),
        pytest.param(STRADDLE, ("600",), None, (option(BTO, "600"), option(BTO, "600", PUT)), id="one strike for two"),
        pytest.param(CREDIT_SPREAD, ("600",), None, None, id="a strike too few"),
        pytest.param(CREDIT_SPREAD, ("600", "605", "610"), None, None, id="a strike too many"),
        pytest.param(CREDIT_SPREAD, (), None, None, id="no strikes"),
        pytest.param(BUTTERFLY, ("590", "600", "611"), PUT, None, id="wings that are not equal"),
        pytest.param(BUTTERFLY, ("500", "600", "700"), PUT, None, id="wings too wide"),
    ],
)
def test_the_legs_of_a_structure_by_name(
    rule: StructureRule, strikes: tuple[str, ...], right: Right | None, expected: tuple[Leg, ...] | None
):
    """S-231."""
    legs = structure_legs(rule, "SPY", tuple(map(Decimal, strikes)), right, FRIDAY)

    if expected is None:
        assert isinstance(legs, Flaw)
        assert legs.code == "bad_structure"
    else:
        assert legs == expected


def test_a_structure_is_sold_by_turning_its_legs_around():
    assert reversed_legs((option(BTO, "600"), option(STO, "605"))) == (option(STO, "600"), option(BTO, "605"))


def test_a_structure_is_closed_by_the_opposite_of_what_opened_it():
    assert closing_legs((option(BTO, "600"), option(STO, "605"))) == (option(STC, "600"), option(BTC, "605"))


@given(seen_texts)
def test_any_text_splits_into_legs_or_a_flaw(text: str):
    legs = READER.split(text)

    if not isinstance(legs, Flaw):
        assert all(leg.is_stock is (leg.strike is None) for leg in legs)
        assert all(leg.count is None or leg.count > 0 for leg in legs)


raw_legs = st.builds(
    raw,
    action=st.sampled_from([None, BTO, STO, STC, BTC]),
    symbol=st.sampled_from([None, "SPY", "QQQ"]),
    strike=st.sampled_from(["600", "605"]),
    right=st.sampled_from([CALL, PUT]),
    count=st.none() | st.integers(1, 6),
    says_close=st.booleans(),
)


@given(st.lists(st.tuples(raw_legs, st.sampled_from([None, FRIDAY, LATER])), max_size=4))
def test_joined_legs_are_different_contracts_of_one_symbol_in_lowest_terms(legs: list[tuple[RawLeg, date | None]]):
    """S-231: never the same contract twice, never all on one side."""
    joined = join_legs(tuple(leg for leg, _ in legs), tuple(day for _, day in legs))

    if isinstance(joined, Legged):
        contracts = {(leg.strike, leg.right, leg.expiry) for leg in joined.legs}
        assert len(contracts) == len(joined.legs) == len(legs)
        assert len({leg.symbol for leg in joined.legs}) == 1
        assert len({(leg.action, leg.right, leg.expiry) for leg in joined.legs}) > 1
        counts = [leg.ratio * (joined.quantity or 1) for leg in joined.legs]
        assert gcd(*(leg.ratio for leg in joined.legs)) == 1
        assert all(said.count in (None, count) for (said, _), count in zip(legs, counts, strict=True))
