"""Makes Parquet archives of exports."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import pyarrow as pa

from engine.model.errors import ArchiveError
from engine.model.message import Message
from engine.replay.archive import read_archive
from engine.replay.archive_files import ArchiveFile
from engine.replay.archive_parquet import write_parquet
from engine.replay.archive_tally import ReadTally

ENDING: Final = ".parquet"


@dataclass(frozen=True, slots=True)
class Converted:
    """
    A Parquet archive that was written.

    archives: names of what went into it. size_before, size: bytes on disk. bad_rows, skipped_system: entries that
    are no message, and joins and the like; neither is kept.
    """

    file: Path
    archives: tuple[str, ...]
    messages: int
    bad_rows: int
    skipped_system: int
    size_before: int
    size: int


def convert(archives: Sequence[ArchiveFile], out: Path) -> Iterator[Converted]:
    """
    Write Parquet archives, and yield each once it is whole.

    out: a file that takes all, if its name ends with .parquet; else a folder that takes one file for each archive.
    Raises: ArchiveError; a file is whole or not there, and one that is there already is never replaced.
    """
    for file, some in _files(archives, out):
        yield _converted(file, some)


def _files(archives: Sequence[ArchiveFile], out: Path) -> Sequence[tuple[Path, Sequence[ArchiveFile]]]:
    if out.suffix == ENDING:
        return [(out, archives)]
    files = [(out / f"{Path(archive.name).stem}{ENDING}", [archive]) for archive in archives]
    taken: set[Path] = set()
    for file, (archive,) in files:
        if file in taken:
            message = f"two archives would become {file.name}; the second is {archive.parts[0]}"
            raise ArchiveError("archive_twice", message, "convert one of them to a file of another name")
        taken.add(file)
    return files


def _converted(file: Path, archives: Sequence[ArchiveFile]) -> Converted:
    if file.exists():
        raise ArchiveError("archive_exists", f"{file} is there already", "name another place, or remove it first")
    read = ReadTally()
    beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(beside, _messages(archives, read))
        beside.replace(file)
    except (OSError, pa.ArrowException) as e:
        raise ArchiveError("archive_unwritable", f"{file} cannot be written: {e}", "check folder and room") from e
    finally:
        with suppress(OSError):
            beside.unlink()
    return Converted(
        file=file,
        archives=tuple(archive.name for archive in archives),
        messages=read.messages,
        bad_rows=read.bad_rows,
        skipped_system=read.skipped_system,
        size_before=sum(archive.size for archive in archives),
        size=file.stat().st_size,
    )


def _messages(archives: Iterable[ArchiveFile], read: ReadTally) -> Iterator[Message]:
    parts = chain.from_iterable(archive.parts for archive in archives)
    rows = chain.from_iterable(read_archive(part, read) for part in parts)
    return (row for row in rows if isinstance(row, Message))
