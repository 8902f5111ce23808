"""
Writes replay runs to one DuckDB file.

Rows are appended in batches, one transaction each, and never changed: whether a run is whole is said
by its last row, which is written together with the last batch. So whatever ends a run early, an
error, Ctrl-C or a killed process, its rows are never taken for a finished run's.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import duckdb

from engine.journal.database import Connection, open_database, translated
from engine.journal.plain import as_text
from engine.journal.queries import RunLog
from engine.journal.rows import Row, alert_row, chatter_row, decision_rows, is_chatter
from engine.model.decision import Decision
from engine.model.errors import InvariantBroken, StoreError
from engine.model.run import BadRow, PatternHits, RunCounts, RunStart, RunStatus

_BATCH: Final = 2_000
_TABLES: Final = (
    "run_starts",
    "playbook_versions",
    "decisions",
    "alerts",
    "chatter",
    "bad_rows",
    "pattern_hits",
    "run_ends",
)


class DuckStore:
    """
    The log of replay runs in one DuckDB file (see ports.Store).

    clock: tells the aware UTC time runs start and end at.
    Raises: StoreError, when opened and by everything it writes.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._connection = open_database(path)
        self._opened = _identity(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; other programs can open it from here on."""
        with translated(self._path):
            self._connection.close()

    def log(self) -> RunLog:
        """Return the runs of this file for reading, while it is open for writing."""
        return RunLog(self._connection, self._path)

    @contextmanager
    def run(self, start: RunStart) -> Iterator["DuckRunWriter"]:
        """Begin a run (see ports.Store)."""
        writer = DuckRunWriter(self._connection, self._path, self._clock, start)
        try:
            yield writer
        except KeyboardInterrupt:
            writer.give_up(RunStatus.INTERRUPTED, "stopped by hand")
            raise
        except BaseException as e:
            writer.give_up(RunStatus.FAILED, str(e) or type(e).__name__)
            raise
        writer.give_up(RunStatus.FAILED, "ended without being finished")
        self._check_still_there()

    def _check_still_there(self) -> None:
        # Of a file that was removed nothing is left, though everything written to it succeeded.
        if self._opened is None or _identity(self._path) != self._opened:
            message = f"{self._path} was removed or replaced during the run; nothing of the run is kept"
            raise StoreError("store_gone", message, "run it again, and leave the file alone meanwhile")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class DuckRunWriter:
    """The log of one run while it is being written (see ports.RunWriter)."""

    def __init__(self, connection: Connection, path: Path, clock: Callable[[], datetime], start: RunStart) -> None:
        self._connection = connection
        self._path = path
        self._clock = clock
        self._is_over = False
        self._buffered = 0
        self._buffers: dict[str, list[Row]] = {table: [] for table in _TABLES}
        with translated(path):
            self._appenders = {table: connection.appender(table) for table in _TABLES}
            [(self._run_id,)] = connection.execute("select coalesce(max(run_id), 0) + 1 from run_starts").fetchall()
        self._begin(start)

    @property
    def run_id(self) -> int:
        """The number of this run in its file, from 1."""
        return int(self._run_id)

    def write(self, decisions: Iterable[Decision]) -> None:
        """Add decisions (see ports.RunWriter)."""
        for decision in decisions:
            if is_chatter(decision):
                self._add("chatter", chatter_row(self.run_id, decision))
            else:
                self._add_whole(decision)
            self._flush_when_full()

    def write_bad_rows(self, rows: Iterable[BadRow]) -> None:
        """Add messages that could not be read."""
        for row in rows:
            self._add("bad_rows", (self.run_id, row.file, row.index, row.code, row.reason))
            self._flush_when_full()

    def write_pattern_hits(self, hits: Iterable[PatternHits]) -> None:
        """Add how often each pattern matched."""
        for hit in hits:
            self._add("pattern_hits", (self.run_id, hit.playbook, hit.pattern, hit.hits))
            self._flush_when_full()

    def finish(self, counts: RunCounts) -> None:
        """Make everything durable and mark the run as finished; the last call."""
        self._end(RunStatus.FINISHED, "", counts)

    def give_up(self, status: RunStatus, error: str) -> None:
        """Mark the run as not whole, unless it has ended; without an end where not even that can be written."""
        if self._is_over:
            return
        for buffer in self._buffers.values():
            buffer.clear()
        self._buffered = 0
        with suppress(StoreError):
            self._end(status, error, RunCounts())
        self._close()

    def _begin(self, start: RunStart) -> None:
        self._add(
            "run_starts",
            (
                self.run_id,
                self._clock(),
                start.engine_version,
                as_text(start.arguments),
                as_text(start.assumptions),
                as_text(start.archives),
            ),
        )
        for version in start.playbooks:
            row = (self.run_id, version.name, version.content_hash, version.file, version.text)
            self._add("playbook_versions", row)
        self._flush()

    def _end(self, status: RunStatus, error: str, counts: RunCounts) -> None:
        self._add(
            "run_ends",
            (
                self.run_id,
                self._clock(),
                status.value,
                error,
                counts.messages,
                counts.unwatched,
                counts.bad_rows,
                counts.skipped_system,
            ),
        )
        self._flush()
        self._close()

    def _close(self) -> None:
        self._is_over = True
        self._appenders.clear()

    def _add_whole(self, decision: Decision) -> None:
        for row in decision_rows(self.run_id, decision):
            self._add("decisions", row)
        for outcome in decision.outcomes:
            if outcome.alert:
                self._add("alerts", alert_row(self.run_id, decision.decision_id, outcome.index, outcome.alert))

    def _add(self, table: str, row: Row) -> None:
        if self._is_over:
            raise InvariantBroken(f"run {self.run_id} has ended and cannot take a row of {table}")
        self._buffers[table].append(row)
        self._buffered += 1

    def _flush_when_full(self) -> None:
        if self._buffered >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        with translated(self._path):
            self._connection.begin()
            try:
                self._append_buffers()
                self._connection.commit()
            except duckdb.Error:
                self._undo()
                raise

    def _append_buffers(self) -> None:
        for table, rows in self._buffers.items():
            if rows:
                self._appenders[table].append_rows(rows)
                self._appenders[table].flush()
                rows.clear()
        self._buffered = 0

    def _undo(self) -> None:
        for appender in self._appenders.values():
            appender.clear()
        # A commit that failed has already rolled back.
        with suppress(duckdb.Error):
            self._connection.rollback()
