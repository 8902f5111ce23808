"""Orders through the unpatched SDK."""

from decimal import Decimal

import pytest
from tastytrade import AlertStreamer, Session
from tastytrade.instruments import Equity
from tastytrade.order import LimitOrder, OrderAction, OrderStatus, PlacedOrder
from tastytrade.utils import TastytradeError

from engine.paper.venue import Environment
from tests.contract.reach import Way, World, tell


async def limit_buy(session: Session, price: str = "-900.00") -> LimitOrder:
    share = await Equity.get(session, "SPY")
    leg = share.build_leg(1, OrderAction.BUY_TO_OPEN)
    return LimitOrder(legs=[leg], price=Decimal(price), external_identifier="alert-1:0")


def test_an_order_is_checked_placed_filled_and_found_again(way: Way):
    """S-840."""

    async def story(world: World) -> None:
        async with world.session() as session:
            account = await world.account(session)
            order = await limit_buy(session)
            dry = await account.place_order(session, order)
            placed = (await account.place_order(session, order, dry_run=False)).order
            world.pass_time(5)
            found = await account.get_order(session, placed.id)
            assert dry.order.status is OrderStatus.RECEIVED
            assert placed.status is OrderStatus.ROUTED
            assert placed.price == Decimal("-900")
            assert found.status is OrderStatus.FILLED
            assert found.external_identifier == "alert-1:0"
            assert found.legs[0].fills[0].quantity == 1
            position = (await account.get_positions(session))[0]
            assert (position.symbol, position.quantity) == ("SPY", 1)

    tell(story, way)


def test_the_stream_tells_every_step(way: Way):
    """S-847."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as session, AlertStreamer(session) as stream:
            account = await world.account(session)
            await stream.subscribe_accounts([account])
            await account.place_order(session, await limit_buy(session), dry_run=False)
            seen = []
            async for order in stream.listen(PlacedOrder):
                seen.append(order.status)
                world.pass_time(1)
                if order.status is OrderStatus.FILLED:
                    break
            assert seen == [OrderStatus.ROUTED, OrderStatus.IN_FLIGHT, OrderStatus.LIVE, OrderStatus.FILLED]

    tell(story, way)


def test_a_replacement_is_a_new_order(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            account = await world.account(session)
            old = (await account.place_order(session, await limit_buy(session, "-1.00"), dry_run=False)).order
            world.pass_time(1)
            new = await account.replace_order(session, old.id, await limit_buy(session, "-1.10"))
            world.pass_time(1)
            orders = {order.id: order for order in await account.get_live_orders(session)}
            assert new.status is OrderStatus.CONTINGENT
            assert new.id != old.id
            assert orders[old.id].status is OrderStatus.CANCELLED
            assert orders[old.id].replacing_order_id == new.id
            assert orders[new.id].replaces_order_id == old.id
            assert orders[new.id].status is OrderStatus.LIVE
            await account.delete_order(session, new.id)
            world.pass_time(1)
            assert (await account.get_order(session, new.id)).status is OrderStatus.CANCELLED
            with pytest.raises(TastytradeError, match="cannot_update_order"):
                await account.delete_order(session, new.id)

    tell(story, way)


def test_orders_are_searched_page_by_page(way: Way):
    """S-840."""

    async def story(world: World):
        async with world.session() as session:
            account = await world.account(session)
            order = await limit_buy(session, "-1.00")
            placed = [(await account.place_order(session, order, dry_run=False)).order.id for _ in range(5)]
            await account.delete_order(session, placed[0])
            world.pass_time(2)
            today = world.production.now().date()
            everything = await account.get_order_history(session, per_page=2, page_offset=None, start_date=today)
            second = await account.get_order_history(session, per_page=2, page_offset=1, sort="Asc")
            live = await account.get_order_history(session, statuses=[OrderStatus.LIVE])
            none = await account.get_order_history(session, end_date=today.replace(day=1))

        assert [each.id for each in everything] == placed[::-1]
        assert [each.id for each in second] == placed[2:4]
        assert [each.id for each in live] == placed[:0:-1]
        assert none == []

    tell(story, way)


def test_an_edit_is_a_replacement_and_can_be_tried_first(way: Way):
    """S-840."""

    async def story(world: World):
        async with world.session() as session:
            account = await world.account(session)
            old = (await account.place_order(session, await limit_buy(session, "-1.00"), dry_run=False)).order
            world.pass_time(1)
            path = f"/accounts/{account.account_number}/orders/{old.id}"
            terms = {"order-type": "Limit", "time-in-force": "Day", "price": "1.10", "price-effect": "Debit"}
            dry = await session._client.post(f"{path}/dry-run", json=terms)
            edited = await session._client.patch(path, json=terms)
            world.pass_time(1)
            assert "id" not in dry.json()["data"]["order"]
            assert edited.json()["data"]["replaces-order-id"] == old.id
            assert [each.price for each in await account.get_live_orders(session)] == [Decimal("-1.1"), Decimal("-1")]

    tell(story, way)
