"""What lives and dies with one engine of an episode, and what survives it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import anyio

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.execute.executor import Executor
from engine.journal.trade_log import encoded_trade, trade_body
from engine.lifecycle.effects import Book, Effect
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.slot import Slot
from engine.lifecycle.states import State
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError
from engine.model.order import Order, PlacedOrder, Priority
from engine.paper.clock import PaperClock
from engine.plan.entries import BODIES, AccountHappened, TradeBody, TradeEntry

_KINDS = {body: EntryKind(name) for name, body in BODIES.items()}
_TOWARDS_SENDING = (b'"intent_journaled"', b'"send_started"', b'"replace_asked"')


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

    def is_on_disk(self, client_id: str) -> bool:
        """Whether everything that allows an order to be sent is."""
        about = [body for _, _, body in self._pending if client_id.encode() in body]
        return not any(word in body for word in _TOWARDS_SENDING for body in about)


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
        self.is_on_disk: Callable[[str], bool] = lambda _: False
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
        if not self.is_on_disk(order.client_id):
            raise Broken(f"{order.client_id} was sent before it was on disk")


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
