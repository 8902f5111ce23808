"""DiscordChatExporter's JSON exports, read as a stream."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from engine.model.errors import ArchiveError
from engine.model.message import Message
from engine.model.run import BadRow
from engine.replay.archive_bytes import Progress, read_blocks
from engine.replay.archive_message import Channel, RawMessage, Unreadable, message_of
from engine.replay.archive_shape import EXPORT_AGAIN, NotJson, check_frame, not_utf8, read_channel, truncated
from engine.replay.archive_split import CutShort, Frame, TooLarge, split

_BETWEEN: Final = b" \t\r\n"
_decode_messages: Final = msgspec.json.Decoder(list[RawMessage]).decode


@dataclass(frozen=True, slots=True)
class Run:
    """Entries of an export that follow one another: messages, and what cannot be one."""

    channel: Channel
    entries: Sequence[RawMessage | Unreadable]


def read_json(path: Path, progress: Progress) -> Iterator[Message | BadRow | None]:
    """
    Yield what each entry of an export says, in file order: None for system messages.

    Raises: ArchiveError, as soon as the fault is met: entries before it have been yielded.
    """
    index = 0
    for run in read_runs(path, progress):
        for raw in run.entries:
            yield row_of(raw, index, path.name, run.channel)
            index += 1


def read_runs(path: Path, progress: Progress) -> Iterator[Run]:
    """
    Yield the entries of an export, many at a time, in file order.

    Raises: ArchiveError, as soon as the fault is met: entries before it have been yielded.
    """
    channel = read_channel(path)
    entries = 0
    try:
        for run in _runs(path, progress, channel, trust_indent=True):
            yield run
            entries += len(run.entries)
    except (CutShort, NotJson, TooLarge):
        # The layout misled us, or the file is at fault; counting brackets tells which, and where.
        yield from read_rest(path, progress, entries)


def read_rest(path: Path, progress: Progress, entries: int) -> Iterator[Run]:
    """
    Yield what follows so many entries, by counting brackets: right for every layout, and exact about faults.

    Raises: ArchiveError, as soon as the fault is met.
    """
    channel = read_channel(path)
    read = 0
    try:
        for run in _runs(path, progress, channel, trust_indent=False):
            new = run.entries[max(entries - read, 0) :]
            read += len(run.entries)
            if new:
                yield Run(channel, new)
    except CutShort as e:
        raise truncated(path, max(read, entries)) from e
    except TooLarge as e:
        place = f"what follows its message {max(read, entries)}"
        message = f"{path.name} is not an export: {place} is larger than any message"
        raise ArchiveError("archive_wrong_shape", message, EXPORT_AGAIN) from e
    except NotJson as e:
        message = f"{path.name} is damaged after {max(read, entries)} messages: {e}"
        raise ArchiveError("archive_not_json", message, EXPORT_AGAIN) from e


def row_of(raw: RawMessage | Unreadable, index: int, file: str, channel: Channel) -> Message | BadRow | None:
    """Return what an entry says; None for system messages. index: its place in the file called so."""
    try:
        if isinstance(raw, Unreadable):
            raise raw
        return message_of(raw, channel) if raw.is_spoken else None
    except Unreadable as e:
        return BadRow(index, e.code, e.reason, file)


def entries_in(text: bytes, path: Path, *, is_first: bool) -> Sequence[RawMessage | Unreadable]:
    """
    Return the entries of a run of whole messages; those that are not the file's first are led by their comma.

    Raises: NotJson, ArchiveError.
    """
    if not text.strip(_BETWEEN):
        return []
    items = memoryview(text)
    if not is_first:
        comma = len(text) - len(text.lstrip(_BETWEEN))
        items = items[comma + 1 :]
        if text[comma : comma + 1] != b",":
            raise NotJson("there is no comma before a message")
    try:
        entries = _decode_messages(b"".join((b"[", items, b"]")))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _one_by_one(bytes(items), path)
    if not entries:
        raise NotJson("there is no message behind a comma")
    return entries


def _runs(path: Path, progress: Progress, channel: Channel, *, trust_indent: bool) -> Iterator[Run]:
    frame = Frame()
    is_first = True
    for text in split(read_blocks(path, progress), frame, trust_indent=trust_indent):
        if entries := entries_in(text, path, is_first=is_first):
            is_first = False
            yield Run(channel, entries)
    check_frame(frame)


def _one_by_one(items: bytes, path: Path) -> list[RawMessage | Unreadable]:
    # A run of messages with a bad one in it; slower and more patient.
    try:
        parsed = json.loads(f"[{items.decode()}]", parse_constant=_refuse_constant)
    except UnicodeDecodeError as e:
        raise not_utf8(path, e) from e
    except (ValueError, RecursionError) as e:
        raise NotJson(str(e)) from e
    return [_patiently(item) for item in parsed]


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _patiently(item: object) -> RawMessage | Unreadable:
    try:
        raw = msgspec.convert(item, RawMessage)
        msgspec.json.encode(raw)
    except msgspec.ValidationError as e:
        return Unreadable("not_a_message", str(e))
    except UnicodeEncodeError:
        return Unreadable("bad_text", "its text holds half a character")
    return raw
