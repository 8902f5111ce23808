"""What fills cost, from the orders that filled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.app.position_keeping import PositionKeeper, cost_of
from engine.decide.book import Book, Fills
from engine.lifecycle import events as e
from engine.lifecycle.slot import Purpose, Slot
from engine.model.order import OrderStatus
from engine.plan.entries import Planned, Role, TradeEntry
from tests.unit.lifecycle.orders import CALL, HIGHER_CALL, a_fill, after, an_order, placed, sent

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


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


def test_what_was_told_to_have_filled_after_a_time_is_counted():
    """S-956."""
    keeper = PositionKeeper(Book(Fills.BOOKED))
    order = an_order(4)
    keeper.restore(TradeEntry(1, AT, Planned("main", "e", "intent", Role.TRADE, Purpose.ENTRY, 4, order)))
    for minute, filled in enumerate((0, 1, 1, 3)):
        fills = tuple(a_fill(1, f"f{place}", CALL) for place in range(filled))
        attempt = after(sent(order), e.Reported(placed(order, fills=fills)))
        keeper.moved(Slot("e", Purpose.ENTRY, 4, (attempt,)), AT + timedelta(minutes=minute))

    assert [keeper.filled_after("intent", AT + timedelta(minutes=minute)) for minute in (0, 1, 2, 3)] == [3, 2, 2, 0]
    assert keeper.filled_after("another", AT) == 0
