"""A desk at a local exchange: a sandbox and a production account, the real SDK, a real journal, a stager."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import anyio

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Pace
from engine.adapters.tastytrade.quotes import TastytradeQuotes
from engine.execute.contracts import Contracts
from engine.execute.executor import Executor
from engine.execute.rules import AccountDesk
from engine.execute.stager import Stager
from engine.journal.log import JournalLog, read_entries
from engine.journal.trade_log import JournalTradeLog, trade_entries
from engine.lifecycle.effects import Effect
from engine.lifecycle.order_state import Patience
from engine.lifecycle.slot import Slot
from engine.model.activity import Restriction
from engine.model.alert import Action
from engine.model.check import Check
from engine.model.contract import Contract
from engine.model.desk import AccountKind, Permission, Person
from engine.model.errors import JournalError, NothingSent
from engine.model.intent import Intent
from engine.model.order import OrderLeg, OrderStatus, PlacedOrder, PriceEffect
from engine.model.source import Span
from engine.model.stages import OnTimeout, OnUnavailable, SandboxEach, SandboxPass, SandboxStage, Stage
from engine.paper.listing import NO_GAPS, Listing
from engine.paper.opening import ACCOUNTS
from engine.paper.quotes import Greeks, Quote
from engine.paper.synthetic import SyntheticMarket
from engine.paper.venue import Environment
from engine.plan.approval import Need
from engine.plan.entries import AccountHappened, FlowHappened, Planned, Role, TradeBody, TradeEntry
from engine.plan.flow import Dropped, Flow, FlowEvent, ProbeVerdict
from engine.plan.promotion import Refused
from engine.plan.validation import SendFacts
from tests.contract.adapting import connection_of
from tests.contract.reach import CALM, OPEN_HOURS, World

SPAN = Span("momentum.yaml", 1, 1, 1, 1)
CAROL = Person("carol", "901", frozenset({Permission.APPROVE}), SPAN)
ALICE = Person("alice", "301", frozenset({Permission.APPROVE}), SPAN)
NEED = Need("above $100", ("carol",), timedelta(minutes=1), OnTimeout.REFUSE)
KINDS = {
    "cert": (AccountKind.SANDBOX, Environment.SANDBOX),
    "main": (AccountKind.PRODUCTION, Environment.PRODUCTION),
}
INTENT_ID = "0" * 32
UNHURRIED = Pace(seconds=2.0, per_minute=100_000)  # minutes pass in seconds here


class Steady:
    """A market in which nothing but sizes ever changes, so that what can fill does."""

    def __init__(self) -> None:
        self._market = SyntheticMarket(Listing(gaps=NO_GAPS), 7)

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        first, found = self._market.quote(symbol, OPEN_HOURS), self._market.quote(symbol, now)
        if first is None or found is None:
            return found
        return replace(found, bid=first.bid, ask=first.ask, last=first.last)

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        return self._market.greeks(symbol, now)

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        return self._market.next_change(symbols, after)


STEADY = replace(CALM, quotes=Steady())


class Watching:
    """The exchange's clock, waited for by looking at it often."""

    def __init__(self, world: World) -> None:
        self._clock = world.clock

    def now(self) -> datetime:
        return self._clock.now()

    async def until(self, at: datetime) -> None:
        while self._clock.now() < at:
            await anyio.sleep(0.005)


@dataclass
class Ruled:
    """Rules that a test sets; see engine.execute.rules.Rules."""

    stage: SandboxStage | None = field(
        default_factory=lambda: SandboxStage(
            "cert", SandboxEach.OPENS, SandboxPass.LIVE, timedelta(seconds=20), OnUnavailable.ASK, SPAN, SPAN
        )
    )
    in_force: tuple[Restriction, ...] | None = ()
    need: Need | Dropped | None = None
    when_unavailable: Need | Dropped | None = None
    ours: int | None = None

    def against(self, intent: Intent) -> Refused | None:
        return None

    def sandbox(self, intent: Intent) -> SandboxStage | None:
        return self.stage

    def has_passed(self, intent: Intent) -> bool:
        return False

    def approval(self, intent: Intent, verdict: ProbeVerdict) -> Need | Dropped | None:
        return self.need if verdict is ProbeVerdict.PASS else self.when_unavailable

    def may_approve(self, intent: Intent, by: Person) -> str | None:
        return None

    def restrictions(self, intent: Intent) -> tuple[Restriction, ...] | None:
        return self.in_force

    def held(self, intent: Intent) -> int | None:
        return self.ours

    def recheck(self, intent: Intent, facts: SendFacts) -> tuple[Check, ...]:
        return ()


