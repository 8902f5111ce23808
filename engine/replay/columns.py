"""Ids and times of many messages at once, as columns; the same values as message by message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

MICROSECONDS: Final = pa.timestamp("us", tz="UTC")
_DISCORD_EPOCH: Final = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_SECOND: Final = 1_000_000
# What a snowflake keeps below its milliseconds.
_SERIAL_BITS: Final = 22
# Times outside stand for faults, and Python and Arrow tell them differently.
_FIRST: Final = int(datetime(1970, 1, 2, tzinfo=UTC).timestamp()) * 1_000_000
_LAST: Final = int(datetime(9990, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Messages as columns of int64 without gaps. times: when posted, microseconds since 1970."""

    ids: pa.Int64Array
    authors: pa.Int64Array
    times: pa.Int64Array

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int]]) -> "Columns":
        """Return the columns of rows of id, author and time."""
        ids, authors, times = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(pa.array(ids, pa.int64()), pa.array(authors, pa.int64()), pa.array(times, pa.int64()))

    @classmethod
    def joined(cls, parts: Sequence["Columns"]) -> "Columns":
        """Return the rows of all parts, one part after another; at least one."""
        return cls(
            pa.concat_arrays([part.ids for part in parts]),
            pa.concat_arrays([part.authors for part in parts]),
            pa.concat_arrays([part.times for part in parts]),
        )

    def only(self, keeps: pa.BooleanArray) -> "Columns":
        """Return the rows a mask keeps."""
        return Columns(self.ids.filter(keeps), self.authors.filter(keeps), self.times.filter(keeps))


def columns_of(ids: Sequence[object], authors: Sequence[object], timestamps: Sequence[object]) -> Columns | None:
    """
    Return the columns of messages from the texts of an export.

    None when one of the texts is not written as exporters write it now: then message by message tells more.
    """
    try:
        # Authors are few: each is looked at once.
        by = pa.array(authors, pa.string()).dictionary_encode()
        made, known = _ids(pa.array(ids, pa.string())), _ids(by.dictionary)
        written = pa.array(timestamps, pa.string()).cast(MICROSECONDS).cast(pa.int64())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    if made is None or known is None or by.null_count or written.null_count or not _is_within(written):
        return None
    return Columns(made, known.take(by.indices), posted_at(made, written))


def posted_at(ids: pa.Int64Array, written: pa.Int64Array) -> pa.Int64Array:
    """
    Return when messages were posted, in microseconds since 1970: as their ids say, where those are genuine.

    written: what their timestamps say.
    """
    milliseconds = pc.shift_right(ids, pa.scalar(_SERIAL_BITS, pa.int64()))
    made = pc.add(pc.multiply(milliseconds, 1000), _DISCORD_EPOCH)
    return pc.if_else(pc.less(pc.abs(pc.subtract(made, written)), _SECOND), made, written)


def _ids(written: pa.StringArray) -> pa.Int64Array | None:
    """Return ids as numbers; None when one is not the usual way to write a number."""
    numbers = written.cast(pa.int64())
    is_plain = not numbers.null_count and pc.all(pc.equal(numbers.cast(pa.string()), written)).as_py() is not False
    return numbers if is_plain and _least(numbers) >= 0 else None


def _least(numbers: pa.Int64Array) -> int:
    return pc.min(numbers).as_py() if len(numbers) else 0


def _is_within(times: pa.Int64Array) -> bool:
    bounds = pc.min_max(times)
    return not len(times) or (bounds["min"].as_py() >= _FIRST and bounds["max"].as_py() <= _LAST)
