"""What the journal says of exports and of runs that were dropped."""

from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from engine.model.errors import JournalError


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of an export. name: in its folder. rows: how many it holds. sha256: of its bytes, in hexadecimal."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Exported:
    """
    Rows that were written to Parquet files, and read again to be sure (`exported`).

    of: the day (2026-01-05) or the run ("run 7") they belong to. database: the name of the file they come from.
    """

    of: str
    database: str
    folder: str
    files: tuple[ExportedFile, ...]


@dataclass(frozen=True, slots=True)
class DroppedRun:
    """
    A run whose rows were dropped.

    name: in the journal; "" for a replay. rows: how many, over all tables. folder: where they were exported to.
    sha256: of the list of the files there, as `exported_hash` makes it.
    """

    run_id: int
    name: str
    rows: int
    folder: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Retention:
    """Runs that were dropped from a database (`retention`). is_live: it is the one made of this journal."""

    database: str
    is_live: bool
    dropped: tuple[DroppedRun, ...]


B = TypeVar("B", Exported, Retention)
encoded: Final = msgspec.json.Encoder().encode


def exported(body: bytes) -> Exported:
    """Return the body of an `exported` entry. Raises: JournalError."""
    return _decoded(Exported, body)


def retention(body: bytes) -> Retention:
    """Return the body of a `retention` entry. Raises: JournalError."""
    return _decoded(Retention, body)


def _decoded(kind: type[B], body: bytes) -> B:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        message = f"an entry holds what this version does not know how to read: {error}"
        raise JournalError("journal_too_new", message, "read it with the version that wrote it") from error
