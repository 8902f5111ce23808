"""What legs are worth at expiry."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.payoff import Payoff, payoff
from engine.model.alert import Asset, Leg
from engine.model.instrument import Right
from tests.unit.decide.known import BTO, FRIDAY, STO
from tests.unit.decide.test_strategies import COLLAR, IRON_CONDOR, buy, sell, shares


@pytest.mark.parametrize(
    ("legs", "worst", "best"),
    [
        pytest.param((buy("100"),), "0", None, id="a call"),
        pytest.param((buy("100", "put"),), "0", "100", id="a put"),
        pytest.param((sell("100"),), None, "0", id="a sold call"),
        pytest.param((sell("100", "put"),), "-100", "0", id="a sold put"),
        pytest.param((buy("100"), sell("105")), "0", "5", id="a debit vertical"),
        pytest.param((sell("100"), buy("105")), "-5", "0", id="a credit vertical"),
        pytest.param(IRON_CONDOR, "-5", "0", id="an iron condor loses one wing"),
        pytest.param((buy("95"), sell("100", ratio=2), buy("110")), "-5", "5", id="a broken wing"),
        pytest.param((shares(), sell("105")), "0", "105", id="a covered call"),
        pytest.param(COLLAR, "95", "105", id="a collar"),
    ],
)
def test_worst_and_best(legs: tuple[Leg, ...], worst: str | None, best: str | None):
    expected = Payoff(None if worst is None else Decimal(worst), None if best is None else Decimal(best))

    assert payoff(legs) == expected


strikes = st.integers(1, 200).map(Decimal)
legs = st.lists(
    st.builds(
        Leg,
        st.sampled_from([BTO, STO]),
        st.just("SPY"),
        st.just(Asset.OPTION),
        strikes,
        st.sampled_from(Right),
        st.just(FRIDAY),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=4,
)


@given(legs, st.integers(0, 500).map(Decimal))
def test_no_price_of_the_underlying_is_worse_than_the_worst_or_better_than_the_best(legs: list[Leg], price: Decimal):
    found = payoff(legs)

    worth = sum(
        (leg.ratio if leg.action is BTO else -leg.ratio)
        * max(Decimal(0), price - leg.strike if leg.right is Right.CALL else leg.strike - price)
        for leg in legs
        if leg.strike is not None
    )
    assert found.worst is None or found.worst <= worth
    assert found.best is None or worth <= found.best
