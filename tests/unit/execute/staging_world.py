"""A desk of fakes of our own ports, for tests of the stager: accounts whose orders go as the test says."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import anyio
from anyio.lowlevel import checkpoint

from engine.execute.account_health import AccountHealth
from engine.execute.rules import AccountDesk
from engine.execute.stager import Stager
from engine.lifecycle.events import (
    Acknowledged,
    CancelAsked,
    Event,
    GraceOver,
    IntentJournaled,
    NothingSent,
    OutcomeUnknown,
    Refused,
    Reported,
    SendStarted,
)
from engine.lifecycle.order_state import Patience
from engine.lifecycle.slot import Refusal, Slot, slot_step, with_order
from engine.lifecycle.states import State
from engine.model.account import Funds, Holding, Standing
from engine.model.activity import Restriction
from engine.model.alert import Action
from engine.model.contract import Contract, Tick
from engine.model.desk import AccountKind, Permission, Person
from engine.model.errors import BrokerError, InvariantBroken, JournalError, OrderRefused
from engine.model.intent import Intent
from engine.model.live_quote import LiveQuote
from engine.model.market import Quote
from engine.model.order import Fill, InstrumentKind, Order, OrderLeg, OrderStatus, PlacedOrder, Preflight, PriceEffect
from engine.model.source import Span
from engine.model.stages import OnTimeout, OnUnavailable, SandboxEach, SandboxPass, SandboxStage, Stage
from engine.plan.approval import Need
from engine.plan.entries import OrderHappened, Planned, Role, TradeEntry
from engine.plan.flow import Dropped, Flow, FlowEvent, ProbeVerdict
from engine.plan.promotion import Refused as NotPromoted

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday, half an hour after the open
SPAN = Span("momentum.yaml", 1, 1, 1, 1)
SYMBOL = "SPY   261127C00602000"
CONTRACT = Contract(
    SYMBOL,
    InstrumentKind.EQUITY_OPTION,
    "SPY",
    streamer_symbol=".SPY261127C602",
    ticks=(Tick(Decimal("0.01"), Decimal(3)), Tick(Decimal("0.05"))),
    multiplier=Decimal(100),
    is_active=True,
    is_closing_only=False,
    is_halted=False,
)
CAROL = Person("carol", "901", frozenset({Permission.APPROVE}), SPAN)
ALICE = Person("alice", "301", frozenset({Permission.APPROVE, Permission.ALERT}), SPAN)


def intent_of(**changes: object) -> Intent:
    """An opening of two calls at 1.25 in production, by Alice."""
    first = Intent(
        id="0" * 32,
        intent_key="0" * 32,
        decision_id="d1",
        alert_index=0,
        playbook="momentum",
        content_hash="abc",
        stage=Stage.PRODUCTION,
        message_id="m1",
        event=0,
        channel_id="c1",
        author_id="301",
        account="main",
        is_opening=True,
        legs=(OrderLeg(SYMBOL, InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 2),),
        units=2,
        price=Decimal("1.25"),
        effect=PriceEffect.DEBIT,
        alert_price=Decimal("1.25"),
        risk=Decimal(250),
        at=NOW,
        good_until=NOW + timedelta(minutes=3),
    )
    return replace(first, **changes)


def close_of(**changes: object) -> Intent:
    """A close of two calls in production."""
    legs = (OrderLeg(SYMBOL, InstrumentKind.EQUITY_OPTION, Action.SELL_TO_CLOSE, 2),)
    return intent_of(**{"is_opening": False, "legs": legs, "effect": PriceEffect.CREDIT, "risk": Decimal(0), **changes})


class HandClock:
    """A clock that is set by hand and can be waited for."""

    def __init__(self) -> None:
        self._now = NOW
        self._moved = anyio.Event()

    def now(self) -> datetime:
        return self._now

    async def until(self, at: datetime) -> None:
        while self._now < at:
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        moved, self._moved = self._moved, anyio.Event()
        moved.set()


class ListLog:
    """The journal as a list. full_for: bodies for which there is no room unless they are urgent."""

    def __init__(self, clock: HandClock) -> None:
        self.entries: list[TradeEntry] = []
        self.is_full = False
        self.synced = 0
        self._clock = clock

    @property
    def can_open(self) -> bool:
        return not self.is_full

    def write(self, body: object, *, urgent: bool = False) -> TradeEntry:
        if self.is_full and not urgent:
            raise JournalError("journal_full", "the disk is full")
        entry = TradeEntry(len(self.entries) + 1, self._clock.now(), body)
        self.entries.append(entry)
        return entry

    def sync(self) -> None:
        self.synced = len(self.entries)


class Goes(StrEnum):
    """How an order goes on its own."""

    NOWHERE = "nowhere"
    LIVE = "live"
    FILLED = "filled"
    REJECTED = "rejected"
    UNSENT = "unsent"
    UNKNOWN = "unknown"


class ByHand:
    """An executor (the calls of engine.execute.executor.Executor) whose orders go as the test says."""

    def __init__(self, alias: str, log: ListLog, clock: HandClock) -> None:
        self.account = alias
        self.slots: dict[str, Slot] = {}
        self.planned: list[Planned] = []
        self.holdings: dict[str, Holding] = {}
        self.health = AccountHealth(is_ready=True)
        self.funds = Funds(
            alias,
            net_liq=Decimal(100_000),
            derivative_buying_power=Decimal(100_000),
            equity_buying_power=Decimal(100_000),
            cash=Decimal(100_000),
            settled_cash=Decimal(100_000),
            maintenance_call=Decimal(0),
        )
        self.standing = Standing(alias, "No Restrictions", False, False, False, True, False, False, False, False, True)
        self.goes: dict[Role, Goes] = {}
        self.codes: tuple[str, ...] = ("margin_check_failed",)
        self.refuses: Refusal | None = None
        self.cancels = True
        self._log, self._clock = log, clock
        self._changed = anyio.Event()
        self._patience = Patience(grace=timedelta(0))

    def restore(self, entry: TradeEntry) -> None:
        body = entry.body
        if isinstance(body, Planned) and body.account == self.account:
            known = self.slots.get(body.slot_id) or Slot(body.slot_id, body.purpose, body.units)
            made = with_order(known, body.order)
            assert isinstance(made, Slot)
            self.slots[body.slot_id] = made
            self.planned.append(body)
        elif isinstance(body, OrderHappened) and body.account == self.account:
            slot = self.slots[body.slot_id]
            self.slots[body.slot_id] = slot_step(slot, body.client_id, body.event, entry.at, self._patience).slot

    def recover(self) -> None:
        """Go on after a restart: what was on disk is found as the broker would have it by now."""
        for planned in tuple(self.planned):
            client_id = planned.order.client_id
            if self._state(client_id) is State.DRAFT:
                self.tell(client_id, NothingSent("it was never on disk"))
            elif self._state(client_id) in (State.CANCEL_ASKED, State.CANCELLED):
                self.end(client_id)
            elif not self._state(client_id).is_over:
                self.go(client_id, self.goes.get(planned.role, Goes.LIVE))

    def reserved_closes(self, symbol: str, counts: Callable[[str], bool] = lambda _: True) -> int:
        return sum(
            attempt.could_fill
            for slot in self.slots.values()
            if counts(slot.id)
            for attempt in slot.attempts
            for leg in attempt.order.legs
            if leg.symbol == symbol and leg.action.closes
        )

    def hold(self, quantity: int, symbol: str = SYMBOL) -> None:
        self.holdings[symbol] = Holding(
            self.account, symbol, InstrumentKind.EQUITY_OPTION, "SPY", Decimal(quantity), updated_at=NOW
        )

    def submit(self, planned: Planned) -> Refusal | None:
        if self.refuses is not None:
            return self.refuses
        known = self.slots.get(planned.slot_id) or Slot(planned.slot_id, planned.purpose, planned.units)
        made = with_order(known, planned.order)
        if isinstance(made, Refusal):
            return made
        self._log.write(planned, urgent=True)
        self._log.sync()
        self.slots[planned.slot_id] = made
        self.planned.append(planned)
        self.tell(planned.order.client_id, IntentJournaled())
        self.go(planned.order.client_id, self.goes.get(planned.role, Goes.LIVE))
        return None

    def go(self, client_id: str, goes: Goes) -> None:
        order = self._order(client_id)
        if goes is Goes.UNSENT:
            self.tell(client_id, NothingSent("no way to the broker"))
        if goes in (Goes.NOWHERE, Goes.UNSENT):
            return
        if self._state(client_id) is State.INTENDED:
            self.tell(client_id, SendStarted())
        if goes is Goes.REJECTED:
            self.tell(client_id, Refused(self.codes))
        elif goes is Goes.UNKNOWN:
            self.tell(client_id, OutcomeUnknown("no answer in time"))
        else:
            self.tell(client_id, Acknowledged(self._placed(order, OrderStatus.ROUTED)))
            self.tell(client_id, Reported(self._placed(order, OrderStatus.LIVE)))
        if goes is Goes.FILLED:
            self.fill(client_id)

    def fill(self, client_id: str) -> None:
        order = self._order(client_id)
        fills = tuple(
            Fill(f"{client_id}-{leg.symbol}", leg.symbol, leg.quantity, Decimal("1.25"), NOW) for leg in order.legs
        )
        self.tell(client_id, Reported(replace(self._placed(order, OrderStatus.FILLED), remaining=0, fills=fills)))

    def cancel(self, slot_id: str, why: str) -> None:
        for attempt in self.slots[slot_id].attempts:
            self.tell(attempt.client_id, CancelAsked(why))
            if self.cancels:
                self.end(attempt.client_id)

    def end(self, client_id: str) -> None:
        """What the broker makes of a cancel."""
        if self._state(client_id) is State.CANCEL_ASKED:
            self.tell(client_id, Reported(self._placed(self._order(client_id), OrderStatus.CANCELLED)))
        if self._state(client_id) is State.CANCELLED:
            self.tell(client_id, GraceOver())

    def cancel_openings(self, why: str) -> tuple[str, ...]:
        return ()

    async def until(self, slot_id: str, wanted: Callable[[Slot], bool]) -> Slot:
        while not wanted(slot := self.slots[slot_id]):
            await self._changed.wait()
        return slot

    def tell(self, client_id: str, event: Event) -> None:
        slot_id = client_id.rpartition("-")[0]
        self.slots[slot_id] = slot_step(self.slots[slot_id], client_id, event, self._clock.now(), self._patience).slot
        self._log.write(OrderHappened(self.account, slot_id, client_id, event), urgent=True)
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    def _order(self, client_id: str) -> Order:
        return next(p.order for p in self.planned if p.order.client_id == client_id)

    def _state(self, client_id: str) -> State:
        attempts = self.slots[client_id.rpartition("-")[0]].attempts
        return next(a.state for a in attempts if a.client_id == client_id)

    def _placed(self, order: Order, status: OrderStatus) -> PlacedOrder:
        units = self.slots[order.client_id.rpartition("-")[0]].attempts[-1].units
        return PlacedOrder(
            f"at-{order.client_id}",
            order.client_id,
            order.account,
            order.legs,
            order.order_type,
            order.time_in_force,
            status,
            order.price,
            order.effect,
            units,
        )


class Asked:
    """A broker that can only be asked. errors: what comes instead of the next answers."""

    def __init__(self, number: str) -> None:
        self.account = number
        self.asked: list[Order] = []
        self.refuses: tuple[str, ...] = ()
        self.errors: list[BrokerError] = []
        self.answers = anyio.Event()
        self.answers.set()

    async def dry_run(self, order: Order) -> Preflight:
        self.asked.append(order)
        await self.answers.wait()
        if self.errors:
            raise self.errors.pop(0)
        if self.refuses:
            raise OrderRefused(self.refuses, "no")
        return Preflight(Decimal(-250), Decimal(-250), Decimal("-1.12"))


class OneQuote:
    """The same market for every contract."""

    def __init__(self, clock: HandClock) -> None:
        self.bid, self.ask = Decimal("1.20"), Decimal("1.24")
        self._clock = clock

    async def quotes(self, contracts: tuple[Contract, ...]) -> Mapping[str, LiveQuote]:
        await checkpoint()
        now = self._clock.now()
        quote = Quote(now, self.bid, self.ask, self.ask)
        return {c.symbol: LiveQuote(c.symbol, quote, now, timedelta(0), (), is_halted=False) for c in contracts}


class OneListing:
    """Lists one contract."""

    async def by_symbol(self, symbol: str, on: object = None) -> Contract | None:
        await checkpoint()
        return replace(CONTRACT, symbol=symbol)


@dataclass
class Ruled:
    """Rules that a test sets."""

    sandboxes: SandboxStage | None = field(
        default_factory=lambda: SandboxStage(
            "cert", SandboxEach.OPENS, SandboxPass.LIVE, timedelta(seconds=20), OnUnavailable.ASK, SPAN, SPAN
        )
    )
    in_force: tuple[Restriction, ...] | None = ()
    refused: NotPromoted | None = None
    passed: bool = False
    need: Need | Dropped | None = None
    when_unavailable: Need | Dropped | None = None
    ours: int | None = 2
    checks: tuple[object, ...] = ()

    def against(self, intent: Intent) -> NotPromoted | None:
        return self.refused

    def sandbox(self, intent: Intent) -> SandboxStage | None:
        return self.sandboxes

    def has_passed(self, intent: Intent) -> bool:
        return self.passed

    def approval(self, intent: Intent, verdict: ProbeVerdict) -> Need | Dropped | None:
        is_judged = verdict in (ProbeVerdict.PASS, ProbeVerdict.SKIPPED)
        return self.need if is_judged else self.when_unavailable

    def may_approve(self, intent: Intent, by: Person) -> str | None:
        return None if by.name in ("carol", "alice") else f"{by.name} may not approve"

    def restrictions(self, intent: Intent) -> tuple[Restriction, ...] | None:
        return self.in_force

    def held(self, intent: Intent) -> int | None:
        return self.ours

    def recheck(self, intent: Intent, facts: object) -> tuple[object, ...]:
        return self.checks


class Told:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.warnings: list[str] = []

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        self.steps.append("submitted" if event is None else type(event).__name__.lower())

    def warn(self, intent_id: str, sentence: str) -> None:
        self.warnings.append(sentence)


NEED = Need("above $100", ("carol",), timedelta(minutes=1), OnTimeout.REFUSE)


class World:
    """
    A desk with a sandbox and a production account, and its stager.

    entries: what a journal of before holds, from which everything is rebuilt.
    """

    def __init__(self, entries: tuple[TradeEntry, ...] = ()) -> None:
        self.clock = HandClock()
        self.log = ListLog(self.clock)
        self.log.entries.extend(entries)
        self.rules = Ruled()
        self.told = Told()
        self.quotes = OneQuote(self.clock)
        self.cert = ByHand("cert", self.log, self.clock)
        self.main = ByHand("main", self.log, self.clock)
        self.brokers = {"cert": Asked("5WX1"), "main": Asked("5WT1")}
        self.desks = {
            executor.account: AccountDesk(
                executor.account,
                kind,
                executor,
                self.brokers[executor.account],
                self.quotes,
                OneListing(),
                is_cash=False,
            )
            for executor, kind in ((self.cert, AccountKind.SANDBOX), (self.main, AccountKind.PRODUCTION))
        }
        self.stager = self._new_stager()
        for entry in entries:
            self.stager.restore(entry)
            self.cert.restore(entry)
            self.main.restore(entry)

    def _new_stager(self) -> Stager:
        return Stager(self.desks, self.log, self.clock, self.rules, self.told)

    @asynccontextmanager
    async def running(self):
        """The stager runs for a block; what went wrong in it comes out as itself."""
        failed: list[BaseException] = []

        async def run() -> None:
            try:
                await self.stager.run()
            except (JournalError, InvariantBroken) as error:
                failed.append(error)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await rest()
            yield
            await rest()
            tasks.cancel_scope.cancel()
        for error in failed:
            raise error

    def restart(self) -> None:
        """A new stager that knows what the journal holds; the executors recover by themselves."""
        self.stager = self._new_stager()
        for entry in self.log.entries:
            self.stager.restore(entry)

    async def pass_time(self, seconds: float, step: float = 0.5) -> None:
        for _ in range(int(seconds / step)):
            self.clock.advance(step)
            await rest()

    def flow(self, intent_id: str = "0" * 32) -> Flow:
        return self.stager.flows[intent_id]

    def sent(self, role: Role) -> list[tuple[str, str]]:
        """Which orders of a role went where."""
        return [
            (executor.account, planned.order.client_id)
            for executor in (self.cert, self.main)
            for planned in executor.planned
            if planned.role is role
        ]


async def rest() -> None:
    """Let everything happen that needs no time."""
    for _ in range(60):
        await checkpoint()


def play(story: Callable[[World], Awaitable[None]]) -> None:
    """Run a story in a new world."""

    async def run() -> None:
        with anyio.fail_after(20):
            await story(World())

    asyncio.run(run())
