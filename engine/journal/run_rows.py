"""What the queries answer with: one frozen row for each kind of question."""

from dataclasses import dataclass
from datetime import datetime

from engine.model.run import ArchiveUsed, RunCounts, RunKind, RunStatus


@dataclass(frozen=True, slots=True)
class RunRow:
    """
    One run.

    finished_at, counts: None and zeros for one that is unfinished. error: why it failed.
    name: of the run in the journal; "" for a replay. is_dropped: its rows were exported and dropped.
    """

    run_id: int
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None
    engine_version: str
    arguments: tuple[str, ...]
    assumptions: tuple[tuple[str, str], ...]
    archives: tuple[ArchiveUsed, ...]
    counts: RunCounts
    error: str = ""
    kind: RunKind = RunKind.REPLAY
    name: str = ""
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """
    Which outcomes to list; what is not given does not narrow.

    author: id or name. text: stands anywhere in the message, whatever its case.
    missed_only: order-shaped, but refused. with_chatter: also what was ignored as no alert; its text
    is not kept. limit: at most that many, newest first.
    """

    playbook: str | None = None
    author: str | None = None
    verdict: str | None = None
    reason: str | None = None
    symbol: str | None = None
    text: str | None = None
    missed_only: bool = False
    with_chatter: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """
    One outcome in a list.

    place: the playbook line that decided, "file:line:column"; "". action, symbol: of its alert, if any.
    decision_id and text are empty for chatter.
    """

    decision_id: str
    message_id: str
    event: int
    alert_index: int
    playbook: str
    channel_id: str
    author_id: str
    author_name: str
    posted_at: datetime
    verdict: str
    reason: str
    rule: str
    detail: str
    place: str
    text: str
    nearest: str
    is_order_shaped: bool
    action: str
    symbol: str


@dataclass(frozen=True, slots=True)
class ChatterRow:
    """One ignored message, as far as it is kept."""

    message_id: str
    event: int
    playbook: str
    channel_id: str
    author_id: str
    author_name: str
    posted_at: datetime
    reason: str
