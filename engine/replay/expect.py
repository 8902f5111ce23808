"""Holds a replay against what was expected of it, while it runs; memory grows with what is expected only."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from engine.decide.record import Record
from engine.model.chatter import ChatterBatch
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.playbook.examples import compared, described
from engine.playbook.rulebook import Rulebook
from engine.replay.expectations import CountExpected, Expectations, MessageExpected, Unexpected

_MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """
    One expectation and whether the replay met it.

    name: what it is about. place: "file:line". wanted, was: for people. details: where they differ.
    """

    name: str
    place: str
    wanted: str
    was: str
    is_met: bool
    details: tuple[str, ...] = ()


class Kind(NamedTuple):
    """What decisions are counted by. author: the name as posted; listed: the name in the playbook."""

    playbook: str
    author_id: str
    author: str
    listed: str
    verdict: Verdict
    reason: str
    rule: str
    action: str


class Checker:
    """Takes in the decisions of a replay, then says which expectations it met."""

    def __init__(self, expected: Expectations, rulebook: Rulebook) -> None:
        self._expected = expected
        self._listed = {
            (live.playbook.name, author.id): author.name
            for live in rulebook.playbooks
            for author in live.playbook.listen.authors
        }
        self._counts: Counter[Kind] = Counter()
        self._covered: dict[Kind, bool] = {}
        self._named = {(each.message_id, each.playbook) for each in expected.messages}
        self._ids = {each.message_id for each in expected.messages}
        self._seen: dict[str, list[Decision]] = {}
        self._unexpected: list[str] = []
        self._unexpected_count = 0

    def add(self, records: Iterable[Record]) -> None:
        """Take in decisions."""
        for record in records:
            decision = record.decision
            if decision.message_id in self._ids:
                self._seen.setdefault(decision.message_id, []).append(decision)
            for outcome in decision.outcomes:
                kind = self._kind(decision, outcome)
                self._counts[kind] += 1
                if outcome.is_order_shaped and not self._is_covered(kind, decision):
                    self._note(decision, outcome)

    def add_chatter(self, batch: ChatterBatch) -> None:
        """Take in messages that say nothing."""
        columns = pa.RecordBatchReader.from_stream(batch.columns).read_all()
        counted = pc.value_counts(columns["author_id"]).to_pylist()
        for author_id, count in ((str(each["values"]), each["counts"]) for each in counted):
            listed = self._listed.get((batch.playbook, author_id), "")
            reason = Reason.NOT_AN_ALERT.value
            kind = Kind(batch.playbook, author_id, "", listed, Verdict.IGNORED, reason, "", "")
            self._counts[kind] += count

    def results(self) -> tuple[Checked, ...]:
        """Return every expectation and whether it was met, in the order of the file; the unexpected at the end."""
        counts = map(self._count, self._expected.counts)
        messages = map(self._message, self._expected.messages)
        return (*counts, *messages, *self._rest())

    def _kind(self, decision: Decision, outcome: Outcome) -> Kind:
        return Kind(
            playbook=decision.playbook,
            author_id=decision.author_id,
            author=decision.author_name,
            listed=self._listed.get((decision.playbook, decision.author_id), ""),
            verdict=outcome.verdict,
            reason=outcome.reason.value,
            rule=outcome.rule,
            action=outcome.alert.action.value if outcome.alert is not None else "",
        )

    def _is_covered(self, kind: Kind, decision: Decision) -> bool:
        if kind not in self._covered:
            self._covered[kind] = any(fits(count, kind) for count in self._expected.counts)
        id_ = decision.message_id
        return self._covered[kind] or (id_, None) in self._named or (id_, decision.playbook) in self._named

    def _note(self, decision: Decision, outcome: Outcome) -> None:
        self._unexpected_count += 1
        if len(self._unexpected) < _MOST_SHOWN:
            why = outcome.rule or outcome.reason.value
            text = " ".join(decision.text.split())[:80]
            self._unexpected.append(f"{decision.playbook} {decision.message_id} {why}: {text}")

    def _count(self, expected: CountExpected) -> Checked:
        count = sum(number for kind, number in self._counts.items() if fits(expected, kind))
        place = f"{expected.span.file}:{expected.span.line}"
        return Checked(name_of(expected), place, _bounds(expected), f"{count:,}", expected.holds(count))

    def _message(self, expected: MessageExpected) -> Checked:
        name = " ".join(filter(None, ("message", expected.message_id, expected.playbook)))
        place = f"{expected.span.file}:{expected.span.line}"
        seen = self._seen.get(expected.message_id, ())
        found = [each for each in seen if expected.playbook in (None, each.playbook)]
        if not found:
            was = "no playbook decided it; it is not in the archives, says nothing, or nobody listens"
            return Checked(name, place, expected.written, was, is_met=False)
        issues = [
            issue
            for decision in found
            for issue in compared(expected.gives, expected.span, decision.outcomes)
            if issue.is_error
        ]
        was = "; ".join(described(outcome) for decision in found for outcome in decision.outcomes)
        fields = tuple(issue.message for issue in issues if issue.span != expected.span)
        return Checked(name, place, expected.written, was, not issues, fields)

    def _rest(self) -> Iterator[Checked]:
        if self._expected.unexpected is Unexpected.ALLOW:
            return
        was = f"{self._unexpected_count:,}"
        name = "anything shaped like an order that nothing here covers"
        is_met = not self._unexpected_count
        yield Checked(name, self._expected.file, "none", was, is_met, tuple(self._unexpected))


def fits(expected: CountExpected, kind: Kind) -> bool:
    """Return whether decisions of a kind are among those that are counted."""
    return (
        expected.playbook in (None, kind.playbook)
        and expected.author in (None, kind.author_id, kind.author, kind.listed)
        and expected.verdict in (None, kind.verdict)
        and expected.reason in (None, kind.reason, kind.rule)
        and expected.action in (None, kind.action)
    )


def name_of(expected: CountExpected) -> str:
    """Return which decisions are counted, in words."""
    of = ("playbook", "author", "verdict", "reason", "action")
    said = [f"{name} {getattr(expected, name)}" for name in of if getattr(expected, name) is not None]
    return ", ".join(said) or "all decisions"


def _bounds(expected: CountExpected) -> str:
    of = ("exactly", "at_least", "at_most")
    said = [
        f"{name.replace('_', ' ')} {getattr(expected, name):,}" for name in of if getattr(expected, name) is not None
    ]
    return ", ".join(said)
