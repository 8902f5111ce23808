"""Exports as DiscordChatExporter lays them out, to be written to files."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Json = dict[str, Any]
ExportText = Callable[..., bytes]

CHANNEL: Json = {
    "id": "925974466886655304",
    "type": "GuildTextChat",
    "categoryId": "918461769717430271",
    "category": "Alerts",
    "name": "analyst-alerts",
    "topic": None,
}


def export_text(
    messages: list[Json],
    *,
    indent: int | str | None = 2,
    newline: str = "\n",
    channel: Json | None = CHANNEL,
    before: Json | None = None,
) -> bytes:
    """Return a whole export. before: other top-level values that stand before the messages."""
    document = {
        "guild": {"id": "918461769717430270", "name": 'the "[desk]" {', "iconUrl": ""},
        "channel": channel,
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2026-11-01T00:00:00+00:00",
        **(before or {}),
        "messages": messages,
        "messageCount": len(messages),
    }
    separators = (",", ":") if indent is None else None
    text = json.dumps(document, ensure_ascii=False, indent=indent, separators=separators)
    return text.replace("\n", newline).encode()


@pytest.fixture(scope="session")
def export() -> ExportText:
    """Makes the bytes of an export."""
    return export_text


@pytest.fixture(scope="session")
def exported() -> Callable[..., Json]:
    """Makes one exported message."""

    def message(**changes: object) -> Json:
        return {
            "id": "1105872609649623040",
            "type": "Default",
            "timestamp": "2023-05-10T11:02:56.26-04:00",
            "timestampEdited": None,
            "callEndedTimestamp": None,
            "isPinned": False,
            "content": "BTO 3 BABA 88C 05/19/23 @ 1.32",
            "author": {
                "id": "605538624183270431",
                "name": "ann",
                "discriminator": "0000",
                "nickname": "the whale",
                "color": None,
                "isBot": False,
                "roles": [{"id": "1", "name": "analyst", "color": "#FF0000", "position": 3}],
                "avatarUrl": "",
            },
            "attachments": [],
            "embeds": [],
            "stickers": [],
            "reactions": [],
            "mentions": [],
            "inlineEmojis": [],
        } | changes

    return message
