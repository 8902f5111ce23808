"""What is due at a time of the clock: one thing under each name, the later asked-for in place of the earlier."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final

import anyio

from engine.ports import Clock

_LONGEST: Final = timedelta(seconds=1)


class Timers:
    """Timers of one clock. A clock that is set by hand is noticed within a second, or at once by `fire`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[Hashable, tuple[datetime, int, Callable[[], None]]] = {}
        self._heap: list[tuple[datetime, int, Hashable]] = []
        self._count = 0
        self._changed = anyio.Event()

    def __contains__(self, name: Hashable) -> bool:
        return name in self._due

    @property
    def next_at(self) -> datetime | None:
        """When something is due next; None when nothing is."""
        while self._heap:
            at, number, name = self._heap[0]
            if self._due.get(name, (None, None))[1] == number:
                return at
            heappop(self._heap)
        return None

    def set(self, name: Hashable, at: datetime, do: Callable[[], None]) -> None:
        """Have something done at a time, in place of what was due under the name."""
        self._count += 1
        self._due[name] = (at, self._count, do)
        heappush(self._heap, (at, self._count, name))
        self._changed.set()

    def drop(self, name: Hashable) -> None:
        """Have nothing done under a name."""
        self._due.pop(name, None)

    def fire(self) -> int:
        """Do everything that is due by now, in the order of its times; return how much that was."""
        done = 0
        now = self._clock.now()
        while (at := self.next_at) is not None and at <= now:
            _, _, name = heappop(self._heap)
            _, _, do = self._due.pop(name)
            do()
            done += 1
        return done

    async def run(self) -> None:
        """Do everything as it falls due, until cancelled."""
        while True:
            self.fire()
            self._changed = anyio.Event()
            at = self.next_at
            left = _LONGEST if at is None else min(_LONGEST, at - self._clock.now())
            with anyio.move_on_after(max(0.0, left.total_seconds())):
                await self._changed.wait()
