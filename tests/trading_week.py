"""The example desk at a local exchange over TCP: a new playbook is proven, promoted by a person, and trades."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Final

import anyio

from engine.adapters.clock import SystemClock
from engine.app.beginning import AccountFound, Beginning
from engine.app.control_client import ControlClient
from engine.app.credentials import PAPER
from engine.app.news import of_account, of_decision, of_dropped, of_order, of_step
from engine.app.settings import Settings
from engine.app.stage_view import candidate
from engine.app.staging import StageAction, StageRequest, carry_out_alone, read_staging
from engine.app.trading import Trading
from engine.app.trading_run import TradeRun, trade
from engine.decide.record import Record
from engine.lifecycle.slot import Slot
from engine.model.decision import Outcome
from engine.model.message import Author, Message
from engine.model.position import Closed
from engine.model.run import BadRow
from engine.model.stages import Stage
from engine.paper.clock import PaperClock
from engine.paper.listening import listening
from engine.paper.listing import NO_GAPS, Listing
from engine.paper.opening import ACCOUNTS, Opening, open_server
from engine.paper.quotes import Greeks, Quote
from engine.paper.server import PaperServer
from engine.paper.synthetic import SyntheticMarket
from engine.paper.venue import Environment, Venue
from engine.plan.entries import AccountHappened
from engine.plan.flow import ApprovalAsked, Dropped, Flow, FlowEvent
from engine.playbook.loader import has_errors
from engine.playbook.rulebook import Rulebook
from engine.ports import Clock
from engine.replay.archive_files import archives_in
from engine.replay.archive_order import in_time_order
from engine.replay.archive_tally import ReadTally
from tests.feeding import loaded
from tests.ports import two_ports

EXAMPLE: Final = Path(__file__).parents[1] / "examples" / "desk"
CAROL: Final = "carol"
TUESDAY: Final = datetime.fromisoformat("2026-12-01T15:00:05+00:00")  # half an hour after the open
WEDNESDAY, THURSDAY, FRIDAY = (TUESDAY + timedelta(days=days) for days in (1, 2, 3))
SEED: Final = 7  # the prices of the texts below, and of the example's messages, are those of this market
PROOF: Final = (
    (TUESDAY, ("BTO 2 AAPL @ 271", "BTO 2 NVDA @ 203")),
    (WEDNESDAY, ("BTO 2 QQQ @ 593",)),
)
CANARY: Final = "BTO 2 IWM @ 259"
_PLAYBOOK: Final = "desk-alerts"
_CHANNEL: Final = "1255265167113978008"
_ALICE: Final = Author("301234567890123456", "alice")
_DISCORD: Final = 1_420_070_400_000
_STEP: Final = timedelta(seconds=1)
_BEFORE: Final = timedelta(seconds=5)
_FOLLOWED: Final = timedelta(seconds=40)
_LONGEST: Final = 240.0


def shipped(name: str) -> tuple[Message, ...]:
    """Return the messages of one of the example desk's exports."""
    rows = in_time_order(archives_in([EXAMPLE / "messages" / name]), ReadTally())
    return tuple(row for row in rows if not isinstance(row, BadRow))


def posted(begins_at: datetime, texts: Iterable[str]) -> tuple[Message, ...]:
    """Return messages of the desk's author, 20 s apart."""
    times = ((begins_at + timedelta(seconds=20 * place), text) for place, text in enumerate(texts))
    return tuple(
        Message(str((int(at.timestamp() * 1000) - _DISCORD << 22) + 1), _CHANNEL, _ALICE, at, text)
        for at, text in times
    )


@dataclass(frozen=True)
class SteadyMarket:
    """
    Prices that stand still through each day, told anew every second (see paper.quotes.QuoteSource).

    What is at the market when it is priced fills then, however busy the machine is.
    """

    market: SyntheticMarket

    def quote(self, symbol: str, now: datetime) -> Quote | None:
        found = self.market.quote(symbol, _of_day(now))
        return None if found is None else replace(found, at=now - (now - TUESDAY) % _STEP)

    def greeks(self, symbol: str, now: datetime) -> Greeks | None:
        return self.market.greeks(symbol, _of_day(now))

    def next_change(self, symbols: Sequence[str], after: datetime) -> datetime | None:
        return self.market.next_change(symbols, after)


def _of_day(now: datetime) -> datetime:
    return now.replace(hour=15, minute=2, second=5, microsecond=0)


def steady(opening: Opening) -> Opening:
    """Return an exchange whose prices stand still through each day."""
    return replace(opening, quotes=SteadyMarket(SyntheticMarket(Listing(gaps=NO_GAPS), opening.seed, _STEP)))


@dataclass(frozen=True)
class Traded:
    """
    What a week has left behind.

    messages: of Friday, when the playbook was in production. held: at the exchange, with its sign, by symbol; named:
    the client ids of every order there. said: what the desk told, line by line.
    """

    home: Path
    messages: tuple[Message, ...]
    held: dict[Environment, dict[str, int]]
    named: dict[Environment, tuple[str, ...]]
    said: tuple[str, ...]


