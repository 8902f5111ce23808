"""
How one entry is written as bytes, and how each is tied to the one before it.

    marker 4 · length of the payload 4 · CRC-32 of hash and payload 4 · hash 32 · payload
    payload: seq 8 · synced 8 · microseconds since 1970 8 · lengths of kind and run 2 + 2 · kind · run · body

Numbers are little-endian. The hash is SHA-256 of the hash before and the payload. `synced` is the last entry known to
be on disk when this one was written: it tells a group that a power failure left with holes from damage to
what had been acknowledged.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import Struct
from typing import Final
from zlib import crc32

from engine.model.entry import GENESIS, Entry, EntryKind
from engine.model.errors import JournalError

# The first byte never occurs in UTF-8, so no text in a body looks like the beginning of an entry.
MARKER: Final = b"\xffSBe"
BEFORE_FIRST: Final = bytes.fromhex(GENESIS)
MOST_BYTES: Final = 32 * 1024 * 1024
HEADER: Final = Struct("<4sII32s")
_PAYLOAD: Final = Struct("<QQqHH")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """
    One entry as it is on disk, whole by its checksum.

    offset, end: its first byte in the segment, and the one behind its last. seq, synced: as in its payload.
    """

    offset: int
    end: int
    seq: int
    synced: int
    hash: bytes
    payload: bytes

    def follows(self, seq: int, digest: bytes) -> bool:
        """Whether it is the entry after the one of this number and hash."""
        return self.seq == seq + 1 and chain_hash(digest, self.payload) == self.hash

    def entry(self) -> Entry:
        """Return what it says. Raises: JournalError, when this version cannot tell."""
        _, _, microseconds, kind_bytes, run_bytes = _PAYLOAD.unpack_from(self.payload)
        kind_end = _PAYLOAD.size + kind_bytes
        run_end = kind_end + run_bytes
        try:
            return Entry(
                self.seq,
                _EPOCH + timedelta(microseconds=microseconds),
                EntryKind(self.payload[_PAYLOAD.size : kind_end].decode()),
                self.payload[kind_end:run_end].decode(),
                self.payload[run_end:],
                self.hash.hex(),
            )
        except (ValueError, OverflowError) as error:
            message = f"entry {self.seq} of the journal is of a kind this version does not know"
            raise JournalError("journal_too_new", message, "read it with the version that wrote it") from error


def payload_of(seq: int, synced: int, at: datetime, names: tuple[bytes, bytes], body: bytes) -> bytes:
    """
    Return the payload of an entry. names: kind and run, in UTF-8.

    Raises: ValueError, when it would be larger than an entry can be.
    """
    kind, run = names
    if len(run) > 0xFFFF or len(body) > MOST_BYTES - 2 * 0xFFFF:
        raise ValueError(f"an entry of {len(body)} bytes, its run named by {len(run)}, is larger than any can be")
    return _PAYLOAD.pack(seq, synced, (at - _EPOCH) // _MICROSECOND, len(kind), len(run)) + kind + run + body


def chain_hash(previous: bytes, payload: bytes) -> bytes:
    """Return the 32 bytes that tie a payload to all before it."""
    return sha256(previous + payload).digest()


def framed(digest: bytes, payload: bytes) -> bytes:
    """Return an entry as it is written to disk."""
    return HEADER.pack(MARKER, len(payload), crc32(payload, crc32(digest)), digest) + payload


def size_claimed(header: bytes) -> int | None:
    """Return the length of the payload that a frame's first bytes claim; None when they begin no frame."""
    if len(header) != HEADER.size:
        return None
    marker, size, _, _ = HEADER.unpack(header)
    return size if marker == MARKER and _PAYLOAD.size <= size <= MOST_BYTES else None


def whole_frame(offset: int, header: bytes, payload: bytes) -> Frame | None:
    """Return the frame these bytes make at an offset; None when they are not what was written."""
    _, size, checksum, digest = HEADER.unpack(header)
    if len(payload) != size or crc32(payload, crc32(digest)) != checksum:
        return None
    seq, synced, _, _, _ = _PAYLOAD.unpack_from(payload)
    return Frame(offset, offset + HEADER.size + size, seq, synced, digest, payload)
