"""Which kind of archive a file is, told by how it begins."""

from enum import Enum, auto
from pathlib import Path
from typing import Final

from engine.replay.archive_bytes import read_blocks
from engine.replay.archive_csv import is_csv_header

_PARQUET: Final = b"PAR1"


class Format(Enum):
    """What is inside an archive file, whatever it is compressed with."""

    JSON = auto()
    CSV = auto()
    PARQUET = auto()


def format_of(path: Path) -> Format:
    """
    Return what a file is; JSON where it is nothing known, so that reading it says what is wrong.

    Raises: ArchiveError.
    """
    head = next(read_blocks(path, lambda _: None), b"")
    if head.startswith(_PARQUET):
        return Format.PARQUET
    return Format.CSV if is_csv_header(head) else Format.JSON
