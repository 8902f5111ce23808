"""One run of a trading desk over messages that are given: which broker, which clock, from when, until when."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from engine.adapters.exchange_time import exchange_time, pass_time
from engine.adapters.tastytrade.connection import Pace
from engine.app.agreed_desk import desk_in_force
from engine.app.beginning import AccountFound, Beginning, accounts_found, beginning
from engine.app.connections import Reach, connections
from engine.app.desk_events import Audience
from engine.app.local_exchange import local_exchange
from engine.app.message_flow import as_posted
from engine.app.settings import Settings
from engine.app.trading import Trading
from engine.app.trading_build import Ground, trading_desk
from engine.execute.waiting import Sleeping
from engine.model.desk import Desk
from engine.model.message import Message
from engine.paper.clock import PaperClock
from engine.paper.opening import Opening
from engine.playbook.rulebook import Rulebook
from engine.ports import Clock
from engine.replay.event_time import happened_at

_BEFORE: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class TradeRun:
    """
    What to trade, and where.

    desk: as the file has it.
    exchange: how a local exchange of this process is opened; None for whatever the settings say. begins_at: its time
    at the start; None: shortly before the first message. follows_for: how long orders are followed after the last
    message; None until stopped. skips_quiet: whether time in which nothing is under way is passed over, for everybody
    at the exchange; at a local one only.
    """

    settings: Settings
    rulebook: Rulebook
    desk: Desk
    messages: tuple[Message, ...]
    exchange: Opening | None
    begins_at: datetime | None
    follows_for: timedelta | None
    arguments: tuple[str, ...]
    skips_quiet: bool = False


class Follower(Audience, Protocol):
    """Who follows a run, and may end it."""

    def ready(self, desk: Trading, clock: Clock) -> None:
        """Learn that everything is restored; nothing has been taken or sent yet."""
        ...

    def began(self, beginning: Beginning) -> None:
        """Learn how things stand then."""
        ...

    def looked(self, accounts: tuple[AccountFound, ...]) -> None:
        """Learn how each account answered when it was first looked at; messages are taken from here on."""
        ...

    def wants_end(self) -> bool:
        """Whether to end; what works at the broker goes on working there."""
        ...


async def trade(run: TradeRun, follower: Follower, base: Clock, monotonic: Callable[[], float]) -> None:
    """
    Trade until every message has been taken and its orders have ended, or time is up, or somebody wants the end.

    The accounts are those of the desk in force: what its file loosens opens no other one.
    base, monotonic: the machine's clocks.
    """
    run = replace(run, desk=desk_in_force(run.settings.journal, run.desk) or run.desk)
    async with AsyncExitStack() as opened:
        clock, reach, skip = await _place(run, base, opened)
        pace = Pace(per_minute=run.desk.limits.messages_per_minute)
        joined = connections(run.desk, run.settings, clock, pace=pace, reach=reach)
        await opened.enter_async_context(joined)
        ground = Ground(
            run.settings, run.rulebook, run.desk, joined, Sleeping(clock), monotonic, follower, run.arguments
        )
        desk = await opened.enter_async_context(trading_desk(ground))
        follower.ready(desk, clock)
        is_own = run.exchange is not None
        follower.began(beginning(desk.parts, joined, run.settings.home, run.messages, is_own=is_own))
        taking = _Taking(run, desk, clock, skip, follower.wants_end)

        async def messages() -> AsyncIterator[Message]:
            follower.looked(accounts_found(desk.parts, joined))
            async for message in taking.messages():
                yield message

        await desk.trade(messages(), taking.is_over)


Skip = Callable[[timedelta], Awaitable[None]]


async def _place(run: TradeRun, base: Clock, opened: AsyncExitStack) -> tuple[Clock, Reach | None, Skip | None]:
    """Return the clock that orders are judged by, the way to an exchange of this process, and how time is skipped."""
    if run.exchange is not None:
        first = min(map(happened_at, run.messages), default=None)
        clock = PaperClock(base, run.begins_at or (first - _BEFORE if first else None))
        accesses = await opened.enter_async_context(local_exchange(run.exchange, clock, run.settings))
        by_kind = {access.environment.kind: access.destination for access in accesses}

        async def skip_here(quiet: timedelta) -> None:
            clock.advance(quiet)

        return clock, lambda access: by_kind[access.environment.kind], skip_here
    found = connections(run.desk, run.settings, base)
    paper = next((found.access(alias) for alias, where in found.environments.items() if where.is_paper), None)
    if paper is None:
        return base, None, None
    url = paper.destination.rest_url
    there = await exchange_time(url)
    shared = PaperClock(base, there.now, there.speed)

    async def skip_there(quiet: timedelta) -> None:
        now = (await pass_time(url, quiet)).now
        shared.advance(now - shared.now())

    return shared, None, skip_there if run.skips_quiet else None


class _Taking:
    """Which message is next, and when it is over."""

    def __init__(
        self, run: TradeRun, desk: Trading, clock: Clock, skip: Skip | None, wants_end: Callable[[], bool]
    ) -> None:
        self._run = run
        self._desk = desk
        self._clock = clock
        self._pass_over = skip
        self._wants_end = wants_end
        self._last: datetime | None = None

    async def messages(self) -> AsyncIterator[Message]:
        """Yield the messages as they are posted."""
        async for message in as_posted(self._run.messages, self._clock, self._skip, self._wants_end):
            yield message
        self._last = self._clock.now()

    def is_over(self) -> bool:
        """Return whether to end."""
        if self._wants_end() or not self._desk.is_busy:
            return self._wants_end() or self._run.follows_for is not None
        limit = self._run.follows_for
        return limit is not None and self._last is not None and self._clock.now() - self._last >= limit

    async def _skip(self, quiet: timedelta) -> bool:
        """Pass over a quiet time, where that can be and nothing is on its way; return whether it was."""
        if self._pass_over is None or self._desk.is_busy or self._desk.is_looking:
            return False
        await self._pass_over(quiet)
        return True
