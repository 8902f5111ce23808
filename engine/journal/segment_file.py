"""The segment being written, with room kept ready in it for entries to come."""

import os
from pathlib import Path
from typing import Final, Self

from engine.journal.disk import NO_ROOM, new_file, sync_file, write_at
from engine.journal.segments import HEADER_SIZE, SegmentHeader, segment_path

_AT_ONCE: Final = 1 << 20


class SegmentFile:
    """
    The last segment of a journal, open for writing.

    Entries are written over zero bytes that have their place on the disk already: a sync need not record a new length,
    and the last of that room is there when the disk is full.
    """

    def __init__(self, path: Path, end: int) -> None:
        self.name = path.name
        self.number = int(path.stem)
        self.end = end
        self._handle = os.open(path, os.O_RDWR)
        self._size = os.fstat(self._handle).st_size

    @classmethod
    def begin(cls, folder: Path, header: SegmentHeader, room: int) -> Self:
        """Make a segment without an entry, on disk when this returns. Raises: OSError."""
        path = segment_path(folder, header.number)
        new_file(path, header.encoded() + bytes(room))
        return cls(path, HEADER_SIZE)

    @property
    def room(self) -> int:
        """How many bytes fit in what is ready."""
        return max(self._size - self.end, 0)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no entry."""
        return self.end == HEADER_SIZE

    def grow(self, room: int) -> bool:
        """
        Make this much room ready; False, with nothing changed, when the disk is full.

        Raises: OSError, for anything else.
        """
        size = self._size
        try:
            while self._size < self.end + room:
                step = min(_AT_ONCE, self.end + room - self._size)
                write_at(self._handle, bytes(step), self._size)
                self._size += step
        except OSError as error:
            self._size = size
            os.ftruncate(self._handle, size)
            if error.errno in NO_ROOM:
                return False
            raise
        return True

    def write(self, frame: bytes) -> None:
        """
        Write an entry into the room there is.

        Raises: OSError, with the segment as it was before.
        """
        try:
            write_at(self._handle, frame, self.end)
        except OSError:
            write_at(self._handle, bytes(len(frame)), self.end)
            raise
        self.end += len(frame)

    def sync(self) -> None:
        """Wait until the disk has everything. Raises: OSError."""
        sync_file(self._handle)

    def finish(self) -> None:
        """Give back the room that is left, and let go of the file. Raises: OSError."""
        os.ftruncate(self._handle, self.end)
        self.close()

    def close(self) -> None:
        """Let go of the file; the room stays."""
        os.close(self._handle)
