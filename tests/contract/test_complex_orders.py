"""Complex orders through the unpatched SDK."""

from decimal import Decimal

import pytest
from tastytrade.instruments import Equity
from tastytrade.order import (
    LimitOrder,
    MarketOrder,
    OCOOrder,
    OrderAction,
    OrderStatus,
    OTOCOOrder,
    OTOOrder,
    StopOrder,
)
from tastytrade.utils import TastytradeError

from tests.contract.reach import Way, World, tell


def test_a_trigger_its_profit_and_its_stop_are_placed_and_cancelled_together(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            account = await world.account(session)
            share = await Equity.get(session, "SPY")
            buy, sell = share.build_leg(1, OrderAction.BUY_TO_OPEN), share.build_leg(1, OrderAction.SELL_TO_CLOSE)
            order = OTOCOOrder(
                trigger_order=LimitOrder(legs=[buy], price=Decimal("-900")),
                take_profit=LimitOrder(legs=[sell], price=Decimal("950")),
                stop_loss=StopOrder(legs=[sell], stop_trigger=Decimal("100")),
            )
            dry = await account.place_complex_order(session, order)
            placed = (await account.place_complex_order(session, order, dry_run=False)).complex_order
            world.pass_time(10)
            working = await account.get_complex_order(session, placed.id)
            assert [each.id for each in await account.get_live_complex_orders(session)] == [placed.id]
            await account.delete_complex_order(session, placed.id)
            world.pass_time(10)
            ended = (await account.get_complex_order_history(session))[0]

        assert dry.complex_order.trigger_order.complex_order_tag == "OTOCO::trigger-order"  # type: ignore[union-attr]
        assert {placed.take_profit.status, placed.stop_loss.status} == {OrderStatus.CONTINGENT}
        assert working.trigger_order.status is OrderStatus.FILLED  # type: ignore[union-attr]
        assert [each.status for each in working.orders] == [OrderStatus.LIVE, OrderStatus.LIVE]
        assert [each.status for each in ended.orders] == [OrderStatus.CANCELLED, OrderStatus.CANCELLED]

    tell(story, way)


def test_one_order_can_set_off_others(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            account = await world.account(session)
            share = await Equity.get(session, "SPY")
            buy, sell = share.build_leg(1, OrderAction.BUY_TO_OPEN), share.build_leg(1, OrderAction.SELL_TO_CLOSE)
            order = OTOOrder(
                trigger_order=MarketOrder(legs=[buy]), orders=[LimitOrder(legs=[sell], price=Decimal("950"))]
            )
            placed = (await account.place_complex_order(session, order, dry_run=False)).complex_order
            world.pass_time(10)
            assert (await account.get_complex_order(session, placed.id)).orders[0].status is OrderStatus.LIVE

    tell(story, way)


def test_a_pair_needs_a_limit_and_a_stop(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            account = await world.account(session)
            share = await Equity.get(session, "SPY")
            buy, sell = share.build_leg(1, OrderAction.BUY_TO_OPEN), share.build_leg(1, OrderAction.SELL_TO_CLOSE)
            pair = OCOOrder(
                take_profit=LimitOrder(legs=[sell], price=Decimal("950")),
                stop_loss=StopOrder(legs=[sell], stop_trigger=Decimal("100")),
            )
            await account.place_order(session, MarketOrder(legs=[buy]), dry_run=False)
            world.pass_time(10)
            placed = (await account.place_complex_order(session, pair, dry_run=False)).complex_order
            assert placed.type == "OCO"
            two_limits = pair.model_dump(mode="json", by_alias=True)
            two_limits["orders"][1] = two_limits["orders"][0]
            with pytest.raises(TastytradeError, match="invalid_oco_order_type_combo"):
                await session._post(f"/accounts/{account.account_number}/complex-orders", json=two_limits)

    tell(story, way)
