"""Both environments on loopback ports of their own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn

from engine.paper.server import PaperServer
from engine.paper.venue import Environment

_LOOPBACK: Final = "127.0.0.1"
_STARTING: Final = 0.005  # seconds between looks whether it has started

Ports = dict[Environment, int]


def bound(port: int) -> dict[Environment, socket.socket]:
    """
    Return a listening socket for each environment: the sandbox's at a port, production's at the next one.

    port: 0 for any two that are free.
    Raises: OSError when a port is taken.
    """
    return {environment: _bound(port + place if port else 0) for place, environment in enumerate(Environment)}


def _bound(port: int) -> socket.socket:
    listener = socket.create_server((_LOOPBACK, port))
    # Without this an answer in two pieces waits 40 ms for the client's acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def ports_of(sockets: Mapping[Environment, socket.socket]) -> Ports:
    """Return the ports of sockets."""
    return {environment: each.getsockname()[1] for environment, each in sockets.items()}


def listen(server: PaperServer, sockets: Mapping[Environment, socket.socket]) -> None:
    """Serve until the process is told to stop."""
    _running(server, sockets).run(sockets=list(sockets.values()))


@asynccontextmanager
async def listening(server: PaperServer, port: int = 0) -> AsyncIterator[Ports]:
    """
    Serve while the block runs.

    port: see `bound`. Raises: OSError.
    """
    sockets = bound(port)
    running = _running(server, sockets, _Within)
    task = asyncio.create_task(running.serve(sockets=list(sockets.values())))
    while not running.started:
        await asyncio.sleep(_STARTING)
    try:
        yield ports_of(sockets)
    finally:
        running.should_exit = True
        await task


class _Within(uvicorn.Server):
    """A server that ends with its block: signals are for whoever opened that."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _running(
    server: PaperServer, sockets: Mapping[Environment, socket.socket], kind: type[uvicorn.Server] = uvicorn.Server
) -> uvicorn.Server:
    server.doors.ports = {port: environment for environment, port in ports_of(sockets).items()}
    config = uvicorn.Config(
        server, lifespan="off", log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1
    )
    return kind(config)
