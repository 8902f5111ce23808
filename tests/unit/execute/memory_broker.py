"""A broker in memory that does only what a test has it do, and an engine around it."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import anyio

from engine.execute.executor import Executor
from engine.journal.log import JournalLog
from engine.journal.reading import read_entries
from engine.journal.trade_log import JournalTradeLog, trade_entries
from engine.lifecycle.effects import Effect
from engine.lifecycle.slot import Purpose, Slot
from engine.model.account import Booking, Funds, Holding, Standing
from engine.model.account_event import AccountEvent, OrderSeen
from engine.model.alert import Action
from engine.model.desk import AccountKind
from engine.model.errors import BrokerError, OrderRefused
from engine.model.order import (
    Fill,
    InstrumentKind,
    Order,
    OrderLeg,
    OrderStatus,
    OrderType,
    PlacedOrder,
    PriceEffect,
    Priority,
)
from engine.plan.entries import AccountHappened, OrderHappened, Planned, Role, TradeBody, TradeEntry
from engine.ports import Clock, TradeLog
from tests.contract.reach import StandingClock
from tests.contract.virtual_time import LoopClock, run_leaping

BEGAN = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ALIAS = "main"
NUMBER = "5WT00001"
SLOT = "0123456789abcdef0123456789abcdef"


class MemoryBroker:
    """See ports.Broker. answers: errors to raise instead of the next answers, by method; an Event is waited for."""

    def __init__(self, clock: Clock) -> None:
        self.account = NUMBER
        self.orders: dict[str, PlacedOrder] = {}
        self.held: dict[str, Holding] = {}
        self.rows: list[Booking] = []
        self.calls: Counter[str] = Counter()
        self.days: list[date] = []
        self.asked: list[tuple[str, object]] = []
        self.answers: dict[str, list[BrokerError | anyio.Event | None]] = defaultdict(list)
        self.takes = True
        self.before_place: Callable[[Order], None] = lambda _: None
        self.hear: Callable[[AccountEvent], None] | None = None
        self.clock = clock

    # ---------------------------------------------------------------- what the port wants

    async def place(self, order: Order) -> PlacedOrder:
        self.before_place(order)
        self.asked.append(("place", order))
        placed = self.take(order) if self.takes else None
        await self._answer("place")
        assert placed is not None
        return placed

    async def cancel(self, order_id: str, priority: Priority = Priority.CANCEL) -> PlacedOrder:
        self.asked.append(("cancel", priority))
        await self._answer("cancel")
        if self.orders[order_id].status.is_final:
            raise OrderRefused(("cannot_update_order",), "it is over")
        return self.change(order_id, OrderStatus.CANCEL_REQUESTED)

    async def replace(self, order_id: str, order: Order) -> PlacedOrder:
        self.asked.append(("replace", order.price))
        await self._answer("replace")
        self.change(order_id, OrderStatus.CANCELLED)
        return self.take(order, replaces=order_id)

    async def order(self, order_id: str) -> PlacedOrder | None:
        await self._answer("order")
        return self.orders.get(order_id)

    async def live_orders(self) -> tuple[PlacedOrder, ...]:
        await self._answer("live_orders")
        return tuple(self.orders.values())

    async def orders_since(self, day: date) -> tuple[PlacedOrder, ...]:
        self.days.append(day)
        await self._answer("orders_since")
        return tuple(self.orders.values())

    async def holdings(self) -> tuple[Holding, ...]:
        await self._answer("holdings")
        return tuple(self.held.values())

    async def funds(self) -> Funds:
        await self._answer("funds")
        return Funds(NUMBER, Decimal(1000))

    async def standing(self) -> Standing:
        await self._answer("standing")
        return Standing(NUMBER)

    async def bookings_since(self, day: date) -> tuple[Booking, ...]:
        await self._answer("bookings_since")
        return tuple(self.rows)

    async def listen(self, hear: Callable[[AccountEvent], None]) -> None:
        self.hear = hear
        await self._answer("listen")
        await anyio.sleep_forever()

    async def _answer(self, method: str) -> None:
        self.calls[method] += 1
        await anyio.sleep(0.01)
        answer = self.answers[method].pop(0) if self.answers[method] else None
        if isinstance(answer, anyio.Event):
            await answer.wait()
        elif answer is not None:
            raise answer

    # ---------------------------------------------------------------- what a test has happen

    def take(self, order: Order, replaces: str = "") -> PlacedOrder:
        number = str(1000 + len(self.orders))
        self.orders[number] = PlacedOrder(
            id=number,
            client_id=order.client_id,
            account=order.account,
            legs=order.legs,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            status=OrderStatus.LIVE,
            price=order.price,
            effect=order.effect,
            remaining=order.legs[0].quantity,
            updated_at=self.clock.now(),
            replaces=replaces,
        )
        return self.orders[number]

    def change(self, order_id: str, status: OrderStatus) -> PlacedOrder:
        self.orders[order_id] = replace(self.orders[order_id], status=status, updated_at=self.clock.now())
        return self.orders[order_id]

    def fill(self, order_id: str, quantity: int, *, is_booked: bool = True) -> None:
        """Fill an order of one leg in part or whole; is_booked: positions show it."""
        order = self.orders[order_id]
        leg = order.legs[0]
        fill = Fill(f"{order_id}.{len(order.fills)}", leg.symbol, quantity, Decimal(1), self.clock.now())
        left = order.remaining - quantity
        status = order.status if left else OrderStatus.FILLED
        self.orders[order_id] = replace(order, fills=(*order.fills, fill), remaining=left, status=status)
        if is_booked:
            held = self.held[leg.symbol].quantity if leg.symbol in self.held else Decimal(0)
            self.hold(leg.symbol, held + (quantity if leg.action.buys else -quantity))

    def hold(self, symbol: str, quantity: int | Decimal) -> None:
        self.held[symbol] = Holding(NUMBER, symbol, InstrumentKind.EQUITY, symbol, Decimal(quantity))

    def tell(self, order_id: str) -> None:
        assert self.hear is not None
        self.hear(OrderSeen(self.clock.now(), self.orders[order_id]))


@dataclass
class Told:
    """See ExecutorListener."""

    changes: list[tuple[Slot, tuple[Effect, ...]]] = field(default_factory=list)
    facts: list[AccountHappened] = field(default_factory=list)

    def changed(self, account: str, slot: Slot, effects: tuple[Effect, ...], at: datetime) -> None:
        self.changes.append((slot, effects))

    def told(self, happened: AccountHappened) -> None:
        self.facts.append(happened)

    def effects(self, kind: type[Effect]) -> list[Effect]:
        return [effect for _, effects in self.changes for effect in effects if isinstance(effect, kind)]

    @property
    def words(self) -> list[str]:
        return [fact.fact.value for fact in self.facts]


@dataclass
class Scene:
    """One engine at one broker, with a real journal."""

    folder: Path
    clock: LoopClock
    broker: MemoryBroker
    log: TradeLog
    told: Told
    executor: Executor

    async def pass_time(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    def entries(self) -> list[TradeEntry]:
        return list(trade_entries(read_entries(self.folder)))

    def events(self) -> list[str]:
        return [type(e.body.event).__name__ for e in self.entries() if isinstance(e.body, OrderHappened)]

    def order(self, slot_id: str = SLOT):
        return self.executor.slots[slot_id].attempts[-1]


Story = Callable[[Scene], Awaitable[None]]


def tell(
    folder: Path,
    story: Story,
    kind: AccountKind = AccountKind.PRODUCTION,
    broker: MemoryBroker | None = None,
    wrapped: Callable[[TradeLog], TradeLog] = lambda log: log,
    *,
    is_recovered: bool = True,
) -> MemoryBroker:
    """Run a story with an engine that starts from the journal in a folder, and end the engine; return the broker."""
    found: list[MemoryBroker] = []

    async def run() -> None:
        clock = LoopClock(BEGAN if broker is None else broker.clock.now() + timedelta(minutes=1))
        it = broker or MemoryBroker(clock)
        it.clock = clock
        found.append(it)
        old = list(trade_entries(read_entries(folder))) if any(folder.iterdir()) else []
        with JournalLog.open(folder, clock.now, segment_bytes=1 << 20, reserve_bytes=1 << 16) as journal:
            log, told = wrapped(JournalTradeLog(journal, "run")), Told()
            executor = Executor(ALIAS, kind, it, log, clock, told)  # type: ignore[arg-type]
            for entry in old:
                executor.restore(entry)
            scene = Scene(folder, clock, it, log, told, executor)
            async with anyio.create_task_group() as group:
                if is_recovered:
                    await executor.recover()
                    group.start_soon(executor.run)
                    await anyio.sleep(0.05)
                await story(scene)
                group.cancel_scope.cancel()
        it.clock = StandingClock(clock.now())

    run_leaping(run())
    return found[0]


def planned(
    slot_id: str = SLOT,
    units: int = 2,
    number: int = 1,
    action: Action = Action.BUY_TO_OPEN,
    symbol: str = "SPY",
    size: int | None = None,
) -> Planned:
    leg = OrderLeg(symbol, InstrumentKind.EQUITY, action, size or units)
    effect = PriceEffect.DEBIT if action.buys else PriceEffect.CREDIT
    order = Order(f"{slot_id}-{number}", ALIAS, (leg,), OrderType.LIMIT, price=Decimal("1.00"), effect=effect)
    purpose = Purpose.ENTRY if action.opens else Purpose.EXIT
    return Planned(ALIAS, slot_id, slot_id, Role.TRADE, purpose, units, order)


class FailingLog:
    """See ports.TradeLog: a journal whose disk fails when a test says so."""

    def __init__(self, inner: TradeLog) -> None:
        self._inner = inner
        self.fails_to_write: BrokerError | Exception | None = None
        self.fails_to_sync: Exception | None = None
        self.is_full = False

    @property
    def can_open(self) -> bool:
        return self._inner.can_open and not self.is_full

    def write(self, body: TradeBody, *, urgent: bool = False) -> TradeEntry:
        if self.fails_to_write is not None:
            raise self.fails_to_write
        return self._inner.write(body, urgent=urgent)

    def sync(self) -> None:
        if self.fails_to_sync is not None:
            raise self.fails_to_sync
        self._inner.sync()
