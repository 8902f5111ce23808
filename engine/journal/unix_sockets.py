"""Unix sockets at paths of any length, for their owner alone."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MODE: Final = 0o600
_LONGEST_ADDRESS: Final = 100  # bytes; the kernel takes no more than 107
_DESCRIPTORS: Final = Path("/proc/self/fd")


def has_unix_sockets() -> bool:
    """Return whether this system has them."""
    return hasattr(socket, "AF_UNIX")


def listening_at(path: Path) -> socket.socket:
    """
    Return a socket that listens at a path; whatever stands there is taken away.

    Raises: OSError.
    """
    made = socket.socket(socket.AF_UNIX)
    try:
        path.unlink(missing_ok=True)
        os.fchmod(made.fileno(), _MODE)
        with address_of(path) as address:
            made.bind(address)
        path.chmod(_MODE)
        made.listen()
    except OSError:
        made.close()
        raise
    return made


def connected_to(path: Path, patience: float) -> socket.socket:
    """
    Return a socket connected to the one at a path; patience: seconds for this and for every later call.

    Raises: OSError; TimeoutError when somebody listens and does not attend.
    """
    made = socket.socket(socket.AF_UNIX)
    try:
        made.settimeout(patience)
        with address_of(path) as address:
            made.connect(address)
    except OSError:
        made.close()
        raise
    return made


@contextmanager
def address_of(path: Path) -> Iterator[str]:
    """The name of a socket as the kernel takes it: a long one by way of its folder's descriptor. Raises: OSError."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS or not _DESCRIPTORS.is_dir():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield str(_DESCRIPTORS / str(folder) / path.name)
    finally:
        os.close(folder)
