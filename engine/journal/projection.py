"""
The DuckDB file as a projection of the journal: one thread takes entries in, and writes down how far it has come.

Rows and position go into the file in one transaction, so that whatever ends the process, the next start goes on
with the first entry whose rows are not there. The file can be made anew from the journal at any time.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from threading import Condition
from typing import Final, Self

from engine.journal.buffers import Buffers
from engine.journal.database import Connection, new_beside, open_database, replace_by, translated
from engine.journal.journal_rows import JournalRows
from engine.journal.live_queries import QueryServer
from engine.journal.reading import read_entries
from engine.journal.retention_bodies import retention
from engine.model.entry import Entry, EntryKind, Witness
from engine.model.errors import EngineError, StoreError

_AT_ONCE: Final = 4_096  # entries in one transaction at most
_REBUILD: Final = "make it anew: signalbook journal rebuild"


class Projection:
    """
    Keeps a DuckDB file level with a journal, in a thread of its own.

    Opening it takes in whatever the journal holds already. Entries are to be offered once they are on disk; those
    that are not offered are read from the journal. While it is open other processes can ask the file (see
    `live_queries`). opened: opens the file.
    Raises: StoreError, JournalError, when opened; also when the file does not belong to the journal.
    """

    def __init__(self, path: Path, journal: Path, opened: Callable[[Path], Connection] = open_database) -> None:
        self._connection = opened(path)
        self._taking = _Taking(self._connection, path, journal)
        try:
            self._taking.check_belongs()
            self._taking.catch_up()
            self._queries = QueryServer(self._connection, path)
        except EngineError:
            self._connection.close()
            raise
        self._path = path
        self._waiting: SimpleQueue[Entry | None] = SimpleQueue()
        self._changed = Condition()
        self._offered = self._taking.position.seq
        self._is_closed = False
        self._thread = ThreadPoolExecutor(1, "projection")
        self._work = self._thread.submit(self._run)
        self._work.add_done_callback(self._tell)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        if raised is None:
            self.close()
            return
        with suppress(StoreError):  # what ended the block says more, and the journal holds everything
            self.close()

    @property
    def error(self) -> BaseException | None:
        """What ended the thread early; the journal is complete all the same."""
        return self._work.exception() if self._work.done() else None

    @property
    def position(self) -> Witness:
        """The last entry whose rows are in the file."""
        return self._taking.position

    def offer(self, entry: Entry) -> None:
        """Have an entry taken in soon. Never waits and never raises; see `error` and `flush`."""
        self._offered = max(self._offered, entry.seq)
        self._waiting.put(entry)

    def flush(self) -> None:
        """Wait until the rows of everything offered are in the file. Raises: what the thread ended with."""
        wanted = self._offered
        with self._changed:
            self._changed.wait_for(lambda: self._taking.position.seq >= wanted or self._work.done())
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Take in what was offered, and let other processes open the file. Raises: what the thread ended with."""
        if self._is_closed:
            return
        self._is_closed = True
        self._waiting.put(None)
        self._thread.shutdown()
        self._queries.close()
        with translated(self._path):
            self._connection.close()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        while True:
            entries = self._next()
            self._taking.take(entry for entry in entries if entry is not None)
            with self._changed:
                self._changed.notify_all()
            if None in entries:
                return

    def _next(self) -> list[Entry | None]:
        """Wait for an entry, and return it with all that came meanwhile."""
        entries = [self._waiting.get()]
        while not self._waiting.empty() and len(entries) < _AT_ONCE:
            entries.append(self._waiting.get())
        return entries

    def _tell(self, _: Future[None]) -> None:
        with self._changed:
            self._changed.notify_all()


def rebuild(journal: Path, path: Path) -> Witness:
    """
    Make the file of a journal anew, and put it in the place of the one that is there; return up to which entry.

    Runs whose rows were dropped stay without them.
    Raises: StoreError, JournalError; the file that was there is then as it was.
    """
    _check_replaceable(path)
    anew = new_beside(path)
    gone = _dropped(read_entries(journal))
    with closing(open_database(anew)) as connection:
        taking = _Taking(connection, anew, journal, gone)
        taking.catch_up()
    replace_by(path, anew)
    return taking.position


def _check_replaceable(path: Path) -> None:
    """Nobody may have it open, and it may not be somebody else's; a damaged one is what this is for."""
    if not path.exists():
        return
    try:
        open_database(path).close()
    except StoreError as error:
        if error.code != "store_damaged":
            raise


class _Taking:
    """Takes entries into a file, in their order, each once."""

    def __init__(self, connection: Connection, path: Path, journal: Path, gone: frozenset[str] = frozenset()) -> None:
        self._path = path
        self._journal = journal
        self._buffers = Buffers(connection, path)
        with translated(path):
            [(seq, digest)] = connection.execute("select seq, hash from journal_position").fetchall()
        self.position = self._taken = Witness(seq, digest)
        self._rows = JournalRows(connection, path, journal, self._buffers, gone, is_anew=seq == 0)

    def check_belongs(self) -> None:
        """Check that the journal holds the entry the file has come to. Raises: StoreError, JournalError."""
        if self.position.seq == 0:
            return
        entry = next(read_entries(self._journal, self.position.seq - 1), None)
        if entry is None:
            message = f"{self._path} has come to entry {self.position.seq}, which {self._journal} does not hold"
            raise StoreError("store_not_of_journal", message, _REBUILD)
        if entry.hash != self.position.hash:
            message = f"{self._path} was made of another journal: entry {entry.seq} is not the same"
            raise StoreError("store_not_of_journal", message, _REBUILD)

    def catch_up(self) -> None:
        """Take in all that the journal holds."""
        self.take(read_entries(self._journal, self.position.seq))

    def take(self, entries: Iterable[Entry]) -> None:
        """Take in what is not yet taken in, reading from the journal what is missing between."""
        for entry in entries:
            if entry.seq > self._taken.seq + 1:
                for missing in read_entries(self._journal, self._taken.seq):
                    if missing.seq >= entry.seq:
                        break
                    self._take(missing)
            if entry.seq > self._taken.seq:
                self._take(entry)
        self._write()

    def _take(self, entry: Entry) -> None:
        self._rows.take(entry)
        self._taken = Witness(entry.seq, entry.hash)
        if self._buffers.is_full:
            self._write()

    def _write(self) -> None:
        if self._taken.seq > self.position.seq:
            self._buffers.flush(self._taken)
            self.position = self._taken


def _dropped(entries: Iterable[Entry]) -> frozenset[str]:
    bodies = (retention(entry.body) for entry in entries if entry.kind is EntryKind.RETENTION)
    dropped = chain.from_iterable(body.dropped for body in bodies if body.is_live)
    return frozenset(run.name for run in dropped)
