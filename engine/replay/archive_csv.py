"""DiscordChatExporter's CSV exports: who, when and what, without ids of messages."""

import codecs
import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from engine.model.errors import ArchiveError
from engine.model.message import Message
from engine.model.run import BadRow
from engine.replay.archive_bytes import Progress, read_blocks
from engine.replay.archive_message import (
    Channel,
    RawAuthor,
    Unreadable,
    author_of,
    image_count,
    is_id,
    parsed_time,
    snowflake_at,
)
from engine.replay.archive_shape import not_utf8, truncated

_COLUMNS: Final = ["AuthorID", "Author", "Date", "Content", "Attachments"]
_CHANNEL: Final = re.compile(r"(?:.* - )?(?P<name>.*?) ?\[(?P<id>\d{15,19})\]")
_EXPORT_JSON: Final = "export the channel as JSON: export -f Json"


def is_csv_header(head: bytes) -> bool:
    """Whether a file that starts so is a CSV export, perhaps cut within its first line."""
    header = ",".join(_COLUMNS).encode()
    start = head[: 2 * len(header)].replace(b'"', b"")
    return bool(start) and (start.startswith(header) or header.startswith(start))


def read_csv(path: Path, progress: Progress) -> Iterator[Message | BadRow]:
    """
    Yield each row of a CSV export, in file order.

    The channel's id is read from the file's name. A CSV names no message ids: an id is made from
    the time and the row's number, so that order and identity hold within one file.
    Raises: ArchiveError. A file cut between two rows looks whole.
    """
    channel = csv_channel(path)
    lines = _Lines(path, progress)
    rows = csv.reader(lines, strict=True)
    index = -1
    try:
        for index, cells in enumerate(rows, -1):
            if index >= 0 and cells:
                yield _row(cells, index, path, channel)
    except csv.Error as e:
        raise _damaged(path, index + 1, e) from e
    if not lines.ends_whole:
        raise truncated(path, max(index, 0))


def csv_channel(path: Path) -> Channel:
    """
    Return the channel a CSV export is of, as its name says.

    Raises: ArchiveError.
    """
    named = _CHANNEL.match(path.name)
    if named is None:
        raise ArchiveError(
            "archive_wrong_shape",
            f"{path.name} does not say which channel it is of, and a CSV export holds no channel",
            "put the channel's id into the file's name, in square brackets: alerts [1255265167113978008].csv",
        )
    return Channel(named["id"], named["name"])


def _damaged(path: Path, entries: int, error: csv.Error) -> ArchiveError:
    if "unexpected end of data" in str(error):
        return truncated(path, entries)
    return ArchiveError("archive_not_csv", f"{path.name} is damaged after {entries} messages: {error}", _EXPORT_JSON)


def _row(cells: list[str], index: int, path: Path, channel: Channel) -> Message | BadRow:
    try:
        return _message(cells, index, channel)
    except Unreadable as e:
        return BadRow(index, e.code, e.reason, path.name)


def _message(cells: list[str], index: int, channel: Channel) -> Message:
    if len(cells) < len(_COLUMNS):
        raise Unreadable("not_a_message", f"it has {len(cells)} columns")
    author_id, name, date, content, attachments = cells[: len(_COLUMNS)]
    posted = _time(date)
    message_id = snowflake_at(posted, index)
    if not is_id(message_id):
        raise Unreadable("bad_time", f"its date is {date[:40]!r}")
    return Message(
        id=message_id,
        channel_id=channel.id,
        author=author_of(RawAuthor(author_id or None, name)),
        at=posted,
        content=content,
        channel_name=channel.name,
        images=image_count(attachments.split(",")),
    )


def _time(date: str) -> datetime:
    moment = parsed_time(date)
    if moment is None or moment.tzinfo is None:
        raise Unreadable("bad_time", f"its date {date[:40]!r} is not one moment: older exporters wrote local time")
    return moment


class _Lines:
    """
    The lines of a file as text, each with its line break.

    ends_whole: whether the last line read ends with a line break, as the exporter ends each row.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path = path
        self._blocks = read_blocks(path, progress)
        self.ends_whole = False

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")()
        rest = ""
        try:
            for block in self._blocks:
                *lines, rest = (rest + decoder.decode(block)).split("\n")
                yield from (f"{line}\n" for line in lines)
            rest += decoder.decode(b"", final=True)
        except UnicodeDecodeError as e:
            raise not_utf8(self._path, e) from e
        self.ends_whole = not rest
        if rest:
            yield rest
