"""What an executor does at the same time: one task for each request, so that none waits for another's answer."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup

Job = Callable[[], Awaitable[None]]


class Jobs:
    """Jobs begin at once while they run in a group, else as soon as they do."""

    def __init__(self) -> None:
        self._group: TaskGroup | None = None
        self._waiting: deque[Job] = deque()
        self._busy = 0

    @property
    def busy(self) -> int:
        """How many have begun, or wait to, and are not done."""
        return self._busy + len(self._waiting)

    def start(self, job: Job) -> None:
        """Have a job done."""
        if self._group is None:
            self._waiting.append(job)
            return
        self._busy += 1
        self._group.start_soon(self._do, job)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[TaskGroup]:
        """Do jobs for as long as the block lasts; the end of it cancels those under way."""
        async with anyio.create_task_group() as group:
            self._group = group
            try:
                while self._waiting:
                    self.start(self._waiting.popleft())
                yield group
            finally:
                self._group = None
                group.cancel_scope.cancel()

    async def _do(self, job: Job) -> None:
        try:
            await job()
        finally:
            self._busy -= 1
