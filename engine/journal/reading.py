"""Reads the entries of a journal in order, also while another process writes it."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from engine.journal.chain import Frame
from engine.journal.disk import translated
from engine.journal.head import NOTHING, read_head
from engine.journal.recovery import checked_header, damaged, damaged_entry
from engine.journal.segments import (
    HEADER_SIZE,
    SegmentHeader,
    frames_from,
    is_known_on_disk,
    reread,
    segment_numbers,
    segment_path,
    used_after,
)
from engine.model.entry import Entry, Witness
from engine.model.errors import JournalError


def read_entries(folder: Path, after: int = 0) -> Iterator[Entry]:
    """
    Return the entries behind one of them, in order, each checked against the one before.

    Needs no lock: another process may be writing. Ends with the last whole entry; entries appended but not yet synced
    may be among them.

    Raises: JournalError, when there is no journal, or it is damaged, or was written by a newer version.
    """
    with translated(folder):
        head = read_head(folder) or NOTHING
        numbers = existing_segments(folder)
        header = _header_before(folder, numbers, after)
        number, seq, digest = header.number, header.first_seq - 1, header.hash_before
        while (path := segment_path(folder, number)).exists():
            header = checked_header(folder, number)
            if (header.first_seq - 1, header.hash_before) != (seq, digest):
                raise damaged(path.name, f"it does not begin behind entry {seq}")
            for frame in _frames(folder, number, seq):
                if not frame.follows(seq, digest) or (frame.seq == head.seq and frame.hash.hex() != head.hash):
                    raise damaged_entry(path.name, seq + 1, frame.offset)
                seq, digest = frame.seq, frame.hash
                if seq > after:
                    yield frame.entry()
            number += 1
        if number <= numbers[-1]:
            raise damaged(path.name, "the segment is missing")
    if seq < head.seq:
        raise damaged(folder.name, f"it ends with entry {seq}, and entry {head.seq} was on disk")


def _header_before(folder: Path, numbers: tuple[int, ...], after: int) -> SegmentHeader:
    """The header of the segment that holds what comes behind an entry."""
    for number in reversed(numbers):
        header = checked_header(folder, number)
        if header.first_seq <= after + 1:
            return header
    raise damaged(segment_path(folder, 1).name, f"no segment holds entry {after + 1}")


def last_witness(folder: Path) -> Witness:
    """
    Return number and hash of the last entry known to be on disk; number 0, when there is none yet.

    Raises: JournalError, see `read_entries`.
    """
    with translated(folder):
        existing_segments(folder)
        if head := read_head(folder):
            return head
    last = next(iter(deque(read_entries(folder), maxlen=1)), None)
    return Witness(last.seq, last.hash) if last else NOTHING


def existing_segments(folder: Path) -> tuple[int, ...]:
    """
    Return the numbers of the segments there are.

    Raises: JournalError (journal_not_found), when there is none; OSError.
    """
    numbers = segment_numbers(folder) if folder.is_dir() else ()
    if not numbers:
        raise JournalError("journal_not_found", f"there is no journal in {folder}", "check the path")
    return numbers


def _frames(folder: Path, number: int, seq: int) -> Iterator[Frame]:
    """The whole entries of a segment; of the last one, as far as it has been written."""
    path = segment_path(folder, number)
    offset = HEADER_SIZE
    with path.open("rb") as file:
        while True:
            # Asked before reading: a segment is whole once the next one is there.
            is_whole = segment_path(folder, number + 1).exists()
            for frame in frames_from(file, offset):
                yield frame
                offset, seq = frame.end, frame.seq
            if reread(file, offset):
                continue
            is_broken = used_after(file, offset) > 0 if is_whole else is_known_on_disk(file, offset, seq + 1)
            if is_broken and not reread(file, offset):
                raise damaged_entry(path.name, seq + 1, offset)
            if not is_broken and is_whole == segment_path(folder, number + 1).exists():
                return
