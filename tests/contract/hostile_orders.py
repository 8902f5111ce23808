"""
Random orders through executors, the real adapter and an exchange at its worst, in virtual time.

One episode is one exchange, one journal and a number of engines, one after another: each is killed at any moment, and
the next one knows the journal only. What must hold is looked at, at the exchange itself, after every step; at the end
of an episode everything is let come to rest, and then both sides must say the same.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import anyio
import pytest
from anyio.abc import TaskGroup
from httpx2.websockets._transport import ASGIWebSocketTransport

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection, Pace
from engine.adapters.tastytrade.destination import Credentials, production, sandbox
from engine.execute.executor import Executor
from engine.journal.trade_log import encoded_trade, trade_body
from engine.lifecycle.effects import Book, Effect
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.slot import Purpose, Refusal, Slot
from engine.lifecycle.states import State
from engine.model.alert import Action
from engine.model.desk import AccountKind
from engine.model.entry import Entry, EntryKind
from engine.model.errors import CredentialsRefused, JournalError
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, PlacedOrder, PriceEffect, Priority
from engine.paper.clock import PaperClock
from engine.paper.faults import Slip, Trouble
from engine.paper.hostility import Hostility
from engine.paper.opening import ACCOUNTS, Opening, grants, open_server
from engine.paper.orders import LegRequest, OrderRequest, Terms
from engine.paper.orders import Order as TheirOrder
from engine.paper.venue import Environment, Venue
from engine.paper.words import Action as TheirAction
from engine.paper.words import InstrumentType
from engine.paper.words import OrderType as TheirType
from engine.plan.entries import BODIES, AccountHappened, Planned, Role, TradeBody, TradeEntry
from tests.contract.reach import InProcess
from tests.contract.virtual_time import LoopClock, run_leaping

BEGAN = datetime(2026, 11, 24, 14, 45, tzinfo=UTC)
ALIAS = "trading"
UNLIMITED = Pace(seconds=20.0, per_minute=1_000_000)
_KINDS = {body: EntryKind(name) for name, body in BODIES.items()}
_NEVER_DONE = (401, 429)
_TRADED = ("SPY", "QQQ", "IWM")
_TICK = 0.25  # seconds between looks of the account stream at the clock: each costs as much as a step


class Broken(AssertionError):
    """A promise was broken."""


class Dead(JournalError):
    """The engine that writes is no more."""

    def __init__(self) -> None:
        super().__init__("journal_unwritable", "the engine was killed")


class Disk:
    """What survives an engine: entries as bytes, on disk once they are synced."""

    def __init__(self) -> None:
        self.rows: list[tuple[datetime, EntryKind, bytes]] = []

    def entries(self) -> Iterator[TradeEntry]:
        for seq, (at, kind, body) in enumerate(self.rows, 1):
            yield TradeEntry(seq, at, trade_body(Entry(seq, at, kind, "run", body, "")))


class Log:
    """See ports.TradeLog: the journal of one engine, which dies with it and may lose what was not synced."""

    def __init__(self, disk: Disk, clock: PaperClock) -> None:
        self._disk = disk
        self._clock = clock
        self._pending: list[tuple[datetime, EntryKind, bytes]] = []
        self._is_dead = False
        self.can_open = True

    def write(self, body: TradeBody, *, urgent: bool = False) -> TradeEntry:
        if self._is_dead or not (urgent or self.can_open):
            raise Dead
        row = (self._clock.now(), _KINDS[type(body)], encoded_trade(body))
        self._pending.append(row)
        return TradeEntry(len(self._disk.rows) + len(self._pending), row[0], body)

    def sync(self) -> None:
        if self._is_dead:
            raise Dead
        self._disk.rows += self._pending
        self._pending.clear()

    def die(self, kept: int) -> None:
        """kept: how many of the entries that were not synced had reached the disk all the same."""
        self._disk.rows += self._pending[:kept]
        self._is_dead = True

    @property
    def pending(self) -> int:
        return len(self._pending)


@dataclass
class Books:
    """What an engine was told: it lives and dies with it."""

    fills: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    facts: list[AccountHappened] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)

    def changed(self, account: str, slot: Slot, effects: tuple[Effect, ...], at: datetime) -> None:
        self.take(effects)

    def told(self, happened: AccountHappened) -> None:
        self.facts.append(happened)

    def take(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            self.effects[type(effect).__name__] += 1
            if isinstance(effect, Book):
                self.fills[effect.client_id, effect.fill.id, effect.fill.symbol] += 1


class Watched:
    """The broker of an engine, which is held to what it knows at the moment it asks."""

    def __init__(self, inner: TastytradeBroker) -> None:
        self._inner = inner
        self.order_of: Callable[[str], OrderState] | None = None
        self.is_alive = True
        self.placed: Counter[str] = Counter()

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def place(self, order: Order) -> PlacedOrder:
        self._hold(order, State.SENT)
        self.placed[order.client_id] += 1
        return await self._inner.place(order)

    async def replace(self, order_id: str, order: Order) -> PlacedOrder:
        self._hold(order, State.REPLACE_ASKED)
        return await self._inner.replace(order_id, order)

    async def cancel(self, order_id: str, priority: Priority = Priority.CANCEL) -> PlacedOrder:
        return await self._inner.cancel(order_id, priority)

    def _hold(self, order: Order, state: State) -> None:
        assert self.order_of is not None
        known = self.order_of(order.client_id)
        if not self.is_alive:
            raise Broken(f"{order.client_id} was sent by an engine that is dead")
        if known.state is not state:
            raise Broken(f"{order.client_id} was sent while it was {known.state}")


@dataclass
class Engine:
    executor: Executor
    log: Log
    books: Books
    broker: Watched
    scope: anyio.CancelScope


@dataclass
class Tally:
    """What episodes came to, to be reported."""

    steps: int = 0
    episodes: int = 0
    restarts: int = 0
    resets: int = 0
    requests: int = 0
    placed: int = 0
    fills: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    hours: float = 0.0


class Episode:
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
        async with ASGIWebSocketTransport(server) as inner:
            self.transport = InProcess(inner)
            async with anyio.create_task_group() as group:
                await self._start(group)
                await self._play(group, steps)
                await self._rest()
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

    # ---------------------------------------------------------------- what must hold

    def _theirs(self) -> tuple[TheirOrder, ...]:
        return self.venue.exchange.orders(ACCOUNTS[self.environment], self.clock.now())

    def _check(self) -> None:
        for asked in self.venue.journey.asked:
            self.tally.requests += 1
            if asked.route == "place_order" and asked.status not in _NEVER_DONE:
                self.posts[asked.external_identifier] += 1
                if self.posts[asked.external_identifier] > 1:
                    raise Broken(f"{asked.external_identifier} was sent twice")
        self.venue.journey.asked.clear()
        filled: Counter[str] = Counter()
        open_units: Counter[str] = Counter()
        for chain in _chains(self._theirs()):
            slot_id = chain[0].external_identifier.rpartition("-")[0]
            filled[slot_id] += sum(_filled(order) for order in chain)
            open_units[slot_id] += max((order.remaining for order in chain if not order.status.is_final), default=0)
        for slot_id, units in self.slots.items():
            if filled[slot_id] + open_units[slot_id] > units:
                raise Broken(f"{slot_id}: {filled[slot_id]} filled and {open_units[slot_id]} open of {units}")
        twice = [fill for fill, times in self.engine.books.fills.items() if times > 1]
        if twice:
            raise Broken(f"booked twice: {twice}")

    async def _rest(self) -> None:
        """Let everything come to rest: no more faults, all cancelled, every doubt resolved."""
        self.venue.faults.clear()
        self.venue.faults.chances.clear()
        for slot_id in list(self.engine.executor.slots):
            self.engine.executor.cancel(slot_id, "the end")
        for _ in range(40):
            await anyio.sleep(20)
            if self._is_at_rest():
                break
        self._check()

    def _is_at_rest(self) -> bool:
        executor = self.engine.executor
        is_settled = all(order.is_settled for slot in executor.slots.values() for order in slot.attempts)
        return is_settled and executor.health.may_open and not executor.health.blocked and not executor.busy

    def _compare_all(self) -> None:
        executor, books = self.engine.executor, self.engine.books
        theirs: dict[str, list[TheirOrder]] = defaultdict(list)
        for chain in _chains(self._theirs()):
            if chain[0].external_identifier:
                theirs[chain[0].external_identifier] += chain
        for slot in executor.slots.values():
            for order in slot.attempts:
                self._compare(order, theirs.pop(order.client_id, []), books)
        if theirs:
            raise Broken(f"the exchange has orders nobody knows: {sorted(theirs)}")
        if not executor.health.may_open or executor.health.blocked:
            raise Broken(f"not at rest: {executor.health}")

    def _compare(self, order: OrderState, theirs: list[TheirOrder], books: Books) -> None:
        self.tally.ends[order.state.value] += 1
        what = f"{order.client_id} is {order.state}, at the exchange {[each.status.value for each in theirs]}"
        if not order.state.is_over or not order.is_settled:
            raise Broken(f"{what}: not at its end")
        if order.state in (State.UNSENT, State.ABSENT) and theirs:
            raise Broken(what)
        if any(not each.status.is_final for each in theirs):
            raise Broken(what)
        fills = {(fill.id, leg.symbol): fill for each in theirs for leg in each.legs for fill in leg.fills}
        known = {(fill.id, fill.symbol): fill for fill in order.fills}
        if fills.keys() != known.keys():
            raise Broken(f"{what}; fills {sorted(known)}, there {sorted(fills)}")
        booked = {(fill, symbol) for client_id, fill, symbol in books.fills if client_id == order.client_id}
        if booked != fills.keys():
            raise Broken(f"{what}; booked {sorted(booked)}, there {sorted(fills)}")
        if (order.state is State.FILLED) != (sum(map(_filled, theirs)) >= order.units):
            raise Broken(f"{what}: {sum(map(_filled, theirs))} of {order.units} filled")
        self.tally.fills += len(fills)
        self.tally.placed += bool(theirs)

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


def _filled(order: TheirOrder) -> int:
    return min(leg.filled // order.ratio(leg) for leg in order.legs)


def _chains(orders: tuple[TheirOrder, ...]) -> list[list[TheirOrder]]:
    """Put orders together with their replacements; only one of each can fill what is left."""
    chains: dict[int, list[TheirOrder]] = {}
    for order in sorted(orders, key=lambda each: each.id):
        chain = chains.get(order.replaces) or []
        chain.append(order)
        chains[order.id] = chain
    return list({id(chain): chain for chain in chains.values()}.values())


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
