"""Reads archived Discord channels, message by message, in memory that does not grow with the file."""

from collections.abc import Iterator
from pathlib import Path

from engine.model.message import Message
from engine.model.run import BadRow
from engine.replay.archive_bytes import Progress
from engine.replay.archive_csv import read_csv
from engine.replay.archive_format import Format, format_of
from engine.replay.archive_json import read_json
from engine.replay.archive_parquet import read_parquet
from engine.replay.archive_tally import ReadTally

Row = Message | BadRow


def read_archive(path: Path, tally: ReadTally | None = None) -> Iterator[Row]:
    """
    Yield every message of one archive file, in file order, and a BadRow for each that cannot be one.

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


def _progress_of_one_file(tally: ReadTally) -> Progress:
    # The start of a file may be read twice.
    furthest = 0

    def progress(position: int) -> None:
        nonlocal furthest
        tally.bytes_read += max(position - furthest, 0)
        furthest = max(position, furthest)

    return progress


def _entries(path: Path, progress: Progress) -> Iterator[Row | None]:
    match format_of(path):
        case Format.JSON:
            return read_json(path, progress)
        case Format.CSV:
            return read_csv(path, progress)
        case Format.PARQUET:
            return read_parquet(path, progress)
