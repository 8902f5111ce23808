"""The time at an exchange: another clock's, moved."""

from datetime import datetime, timedelta

from engine.ports import Clock


class PaperClock:
    """
    A clock that can be advanced (see ports.Clock).

    starts_at: the time it shows when it is made; the base clock's own when None.
    """

    def __init__(self, base: Clock, starts_at: datetime | None = None) -> None:
        self._base = base
        self._ahead = timedelta(0) if starts_at is None else starts_at - base.now()

    def now(self) -> datetime:
        """Return the time there, aware, in UTC."""
        return self._base.now() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Let so much time pass at once."""
        self._ahead += by
