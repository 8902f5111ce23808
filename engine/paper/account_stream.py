"""The account stream: orders, positions and balances as they change."""

import asyncio
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from starlette.websockets import WebSocket

from engine.paper.account_hub import Listener
from engine.paper.sockets import GOING_AWAY, receive, send, until_one_ends
from engine.paper.venue import Venue
from engine.paper.wire import Json

_TICK: Final = 0.02  # seconds between looks at the clock
_OTHERS: Final = ("public-watchlists-subscribe", "quote-alerts-subscribe", "user-message-subscribe")


async def account_stream(venue: Venue, socket: WebSocket) -> None:
    """Serve one connection until either side hangs up. Clients that send no heartbeat are kept."""
    await socket.accept()
    listener = venue.hub.join()
    try:
        conversation = _Conversation(venue, listener)
        await until_one_ends(conversation.hear(socket), _tell(socket, listener), _watch(venue))
    finally:
        venue.hub.leave(listener)


async def _tell(socket: WebSocket, listener: Listener) -> None:
    while (message := await listener.messages.get()) is not None:
        await send(socket, message)
    await socket.close(GOING_AWAY)


async def _watch(venue: Venue) -> None:
    while True:
        venue.turn()
        await asyncio.sleep(_TICK)


class _Conversation:
    """What a client says on one connection, and the replies."""

    def __init__(self, venue: Venue, listener: Listener) -> None:
        self._venue = venue
        self._listener = listener
        self._session = f"w{blake2b(str(id(listener)).encode(), digest_size=4).hexdigest()}"
        self._beat_first = False

    async def hear(self, socket: WebSocket) -> None:
        while True:
            message = await receive(socket)
            self._listener.give(self._reply(message))

    def _reply(self, message: Mapping[str, Any]) -> Json:
        action = str(message.get("action") or "")
        problem = self._problem(action, message)
        reply: Json = {"status": "ok" if problem is None else "error", "action": action}
        reply |= {"web-socket-session-id": self._session}
        if problem is not None:
            reply["message"] = problem
        return reply | ({"request-id": message["request-id"]} if "request-id" in message else {})

    def _problem(self, action: str, message: Mapping[str, Any]) -> str | None:
        if action == "heartbeat":
            self._beat_first = self._beat_first or not self._listener.accounts
            return None
        kind, _, token = str(message.get("auth-token") or "").partition(" ")
        if kind != "Bearer":
            return "Unknown domain"
        if self._venue.tokens.valid(token, self._venue.now()) is None:
            return "Unauthorized"
        if action == "connect":
            return self._connect(message.get("value"))
        if not self._listener.accounts:
            return "connect-not-completed"
        return None if action in _OTHERS else "not-implemented"

    def _connect(self, value: object) -> str | None:
        if self._beat_first:
            return "not-implemented"
        known = set(self._venue.exchange.accounts)
        if not isinstance(value, list) or not value or not set(map(str, value)) <= known:
            return "value missing or not valid"
        self._listener.accounts |= set(map(str, value))
        return None
