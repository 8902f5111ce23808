"""A Discord message as the engine sees it: plain frozen values, whoever delivered it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Author:
    """
    Who posted a message.

    id: the Discord id; a webhook's own id for a webhook. The only thing authority rests on.
    name: for people to read; anybody can carry any name.
    """

    id: str
    name: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class EmbedField:
    """One name and value of an embed."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Embed:
    """A card in a message; absent texts are empty. color: "#RRGGBB" or ""."""

    title: str = ""
    description: str = ""
    fields: tuple[EmbedField, ...] = ()
    author: str = ""
    footer: str = ""
    color: str = ""


class EventKind(StrEnum):
    """What happened to a message."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Message:
    """
    One message event: a message as it was after it was created, edited or deleted.

    id, channel_id: Discord snowflakes as text.
    parent_channel_id: the channel a thread belongs to; "" outside threads.
    at: when the message was posted, aware UTC, from its snowflake where it is a genuine one.
    edited_at: when the text seen here was last edited; None if never.
    event: 1 for the creation, 2 and up for later edits and deletions of the same message.
    reply_to: the id of the message this one answers; "".
    is_forward: forwarded text is never by its original author.
    images: how many images are attached.
    """

    id: str
    channel_id: str
    author: Author
    at: datetime
    content: str = ""
    embeds: tuple[Embed, ...] = ()
    parent_channel_id: str = ""
    channel_name: str = ""
    edited_at: datetime | None = None
    kind: EventKind = EventKind.CREATED
    event: int = 1
    reply_to: str = ""
    is_forward: bool = False
    images: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """
    One text of a message that is read by itself.

    name: "content", "embed 1", …
    text: raw; for an embed its title, description and "name: value" fields, one after
    another, a line break between.
    embed: the card the text came from, None for content.
    """

    name: str
    text: str
    embed: Embed | None = None


def embed_text(embed: Embed) -> str:
    """Return all that an embed says, top to bottom, one thing a line."""
    rows = [embed.title, embed.description, *(f"{field.name}: {field.value}" for field in embed.fields)]
    return "\n".join(row for row in rows if row)


def text_of(message: Message) -> str:
    """Return everything of a message that may be read, the content first, then each card."""
    if not message.embeds:
        return message.content if message.content.strip() else ""
    return "\n".join([part.text for part in parts_of(message)])


def parts_of(message: Message) -> tuple[Part, ...]:
    """Return the texts of a message that are read, content first, empty ones left out."""
    parts = [Part("content", message.content)] if message.content else []
    parts.extend(Part(f"embed {index}", embed_text(embed), embed) for index, embed in enumerate(message.embeds, 1))
    return tuple(part for part in parts if part.text.strip())
