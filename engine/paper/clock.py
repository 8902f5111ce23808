"""The time at an exchange: another clock's, moved and at another speed."""

import asyncio
from datetime import datetime, timedelta

from engine.ports import Clock


class PaperClock:
    """
    A clock that can be advanced (see ports.Clock).

    starts_at: the time it shows when it is made; the base clock's own when None. speed: how many seconds pass there
    in one of the base clock; 0: none pass by themselves, only those that are advanced or slept.
    """

    def __init__(self, base: Clock, starts_at: datetime | None = None, speed: float = 1.0) -> None:
        if speed < 0:
            raise ValueError(f"a clock does not run at {speed}")
        self.speed = speed
        self._base = base
        self._began = base.now()
        self._shown = self._began if starts_at is None else starts_at

    def now(self) -> datetime:
        """Return the time there, aware, in UTC."""
        return self._shown + (self._base.now() - self._began) * self.speed

    def advance(self, by: timedelta) -> None:
        """Let so much time pass at once."""
        self._shown += by

    def real_seconds(self, seconds: float) -> float:
        """Return how long so many seconds there take here; 0 where they pass only when slept."""
        return seconds / self.speed if self.speed else 0.0

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds pass there: by waiting, or at speed 0 by advancing, which takes no time at all."""
        if seconds <= 0:
            return
        if not self.speed:
            self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(self.real_seconds(seconds))
