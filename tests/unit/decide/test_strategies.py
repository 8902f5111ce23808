"""What kind of position legs make."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from engine.decide.strategies import UNDEFINED_RISK, chosen_strategy, has_undefined_risk, receives, strategies_of
from engine.model.alert import Action, Alert, Asset, Leg
from engine.model.instrument import Right
from engine.model.limits import Strategy
from tests.unit.decide.known import BTO, FRIDAY, STO

LATER = date(2026, 2, 20)


def buy(strike: str, right: str = "call", expiry: date = FRIDAY, ratio: int = 1) -> Leg:
    return Leg(BTO, "SPY", Asset.OPTION, Decimal(strike), Right(right), expiry, ratio)


def sell(strike: str, right: str = "call", expiry: date = FRIDAY, ratio: int = 1) -> Leg:
    return Leg(STO, "SPY", Asset.OPTION, Decimal(strike), Right(right), expiry, ratio)


def shares(action: Action = BTO, ratio: int = 100) -> Leg:
    return Leg(action, "SPY", Asset.STOCK, ratio=ratio)


FUTURE = Leg(STO, "/ES", Asset.FUTURE)
BUTTERFLY = (buy("95"), sell("100", ratio=2), buy("105"))
CONDOR = (buy("90"), sell("95"), sell("100"), buy("105"))
IRON_CONDOR = (buy("90", "put"), sell("95", "put"), sell("105"), buy("110"))
IRON_FLY = (buy("90", "put"), sell("100", "put"), sell("100"), buy("110"))
COLLAR = (shares(), buy("95", "put"), sell("105"))


@pytest.mark.parametrize(
    ("legs", "kinds"),
    [
        pytest.param((buy("100"),), [Strategy.LONG_OPTION], id="a bought option"),
        pytest.param((sell("100"),), [Strategy.SHORT_OPTION], id="a sold call"),
        pytest.param(
            (sell("100", "put"),),
            [Strategy.CASH_SECURED_PUT, Strategy.SHORT_OPTION],
            id="a sold put: secured by cash where that is allowed",
        ),
        pytest.param((shares(ratio=1),), [Strategy.STOCK], id="bought shares"),
        pytest.param((shares(STO, 1),), [Strategy.SHORT_STOCK], id="sold shares"),
        pytest.param((FUTURE,), [Strategy.FUTURE], id="a future, either way"),
        pytest.param((buy("100"), sell("105")), [Strategy.DEBIT_VERTICAL], id="bull call spread"),
        pytest.param((sell("100"), buy("105")), [Strategy.CREDIT_VERTICAL], id="bear call spread"),
        pytest.param((buy("105", "put"), sell("100", "put")), [Strategy.DEBIT_VERTICAL], id="bear put spread"),
        pytest.param((sell("105", "put"), buy("100", "put")), [Strategy.CREDIT_VERTICAL], id="bull put spread"),
        pytest.param(BUTTERFLY, [Strategy.BUTTERFLY], id="butterfly"),
        pytest.param((buy("95"), sell("100", ratio=2), buy("110")), [Strategy.BUTTERFLY], id="with a broken wing"),
        pytest.param((sell("95"), buy("100", ratio=2), sell("105")), [Strategy.BUTTERFLY], id="a sold butterfly"),
        pytest.param(CONDOR, [Strategy.CONDOR], id="condor"),
        pytest.param(IRON_CONDOR, [Strategy.IRON_CONDOR], id="iron condor"),
        pytest.param(IRON_FLY, [Strategy.IRON_BUTTERFLY], id="iron butterfly"),
        pytest.param((buy("100"), buy("100", "put")), [Strategy.STRADDLE], id="straddle"),
        pytest.param((buy("105"), buy("95", "put")), [Strategy.STRANGLE], id="strangle"),
        pytest.param((sell("100"), sell("100", "put")), [Strategy.SHORT_STRADDLE], id="sold straddle"),
        pytest.param((sell("105"), sell("95", "put")), [Strategy.SHORT_STRANGLE], id="sold strangle"),
        pytest.param((sell("100"), buy("100", expiry=LATER)), [Strategy.CALENDAR], id="calendar"),
        pytest.param((sell("105"), buy("100", expiry=LATER)), [Strategy.DIAGONAL], id="diagonal"),
        pytest.param((buy("100"), sell("105", ratio=2)), [Strategy.RATIO], id="ratio"),
        pytest.param((shares(), sell("105")), [Strategy.COVERED_CALL], id="covered call"),
        pytest.param((shares(ratio=200), sell("105", ratio=2)), [Strategy.COVERED_CALL], id="two covered calls"),
        pytest.param(COLLAR, [Strategy.COLLAR], id="collar"),
        pytest.param((), [], id="no legs"),
        pytest.param((shares(ratio=50), sell("105")), [], id="half covered"),
        pytest.param((shares(), buy("95", "put")), [], id="shares and a put only"),
        pytest.param((shares(STO), buy("105")), [], id="sold shares and a call"),
        pytest.param((buy("100"), sell("100", "put")), [], id="a synthetic share"),
        pytest.param((buy("100"), buy("105")), [], id="two calls bought"),
        pytest.param((buy("90"), sell("95"), buy("100"), sell("105")), [], id="two verticals"),
        pytest.param((buy("95"), sell("100", ratio=3), buy("105")), [], id="a butterfly with too much sold"),
        pytest.param((buy("100"), Leg(STO, "SPY", right=Right.CALL)), [], id="a strike is not known"),
        pytest.param((FUTURE, sell("100")), [], id="a future with an option"),
        pytest.param((buy("100"), replace(sell("105"), symbol="QQQ")), [], id="of two underlyings"),
        pytest.param(tuple(buy(str(strike)) for strike in range(90, 95)), [], id="five legs"),
    ],
)
def test_legs_in_any_order_make_one_kind(legs: tuple[Leg, ...], kinds: list[Strategy]):
    assert all(list(strategies_of(order)) == kinds for order in permutations(legs))


def test_every_kind_of_the_language_can_be_found():
    found = [
        *((buy("100"),), (sell("100", "put"),), (shares(),), (shares(STO),), (FUTURE,)),
        *((buy("100"), sell("105")), (sell("100"), buy("105")), BUTTERFLY, CONDOR, IRON_CONDOR, IRON_FLY),
        *((buy("100"), buy("100", "put")), (buy("105"), buy("95", "put")), (shares(), sell("105")), COLLAR),
        *((sell("100"), sell("100", "put")), (sell("105"), sell("95", "put"))),
        *((sell("100"), buy("100", expiry=LATER)), (sell("105"), buy("100", expiry=LATER))),
        (buy("100"), sell("105", ratio=2)),
    ]

    assert {kind for legs in found for kind in strategies_of(legs)} == set(Strategy)


@pytest.mark.parametrize(
    ("legs", "is_undefined"),
    [
        pytest.param((buy("100"),), False, id="bought"),
        pytest.param((sell("100"),), True, id="a naked call"),
        pytest.param((sell("100"), sell("100", "put")), True, id="a sold straddle"),
        pytest.param((shares(STO),), True, id="sold shares"),
        pytest.param((sell("100"), buy("105")), False, id="a sold call that is covered"),
        pytest.param((buy("100"), sell("105", ratio=2)), True, id="more calls sold than bought"),
        pytest.param((sell("100"), buy("105", ratio=2)), False, id="fewer calls sold than bought"),
        pytest.param((buy("100", "put"), sell("95", "put", ratio=2)), True, id="more puts sold than bought"),
        pytest.param((sell("100"), buy("100", expiry=LATER)), False, id="covered for longer"),
        pytest.param((buy("100"), sell("100", expiry=LATER)), True, id="the cover is gone first"),
        pytest.param((shares(), sell("105")), False, id="covered by shares"),
        pytest.param(IRON_CONDOR, False, id="iron condor"),
        pytest.param((FUTURE,), False, id="a future is allowed by its kind"),
    ],
)
def test_what_has_no_bound(legs: tuple[Leg, ...], is_undefined: bool):
    """S-324."""
    kind = chosen_strategy(strategies_of(legs), frozenset())

    assert kind is not None
    assert has_undefined_risk(kind, legs) is is_undefined


def test_a_sold_put_is_secured_by_cash_only_where_that_is_allowed():
    kinds = strategies_of((sell("100", "put"),))

    secured = chosen_strategy(kinds, frozenset({Strategy.CASH_SECURED_PUT, Strategy.SHORT_OPTION}))
    short = chosen_strategy(kinds, frozenset({Strategy.SHORT_OPTION}))

    assert (secured, short) == (Strategy.CASH_SECURED_PUT, Strategy.SHORT_OPTION)
    assert not has_undefined_risk(Strategy.CASH_SECURED_PUT, (sell("100", "put"),))
    assert has_undefined_risk(Strategy.SHORT_OPTION, (sell("100", "put"),))


def test_all_kinds_that_need_the_words_have_undefined_risk_whatever_their_legs():
    assert all(has_undefined_risk(kind, ()) for kind in UNDEFINED_RISK)


@pytest.mark.parametrize(
    ("legs", "said", "expected"),
    [
        pytest.param((buy("100"),), True, False, id="who buys an option pays, whatever the text says"),
        pytest.param((sell("100"), buy("105")), None, True, id="a credit vertical"),
        pytest.param((buy("100"), sell("105")), True, False, id="a debit vertical"),
        pytest.param(IRON_CONDOR, None, True, id="an iron condor"),
        pytest.param((sell("90"), buy("95"), buy("100"), sell("105")), None, True, id="a sold condor"),
        pytest.param(CONDOR, None, False, id="a bought condor"),
        pytest.param(BUTTERFLY, True, True, id="a butterfly, as the text says"),
        pytest.param((buy("100"), sell("105", ratio=2)), None, False, id="unsaid: paying is what is assumed"),
    ],
)
def test_who_receives(legs: tuple[Leg, ...], said: bool | None, expected: bool):
    kind = chosen_strategy(strategies_of(legs), frozenset())
    alert = Alert(legs[0].action, "SPY", Asset.OPTION, legs, is_credit=said)

    assert kind is not None
    assert receives(kind, alert) is expected
