"""What the kill soak trades with: a desk of two playbooks, its messages, an exchange of its own, one trading process."""

import asyncio
import json
import os
import socket
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import msgspec

from engine.adapters.clock import SystemClock
from engine.adapters.exchange_time import exchange_time
from engine.adapters.tastytrade.connection import Pace
from engine.app.connections import connections
from engine.app.credentials import PAPER
from engine.app.manifest import engine_version
from engine.app.message_flow import as_posted
from engine.app.settings import Settings
from engine.app.trading import Trading
from engine.app.trading_build import Ground, trading_desk
from engine.app.trading_so_far import RUN
from engine.execute.waiting import Sleeping
from engine.journal.log import JournalLog
from engine.journal.trade_log import JournalTradeLog
from engine.model.instrument import Option, Right
from engine.model.message import Author, Message
from engine.model.stages import Stage
from engine.paper.clock import PaperClock
from engine.paper.conduct import AccountSetup, Quirk
from engine.paper.listening import bound, listen
from engine.paper.listing import NO_GAPS, Listing
from engine.paper.opening import ACCOUNTS, Opening, open_server
from engine.paper.synthetic import SyntheticMarket
from engine.paper.venue import Environment
from engine.plan.entries import StageChanged
from engine.plan.flow import ApprovalAsked, Flow, FlowEvent
from engine.playbook.loader import has_errors
from engine.playbook.rulebook import Rulebook
from tests.feeding import loaded
from tests.soak.kill_points import Trap

TO_PROVE, TO_TRADE = "1255265167113978001", "1255265167113978002"
ALICE = Author("301234567890123456", "alice")
OPENS_AT = datetime.fromisoformat("2026-11-24T15:00:00+00:00")  # a Tuesday, half an hour after the open
EXPIRY = date(2026, 11, 27)
STEP = timedelta(seconds=0.1)  # between two prices
LONGEST = timedelta(hours=1)  # of the exchange's time that one process may take to come to its end
_QUIET = 0.6  # seconds in which nothing happens, before time is passed over
_PASSED = 15.0
_DISCORD = 1_420_070_400_000
_SETTLED = 3  # looks in a row at which nothing is under way
_SHARES = ("AAPL", "MSFT", "QQQ", "SPY", "NVDA", "AMD")
_PAPER_MONEY = Decimal(50_000_000)

DESK = """
signalbook: 1
desk: kill-desk
about: A desk whose engine is killed again and again
time_zone: America/New_York
accounts:
  cert: {kind: sandbox, broker: paper}
  main: {kind: production, broker: paper}
people:
  carol: {discord: "501234567890123456", about: head of the desk, permissions: [approve, control, promote]}
on_call: [carol]
channels: {"1255265167113978000": control}
sandbox: {on_cannot_represent: ask, on_outage: ask}
limits:
  max_order_value: "$400,000"
  max_contracts: 20
  max_shares: 500
  max_size: 50%
  max_open_positions: 500
  max_orders_per_day: 5000
  max_daily_loss: "$1,000,000"
  messages_per_minute: 60
  duplicate_window: 1s
"""
PLAYBOOK = """
signalbook: 1
playbook: NAME
about: Openings and exits for a desk that is killed
owner: ops
listen:
  channels: {"CHANNEL": {name: NAME}}
  authors:
    "301234567890123456": {name: alice, may: [open, close]}
  max_age: {open: 10m, close: 30m}
  good_for: 30m
read:
  use: [us-options, us-stocks, us-bare-exits]
allow: {kinds: [stock, long_option], undefined_risk: never}
size:
  percent: 5%
  of: net_liq
  basis: max_loss
  alert_quantity: at_most
  at_most: {contracts: 10}
ladder: {open: patient, close: fast}
ladders:
  patient:
    path: {from: mid, to: natural}
    rungs: [{at: 0%, hold: 10s}, {at: 100%, hold: 10s}]
    finally: cancel
  fast:
    path: {from: mid, to: natural}
    rungs: [{at: 100%, hold: 10s}]
    finally: cancel
risk:
  session: {hours: regular}
  max_open_positions: 200
  max_orders_per_day: 2000
  price_collar: {from_alert: 20%}
  duplicate_window: 1s
stages:
  sandbox: {account: cert, each: opens, pass: live, within: 60s, on_unavailable: ask}
  production: {account: main, approval: {above: "$700", by: approvers, within: 10m, on_timeout: refuse}}
  promote: {canary: {openings: 1}, auto: never}
"""


