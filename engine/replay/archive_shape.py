"""What a JSON file is: an export with its channel, or something else, named and explained."""

import re
from pathlib import Path
from typing import Final

import msgspec

from engine.model.errors import ArchiveError
from engine.replay.archive_bytes import read_blocks
from engine.replay.archive_message import Channel, RawChannel, channel_of
from engine.replay.archive_split import CutShort, Frame, TooLarge, read_before, split

EXPORT_AGAIN: Final = "export the channel again with DiscordChatExporter: export -f Json"
_HEAD: Final = 4096
_SHOWN: Final = 20  # characters of a text
_OBJECT: Final = re.compile(rb'\s*\{\s*(?:["}]|\Z)')
_LIST: Final = re.compile(rb'\s*\[\s*(?:[{\["\]]|\Z)')
_DATA_PACKAGE: Final = re.compile(rb'\s*\[\s*\{\s*"ID"\s*:.*"Contents"\s*:', re.DOTALL)
_PACKAGE_INDEX: Final = re.compile(rb'\s*\{\s*"\d{15,}"\s*:\s*(?:"|null)')
_PACKAGE_CSV: Final = b"ID,Timestamp,Contents"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class NotJson(Exception):
    """A piece of the document cannot be parsed."""


class _Header(msgspec.Struct):
    channel: RawChannel | None = None


_decode_header: Final = msgspec.json.Decoder(_Header).decode
_decode_keys: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def read_channel(path: Path) -> Channel:
    """
    Return the channel an export is of; from what stands before its messages, if it stands there.

    Raises: ArchiveError.
    """
    frame = Frame()
    try:
        read_before(read_blocks(path, lambda _: None), frame)
        if not frame.has_messages:
            raise _something_else(path, frame.before)
        raw = _header(frame.before + b"]}").channel or _late_channel(path)
    except CutShort as e:
        raise truncated(path, 0) if _OBJECT.match(frame.before) else _something_else(path, frame.before) from e
    except TooLarge as e:
        raise _something_else(path, frame.before) from e
    except NotJson as e:
        raise ArchiveError("archive_not_json", f"{path.name} is damaged before its messages: {e}", EXPORT_AGAIN) from e
    channel = channel_of(raw) if raw else None
    if channel is None:
        raise _wrong_shape(path, "has messages, but no channel with an id")
    return channel


def check_frame(frame: Frame) -> None:
    """
    Check what stands around the messages.

    Raises: NotJson.
    """
    _header(frame.before + bytes(frame.after))


def truncated(path: Path, entries: int) -> ArchiveError:
    """Return the error for a file that stops too early."""
    message = f"{path.name} ends too early, after {entries} whole messages: the export or its copy was broken off"
    return ArchiveError("archive_truncated", message, EXPORT_AGAIN)


def not_utf8(path: Path, fault: UnicodeDecodeError) -> ArchiveError:
    """Return the error for text in another encoding."""
    found = fault.object[fault.start : fault.end]
    message = f"{path.name} is not UTF-8 text: {fault.reason} (bytes {found.hex(' ')})"
    return ArchiveError("archive_not_utf8", message, "save it as UTF-8, or export the channel again")


def _late_channel(path: Path) -> RawChannel | None:
    frame = Frame()
    for _ in split(read_blocks(path, lambda _: None), frame, trust_indent=False):
        continue
    return _header(frame.before + bytes(frame.after)).channel


def _header(text: bytes) -> _Header:
    try:
        return _decode_header(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise NotJson(str(e)) from e


def _something_else(path: Path, text: bytes) -> ArchiveError:
    head = text[:_HEAD].lstrip()
    if not head:
        return ArchiveError("archive_empty", f"{path.name} holds nothing", EXPORT_AGAIN)
    if head.startswith(_UTF16):
        return ArchiveError("archive_not_utf8", f"{path.name} is UTF-16 text", "save it as UTF-8")
    if _DATA_PACKAGE.match(head) or _PACKAGE_INDEX.match(head) or head.startswith(_PACKAGE_CSV):
        return _data_package(path)
    if _LIST.match(head):
        return _wrong_shape(path, "is a list")
    if _OBJECT.match(head):
        return _other_object(path, text)
    return _no_object(path, text, head)


def _no_object(path: Path, text: bytes, head: bytes) -> ArchiveError:
    if _is_json(text):
        return _wrong_shape(path, "is a list" if head.startswith(b"[") else "is a single value")
    kind = "a web page: an HTML export" if head.startswith(b"<") else f'text that starts with "{_first_words(head)}"'
    return ArchiveError("archive_not_json", f"{path.name} is {kind}", EXPORT_AGAIN)


def _is_json(text: bytes) -> bool:
    if len(text) > _HEAD * 1024:
        return False
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _first_words(head: bytes) -> str:
    line = head.decode(errors="replace").splitlines()[0][:_SHOWN].rstrip()
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


def _data_package(path: Path) -> ArchiveError:
    # What Discord sends to its users on request.
    message = (
        f"{path.name} is from a Discord data package: it holds its owner's messages only, without authors,"
        " so nobody's alerts can be read from it"
    )
    return ArchiveError("archive_wrong_shape", message, EXPORT_AGAIN)


def _other_object(path: Path, text: bytes) -> ArchiveError:
    if len(text) > _HEAD * 1024:
        return _wrong_shape(path, "is other JSON: there is no list of messages")
    try:
        keys = ", ".join(list(_decode_keys(text))[:8])
    except UnicodeDecodeError as e:
        return not_utf8(path, e)
    except (msgspec.DecodeError, RecursionError) as e:
        return ArchiveError("archive_not_json", f"{path.name} is damaged: {e}", EXPORT_AGAIN)
    return _wrong_shape(path, f"has no list of messages; it holds: {keys or 'nothing'}")


def _wrong_shape(path: Path, found: str) -> ArchiveError:
    return ArchiveError("archive_wrong_shape", f"{path.name} is JSON, but not an export: it {found}", EXPORT_AGAIN)
