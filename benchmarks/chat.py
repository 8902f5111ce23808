"""Messages as they come: mostly talk, now and then an alert."""

import orjson

from engine.model.message import Message
from tests.corpus.rows import corpus_rows, message_of

STRETCH = 400
TALK = ("chatter", "management", "embed_quiet")


def chatter() -> tuple[Message, ...]:
    """Return messages that nobody takes for an order."""
    return tuple(message_of(row.text, row.at) for row in corpus_rows() if row.family in TALK)


def alerts() -> tuple[Message, ...]:
    """Return messages that say to do one thing."""
    return tuple(message_of(row.text, row.at) for row in corpus_rows() if row.score == "read")


def busy_channel(orders: tuple[Message, ...], size: int = STRETCH) -> tuple[Message, ...]:
    """Return a stretch of a channel in which one message of twenty is one of the orders."""
    talk = chatter()
    return tuple(
        orders[index // 20 % len(orders)] if index % 20 == 7 else talk[index % len(talk)] for index in range(size)
    )


def exported(message: Message) -> bytes:
    """Return a message as DiscordChatExporter writes it, as JSON."""
    author = {
        "id": message.author.id,
        "name": message.author.name,
        "discriminator": "0000",
        "nickname": message.author.name,
        "color": "#1ABC9C",
        "isBot": message.author.is_bot,
        "roles": [{"id": "918461769717430271", "name": "Analyst", "color": "#1ABC9C", "position": 12}],
        "avatarUrl": "https://cdn.discordapp.com/embed/avatars/0.png",
    }
    row = {
        "id": message.id,
        "type": "Default",
        "timestamp": message.at.isoformat(timespec="milliseconds"),
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": message.content,
        "author": author,
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
    }
    return orjson.dumps(row)
