"""Which messages of a channel were seen before, in memory that does not grow with them."""

from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from engine.replay.spool import int64s, no_room


@dataclass(frozen=True, slots=True)
class _Batch:
    """Where ids taken in together stand in the file, and the smallest and largest of them."""

    start: int
    size: int
    low: int
    high: int


class KnownIds:
    """
    The ids of all messages, in a temporary file: 8 bytes of disk a message.

    Memory holds a few numbers for each batch; ids are read back only where the batches of a channel overlap, as
    they do in two exports of one channel, or in one whose messages do not stand in the order of their ids.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._batches: dict[str, list[_Batch]] = {}
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def take(self, channel_id: str, ids: pa.Int64Array) -> pa.BooleanArray | None:
        """
        Take in a batch of ids; return which of them are new, None when all are.

        Of an id that stands twice in the batch only the first is new.
        Raises: ArchiveError when the temporary file cannot be written.
        """
        if not len(ids):
            return None
        is_new = self._is_new(channel_id, ids)
        fresh = ids if is_new is None else ids.filter(is_new)
        if len(fresh):
            self._keep(channel_id, fresh)
        return is_new

    def _is_new(self, channel_id: str, ids: pa.Int64Array) -> pa.BooleanArray | None:
        bounds = pc.min_max(ids)
        low, high = bounds["min"].as_py(), bounds["max"].as_py()
        known = [self._read(batch) for batch in self._batches.get(channel_id, ()) if _overlap(batch, low, high)]
        if pc.count_distinct(ids).as_py() < len(ids):
            return _first_ones(ids, {number for batch in known for number in batch.to_pylist()})
        if not known:
            return None
        is_known = pc.is_in(ids, value_set=pa.concat_arrays(known))
        return pc.invert(is_known) if pc.any(is_known).as_py() else None

    def _read(self, batch: _Batch) -> pa.Int64Array:
        self._file.seek(batch.start)
        return int64s(self._file.read(batch.size))

    def _keep(self, channel_id: str, ids: pa.Int64Array) -> None:
        data = raw_bytes(ids)
        try:
            self._file.seek(self._size)
            self._file.write(data)
        except OSError as e:
            raise no_room(e) from e
        bounds = pc.min_max(ids)
        batch = _Batch(self._size, len(data), bounds["min"].as_py(), bounds["max"].as_py())
        self._batches.setdefault(channel_id, []).append(batch)
        self._size += len(data)


def raw_bytes(numbers: pa.Int64Array) -> bytes:
    """Return the bytes of numbers none of which is missing, 8 each."""
    data = numbers.buffers()[1]
    start = numbers.offset * 8
    return bytes(memoryview(data)[start : start + len(numbers) * 8]) if data is not None else b""


def _overlap(batch: _Batch, low: int, high: int) -> bool:
    return batch.low <= high and low <= batch.high


def _first_ones(ids: pa.Int64Array, seen: set[int]) -> pa.BooleanArray:
    is_new = []
    for number in ids.to_pylist():
        is_new.append(number not in seen)
        seen.add(number)
    return pa.array(is_new, pa.bool_())
