"""Closed positions add up, by playbook and author, and what is not known is told apart."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.model.alert import Action, Asset, Leg
from engine.model.position import Position
from engine.replay.profits import AssumedProfit, ProfitOfDay, Profits, total
from tests.unit.replay.decided import AT, closed


def test_what_closed_positions_brought_is_added_up():
    profits = Profits()
    held = Position("momentum", "302", "1", (Leg(Action.BUY_TO_OPEN, "SPY", Asset.STOCK),), Decimal(1), AT)

    for each in (closed("50"), closed("-20.50", 1), closed(None, 1), closed("-100", 2, author="302", is_expired=True)):
        profits.close(each)
    profits.leave_open(held)

    assert profits.by_playbook() == (
        AssumedProfit("momentum", "momentum", 4, 1, 2, Decimal("-70.50"), expired=1, unknown=1, still_open=1),
    )
    assert [(each.name, each.profit, each.still_open) for each in profits.by_author({"301": "ann"})] == [
        ("ann", Decimal("29.50"), 0),
        ("302", Decimal(-100), 1),
    ]
    assert profits.by_day() == (
        ProfitOfDay(date(2026, 1, 5), "momentum", Decimal(50)),
        ProfitOfDay(date(2026, 1, 6), "momentum", Decimal("-20.50")),
        ProfitOfDay(date(2026, 1, 7), "momentum", Decimal(-100)),
    )


@given(st.lists(st.tuples(st.none() | st.decimals(-1000, 1000, places=2), st.integers(0, 9), st.sampled_from("abc"))))
def test_all_ways_of_adding_agree(ended: list[tuple[Decimal | None, int, str]]):
    profits = Profits()
    for profit, day, author in ended:
        profits.close(closed(None if profit is None else str(profit), day, author=author))

    expected = sum((profit for profit, _, _ in ended if profit is not None), Decimal(0))
    assert total(profits.by_playbook()) == total(profits.by_author({})) == expected
    assert sum((each.profit for each in profits.by_day()), Decimal(0)) == expected
    assert sum(each.closed for each in profits.by_author({})) == len(ended)
