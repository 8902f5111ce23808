"""What is due when."""

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush

Step = Callable[[datetime], None]


class Agenda:
    """Steps that are due in the future; those due at the same moment are taken in the order they were added."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, int, Step]] = []
        self._added = 0

    def add(self, at: datetime, step: Step) -> None:
        """Have a step taken at a moment; it is given that moment."""
        self._added += 1
        heappush(self._due, (at, self._added, step))

    @property
    def next_at(self) -> datetime | None:
        """When the next step is due; None when nothing is."""
        return self._due[0][0] if self._due else None

    def run(self, until: datetime) -> None:
        """Take every step due up to a moment, that one included, also those such steps add."""
        while self._due and self._due[0][0] <= until:
            at, _, step = heappop(self._due)
            step(at)
