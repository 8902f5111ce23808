"""One replay: what it starts from, what it met on the way, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class BadRow:
    """
    A message of an archive that cannot be a message: recorded and passed over.

    index: its position in its file, from 0, counting every entry.
    code: "no_id", "bad_id", "no_author", "no_time", "bad_time", "bad_text" or "not_a_message".
    reason: one sentence. file: name of the archive file.
    """

    index: int
    code: str
    reason: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveUsed:
    """An archive file a replay reads. size: bytes on disk. sha256: of those bytes, in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PlaybookVersion:
    """One playbook as a replay ran it. file: where it was read from. text: its YAML, as written."""

    name: str
    content_hash: str
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class PatternHits:
    """How many alerts one pattern of one playbook read; 0 for one that never matched."""

    playbook: str
    pattern: str
    hits: int


class RunKind(StrEnum):
    """Where the messages of a run come from: an archive at once, an archive one by one, or Discord itself."""

    REPLAY = "replay"
    FEED = "feed"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class RunStart:
    """
    What a replay starts from.

    arguments: the command line, word by word. assumptions: facts it has to assume, by name.
    texts: the files of the rulebook, name and text of each, in the order they are loaded.
    """

    engine_version: str
    arguments: tuple[str, ...] = ()
    assumptions: tuple[tuple[str, str], ...] = ()
    archives: tuple[ArchiveUsed, ...] = ()
    playbooks: tuple[PlaybookVersion, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    kind: RunKind = RunKind.REPLAY


@dataclass(frozen=True, slots=True)
class RunCounts:
    """
    How much a finished replay read.

    messages: those handed on, whether or not a playbook listens to their channel.
    unwatched: of these, in channels no playbook listens to. skipped_system: joins, pins and the like.
    """

    messages: int = 0
    unwatched: int = 0
    bad_rows: int = 0
    skipped_system: int = 0


class RunStatus(StrEnum):
    """
    How a replay ended.

    Only a finished one is complete. UNFINISHED: it is still running, or its process was killed.
    """

    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNFINISHED = "unfinished"
