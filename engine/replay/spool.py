"""Message events kept in a temporary file until all archives are read, and given back in the order they happened."""

from array import array
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Final, Self

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from engine.model.errors import ArchiveError

_BUFFER: Final = 1 << 20
_ORDER: Final = ("at", "id", "event", "place")


class Moment(msgspec.Struct, frozen=True, array_like=True, order=True):
    """
    When an event happened, for sorting.

    at: microseconds since 1970. id: of its message. event: as in the message.
    """

    at: int
    id: int
    event: int = 1


class Spool:
    """
    Events in a temporary file; 40 bytes of memory each.

    Raises: ArchiveError when the file cannot be written.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=_BUFFER)  # noqa: SIM115 - closed by __exit__
        self._columns = {name: array("q") for name in ("at", "id", "event")}
        self._starts = array("q", [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def add(self, moment: Moment, body: bytes) -> None:
        """Keep an event."""
        try:
            self._file.write(body)
        except OSError as e:
            raise no_room(e) from e
        self._columns["at"].append(moment.at)
        self._columns["id"].append(moment.id)
        self._columns["event"].append(moment.event)
        self._starts.append(self._starts[-1] + len(body))

    def in_order(self) -> Iterator[bytes]:
        """Yield every event by time, id and number; what is equal in all comes as it was added."""
        try:
            self._file.flush()
        except OSError as e:
            raise no_room(e) from e
        starts = self._starts
        for place in self._sorted():
            self._file.seek(starts[place])
            yield self._file.read(starts[place + 1] - starts[place])

    def _sorted(self) -> Iterator[int]:
        columns = [int64s(memoryview(column)) for column in self._columns.values()]
        places = pa.array(range(len(self)), pa.int64())
        table = pa.table([*columns, places], list(_ORDER))
        order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in _ORDER])
        return (place.as_py() for place in order)


def int64s(data: bytes | memoryview) -> pa.Int64Array:
    """Return the numbers some bytes are, without copying them."""
    view = memoryview(data).cast("B")
    return pa.Array.from_buffers(pa.int64(), len(view) // 8, [None, pa.py_buffer(view)])


def no_room(error: OSError) -> ArchiveError:
    """Return the error for a temporary file that cannot be written."""
    message = f"what is read of the archives is kept in a temporary file, which cannot be written: {error.strerror}"
    return ArchiveError("archive_no_room", message, "make room in the temporary folder, or set TMPDIR")
