"""Archived messages as if they were posted now: one by one, as far apart as they were."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import anyio

from engine.model.message import Message
from engine.ports import Clock
from engine.replay.event_time import happened_at

_LOOK: Final = 0.02
_SHORT: Final = timedelta(seconds=2)


async def as_posted(
    messages: Iterable[Message],
    clock: Clock,
    skip: Callable[[timedelta], Awaitable[bool]],
    wants_end: Callable[[], bool],
) -> AsyncIterator[Message]:
    """
    Yield messages when a clock comes to the time they were posted at.

    skip: asked to pass over a long quiet time; returns whether it did. wants_end: whether to stop waiting.
    """
    for message in messages:
        at = happened_at(message)
        if not await _comes(at, clock, skip, wants_end):
            return
        yield message


async def _comes(
    at: datetime, clock: Clock, skip: Callable[[timedelta], Awaitable[bool]], wants_end: Callable[[], bool]
) -> bool:
    while (left := at - clock.now()) > timedelta(0):
        if wants_end():
            return False
        if left > _SHORT and await skip(left - _SHORT):
            continue
        await anyio.sleep(min(left.total_seconds(), _LOOK))
    return not wants_end()
