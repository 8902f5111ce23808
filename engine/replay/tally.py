"""The summary of a replay, counted while it runs: memory grows with authors, patterns and days, not with messages."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from engine.model.alert import Reading
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.message import Message
from engine.model.playbook import Playbook
from engine.model.position import Closed, Position
from engine.model.run import BadRow, PatternHits, RunCounts, RunStart
from engine.parse.calendar import market_date
from engine.replay.profits import Profits
from engine.replay.reached import Reached
from engine.replay.summary import (
    SAMPLES_PER_REASON,
    DayCount,
    GroupCount,
    ReasonCount,
    ReplaySummary,
    Sample,
    UnheardAuthor,
    Unwatched,
    VersionUsed,
)

_BAD_ROWS_KEPT: Final = 5
_IGNORED_KEPT: Final = 3


class Tally:
    """Counts what a replay meets and decides."""

    def __init__(self) -> None:
        self._reasons: Counter[tuple[Verdict, Reason]] = Counter()
        self._order_shaped: Counter[tuple[Verdict, Reason]] = Counter()
        self._days: Counter[tuple[date, Verdict]] = Counter()
        self._playbooks, self._authors, self._channels = _Groups(), _Groups(), _Groups()
        self._patterns: Counter[tuple[str, str]] = Counter()
        self._reached = Reached()
        self._profits = Profits()
        self._unwatched: dict[str, Unwatched] = {}
        self._unheard: dict[str, UnheardAuthor] = {}
        self._samples = _Samples()
        self._bad_rows: list[BadRow] = []
        self._denied_without_alert = 0

    @property
    def unwatched_messages(self) -> int:
        """How many messages stood in channels nobody listens to."""
        return sum(channel.messages for channel in self._unwatched.values())

    def watch(self, playbooks: Iterable[Playbook]) -> None:
        """Start to count the patterns and lines of playbooks that hear something."""
        for playbook in playbooks:
            self._reached.watch(playbook)
            for pattern in playbook.read.patterns:
                self._patterns[playbook.name, pattern.name] += 0

    def add_bad_row(self, row: BadRow) -> None:
        """Keep the first few rows that are no message."""
        if len(self._bad_rows) < _BAD_ROWS_KEPT:
            self._bad_rows.append(row)

    def add_unwatched(self, channel_id: str, channel_name: str, messages: int = 1) -> None:
        """Count messages no playbook hears."""
        known = self._unwatched.get(channel_id)
        so_far = known.messages if known else 0
        self._unwatched[channel_id] = Unwatched(channel_id, channel_name, so_far + messages)

    def add_unheard(self, author_id: str, name: str, messages: int = 1) -> None:
        """Count messages of an author no playbook lists, in channels some playbook hears."""
        known = self._unheard.get(author_id)
        so_far = known.messages if known else 0
        self._unheard[author_id] = UnheardAuthor(author_id, name, so_far + messages)

    def add_chatter(self, playbook: str, channel: tuple[str, str], authors: Mapping[str, int]) -> None:
        """
        Count messages of one channel that say nothing to one playbook.

        channel: its id and name. authors: how many messages each author's id posted.
        """
        messages = sum(authors.values())
        self._reasons[Verdict.IGNORED, Reason.NOT_AN_ALERT] += messages
        self._playbooks.add_ignored(playbook, playbook, messages)
        self._channels.add_ignored(*channel, messages)
        self._reached.hear(playbook, authors)

    def keep_ignored(self, message: Message, playbook: str, text: str) -> None:
        """Keep the text of a message that is counted as chatter, as long as few are kept."""
        self._samples.keep_ignored(message, playbook, text)

    def add(self, decision: Decision, message: Message, reading: Reading) -> None:
        """Count a decision and what the message was read as."""
        for alert in reading.alerts:
            self._patterns[decision.playbook, alert.pattern] += 1
        if reading.refusal is not None and reading.refusal.code == Reason.NOT_AN_ALERT:
            self._patterns[decision.playbook, reading.refusal.nearest] += 1
        self._reached.add(decision)
        for outcome in decision.outcomes:
            self._add(decision, message, outcome)
            self._samples.add(decision, outcome)

    def close(self, closed: Iterable[Closed]) -> None:
        """Add up positions, or parts of them, that ended."""
        for each in closed:
            self._profits.close(each)

    def leave_open(self, positions: Iterable[Position]) -> None:
        """Count positions that are open at the end."""
        for each in positions:
            self._profits.leave_open(each)

    def patterns(self) -> tuple[PatternHits, ...]:
        """Return how many alerts each pattern read, or told from alerts, in the order the playbooks write them."""
        return tuple(PatternHits(playbook, pattern, hits) for (playbook, pattern), hits in self._patterns.items())

    def result(self, run_id: int, counts: RunCounts, start: RunStart) -> ReplaySummary:
        """Return everything counted."""
        verdicts = self._by_verdict()
        return ReplaySummary(
            run_id=run_id,
            counts=counts,
            assumptions=start.assumptions,
            archives=start.archives,
            versions=tuple(VersionUsed(each.name, each.content_hash) for each in start.playbooks),
            alerts=self._playbooks.alerts,
            approved=verdicts[Verdict.APPROVED],
            denied=verdicts[Verdict.DENIED],
            denied_without_alert=self._denied_without_alert,
            ignored=verdicts[Verdict.IGNORED],
            reasons=self._by_reason(),
            playbooks=self._playbooks.result(),
            authors=self._authors.result(),
            channels=self._channels.result(),
            days=self._by_day(),
            assumed_profit_by_playbook=self._profits.by_playbook(),
            assumed_profit_by_author=self._profits.by_author(self._authors.names),
            assumed_profit_by_day=self._profits.by_day(),
            patterns=self.patterns(),
            unreached=self._reached.unreached(name for name, hits in self._patterns.items() if hits),
            unwatched=tuple(sorted(self._unwatched.values(), key=lambda each: (-each.messages, each.id))),
            unheard_authors=tuple(sorted(self._unheard.values(), key=lambda each: (-each.messages, each.id))),
            samples=self._samples.refused(),
            ignored_samples=() if verdicts.keys() - {Verdict.IGNORED} else self._samples.ignored(),
            bad_rows=tuple(self._bad_rows),
        )

    def _add(self, decision: Decision, message: Message, outcome: Outcome) -> None:
        verdict = outcome.verdict
        self._reasons[verdict, outcome.reason] += 1
        self._order_shaped[verdict, outcome.reason] += outcome.is_order_shaped
        self._playbooks.add(decision.playbook, decision.playbook, outcome)
        self._channels.add(message.channel_id, message.channel_name, outcome)
        if verdict is not Verdict.IGNORED:
            self._days[market_date(decision.at), verdict] += 1
            self._denied_without_alert += outcome.alert is None
        if outcome.alert is not None or verdict is Verdict.DENIED:
            self._authors.add(message.author.id, message.author.name, outcome)

    def _by_verdict(self) -> Counter[Verdict]:
        counts: Counter[Verdict] = Counter()
        for (verdict, _), count in self._reasons.items():
            counts[verdict] += count
        return +counts

    def _by_reason(self) -> tuple[ReasonCount, ...]:
        ordered = sorted(self._reasons.items(), key=lambda entry: (-entry[1], *entry[0]))
        return tuple(
            ReasonCount(verdict, reason, count, self._order_shaped[verdict, reason])
            for (verdict, reason), count in ordered
            if count
        )

    def _by_day(self) -> tuple[DayCount, ...]:
        days = sorted({day for day, _ in self._days})
        return tuple(DayCount(day, self._days[day, Verdict.APPROVED], self._days[day, Verdict.DENIED]) for day in days)


class _Groups:
    """Counts per id; the name last seen is the one shown."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._counts: Counter[tuple[str, Verdict]] = Counter()
        self._alerts: Counter[str] = Counter()

    @property
    def alerts(self) -> int:
        return sum(self._alerts.values())

    def add(self, key: str, name: str, outcome: Outcome) -> None:
        self.names[key] = name
        self._counts[key, outcome.verdict] += 1
        self._alerts[key] += outcome.alert is not None

    def add_ignored(self, key: str, name: str, messages: int) -> None:
        self.names[key] = name
        self._counts[key, Verdict.IGNORED] += messages

    def result(self) -> tuple[GroupCount, ...]:
        groups = [
            GroupCount(key, name, self._alerts[key], *(self._counts[key, verdict] for verdict in Verdict))
            for key, name in self.names.items()
        ]
        return tuple(sorted(groups, key=lambda group: (-group.alerts, -group.denied, group.name, group.id)))


