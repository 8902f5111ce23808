"""
Random orders through executors, the real adapter and an exchange at its worst, in virtual time.

One episode is one exchange, one journal and a number of engines, one after another: each is killed at any moment, and
the next one knows the journal only. What must hold is looked at, at the exchange itself, after every step; at the end
of an episode everything is let come to rest, and then both sides must say the same.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import anyio
import pytest
from anyio.abc import TaskGroup

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection, Pace
from engine.adapters.tastytrade.destination import Credentials, production, sandbox
from engine.execute.executor import Executor
from engine.lifecycle.slot import Purpose, Refusal
from engine.model.alert import Action
from engine.model.desk import AccountKind
from engine.model.errors import CredentialsRefused
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PriceEffect
from engine.paper.clock import PaperClock
from engine.paper.faults import Slip, Trouble
from engine.paper.hostility import Hostility
from engine.paper.opening import ACCOUNTS, Opening, grants, open_server
from engine.paper.orders import LegRequest, OrderRequest, Terms
from engine.paper.venue import Environment, Venue
from engine.paper.words import Action as TheirAction
from engine.paper.words import InstrumentType
from engine.paper.words import OrderType as TheirType
from engine.plan.entries import Planned, Role
from tests.contract.hostile_checks import MustHold
from tests.contract.hostile_engine import Books, Disk, Engine, Log, Tally, Watched
from tests.contract.reach import InProcess, in_process
from tests.contract.virtual_time import LoopClock, run_leaping

BEGAN = datetime(2026, 11, 24, 14, 45, tzinfo=UTC)
ALIAS = "trading"
UNLIMITED = Pace(seconds=20.0, per_minute=1_000_000)
_TRADED = ("SPY", "QQQ", "IWM")
_TICK = 0.25  # seconds between looks of the account stream at the clock: each costs as much as a step


class Episode(MustHold):
    """One exchange and everything that is tried on it."""

    def __init__(self, seed: int, tally: Tally, rate: float = 0.12) -> None:
        self.random = Random(seed)
        self.tally = tally
        self.environment = self.random.choice((Environment.PRODUCTION, Environment.SANDBOX))
        self.disk = Disk()
        self.slots: dict[str, int] = {}
        self.posts: Counter[str] = Counter()
        self.is_turned_away = False
        self._seed = seed
        self._rate = rate
        self._count = 0
        self._engine: Engine | None = None

    async def run(self, steps: int) -> None:
        self.clock = PaperClock(LoopClock(BEGAN))
        server = open_server(self._opening(), self.clock)
        self.venue: Venue = server.sandbox if self.environment is Environment.SANDBOX else server.production
        self.calm = dict(self.venue.faults.chances)
        async with in_process(server) as inner:
            self.transport = InProcess(inner)
            async with anyio.create_task_group() as group:
                await self._start(group)
                await self._play(group, steps)
                await self._rest(group)
                self._compare_all()
                await self._stop(0)
        self._sum_up()

    def _opening(self) -> Opening:
        return Hostility(self._seed, self._rate).opening()

    # ---------------------------------------------------------------- engines

    async def _start(self, group: TaskGroup) -> None:
        ready = anyio.Event()
        group.start_soon(self._live, ready)
        await ready.wait()

    async def _live(self, ready: anyio.Event) -> None:
        async with self._broker() as broker:
            log, books = Log(self.disk, self.clock), Books()
            kind = AccountKind.SANDBOX if self.environment is Environment.SANDBOX else AccountKind.PRODUCTION
            executor = Executor(ALIAS, kind, broker, log, self.clock, books)  # type: ignore[arg-type]
            for entry in self.disk.entries():
                books.take(executor.restore(entry))
            broker.order_of = executor._orders.slots.order
            broker.is_on_disk = log.is_on_disk
            with anyio.CancelScope() as scope:
                self._engine = Engine(executor, log, books, broker, scope)
                ready.set()
                try:
                    await executor.recover()
                    await executor.run()
                except CredentialsRefused:  # too many 401 in a row: a person has to look, and starts it again
                    self.is_turned_away = True

    @asynccontextmanager
    async def _broker(self):
        place = sandbox if self.environment is Environment.SANDBOX else production
        keys = grants(self.environment)[0]
        credentials = Credentials(keys.client_secret, keys.refresh_token)
        async with Connection(place(self.transport), credentials, UNLIMITED).opened() as connection:
            yield Watched(TastytradeBroker(connection, ACCOUNTS[self.environment], self.clock))

    async def _stop(self, kept: int) -> None:
        engine = self.engine
        engine.log.die(kept)
        engine.broker.is_alive = False
        self.tally.facts.update(fact.fact.value for fact in engine.books.facts)
        self.tally.alarms.update(engine.books.effects)
        engine.scope.cancel()
        await anyio.sleep(0.001)

    @property
    def engine(self) -> Engine:
        assert self._engine is not None
        return self._engine

    # ---------------------------------------------------------------- steps

    async def _play(self, group: TaskGroup, steps: int) -> None:
        for _ in range(steps):
            await self._step(group)
            if self.is_turned_away:
                await self._restart(group)

    async def _step(self, group: TaskGroup) -> None:
        self.tally.steps += 1
        act = self.random.choices(list(_ACTS), list(_ACTS.values()))[0]
        await getattr(self, f"_{act}")(group)
        await anyio.sleep(self.random.choice(_PAUSES))
        self._check()

    async def _open(self, _: TaskGroup) -> None:
        purpose, units = Purpose.ENTRY, self.random.randint(1, 6)
        slot_id = self._new_slot(units)
        legs = self._opening_legs(units)
        if legs is not None:
            order = self._order(f"{slot_id}-1", legs)
            self._submit(Planned(ALIAS, slot_id, slot_id, Role.TRADE, purpose, units, order))

    async def _close(self, _: TaskGroup) -> None:
        executor = self.engine.executor
        held = {s: n for s, n in executor.ours.items() if n and executor.holdings.get(s) is not None}
        if not held:
            return
        symbol = self.random.choice(sorted(held))
        quantity = int(held[symbol])
        free = abs(quantity) - executor.reserved_closes(symbol)
        if free < 1:
            return
        units = self.random.randint(1, free)
        slot_id = self._new_slot(units)
        action = Action.SELL_TO_CLOSE if quantity > 0 else Action.BUY_TO_CLOSE
        kind = InstrumentKind.EQUITY if " " not in symbol else InstrumentKind.EQUITY_OPTION
        legs = (OrderLeg(symbol, kind, action, units),)
        order = self._order(f"{slot_id}-1", legs)
        self._submit(Planned(ALIAS, slot_id, slot_id, Role.TRADE, Purpose.EXIT, units, order))

    async def _again(self, _: TaskGroup) -> None:
        """Send what is left of a slot once more, or try to: mostly that must be refused."""
        if not self.engine.executor.slots:
            return
        slot = self.random.choice(list(self.engine.executor.slots.values()))
        units = self.random.randint(1, slot.units)
        last = slot.attempts[-1].order
        whole = slot.attempts[-1].units
        legs = tuple(replace(leg, quantity=leg.quantity // whole * units) for leg in last.legs)
        order = replace(last, client_id=slot.next_client_id, legs=legs)
        self._submit(Planned(ALIAS, slot.id, slot.id, Role.TRADE, slot.purpose, slot.units, order))

    async def _cancel(self, _: TaskGroup) -> None:
        working = [slot for slot in self.engine.executor.slots.values() if slot.could_fill]
        if working:
            self.engine.executor.cancel(self.random.choice(working).id, "by chance")

    async def _cancel_any(self, _: TaskGroup) -> None:
        if self.engine.executor.slots:
            self.engine.executor.cancel(self.random.choice(list(self.engine.executor.slots)), "by chance")

    async def _kill(self, _: TaskGroup) -> None:
        self.engine.executor.cancel_openings("kill")

    async def _replace(self, _: TaskGroup) -> None:
        working = [slot for slot in self.engine.executor.slots.values() if slot.could_fill]
        if working:
            slot = self.random.choice(working)
            price = self._price(slot.attempts[-1].order.legs)
            if price is not None:
                self._note(self.engine.executor.replace(slot.id, price[0]))

    async def _wait(self, _: TaskGroup) -> None:
        await anyio.sleep(self.random.choice((5, 20, 70, 200)))

    async def _restart(self, group: TaskGroup) -> None:
        self.tally.restarts += 1
        self.is_turned_away = False
        await self._stop(self.random.randint(0, self.engine.log.pending))
        await anyio.sleep(self.random.choice((0.0, 0.5, 5, 90)))
        await self._start(group)

    async def _rest(self, group: TaskGroup) -> None:
        """Let everything come to rest: no more faults, all cancelled, every doubt resolved."""
        self.venue.faults.clear()
        self.venue.faults.chances.clear()
        self._cancel_all()
        for _ in range(40):
            await anyio.sleep(20)
            if self.is_turned_away:  # by the last of the faults
                await self._restart(group)
                self._cancel_all()
            elif self._is_at_rest():
                break
        self._check()

    def _cancel_all(self) -> None:
        for slot_id in list(self.engine.executor.slots):
            self.engine.executor.cancel(slot_id, "the end")

    async def _open_and_die(self, group: TaskGroup) -> None:
        await self._open(group)
        await anyio.sleep(self.random.choice((0.0, 0.1, 0.2, 0.4)))
        await self._restart(group)

    async def _fault(self, _: TaskGroup) -> None:
        kind, where = self.random.choice(_FAULTS)
        self.venue.faults.script(kind, where, self.random.randint(1, 3))

    async def _by_hand(self, _: TaskGroup) -> None:
        """Somebody cancels one of our orders at the broker's own screen."""
        mine = [order for order in self._theirs() if not order.status.is_final]
        if mine:
            number = self.random.choice(mine).id
            self.venue.exchange.cancel(ACCOUNTS[self.environment], number, self.clock.now())

    async def _trade_by_hand(self, _: TaskGroup) -> None:
        """Somebody trades at the broker's own screen, also what we hold."""
        action = self.random.choice((TheirAction.BUY_TO_OPEN, TheirAction.SELL_TO_CLOSE))
        leg = LegRequest(InstrumentType.EQUITY, self.random.choice(_TRADED), action, Decimal(self.random.randint(1, 3)))
        request = OrderRequest((leg,), Terms(TheirType.MARKET), is_strict=True)
        self.venue.exchange.place(ACCOUNTS[self.environment], request, self.clock.now())

    async def _reset(self, _: TaskGroup) -> None:
        if self.environment is Environment.SANDBOX and self.random.random() < 0.2:
            self.tally.resets += 1
            self.venue.exchange.reset(self.clock.now())

    def _submit(self, planned: Planned) -> None:
        self._note(self.engine.executor.submit(planned))

    def _note(self, refused: Refusal | None) -> None:
        self.tally.refused["taken" if refused is None else str(refused.code)] += 1

    # ---------------------------------------------------------------- orders

    def _new_slot(self, units: int) -> str:
        self._count += 1
        slot_id = f"{self._seed:016x}{self._count:016x}"
        self.slots[slot_id] = units
        return slot_id

    def _opening_legs(self, units: int) -> tuple[OrderLeg, ...] | None:
        symbol = self.random.choice(_TRADED)
        if self.random.random() < 0.4:
            return (OrderLeg(symbol, InstrumentKind.EQUITY, Action.BUY_TO_OPEN, units),)
        now = self.clock.now()
        chain = self.venue.exchange.listing.chains(symbol, now)[0]
        expiration = chain.expirations[self.random.randint(2, 5)]
        middle = len(expiration.strikes) // 2
        first = expiration.strikes[middle + self.random.randint(-3, 3)]
        option = InstrumentKind.EQUITY_OPTION
        if self.random.random() < 0.6:
            return (OrderLeg(_call(first), option, Action.BUY_TO_OPEN, units),)
        second = expiration.strikes[middle + 6]
        return (
            OrderLeg(_call(first), option, Action.BUY_TO_OPEN, units),
            OrderLeg(_call(second), option, Action.SELL_TO_OPEN, units),
        )

    def _order(self, client_id: str, legs: tuple[OrderLeg, ...]) -> Order:
        price, effect = self._price(legs) or (Decimal("0.05"), PriceEffect.DEBIT)
        return Order(client_id, ALIAS, legs, OrderType.LIMIT, price=price, effect=effect)

    def _price(self, legs: tuple[OrderLeg, ...]) -> tuple[Decimal, PriceEffect] | None:
        """Return a price that fills at once, or soon, or never."""
        net = Decimal(0)
        for leg in legs:
            quote = self.venue.exchange.quotes.quote(leg.symbol, self.clock.now())
            side = None if quote is None else quote.ask if leg.action.buys else quote.bid
            if side is None:
                return None
            net += side if leg.action.buys else -side
        buys = net > 0
        off = self.random.choice((Decimal("0.5"), Decimal("0.97"), Decimal(1), Decimal("1.03")))
        price = abs(net) * (off if buys else 2 - off)
        return max(Decimal("0.05"), price.quantize(Decimal("0.05"))), PriceEffect.DEBIT if buys else PriceEffect.CREDIT

    def _sum_up(self) -> None:
        self.tally.episodes += 1
        self.tally.struck.update({kind.value: times for kind, times in self.venue.faults.struck.items()})
        self.tally.hours += (self.clock.now() - BEGAN) / timedelta(hours=1)


