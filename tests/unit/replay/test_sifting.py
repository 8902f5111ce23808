"""Sifting many messages at once finds what reading each by itself would."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.decide.decide import is_chatter
from engine.model.message import Author, Embed, EmbedField, Message
from engine.model.run import BadRow
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import Rulebook, load_rulebook
from engine.replay.archive_json import Run, row_of
from engine.replay.archive_message import Channel, RawMessage, snowflake_at
from engine.replay.piece import Heard, Piece, decode_heard
from engine.replay.sifting import Sifter
from tests.corpus.rows import corpus_rows

CHANNEL = Channel("1255265167113978008", "momentum")
AT = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
AUTHOR = {"id": "301234567890123456", "name": "alice", "isBot": False}
NO_IDS = pa.array([], pa.int64())

words = st.sampled_from(
    [
        "BTO",
        "STC",
        "SPY",
        "602C",
        "11/27",
        "@",
        "1.25",
        "in",
        "out",
        "sold",
        "the",
        "**",
        "`",
        "> ",
        "🚀",
        "é",
        "\n",
        "$",
    ]
)
talk = st.one_of(st.lists(words, max_size=9).map(" ".join), st.text(max_size=60))


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook([Path("playbooks")], runs_examples=False)


def raws(*changes: dict[str, object]) -> list[RawMessage]:
    """Return exported messages, one a second."""
    seconds = count()
    rows = []
    for change in changes:
        at = AT + timedelta(seconds=next(seconds))
        row = {"id": snowflake_at(at, 0), "type": "Default", "timestamp": at.isoformat(), "author": AUTHOR}
        rows.append(msgspec.convert(row | change, RawMessage))
    return rows


def sifted(rulebook: Rulebook, entries: Sequence[RawMessage], edited: pa.Int64Array = NO_IDS) -> Piece:
    sieve = Sifter(rulebook, edited).sieve(CHANNEL)
    sieve.take_run(Run(CHANNEL, entries), "x.json", 0)
    return sieve.piece(len(entries), 0)


def one_by_one(rulebook: Rulebook, entries: Sequence[RawMessage]) -> tuple[list[Message], list[Heard], list[BadRow]]:
    """Return chatter, what is to be decided, and what is no message, each looked at by itself."""
    hearing = Hearing(rulebook.by_channel(CHANNEL.id))
    chatter: list[Message] = []
    events: list[Heard] = []
    bad_rows: list[BadRow] = []
    for index, raw in enumerate(entries):
        row = row_of(raw, index, "x.json", CHANNEL)
        if isinstance(row, BadRow):
            bad_rows.append(row)
        elif row is not None:
            readings = tuple((live.playbook.name, reading) for live, reading in hearing.read(row))
            if all(is_chatter(row, reading) for _, reading in readings):
                chatter.append(row)
            else:
                events.append(Heard(row, readings))
    return chatter, events, bad_rows


def check(rulebook: Rulebook, entries: Sequence[RawMessage]) -> Piece:
    piece, (chatter, events, bad_rows) = sifted(rulebook, entries), one_by_one(rulebook, entries)
    columns = piece.columns
    found = sorted(zip(columns.ids.to_pylist(), columns.authors.to_pylist(), columns.times.to_pylist(), strict=True))
    at = [round(message.at.timestamp() * 1_000_000) for message in chatter]
    assert found == [(int(each.id), int(each.author.id), time) for each, time in zip(chatter, at, strict=True)]
    assert [decode_heard(event.body) for event in piece.events] == events
    assert list(piece.bad_rows) == bad_rows
    return piece


def test_the_corpus(rulebook: Rulebook):
    piece = check(rulebook, raws(*({"content": row.text} for row in corpus_rows())))

    assert len(piece.columns) > 50
    assert len(piece.events) > 500


@settings(deadline=None)
@given(contents=st.lists(talk, min_size=1, max_size=6))
@example(contents=["x" * 20_000])
@example(contents=["BTO SPY 602C 11/27 @ 1.25", "", " ", "gm"])
@example(contents=["\ud800"])
def test_any_texts(rulebook: Rulebook, contents: list[str]):
    check(rulebook, raws(*({"content": content} for content in contents)))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"content": "gm", "attachments": [{"fileName": "a.png"}]}, id="a picture with words"),
        pytest.param({"content": "", "attachments": [{"fileName": "a.png"}]}, id="a picture alone"),
        pytest.param({"content": "@everyone", "attachments": [{"fileName": "a.png"}]}, id="a picture and a mention"),
        pytest.param({"content": "", "attachments": [{"fileName": "a.pdf"}]}, id="a file"),
        pytest.param({"content": "gm", "embeds": [{"title": "a link"}]}, id="a quiet card"),
        pytest.param({"content": "", "embeds": [{"title": "BTO SPY 602C 11/27 @ 1.25"}]}, id="a card that says it"),
        pytest.param({"content": "gm", "timestampEdited": AT.isoformat()}, id="edited"),
        pytest.param({"content": "gm", "timestampEdited": "noon"}, id="edited at no time"),
        pytest.param({"content": "", "forwardedMessage": {"content": "BTO SPY 602C 11/27 @ 1.25"}}, id="forwarded"),
        pytest.param({"type": "GuildMemberJoin"}, id="a join"),
        pytest.param({"type": 19, "content": "gm"}, id="a reply"),
        pytest.param({"id": "007", "content": "gm"}, id="an odd id"),
        pytest.param({"id": None}, id="no id"),
        pytest.param({"author": None}, id="no author"),
        pytest.param({"author": {"id": "x", "name": "eve"}}, id="no author's id"),
        pytest.param({"timestamp": "noon"}, id="no time"),
        pytest.param({"timestamp": "2026-11-24T15:05:00"}, id="a local time"),
    ],
)
def test_what_is_not_plain(rulebook: Rulebook, change: dict[str, object]):
    if change.get("id") == "007":
        # Kept whole: as a number it would lose its zeros.
        piece = sifted(rulebook, raws({"content": "gm"}, change))
        assert [decode_heard(event.body).message.id for event in piece.events] == ["007"]
        return
    check(rulebook, raws({"content": "gm"}, change, {"content": "BTO SPY 602C 11/27 @ 1.25"}))


def test_messages_that_were_edited_later_are_all_to_be_decided(rulebook: Rulebook):
    entries = raws({"content": "gm"}, {"content": "hello"})
    edited = pa.array([int(str(entries[0].id))], pa.int64())

    piece = sifted(rulebook, entries, edited)

    assert [decode_heard(event.body).message.content for event in piece.events] == ["gm"]
    assert piece.columns.ids.to_pylist() == [int(str(entries[1].id))]


def test_what_is_spooled_comes_back_equal(rulebook: Rulebook):
    embed = Embed("BTO", "text", (EmbedField("Ticker", "SPY"),), "desk", "footer", "#19C2FF")
    message = Message(
        "5", CHANNEL.id, Author("301234567890123456", "alice", True), AT, "BTO SPY 602C 11/27 @ 1.25", (embed,)
    )
    sieve = Sifter(rulebook, NO_IDS).sieve(CHANNEL)

    sieve.take_message(message)

    (event,) = sieve.piece(1, 0).events
    readings = tuple(
        (live.playbook.name, reading) for live, reading in Hearing(rulebook.by_channel(CHANNEL.id)).read(message)
    )
    assert decode_heard(event.body) == Heard(message, readings)


@pytest.mark.parametrize(
    ("texts", "is_event"), [(("BTO SPY 602C 11/27 @ 1.25", "hi"), True), (("hi", "STC SPY 602C @ 2"), False)]
)
def test_of_a_message_that_stands_twice_the_first_counts(rulebook: Rulebook, texts: tuple[str, str], is_event: bool):
    entries = raws(*({"id": snowflake_at(AT, 0), "timestamp": AT.isoformat(), "content": text} for text in texts))

    piece = sifted(rulebook, entries)

    assert (len(piece.events), len(piece.columns)) == ((1, 0) if is_event else (0, 1))
