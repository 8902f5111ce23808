"""Trades cost what recorded ones did."""

from decimal import Decimal

import pytest

from engine.paper.fees import Fees, leg_fees
from engine.paper.words import Action, InstrumentType

OPTION, SHARE, FUTURE = InstrumentType.EQUITY_OPTION, InstrumentType.EQUITY, InstrumentType.FUTURE


@pytest.mark.parametrize(
    ("kind", "action", "quantity", "price", "expected"),
    [
        pytest.param(OPTION, Action.BUY_TO_OPEN, 1, "0.75", "1.12", id="the recorded option"),
        pytest.param(OPTION, Action.BUY_TO_CLOSE, 1, "0.75", "0.12", id="closing has no commission"),
        pytest.param(OPTION, Action.BUY_TO_OPEN, 25, "0.75", "13.00", id="ten dollars of commission at most"),
        pytest.param(SHARE, Action.BUY_TO_OPEN, 1, "1.00", "0.001", id="the recorded share"),
        pytest.param(SHARE, Action.SELL_TO_OPEN, 1, "1.00", "0.001166", id="the recorded sale of a share"),
        pytest.param(FUTURE, Action.BUY_TO_OPEN, 2, "6720", "5.90", id="a future, each way"),
    ],
)
def test_what_a_leg_costs(kind: InstrumentType, action: Action, quantity: int, price: str, expected: str):
    assert leg_fees(kind, action, quantity, Decimal(price)).total == Decimal(expected)


def test_index_options_pay_their_owner():
    assert leg_fees(OPTION, Action.BUY_TO_OPEN, 2, Decimal(5), "SPXW").proprietary == Decimal("1.30")


def test_parts_add_up():
    one = leg_fees(OPTION, Action.SELL_TO_OPEN, 1, Decimal("2.00"))
    three = leg_fees(OPTION, Action.SELL_TO_OPEN, 3, Decimal("2.00"))

    assert one + (three - one) == three
    assert (one - one) == Fees()
