"""Waiting for a time of the clock, so that tests wait for no wall-clock."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

import anyio

from engine.model.errors import EngineError
from engine.ports import Clock

_Result = TypeVar("_Result")
_LONGEST: Final = timedelta(seconds=1)


class WaitingClock(Clock, Protocol):
    """A clock that can be waited for."""

    async def until(self, at: datetime) -> None:
        """Return once the clock has come to a time; at once when it is there already."""
        ...


class Sleeping:
    """See WaitingClock: any clock, waited for by sleeping; one that is set is noticed within a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """See ports.Clock."""
        return self._clock.now()

    async def until(self, at: datetime) -> None:
        """See WaitingClock."""
        while (left := at - self._clock.now()) > timedelta(0):
            await anyio.sleep(min(left, _LONGEST).total_seconds())


async def within(clock: WaitingClock, at: datetime | None, work: Callable[[], Awaitable[_Result]]) -> _Result | None:
    """
    Return what some work returns, or None when the clock comes to a time first; the work is cancelled then.

    at: None to wait without end. The work must be such that to cancel it at any await does no harm.
    """
    if at is None:
        return await work()
    done: list[_Result] = []
    failed: list[EngineError] = []
    async with anyio.create_task_group() as tasks:

        async def give_up() -> None:
            await clock.until(at)
            tasks.cancel_scope.cancel()

        tasks.start_soon(give_up)
        try:
            done.append(await work())
        except EngineError as error:
            failed.append(error)  # to be raised as itself, not in a group
        tasks.cancel_scope.cancel()
    for failure in failed:
        raise failure
    return done[0] if done else None