class _Samples:
    """The first few of what was refused, by reason, and of what was ignored."""

    def __init__(self) -> None:
        self._refused: dict[Reason, list[Sample]] = {}
        self._ignored: list[Sample] = []

    def add(self, decision: Decision, outcome: Outcome) -> None:
        if outcome.verdict is Verdict.DENIED and outcome.is_order_shaped:
            kept = self._refused.setdefault(outcome.reason, [])
            if len(kept) < SAMPLES_PER_REASON:
                kept.append(_sample(decision, outcome))
        elif outcome.verdict is Verdict.IGNORED and decision.text and len(self._ignored) < _IGNORED_KEPT:
            self._ignored.append(_sample(decision, outcome))

    def keep_ignored(self, message: Message, playbook: str, text: str) -> None:
        if text and len(self._ignored) < _IGNORED_KEPT:
            author, reason = message.author.name, Reason.NOT_AN_ALERT
            self._ignored.append(Sample(playbook, message.id, message.at, author, reason, "", "", "", text))

    def refused(self) -> tuple[Sample, ...]:
        return tuple(sample for samples in self._refused.values() for sample in samples)

    def ignored(self) -> tuple[Sample, ...]:
        return tuple(self._ignored)


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
        place="" if outcome.span is None else f"{outcome.span.file}:{outcome.span.line}",
    )
