"""Checks a journal from its first byte to its last, and names every place that is not as it was written."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from engine.journal.chain import BEFORE_FIRST, Frame
from engine.journal.disk import translated
from engine.journal.head import NAME as HEAD_NAME
from engine.journal.head import read_head
from engine.journal.reading import existing_segments
from engine.journal.segments import (
    HEADER_SIZE,
    SegmentHeader,
    frames_from,
    next_frame,
    read_header,
    reread,
    segment_path,
    used_after,
)
from engine.model.entry import Witness
from engine.model.errors import JournalError

_HEAD: Final = "the head of the journal"
_GIVEN: Final = "the witness"


class Fault(StrEnum):
    """What can be wrong with a place of a journal."""

    NOT_WHOLE = "not_whole"
    WRONG_SEQ = "wrong_seq"
    BROKEN_CHAIN = "broken_chain"
    BAD_HEADER = "bad_header"
    MISSING_SEGMENT = "missing_segment"
    TRUNCATED = "truncated"
    NOT_AS_WITNESSED = "not_as_witnessed"
    BAD_HEAD = "bad_head"


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One place that is not as it was written.

    segment: the name of the file. seq: the first entry that is in doubt. offset: its place in the file, in bytes.
    """

    fault: Fault
    segment: str
    seq: int
    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What was found in a journal.

    last: its last whole entry; seq 0 when there is none. head, given: the last entry that agrees with the journal's own
    head, and with the witness that was given; 0 when there is none. torn_bytes: behind the last entry, cut short by a
    crash or being written just now; the next opening cuts them off.
    """

    problems: tuple[Problem, ...]
    last: Witness
    head: int
    given: int
    torn_bytes: int

    @property
    def ok(self) -> bool:
        """Whether everything that can be judged is as it was written."""
        return not self.problems

    @property
    def unwitnessed(self) -> int:
        """How many entries at the end no witness covers: what was cut off or written anew there cannot be seen."""
        return self.last.seq - max(self.head, self.given)


def verify(folder: Path, witness: tuple[int, str] | None = None) -> Verdict:
    """
    Check every entry of a journal: its checksum, its number, its hash, and what witnesses say of it.

    Needs no lock: another process may be writing. witness: number and hash of an entry, kept elsewhere.

    Raises: JournalError, when there is no journal, it cannot be read, or a newer version wrote it.
    """
    with translated(folder):
        check = _Check(folder)
        check.expect(check.head(), _HEAD)
        check.expect(None if witness is None else Witness(*witness), _GIVEN)
        numbers = existing_segments(folder)
        for before, number in pairwise((0, *numbers)):
            if number > before + 1:
                check.missing(before + 1, number - 1)
            check.segment(number, is_last=number == numbers[-1])
        return check.verdict()


class _Check:
    # Walks a journal; _seq and _digest are of the entry before, no digest when what it was is not known.

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._problems: list[Problem] = []
        self._witnesses: list[tuple[Witness, str]] = []
        self._agreed: dict[str, int] = {}
        self._torn = 0
        self._name = ""
        self._seq = 0
        self._digest: bytes | None = BEFORE_FIRST
        self._last = Witness(0, BEFORE_FIRST.hex())

    def head(self) -> Witness | None:
        try:
            return read_head(self._folder)
        except JournalError as error:
            self._name = HEAD_NAME
            self._add(Fault.BAD_HEAD, 0, error.message)
            return None

    def expect(self, witness: Witness | None, called: str) -> None:
        if witness is not None:
            self._witnesses.append((witness, called))

    def missing(self, first: int, last: int) -> None:
        self._name = segment_path(self._folder, first).name
        up_to = "" if first == last else f" to {segment_path(self._folder, last).name}"
        self._add(Fault.MISSING_SEGMENT, 0, f"{self._name}{up_to}, from entry {self._seq + 1} on, is not there")
        self._digest = None

    def segment(self, number: int, *, is_last: bool) -> None:
        path = segment_path(self._folder, number)
        self._name = path.name
        with path.open("rb") as file:
            self._header(read_header(file, number))
            end = self._frames(file)
            rest = used_after(file, end)
        if rest and is_last:
            self._torn = rest
        elif rest:
            self._add(Fault.NOT_WHOLE, end, f"entry {self._seq + 1} is not as it was written")
            self._digest = None

    def verdict(self) -> Verdict:
        for witness, called in self._witnesses:
            if witness.seq > self._seq:
                message = f"the journal ends with entry {self._seq}; {called} has seen {witness.seq}"
                self._add(Fault.TRUNCATED, 0, message)
        head, given = (self._agreed.get(called, 0) for called in (_HEAD, _GIVEN))
        return Verdict(tuple(self._problems), self._last, head, given, self._torn)

    def _header(self, header: SegmentHeader | None) -> None:
        if header is None:
            self._add(Fault.BAD_HEADER, 0, "the header of the segment is not as it was written")
            return
        before = header.first_seq - 1
        is_gap = self._digest is None
        if before != self._seq and not is_gap:
            message = f"the segment begins with entry {before + 1}, and the one before ends with {self._seq}"
            self._add(Fault.WRONG_SEQ, 0, message)
        elif header.hash_before != self._digest and not is_gap:
            self._add(Fault.BROKEN_CHAIN, 0, f"the segment does not follow from entry {self._seq}")
        self._seq, self._digest = before, header.hash_before

    def _frames(self, file: BinaryIO) -> int:
        """Check the entries of a segment; where the last whole one ends."""
        end = HEADER_SIZE
        while True:
            end = self._take(frames_from(file, end), end)
            found = next_frame(file, end)
            # What was read ahead may be older than what another process has written since.
            if again := reread(file, end):
                found = again
            if found is None:
                return end
            if found.offset > end:
                self._add(Fault.NOT_WHOLE, end, f"{self._up_to(found.seq - 1)} not as written")
                self._seq, self._digest, end = found.seq - 1, None, found.offset

    def _take(self, frames: Iterable[Frame], end: int) -> int:
        for frame in frames:
            self._check(frame)
            self._ask_witnesses(frame)
            self._seq, self._digest, end = frame.seq, frame.hash, frame.end
            self._last = Witness(frame.seq, frame.hash.hex())
        return end

    def _check(self, frame: Frame) -> None:
        if frame.seq != self._seq + 1:
            message = f"where entry {self._seq + 1} should be is entry {frame.seq}"
            self._add(Fault.WRONG_SEQ, frame.offset, message)
        elif self._digest is not None and not frame.follows(self._seq, self._digest):
            message = f"entry {frame.seq} does not follow from what stands before it: one of the two was changed"
            self._add(Fault.BROKEN_CHAIN, frame.offset, message)

    def _ask_witnesses(self, frame: Frame) -> None:
        for witness, called in self._witnesses:
            if witness.seq != frame.seq:
                continue
            if witness.hash == frame.hash.hex():
                self._agreed[called] = frame.seq
            else:
                message = f"entry {frame.seq}, or one before it, is another than {called} has seen"
                self._add(Fault.NOT_AS_WITNESSED, frame.offset, message)

    def _up_to(self, last: int) -> str:
        first = self._seq + 1
        return f"entry {first} is" if last <= first else f"entries {first} to {last} are"

    def _add(self, fault: Fault, offset: int, message: str) -> None:
        self._problems.append(Problem(fault, self._name, self._seq + 1, offset, message))
