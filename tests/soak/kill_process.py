"""One trading process of the kill soak: everything as `signalbook trade` has it, with traps at its seams."""

import asyncio
import json
import os
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

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
from engine.lifecycle.slot import Slot
from engine.model.message import Message
from engine.model.stages import Stage
from engine.paper.clock import PaperClock
from engine.plan.entries import StageChanged
from engine.plan.flow import ApprovalAsked, Flow, FlowEvent
from engine.playbook.rulebook import Rulebook
from tests.soak.kill_desk import OPENS_AT
from tests.soak.kill_points import Trap
from tests.telling import Teller

LONGEST = timedelta(minutes=15)  # of the exchange's time that one process may take to come to its end
_QUIET = 0.6  # seconds in which nothing happens, before time is passed over
_PASSED = 15.0
_SETTLED = 3  # looks in a row at which nothing is under way
_PASSED_OVER = 5  # times, before an awkward exchange behaves: everything has to come to its end some day
_ANSWERS = 2.0  # seconds that an answer may take


@dataclass(frozen=True)
class Place:
    """A home, and the exchange its orders go to."""

    home: Path
    address: str

    @property
    def held(self) -> Path:
        """What a process that came to its end believed to hold, and how far its journal was then."""
        return self.home / "held.json"

    @property
    def settings(self) -> Settings:
        return Settings(self.home, {PAPER: self.address})


def promote(
    place: Place, rulebook: Rulebook, name: str = "trading", stage: Stage = Stage.PRODUCTION, openings: int = 0
) -> None:
    """Have the version of a playbook promoted, as a person would after its runs in the sandbox."""
    version = next(live for live in rulebook.playbooks if live.playbook.name == name)
    with JournalLog.open(place.settings.journal, lambda: OPENS_AT) as log:
        trades = JournalTradeLog(log, RUN)
        change = StageChanged(name, version.content_hash, stage, "carol", "promoted", (), engine_version())
        trades.write(replace(change, openings=openings, diff="seen"))
        trades.sync()


class Follower(Teller):
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

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        self.say(f"{at:%H:%M:%S.%f} {flow.intent.id[:8]} {'submitted' if event is None else event}"[:300])
        if isinstance(event, ApprovalAsked):
            self._approve(flow.intent.id)

    def changed(self, account: str, slot: Slot, at: datetime) -> None:
        last = slot.attempts[-1]
        self.say(f"{at:%H:%M:%S.%f} {account} {last.client_id} {last.state.value} {slot.filled}")

    def say(self, line: str) -> None:
        self.last_said = time.monotonic()
        os.write(self._handle, f"{os.getpid()} {line}\n".encode())


def run_process(
    place: Place, rulebook: Rulebook, messages: list[Message], trap: Trap, calm: Callable[[], None] = lambda: None
) -> None:
    """
    Trade until everything has come to its end, or the trap has.

    calm: has the exchange behave; called when there is no end for too long.
    """
    errors = os.open(place.home / "errors.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(errors, sys.stderr.fileno())
    asyncio.run(_trade(place, rulebook, messages, trap, calm))


async def _trade(
    place: Place, rulebook: Rulebook, messages: list[Message], trap: Trap, calm: Callable[[], None]
) -> None:
    there = await exchange_time(place.address)
    clock = PaperClock(SystemClock(), there.now, there.speed)
    follower = Follower(place)
    follower.say(f"begins at {clock.now():%H:%M:%S}, dies at {trap.point!r} {trap.nth} power {trap.cuts_power}")
    assert rulebook.desk is not None
    pace = Pace(_ANSWERS, per_minute=1_000_000)
    joined = connections(rulebook.desk, place.settings, clock, pace=pace, reach=trap.destination)
    ground = Ground(
        place.settings, rulebook, rulebook.desk, joined, Sleeping(clock), time.monotonic, follower,
        open_journal=trap.open_journal, open_projection=trap.open_projection,
    )  # fmt: skip
    async with joined, trading_desk(ground) as desk:
        follower.desk = desk
        ending = _Ending(desk, clock, follower, place.address, calm)
        await desk.trade(_posted(messages, clock, follower), ending.is_over)
        held = desk.parts.so_far.book.held()
        place.held.write_bytes(msgspec.json.encode(held))


def _posted(messages: list[Message], clock: PaperClock, follower: Follower) -> AsyncIterator[Message]:
    async def passes_nothing_over(_: timedelta) -> bool:
        return False

    return as_posted(messages, clock, passes_nothing_over, follower.answer)


class _Ending:
    """
    Whether everything has come to its end: intents, their orders, and what probes have left.

    Where only time is awaited it is passed over, here and at the exchange.
    """

    def __init__(
        self, desk: Trading, clock: PaperClock, follower: Follower, address: str, calm: Callable[[], None]
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._follower = follower
        self._address = address
        self._calm = calm
        self._passed = 0
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
        self._passed += 1
        if self._passed == _PASSED_OVER:
            self._calm()
        body = json.dumps({"seconds": _PASSED}).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self._address}/_paper/clock", body, headers)
        urllib.request.urlopen(asked, timeout=10).close()
        self._clock.advance(timedelta(seconds=_PASSED))

    def _under_way(self) -> Iterable[bool]:
        for account in self._desk.parts.desks.values():
            slots = account.executor.slots
            yield from (not attempt.is_settled for slot in slots.values() for attempt in slot.attempts)
            for slot_id, slot in slots.items():
                if slot_id[32:] == "p" and slot.filled:
                    unwound = slots.get(f"{slot_id[:32]}u")
                    yield unwound is None or unwound.filled < slot.filled
