"""What the two websocket services share."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

GOING_AWAY: Final = 1001


async def until_one_ends(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run jobs side by side until the first of them ends, then stop the others; what that one raised is raised."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        with suppress(WebSocketDisconnect):
            task.result()


async def receive(socket: WebSocket) -> Mapping[str, Any]:
    """
    Return the next JSON object a client sends; {} for what is none, also for a frame of bytes.

    Raises: WebSocketDisconnect when the client is gone.
    """
    try:
        message = json.loads(await socket.receive_text())
    except (KeyError, TypeError, ValueError, RecursionError):  # the first two of a frame without text
        return {}
    return message if isinstance(message, dict) else {}


async def send(socket: WebSocket, message: Mapping[str, object]) -> None:
    """Send a JSON object."""
    await socket.send_text(json.dumps(message, separators=(",", ":")))
