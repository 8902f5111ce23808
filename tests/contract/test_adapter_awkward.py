"""The adapter in a sandbox as awkward as the real one: less is there, nothing is mistaken for something else."""

from decimal import Decimal

import pytest

from engine.adapters.tastytrade.quotes import TastytradeQuotes
from engine.model.alert import Action
from engine.model.errors import NothingSent
from engine.model.live_quote import QuoteFlaw
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderStatus, OrderType, PriceEffect
from engine.paper.opening import ACCOUNTS, Opening
from engine.paper.venue import Environment
from tests.contract.adapting import broker_of, connection_of, share_order
from tests.contract.reach import Way, World, tell

AWKWARD = Opening(seed=7, pace=0.0)


def test_shares_trade_and_futures_are_rejected_on_their_way(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            month = next(each for each in await broker.futures("ES") if each.is_active_month)
            leg = OrderLeg(month.symbol, InstrumentKind.FUTURE, Action.BUY_TO_OPEN, 1)
            account = ACCOUNTS[Environment.SANDBOX]
            order = Order("msg-7:0", account, (leg,), OrderType.LIMIT, price=Decimal(1000), effect=PriceEffect.DEBIT)
            future = await broker.place(order)
            share = await broker.place(share_order("1.00"))
            world.pass_time(3)
            found = {each.id: each for each in await broker.live_orders()}

            assert (found[future.id].status, found[future.id].reject_reason) == (
                OrderStatus.REJECTED,
                "Session offline",
            )
            assert found[share.id].status in (OrderStatus.LIVE, OrderStatus.REJECTED)

    tell(story, way, AWKWARD)


def test_a_contract_only_production_lists_is_none_in_the_sandbox(way: Way):
    async def story(world: World):
        async with broker_of(world) as there, broker_of(world, Environment.PRODUCTION) as here:
            listed, known = await here.chain("SPY"), await there.chain("SPY")
            assert listed is not None
            assert known is not None
            missing = {each.symbol for each in listed.contracts} - {each.symbol for each in known.contracts}

            assert missing
            assert await there.contract(min(missing)) is None
            assert await here.contract(min(missing)) is not None

    tell(story, way, AWKWARD)


def test_future_options_without_a_name_in_the_stream_are_listed_all_the_same(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker:
            chain = await broker.chain("/ES")

            assert chain is not None
            assert any(not each.streamer_symbol for each in chain.contracts)

    tell(story, way, AWKWARD)


def test_sandbox_orders_are_priced_by_production_quotes(way: Way):
    async def story(world: World):
        async with broker_of(world) as broker, connection_of(world, Environment.PRODUCTION).opened() as connection:
            share = await broker.contract("SPY")
            assert share is not None
            own = await TastytradeQuotes(broker._connection, world.clock).quotes([share])
            found = await TastytradeQuotes(connection, world.clock).quotes([share])

            assert own["SPY"].flaws == (QuoteFlaw.MISSING,)  # 502: the service does not exist there
            assert found["SPY"].quote.mid is not None

    tell(story, way, AWKWARD)


def test_beyond_sixty_requests_a_minute_nothing_is_sent(way: Way):
    async def story(world: World):
        async with broker_of(world, Environment.PRODUCTION) as broker:
            busy = None
            for _ in range(70):
                try:
                    await broker.futures("ES")  # of no account: paid from a budget of its own
                    await broker.funds()
                except NothingSent as error:
                    busy = error
                    break

            assert busy is not None
            assert busy.code in ("broker_busy", "budget_spent")
            with pytest.raises(NothingSent):
                await broker.funds()

    tell(story, way, AWKWARD)