def traded_week(home: Path, opening: Opening, friday: tuple[Message, ...], speed: float) -> Traded:
    """
    Have the desk prove itself for two days in the sandbox and one as a canary, and trade Friday's messages.

    speed: of the exchange's clock; quiet time is passed over besides.
    """

    async def run() -> Traded:
        with anyio.fail_after(_LONGEST):
            async with _week(home, opening, speed) as week:
                try:
                    await week.prove()
                    await week.trade(friday)
                except TimeoutError:
                    raise AssertionError("it hangs:\n" + "\n".join(week.said)) from None
                return week.traded(friday)

    return asyncio.run(run())


@dataclass
class _Follower:
    """Keeps what it is told (see trading_run.Follower), and approves what is asked, as `signalbook approve` does."""

    control: ControlClient
    said: list[str]
    asking: list[Thread] = field(default_factory=list)

    def ready(self, desk: Trading, clock: Clock) -> None:
        pass

    def began(self, beginning: Beginning) -> None:
        pass

    def looked(self, accounts: tuple[AccountFound, ...]) -> None:
        pass

    def wants_end(self) -> bool:
        return False

    def decided(self, record: Record) -> None:
        self.said += [news.text for news in of_decision(record)]

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        self.said.append(of_step(flow, event).text)
        if isinstance(event, ApprovalAsked):
            asking = Thread(target=self._approve, args=(flow.intent.id[:12],))
            asking.start()
            self.asking.append(asking)

    def dropped(self, record: Record, outcome: Outcome, dropped: Dropped) -> None:
        self.said.append(of_dropped(outcome, dropped).text)

    def changed(self, account: str, slot: Slot, at: datetime) -> None:
        self.said.append(of_order(account, slot).text)

    def closed(self, closed: Closed) -> None:
        self.said.append(f"closed {closed.contract}")

    def told(self, happened: AccountHappened) -> None:
        news = of_account(happened)
        self.said += [news.text] if news else []

    def warn(self, sentence: str) -> None:
        self.said.append(f"attention: {sentence}")

    def _approve(self, intent_id: str) -> None:
        answer = self.control.ask("approve", id=intent_id, by=CAROL)
        self.said.append(f"approved: {answer}")


@dataclass
class _Week:
    home: Path
    server: PaperServer
    clock: PaperClock
    address: str
    rulebook: Rulebook
    said: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(self.home, {PAPER: self.address})

    async def prove(self) -> None:
        """Bring the playbook to production, each step by a person, on what it has shown."""
        for begins_at, texts in PROOF:
            await self.trade(posted(begins_at, texts))
        self.promote(Stage.CANARY)
        await self.trade(posted(THURSDAY, (CANARY,)))
        self.promote(Stage.PRODUCTION)

    async def trade(self, messages: tuple[Message, ...]) -> None:
        """Trade messages as `signalbook trade --skip-quiet` does: an engine of its own, restored from the journal."""
        desk = self.rulebook.desk
        assert desk is not None
        run = TradeRun(self.settings, self.rulebook, desk, messages, None, None, _FOLLOWED, (), skips_quiet=True)
        follower = _Follower(ControlClient(self.settings.control), self.said)
        await trade(run, follower, SystemClock(), time.monotonic)
        for asking in follower.asking:
            asking.join()

    def promote(self, to: Stage) -> None:
        """Promote the playbook as `signalbook stage promote` does, by a person who has seen what it changes."""
        journal, live = self.settings.journal, self.rulebook.named(_PLAYBOOK)
        assert live is not None
        staging, versions = read_staging(journal, self.rulebook)
        seen = candidate(_PLAYBOOK, live.content_hash, staging, versions, journal).diff.mark
        request = StageRequest(
            StageAction.PROMOTE, CAROL, _PLAYBOOK, live.content_hash, to=to.value, seen=seen, diff=seen
        )
        carry_out_alone(request, self.rulebook, journal, self.clock.now)

    def traded(self, friday: tuple[Message, ...]) -> Traded:
        venues = {Environment.SANDBOX: self.server.sandbox, Environment.PRODUCTION: self.server.production}
        held = {name: self._held(venue) for name, venue in venues.items()}
        return Traded(
            self.home, friday, held, {name: self._named(venue) for name, venue in venues.items()}, (*self.said,)
        )

    def _held(self, venue: Venue) -> dict[str, int]:
        rows = venue.exchange.positions(ACCOUNTS[venue.name], self.clock.now())
        return {row.symbol: row.quantity for row in rows if row.quantity}

    def _named(self, venue: Venue) -> tuple[str, ...]:
        orders = venue.exchange.orders(ACCOUNTS[venue.name], self.clock.now())
        return tuple(sorted(order.external_identifier for order in orders))


@asynccontextmanager
async def _week(home: Path, opening: Opening, speed: float) -> AsyncIterator[_Week]:
    rulebook = loaded(EXAMPLE)
    assert not has_errors(rulebook.issues), rulebook.issues
    clock = PaperClock(SystemClock(), TUESDAY - _BEFORE, speed)
    server = open_server(opening, clock)
    port = two_ports()
    async with listening(server, port):
        yield _Week(home, server, clock, f"http://127.0.0.1:{port}", rulebook)
