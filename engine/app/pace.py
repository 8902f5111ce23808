"""How fast archived messages follow one another: as fast as it goes, or so many times as fast as they were posted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# Whoever wants the end of a long wait gets it within this time.
_SLICE_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Timing:
    """
    The clocks of a process.

    now: the aware UTC time. monotonic: seconds that only grow. sleep: waits for seconds. speed: times real time that
    archived messages follow one another; None: as fast as it goes.
    """

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    speed: float | None = None


class Pace:
    """Waits between messages."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._began: tuple[datetime, float] | None = None

    def seconds_to(self, at: datetime) -> float:
        """Return how long it is until a message posted then is due; the first one is due at once."""
        if self._timing.speed is None:
            return 0.0
        if self._began is None:
            self._began = at, self._timing.monotonic()
        first, began = self._began
        return (at - first) / timedelta(seconds=self._timing.speed) - (self._timing.monotonic() - began)

    def wait(self, at: datetime, wants_end: Callable[[], bool]) -> bool:
        """Wait until a message posted then is due; return whether nobody wanted the end meanwhile."""
        while (left := self.seconds_to(at)) > 0:
            if wants_end():
                return False
            self._timing.sleep(min(left, _SLICE_SECONDS))
        return True
