"""What the journal holds: numbered entries, each tied by its hash to all before it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Self

GENESIS: Final = "0" * 64
_HASH_DIGITS: Final = frozenset("0123456789abcdef")


class EntryKind(StrEnum):
    """What an entry is about; the names are written to disk and never change their meaning."""

    RUN_STARTED = "run_started"
    TEXTS = "texts"
    DECIDED = "decided"
    CONTROL = "control"
    INTENDED = "intended"
    PLANNED = "planned"
    ORDER = "order"
    FLOW = "flow"
    CLOSED = "closed"
    STAGE = "stage"
    DESK = "desk"
    LOOSENING = "loosening"
    ACCOUNT = "account"
    CHECKPOINT = "checkpoint"
    RETENTION = "retention"
    EXPORTED = "exported"
    RUN_ENDED = "run_ended"


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One entry of the journal.

    seq: 1, 2, 3 … without a gap. at: when it was appended, aware, UTC, to the microsecond. run: the name of the run it
    belongs to. body: JSON, as its kind has it. hash: SHA-256 in hexadecimal of the hash before it and everything
    in it but the hash.
    """

    seq: int
    at: datetime
    kind: EntryKind
    run: str
    body: bytes
    hash: str


class Witness(NamedTuple):
    """
    What the journal held once: the number of an entry and its hash.

    Kept where whoever writes the journal cannot change it, it proves that everything up to that entry is as it was.
    """

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Return the witness written as SEQ:HASH. Raises: ValueError.

        >>> Witness.read("7:" + "0" * 64).seq
        7
        """
        seq, _, digest = text.strip().partition(":")
        digest = digest.lower()
        if not (seq.isascii() and seq.isdigit() and len(digest) == len(GENESIS) and _HASH_DIGITS.issuperset(digest)):
            raise ValueError(f"{text.strip()!r} is not SEQ:HASH, a number and 64 hexadecimal digits")
        return cls(int(seq), digest)
