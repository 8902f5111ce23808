"""What an ops person wants to know first about a replay, counted while it runs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.model.alert import Reading
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.message import Message
from engine.model.playbook import Playbook
from engine.model.run import BadRow, PatternHits, RunCounts

SAMPLES_PER_REASON: Final = 5
_BAD_ROWS_KEPT: Final = 5
_IGNORED_KEPT: Final = 3


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
class Sample:
    """Something that was refused or ignored. detail, nearest, rule: as in its outcome."""

    playbook: str
    message_id: str
    at: datetime
    author: str
    reason: Reason
    rule: str
    detail: str
    nearest: str
    text: str


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
    """

    run_id: int
    counts: RunCounts
    alerts: int
    approved: int
    denied: int
    denied_without_alert: int
    ignored: int
    reasons: tuple[ReasonCount, ...]
    playbooks: tuple[GroupCount, ...]
    authors: tuple[GroupCount, ...]
    channels: tuple[GroupCount, ...]
    patterns: tuple[PatternHits, ...]
    unwatched: tuple[Unwatched, ...]
    unheard_authors: tuple[UnheardAuthor, ...]
    samples: tuple[Sample, ...]
    ignored_samples: tuple[Sample, ...]
    bad_rows: tuple[BadRow, ...]

    @property
    def never_hit(self) -> tuple[PatternHits, ...]:
        """The patterns that matched nothing."""
        return tuple(pattern for pattern in self.patterns if pattern.hits == 0)


class _Groups:
    """Counts per id; the name last seen is the one shown."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: Counter[tuple[str, Verdict]] = Counter()
        self._alerts: Counter[str] = Counter()

    def add(self, key: str, name: str, outcome: Outcome) -> None:
        self._names[key] = name
        self._counts[key, outcome.verdict] += 1
        self._alerts[key] += outcome.alert is not None

    def result(self) -> tuple[GroupCount, ...]:
        groups = [
            GroupCount(key, name, self._alerts[key], *(self._counts[key, verdict] for verdict in Verdict))
            for key, name in self._names.items()
        ]
        return tuple(sorted(groups, key=lambda group: (-group.alerts, -group.denied, group.name, group.id)))


class Tally:
    """Counts decisions as they are made; memory grows with authors and patterns, not with messages."""

    def __init__(self) -> None:
        self._reasons: Counter[tuple[Verdict, Reason]] = Counter()
        self._order_shaped: Counter[tuple[Verdict, Reason]] = Counter()
        self._playbooks, self._authors, self._channels = _Groups(), _Groups(), _Groups()
        self._patterns: Counter[tuple[str, str]] = Counter()
        self._unwatched: dict[str, Unwatched] = {}
        self._unheard: dict[str, UnheardAuthor] = {}
        self._samples: dict[Reason, list[Sample]] = {}
        self._ignored: list[Sample] = []
        self._bad_rows: list[BadRow] = []
        self._verdicts: Counter[Verdict] = Counter()
        self._alerts = 0
        self._denied_without_alert = 0

    @property
    def unwatched_messages(self) -> int:
        """How many messages stood in channels nobody listens to."""
        return sum(channel.messages for channel in self._unwatched.values())

    def watch(self, playbooks: Iterable[Playbook]) -> None:
        """Start to count the patterns of playbooks that hear something."""
        for playbook in playbooks:
            for pattern in playbook.read.patterns:
                self._patterns[playbook.name, pattern.name] += 0

    def add_bad_row(self, row: BadRow) -> None:
        """Keep the first few rows that are no message."""
        if len(self._bad_rows) < _BAD_ROWS_KEPT:
            self._bad_rows.append(row)

    def add_unwatched(self, message: Message) -> None:
        """Count a message no playbook hears."""
        known = self._unwatched.get(message.channel_id)
        messages = known.messages + 1 if known else 1
        self._unwatched[message.channel_id] = Unwatched(message.channel_id, message.channel_name, messages)

    def add_unheard(self, message: Message) -> None:
        """Count a message of an author no playbook lists, in a channel some playbook hears."""
        author = message.author
        known = self._unheard.get(author.id)
        self._unheard[author.id] = UnheardAuthor(author.id, author.name, known.messages + 1 if known else 1)

    def add(self, decision: Decision, message: Message, reading: Reading) -> None:
        """Count a decision and what the message was read as."""
        for alert in reading.alerts:
            self._patterns[decision.playbook, alert.pattern] += 1
        if reading.refusal is not None and reading.refusal.code is Reason.NOT_AN_ALERT:
            self._patterns[decision.playbook, reading.refusal.nearest] += 1
        for outcome in decision.outcomes:
            self._add(decision, message, outcome)

    def result(self, run_id: int, counts: RunCounts) -> ReplaySummary:
        """Return everything counted."""
        return ReplaySummary(
            run_id=run_id,
            counts=counts,
            alerts=self._alerts,
            approved=self._verdicts[Verdict.APPROVED],
            denied=self._verdicts[Verdict.DENIED],
            denied_without_alert=self._denied_without_alert,
            ignored=self._verdicts[Verdict.IGNORED],
            reasons=tuple(
                ReasonCount(verdict, reason, count, self._order_shaped[verdict, reason])
                for (verdict, reason), count in self._reasons.most_common()
            ),
            playbooks=self._playbooks.result(),
            authors=self._authors.result(),
            channels=self._channels.result(),
            patterns=self.patterns(),
            unwatched=tuple(sorted(self._unwatched.values(), key=lambda channel: -channel.messages)),
            unheard_authors=tuple(sorted(self._unheard.values(), key=lambda author: -author.messages)),
            samples=tuple(sample for samples in self._samples.values() for sample in samples),
            ignored_samples=tuple(self._ignored) if set(self._verdicts) <= {Verdict.IGNORED} else (),
            bad_rows=tuple(self._bad_rows),
        )

    def patterns(self) -> tuple[PatternHits, ...]:
        """Return how many alerts each pattern read, or told from alerts, in the order the playbooks write them."""
        return tuple(PatternHits(playbook, pattern, hits) for (playbook, pattern), hits in self._patterns.items())

    def _add(self, decision: Decision, message: Message, outcome: Outcome) -> None:
        key = (outcome.verdict, outcome.reason)
        self._reasons[key] += 1
        self._order_shaped[key] += outcome.is_order_shaped
        self._verdicts[outcome.verdict] += 1
        self._alerts += outcome.alert is not None
        self._denied_without_alert += outcome.alert is None and outcome.verdict is Verdict.DENIED
        self._playbooks.add(decision.playbook, decision.playbook, outcome)
        self._channels.add(message.channel_id, message.channel_name, outcome)
        if outcome.alert is not None or outcome.verdict is Verdict.DENIED:
            self._authors.add(message.author.id, message.author.name, outcome)
        if outcome.verdict is Verdict.DENIED and outcome.is_order_shaped:
            samples = self._samples.setdefault(outcome.reason, [])
            if len(samples) < SAMPLES_PER_REASON:
                samples.append(_sample(decision, outcome))
        if outcome.verdict is Verdict.IGNORED and decision.text and len(self._ignored) < _IGNORED_KEPT:
            self._ignored.append(_sample(decision, outcome))


def _sample(decision: Decision, outcome: Outcome) -> Sample:
    return Sample(
        playbook=decision.playbook,
        message_id=decision.message_id,
        at=decision.at,
        author=decision.author_name,
        reason=outcome.reason,
        rule=outcome.rule,
        detail=outcome.detail,
        nearest=outcome.nearest,
        text=decision.text,
    )
