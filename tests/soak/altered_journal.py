"""
Journals altered on purpose, by accident's ways and a forger's; journal `index` of a seed is always the same one.

Each tells the first entry that is not as it was, and whether a check without a witness could see it at all.
"""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.journal.chain import BEFORE_FIRST, HEADER, Frame, chain_hash, framed
from engine.journal.head import NAME as HEAD_NAME
from engine.journal.log import JournalLog
from engine.journal.segments import HEADER_SIZE, SegmentHeader, frames_from, segment_numbers, segment_path
from engine.model.entry import EntryKind, Witness

START = datetime(2024, 1, 2, 15, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Altered:
    """
    An altered journal.

    what: was done to it. seq: the first entry that is not as it was. is_visible: whether the journal alone shows it;
    otherwise only a witness at or behind `seq` does.
    """

    what: str
    seq: int
    is_visible: bool


class Pages:
    """The entries of a journal as bytes, segment by segment, to be changed and written back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.segments = [list(_frames(folder, number)) for number in segment_numbers(folder)]
        self.headers = [_header(folder, number) for number in segment_numbers(folder)]
        self.last = self.segments[-1][-1].seq

    def place(self, dice: random.Random) -> tuple[int, int]:
        """Return a random entry as its segment and its place there, from 0."""
        segment = dice.randrange(len(self.segments))
        return segment, dice.randrange(len(self.segments[segment]))

    def write(self) -> None:
        """Write everything back, byte by byte as it is here."""
        for number, (header, frames) in enumerate(zip(self.headers, self.segments, strict=True), 1):
            content = b"".join(framed(frame.hash, frame.payload) for frame in frames)
            segment_path(self._folder, number).write_bytes(header + content)

    def chain_again(self, segment: int, index: int) -> None:
        """Compute every hash anew from an entry on, also those the headers of later segments hold."""
        digest = self._before(segment, index)
        for number in range(segment, len(self.segments)):
            frames = self.segments[number]
            if number > segment:
                self.headers[number] = SegmentHeader(number + 1, frames[0].seq, digest).encoded()
            for place in range(index if number == segment else 0, len(frames)):
                digest = chain_hash(digest, frames[place].payload)
                frames[place] = _with(frames[place], digest, frames[place].payload)

    def _before(self, segment: int, index: int) -> bytes:
        earlier = [frame.hash for frames in self.segments[:segment] for frame in frames]
        earlier += [frame.hash for frame in self.segments[segment][:index]]
        return earlier[-1] if earlier else BEFORE_FIRST


Way = Callable[[Path, Pages, random.Random], Altered]


def write_journal(folder: Path, dice: random.Random) -> None:
    """Write a whole journal of a few segments, synced now and then."""
    times = (START + timedelta(milliseconds=37 * number) for number in range(1_000_000))
    with JournalLog.open(folder, lambda: next(times), segment_bytes=3_000, reserve_bytes=512) as log:
        for _ in range(dice.randint(20, 60)):
            log.append(dice.choice(list(EntryKind)), f"run-{dice.randrange(3)}", dice.randbytes(dice.randrange(300)))
            if dice.random() < 0.3:
                log.sync()


def altered_journal(whole: Path, folder: Path, seed: str) -> tuple[Altered, Witness]:
    """
    Copy a whole journal into a folder, put its head back to some entry, and alter it.

    Returns: what was done, and the witness the head now is.
    """
    dice = random.Random(seed)
    shutil.copytree(whole, folder)
    pages = Pages(folder)
    segment, index = pages.place(dice)
    frame = pages.segments[segment][index]
    witness = Witness(frame.seq, frame.hash.hex())
    (folder / HEAD_NAME).write_text(f"{witness.seq:020}:{witness.hash}\n", encoding="ascii")
    return dice.choice(WAYS)(folder, pages, dice), witness


def _flip(folder: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, index = pages.place(dice)
    frame = pages.segments[segment][index]
    offset = dice.randrange(frame.offset, frame.end)
    _flip_bit(segment_path(folder, segment + 1), offset, dice)
    return Altered(f"bit flipped at byte {offset} of segment {segment + 1}", frame.seq, frame.seq < pages.last)


def _flip_in_header(folder: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, _ = pages.place(dice)
    _flip_bit(segment_path(folder, segment + 1), dice.randrange(HEADER_SIZE), dice)
    return Altered(f"bit flipped in the header of segment {segment + 1}", pages.segments[segment][0].seq, True)


def _remove(_: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, index = pages.place(dice)
    gone = pages.segments[segment].pop(index)
    pages.write()
    return Altered("entry removed", gone.seq, gone.seq < pages.last)


def _swap(_: Path, pages: Pages, dice: random.Random) -> Altered:
    (a, i), (b, j) = pages.place(dice), pages.place(dice)
    first, second = pages.segments[a][i], pages.segments[b][j]
    if first.seq == second.seq:
        return _remove(_, pages, dice)
    pages.segments[a][i], pages.segments[b][j] = second, first
    pages.write()
    return Altered("entries swapped", min(first.seq, second.seq), True)


def _repeat(_: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, index = pages.place(dice)
    copied = pages.segments[segment][index]
    pages.segments[segment].insert(index, copied)
    pages.write()
    return Altered("entry repeated", copied.seq + 1, True)


def _insert(_: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, index = pages.place(dice)
    before = pages.segments[segment][index]
    pages.segments[segment].insert(index + 1, _changed(_with(before, dice.randbytes(32), before.payload), 1))
    pages.write()
    return Altered("made-up entry inserted", before.seq + 1, True)


def _truncate(folder: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, index = pages.place(dice)
    frame = pages.segments[segment][index]
    size = dice.randrange(frame.offset, frame.end)
    path = segment_path(folder, segment + 1)
    path.write_bytes(path.read_bytes()[:size])
    return Altered(f"segment {segment + 1} cut to {size} bytes", frame.seq, segment + 1 < len(pages.segments))


def _remove_segment(folder: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, _ = pages.place(dice)
    segment_path(folder, segment + 1).unlink()
    return Altered(f"segment {segment + 1} removed", pages.segments[segment][0].seq, segment + 1 < len(pages.segments))


def _forge_checksum(_: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, index = pages.place(dice)
    frame = pages.segments[segment][index] = _changed(pages.segments[segment][index])
    pages.write()
    return Altered("entry changed, checksum made to fit", frame.seq, True)


def _forge_entry(_: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, index = pages.place(dice)
    frame = _changed(pages.segments[segment][index])
    digest = chain_hash(pages._before(segment, index), frame.payload)
    pages.segments[segment][index] = _with(frame, digest, frame.payload)
    pages.write()
    return Altered("entry changed, checksum and hash made to fit", frame.seq, frame.seq < pages.last)


def _forge_tail(_: Path, pages: Pages, dice: random.Random) -> Altered:
    segment, index = pages.place(dice)
    frame = pages.segments[segment][index] = _changed(pages.segments[segment][index])
    pages.chain_again(segment, index)
    pages.write()
    return Altered("entry changed, all hashes from there on made to fit", frame.seq, False)


WAYS: tuple[Way, ...] = (
    _flip,
    _flip,
    _flip_in_header,
    _remove,
    _swap,
    _repeat,
    _insert,
    _truncate,
    _truncate,
    _remove_segment,
    _forge_checksum,
    _forge_entry,
    _forge_tail,
)


def _flip_bit(path: Path, offset: int, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def _changed(frame: Frame, added: int = 0) -> Frame:
    """The entry with another number when one is added, and another last byte."""
    last = bytes([frame.payload[-1] ^ 1])
    seq = frame.seq + added
    return _with(frame, frame.hash, seq.to_bytes(8, "little") + frame.payload[8:-1] + last)


def _with(frame: Frame, digest: bytes, payload: bytes) -> Frame:
    seq = int.from_bytes(payload[:8], "little")
    return Frame(frame.offset, frame.offset + HEADER.size + len(payload), seq, frame.synced, digest, payload)


def _frames(folder: Path, number: int) -> list[Frame]:
    with segment_path(folder, number).open("rb") as file:
        return list(frames_from(file, HEADER_SIZE))


def _header(folder: Path, number: int) -> bytes:
    return segment_path(folder, number).read_bytes()[:HEADER_SIZE]
