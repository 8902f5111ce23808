"""Files of the journal: made to stay, and what the system refuses said in our words."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from engine.model.errors import JournalError

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_ALLOWED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_MODE: Final = 0o644
UNFINISHED: Final = ".new"

# macOS has no fdatasync.
sync_file: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)


def journal_full(place: Path, said: str = "there is no room left") -> JournalError:
    """Return the error for a disk, a quota or a limit that is used up."""
    remedy = "make room on the disk, then start again; until then nothing opens"
    return JournalError("journal_full", f"the journal in {place} cannot grow: {said}", remedy)


def fsync_failed(place: Path, error: OSError) -> JournalError:
    """Return the error for a disk that did not take what was written; it is never asked again."""
    message = f"the disk did not take what was written to the journal in {place}: {error.strerror}"
    return JournalError("journal_fsync_failed", message, "check the disk, then start again; until then nothing opens")


@contextmanager
def translated(place: Path) -> Iterator[None]:
    """Turn what the system refuses within the block into a JournalError about this place."""
    try:
        yield
    except OSError as error:
        raise journal_error(place, error) from error


def journal_error(place: Path, error: OSError) -> JournalError:
    """Return our error for one of the system's."""
    said = error.strerror or str(error)
    if error.errno in NO_ROOM:
        return journal_full(place, said)
    where = error.filename or place
    if error.errno in _NOT_ALLOWED:
        remedy = "let this user write to the folder, or name another one"
        return JournalError("journal_unwritable", f"the journal cannot be written: {where}: {said}", remedy)
    remedy = "check the path and the disk, or name another folder"
    return JournalError("journal_unwritable", f"the journal cannot be used: {where}: {said}", remedy)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder stay. Raises: OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_at(handle: int, data: bytes, offset: int) -> None:
    """Write all of it. Raises: OSError."""
    while data:
        written = os.pwrite(handle, data, offset)
        data, offset = data[written:], offset + written


def new_file(path: Path, content: bytes) -> None:
    """
    Make a file that is there whole or not at all, whenever the power fails.

    Raises: OSError, with nothing left behind.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
    try:
        write_at(handle, content, 0)
        os.fsync(handle)
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    sync_folder(path.parent)
