"""One exported message, as DiscordChatExporter writes it, made a Message."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from engine.model.message import Author, Embed, EmbedField, Message

_DISCORD_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
_LARGEST_ID: Final = 2**63
# A time without a zone is some local time; none is further from UTC.
_WIDEST_ZONE: Final = timedelta(hours=14)
_THREADS: Final = frozenset({"GuildNewsThread", "GuildPublicThread", "GuildPrivateThread", "10", "11", "12"})
# What people and programs say: plain messages, replies, and answers to commands. Types the exporter
# has no name for are written as their number; very old ones write none.
SPOKEN: Final = frozenset({None, "Default", "Reply", "0", "19", "20", "23", 0, 19, 20, 23})
_IMAGE_ENDINGS: Final = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif",
)  # fmt: skip

_Id = str | int | None


class RawText(msgspec.Struct, gc=False):
    """The footer or the author of an embed."""

    text: str | None = None
    name: str | None = None


class RawField(msgspec.Struct, gc=False):
    """A field of an embed."""

    name: str | None = None
    value: str | None = None


class RawEmbed(msgspec.Struct, gc=False):
    """An embed."""

    title: str | None = None
    description: str | None = None
    color: str | None = None
    author: RawText | None = None
    footer: RawText | None = None
    fields: list[RawField] | None = None


class RawAttachment(msgspec.Struct, gc=False, rename="camel"):
    """An attached file; url may be a path of another machine."""

    file_name: str | None = None
    url: str | None = None


class RawAuthor(msgspec.Struct, gc=False, rename="camel"):
    """Who wrote a message. The nickname, as of the export, is no identity and is not read."""

    id: _Id = None
    name: str | None = None
    is_bot: bool | None = None


class RawReference(msgspec.Struct, gc=False, rename="camel"):
    """The message another one answers or forwards."""

    type: str | int | None = None
    message_id: _Id = None
    channel_id: _Id = None


class RawForward(msgspec.Struct, gc=False):
    """What a forward shows of the message it forwards."""

    content: str | None = None
    attachments: list[RawAttachment] | None = None
    embeds: list[RawEmbed] | None = None


class RawMessage(msgspec.Struct, gc=False, rename="camel"):
    """A message of an export; versions differ in what they write, so nothing is taken for granted."""

    id: _Id = None
    type: str | int | None = None
    timestamp: str | None = None
    timestamp_edited: str | None = None
    content: str | None = None
    author: RawAuthor | None = None
    attachments: list[RawAttachment] | None = None
    embeds: list[RawEmbed] | None = None
    reference: RawReference | None = None
    forwarded_message: RawForward | None = None

    @property
    def is_spoken(self) -> bool:
        """Whether somebody says something, rather than Discord ("Alice joined the server.")."""
        return self.type in SPOKEN


class RawChannel(msgspec.Struct, gc=False, rename="camel"):
    """The channel of an export. category_id: of a thread, the channel it belongs to."""

    id: _Id = None
    type: str | int | None = None
    category_id: _Id = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """Where the messages of a file were posted. parent_id: of a thread; "" otherwise."""

    id: str
    name: str
    parent_id: str = ""


class Unreadable(Exception):
    """A message that cannot be one. code: of the BadRow it becomes."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def channel_of(raw: RawChannel) -> Channel | None:
    """Return the channel, None when it has no id."""
    if raw.id is None or not is_id(str(raw.id)):
        return None
    is_thread = str(raw.type) in _THREADS
    parent = str(raw.category_id) if is_thread and raw.category_id is not None else ""
    return Channel(str(raw.id), raw.name or "", parent)


def message_of(raw: RawMessage, channel: Channel) -> Message:
    """
    Return what was posted.

    Raises: Unreadable.
    """
    message_id = _message_id(raw.id)
    forward = raw.forwarded_message
    snapshot = forward or RawForward()
    return Message(
        id=message_id,
        channel_id=channel.id,
        author=author_of(raw.author),
        at=_posted_at(message_id, raw.timestamp),
        content=raw.content or snapshot.content or "",
        embeds=tuple(map(_embed_of, raw.embeds or snapshot.embeds or ())),
        parent_channel_id=channel.parent_id,
        channel_name=channel.name,
        edited_at=None if raw.timestamp_edited is None else _edited_at(raw.timestamp_edited),
        reply_to=_reply_to(raw, channel),
        is_forward=forward is not None or _is_forward(raw.reference),
        images=_images(raw.attachments) + _images(snapshot.attachments),
    )


