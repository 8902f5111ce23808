"""
From a person's yes to the socket: our own time on the way of a production order, over TCP to an exchange without delay.

Journal syncs and the broker's dry run are measured apart. After each order the same client posts the same body bare,
for another account of the same exchange. One order at a time: on a machine that is busy otherwise the tails are those
of its scheduler, so the ratio, taken in the same run, says more than the times.
"""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Self

import httpx2

from benchmarks.measure import Figure, table
from engine.adapters.clock import SystemClock
from engine.adapters.exchange_time import exchange_time
from engine.adapters.tastytrade.connection import Pace
from engine.adapters.tastytrade.destination import Destination
from engine.app.connections import Connections, connections
from engine.app.credentials import Access, paper_number
from engine.app.trading import Trading
from engine.app.trading_build import Ground, trading_desk
from engine.execute.waiting import Sleeping
from engine.journal.log import JournalLog
from engine.model.desk import AccountKind
from engine.model.entry import Entry, EntryKind
from engine.model.message import Message
from engine.paper.clock import PaperClock
from engine.playbook.rulebook import Rulebook
from tests.soak.kill_desk import (
    TO_TRADE,
    Exchange,
    Writer,
    load,
    open_exchange,
    opening_of,
    write_desk,
)
from tests.soak.kill_process import Follower, Place, promote

ORDERS = 230
_WARM = 20
_LONGEST = 10.0
_MS = 1e3


@dataclass
class Timeline:
    """What happened when, in seconds of one counter, since the last yes. asked: how often, by what."""

    approved_at: float = 0.0
    processor: float = 0.0
    syncs: list[float] = field(default_factory=list)
    dry_runs: list[float] = field(default_factory=list)
    written_at: float = 0.0
    answered_at: float = 0.0
    body: bytes = b""
    asked: Counter[str] = field(default_factory=Counter)

    def approve(self) -> None:
        """Begin anew: a person's yes is on disk."""
        self.approved_at, self.written_at = perf_counter(), 0.0
        self.processor = -process_time()
        self.syncs.clear()
        self.dry_runs.clear()


@dataclass(frozen=True)
class Sent:
    """
    Seconds of one order: from the yes to the socket; of that, in syncs and in the dry run; bare, and its answer.

    processor: that this process used between yes and socket, its threads included.
    """

    whole: float
    syncs: float
    sync_count: int
    dry_run: float
    processor: float
    bare_write: float
    bare_answer: float

    @property
    def own(self) -> float:
        """What neither the disk nor the broker took."""
        return self.whole - self.syncs - self.dry_run


class TimedJournal(JournalLog):
    """Tells how long syncs take."""

    timeline = Timeline()
    _has_yes = False

    def append(self, kind: EntryKind, run: str, body: bytes, *, urgent: bool = False) -> Entry:
        """See JournalLog."""
        self._has_yes = self._has_yes or (kind is EntryKind.FLOW and b'"event":"approved"' in body)
        return super().append(kind, run, body, urgent=urgent)

    def sync(self) -> None:
        """See JournalLog."""
        began = perf_counter()
        super().sync()
        if not self.timeline.written_at:
            self.timeline.syncs.append(perf_counter() - began)
        if self._has_yes:
            self._has_yes = False
            self.timeline.approve()


