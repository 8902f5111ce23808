"""The files of the log, `000001.log` and on: their names, their headers, and what can be read in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final
from zlib import crc32

from engine.journal.chain import HEADER as FRAME_HEADER
from engine.journal.chain import MARKER, Frame, size_claimed, whole_frame
from engine.model.errors import JournalError

FORMAT: Final = 1
SUFFIX: Final = ".log"
_NAME: Final = re.compile(r"\d{6,}\.log")
_MAGIC: Final = b"SBJRNL\r\n"
# magic · format · number of the segment · number of its first entry · hash before it · CRC-32 of all that
_HEADER: Final = Struct("<8sIIQ32s")
_CHECKSUM: Final = Struct("<I")
HEADER_SIZE: Final = _HEADER.size + _CHECKSUM.size
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """What a segment says first: its number, the number of its first entry, and the hash before that."""

    number: int
    first_seq: int
    hash_before: bytes

    def encoded(self) -> bytes:
        """Return it as written to disk."""
        fields = _HEADER.pack(_MAGIC, FORMAT, self.number, self.first_seq, self.hash_before)
        return fields + _CHECKSUM.pack(crc32(fields))


def segment_path(folder: Path, number: int) -> Path:
    """Return where a segment is kept."""
    return folder / f"{number:06}{SUFFIX}"


def segment_numbers(folder: Path) -> tuple[int, ...]:
    """Return the numbers of the segments there are, in order. Raises: OSError."""
    return tuple(sorted(int(path.stem) for path in folder.iterdir() if _NAME.fullmatch(path.name)))


def read_header(file: BinaryIO, number: int) -> SegmentHeader | None:
    """
    Read the header of a segment; None when it is not as it was written, or of another segment.

    Raises: JournalError, when a newer version wrote it.
    """
    file.seek(0)
    data = file.read(HEADER_SIZE)
    if len(data) < HEADER_SIZE:
        return None
    magic, version, said, first_seq, hash_before = _HEADER.unpack_from(data)
    [checksum] = _CHECKSUM.unpack_from(data, _HEADER.size)
    if magic != _MAGIC or crc32(data[: _HEADER.size]) != checksum:
        return None
    if version > FORMAT:
        message = f"segment {number} of the journal has format {version}; this version knows up to {FORMAT}"
        raise JournalError("journal_too_new", message, "use the version that wrote it, or a newer one")
    return SegmentHeader(number, first_seq, hash_before) if said == number else None


def frame_at(file: BinaryIO, offset: int) -> Frame | None:
    """Return the entry at an offset; None when no whole one begins there."""
    file.seek(offset)
    header = file.read(FRAME_HEADER.size)
    size = size_claimed(header)
    return None if size is None else whole_frame(offset, header, file.read(size))


def reread(file: BinaryIO, offset: int) -> Frame | None:
    """Return the entry at an offset as it is on disk by now, whatever was read ahead of it before."""
    file.seek(0, SEEK_END)
    return frame_at(file, offset)


def frames_from(file: BinaryIO, offset: int) -> Iterator[Frame]:
    """Return the entries from an offset, up to the first place where no whole one begins."""
    while frame := frame_at(file, offset):
        yield frame
        offset = frame.end


def next_frame(file: BinaryIO, offset: int) -> Frame | None:
    """Return the first whole entry that begins at an offset or anywhere behind it."""
    while (place := _next_marker(file, offset)) is not None:
        if frame := frame_at(file, place):
            return frame
        offset = place + 1
    return None


def is_known_on_disk(file: BinaryIO, offset: int, seq: int) -> bool:
    """Whether a whole entry behind an offset says that this one, which is not whole there, was on disk before it."""
    while later := next_frame(file, offset):
        if later.synced >= seq:
            return True
        offset = later.end
    return False


def used_after(file: BinaryIO, offset: int) -> int:
    """Return how many bytes follow an offset, up to the last that is not zero; zeros are room for entries to come."""
    file.seek(offset)
    used = read = 0
    while chunk := file.read(_CHUNK):
        if held := len(chunk.rstrip(b"\0")):
            used = read + held
        read += len(chunk)
    return used


def _next_marker(file: BinaryIO, offset: int) -> int | None:
    # Chunks overlap by a marker less a byte, so that one across a border is found.
    overlap = len(MARKER) - 1
    before = b""
    file.seek(offset)
    start = offset
    while chunk := file.read(_CHUNK):
        data = before + chunk
        if (found := data.find(MARKER)) >= 0:
            return start + found
        before = data[-overlap:]
        start += len(data) - len(before)
    return None