def write_desk(folder: Path) -> Path:
    """Write the playbooks and return their folder."""
    playbooks = folder / "playbooks"
    playbooks.mkdir(parents=True)
    (playbooks / "desk.yaml").write_text(DESK, encoding="utf-8")
    for name, channel in (("proving", TO_PROVE), ("trading", TO_TRADE)):
        text = PLAYBOOK.replace("NAME", name).replace("CHANNEL", channel)
        (playbooks / f"{name}.yaml").write_text(text, encoding="utf-8")
    return playbooks


# ---------------------------------------------------------------- the exchange


@dataclass
class Exchange:
    """An exchange in a process of its own. port: of the sandbox; production is at the next one."""

    port: int
    process: BaseProcess

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def open_exchange(seed: int) -> Exchange:
    """Begin an exchange whose orders take their time, fill in parts now and then, and are told late."""
    says = Random(seed)
    while True:
        port = says.randrange(20_000, 60_000)
        try:
            sockets = bound(port)
        except OSError:
            continue
        break
    process = get_context("fork").Process(target=_serve, args=(seed, sockets), daemon=True)
    process.start()
    for each in sockets.values():
        each.close()
    return Exchange(port, process)


def _serve(seed: int, sockets: dict[Environment, socket.socket]) -> None:
    accounts = {name: (AccountSetup(number, cash=_PAPER_MONEY),) for name, number in ACCOUNTS.items()}
    opening = Opening(
        seed=seed, pace=0.3, is_calm=True, quote_step=STEP, accounts=accounts, quirks={Quirk.PARTIAL: 0.3}
    )
    listen(open_server(opening, PaperClock(SystemClock(), OPENS_AT)), sockets)


# ---------------------------------------------------------------- messages


@dataclass
class Writer:
    """Writes alerts that fill, as the exchange of the same seed prices them."""

    seed: int
    says: Random
    count: int = 0
    market: SyntheticMarket = field(init=False)
    listing: Listing = field(init=False)

    def __post_init__(self) -> None:
        self.listing = Listing(gaps=NO_GAPS)
        self.market = SyntheticMarket(self.listing, self.seed, STEP)

    def message(self, channel: str, content: str, at: datetime, reply_to: str = "") -> Message:
        self.count += 1
        number = (int(at.timestamp() * 1000) - _DISCORD << 22) + self.count
        return Message(str(number), channel, ALICE, at, content, reply_to=reply_to)

    def opening(self, channel: str, at: datetime) -> Message:
        if self.says.random() < 0.35:
            symbol = self.says.choice(_SHARES)
            ask = self._ask(symbol, at)
            text = f"BTO {self.says.choice((2, 4))} {symbol} @ {(ask * Decimal('1.05')).quantize(Decimal('0.01'))}"
        else:
            strike = round(self.market.spot("SPY", at)) + self.says.randrange(-8, 8)
            ask = self._ask(Option("SPY", EXPIRY, Right.CALL, Decimal(strike)).occ, at)
            price = (ask * Decimal("1.1") + Decimal("0.02")).quantize(Decimal("0.01"))
            text = f"BTO {self.says.choice((2, 4))} SPY {strike}C 11/27 @ {price}"
        return self.message(channel, text, at)

    def of_nothing(self, channel: str, at: datetime) -> Message:
        """Return an opening of a contract nobody lists."""
        return self.message(channel, f"BTO 2 SPY {self.says.randrange(3, 9)}C 11/27 @ 2.50", at)

    def close(self, of: Message, at: datetime) -> Message:
        return self.message(of.channel_id, self.says.choice(("all out", "sold half")), at, of.id)

    def _ask(self, symbol: str, at: datetime) -> Decimal:
        quote = self.market.quote(symbol, at)
        if quote is None or quote.ask is None:
            raise LookupError(symbol)
        return quote.ask


