"""A desk that trades at an exchange of this process, with a wire between them that can be cut."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import anyio
import httpx2

from engine.adapters.clock import SystemClock
from engine.adapters.tastytrade.connection import Pace
from engine.adapters.tastytrade.destination import Destination, production, sandbox
from engine.app.connections import connections
from engine.app.credentials import Access
from engine.app.manifest import engine_version
from engine.app.settings import Settings
from engine.app.trading import Trading
from engine.app.trading_build import Ground, trading_desk
from engine.execute.waiting import Sleeping
from engine.journal.log import JournalLog
from engine.journal.reading import read_entries
from engine.journal.trade_log import RUN, JournalTradeLog, trade_entries
from engine.lifecycle.slot import Slot
from engine.model.alert import Action
from engine.model.contract import Contract
from engine.model.desk import AccountKind
from engine.model.intent import Intent
from engine.model.message import Author, EventKind, Message
from engine.model.order import InstrumentKind, OrderLeg, PriceEffect
from engine.model.stages import Stage
from engine.paper.clock import PaperClock
from engine.paper.opening import Opening, open_server
from engine.paper.server import PaperServer
from engine.plan.entries import FlowHappened, Intended, StageChanged, TradeBody
from engine.plan.flow import ApprovalAsked, Ended, Flow, FlowEvent
from engine.playbook.loader import has_errors
from engine.playbook.rulebook import Rulebook
from tests.contract.reach import Application, InProcess, in_process
from tests.feeding import loaded
from tests.soak.kill_desk import DESK, OPENS_AT, PLAYBOOK, StandingMarket
from tests.telling import Teller

CHANNEL = "1255265167113978002"
ALICE = Author("301234567890123456", "alice")
CARD = PLAYBOOK.replace("NAME", "trading").replace("CHANNEL", CHANNEL)
SEED = 7
_DISCORD = 1_420_070_400_000


def rulebook_in(folder: Path, playbook: str | None = CARD, desk: str = DESK) -> Rulebook:
    """Write a desk and the playbook of the tests, None for none, beside one that hears nobody; and load them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.yaml").write_text(desk, encoding="utf-8")
    other = PLAYBOOK.replace("NAME", "unheard").replace("CHANNEL", "1255265167113978009")
    (folder / "unheard.yaml").write_text(other, encoding="utf-8")
    file = folder / "trading.yaml"
    file.unlink(missing_ok=True)
    if playbook is not None:
        file.write_text(playbook, encoding="utf-8")
    rulebook = loaded(folder)
    assert not has_errors(rulebook.issues), rulebook.issues
    return rulebook


OnRequest = Callable[[AccountKind, httpx2.Request], Awaitable[None]]


class Wire(InProcess):
    """Into the exchange. rule: asked about each request before it goes; it may wait, or raise."""

    def __init__(self, inner: Application, kind: AccountKind, world: "World") -> None:
        super().__init__(inner)
        self._kind = kind
        self._world = world

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.scheme not in ("ws", "wss"):
            await self._world.on_request(self._kind, request)
        return await super().handle_async_request(request)


SPY = Contract("SPY", InstrumentKind.EQUITY, "SPY", streamer_symbol="SPY")
PROOF = "f" * 24  # how the key of a run begins that a promotion asks to have been seen


def _proof(name: str, content_hash: str, at: datetime) -> tuple[TradeBody, ...]:
    """A run of a playbook in the sandbox, of long ago: what a promotion asks to have been seen."""
    leg = OrderLeg("IWM", InstrumentKind.EQUITY, Action.BUY_TO_OPEN, 1)
    one, before = Decimal(1), at - timedelta(days=1)
    key = f"{PROOF}{content_hash[:8]}"
    intent = Intent(
        key, key, "0" * 16, 0, name, content_hash, Stage.SANDBOX, "1", 1, CHANNEL, ALICE.id,
        "cert", True, (leg,), 1, one, PriceEffect.DEBIT, one, one, before, before,
    )  # fmt: skip
    return Intended(intent), FlowHappened(intent.id, Ended("filled", 1, 0))


@dataclass(frozen=True)
class Promotion:
    """To which stage which version comes. openings: of a canary."""

    name: str = "trading"
    stage: Stage = Stage.PRODUCTION
    openings: int = 0


def promote(journal: Path, clock: Callable[[], datetime], rulebook: Rulebook, to: Promotion) -> None:
    """Have the version of a playbook promoted, as a person would after a run of it in the sandbox."""
    live = next(each for each in rulebook.playbooks if each.playbook.name == to.name)
    with JournalLog.open(journal, clock) as log:
        trades = JournalTradeLog(log, RUN)
        for run in _proof(to.name, live.content_hash, clock()):
            trades.write(run)
        change = StageChanged(to.name, live.content_hash, to.stage, "carol", "promoted", (), engine_version())
        trades.write(replace(change, diff="seen", openings=to.openings))
        trades.sync()


async def _passes(kind: AccountKind, request: httpx2.Request) -> None:
    return None


