"""How many messages an account may send to its broker, and who goes without first."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from engine.model.order import Priority

_WINDOW: Final = 60.0
_KEPT_FREE: Final[Mapping[Priority, float]] = {
    Priority.KILL: 0.0,
    Priority.CANCEL: 0.1,
    Priority.EXIT: 0.2,
    Priority.LOOK: 0.3,
    Priority.ENTRY: 0.4,
}


class Budget:
    """
    Tokens of which each comes back a minute after it was spent: no minute ever sees more than there are.

    Every priority leaves a share of the tokens to those above it, so that entries run dry first and kill never
    waits for anything but kill. Pure: the time is passed in, in seconds of any clock that does not go back.
    """

    def __init__(self, per_minute: int = 60) -> None:
        self._size = per_minute
        self._spent: deque[float] = deque()

    def spend(self, priority: Priority, now: float) -> float:
        """
        Spend one token and return 0.0; or spend none and return in how many seconds one could be had.

        >>> budget = Budget(2)
        >>> budget.spend(Priority.KILL, 0), budget.spend(Priority.KILL, 10), budget.spend(Priority.KILL, 20)
        (0.0, 0.0, 40.0)
        """
        while self._spent and now - self._spent[0] >= _WINDOW:
            self._spent.popleft()
        over = len(self._spent) - self.share(priority)
        if over < 0:
            self._spent.append(now)
            return 0.0
        return _WINDOW - (now - self._spent[over])

    def share(self, priority: Priority) -> int:
        """
        Return how many tokens a priority can spend in a minute in which nobody else does; at least one.

        >>> [Budget().share(priority) for priority in Priority]
        [60, 54, 48, 42, 36]
        """
        return max(1, self._size - round(self._size * _KEPT_FREE[priority]))
