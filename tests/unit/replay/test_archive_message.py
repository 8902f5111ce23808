"""What one exported message becomes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.model.message import Author, Embed, EmbedField, Message
from engine.model.run import BadRow
from engine.replay.archive import read_archive

Json = dict[str, Any]
Make = Callable[..., Json]
Export = Callable[..., bytes]

PLAIN = Message(
    id="1105872609649623040",
    channel_id="925974466886655304",
    author=Author("605538624183270431", "ann"),
    at=datetime(2023, 5, 10, 15, 2, 56, 260000, UTC),
    content="BTO 3 BABA 88C 05/19/23 @ 1.32",
    channel_name="analyst-alerts",
)
THREAD = {"id": "1255265167113978008", "type": "GuildPublicThread", "categoryId": "925974466886655304", "name": "spx"}


def read(path: Path, data: bytes) -> list[Message | BadRow]:
    path.write_bytes(data)
    return list(read_archive(path))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {}, id="a plain message"),
        pytest.param(
            {"content": "@role analyst :rocket: #general"},
            {"content": "@role analyst :rocket: #general"},
            id="mentions and emoji the exporter rewrote stay as they are",
        ),
        pytest.param(
            {"content": "<@&838951255770529862> <:up:12> 🔥"},
            {"content": "<@&838951255770529862> <:up:12> 🔥"},
            id="raw mentions stay as they are",
        ),
        pytest.param(
            {"timestampEdited": "2023-05-10T11:03:56.26-04:00"},
            {"edited_at": PLAIN.at + timedelta(minutes=1)},
            id="edited",
        ),
        pytest.param({"id": 1105872609649623040}, {}, id="an id written as a number"),
        pytest.param({"type": "20"}, {}, id="the answer to a slash command is spoken too"),
        pytest.param(
            {"type": "Reply", "reference": {"messageId": "11", "channelId": "925974466886655304"}},
            {"reply_to": "11"},
            id="a reply",
        ),
        pytest.param(
            {"type": "19", "reference": {"messageId": "11"}}, {"reply_to": "11"}, id="a reply to older exporters"
        ),
        pytest.param(
            {"reference": {"messageId": "11", "channelId": "7"}}, {}, id="a message followed from elsewhere is no reply"
        ),
        pytest.param(
            {
                "content": "",
                "reference": {"type": "Forward", "messageId": "11", "channelId": "7"},
                "forwardedMessage": {
                    "content": "BTO SPY",
                    "embeds": [{"title": "t"}],
                    "attachments": [{"fileName": "a.png"}],
                },
            },
            {"content": "BTO SPY", "embeds": (Embed(title="t"),), "images": 1, "is_forward": True},
            id="a forward shows what it forwards",
        ),
        pytest.param(
            {"content": "look", "forwardedMessage": {"content": "BTO SPY"}},
            {"content": "look", "is_forward": True},
            id="own words go before forwarded ones",
        ),
        pytest.param(
            {
                "attachments": [{"fileName": "A.PNG"}, {"fileName": "b.pdf"}, {"url": "https://x/c.jpg?ex=1"}],
                "stickers": [{"name": "s", "format": "Png"}],
            },
            {"images": 2},
            id="images by their ending, no stickers",
        ),
        pytest.param(
            {
                "embeds": [
                    {
                        "title": None,
                        "description": "d",
                        "color": "#19C2FF",
                        "author": {"name": "a", "url": None},
                        "footer": {"text": "f"},
                        "fields": [{"name": "n", "value": "v", "isInline": True}],
                    }
                ]
            },
            {"embeds": (Embed("", "d", (EmbedField("n", "v"),), "a", "f", "#19C2FF"),)},
            id="an embed",
        ),
        pytest.param(
            {"author": {"id": "401", "name": "flow", "isBot": True}},
            {"author": Author("401", "flow", is_bot=True)},
            id="a bot",
        ),
        pytest.param(
            {"author": {"id": "401", "name": None}}, {"author": Author("401", "")}, id="an author without a name"
        ),
    ],
)
def test_a_message_says_what_was_exported(
    tmp_path: Path, exported: Make, export: Export, changes: Json, expected: Json
):
    rows = read(tmp_path / "a.json", export([exported(**changes)]))

    assert rows == [replace(PLAIN, **expected)]


def test_only_id_time_and_author_are_needed(tmp_path: Path, export: Export):
    bare = {"id": PLAIN.id, "timestamp": "2023-05-10T15:02:56.26Z", "author": {"id": PLAIN.author.id}}

    rows = read(tmp_path / "a.json", export([bare], channel={"id": PLAIN.channel_id}))

    assert rows == [Message(PLAIN.id, PLAIN.channel_id, Author(PLAIN.author.id, ""), PLAIN.at)]


def test_a_thread_knows_its_channel(tmp_path: Path, exported: Make, export: Export):
    rows = read(tmp_path / "a.json", export([exported()], channel=THREAD))

    thread = replace(PLAIN, channel_id=THREAD["id"], channel_name="spx", parent_channel_id="925974466886655304")
    assert rows == [thread]


@pytest.mark.parametrize(
    ("message_id", "timestamp", "expected"),
    [
        pytest.param(PLAIN.id, "2023-05-10T11:02:56.260-04:00", PLAIN.at, id="they agree"),
        pytest.param(PLAIN.id, "2023-05-10T15:02:56Z", PLAIN.at, id="the time is cut to the second: the id is exact"),
        pytest.param(PLAIN.id, "2023-05-10T15:02:56.2600001+00:00", PLAIN.at, id="seven digits"),
        pytest.param(PLAIN.id, "2023-05-10T11:02:56.26", PLAIN.at, id="local time without zone: the id is exact"),
        pytest.param(PLAIN.id, "2023-05-11T09:00:00+00:00", datetime(2023, 5, 11, 9, tzinfo=UTC), id="a made-up id"),
        pytest.param(
            "12", "2023-05-11T09:00:00+00:00", datetime(2023, 5, 11, 9, tzinfo=UTC), id="a serial number as id"
        ),
    ],
)
def test_a_genuine_id_tells_the_time(
    tmp_path: Path, exported: Make, export: Export, message_id: str, timestamp: str, expected: datetime
):
    rows = read(tmp_path / "a.json", export([exported(id=message_id, timestamp=timestamp)]))

    assert rows == [replace(PLAIN, id=message_id, at=expected)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"id": None}, "no_id", id="no id"),
        pytest.param({"id": "abc"}, "bad_id", id="an id of letters"),
        pytest.param({"id": "9" * 20}, "bad_id", id="an id too long"),
        pytest.param({"id": ""}, "bad_id", id="an empty id"),
        pytest.param({"author": None}, "no_author", id="no author"),
        pytest.param({"author": {"name": "ann"}}, "no_author", id="an author without id"),
        pytest.param({"author": {"id": "ann"}}, "no_author", id="an author whose id is a name"),
        pytest.param({"timestamp": None}, "no_time", id="no time"),
        pytest.param({"timestamp": "yesterday"}, "bad_time", id="no ISO time"),
        pytest.param({"timestamp": "0001-01-01T00:00:00+14:00"}, "bad_time", id="a time before time"),
        pytest.param(
            {"id": "12", "timestamp": "2023-05-10T11:02:56"}, "bad_time", id="local time, and an id that cannot help"
        ),
        pytest.param({"timestampEdited": "later"}, "bad_time", id="edited at no time"),
        pytest.param({"content": 5}, "not_a_message", id="text that is a number"),
        pytest.param({"embeds": {"title": "t"}}, "not_a_message", id="embeds that are no list"),
    ],
)
def test_one_bad_message_does_not_stop_the_rest(
    tmp_path: Path, exported: Make, export: Export, changes: Json, code: str
):
    rows = read(tmp_path / "a.json", export([exported(), exported(**changes), exported()]))

    assert [row if isinstance(row, Message) else (row.index, row.code, row.file) for row in rows] == [
        PLAIN,
        (1, code, "a.json"),
        PLAIN,
    ]


@pytest.mark.parametrize("entry", [5, "text", None, [1], {}])
def test_an_entry_that_is_no_message_is_a_bad_row(tmp_path: Path, exported: Make, export: Export, entry: object):
    rows = read(tmp_path / "a.json", export([entry, exported()]))

    assert [type(row) for row in rows] == [BadRow, Message]


def test_half_a_character_is_a_bad_row(tmp_path: Path, exported: Make, export: Export):
    data = export([exported(content="HALF"), exported()]).replace(b"HALF", rb"\ud83d")

    bad, good = read(tmp_path / "a.json", data)

    assert (bad, good) == (BadRow(0, "bad_text", "its text holds half a character", "a.json"), PLAIN)
