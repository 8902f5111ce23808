"""An executor, the real SDK and the local exchange: what is journaled and what is at the exchange are one story."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import anyio
import pytest

from engine.adapters.tastytrade.connection import Pace
from engine.execute.executor import Executor
from engine.journal.log import JournalLog
from engine.journal.reading import read_entries
from engine.journal.trade_log import JournalTradeLog, trade_entries
from engine.lifecycle.effects import Book
from engine.lifecycle.slot import NoRoom, Purpose, Slot
from engine.lifecycle.states import State
from engine.model.alert import Action
from engine.model.desk import AccountKind
from engine.model.order import InstrumentKind, OrderLeg
from engine.paper.conduct import Quirk
from engine.paper.faults import Slip, Trouble
from engine.paper.opening import ACCOUNTS
from engine.paper.venue import Environment
from engine.plan.entries import AccountFact, Planned, Role
from tests.contract.adapting import broker_of, share_order
from tests.contract.hostile_orders import KilledAnywhere, Tally
from tests.contract.reach import Way, World, tell
from tests.contract.virtual_time import run_leaping
from tests.unit.execute.memory_broker import Told

ALIAS = "cert"
SLOT = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
IMPATIENT = Pace(seconds=0.3, per_minute=10_000)


@dataclass
class Desk:
    world: World
    executor: Executor
    told: Told

    async def quiet(self) -> None:
        """Wait until no request is under way and the stream has told what it knows."""
        with anyio.fail_after(20):
            await anyio.sleep(0.05)
            while self.executor.busy:
                await anyio.sleep(0.01)

    async def pass_time(self, seconds: int, step: int = 1) -> None:
        for _ in range(0, seconds, step):
            self.world.pass_time(step)
            self.executor.timers.fire()
            await self.quiet()

    async def until(
        self, wanted: Callable[[Slot], bool], slot_id: str = SLOT, seconds: int = 180, step: int = 1
    ) -> Slot:
        """Let time pass until a slot is as wanted."""
        for _ in range(0, seconds, step):
            if wanted(self.executor.slots[slot_id]):
                break
            await self.pass_time(step, step)
        slot = self.executor.slots[slot_id]
        assert wanted(slot), slot
        return slot

    @property
    def posts(self) -> int:
        return self.world.sandbox.journey.count("place_order")


@asynccontextmanager
async def desk(world: World, folder: Path) -> AsyncIterator[Desk]:
    """Start an engine from the journal in a folder, and end it with the block, wherever it is."""
    old = list(trade_entries(read_entries(folder))) if any(folder.iterdir()) else []
    async with broker_of(world, pace=IMPATIENT) as broker:
        with JournalLog.open(folder, world.clock.now, segment_bytes=1 << 20, reserve_bytes=1 << 16) as journal:
            told = Told()
            executor = Executor(ALIAS, AccountKind.SANDBOX, broker, JournalTradeLog(journal, "run"), world.clock, told)
            for entry in old:
                executor.restore(entry)
            async with anyio.create_task_group() as group:
                await executor.recover()
                group.start_soon(executor.run)
                found = Desk(world, executor, told)
                await found.quiet()
                yield found
                group.cancel_scope.cancel()


def planned(
    price: str = "900.00", slot_id: str = SLOT, quantity: int = 1, action: Action = Action.BUY_TO_OPEN, number: int = 1
) -> Planned:
    order = share_order(price, f"{slot_id}-{number}", action, quantity)
    purpose = Purpose.ENTRY if action.opens else Purpose.EXIT
    return Planned(ALIAS, slot_id, slot_id, Role.TRADE, purpose, quantity, order)


def is_in(*states: State) -> Callable[[Slot], bool]:
    return lambda slot: slot.attempts[-1].state in states


def story(way: Way, folder: Path, what: Callable[[Desk], Awaitable[None]]) -> None:
    async def told(world: World) -> None:
        async with desk(world, folder) as found:
            await what(found)

    tell(told, way)


def test_an_order_is_placed_filled_and_booked_once(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        assert desk.executor.submit(planned(quantity=3)) is None
        await desk.until(is_in(State.FILLED))
        await desk.pass_time(35, 5)

        assert sum(effect.fill.quantity for effect in desk.told.effects(Book)) == 3
        assert desk.executor.ours == {"SPY": Decimal(3)}
        assert desk.executor.holdings["SPY"].quantity == 3
        assert desk.executor.health.may_open
        assert desk.posts == 1

    story(way, tmp_path, what)


def test_an_order_whose_answer_was_lost_is_found_by_its_id(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        desk.world.sandbox.faults.script(Trouble.LOST_AFTER, "place_order")
        desk.executor.submit(planned("1.00"))
        await desk.until(is_in(State.WORKING))

        assert desk.posts == 1

    story(way, tmp_path, what)


def test_an_opening_that_was_lost_is_absent_in_the_end_and_never_resent(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        desk.world.sandbox.faults.script(Trouble.LOST_BEFORE, "place_order")
        desk.executor.submit(planned("1.00"))
        await desk.until(is_in(State.ABSENT), step=5)
        refused = desk.executor.submit(planned("1.00", number=2))

        assert refused is not None
        assert refused.code == NoRoom.OPENING_NOT_RESENT
        assert desk.posts == 1

    story(way, tmp_path, what)


def test_a_close_that_was_lost_gets_a_new_attempt_once_it_is_known_to_be_absent(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        desk.executor.submit(planned())
        await desk.until(is_in(State.FILLED))
        await desk.pass_time(5)
        desk.world.sandbox.faults.script(Trouble.LOST_BEFORE, "place_order")
        desk.executor.submit(planned("1.00", OTHER, action=Action.SELL_TO_CLOSE))
        await desk.pass_time(2)
        again = planned("1.00", OTHER, action=Action.SELL_TO_CLOSE, number=2)
        assert desk.executor.submit(again) is not None
        await desk.until(is_in(State.ABSENT), OTHER, step=5)
        assert desk.executor.submit(again) is None
        await desk.until(is_in(State.FILLED), OTHER)

        assert desk.executor.ours == {"SPY": Decimal(0)}
        assert desk.posts == 3

    story(way, tmp_path, what)


def test_a_cancelled_order_is_cancelled_at_both_sides(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        desk.executor.submit(planned("1.00"))
        await desk.until(is_in(State.WORKING))
        desk.executor.cancel(SLOT, "the test")
        slot = await desk.until(lambda slot: slot.attempts[-1].is_settled)

        assert slot.attempts[-1].state is State.CANCELLED
        assert slot.could_fill == 0

    story(way, tmp_path, what)


def test_an_order_is_repriced_until_it_fills(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        desk.executor.submit(planned("1.00"))
        await desk.until(is_in(State.WORKING))
        assert desk.executor.replace(SLOT, Decimal("900.00")) is None
        slot = await desk.until(is_in(State.FILLED))

        assert len(slot.attempts[0].tickets) == 2
        assert len(desk.told.effects(Book)) == 1

    story(way, tmp_path, what)


def test_an_order_that_fills_in_parts_is_booked_in_parts(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        desk.world.sandbox.exchange.script(Quirk.PARTIAL)
        desk.executor.submit(planned(quantity=8))
        await desk.until(is_in(State.FILLED))

        fills = desk.told.effects(Book)
        assert len(fills) > 1
        assert sum(effect.fill.quantity for effect in fills) == 8

    story(way, tmp_path, what)


@pytest.mark.parametrize("slip", [Slip.LOSE, Slip.DOUBLE, Slip.SWAP, Slip.CLOSE, Slip.ODD_STATUS], ids=str)
def test_a_stream_that_goes_wrong_loses_nothing(way: Way, tmp_path: Path, slip: Slip):
    async def what(desk: Desk):
        desk.world.sandbox.faults.script(slip, "Order", times=20)
        desk.executor.submit(planned(quantity=2))
        await desk.until(is_in(State.FILLED), step=5)
        await desk.until(lambda slot: slot.attempts[-1].is_settled, step=5)

        assert sum(effect.fill.quantity for effect in desk.told.effects(Book)) == 2

    story(way, tmp_path, what)


def test_a_new_engine_goes_on_where_the_old_one_ended(way: Way, tmp_path: Path):
    async def what(world: World) -> None:
        async with desk(world, tmp_path) as first:
            first.executor.submit(planned("1.00"))
            first.executor.submit(planned("900.00", OTHER))
            await first.until(is_in(State.WORKING))
        world.pass_time(20)
        async with desk(world, tmp_path) as second:
            assert second.executor.slots[OTHER].attempts[0].state is State.FILLED
            assert second.executor.slots[SLOT].attempts[0].state is State.WORKING
            second.executor.cancel(SLOT, "the test")
            await second.until(lambda slot: slot.attempts[-1].is_settled)
        async with desk(world, tmp_path) as third:
            assert third.told.effects(Book) == []
            assert third.executor.slots[SLOT].attempts[0].state is State.CANCELLED
            assert third.executor.health.may_open
        assert world.sandbox.journey.count("place_order") == 2

    tell(what, way)


def test_the_account_number_is_the_brokers_whatever_the_alias(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        desk.executor.submit(planned("1.00"))
        await desk.until(is_in(State.WORKING))

        (order,) = desk.world.sandbox.exchange.orders(ACCOUNTS[Environment.SANDBOX], desk.world.clock.now())
        assert order.external_identifier == f"{SLOT}-1"
        assert list(desk.world.production.journey.asked) == []

    story(way, tmp_path, what)


def test_an_engine_killed_at_any_await_does_nothing_twice_and_loses_nothing():
    tally = Tally()
    run_leaping(KilledAnywhere(5, tally, rate=0.0).run(60))

    assert tally.restarts == 60
    assert tally.fills > 5


def test_an_option_that_expires_is_booked_and_no_mismatch(way: Way, tmp_path: Path):
    async def what(desk: Desk):
        now = desk.world.clock.now()
        expiration = desk.world.sandbox.exchange.listing.chains("SPY", now)[0].expirations[0]
        symbol = expiration.strikes[-1].call  # far out of the money
        leg = OrderLeg(symbol, InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 1)
        order = replace(planned("5.00").order, legs=(leg,))
        assert desk.executor.submit(replace(planned(), order=order)) is None
        await desk.until(is_in(State.FILLED))
        await desk.pass_time(60, 5)
        desk.world.clock.advance(expiration.stops_trading_at + timedelta(hours=1) - desk.world.clock.now())
        await desk.pass_time(90, 5)

        assert [fact.symbol for fact in desk.told.facts if fact.fact is AccountFact.BOOKED] == [symbol]
        assert "mismatch" not in desk.told.words
        assert desk.executor.health.blocked == frozenset()

    story(way, tmp_path, what)
