"""What a tester and an ops person want to know first about a replay, as values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from engine.model.decision import Reason, Verdict
from engine.model.run import ArchiveUsed, BadRow, PatternHits, RunCounts
from engine.replay.profits import AssumedProfit, ProfitOfDay
from engine.replay.reached import UnreachedLine

SAMPLES_PER_REASON: Final = 20


@dataclass(frozen=True, slots=True)
class GroupCount:
    """What became of the alerts of one author, playbook or channel. ignored: outcomes, chatter included."""

    id: str
    name: str
    alerts: int
    approved: int
    denied: int
    ignored: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often a reason decided, and how often about something shaped like an order."""

    verdict: Verdict
    reason: Reason
    outcomes: int
    order_shaped: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """What became of a day's alerts and refusals, New York's day; chatter is not among them."""

    day: date
    approved: int
    denied: int


@dataclass(frozen=True, slots=True)
class Unwatched:
    """A channel no playbook listens to."""

    id: str
    name: str
    messages: int


@dataclass(frozen=True, slots=True)
class UnheardAuthor:
    """An author in channels playbooks listen to, whom none of them lists."""

    id: str
    name: str
    messages: int


@dataclass(frozen=True, slots=True)
class VersionUsed:
    """A version of a playbook that decided."""

    name: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Sample:
    """
    Something that was refused or ignored.

    detail, nearest, rule: as in its outcome. place: the playbook line that decided, "file:line"; "".
    """

    playbook: str
    message_id: str
    at: datetime
    author: str
    reason: Reason
    rule: str
    detail: str
    nearest: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """
    One replay in numbers.

    run_id: its number in the store. alerts: outcomes about an alert, one per playbook that read it.
    denied_without_alert: of the denied, those that are not among the alerts, because none could be read.
    reasons: most frequent first; approvals are in it. authors: of alerts and refusals only, busiest
    first. patterns: of every playbook that heard something, also those that never matched.
    samples: of what is shaped like an order and was refused, at most SAMPLES_PER_REASON of each reason.
    ignored_samples: the first few messages, where every one was ignored. bad_rows: the first few of them.
    assumptions: (name, meaning) of the facts the replay had to assume. days: in the order of time.
    unreached: lines of the playbooks that heard something, which no message reached.
    """

    run_id: int
    counts: RunCounts
    assumptions: tuple[tuple[str, str], ...]
    archives: tuple[ArchiveUsed, ...]
    versions: tuple[VersionUsed, ...]
    alerts: int
    approved: int
    denied: int
    denied_without_alert: int
    ignored: int
    reasons: tuple[ReasonCount, ...]
    playbooks: tuple[GroupCount, ...]
    authors: tuple[GroupCount, ...]
    channels: tuple[GroupCount, ...]
    days: tuple[DayCount, ...]
    assumed_profit_by_playbook: tuple[AssumedProfit, ...]
    assumed_profit_by_author: tuple[AssumedProfit, ...]
    assumed_profit_by_day: tuple[ProfitOfDay, ...]
    patterns: tuple[PatternHits, ...]
    unreached: tuple[UnreachedLine, ...]
    unwatched: tuple[Unwatched, ...]
    unheard_authors: tuple[UnheardAuthor, ...]
    samples: tuple[Sample, ...]
    ignored_samples: tuple[Sample, ...]
    bad_rows: tuple[BadRow, ...]

    @property
    def never_hit(self) -> tuple[PatternHits, ...]:
        """The patterns that matched nothing."""
        return tuple(pattern for pattern in self.patterns if pattern.hits == 0)
