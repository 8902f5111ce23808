"""What was read of a piece of an archive, as plain bytes: small, and cheap to hand from one process to another."""

from collections.abc import Iterator
from typing import IO, Final

import msgspec

from engine.model.alert import Reading
from engine.model.message import Message
from engine.model.run import BadRow
from engine.replay.archive_message import Channel
from engine.replay.columns import Columns
from engine.replay.known_ids import raw_bytes
from engine.replay.spool import Moment, int64s

_LENGTH: Final = 8


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """A message that is to be decided, with what it says to each playbook, by the playbook's name."""

    message: Message
    readings: tuple[tuple[str, Reading], ...]


class Event(msgspec.Struct, frozen=True, array_like=True):
    """A Heard, encoded, with when it happened."""

    moment: Moment
    body: bytes


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """
    A few thousand entries of one archive file.

    entries: of any kind; skipped: of these, joins, pins and the like. bad_rows: index from the start of what was read.
    ids, authors, times: int64 columns of the messages that say nothing to any playbook.
    names: of authors, by id. texts: the first of these messages that have a text, for people to look at.
    events: what is to be decided. position: how far the file has been used, in bytes as it is on disk.
    """

    channel: Channel
    entries: int
    skipped: int = 0
    bad_rows: tuple[BadRow, ...] = ()
    ids: bytes = b""
    authors: bytes = b""
    times: bytes = b""
    names: dict[str, str] = {}
    texts: tuple[Message, ...] = ()
    events: tuple[Event, ...] = ()
    position: int = 0

    @property
    def columns(self) -> Columns:
        """The messages that say nothing, as columns."""
        return Columns(int64s(self.ids), int64s(self.authors), int64s(self.times))


def column_bytes(columns: Columns) -> tuple[bytes, bytes, bytes]:
    """Return ids, authors and times as a piece holds them."""
    return raw_bytes(columns.ids), raw_bytes(columns.authors), raw_bytes(columns.times)


encode_heard: Final = msgspec.msgpack.Encoder().encode
_encode_piece: Final = msgspec.msgpack.Encoder().encode
_decode_piece: Final = msgspec.msgpack.Decoder(Piece).decode
decode_heard: Final = msgspec.msgpack.Decoder(Heard).decode


def write_piece(file: IO[bytes], piece: Piece) -> None:
    """Append a piece to a file; its length comes first."""
    body = _encode_piece(piece)
    file.write(len(body).to_bytes(_LENGTH))
    file.write(body)


def read_pieces(file: IO[bytes]) -> Iterator[Piece]:
    """Yield the pieces of a file."""
    while length := file.read(_LENGTH):
        yield _decode_piece(file.read(int.from_bytes(length)))
