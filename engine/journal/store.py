"""
Writes replay runs to one DuckDB file.

Rows are added in batches, one transaction each, and never changed: whether a run is whole is said
by its last row, which is written together with the last batch. So whatever ends a run early, an
error, Ctrl-C or a killed process, its rows are never taken for a finished run's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from engine.decide.record import Record
from engine.journal.buffers import Buffers
from engine.journal.database import Connection, open_database, translated
from engine.journal.export import export_run
from engine.journal.live_queries import QueryServer
from engine.journal.queries import RunLog
from engine.journal.rows import Row, bad_row, closed_row, pattern_row
from engine.journal.run_tables import RunTables
from engine.journal.sql_rows import FileRows
from engine.model.chatter import ChatterBatch
from engine.model.errors import InvariantBroken, StoreError
from engine.model.position import Closed
from engine.model.run import BadRow, PatternHits, RunCounts, RunStart, RunStatus

_MEMORY: Final = 256  # megabytes at most, for a moment: a replay stays small beside what it reads


class DuckStore:
    """
    The log of replay runs in one DuckDB file (see ports.Store).

    clock: tells the aware UTC time runs start and end at.
    Raises: StoreError, when opened and by everything it writes.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._connection = open_database(path, memory=_MEMORY)
        self._opened = _identity(path)
        self._queries = QueryServer(self._connection, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; other programs can open it from here on."""
        self._queries.close()
        with translated(self._path):
            self._connection.close()

    def log(self) -> RunLog:
        """Return the runs of this file for reading, while it is open for writing."""
        return RunLog(FileRows(self._connection, self._path), self._path)

    def export_run(self, run_id: int, folder: Path) -> None:
        """
        Write what a run decided as decisions.parquet and chatter.parquet.

        The files say nothing of when and how the run was made: the same decisions give the same bytes.
        Raises: StoreError.
        """
        export_run(self._connection, run_id, folder)

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
        self._clock = clock
        self._is_over = False
        self._buffers = Buffers(connection, path, _MEMORY)
        with translated(path):
            [(run_id,)] = connection.execute("select coalesce(max(run_id), 0) + 1 from run_starts").fetchall()
        self._tables = RunTables(self._buffers, run_id)
        self._tables.start(start, clock())
        self._buffers.flush()

    @property
    def run_id(self) -> int:
        """The number of this run in its file, from 1."""
        return self._tables.run_id

    def write(self, records: Iterable[Record]) -> None:
        """Add decisions with what they rest on (see ports.RunWriter)."""
        for record in records:
            self._check_not_over()
            self._tables.decide(record)
            if self._buffers.is_full:
                self._buffers.flush()

    def write_chatter(self, batch: ChatterBatch) -> None:
        """Add messages that say nothing, as columns (see ports.RunWriter)."""
        self._check_not_over()
        self._tables.chatter(batch)
        if self._buffers.is_full:
            self._buffers.flush()

    def write_authors(self, names: Mapping[str, str]) -> None:
        """Add the names of authors (see ports.RunWriter)."""
        self._check_not_over()
        self._tables.name_authors(names)

    def write_closed(self, closed: Iterable[Closed]) -> None:
        """Add positions that came to their end."""
        for each in closed:
            self._add("closed_positions", closed_row(self.run_id, each))

    def write_bad_rows(self, rows: Iterable[BadRow]) -> None:
        """Add messages that could not be read."""
        for row in rows:
            self._add("bad_rows", bad_row(self.run_id, row))

    def write_pattern_hits(self, hits: Iterable[PatternHits]) -> None:
        """Add how often each pattern matched."""
        for hit in hits:
            self._add("pattern_hits", pattern_row(self.run_id, hit))

    def finish(self, counts: RunCounts) -> None:
        """Make everything durable and mark the run as finished; the last call."""
        self._check_not_over()
        self._tables.end(self._clock(), counts)
        self._buffers.flush()
        self._is_over = True

    def give_up(self, status: RunStatus, error: str) -> None:
        """Mark the run as not whole, unless it has ended; without an end where not even that can be written."""
        if self._is_over:
            return
        self._is_over = True
        self._buffers.clear()
        self._tables.end(self._clock(), RunCounts(), status, error)
        with suppress(StoreError):
            self._buffers.flush()

    def _add(self, table: str, row: Row) -> None:
        self._check_not_over()
        self._buffers.add(table, row)
        if self._buffers.is_full:
            self._buffers.flush()

    def _check_not_over(self) -> None:
        if self._is_over:
            raise InvariantBroken(f"run {self.run_id} has ended and takes no more rows")
