"""One writer at a time: a lock the system lets go of when its holder dies."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.model.errors import JournalError

NAME: Final = "lock"
_MODE: Final = 0o644


def take_lock(folder: Path) -> int:
    """
    Return the handle that holds the lock of a journal until it is closed.

    Raises: JournalError (journal_busy), naming the process that holds it; OSError.
    """
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, _MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
        os.close(handle)
        who = f"process {holder}" if holder else "another process"
        remedy = "wait until it is done or end it; one process at a time can write a journal"
        raise JournalError("journal_busy", f"the journal in {folder} is being written by {who}", remedy) from error
    except OSError:
        os.close(handle)
        raise
    # The number only serves the message above; a full disk must not keep the journal shut.
    with suppress(OSError):
        os.pwrite(handle, f"{os.getpid():<20}".encode("ascii"), 0)
    return handle