class Failing:
    """A journal whose disk fails after so many entries of this life; None: never."""

    def __init__(self, log: JournalTradeLog, after: int | None) -> None:
        self._log = log
        self._left = after

    @property
    def can_open(self) -> bool:
        return self._log.can_open

    def fail(self) -> None:
        """Fail from now on."""
        self._left = 0

    def write(self, body: TradeBody, *, urgent: bool = False) -> TradeEntry:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise JournalError("journal_fsync_failed", "the disk failed")
        return self._log.write(body, urgent=urgent)

    def sync(self) -> None:
        self._log.sync()


class Told:
    """Listens to the stager and the executors."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.warnings: list[str] = []

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        self.steps.append("submitted" if event is None else type(event).__name__.lower())

    def warn(self, intent_id: str, sentence: str) -> None:
        self.warnings.append(sentence)

    def changed(self, account: str, slot: Slot, effects: tuple[Effect, ...], at: datetime) -> None:
        pass

    def told(self, happened: AccountHappened) -> None:
        pass


@dataclass
class Engine:
    """One life of an engine; the journal and the exchange outlive it."""

    stager: Stager
    executors: dict[str, Executor]
    told: Told
    has_died: bool = False

    @property
    def flow(self) -> Flow:
        return self.stager.flows[INTENT_ID]

    @property
    def is_flat(self) -> bool:
        """Whether no order works in the sandbox, and what probes filled was closed again."""
        slots = self.executors["cert"].slots
        filled = {slot_id: slot.filled for slot_id, slot in slots.items()}
        probes = [slot_id.removesuffix("p") for slot_id in slots if slot_id.endswith("p")]
        is_closed = all(filled[f"{each}p"] == filled.get(f"{each}u", 0) for each in probes)
        return is_closed and not any(slot.could_fill for slot in slots.values())


@dataclass
class Desk:
    """What outlives an engine. dies_at: how many entries of the journal it is let write; None: any number."""

    world: World
    folder: Path
    brokers: dict[str, TastytradeBroker]
    quotes: TastytradeQuotes
    rules: Ruled = field(default_factory=Ruled)
    dies_at: int | None = None

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Engine]:
        """Start an engine from the journal, and let it run for a block; its end is as sudden as that of a process."""
        log = JournalLog.open(self.folder, self.world.clock.now)
        entries = list(trade_entries(read_entries(self.folder)))
        trade_log = Failing(JournalTradeLog(log, "feed"), self.dies_at)
        told, clock = Told(), Watching(self.world)
        patience = Patience(grace=timedelta(seconds=1))
        executors = {
            alias: Executor(alias, kind, self.brokers[alias], trade_log, clock, told, patience)
            for alias, (kind, _) in KINDS.items()
        }
        desks = {
            alias: AccountDesk(
                alias, kind, executors[alias], self.brokers[alias], self.quotes, Contracts(self.brokers[alias]), False
            )
            for alias, (kind, _) in KINDS.items()
        }
        stager = Stager(desks, trade_log, clock, self.rules, told)
        for entry in entries:
            stager.restore(entry)
            for executor in executors.values():
                executor.restore(entry)
        for executor in executors.values():
            await executor.recover()
        try:
            async with anyio.create_task_group() as tasks:
                for executor in executors.values():
                    tasks.start_soon(executor.run)
                engine = Engine(stager, executors, told)
                tasks.start_soon(self._stage, engine)
                yield engine
                trade_log.fail()  # tasks may take another step: a process that is gone writes and sends nothing
                tasks.cancel_scope.cancel()
        finally:
            log.close()

    async def _stage(self, engine: Engine) -> None:
        try:
            await engine.stager.run()
        except JournalError:
            engine.has_died = True

    async def pass_time(self, engine: Engine, seconds: float, step: float = 0.25) -> None:
        """Let time pass, a step at a time."""
        for _ in range(int(seconds / step)):
            self.world.pass_time(step)
            for executor in engine.executors.values():
                executor.timers.fire()
            await anyio.sleep(0.01)

    async def until(self, engine: Engine, wanted: Callable[[], bool], seconds: float = 60, step: float = 0.25) -> None:
        """Let time pass until something is so."""
        for _ in range(int(seconds / step)):
            if wanted():
                return
            await self.pass_time(engine, step, step)
        raise AssertionError(f"not so after {seconds} s: {engine.told.steps}, {engine.stager.flows}")

    def written(self) -> list[Planned]:
        """Every order that was planned."""
        return [entry.body for entry in trade_entries(read_entries(self.folder)) if isinstance(entry.body, Planned)]

    def steps(self) -> list[str]:
        """Every step that is in the journal."""
        entries = trade_entries(read_entries(self.folder))
        return [type(entry.body.event).__name__.lower() for entry in entries if isinstance(entry.body, FlowHappened)]

    async def orders(self, alias: str) -> list[tuple[str, OrderStatus]]:
        """What the broker has of an account, oldest first."""
        return [(order.client_id, order.status) for order in await self._placed(alias)]

    async def _placed(self, alias: str) -> list[PlacedOrder]:
        for _ in range(50):
            try:
                return sorted(await self.brokers[alias].live_orders(), key=lambda order: int(order.id))
            except NothingSent:
                await anyio.sleep(0.05)
        raise AssertionError("the exchange does not answer")


@asynccontextmanager
async def desk_at(world: World, folder: Path) -> AsyncIterator[Desk]:
    """Open a desk at an exchange, with quotes that can be relied on."""
    async with AsyncExitStack() as stack:
        connections = {
            alias: await stack.enter_async_context(connection_of(world, environment, UNHURRIED).opened())
            for alias, (_, environment) in KINDS.items()
        }
        brokers = {
            alias: TastytradeBroker(connections[alias], ACCOUNTS[environment], world.clock)
            for alias, (_, environment) in KINDS.items()
        }
        quotes = TastytradeQuotes(connections["main"], world.clock)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(quotes.run)
            yield Desk(world, folder, brokers, quotes)
            tasks.cancel_scope.cancel()


async def option_of(desk: Desk) -> Contract:
    """Return a call on SPY near the money, whose quote can be relied on."""
    chain = await desk.brokers["main"].chain("SPY")
    assert chain is not None
    listed = [each for each in chain.contracts if each.right is not None and each.right.value == "call"]
    first = min(each.expiry for each in listed if each.expiry and each.expiry > desk.world.clock.now().date())
    calls = sorted((each for each in listed if each.expiry == first), key=lambda each: each.strike or 0)
    option = calls[len(calls) // 2]
    for _ in range(60):
        found = (await desk.quotes.quotes([option]))[option.symbol]
        if not found.flaws:
            return option
        desk.world.pass_time(1)
        await anyio.sleep(0.05)
    raise AssertionError(f"no usable quote of {option.symbol}: {found}")


async def opening_of(desk: Desk, stage: Stage = Stage.PRODUCTION, **changes: object) -> Intent:
    """Return an opening of two calls, priced so that it fills at once."""
    option = await option_of(desk)
    now = desk.world.clock.now()
    ask = (await desk.quotes.quotes([option]))[option.symbol].quote.ask
    assert ask is not None
    price = (ask * Decimal("1.3")).quantize(Decimal("0.1"))
    made = Intent(
        INTENT_ID, INTENT_ID, "d1", 0, "momentum", "abc", stage, "m1", 0, "c1", "301",
        "main" if stage.is_real else "cert", True,
        (OrderLeg(option.symbol, option.kind, Action.BUY_TO_OPEN, 2),), 2, price, PriceEffect.DEBIT, price,
        price * 200, now, now + timedelta(minutes=3),
    )  # fmt: skip
    return replace(made, **changes)


def close_of(opened: Intent, now: datetime) -> Intent:
    """Return a close of what was opened."""
    legs = tuple(replace(leg, action=Action.SELL_TO_CLOSE) for leg in opened.legs)
    return replace(
        opened, id="1" * 32, intent_key="1" * 32, is_opening=False, legs=legs, effect=PriceEffect.CREDIT,
        message_id="m2", risk=Decimal(0), at=now, good_until=now + timedelta(minutes=3),
    )  # fmt: skip


def roles(planned: list[Planned]) -> list[tuple[Role, str]]:
    """Return what was planned, and where."""
    return [(each.role, each.account) for each in planned]
