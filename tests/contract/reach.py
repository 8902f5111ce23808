"""The unpatched SDK and a local exchange, brought together: in one process, or over loopback TCP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

import anyio
import httpx2
from httpx2.websockets._transport import ASGIWebSocketTransport
from tastytrade import Account, Session

from engine.paper.clock import PaperClock
from engine.paper.listening import listening
from engine.paper.opening import Opening, grants, open_server
from engine.paper.server import PaperServer
from engine.paper.venue import Environment, Venue

OPEN_HOURS = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday, half an hour after the open
CALM = Opening(seed=7, pace=0.0, is_calm=True)


class Way(StrEnum):
    """How clients reach the exchange."""

    IN_PROCESS = "in-process"
    TCP = "tcp"


class StandingClock:
    """A clock that stands still."""

    def __init__(self, at: datetime = OPEN_HOURS) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


class _Shared(httpx2.AsyncBaseTransport):
    """One transport for a session and its streams, none of which may close it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def aclose(self) -> None:
        return None


class Application(ASGIWebSocketTransport):
    """Into an application. Streams open one at a time: what one asks for is kept where the next would overwrite it."""

    def __init__(self, server: PaperServer) -> None:
        super().__init__(server)
        self._opening = anyio.Lock()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.scheme not in ("ws", "wss"):
            return await super().handle_async_request(request)
        async with self._opening:
            return await super().handle_async_request(request)


@asynccontextmanager
async def in_process(server: PaperServer) -> AsyncIterator[Application]:
    """Open the way into an exchange. A stream cut while it opened waits for its client for ever, unless ended here."""
    with anyio.CancelScope() as scope:
        async with Application(server) as inner:
            yield inner
            scope.cancel()


class InProcess(_Shared):
    """Straight into the application, with the read timeout a network would have."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.scheme in ("ws", "wss"):
            return await self._inner.handle_async_request(request)
        try:
            with anyio.fail_after(request.extensions.get("timeout", {}).get("read")):
                return await self._inner.handle_async_request(request)
        except TimeoutError as error:
            raise httpx2.ReadTimeout("no answer in time", request=request) from error


class Redirected(_Shared):
    """Over TCP: whatever host of the broker is asked for, the local port of its environment is asked instead."""

    def __init__(self, server: PaperServer, inner: httpx2.AsyncHTTPTransport) -> None:
        self._server = server
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        environment = self._server.doors.environment(request.url.host, request.url.port)
        port = next(port for port, of in self._server.doors.ports.items() if of is environment)
        scheme = "ws" if request.url.scheme in ("ws", "wss") else "http"
        request.url = request.url.copy_with(scheme=scheme, host="127.0.0.1", port=port)
        return await self._inner.handle_async_request(request)


@dataclass
class World:
    """A running exchange and how to reach it."""

    server: PaperServer
    clock: PaperClock
    transport: httpx2.AsyncBaseTransport
    way: Way

    @property
    def sandbox(self) -> Venue:
        return self.server.sandbox

    @property
    def production(self) -> Venue:
        return self.server.production

    def session(self, environment: Environment = Environment.PRODUCTION, **settings: object) -> Session:
        """Return an SDK session of an environment; settings: of its HTTP client."""
        grant = grants(environment)[0]
        return Session(
            grant.client_secret,
            grant.refresh_token,
            is_test=environment is Environment.SANDBOX,
            transport=self.transport,
            **{"timeout": 10.0, **settings},
        )

    async def account(self, session: Session) -> Account:
        """Return the first account of a session."""
        accounts = await Account.get(session)
        return accounts[0]

    def pass_time(self, seconds: float) -> None:
        """Advance the clock, and let what is due by then happen."""
        for _ in range(max(1, min(60, int(seconds)))):
            self.clock.advance(timedelta(seconds=seconds / max(1, min(60, int(seconds)))))
            self.sandbox.turn()
            self.production.turn()


Story = Callable[[World], Awaitable[None]]


def tell(story: Story, way: Way, opening: Opening = CALM, at: datetime = OPEN_HOURS, speed: float = 1.0) -> None:
    """Run a story against a new exchange; one that hangs fails after a minute."""

    async def run() -> None:
        with anyio.fail_after(60):
            async with reached(way, opening, at, speed) as world:
                await story(world)

    asyncio.run(run())


@asynccontextmanager
async def reached(
    way: Way, opening: Opening = CALM, at: datetime = OPEN_HOURS, speed: float = 1.0
) -> AsyncIterator[World]:
    """Open an exchange and a way to it. speed: 0 for one on which nothing waits."""
    clock = PaperClock(StandingClock(at), speed=speed)
    server = open_server(opening, clock)
    if way is Way.IN_PROCESS:
        async with in_process(server) as inner:
            yield World(server, clock, InProcess(inner), way)
    else:
        async with listening(server), httpx2.AsyncHTTPTransport() as inner:
            yield World(server, clock, Redirected(server, inner), way)
