"""An event loop whose time leaps to whatever is due next: hours pass in seconds, in the order they would have."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any


class Stuck(Exception):
    """Nothing is due and nothing will be."""


class _LeapingSelector(selectors.SelectSelector):
    """Never waits: what it was to wait for has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Stuck
            self.passed += max(0.0, timeout)
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """For code that only waits for time: one that waits for sockets or threads is Stuck."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.passed


class LoopClock:
    """The time of the running loop."""

    def __init__(self, began: datetime) -> None:
        self._began = began

    def now(self) -> datetime:
        return self._began + timedelta(seconds=asyncio.get_running_loop().time())


def run_leaping(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, in no more time than the work itself takes."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(main)
