"""Losses in a row, by playbook and account."""

from datetime import datetime
from decimal import Decimal

from engine.decide.results import Result


class Streaks:
    """How many of its last positions each playbook has lost with, in each account."""

    def __init__(self) -> None:
        self._losses: dict[tuple[str, str], tuple[int, datetime]] = {}
        self._parts: dict[tuple[str, ...], Decimal | None] = {}

    def of(self, playbook: str, account: str) -> tuple[int, datetime | None]:
        """Return the losses in a row, and when the last one was; None when there is none."""
        return self._losses.get((playbook, account), (0, None))

    def judge(self, result: Result) -> None:
        """Count a result: a position is one, once it has ended, however many parts it was closed in."""
        closed = result.closed
        of = closed.playbook, result.position.account
        key = *of, closed.opened_by, closed.contract
        earlier = self._parts.pop(key, Decimal(0))
        total = None if earlier is None or closed.profit is None else earlier + closed.profit
        if not result.is_whole:
            self._parts[key] = total
        elif total is not None and total < 0:
            losses, last = self._losses.get(of, (0, closed.closed_at))
            self._losses[of] = losses + 1, max(last, closed.closed_at)
        elif total:
            self._losses.pop(of, None)
