"""
Archives as Parquet: message events as columns, for replays that are repeated.

A row is one event of one message; everything a Message holds is kept. Ids are numbers: an id that some
program wrote with leading zeros loses them.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.model.errors import ArchiveError
from engine.model.message import Author, Embed, EventKind, Message
from engine.replay.archive_bytes import Progress
from engine.replay.archive_message import Channel
from engine.replay.columns import MICROSECONDS

_NAME: Final = pa.dictionary(pa.int32(), pa.string())
SCHEMA: Final = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("event", pa.int32(), nullable=False),
        pa.field("kind", _NAME, nullable=False),
        pa.field("at", MICROSECONDS, nullable=False),
        pa.field("edited_at", MICROSECONDS),
        pa.field("channel_id", _NAME, nullable=False),
        pa.field("channel_name", _NAME, nullable=False),
        pa.field("parent_channel_id", _NAME, nullable=False),
        pa.field("author_id", pa.int64(), nullable=False),
        pa.field("author_name", _NAME, nullable=False),
        pa.field("is_bot", pa.bool_(), nullable=False),
        pa.field("content", pa.string(), nullable=False),
        pa.field("embeds", pa.string()),  # a list of cards as JSON
        pa.field("reply_to", pa.string(), nullable=False),
        pa.field("is_forward", pa.bool_(), nullable=False),
        pa.field("images", pa.int32(), nullable=False),
    ]
)
_BATCH: Final = 4096  # rows read at a time
_GROUP: Final = 32_768  # rows written at a time, a few megabytes
_EXPORT_AGAIN: Final = "convert the export again: signalbook archive convert EXPORT --out FILE.parquet"
_decode_embeds: Final = msgspec.json.Decoder(tuple[Embed, ...]).decode


def write_parquet(path: Path, messages: Iterable[Message]) -> int:
    """
    Write message events to a file, in their order; return how many.

    Raises: OSError; the file may then be half written.
    """
    written, left = 0, iter(messages)
    with pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=3) as writer:
        while rows := list(islice(left, _GROUP)):
            writer.write_table(pa.Table.from_pylist([_row_of(message) for message in rows], SCHEMA))
            written += len(rows)
    return written


def read_batches(path: Path, progress: Progress) -> Iterator[pa.RecordBatch]:
    """
    Yield the rows of a file, a few thousand at a time.

    Raises: ArchiveError.
    """
    size, done = path.stat().st_size, 0
    with _opened(path) as file:
        rows = max(file.metadata.num_rows, 1)
        for batch in file.iter_batches(_BATCH, use_threads=False):
            done += len(batch)
            progress(size * done // rows)
            yield batch.cast(SCHEMA)
        progress(size)


def read_parquet(path: Path, progress: Progress) -> Iterator[Message]:
    """
    Yield each message event of a file, in file order.

    Raises: ArchiveError.
    """
    for batch in read_batches(path, progress):
        yield from messages_of(batch)


def messages_of(batch: pa.RecordBatch) -> Iterator[Message]:
    """Yield the rows of a batch as messages."""
    return map(_message_of, batch.to_pylist())


def by_channel(batch: pa.RecordBatch) -> Iterator[tuple[Channel, pa.RecordBatch]]:
    """Yield the rows of each channel of a batch."""
    keys = ("channel_id", "channel_name", "parent_channel_id")
    places = pa.table({key: batch[key].cast(pa.string()) for key in keys})
    for place in places.group_by(keys, use_threads=False).aggregate([]).to_pylist():
        is_here = pc.equal(batch["channel_id"].cast(pa.string()), place["channel_id"])
        for key in keys[1:]:
            is_here = pc.and_(is_here, pc.equal(batch[key].cast(pa.string()), place[key]))
        yield Channel(*(place[key] for key in keys)), batch.filter(is_here)


def edited_ids(paths: Sequence[Path]) -> pa.Int64Array:
    """
    Return the ids of messages of which any file holds more than their creation.

    Raises: ArchiveError.
    """
    found = [pa.array([], pa.int64())]
    for path in paths:
        with _opened(path) as file:
            batches = file.iter_batches(_BATCH, columns=["id", "event"], use_threads=False)
            found += [batch["id"].filter(pc.greater(batch["event"], 1)) for batch in batches]
    return pc.unique(pa.concat_arrays(found))


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            _check_columns(path, file)
            yield file
    except (pa.ArrowInvalid, OSError) as e:
        # What cannot be unpacked is an OSError too, only without a number of the system's.
        if isinstance(e, OSError) and e.errno is not None:
            message = f"{path} cannot be read: {e.strerror}"
            raise ArchiveError("archive_unreadable", message, "check its permissions") from e
        message = f"{path.name} is damaged, or cut short: {str(e).splitlines()[0]}"
        raise ArchiveError("archive_not_parquet", message, _EXPORT_AGAIN) from e


def _check_columns(path: Path, file: pq.ParquetFile) -> None:
    lacking = [name for name in SCHEMA.names if name not in file.schema_arrow.names]
    if lacking:
        message = f"{path.name} is Parquet, but not an archive: it has no column {', '.join(lacking)}"
        raise ArchiveError("archive_wrong_shape", message, _EXPORT_AGAIN)


def _row_of(message: Message) -> dict[str, Any]:
    return {
        "id": int(message.id),
        "event": message.event,
        "kind": message.kind.value,
        "at": message.at,
        "edited_at": message.edited_at,
        "channel_id": message.channel_id,
        "channel_name": message.channel_name,
        "parent_channel_id": message.parent_channel_id,
        "author_id": int(message.author.id),
        "author_name": message.author.name,
        "is_bot": message.author.is_bot,
        "content": message.content,
        "embeds": msgspec.json.encode(message.embeds).decode() if message.embeds else None,
        "reply_to": message.reply_to,
        "is_forward": message.is_forward,
        "images": message.images,
    }


def _message_of(row: dict[str, Any]) -> Message:
    return Message(
        id=str(row["id"]),
        channel_id=row["channel_id"],
        author=Author(str(row["author_id"]), row["author_name"], row["is_bot"]),
        at=row["at"],
        content=row["content"],
        embeds=_decode_embeds(row["embeds"]) if row["embeds"] else (),
        parent_channel_id=row["parent_channel_id"],
        channel_name=row["channel_name"],
        edited_at=row["edited_at"],
        kind=EventKind(row["kind"]),
        event=row["event"],
        reply_to=row["reply_to"],
        is_forward=row["is_forward"],
        images=row["images"],
    )
