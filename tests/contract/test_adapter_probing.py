"""What certification asks through the adapter, and the connection that only reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Ask, Connection
from engine.adapters.tastytrade.destination import Credentials, production, sandbox
from engine.adapters.tastytrade.probing import TastytradeComplexOrders, TastytradeProbing
from engine.model.alert import Action
from engine.model.complex_order import ComplexOrder
from engine.model.errors import InvariantBroken, NothingSent, OrderRefused
from engine.model.order import OrderStatus, OrderType
from engine.model.wire_answer import WireAnswer
from engine.paper.faults import Trouble
from engine.paper.opening import ACCOUNTS, grants
from engine.paper.venue import Environment
from tests.contract.adapting import QUICK, broker_of, connection_of, share_order
from tests.contract.reach import Way, World, tell

ACCOUNT = ACCOUNTS[Environment.SANDBOX]


@asynccontextmanager
async def probing(world: World) -> AsyncIterator[tuple[TastytradeProbing, TastytradeComplexOrders]]:
    async with connection_of(world).opened() as connection:
        yield TastytradeProbing(connection, ACCOUNT, world.clock), TastytradeComplexOrders(connection, ACCOUNT)


def ending(trigger: str | None = "5.00") -> ComplexOrder:
    profit = share_order("900.00", "msg-1:profit", Action.SELL_TO_CLOSE)
    stop = replace(
        share_order("1.00", "msg-1:stop", Action.SELL_TO_CLOSE),
        order_type=OrderType.STOP,
        price=None,
        effect=None,
        stop_trigger=Decimal("2.50"),
    )
    return ComplexOrder(None if trigger is None else share_order(trigger, "msg-1:trigger"), profit, stop)


def test_an_answer_comes_as_it_is_whatever_it_says(way: Way):
    async def story(world: World):
        async with probing(world) as (questions, _):
            live = await questions.get("orders/live", {})
            missing = await questions.get("orders/1", {})
            old = await questions.get("/accounts/5WZ99999/positions", {"Accept-Version": "20251101"})

            assert (live.method, live.path, live.status) == ("GET", f"/accounts/{ACCOUNT}/orders/live", 200)
            assert "application/json" in live.headers["content-type"]
            assert '"items":[]' in live.body.replace(" ", "")
            assert (missing.status, old.status) == (404, 403)

    tell(story, way)


def test_a_heartbeat_is_answered(way: Way):
    async def story(world: World):
        async with probing(world) as (questions, _):
            beat = await questions.heartbeat()

            assert beat.connected_in > 0
            assert beat.answered_in >= 0

    tell(story, way)


def test_a_stream_that_cannot_be_had_answers_no_heartbeat(way: Way):
    async def story(world: World):
        world.sandbox.faults.script(Trouble.SERVER_ERROR, "account_stream", times=5)
        async with probing(world) as (questions, _):
            with pytest.raises(NothingSent):
                await questions.heartbeat()

    tell(story, way)


def test_orders_that_hang_on_each_other_are_checked_placed_and_cancelled(way: Way):
    async def story(world: World):
        async with probing(world) as (questions, orders), broker_of(world) as broker:
            assert await questions.dry_run_complex(ending()) == ()
            assert await broker.live_orders() == ()
            whole = await orders.place_complex(ending())
            world.pass_time(2)
            placed = {each.client_id: each.status for each in await broker.live_orders()}
            await orders.cancel_complex(whole)
            world.pass_time(2)
            ended = {each.status for each in await broker.live_orders()}

            assert placed == {
                "msg-1:trigger": OrderStatus.LIVE,
                "msg-1:profit": OrderStatus.CONTINGENT,
                "msg-1:stop": OrderStatus.CONTINGENT,
            }
            assert ended == {OrderStatus.CANCELLED}

    tell(story, way)


def test_an_end_without_anything_to_end_is_refused(way: Way):
    async def story(world: World):
        async with probing(world) as (questions, _):
            with pytest.raises(OrderRefused) as refused:
                await questions.dry_run_complex(ending(None))

            assert "closing_with_no_position" in refused.value.codes

    tell(story, way)


def test_an_end_by_two_limits_cannot_be_said():
    profit = share_order("900.00", "msg-1:profit", Action.SELL_TO_CLOSE)

    async def story(world: World):
        async with probing(world) as (questions, _):
            with pytest.raises(NothingSent) as caught:
                await questions.dry_run_complex(ComplexOrder(None, profit, profit))

            assert caught.value.code == "not_representable"

    tell(story, Way.IN_PROCESS)


def test_who_watches_is_told_every_answer_but_those_that_sign_in(way: Way):
    seen: list[WireAnswer] = []

    async def story(world: World):
        async with connection_of(world).opened() as connection:
            connection.watch = seen.append
            broker = TastytradeBroker(connection, ACCOUNT, world.clock)
            await broker.place(share_order("5.00"))
            with pytest.raises(OrderRefused):
                await broker.cancel("1")

    tell(story, way)
    assert [(each.method, each.status) for each in seen] == [("POST", 201), ("DELETE", 404)]
    assert "token" not in "".join(each.path for each in seen)


@pytest.mark.parametrize("environment", list(Environment))
def test_a_connection_that_only_reads_sends_nothing_that_changes_anything(way: Way, environment: Environment):
    """Whoever asks and however: the request does not leave."""
    account = ACCOUNTS[environment]

    async def story(world: World):
        place = sandbox if environment is Environment.SANDBOX else production
        destination = replace(place(world.transport), is_read_only=True)
        keys = grants(environment)[0]
        venue = world.server.venues[environment]
        async with Connection(destination, Credentials(keys.client_secret, keys.refresh_token), QUICK).opened() as to:
            broker = TastytradeBroker(to, account, world.clock)
            order = share_order("5.00", environment=environment)
            complex_orders = TastytradeComplexOrders(to, account)
            await broker.dry_run(order)
            before = len(venue.journey.asked)
            for change in (
                broker.place(order),
                broker.replace("1", order),
                broker.cancel("1"),
                complex_orders.place_complex(ending()),
                complex_orders.cancel_complex("1"),
                to.ask(Ask("PATCH", f"/accounts/{account}/orders/1", "edit", account)),
                to.ask(Ask("POST", f"/accounts/{account}/orders", "place", account)),
            ):
                with pytest.raises(InvariantBroken):
                    await change
            assert len(venue.journey.asked) == before
            assert await broker.live_orders() == ()

    tell(story, way)
