"""What the shell must give the engine: one small protocol each, in our own words."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from engine.model.decision import Decision
from engine.model.position import Position
from engine.model.run import BadRow, PatternHits, RunCounts, RunStart


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the time now, aware, in UTC."""
        ...


class Positions(Protocol):
    """What authors have open."""

    def held(self, playbook: str, author_id: str) -> tuple[Position, ...] | None:
        """Return what an author has open under a playbook, None when that is not known."""
        ...


class RunWriter(Protocol):
    """
    The log of one replay while it is being written.

    Rows are kept in batches, in the order they are given; every method may raise StoreError, after
    which nothing more can be written.
    """

    @property
    def run_id(self) -> int:
        """The number of this run in its file, from 1."""
        ...

    def write(self, decisions: Iterable[Decision]) -> None:
        """Add decisions; chatter (ignored, no alert, not order-shaped) is kept without its text."""
        ...

    def write_bad_rows(self, rows: Iterable[BadRow]) -> None:
        """Add messages that could not be read."""
        ...

    def write_pattern_hits(self, hits: Iterable[PatternHits]) -> None:
        """Add how often each pattern matched; also those that never did, with 0."""
        ...

    def finish(self, counts: RunCounts) -> None:
        """Make everything durable and mark the run as finished; the last call."""
        ...


class Store(Protocol):
    """The queryable log of replay runs."""

    def run(self, start: RunStart) -> AbstractContextManager[RunWriter]:
        """
        Begin a run.

        A block that ends without `finish` leaves a run marked failed or interrupted, which no
        query takes for a whole one; a process that dies leaves one marked unfinished.

        Raises: StoreError.
        """
        ...
