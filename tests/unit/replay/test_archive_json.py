"""JSON exports of every layout and compression read alike, and exactly."""

import gzip
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.message import Author, Embed, EmbedField, Message
from engine.model.run import BadRow
from engine.replay.archive import read_archive
from engine.replay.archive_message import snowflake_at
from engine.replay.archive_tally import ReadTally

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


def read(path: Path, data: bytes) -> list[Message | BadRow]:
    path.write_bytes(data)
    return list(read_archive(path))


def test_what_discord_says_itself_is_counted_and_left_out(tmp_path: Path, exported: Make, export: Export):
    kinds = ["RecipientAdd", "ChannelPinnedMessage", "GuildMemberJoin", "ThreadCreated", "Default", "24", "7"]
    path, tally = tmp_path / "a.json", ReadTally()
    path.write_bytes(export([exported(type=kind) for kind in kinds]))

    rows = list(read_archive(path, tally))

    assert rows == [PLAIN]
    assert tally == ReadTally(path.stat().st_size, messages=1, bad_rows=0, skipped_system=6)


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param({"indent": 2}, id="as the exporter writes it"),
        pytest.param({"indent": 2, "newline": "\r\n"}, id="with Windows line breaks"),
        pytest.param({"indent": 1}, id="one space"),
        pytest.param({"indent": 4}, id="four spaces"),
        pytest.param({"indent": "\t"}, id="tabs"),
        pytest.param({"indent": 0}, id="no indentation"),
        pytest.param({"indent": None}, id="one line"),
        pytest.param({"before": {"notes": [{"messages": [1]}, "[{"]}}, id="other things first"),
    ],
)
def test_every_layout_reads_alike(tmp_path: Path, exported: Make, export: Export, layout: Json):
    messages = [exported(content=f'"}},{{ ] \\" {number}') for number in range(4)]

    rows = read(tmp_path / "a.json", export(messages, **layout))

    assert rows == [replace(PLAIN, content=f'"}},{{ ] \\" {number}') for number in range(4)]


def test_a_byte_order_mark_is_no_text(tmp_path: Path, exported: Make, export: Export):
    assert read(tmp_path / "a.json", b"\xef\xbb\xbf" + export([exported()])) == [PLAIN]


def test_the_channel_may_follow_the_messages(tmp_path: Path, exported: Make):
    document = {"messages": [exported()], "channel": {"id": PLAIN.channel_id, "name": PLAIN.channel_name}}

    assert read(tmp_path / "a.json", json.dumps(document).encode()) == [PLAIN]


def test_mixed_indentation_is_not_trusted(tmp_path: Path, exported: Make, export: Export):
    # Inside the second message stands a line that looks like the end of a message.
    data = export([exported(), exported(stickers=[{"a": 1}, {"b": 2}])])
    data = data.replace(b'"a": 1\n        },', b'"a": 1\n    },')

    assert read(tmp_path / "a.json", data) == [PLAIN, PLAIN]


def test_messages_are_found_across_block_borders(tmp_path: Path, exported: Make, export: Export):
    long = [exported(content=str(number) + "x" * 300_000) for number in range(9)]

    for indent in (2, None):
        rows = read(tmp_path / "a.json", export(long, indent=indent))
        assert [row.content[0] for row in rows if isinstance(row, Message)] == list("012345678")


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        pytest.param("a.json.gz", gzip.compress, id="gzip"),
        pytest.param("a.json.zst", zstandard.compress, id="zstandard"),
        pytest.param("a.json", zstandard.compress, id="compressed without saying so"),
        pytest.param(
            "a.json.zst", lambda data: zstandard.compress(data[:99]) + zstandard.compress(data[99:]), id="two frames"
        ),
        pytest.param("a.json.gz", lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:]), id="two members"),
    ],
)
def test_compressed_archives_read_alike(
    tmp_path: Path, exported: Make, export: Export, name: str, compress: Callable[[bytes], bytes]
):
    assert read(tmp_path / name, compress(export([exported()] * 3))) == [PLAIN] * 3


texts = st.text(st.characters(codec="utf-8"), max_size=30)
moments = st.integers(1, 2**40).map(lambda count: datetime(2015, 1, 2, tzinfo=UTC) + timedelta(milliseconds=count))
embeds = st.builds(
    Embed,
    texts,
    texts,
    st.lists(st.builds(EmbedField, texts, texts), max_size=2).map(tuple),
    texts,
    texts,
    st.sampled_from(["", "#19C2FF"]),
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    at = draw(moments)
    return Message(
        id=snowflake_at(at, draw(st.integers(0, 4_194_303))),
        channel_id=PLAIN.channel_id,
        author=Author(str(draw(st.integers(1, 2**62))), draw(texts), draw(st.booleans())),
        at=at,
        content=draw(texts),
        embeds=tuple(draw(st.lists(embeds, max_size=2))),
        channel_name=PLAIN.channel_name,
        edited_at=draw(st.none() | moments),
        reply_to=draw(st.sampled_from(["", "11"])),
        images=draw(st.integers(0, 2)),
    )


def written(message: Message, zone: timezone) -> Json:
    edited = message.edited_at
    return {
        "id": message.id,
        "type": "Reply" if message.reply_to else "Default",
        "timestamp": message.at.astimezone(zone).isoformat(),
        "timestampEdited": edited.astimezone(zone).isoformat() if edited else None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": message.content,
        "author": {"id": message.author.id, "name": message.author.name, "isBot": message.author.is_bot, "roles": []},
        "attachments": [{"id": "1", "url": "x", "fileName": "x.png", "fileSizeBytes": 1}] * message.images,
        "embeds": [
            {
                "title": embed.title,
                "url": None,
                "description": embed.description,
                **({"color": embed.color} if embed.color else {}),
                **({"author": {"name": embed.author}} if embed.author else {}),
                **({"footer": {"text": embed.footer}} if embed.footer else {}),
                "images": [],
                "fields": [{"name": field.name, "value": field.value, "isInline": False} for field in embed.fields],
            }
            for embed in message.embeds
        ],
        "stickers": [],
        **({"reference": {"messageId": message.reply_to, "channelId": None}} if message.reply_to else {}),
    }


@settings(max_examples=60, deadline=None)
@given(
    posted=st.lists(messages(), max_size=4),
    offset=st.integers(-12, 14),
    layout=st.sampled_from([{"indent": 2}, {"indent": 2, "newline": "\r\n"}, {"indent": 1}, {"indent": None}]),
)
def test_what_was_posted_is_read_back_exactly(export: Export, posted: list[Message], offset: int, layout: Json):
    data = export([written(message, timezone(timedelta(hours=offset))) for message in posted], **layout)

    with tempfile.TemporaryDirectory() as folder:
        assert read(Path(folder) / "a.json", data) == posted
