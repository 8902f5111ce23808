"""What a journal holds when it is opened: where it ends, and what a crash left behind there."""

import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from engine.journal.chain import BEFORE_FIRST, Frame
from engine.journal.disk import UNFINISHED, new_file, sync_file, write_at
from engine.journal.head import NOTHING, read_head
from engine.journal.segments import (
    HEADER_SIZE,
    SegmentHeader,
    frames_from,
    is_known_on_disk,
    read_header,
    segment_numbers,
    segment_path,
    used_after,
)
from engine.model.entry import Witness
from engine.model.errors import JournalError


@dataclass(frozen=True, slots=True)
class Repair:
    """
    What was cut off the end of the journal: an entry, or a group of them, that was not written to its end.

    segment: the name of its file. after: the last entry that stays. offset: of the first byte that was cut. size: how
    many bytes. kept: the name of the file they are kept in.
    """

    segment: str
    after: int
    offset: int
    size: int
    kept: str

    def __str__(self) -> str:
        what = f"{self.size} bytes behind entry {self.after}, never acknowledged, were cut off"
        return f"{self.segment}: {what} at byte {self.offset} and kept in {self.kept}"


@dataclass(frozen=True, slots=True)
class Recovered:
    """
    Where the journal goes on.

    number: of the segment. end: where its next entry begins. last: the entry before it; None in a new journal.
    """

    number: int
    end: int
    last: Frame | None
    repairs: tuple[Repair, ...] = ()


def recover(folder: Path) -> Recovered:
    """
    Check the end of a journal, repair what a crash left there, and return where it goes on; begins a new one.

    Only what comes after the last entry known to be on disk is ever cut.

    Raises: JournalError, when the journal is damaged anywhere else or newer than this version; OSError.
    """
    for unfinished in folder.glob("*" + UNFINISHED):
        unfinished.unlink()
    head = read_head(folder) or NOTHING
    numbers = segment_numbers(folder)
    if not numbers and not head.seq:
        new_file(segment_path(folder, 1), SegmentHeader(1, 1, BEFORE_FIRST).encoded())
        numbers = (1,)
    header = _last_header(folder, numbers)
    with segment_path(folder, header.number).open("rb") as file:
        ends = _End(segment_path(folder, header.number).name, header, head)
        ends.take(frames_from(file, HEADER_SIZE))
        ends.check_rest(file)
        torn = used_after(file, ends.offset)
        file.seek(ends.offset)
        rest = file.read(torn)
    repairs = (_cut(folder, ends, rest),) if rest else ()
    last = ends.last or (_last_of(folder, header) if header.first_seq > 1 else None)
    return Recovered(header.number, ends.offset, last, repairs)


def damaged(where: str, what: str) -> JournalError:
    """Return the error for a journal that is not as it was written."""
    remedy = "signalbook journal verify names every place; restore the folder, or move it away and begin a new one"
    return JournalError("journal_damaged", f"the journal is damaged: {where}: {what}", remedy)


def damaged_entry(segment: str, seq: int, offset: int) -> JournalError:
    """Return the error for an entry that is not as it was written, or not the one after the one before it."""
    return damaged(segment, f"entry {seq} at byte {offset} is not as it was written")


class _End:
    """Walks the last segment to its end."""

    def __init__(self, name: str, header: SegmentHeader, head: Witness) -> None:
        self.name = name
        self.offset = HEADER_SIZE
        self.last: Frame | None = None
        self.seq = header.first_seq - 1
        self._hash = header.hash_before
        self._head = head

    def take(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            if not frame.follows(self.seq, self._hash):
                raise damaged_entry(self.name, self.seq + 1, frame.offset)
            self.last, self.seq, self.offset, self._hash = frame, frame.seq, frame.end, frame.hash
            self._check_head()
        self._check_head()

    def check_rest(self, file: BinaryIO) -> None:
        """What was acknowledged is never cut: the head and every later entry say how far that goes."""
        if self._head.seq > self.seq:
            raise damaged(self.name, f"it ends with entry {self.seq}, and entry {self._head.seq} was on disk")
        if is_known_on_disk(file, self.offset, self.seq + 1):
            raise damaged_entry(self.name, self.seq + 1, self.offset)

    def _check_head(self) -> None:
        if self.seq == self._head.seq and self._hash.hex() != self._head.hash:
            raise damaged(self.name, f"entry {self.seq} is another than the head says")


def _last_header(folder: Path, numbers: tuple[int, ...]) -> SegmentHeader:
    wanted = range(1, max(numbers, default=1) + 1)
    if missing := set(wanted).difference(numbers):
        raise damaged(segment_path(folder, min(missing)).name, "the segment is missing")
    return [checked_header(folder, number) for number in wanted][-1]


def checked_header(folder: Path, number: int) -> SegmentHeader:
    """Read the header of a segment. Raises: JournalError, when it is damaged or newer; OSError."""
    path = segment_path(folder, number)
    with path.open("rb") as file:
        header = read_header(file, number)
    if header is None:
        raise damaged(path.name, "its header is not as it was written")
    return header


def _last_of(folder: Path, after: SegmentHeader) -> Frame:
    """The last entry before a segment that holds none yet."""
    path = segment_path(folder, after.number - 1)
    with path.open("rb") as file:
        last = next(iter(deque(frames_from(file, HEADER_SIZE), maxlen=1)), None)
    if last is None or last.seq != after.first_seq - 1 or last.hash != after.hash_before:
        raise damaged(path.name, f"it does not end with entry {after.first_seq - 1}")
    return last


def _cut(folder: Path, end: _End, rest: bytes) -> Repair:
    kept = _free_name(folder, f"{Path(end.name).stem}.torn-{end.offset}")
    new_file(kept, rest)
    handle = os.open(folder / end.name, os.O_WRONLY)
    try:
        write_at(handle, bytes(len(rest)), end.offset)
        sync_file(handle)
    finally:
        os.close(handle)
    return Repair(end.name, end.seq, end.offset, len(rest), kept.name)


def _free_name(folder: Path, name: str) -> Path:
    names = (folder / (name if number == 1 else f"{name}-{number}") for number in count(1))
    return next(path for path in names if not path.exists())