@dataclass
class World:
    """
    An exchange, the home of a desk and what was seen.

    on_request: asked about each request before it goes. said: what the desk told, as text. approves: whether all that
    is asked is approved.
    """

    home: Path
    clock: PaperClock
    server: PaperServer
    inner: Application
    market: StandingMarket
    on_request: OnRequest = _passes
    said: list[str] = field(default_factory=list)
    approves: bool = True
    count: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(self.home)

    def message(self, content: str, *, event: int = 1, of: Message | None = None, **more: object) -> Message:
        """Return a message of Alice's posted now, or another event of one."""
        if of is not None:
            return replace(of, content=content, event=event, **more)  # type: ignore[arg-type]
        self.count += 1
        at = self.clock.now()
        number = (int(at.timestamp() * 1000) - _DISCORD << 22) + self.count
        return Message(str(number), CHANNEL, ALICE, at, content, **more)  # type: ignore[arg-type]

    def edited(self, message: Message, content: str) -> Message:
        return replace(
            message, content=content, event=message.event + 1, kind=EventKind.EDITED, edited_at=self.clock.now()
        )

    def times(self, words: str) -> int:
        """Return how often something was said."""
        return sum(words in line for line in self.said)

    def promote(
        self, rulebook: Rulebook, stage: Stage = Stage.PRODUCTION, openings: int = 0, name: str = "trading"
    ) -> None:
        """Have the version of a playbook promoted, as a person would. openings: of a canary."""
        promote(self.settings.journal, self.clock.now, rulebook, Promotion(name, stage, openings))

    def journal(self) -> list[TradeBody]:
        return [entry.body for entry in trade_entries(read_entries(self.settings.journal))]

    def orders(self, kind: AccountKind = AccountKind.PRODUCTION) -> list[object]:
        venue = self.server.production if kind is AccountKind.PRODUCTION else self.server.sandbox
        return [order for account in venue.exchange.accounts.values() for order in account.orders.values()]

    @asynccontextmanager
    async def desk(self, rulebook: Rulebook, **more: object) -> AsyncIterator["Running"]:
        """Open a desk at the exchange."""
        assert rulebook.desk is not None
        pace = Pace(seconds=3.0, per_minute=100_000)
        joined = connections(rulebook.desk, self.settings, self.clock, pace=pace, reach=self._reach)
        follower = Follower(self)
        ground = Ground(
            self.settings, rulebook, rulebook.desk, joined, Sleeping(self.clock), time.monotonic, follower,
            **more,  # type: ignore[arg-type]
        )  # fmt: skip
        async with joined, trading_desk(ground) as desk:
            follower.desk = desk
            yield Running(self, desk)

    def _reach(self, access: Access) -> Destination:
        kind = access.environment.kind
        wire = Wire(self.inner, kind, self)
        return sandbox(wire) if kind is AccountKind.SANDBOX else production(wire)


class Running:
    """A desk under test: messages are handed to it while it trades."""

    def __init__(self, world: World, desk: Trading) -> None:
        self.world = world
        self.desk = desk
        self._send, self._receive = anyio.create_memory_object_stream[Message](100)
        self.wants_end = False

    @property
    def waiting(self) -> int:
        """How many messages the desk has not taken yet."""
        return self._receive.statistics().current_buffer_used

    async def trade(self) -> None:
        async def messages() -> AsyncIterator[Message]:
            async for message in self._receive:
                yield message

        await self.desk.trade(messages(), lambda: self.wants_end)

    def post(self, message: Message) -> Message:
        self._send.send_nowait(message)
        return message

    def say(self, content: str, **more: object) -> Message:
        return self.post(self.world.message(content, **more))  # type: ignore[arg-type]

    def end(self) -> None:
        self.wants_end = True
        self._send.close()

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass, and have prices told anew."""
        self.world.clock.advance(span)
        quotes = self.desk.parts.quotes
        assert quotes is not None
        with anyio.fail_after(20):
            while (await quotes.quotes([SPY]))["SPY"].flaws:
                await anyio.sleep(0.01)

    async def until(self, wanted: Callable[[], bool], seconds: float = 15) -> None:
        with anyio.move_on_after(seconds):
            while not wanted():
                await anyio.sleep(0.01)
            return
        raise AssertionError("it never came to that:\n" + "\n".join(self.world.said))

    async def until_said(self, words: str, seconds: float = 25, *, times: int = 1) -> None:
        await self.until(lambda: self.world.times(words) >= times, seconds)


class Follower(Teller):
    """Says yes to whatever is asked, and keeps what it is told."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.desk: Trading | None = None

    def say(self, line: str) -> None:
        self._world.said.append(line)

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        self.say(f"{flow.intent.id[:8]} {'submitted' if event is None else event}")
        if isinstance(event, ApprovalAsked) and self._world.approves and self.desk is not None:
            self.desk.approve_soon(flow.intent.id, "carol")

    def changed(self, account: str, slot: Slot, at: datetime) -> None:
        self.say(f"order {account} {slot.attempts[-1].client_id} {slot.attempts[-1].state.value} {slot.filled}")


Story = Callable[[World], Awaitable[None]]


def tell(home: Path, story: Story) -> None:
    """Run a story at a new exchange with prices that stand still; one that hangs fails."""

    async def run() -> None:
        with anyio.fail_after(50):
            clock = PaperClock(SystemClock(), OPENS_AT)
            market = StandingMarket(SEED)
            opening = Opening(seed=SEED, pace=0.0, is_calm=True, quotes=market)
            server = open_server(opening, clock)
            failed: list[Exception] = []
            async with in_process(server) as inner:
                try:
                    await story(World(home, clock, server, inner, market))
                except Exception as error:  # noqa: BLE001 - to be raised as itself, and not in a group
                    failed.append(error)
            for error in failed:
                raise error

    asyncio.run(run())


@asynccontextmanager
async def trading(world: World, rulebook: Rulebook, **more: object) -> AsyncIterator[Running]:
    """A desk that trades for a block, and ends as it would when asked to; raises what ended it before."""
    async with world.desk(rulebook, **more) as running:
        failed: list[Exception] = []

        async def trade() -> None:
            try:
                await running.trade()
            except Exception as error:  # noqa: BLE001 - to be raised as itself, and not in a group
                failed.append(error)
                tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(trade)
            try:
                yield running
            except Exception as error:  # noqa: BLE001 - the same
                failed.append(error)
            running.end()
        for error in failed:
            raise error