def write_export(file: Path, messages: Iterable[Message]) -> None:
    """Write messages as an export of a channel; all of one channel."""
    messages = list(messages)
    rows = [
        {
            "id": each.id,
            "type": "Reply" if each.reply_to else "Default",
            "timestamp": each.at.isoformat(),
            "timestampEdited": None,
            "content": each.content,
            "author": {"id": each.author.id, "name": each.author.name, "isBot": False},
            "attachments": [],
            "embeds": [],
            **({"reference": {"messageId": each.reply_to, "channelId": each.channel_id}} if each.reply_to else {}),
        }
        for each in messages
    ]
    channel = {"id": messages[0].channel_id, "name": "alerts"}
    export = {"guild": {"id": "1", "name": "desk"}, "channel": channel, "messages": rows}
    file.write_text(json.dumps(export), encoding="utf-8")


# ---------------------------------------------------------------- one trading process


@dataclass(frozen=True)
class Place:
    """A home, and the exchange its orders go to."""

    home: Path
    address: str

    @property
    def journal(self) -> Path:
        return self.home / "journal"

    @property
    def database(self) -> Path:
        return self.home / "signalbook.duckdb"

    @property
    def held(self) -> Path:
        """What a process that came to its end believed to hold, and how far its journal was then."""
        return self.home / "held.json"

    @property
    def settings(self) -> Settings:
        return Settings(self.home, {PAPER: self.address})


def promote(place: Place, rulebook: Rulebook) -> None:
    """Have the version that trades promoted, as a person would after its runs in the sandbox."""
    version = next(live for live in rulebook.playbooks if live.playbook.name == "trading")
    with JournalLog.open(place.journal, lambda: OPENS_AT) as log:
        trades = JournalTradeLog(log, RUN)
        change = StageChanged("trading", version.content_hash, Stage.PRODUCTION, "carol", "promoted", (), engine_version())
        trades.write(replace(change, diff="seen"))
        trades.sync()


