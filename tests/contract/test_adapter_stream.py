"""The account stream through the adapter: what is told, and that nothing ends it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from engine.adapters.tastytrade.account_stream import AccountStream, Beat
from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.model.account_event import (
    AccountEvent,
    Connected,
    Disconnected,
    FundsSeen,
    HoldingSeen,
    OrderSeen,
    Reconnected,
)
from engine.model.errors import CredentialsRefused
from engine.model.order import OrderStatus
from engine.paper.faults import Slip
from engine.paper.opening import ACCOUNTS
from engine.paper.venue import Environment
from tests.contract.adapting import connection_of, share_order
from tests.contract.reach import Way, World, tell

QUICK = Beat(heartbeat=0.1, silence=0.5, first_pause=0.02, longest_pause=0.1)


class Heard:
    """Everything a stream told."""

    def __init__(self) -> None:
        self.events: list[AccountEvent] = []

    def __call__(self, event: AccountEvent) -> None:
        self.events.append(event)

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    @property
    def statuses(self) -> list[OrderStatus]:
        return [event.order.status for event in self.events if isinstance(event, OrderSeen)]

    async def until(self, is_enough: Callable[[], bool]) -> None:
        with anyio.fail_after(10):
            while not is_enough():
                await anyio.sleep(0.01)

    async def kind(self, kind: type, times: int = 1) -> None:
        await self.until(lambda: sum(isinstance(event, kind) for event in self.events) >= times)


@asynccontextmanager
async def listening(world: World, beat: Beat = QUICK) -> AsyncIterator[tuple[TastytradeBroker, Heard]]:
    account = ACCOUNTS[Environment.SANDBOX]
    heard = Heard()
    async with connection_of(world).opened() as connection, anyio.create_task_group() as group:
        stream = AccountStream(connection, account, world.clock, beat)
        group.start_soon(stream.listen, heard)
        await heard.kind(Connected)
        yield TastytradeBroker(connection, account, world.clock), heard
        group.cancel_scope.cancel()


def test_every_step_of_an_order_is_told(way: Way):
    async def story(world: World):
        async with listening(world) as (broker, heard):
            await broker.place(share_order())
            world.pass_time(5)
            await heard.kind(HoldingSeen)
            await heard.kind(FundsSeen)

            assert heard.events[0] == Connected(world.clock.now()) or isinstance(heard.events[0], Connected)
            steps = [OrderStatus.ROUTED, OrderStatus.IN_FLIGHT, OrderStatus.LIVE, OrderStatus.FILLED]
            assert heard.statuses == steps

    tell(story, way)


def test_heartbeats_keep_a_quiet_stream_open(way: Way):
    async def story(world: World):
        async with listening(world) as (_, heard):
            await anyio.sleep(1.2)

            assert heard.kinds == ["Connected"]

    tell(story, way)


@pytest.mark.parametrize("slip", [Slip.CLOSE, Slip.FREEZE], ids=str)
def test_a_lost_stream_comes_back_and_says_so(way: Way, slip: Slip):
    async def story(world: World):
        async with listening(world) as (broker, heard):
            world.sandbox.faults.script(slip, "Order")
            first = await broker.place(share_order("1.00"))
            await heard.kind(Reconnected)
            missed = await broker.order(first.id)
            await broker.place(share_order("2.00", "msg-2:0"))
            await heard.kind(OrderSeen)

            assert heard.kinds[:3] == ["Connected", "Disconnected", "Reconnected"]
            assert missed is not None
            assert all(isinstance(event, OrderSeen | FundsSeen) for event in heard.events[3:])

    tell(story, way)


def test_a_stream_that_always_ends_at_once_is_opened_less_and_less_often(way: Way):
    """S-969."""

    async def story(world: World):
        async with listening(world, Beat(first_pause=0.05, longest_pause=30)) as (broker, heard):
            with anyio.move_on_after(2):
                for number in range(1, 30):
                    world.sandbox.faults.script(Slip.CLOSE, "Order")
                    await broker.place(share_order("1.00", f"msg-{number}:0"))
                    await heard.kind(Reconnected, number)

            assert 2 <= heard.kinds.count("Reconnected") <= 6

    tell(story, way)


def test_oddities_neither_end_the_stream_nor_hide_the_order(way: Way):
    async def story(world: World):
        async with listening(world) as (broker, heard):
            world.sandbox.faults.script(Slip.ODD_STATUS, "Order")
            world.sandbox.faults.script(Slip.ODD_USER, "Order")
            placed = await broker.place(share_order())
            world.pass_time(5)
            await heard.until(lambda: OrderStatus.FILLED in heard.statuses)

            assert "Disconnected" not in heard.kinds
            assert OrderStatus.UNKNOWN in heard.statuses
            assert {event.order.id for event in heard.events if isinstance(event, OrderSeen)} == {placed.id}

    tell(story, way)


def test_doubled_and_swapped_messages_are_told_as_they_come(way: Way):
    async def story(world: World):
        async with listening(world) as (broker, heard):
            world.sandbox.faults.script(Slip.DOUBLE, "Order")
            await broker.place(share_order("1.00"))
            await heard.kind(OrderSeen, 2)

            assert heard.statuses[:2] == [OrderStatus.ROUTED] * 2

    tell(story, way)


def test_a_forgotten_token_does_not_keep_the_stream_from_coming_back(way: Way):
    async def story(world: World):
        async with listening(world) as (broker, heard):
            world.sandbox.tokens.forget()
            world.sandbox.faults.script(Slip.CLOSE, "Order")
            await broker.place(share_order("1.00"))
            await heard.kind(Reconnected)

            assert isinstance(heard.events[-1], Reconnected)

    tell(story, way)


def test_wrong_credentials_end_the_stream_for_good(way: Way):
    async def story(world: World):
        heard = Heard()
        async with connection_of(world, secret="wrong").opened() as connection:
            stream = AccountStream(connection, ACCOUNTS[Environment.SANDBOX], world.clock, QUICK)
            with pytest.raises(CredentialsRefused):
                await stream.listen(heard)

        assert {type(event) for event in heard.events} == {Disconnected}
        assert world.sandbox.journey.count("token") == 3

    tell(story, way)
