"""The orders of an intent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.execute.drafts import Place, limit, unwinding
from engine.lifecycle.slot import Purpose, Slot, with_order
from engine.model.alert import Action
from engine.model.intent import Intent
from engine.model.order import OrderType, PriceEffect
from engine.plan.entries import Planned, Role
from engine.plan.limit_price import Priced
from tests.unit.execute.staging_world import close_of, intent_of

PLACE = Place("main", "5WT1", {})
PRICED = Priced(Decimal("1.20"), PriceEffect.DEBIT, "")


def _spread(effect: PriceEffect = PriceEffect.DEBIT) -> Intent:
    """Two butterflies: 2 bought, 4 sold, 2 bought."""
    leg = intent_of().legs[0]
    legs = tuple(
        replace(leg, symbol=f"SPY   261127C0060{n}000", action=action, quantity=quantity)
        for n, action, quantity in (
            (0, Action.BUY_TO_OPEN, 2),
            (1, Action.SELL_TO_OPEN, 4),
            (2, Action.BUY_TO_OPEN, 2),
        )
    )
    return intent_of(legs=legs, effect=effect)


def _legs(planned: Planned) -> list[tuple[str, int]]:
    return [(leg.action.value, leg.quantity) for leg in planned.order.legs]


def test_a_part_of_a_butterfly_keeps_its_proportions():
    planned = limit(_spread(), Role.PROBE, PLACE, 1, PRICED)

    assert _legs(planned) == [("buy_to_open", 1), ("sell_to_open", 2), ("buy_to_open", 1)]
    assert (planned.units, planned.purpose, planned.order.client_id) == (1, Purpose.ENTRY, f"{'0' * 32}p-1")
    assert (planned.account, planned.order.account) == ("main", "5WT1")


@pytest.mark.parametrize(
    ("effect", "price", "turned"),
    [(PriceEffect.DEBIT, "0.05", PriceEffect.CREDIT), (PriceEffect.CREDIT, "4", PriceEffect.DEBIT)],
)
def test_several_legs_are_unwound_at_a_price_any_market_fills(effect: PriceEffect, price: str, turned: PriceEffect):
    planned = unwinding(_spread(effect), PLACE, 1)

    assert _legs(planned) == [("sell_to_close", 1), ("buy_to_close", 2), ("sell_to_close", 1)]
    assert (planned.order.order_type, planned.order.price) == (OrderType.LIMIT, Decimal(price))
    assert (planned.order.effect, planned.purpose) == (turned, Purpose.EXIT)


def test_one_leg_is_unwound_at_the_market():
    planned = unwinding(intent_of(), PLACE, 2)

    assert _legs(planned) == [("sell_to_close", 2)]
    assert (planned.order.order_type, planned.order.price, planned.order.effect) == (OrderType.MARKET, None, None)


def test_a_later_order_of_a_slot_has_the_next_id_and_the_slots_size():
    first = limit(close_of(), Role.TRADE, PLACE, 2, PRICED)
    slot = with_order(Slot(first.slot_id, first.purpose, first.units), first.order)
    assert isinstance(slot, Slot)
    second = limit(close_of(), Role.TRADE, Place("main", "5WT1", {slot.id: slot}), 1, PRICED)

    assert (second.order.client_id, second.units) == (f"{'0' * 32}-2", 2)
