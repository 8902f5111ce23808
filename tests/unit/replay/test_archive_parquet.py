"""Parquet archives keep all that a message holds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.errors import ArchiveError
from engine.model.message import Author, Embed, EmbedField, EventKind, Message
from engine.replay.archive import read_archive
from engine.replay.archive_message import Channel
from engine.replay.archive_parquet import by_channel, edited_ids, read_batches, read_parquet, write_parquet
from engine.replay.archive_tally import ReadTally

AT = datetime(2026, 11, 24, 15, 5, 1, 234567, tzinfo=UTC)
ANN = Author("301", "ann")
PLAIN = Message("1", "100", ANN, AT, "gm", channel_name="alerts")
FULL = Message(
    id="9223372036854775807",
    channel_id="200",
    author=Author("302", "flow", is_bot=True),
    at=AT,
    content="**BTO** 🚀",
    embeds=(Embed("title", "text", (EmbedField("Ticker", "SPY"),), "desk", "footer", "#19C2FF"), Embed()),
    parent_channel_id="100",
    channel_name="thread",
    edited_at=AT + timedelta(hours=1),
    kind=EventKind.EDITED,
    event=2,
    reply_to="5",
    is_forward=True,
    images=3,
)
GONE = Message("1", "100", ANN, AT, kind=EventKind.DELETED, event=3, channel_name="alerts")

ids = st.integers(0, 2**63 - 1).map(str)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
messages = st.builds(
    Message,
    id=ids,
    channel_id=ids,
    author=st.builds(Author, ids, texts, st.booleans()),
    at=st.integers(0, 2**51).map(lambda time: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=time)),
    content=texts,
    embeds=st.lists(st.builds(Embed, texts, texts, st.tuples(st.builds(EmbedField, texts, texts))), max_size=2).map(
        tuple
    ),
    edited_at=st.none() | st.just(AT),
    kind=st.sampled_from(EventKind),
    event=st.integers(1, 9),
    reply_to=st.just("") | ids,
    is_forward=st.booleans(),
    images=st.integers(0, 9),
)


def written(folder: Path, *rows: Message) -> Path:
    file = folder / "x.parquet"
    write_parquet(file, rows)
    return file


@settings(deadline=None)
@given(rows=st.lists(messages, max_size=4))
def test_messages_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, rows: list[Message]):
    file = written(tmp_path_factory.mktemp("parquet"), *rows)

    assert list(read_parquet(file, lambda _: None)) == rows


def test_it_is_read_like_any_archive(tmp_path: Path):
    file, tally = written(tmp_path, PLAIN, FULL, GONE), ReadTally()

    assert list(read_archive(file, tally)) == [PLAIN, FULL, GONE]
    assert tally == ReadTally(bytes_read=file.stat().st_size, messages=3)


def test_rows_are_told_apart_by_channel(tmp_path: Path):
    (batch,) = read_batches(written(tmp_path, PLAIN, FULL, GONE), lambda _: None)

    found = {channel: rows["event"].to_pylist() for channel, rows in by_channel(batch)}

    assert found == {Channel("100", "alerts"): [1, 3], Channel("200", "thread", "100"): [2]}


def test_messages_with_later_events_are_known_beforehand(tmp_path: Path):
    assert edited_ids([written(tmp_path, PLAIN, FULL, GONE)]).to_pylist() == [int(FULL.id), 1]
    assert edited_ids([]).to_pylist() == []


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(lambda data: data[:-9], "archive_not_parquet", id="cut short"),
        pytest.param(lambda data: data[:20] + b"x" * 200 + data[220:], "archive_not_parquet", id="overwritten"),
    ],
)
def test_a_damaged_file_is_a_coded_error(tmp_path: Path, damage: Callable[[bytes], bytes], code: str):
    file = written(tmp_path, *[PLAIN] * 100)
    file.write_bytes(damage(file.read_bytes()))

    with pytest.raises(ArchiveError) as caught:
        list(read_archive(file))

    assert caught.value.code == code


def test_other_parquet_is_no_archive(tmp_path: Path):
    pq.write_table(pa.table({"id": [1], "text": ["x"]}), tmp_path / "x.parquet")

    with pytest.raises(ArchiveError, match="it has no column event, kind") as caught:
        list(read_archive(tmp_path / "x.parquet"))

    assert caught.value.code == "archive_wrong_shape"
