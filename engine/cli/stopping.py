"""Ctrl-C, and the system's wish that a process ends: the first time it ends cleanly, the second time at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from engine.cli.screen import err


class Stopping:
    """Whether somebody wants the end: Ctrl-C, or the system. The second time ends the process where it is."""

    def __init__(self) -> None:
        self.is_wanted = False

    def __call__(self, number: int, _: FrameType | None) -> None:
        """Take in a signal."""
        if self.is_wanted:
            raise KeyboardInterrupt
        self.is_wanted = True
        with suppress(OSError, SystemExit):  # nobody may be there to read it
            err().print("stopping; what was decided is being written down", soft_wrap=True)


@contextmanager
def until_stopped() -> Iterator[Stopping]:
    """Take note of the wish for the end while the block runs, instead of ending."""
    stopping = Stopping()
    before = {number: signal.signal(number, stopping) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
