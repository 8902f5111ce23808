"""What the entries of the journal hold, by kind, and how it is written: JSON, every field that is not empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from engine.decide.record import Record
from engine.model.errors import JournalError
from engine.model.position import Closed
from engine.model.run import ArchiveUsed


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What a run starts from (`run_started`); written again when a run goes on from something else.

    source: "feed" or "live". code: a hash of the program's own files. dependencies: package → version. schemas: file →
    its SHA-256. arguments: the command line, word by word. assumptions: facts that are assumed, name → value.
    playbooks: name → content hash. rulebook: the hash of the texts that decide from here on.
    """

    source: str
    engine_version: str
    code: str
    python: str
    dependencies: tuple[tuple[str, str], ...] = ()
    schemas: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()
    assumptions: tuple[tuple[str, str], ...] = ()
    archives: tuple[ArchiveUsed, ...] = ()
    playbooks: tuple[tuple[str, str], ...] = ()
    rulebook: str = ""


@dataclass(frozen=True, slots=True)
class RulebookTexts:
    """
    The files of a rulebook (`texts`), written once for each hash in a journal.

    rulebook: the hash, see `rulebook_hash`. files: name and text, in the order they are loaded.
    """

    rulebook: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """
    One message event (`decided`): what every playbook that hears it decided.

    closed: what these decisions closed, and what had expired since the ones before, oldest first.
    """

    records: tuple[Record, ...]
    closed: tuple[Closed, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEnded:
    """
    The end of a run that went through (`run_ended`); a run without one was stopped, and can go on.

    messages: of all archives, whether or not a playbook listens to their channel. unwatched: of these, in channels
    no playbook listens to. bad_rows: entries that are no message. skipped_system: joins, pins and the like.
    closed: what had expired since the last decisions.
    """

    messages: int = 0
    unwatched: int = 0
    bad_rows: int = 0
    skipped_system: int = 0
    closed: tuple[Closed, ...] = ()


Body = Manifest | RulebookTexts | Decided | RunEnded

# Sets are written in order, so that the same facts are always the same bytes.
_encode: Final = msgspec.json.Encoder(order="deterministic").encode
B = TypeVar("B", Manifest, RulebookTexts, Decided, RunEnded)
_DECODERS: Final[dict[type, Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (Manifest, RulebookTexts, Decided, RunEnded)
}


def encoded(body: Body) -> bytes:
    """Return a body as the JSON an entry holds."""
    return _encode(body)


def manifest(body: bytes) -> Manifest:
    """Return the body of a `run_started` entry. Raises: JournalError."""
    return _decoded(Manifest, body)


def rulebook_texts(body: bytes) -> RulebookTexts:
    """Return the body of a `texts` entry. Raises: JournalError."""
    return _decoded(RulebookTexts, body)


def decided(body: bytes) -> Decided:
    """Return the body of a `decided` entry. Raises: JournalError."""
    return _decoded(Decided, body)


def run_ended(body: bytes) -> RunEnded:
    """Return the body of a `run_ended` entry. Raises: JournalError."""
    return _decoded(RunEnded, body)


def _decoded(kind: type[B], body: bytes) -> B:
    try:
        made: B = _DECODERS[kind].decode(body)
    except msgspec.DecodeError as error:
        message = f"an entry holds what this version does not know how to read: {error}"
        raise JournalError("journal_too_new", message, "read it with the version that wrote it") from error
    return made


def rulebook_hash(files: Mapping[str, str]) -> str:
    """Return the hash of a rulebook's files, names and order included: SHA-256 in hexadecimal."""
    return sha256(_encode(list(files.items()))).hexdigest()