_ACTS: Mapping[str, int] = {
    "open": 24,
    "close": 16,
    "again": 5,
    "cancel": 10,
    "cancel_any": 2,
    "kill": 1,
    "replace": 10,
    "wait": 8,
    "restart": 2,
    "open_and_die": 1,
    "fault": 4,
    "by_hand": 2,
    "trade_by_hand": 1,
    "reset": 1,
}
_PAUSES = (0.0, 0.0, 0.01, 0.1, 0.1, 0.3, 1.0, 2.0, 4.0)
_FAULTS = [
    *((trouble, "place_order") for trouble in Trouble),
    *((trouble, "cancel_order") for trouble in Trouble),
    *((trouble, "replace_order") for trouble in Trouble),
    *((trouble, "") for trouble in Trouble),
    *((slip, "Order") for slip in Slip),
]


def _call(strike: object) -> str:
    return str(strike.call)  # type: ignore[attr-defined]


class KilledAnywhere(Episode):
    """Kills each engine a number of turns of the event loop after it was given something to do: at any await."""

    def _opening(self) -> Opening:
        return replace(super()._opening(), manners=None)  # answers take no time, so turns are all there is

    async def _play(self, group: TaskGroup, steps: int) -> None:
        for turns in range(steps):
            self.tally.steps += 1
            with anyio.move_on_after(200):
                while not self.engine.executor.health.may_open:
                    await anyio.sleep(1)
            await getattr(self, self.random.choice(("_open", "_open", "_close", "_cancel", "_replace")))(group)
            for _ in range(turns):
                await asyncio.sleep(0)
            await self._restart(group)
            self._check()


def play(seed: int, steps: int, per_episode: int, tally: Tally | None = None) -> Tally:
    """Play episodes until so many steps are done. Raises: Broken, naming the seed of the episode."""
    tally = Tally() if tally is None else tally
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("engine.paper.account_stream._TICK", _TICK)
        while tally.steps < steps:
            number = seed * 1_000_003 + tally.episodes
            try:
                run_leaping(Episode(number, tally).run(min(per_episode, steps - tally.steps)))
            except BaseException as error:
                error.add_note(f"in episode {number}, at step {tally.steps}")
                raise
    return tally
