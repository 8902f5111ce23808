"""What the defaults of a playbook fill in."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.decide.defaults import fill, is_signal, missing
from engine.model.alert import Action, Alert, Asset, Leg, Problem
from engine.model.instrument import Right
from engine.model.playbook import ExpiryDefault, PartDefault, ReadDefaults
from engine.model.source import Span

LINE = Span("desk/momentum.yaml", 25, 5, 25, 40)
MONDAY = date(2026, 1, 5)
BTO, STO, STC = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.SELL_TO_CLOSE
EXPIRY = ExpiryDefault(frozenset({"SPY"}), "0dte", "this_week", LINE)


def leg(action: Action, symbol: str = "SPY", strike: str | None = "500", expiry: date | None = None) -> Leg:
    return Leg(action, symbol, Asset.OPTION, None if strike is None else Decimal(strike), Right.CALL, expiry)


def alert(*legs: Leg) -> Alert:
    return Alert(legs[0].action, legs[0].symbol, legs[0].asset, legs)


@pytest.mark.parametrize(
    ("default", "said", "posted", "expected"),
    [
        pytest.param(EXPIRY, leg(BTO), MONDAY, MONDAY, id="a listed symbol"),
        pytest.param(EXPIRY, leg(BTO, "TSLA"), MONDAY, date(2026, 1, 9), id="any other symbol"),
        pytest.param(EXPIRY, leg(BTO, "TSLA"), date(2026, 3, 30), date(2026, 4, 2), id="a week with Good Friday"),
        pytest.param(EXPIRY, leg(BTO, expiry=MONDAY), MONDAY, MONDAY, id="what is said stays"),
        pytest.param(replace(EXPIRY, other=None), leg(BTO, "TSLA"), MONDAY, None, id="no `else`"),
        pytest.param(None, leg(BTO), MONDAY, None, id="no default"),
        pytest.param(EXPIRY, leg(STC), MONDAY, None, id="an exit takes it from its position"),
        pytest.param(EXPIRY, leg(BTO, strike=None), MONDAY, None, id="no strike either"),
        pytest.param(EXPIRY, Leg(BTO, "SPY", Asset.STOCK), MONDAY, None, id="stock"),
    ],
)
def test_expiry(default: ExpiryDefault | None, said: Leg, posted: date, expected: date | None):
    filled, notes = fill(alert(said), ReadDefaults(default, None), posted)

    assert filled.legs[0].expiry == expected
    assert bool(notes) == (filled != alert(said))


def test_all_legs_of_a_spread_take_the_same_expiry():
    filled, notes = fill(alert(leg(BTO), leg(STO, strike="505")), ReadDefaults(EXPIRY, None), MONDAY)

    assert [each.expiry for each in filled.legs] == [MONDAY, MONDAY]
    assert [str(note) for note in notes] == ["expiry 2026-01-05 filled by read.defaults at desk/momentum.yaml:25:5"]


def test_a_calendar_that_says_one_expiry_is_not_filled_up():
    half_said = alert(leg(BTO, expiry=MONDAY), leg(STO))

    assert fill(half_said, ReadDefaults(EXPIRY, None), MONDAY) == (half_said, ())


def test_0dte_on_a_day_without_a_session_is_a_problem():
    filled, _ = fill(alert(leg(BTO)), ReadDefaults(EXPIRY, None), date(2026, 1, 10))

    assert [problem.code for problem in filled.problems] == ["not_a_session"]


def test_an_expiry_that_was_said_but_makes_no_sense_is_not_filled_over():
    bad = replace(alert(leg(BTO)), problems=(Problem("bad_date", "there is no day '13/45'"),))

    assert fill(bad, ReadDefaults(EXPIRY, None), MONDAY) == (bad, ())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"is_part": True}, "0.25", id="trim"),
        pytest.param({"is_part": True, "fraction": Decimal("0.5")}, "0.5", id="trim half"),
        pytest.param({"is_part": True, "quantity": 2}, None, id="trim two"),
        pytest.param({}, None, id="an exit that says no part"),
    ],
)
def test_part(change: dict[str, object], expected: str | None):
    trim = replace(alert(leg(STC)), **change)

    filled, _ = fill(trim, ReadDefaults(None, None, PartDefault(Decimal("0.25"), LINE)), MONDAY)

    assert filled.fraction == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("said", "lacks", "signal"),
    [
        pytest.param(leg(BTO, expiry=MONDAY), (), False, id="a whole contract"),
        pytest.param(leg(BTO), ("expiry",), False, id="no expiry"),
        pytest.param(leg(BTO, strike=None), ("strike", "expiry"), True, id="a signal"),
        pytest.param(
            Leg(BTO, "SPY", Asset.OPTION), ("strike", "right", "expiry"), False, id="a signal without direction"
        ),
        pytest.param(Leg(BTO, None, Asset.STOCK), ("symbol",), False, id="stock without a symbol"),
        pytest.param(Leg(BTO, "AAPL", Asset.STOCK), (), False, id="stock"),
    ],
)
def test_what_an_opening_lacks(said: Leg, lacks: tuple[str, ...], signal: bool):
    assert missing(alert(said)) == lacks
    assert is_signal(alert(said)) is signal
