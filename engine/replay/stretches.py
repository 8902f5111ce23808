"""Large exports cut into stretches of whole messages that can be read side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from engine.replay.archive_bytes import BLOCK, BOM, Progress, is_compressed, read_blocks
from engine.replay.archive_json import Run, entries_in
from engine.replay.archive_message import Channel
from engine.replay.archive_shape import check_frame, read_channel
from engine.replay.archive_split import (
    MESSAGE_LIMIT,
    CutShort,
    Frame,
    IndentFinder,
    indent_of,
    message_end,
    read_after,
    read_before,
)

STRETCH: Final = 16 << 20
_LOOK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Whole messages of an export every line of which is indented by its depth.

    start, end: its first byte, and the one behind its last. indent: of one level.
    before: what stands in front of all messages. is_first, is_last: of the file's stretches.
    """

    path: Path
    channel: Channel
    start: int
    end: int
    indent: bytes
    before: bytes
    is_first: bool
    is_last: bool


def stretches_of(path: Path, size: int = STRETCH) -> tuple[Stretch, ...]:
    """
    Return the stretches of an export, each of about that many bytes; none where it must be read as a whole.

    Whether its layout can be trusted shows when it is read: each stretch is then whole JSON, or a fault is met.
    Raises: ArchiveError.
    """
    length = path.stat().st_size
    if length < 2 * size or is_compressed(path):
        return ()
    channel = read_channel(path)
    frame = Frame()
    text = read_before(read_blocks(path, lambda _: None), frame)
    indent = indent_of(frame.before, text)
    if not indent:
        return ()
    with path.open("rb") as file:
        first = len(frame.before) + (len(BOM) if file.read(len(BOM)) == BOM else 0)
        cuts = [_next_end(file, near, indent) for near in range(first + size, length - size, size)]
    ends = sorted({first, length, *(cut for cut in cuts if cut)})
    return tuple(
        Stretch(path, channel, start, end, indent, frame.before, start == first, end == length)
        for start, end in pairwise(ends)
    )


def read_stretch(stretch: Stretch, progress: Progress) -> Iterator[Run]:
    """
    Yield the entries of a stretch, many at a time.

    progress: called with the place in the file reached so far.
    Raises: CutShort, NotJson, TooLarge, ArchiveError: the file must then be read as a whole to tell what is wrong.
    """
    is_first = stretch.is_first
    for text in _texts(stretch, progress):
        if entries := entries_in(text, stretch.path, is_first=is_first):
            is_first = False
            yield Run(stretch.channel, entries)


def _texts(stretch: Stretch, progress: Progress) -> Iterator[bytes]:
    finder, blocks = IndentFinder(stretch.indent), _blocks(stretch, progress)
    text, is_closed = b"", False
    while not is_closed and (block := next(blocks, b"")):
        text += block
        end, is_closed = finder.find(text)
        if end:
            yield text[:end]
            text = text[end:]
    if is_closed is not stretch.is_last:
        raise CutShort
    if is_closed:
        _check_after(stretch, text, blocks)
    else:
        yield text


def _check_after(stretch: Stretch, text: bytes, blocks: Iterator[bytes]) -> None:
    frame = Frame(stretch.before, has_messages=True)
    read_after(text, blocks, frame)
    check_frame(frame)


def _blocks(stretch: Stretch, progress: Progress) -> Iterator[bytes]:
    with stretch.path.open("rb") as file:
        file.seek(stretch.start)
        left = stretch.end - stretch.start
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            progress(stretch.end - left)
            yield block


def _next_end(file: BinaryIO, near: int, indent: bytes) -> int:
    """Return where the first message ends that ends behind a place; 0 when none is found."""
    mark = message_end(indent)
    file.seek(near)
    text = b""
    while len(text) < MESSAGE_LIMIT and (more := file.read(_LOOK)):
        text += more
        found = text.find(mark)
        if found >= 0:
            return near + found + len(mark) - 1
    return 0
