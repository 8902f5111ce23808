"""What happens at a desk, in a line for people."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.app.news import of_order, of_step
from engine.lifecycle import events as e
from engine.lifecycle.slot import Purpose, Slot
from engine.model.check import Check, CheckStatus
from engine.model.order import OrderStatus
from engine.plan.flow import Checked, Flow
from tests.unit.execute.staging_world import intent_of
from tests.unit.lifecycle.orders import CALL, HIGHER_CALL, a_fill, after, an_order, placed, sent


@pytest.mark.parametrize(
    ("is_spread", "filled", "says"),
    [
        pytest.param(True, ((CALL, 1, "1.40"), (HIGHER_CALL, 2, "0.50")), ": net 0.40 debit", id="debit"),
        pytest.param(True, ((CALL, 1, "1.40"), (HIGHER_CALL, 2, "0.90")), ": net 0.40 credit", id="credit"),
        pytest.param(True, ((CALL, 1, "1.40"),), "1 at 1.40", id="a leg that has not filled yet"),
        pytest.param(False, ((CALL, 1, "1.40"),), "1 at 1.40", id="one leg"),
    ],
)
def test_the_fills_of_several_legs_are_told_with_their_net(
    is_spread: bool, filled: tuple[tuple[str, int, str], ...], says: str
):
    order = an_order(1, is_spread=is_spread)
    fills = tuple(
        replace(a_fill(quantity, f"f{place}", symbol), price=Decimal(price))
        for place, (symbol, quantity, price) in enumerate(filled)
    )
    attempt = after(sent(order), e.Reported(placed(order, OrderStatus.LIVE, fills=fills)))

    assert of_order("main", Slot("e", Purpose.ENTRY, 1, (attempt,))).text.endswith(says)


def test_a_sound_order_is_told_with_how_its_checks_ended():
    ended = (CheckStatus.PASSED, CheckStatus.NOT_APPLICABLE, CheckStatus.PASSED)
    checked = Checked(tuple(Check(each, each) for each in ended), Decimal("3.46"), is_sound=True)

    assert of_step(Flow(intent_of()), checked).text.endswith(" at 3.46: 2 passed, 1 not applicable")
