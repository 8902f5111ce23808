"""What a decision rests on besides the playbook and the message: gathered before, logged with it."""

from dataclasses import dataclass
from datetime import datetime

from engine.model.alert import Alert
from engine.model.position import Position


@dataclass(frozen=True, slots=True)
class Earlier:
    """The event of the same message before an edit: its number, and what it was read as."""

    event: int
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """
    The facts of one decision.

    now: the time judged at: the clock live, the event's time plus a stated latency in a replay.
    content_hash: of the version of the playbook that decides.
    positions: what the author has open under this playbook; None when that is unknown.
    own_author_ids: the engine's own Discord accounts, whose posts are never alerts.
    earlier: None when no earlier event of the message is known.
    assumed: names of the facts above that were assumed.
    """

    now: datetime
    content_hash: str
    positions: tuple[Position, ...] | None = None
    own_author_ids: frozenset[str] = frozenset()
    earlier: Earlier | None = None
    assumed: tuple[str, ...] = ()
