"""
The account stream, by a client of our own.

The SDK's client sends no heartbeat, ends at the first message it cannot read, and never comes back; this one does the
opposite. What was missed while it was away is not told again: the caller looks it up after `Reconnected`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import anyio
import httpx2
from httpx2.websockets import AsyncWebSocketSession
from tastytrade import version_str
from wsproto.events import TextMessage

from engine.adapters.tastytrade.connection import Connection
from engine.adapters.tastytrade.lost import ENDINGS, Lost, why_lost
from engine.adapters.tastytrade.refusals import whole_of
from engine.adapters.tastytrade.stream_messages import events_of
from engine.adapters.tastytrade.values import Json, Unreadable, text
from engine.model.account_event import AccountEvent, Anomaly, Connected, Disconnected, Reconnected
from engine.model.errors import NothingSent
from engine.model.wire_answer import Heartbeat
from engine.ports import Clock

_LARGEST: Final = 4 * 1024 * 1024
_ANSWER_IN: Final = 15.0


@dataclass(frozen=True, slots=True)
class Beat:
    """
    Times of a stream, in seconds.

    heartbeat: how often one is sent; the broker wants one every 2 to 60. silence: how long nothing at all may come
    before the connection counts as dead: more than two heartbeats, as each is answered.
    first_pause, longest_pause: before connecting again, doubled each time until a connection has lasted that long:
    after each everything is looked up, and messages are few.
    """

    heartbeat: float = 20.0
    silence: float = 50.0
    first_pause: float = 0.5
    longest_pause: float = 30.0


class AccountStream:
    """The stream of one account."""

    def __init__(self, connection: Connection, account: str, clock: Clock, beat: Beat | None = None) -> None:
        self._connection = connection
        self._account = account
        self._clock = clock
        self._beat = beat or Beat()

    async def listen(self, hear: Callable[[AccountEvent], None]) -> None:
        """See ports.Broker."""
        pause = self._beat.first_pause
        times = 0
        while True:
            line = _Line(self._connection, self._account, _Telling(hear, self._clock, is_again=times > 0), self._beat)
            began = anyio.current_time()
            why = await line.listen()
            times += line.is_connected
            if line.is_connected and anyio.current_time() - began >= self._beat.longest_pause:
                pause = self._beat.first_pause
            hear(Disconnected(self._clock.now(), why))
            await anyio.sleep(pause)
            pause = min(pause * 2, self._beat.longest_pause)


async def one_heartbeat(connection: Connection, account: str, clock: Clock) -> Heartbeat:
    """
    Connect to the stream of an account, have one heartbeat answered, and hang up.

    Raises: NothingSent, when that cannot be had; CredentialsRefused.
    """
    line = _Line(connection, account, _Telling(lambda _: None, clock, is_again=False), Beat())
    found: Heartbeat | None = None
    lost: BaseExceptionGroup[Exception] | None = None
    try:
        found = await line.beat()
    except* ENDINGS as errors:
        lost = errors
    if found is None:
        raise NothingSent("broker_unanswered", f"no heartbeat was answered: {why_lost(lost)}")
    return found


class _Telling:
    """What one connection has to say, in our words."""

    def __init__(self, hear: Callable[[AccountEvent], None], clock: Clock, *, is_again: bool) -> None:
        self._hear = hear
        self._clock = clock
        self._is_again = is_again

    def connected(self) -> None:
        at = self._clock.now()
        self._hear(Reconnected(at) if self._is_again else Connected(at))

    def odd(self, what: str) -> None:
        self._hear(Anomaly(self._clock.now(), "", what))

    def notification(self, message: Json) -> None:
        for event in events_of(message, self._clock.now()):
            self._hear(event)


class _Line:
    """One connection, from its sign-in to its end."""

    def __init__(self, connection: Connection, account: str, telling: _Telling, beat: Beat) -> None:
        self.is_connected = False
        self._connection = connection
        self._account = account
        self._telling = telling
        self._beat = beat
        self._requests = 0
        self._heard_at = 0.0

    async def listen(self) -> str:
        """Listen until it ends, and return why it did."""
        lost: BaseExceptionGroup[Exception] | None = None
        try:
            async with self._opened() as socket:
                await self._serve(socket)
        except* ENDINGS as errors:
            lost = errors
        return why_lost(lost)

    async def beat(self) -> Heartbeat:
        """Connect, send one heartbeat and wait for its answer."""
        started = anyio.current_time()
        with anyio.fail_after(2 * _ANSWER_IN):
            async with self._opened() as socket:
                await self._connect(socket)
                connected = anyio.current_time()
                request = await self._send(socket, "heartbeat", {})
                while True:
                    message = await self._message(socket)
                    if message is not None and text(message, "request-id") == request:
                        self._note(message)
                        return Heartbeat(connected - started, anyio.current_time() - connected)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[AsyncWebSocketSession]:
        await self._connection.signed.ensure()
        async with httpx2.AsyncClient(**self._connection.signed.session.client_kwargs) as client:
            url = self._connection.destination.stream_url
            async with client.websocket(url, max_message_size_bytes=_LARGEST) as socket:
                yield socket

    async def _serve(self, socket: AsyncWebSocketSession) -> None:
        with anyio.fail_after(_ANSWER_IN):
            await self._connect(socket)
        self.is_connected = True
        self._telling.connected()
        async with anyio.create_task_group() as group:
            group.start_soon(self._keep_alive, socket)
            while True:
                self._note(await self._message(socket))

    async def _connect(self, socket: AsyncWebSocketSession) -> None:
        token = self._connection.signed.token
        request = await self._send(socket, "connect", {"value": [self._account]})
        while True:
            message = await self._message(socket)
            if message is None or text(message, "request-id") != request or "type" in message:
                self._note(message)
            elif message.get("status") == "ok":
                return
            else:
                await self._connection.signed.ensure(refused=token)
                raise Lost(f"the stream refused the account: {text(message, 'message')}")

    async def _keep_alive(self, socket: AsyncWebSocketSession) -> None:
        while True:
            await anyio.sleep(self._beat.heartbeat)
            if anyio.current_time() - self._heard_at > self._beat.silence:
                raise Lost(f"nothing came for {self._beat.silence:g} seconds")
            await self._connection.signed.ensure()
            await self._send(socket, "heartbeat", {})

    async def _send(self, socket: AsyncWebSocketSession, action: str, more: Json) -> str:
        self._requests += 1
        token = f"Bearer {self._connection.signed.token}"
        head = {"action": action, "auth-token": token, "request-id": self._requests, "source": version_str}
        await socket.send_json({**head, **more})
        return str(self._requests)

    async def _message(self, socket: AsyncWebSocketSession) -> Json | None:
        """Return the next message; None for one that is no JSON object, which has been told."""
        event = await socket.receive()
        self._heard_at = anyio.current_time()
        try:
            if not isinstance(event, TextMessage):
                raise Unreadable("a message is no text")
            return whole_of(event.data)
        except Unreadable as error:
            self._telling.odd(str(error))
            return None

    def _note(self, message: Json | None) -> None:
        if message is None:
            return
        if "type" in message:
            self._telling.notification(message)
        elif message.get("status") not in ("ok", None):
            raise Lost(f"the stream refused a {text(message, 'action')}: {text(message, 'message')}")