class Follower:
    """Says yes to whatever is asked, and keeps what it is warned of."""

    def __init__(self, place: Place) -> None:
        self._handle = os.open(place.home / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.desk: Trading | None = None
        self.last_said = time.monotonic()
        self._answered: set[str] = set()

    def answer(self) -> bool:
        """Approve what waits since before this process began; never wants the end."""
        for flow in self.desk.unfinished if self.desk else ():
            if flow.awaits_approval:
                self._approve(flow.intent.id)
        return False

    def _approve(self, intent_id: str) -> None:
        if self.desk is not None and intent_id not in self._answered:
            self._answered.add(intent_id)
            self.desk.approve_soon(intent_id, "carol")

    def decided(self, record: object) -> None:
        for outcome in record.decision.outcomes:  # type: ignore[attr-defined]
            self.say(f"{record.message.content}: {outcome.verdict.value} {outcome.reason.value} {outcome.detail}")  # type: ignore[attr-defined]

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        self.say(f"{at:%H:%M:%S.%f} {flow.intent.id[:8]} {'submitted' if event is None else event}"[:300])
        if isinstance(event, ApprovalAsked):
            self._approve(flow.intent.id)

    def dropped(self, record: object, outcome: object, dropped: object) -> None:
        self.say(f"dropped {dropped}")

    def changed(self, account: str, slot: object, at: datetime) -> None:
        last = slot.attempts[-1]  # type: ignore[attr-defined]
        self.say(f"{at:%H:%M:%S.%f} {account} {last.client_id} {last.state.value} {slot.filled}")  # type: ignore[attr-defined]

    def closed(self, closed: object) -> None:
        self.say(f"closed {closed}")

    def told(self, happened: object) -> None:
        self.say(f"told {happened}")

    def warn(self, sentence: str) -> None:
        self.say(f"WARN {sentence}")

    def say(self, line: str) -> None:
        self.last_said = time.monotonic()
        os.write(self._handle, f"{os.getpid()} {line}\n".encode())


def run_process(place: Place, rulebook: Rulebook, messages: list[Message], trap: Trap) -> None:
    """Trade until everything has come to its end, or the trap has."""
    errors = os.open(place.home / "errors.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(errors, sys.stderr.fileno())
    asyncio.run(_trade(place, rulebook, messages, trap))


async def _trade(place: Place, rulebook: Rulebook, messages: list[Message], trap: Trap) -> None:
    there = await exchange_time(place.address)
    clock = PaperClock(SystemClock(), there.now, there.speed)
    follower = Follower(place)
    follower.say(f"begins at {clock.now():%H:%M:%S}, dies at {trap.point!r} {trap.nth} power {trap.cuts_power}")
    assert rulebook.desk is not None
    joined = connections(
        rulebook.desk, place.settings, clock, pace=Pace(per_minute=1_000_000), reach=trap.destination
    )
    ground = Ground(
        place.settings, rulebook, rulebook.desk, joined, Sleeping(clock), time.monotonic, follower,
        open_journal=trap.open_journal, open_projection=trap.open_projection,
    )  # fmt: skip
    async with joined, trading_desk(ground) as desk:
        follower.desk = desk
        await desk.trade(_posted(messages, clock, follower), _Ending(desk, clock, follower, place.address).is_over)
        held = desk._parts.so_far.book.held()
        place.held.write_bytes(msgspec.json.encode(held))


def _posted(messages: list[Message], clock: PaperClock, follower: Follower) -> AsyncIterator[Message]:
    return as_posted(messages, clock, lambda _: False, follower.answer)


class _Ending:
    """
    Whether everything has come to its end: intents, their orders, and what probes have left.

    Where only time is awaited it is passed over, here and at the exchange.
    """

    def __init__(self, desk: Trading, clock: PaperClock, follower: Follower, address: str) -> None:
        self._desk = desk
        self._clock = clock
        self._follower = follower
        self._address = address
        self._ends_at = clock.now() + LONGEST
        self._quiet = 0

    def is_over(self) -> bool:
        self._follower.answer()
        if self._clock.now() > self._ends_at:
            raise TimeoutError(f"not at its end after {LONGEST}")
        is_quiet = not (self._desk.is_busy or any(self._under_way()))
        self._quiet = self._quiet + 1 if is_quiet else 0
        if not is_quiet and time.monotonic() - self._follower.last_said > _QUIET:
            self._follower.last_said = time.monotonic()
            self._pass_time()
        return self._quiet >= _SETTLED

    def _pass_time(self) -> None:
        body = json.dumps({"seconds": _PASSED}).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self._address}/_paper/clock", body, headers)
        urllib.request.urlopen(asked, timeout=10).close()
        self._clock.advance(timedelta(seconds=_PASSED))

    def _under_way(self) -> Iterable[bool]:
        for account in self._desk._parts.desks.values():
            slots = account.executor.slots
            yield from (not attempt.is_settled for slot in slots.values() for attempt in slot.attempts)
            for slot_id, slot in slots.items():
                if slot_id[32:] == "p" and slot.filled:
                    unwound = slots.get(f"{slot_id[:32]}u")
                    yield unwound is None or unwound.filled < slot.filled


def load(playbooks: Path) -> Rulebook:
    """Return the rulebook, with everything a process would otherwise work out anew."""
    rulebook = loaded(playbooks)
    if has_errors(rulebook.issues) or rulebook.desk is None:
        raise SystemExit(f"the desk is not sound: {rulebook.issues}")
    return rulebook

