"""`head`: the number and hash of the last entry known to be on disk, kept beside the segments as their witness."""

import os
from pathlib import Path
from typing import Final

from engine.journal.disk import new_file, write_at
from engine.model.entry import GENESIS, Witness
from engine.model.errors import JournalError

NAME: Final = "head"
# No entry yet.
NOTHING: Final = Witness(0, GENESIS)


def read_head(folder: Path) -> Witness | None:
    """
    Return what the head of a journal says; None when there is none.

    Raises: JournalError, when it says nothing one can read; OSError.
    """
    path = folder / NAME
    try:
        return Witness.read(path.read_text(encoding="ascii"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        remedy = "run signalbook journal verify with a witness kept elsewhere; if it agrees, delete the file"
        raise JournalError("journal_damaged", f"{path} does not hold a number and a hash", remedy) from error


class Head:
    """
    The head of a journal being written.

    Every line has the same length and lies within one sector: it is overwritten in place, needs no room on a full
    disk, and is the old one or the new one after a power failure.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        if not path.exists():
            new_file(path, _line(NOTHING))
        self._handle = os.open(path, os.O_WRONLY)

    def write(self, last: Witness) -> None:
        """Say that everything up to this entry is on disk. Raises: OSError."""
        write_at(self._handle, _line(last), 0)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)


def _line(last: Witness) -> bytes:
    return f"{last.seq:020}:{last.hash}\n".encode("ascii")
