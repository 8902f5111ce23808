"""Both environments behind one ASGI application."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from engine.paper.account_stream import account_stream
from engine.paper.doors import QUOTE_PATHS, Doors
from engine.paper.dxlink import quote_stream
from engine.paper.faults import ACCOUNT_STREAM, QUOTE_STREAM
from engine.paper.venue import Environment, Venue
from engine.paper.visits import serve

_MISDIRECTED: Final = 421
_NO_SUCH_PLACE: Final = 4404
_REFUSED: Final = 1013


class PaperServer:
    """
    The application: in-process by the broker's own host names, over TCP by the ports in `doors`.

    venues: the two environments.
    """

    def __init__(self, venues: Mapping[Environment, Venue]) -> None:
        self.venues = dict(venues)
        self.doors = Doors()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        environment = self.doors.of_scope(scope)
        venue = None if environment is None else self.venues[environment]
        if scope["type"] == "websocket":
            await _stream(venue, WebSocket(scope, receive, send), scope)
        elif venue is None:
            await PlainTextResponse("no environment has this host and port", _MISDIRECTED)(scope, receive, send)
        else:
            response = await serve(venue, Request(scope, receive))
            await response(scope, receive, send)

    @property
    def sandbox(self) -> Venue:
        """The sandbox."""
        return self.venues[Environment.SANDBOX]

    @property
    def production(self) -> Venue:
        """Production."""
        return self.venues[Environment.PRODUCTION]


async def _stream(venue: Venue | None, socket: WebSocket, scope: Mapping[str, Any]) -> None:
    is_quotes = scope["path"] in QUOTE_PATHS.values()
    if venue is None:
        await socket.close(_NO_SUCH_PLACE)
    elif venue.faults.trouble(QUOTE_STREAM if is_quotes else ACCOUNT_STREAM) is not None:
        await socket.close(_REFUSED)
    elif is_quotes:
        await quote_stream(venue, socket)
    else:
        await account_stream(venue, socket)
