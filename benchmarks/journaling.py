"""
Appending to the journal, against writing the same bytes to a file without number, checksum, hash or head.

Both stand on the same disk and take turns; a sync is a `fdatasync` on either side.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import MICROSECONDS, Figure, compare, table
from engine.adapters.clock import SystemClock
from engine.journal.chain import HEADER
from engine.journal.log import JournalLog
from engine.model.entry import EntryKind

# At least 0.7 times as many entries in a second, each on disk before the next.
TARGET = 1 / 0.7
BODY = os.urandom(1_000)
FRAME = os.urandom(HEADER.size + len(BODY) + 40)
ENTRIES = 400
GROUP = 100

Append = Callable[[], object]
Sync = Callable[[], None]


def figures() -> tuple[Figure, ...]:
    """Measure entries synced one by one, and in groups."""
    with TemporaryDirectory(dir=Path.cwd(), prefix=".journaling-") as folder:
        return (
            _figure(Path(folder), "entries of 1 kB, each synced", 1, TARGET),
            _figure(Path(folder), f"entries of 1 kB, synced in groups of {GROUP}", GROUP, None),
        )


def _figure(folder: Path, what: str, group: int, target: float | None) -> Figure:
    with _file(folder / f"raw-{group}") as raw, _journal(folder / f"journal-{group}") as journal:
        took = compare(_work(*raw, group), _work(*journal, group))
    each = (took.first / ENTRIES, took.second / ENTRIES)
    measured = f"{each[0] * MICROSECONDS:,.0f} → {each[1] * MICROSECONDS:,.0f} µs, {1 / each[1]:,.0f} entries/s"
    return Figure(f"write + fdatasync → journal, {what}", measured, took.ratio, target)


def _work(append: Append, sync: Sync, group: int) -> Callable[[], None]:
    def work() -> None:
        for _ in range(ENTRIES // group):
            for _entry in range(group):
                append()
            sync()

    return work


@contextmanager
def _file(path: Path) -> Iterator[tuple[Append, Sync]]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    yield lambda: os.write(handle, FRAME), lambda: os.fdatasync(handle)
    os.close(handle)


@contextmanager
def _journal(path: Path) -> Iterator[tuple[Append, Sync]]:
    with JournalLog.open(path, SystemClock().now) as log:
        yield lambda: log.append(EntryKind.DECIDED, "feed", BODY), log.sync


if __name__ == "__main__":
    print(table(figures()))
