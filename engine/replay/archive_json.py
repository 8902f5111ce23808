"""DiscordChatExporter's JSON exports, read as a stream."""

import json
from collections.abc import Iterator
from itertools import islice
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


def read_json(path: Path, progress: Progress) -> Iterator[Message | BadRow | None]:
    """
    Yield what each entry of an export says, in file order: None for system messages.

    Raises: ArchiveError, as soon as the fault is met: entries before it have been yielded.
    """
    channel = read_channel(path)
    entries = 0
    try:
        for row in _rows(path, progress, channel, trust_indent=True):
            yield row
            entries += 1
    except (CutShort, NotJson, TooLarge):
        # The layout misled us, or the file is at fault; counting brackets tells which, and where.
        yield from _rest(path, progress, channel, entries)


def _rest(path: Path, progress: Progress, channel: Channel, entries: int) -> Iterator[Message | BadRow | None]:
    rows = _rows(path, progress, channel, trust_indent=False)
    try:
        for row in islice(rows, entries, None):
            yield row
            entries += 1
    except CutShort as e:
        raise truncated(path, entries) from e
    except TooLarge as e:
        message = f"{path.name} is not an export: what follows its message {entries} is larger than any message"
        raise ArchiveError("archive_wrong_shape", message, EXPORT_AGAIN) from e
    except NotJson as e:
        message = f"{path.name} is damaged after {entries} messages: {e}"
        raise ArchiveError("archive_not_json", message, EXPORT_AGAIN) from e


def _rows(path: Path, progress: Progress, channel: Channel, *, trust_indent: bool) -> Iterator[Message | BadRow | None]:
    frame = Frame()
    index = 0
    for text in split(read_blocks(path, progress), frame, trust_indent=trust_indent):
        for raw in _messages(text, index, path):
            yield _row(raw, index, path, channel)
            index += 1
    check_frame(frame)


def _row(raw: RawMessage | Unreadable, index: int, path: Path, channel: Channel) -> Message | BadRow | None:
    try:
        if isinstance(raw, Unreadable):
            raise raw
        return message_of(raw, channel) if raw.is_spoken else None
    except Unreadable as e:
        return BadRow(index, e.code, e.reason, path.name)


def _messages(text: bytes, index: int, path: Path) -> list[RawMessage] | list[RawMessage | Unreadable]:
    items = text.strip(_BETWEEN)
    if not items:
        return []
    if index > 0:
        if not items.startswith(b",") or not items[1:].strip(_BETWEEN):
            raise NotJson("there is no comma and message after a message")
        items = items[1:]
    try:
        return _decode_messages(b"[%b]" % items)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _one_by_one(items, path)


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