class TimedWire(httpx2.AsyncBaseTransport):
    """Tells what is asked, and when an order is written to the socket."""

    def __init__(self, timeline: Timeline, environment: AccountKind) -> None:
        self._timeline = timeline
        self._environment = environment
        self._network = httpx2.AsyncHTTPTransport(verify=False)  # plain HTTP: nothing to verify, nothing to load

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2."""
        what = _what(request, self._environment)
        self._timeline.asked[what] += 1
        if what not in (_SEND, _DRY_RUN):
            return await self._network.handle_async_request(request)
        began = perf_counter()
        if what == _SEND:
            self._timeline.body = request.content
            request.extensions = {**request.extensions, "trace": self._told}
        response = await self._network.handle_async_request(request)
        await response.aread()
        if what == _DRY_RUN:
            self._timeline.dry_runs.append(perf_counter() - began)
        else:
            self._timeline.answered_at = perf_counter()
        return response

    async def _told(self, step: str, _: object) -> None:
        if step.endswith(".send_request_body.complete"):
            if not self._timeline.written_at:
                self._timeline.processor += process_time()
            self._timeline.written_at = perf_counter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """A session and its streams share it."""

    async def aclose(self) -> None:
        """The same."""


_SEND, _DRY_RUN = "send", "dry run"


def _what(request: httpx2.Request, environment: AccountKind) -> str:
    path = request.url.path
    if request.method == "POST" and path.endswith("/dry-run"):
        return _DRY_RUN
    if request.method == "POST" and path.endswith("/orders"):
        slot = str(json.loads(request.content)["external-identifier"]).rpartition("-")[0]
        is_unwind = slot.endswith("u")
        return _SEND if environment is AccountKind.PRODUCTION else "unwind" if is_unwind else "probe"
    if request.method == "DELETE":
        return "cancel"
    return "order lookups" if "/orders" in path else "other looks"


class _Bench:
    """One desk, its orders one after another, each followed by a bare request."""

    def __init__(self, place: Place, rulebook: Rulebook, timeline: Timeline) -> None:
        self._place = place
        self._rulebook = rulebook
        self._timeline = timeline
        self.sent: list[Sent] = []

    async def run(self, messages: Callable[[datetime], Message], orders: int) -> None:
        """Have so many orders sent."""
        desk, place = self._rulebook.desk, self._place
        if desk is None:
            raise SystemExit("there is no desk")
        there = await exchange_time(place.address)
        clock = PaperClock(SystemClock(), there.now, there.speed)
        follower = Follower(place)
        pace = Pace(per_minute=1_000_000)
        joined = connections(desk, place.settings, clock, pace=pace, reach=self._destination)
        ground = Ground(
            place.settings, self._rulebook, desk, joined, Sleeping(clock), time.monotonic, follower,
            open_journal=self._journal,
        )  # fmt: skip
        async with joined, trading_desk(ground) as trading:
            follower.desk = trading
            await trading.trade(self._posted(trading, joined, messages, orders, clock), lambda: not trading.is_busy)

    async def _posted(
        self,
        trading: Trading,
        joined: Connections,
        messages: Callable[[datetime], Message],
        orders: int,
        clock: PaperClock,
    ) -> AsyncIterator[Message]:
        for _ in range(orders):
            self._timeline.written_at = 0.0
            yield messages(clock.now())
            await self._until_ended(trading)
            if self._timeline.written_at:
                self.sent.append(await self._measured(joined))

    async def _until_ended(self, trading: Trading) -> None:
        until = perf_counter() + _LONGEST
        while trading.is_busy and perf_counter() < until:
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.01)

    async def _measured(self, joined: Connections) -> Sent:
        line = self._timeline
        whole = line.written_at - line.approved_at
        syncs, dry_run, processor = sum(line.syncs), sum(line.dry_runs), line.processor
        client = joined._connections["main"].signed.session._client
        asked, other = line.asked.copy(), paper_number(AccountKind.PRODUCTION, 1)
        began = perf_counter()
        answer = await client.request("POST", f"/accounts/{other}/orders", content=line.body)
        bare = (line.written_at - began, perf_counter() - began)
        line.asked = asked
        if not answer.is_success:
            raise SystemExit(f"the bare request was refused: {answer.text}")
        return Sent(whole, syncs, len(line.syncs), dry_run, processor, *bare)

    def _destination(self, access: Access) -> Destination:
        transport = TimedWire(self._timeline, access.environment.kind)
        return replace(access.destination, transport=transport)

    def _journal(self, folder: Path, clock: Callable[[], datetime]) -> JournalLog:
        journal = TimedJournal.open(folder, clock)
        journal.timeline = self._timeline
        return journal


def figures() -> tuple[Figure, ...]:
    """Measure orders, and the same bodies posted bare."""
    with TemporaryDirectory(dir=Path.cwd(), prefix=".sending-") as folder:
        exchange = open_exchange(opening_of(5, is_slow=False))
        try:
            sent, asked = _measured(Path(folder), exchange)
        finally:
            exchange.end()
    return _figures(sent[_WARM:], asked, len(sent))


def _measured(folder: Path, exchange: Exchange) -> tuple[list[Sent], Counter[str]]:
    playbooks = write_desk(folder)
    for name in ("trading", "proving"):
        file = playbooks / f"{name}.yaml"
        text = file.read_text(encoding="utf-8").replace('above: "$700"', 'above: "$1"')
        file.write_text(text.replace("max_open_positions: 200", "max_open_positions: 500"), encoding="utf-8")
    rulebook = load(playbooks)
    place = Place(folder / "home", exchange.address)
    place.home.mkdir()
    writer = Writer(5, Random(5))

    last: deque[str] = deque(maxlen=12)

    def message(at: datetime) -> Message:
        while True:  # what was opened a moment before would be refused as a duplicate
            found = writer.opening(TO_TRADE, at - timedelta(milliseconds=5))
            contract = found.content.partition(" @ ")[0].split(maxsplit=2)[2]
            if contract not in last:
                last.append(contract)
                return found

    asyncio.run(_Bench(place, rulebook, Timeline()).run(message, 2))
    promote(place, rulebook)
    bench = _Bench(place, rulebook, Timeline())
    asyncio.run(bench.run(message, ORDERS))
    return bench.sent, bench._timeline.asked


def _figures(sent: list[Sent], asked: Counter[str], orders: int) -> tuple[Figure, ...]:
    bare, own = median(each.bare_answer for each in sent), median(each.own for each in sent)
    syncs = median(each.sync_count for each in sent)
    requests = ", ".join(f"{number / orders:.2f} {what}" for what, number in asked.most_common())
    return (
        Figure(f"yes → order written to the socket, {len(sent)} orders", _spread(each.whole for each in sent)),
        Figure("  the broker's dry run of it", _spread(each.dry_run for each in sent)),
        Figure(f"  {syncs:g} syncs of the journal", _spread(each.syncs for each in sent)),
        Figure("  processor time of this process, its threads included", _spread(each.processor for each in sent)),
        Figure("  bare POST → the rest, our own", _spread(each.own for each in sent), own / bare),
        Figure("bare POST of the same body, same client, to its answer", _spread(each.bare_answer for each in sent)),
        Figure("  until it is written to the socket", _spread(each.bare_write for each in sent)),
        Figure("requests for an order", f"{asked.total() / orders:.2f}: {requests}"),
    )


def _spread(seconds: Iterable[float]) -> str:
    took = list(seconds)
    return f"p50 {median(took) * _MS:.2f} ms, p99 {quantiles(took, n=100)[98] * _MS:.2f} ms"


if __name__ == "__main__":
    print(table(figures()))
