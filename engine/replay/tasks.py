"""What there is to read of archives, cut in a way that does not depend on who reads it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from engine.model.message import EventKind, Message
from engine.replay.archive_csv import csv_channel, read_csv
from engine.replay.archive_files import ArchiveFile
from engine.replay.archive_format import Format, format_of
from engine.replay.archive_json import Run, read_rest, read_runs
from engine.replay.archive_parquet import by_channel, messages_of, read_batches
from engine.replay.archive_shape import NotJson
from engine.replay.archive_split import CutShort, TooLarge
from engine.replay.columns import Columns
from engine.replay.piece import Piece
from engine.replay.sifting import TEXTS_KEPT, Sieve, Sifter
from engine.replay.stretches import Stretch, read_stretch, stretches_of

_ENTRIES: Final = 4096  # of one piece


class Misread(Exception):
    """A stretch of a file is not what its layout promised: the rest must be read by counting brackets."""


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read, or a stretch of one."""

    path: Path
    format: Format
    stretch: Stretch | None = None


def tasks_of(archives: Iterable[ArchiveFile]) -> tuple[Task, ...]:
    """
    Return what there is to read, in the order of the archives.

    Raises: ArchiveError.
    """
    return tuple(chain.from_iterable(_tasks_of_file(part) for archive in archives for part in archive.parts))


def pieces_of(task: Task, sifter: Sifter) -> Iterator[Piece]:
    """
    Yield what is found, a few thousand entries at a time; bad rows of JSON are counted from the task's start.

    Raises: Misread, ArchiveError.
    """
    if task.stretch is not None:
        return _of_stretch(task.stretch, sifter)
    position = _Position()
    match task.format:
        case Format.JSON:
            return _of_runs(read_runs(task.path, position.move), task.path.name, sifter, position)
        case Format.CSV:
            return _of_csv(task.path, sifter, position)
        case Format.PARQUET:
            return _of_parquet(task.path, sifter, position)


def pieces_behind(path: Path, entries: int, sifter: Sifter) -> Iterator[Piece]:
    """
    Yield what is found in a JSON export behind so many entries, whatever its layout.

    Places of bad rows are counted from there. Raises: ArchiveError.
    """
    position = _Position()
    return _of_runs(read_rest(path, position.move, entries), path.name, sifter, position)


@dataclass(slots=True)
class _Position:
    """How far a file has been used, in bytes as it is on disk."""

    bytes: int = 0

    def move(self, position: int) -> None:
        self.bytes = position


def _tasks_of_file(path: Path) -> tuple[Task, ...]:
    kind = format_of(path)
    stretches = stretches_of(path) if kind is Format.JSON else ()
    return tuple(Task(path, kind, stretch) for stretch in stretches) or (Task(path, kind),)


def _of_stretch(stretch: Stretch, sifter: Sifter) -> Iterator[Piece]:
    position = _Position()
    try:
        yield from _of_runs(read_stretch(stretch, position.move), stretch.path.name, sifter, position)
    except (CutShort, NotJson, TooLarge) as e:
        raise Misread from e


def _of_runs(runs: Iterator[Run], file: str, sifter: Sifter, position: _Position) -> Iterator[Piece]:
    index = 0
    for run in _grouped(runs):
        sieve = sifter.sieve(run.channel)
        sieve.take_run(run, file, index)
        index += len(run.entries)
        yield sieve.piece(len(run.entries), position.bytes)


def _grouped(runs: Iterator[Run]) -> Iterator[Run]:
    """Yield runs of _ENTRIES or more, and a shorter one at the end."""
    gathered: Run | None = None
    for run in runs:
        gathered = run if gathered is None else Run(run.channel, [*gathered.entries, *run.entries])
        if len(gathered.entries) >= _ENTRIES:
            yield gathered
            gathered = None
    if gathered is not None:
        yield gathered


def _of_csv(path: Path, sifter: Sifter, position: _Position) -> Iterator[Piece]:
    channel, rows = csv_channel(path), read_csv(path, position.move)
    while some := list(islice(rows, _ENTRIES)):
        sieve = sifter.sieve(channel)
        sieve.take_rows(some)
        yield sieve.piece(len(some), position.bytes)


def _of_parquet(path: Path, sifter: Sifter, position: _Position) -> Iterator[Piece]:
    for batch in read_batches(path, position.move):
        for channel, rows in by_channel(batch):
            sieve = sifter.sieve(channel)
            _take_batch(sieve, rows)
            yield sieve.piece(len(rows), position.bytes)


def _take_batch(sieve: Sieve, rows: pa.RecordBatch) -> None:
    """Take rows of one channel; those that are nothing but their content stay columns."""
    created = rows["id"].filter(pc.equal(rows["event"], 1))
    if pc.count_distinct(created).as_py() < len(created):
        sieve.take_rows(_first_of_each(messages_of(rows)))
        return
    is_plain = pc.and_(pc.is_null(rows["embeds"]), pc.equal(rows["images"], 0))
    is_created = pc.equal(rows["kind"].cast(pa.string()), EventKind.CREATED.value)
    is_plain = pc.and_(is_plain, pc.and_(is_created, pc.equal(rows["event"], 1)))
    plain = rows.filter(is_plain)
    columns = Columns(plain["id"], plain["author_id"], plain["at"].cast(pa.int64()))
    is_taken = pa.array(sieve.take_columns(columns, plain["content"].to_pylist(), _names(plain)), pa.bool_())
    says_something = pc.and_(is_taken, pc.not_equal(plain["content"], ""))
    sieve.keep_texts(messages_of(plain.filter(says_something).slice(0, TEXTS_KEPT)))
    odd = pa.Table.from_batches([rows.filter(pc.invert(is_plain)), plain.filter(pc.invert(is_taken))])
    sieve.take_rows(messages_of(odd))


def _first_of_each(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield, of a message event that two exports in one archive hold, the one that stands first."""
    seen: set[tuple[str, int]] = set()
    for message in messages:
        event = message.id, message.event
        if event not in seen:
            seen.add(event)
            yield message


def _names(rows: pa.RecordBatch) -> dict[str, str]:
    pairs = pa.table({"id": rows["author_id"], "name": rows["author_name"].cast(pa.string())})
    found = pairs.group_by(["id", "name"], use_threads=False).aggregate([])
    return {str(author): name for author, name in zip(found["id"].to_pylist(), found["name"].to_pylist(), strict=True)}