def author_of(raw: RawAuthor | None) -> Author:
    """
    Return who wrote it.

    Raises: Unreadable.
    """
    if raw is None or raw.id is None:
        raise Unreadable("no_author", "it has no author with an id")
    return _author(str(raw.id), raw.name or "", is_bot=raw.is_bot is True)


# A channel has few authors and many messages.
@lru_cache(maxsize=4096)
def _author(author_id: str, name: str, *, is_bot: bool) -> Author:
    if not is_id(author_id):
        raise Unreadable("no_author", f"the id of its author is {author_id[:40]!r}")
    return Author(author_id, name, is_bot)


def is_id(text: str) -> bool:
    """Whether a text can be a Discord id: digits, no more than 64 bits of them."""
    return text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) < _LARGEST_ID


def snowflake_time(snowflake: str) -> datetime:
    """
    Return when a Discord id was made.

    Source: Discord's developer documentation: milliseconds since 2015 in all but the lowest 22 bits.

    >>> snowflake_time("1105872609649623040").isoformat()
    '2023-05-10T15:02:56.260000+00:00'
    """
    return _DISCORD_EPOCH + timedelta(milliseconds=int(snowflake) >> 22)


def snowflake_at(moment: datetime, serial: int) -> str:
    """Return an id that says it was made at a moment. serial: tells ids of one moment apart."""
    milliseconds = (moment - _DISCORD_EPOCH) // timedelta(milliseconds=1)
    return str(milliseconds << 22 | serial & 0x3FFFFF)


def parsed_time(text: str) -> datetime | None:
    """Return the moment an ISO 8601 text names, without zone if it names none; None for other text."""
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def image_count(names: Iterable[str]) -> int:
    """Return how many of these file names or addresses are of images."""
    return sum(name.partition("?")[0].lower().endswith(_IMAGE_ENDINGS) for name in names)


def _message_id(raw: _Id) -> str:
    if raw is None:
        raise Unreadable("no_id", "it has no id")
    text = str(raw)
    if not is_id(text):
        raise Unreadable("bad_id", f"its id is {text[:40]!r}")
    return text


def _posted_at(message_id: str, timestamp: str | None) -> datetime:
    # The id is exact and cannot be changed by an export; a time that disagrees tells that the id
    # was made up.
    if timestamp is None:
        raise Unreadable("no_time", "it has no timestamp")
    written = parsed_time(timestamp)
    if written is None:
        raise Unreadable("bad_time", f"its timestamp is {timestamp[:40]!r}")
    made = snowflake_time(message_id)
    if written.tzinfo is None:
        if abs(made - written.replace(tzinfo=UTC)) <= _WIDEST_ZONE:
            return made
        raise Unreadable("bad_time", f"its timestamp {timestamp[:40]!r} names no time zone")
    return made if abs(made - written) < timedelta(seconds=1) else written


def _edited_at(timestamp: str) -> datetime:
    moment = parsed_time(timestamp)
    if moment is None or moment.tzinfo is None:
        raise Unreadable("bad_time", f"it was edited at {timestamp[:40]!r}")
    return moment


def _is_forward(reference: RawReference | None) -> bool:
    return reference is not None and reference.type in ("Forward", 1, "1")


def _reply_to(raw: RawMessage, channel: Channel) -> str:
    reference = raw.reference
    if reference is None or reference.message_id is None or raw.forwarded_message or _is_forward(reference):
        return ""
    is_elsewhere = reference.channel_id is not None and str(reference.channel_id) != channel.id
    return "" if is_elsewhere else str(reference.message_id)


def _images(attachments: list[RawAttachment] | None) -> int:
    return image_count(item.file_name or item.url or "" for item in attachments) if attachments else 0


def _embed_of(raw: RawEmbed) -> Embed:
    return Embed(
        title=raw.title or "",
        description=raw.description or "",
        fields=tuple(EmbedField(field.name or "", field.value or "") for field in raw.fields or ()),
        author=(raw.author.name or "") if raw.author else "",
        footer=(raw.footer.text or "") if raw.footer else "",
        color=raw.color or "",
    )
