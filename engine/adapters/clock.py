"""The machine's clock: the only place where the program reads the time."""

from datetime import UTC, datetime


class SystemClock:
    """The time now (see ports.Clock)."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one place
