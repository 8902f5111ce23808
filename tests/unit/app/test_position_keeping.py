"""What fills cost, from the orders that filled."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.app.position_keeping import cost_of
from engine.lifecycle import events as e
from engine.lifecycle.slot import Purpose, Slot
from engine.model.order import OrderStatus
from tests.unit.lifecycle.orders import CALL, HIGHER_CALL, a_fill, after, an_order, placed, sent


@pytest.mark.parametrize(
    ("is_closing", "is_spread", "filled", "cost"),
    [
        pytest.param(False, False, ((CALL, 2, "1.20"), (CALL, 2, "1.30")), "1.25", id="bought in two parts"),
        pytest.param(True, False, ((CALL, 4, "1.25"),), "-1.25", id="sold"),
        pytest.param(False, True, ((CALL, 4, "1.40"), (HIGHER_CALL, 8, "0.50")), "0.40", id="a ratio for a debit"),
        pytest.param(False, True, ((CALL, 4, "1.40"), (HIGHER_CALL, 8, "0.90")), "-0.40", id="the same for a credit"),
        pytest.param(True, True, ((CALL, 4, "0.10"), (HIGHER_CALL, 8, "0.30")), "0.50", id="closed at a debit"),
    ],
)
def test_a_unit_costs_what_its_legs_add_up_to(
    is_closing: bool, is_spread: bool, filled: tuple[tuple[str, int, str], ...], cost: str
):
    order = an_order(4, is_closing=is_closing, is_spread=is_spread)
    fills = tuple(
        replace(a_fill(quantity, f"f{place}", symbol), price=Decimal(price))
        for place, (symbol, quantity, price) in enumerate(filled)
    )
    attempt = after(sent(order), e.Reported(placed(order, OrderStatus.FILLED, fills=fills)))

    assert cost_of(Slot("e", Purpose.EXIT if is_closing else Purpose.ENTRY, 4, (attempt,))) == Decimal(cost)
