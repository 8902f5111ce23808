"""Reads archived Discord channels, message by message, in memory that does not grow with the file."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import msgspec

from engine.model.errors import ArchiveError
from engine.model.message import Message
from engine.model.run import BadRow
from engine.replay.archive_bytes import Progress, read_blocks
from engine.replay.archive_csv import is_csv_header, read_csv
from engine.replay.archive_files import ArchiveFile
from engine.replay.archive_json import read_json
from engine.replay.archive_tally import ReadTally

Row = Message | BadRow
_LOOKED_AT: Final = 100
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(tuple[Message | None, BadRow | None]).decode


def read_archive(path: Path, tally: ReadTally | None = None) -> Iterator[Row]:
    """
    Yield every message of one export file, in file order, and a BadRow for each that cannot be one.

    System messages (joins, pins) are counted in the tally and not yielded. Text is as exported:
    where the exporter rewrote mentions and emoji ("@role", ":rocket:"), so it stays.
    Raises: ArchiveError, when the fault is met: the messages before it have been yielded.
    """
    tally = tally or ReadTally()
    for row in _entries(path, _progress_of_one_file(tally)):
        if row is None:
            tally.skipped_system += 1
            continue
        if isinstance(row, BadRow):
            tally.bad_rows += 1
        else:
            tally.messages += 1
        yield row


def is_reversed(archive: ArchiveFile) -> bool:
    """
    Whether an export is newest first (exported with --reverse), judged by its first 100 messages.

    Raises: ArchiveError.
    """
    rows = chain.from_iterable(map(read_archive, archive.parts))
    times = [row.at for row in islice(rows, _LOOKED_AT) if isinstance(row, Message)]
    steps = list(pairwise(times))
    return sum(later < earlier for earlier, later in steps) * 2 > len(steps)


def read_oldest_first(archive: ArchiveFile, tally: ReadTally | None = None) -> Iterator[Row]:
    """
    Yield the messages of all parts of an export, oldest first also where it was exported reversed.

    A reversed export is first copied, message by message, to a temporary file and then read from
    its end: memory stays flat (8 bytes a message), and a fault is met before anything is yielded.
    Raises: ArchiveError.
    """
    tally = tally or ReadTally()
    rows = chain.from_iterable(read_archive(part, tally) for part in archive.parts)
    return _from_the_end(rows) if is_reversed(archive) else rows


def _progress_of_one_file(tally: ReadTally) -> Progress:
    # Several files may be read by turns, and the start of a file twice.
    furthest = 0

    def progress(position: int) -> None:
        nonlocal furthest
        tally.bytes_read += max(position - furthest, 0)
        furthest = max(position, furthest)

    return progress


def _entries(path: Path, progress: Progress) -> Iterator[Row | None]:
    head = next(read_blocks(path, lambda _: None), b"")
    return read_csv(path, progress) if is_csv_header(head) else read_json(path, progress)


def _from_the_end(rows: Iterable[Row]) -> Iterator[Row]:
    starts = array("Q", [0])
    with TemporaryFile() as spool:
        _copy(rows, spool, starts)
        for end, start in pairwise(reversed(starts)):
            spool.seek(start)
            message, bad_row = _decode(spool.read(end - start))
            yield from (row for row in (message, bad_row) if row is not None)


def _copy(rows: Iterable[Row], spool: IO[bytes], starts: "array[int]") -> None:
    try:
        for row in rows:
            size = spool.write(_encode((row, None) if isinstance(row, Message) else (None, row)))
            starts.append(starts[-1] + size)
        spool.flush()
    except OSError as e:
        message = f"a reversed export is turned round in a temporary file, which cannot be written: {e.strerror}"
        raise ArchiveError("archive_no_room", message, "make room in the temporary folder, or set TMPDIR") from e
