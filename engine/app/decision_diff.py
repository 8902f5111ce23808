"""
What a candidate decides otherwise than the promoted version, over the messages the journal holds.

Both decide every message anew, each with positions of its own, under the usual assumptions of a replay.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Final

from engine.app.derive import Deriver
from engine.app.json_form import json_form
from engine.decide.book import Book
from engine.decide.record import Record
from engine.interpret.interpreter import Interpreter
from engine.journal.entry_bodies import decided
from engine.journal.reading import read_entries
from engine.model.desk import Desk
from engine.model.entry import EntryKind
from engine.model.errors import JournalError
from engine.model.message import Message
from engine.playbook.loader import LivePlaybook, under_desk
from engine.playbook.rulebook import Rulebook
from engine.replay.assumptions import Assumptions
from engine.replay.compare import Changed, Collector

_DIGITS: Final = 12
_AT_ONCE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class DecisionDiff:
    """
    Where two versions decide differently.

    old: hash of the promoted one, "" for none; then everything the candidate decides is new. messages: compared.
    """

    old: str
    new: str
    messages: int
    changed: tuple[Changed, ...]

    @property
    def mark(self) -> str:
        """A short hash of the versions and of every difference, by which a person says that they have seen it."""
        whole = dumps([self.old, self.new, [json_form(each) for each in self.changed]])
        return sha256(whole.encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True, slots=True)
class SameDecisions:
    """How many logged decisions of one version were derived again by this program, and how many came out otherwise."""

    compared: int
    different: int

    @property
    def is_same(self) -> bool:
        """Whether there were some, and all came out as logged."""
        return self.compared > 0 and not self.different


def decision_diff(
    journal: Path, promoted: LivePlaybook | None, candidate: LivePlaybook, desk: Desk | None
) -> DecisionDiff:
    """Return where a candidate decides otherwise than the promoted version. Raises: JournalError."""
    old = None if promoted is None else _Version(promoted, desk)
    new = _Version(candidate, desk)
    count = 0
    for message, now in _messages(journal):
        count += 1
        for version in (old, new):
            if version is not None:
                version.take(message, now)
    before = Collector() if old is None else old.collected
    changed = tuple(before.changes_to(new.collected))
    return DecisionDiff("" if promoted is None else promoted.content_hash, candidate.content_hash, count, changed)


def same_decisions(journal: Path, live: LivePlaybook, desk: Desk | None) -> SameDecisions:
    """Return whether a version decides as the journal says it did, by whichever program. Raises: JournalError."""
    deriver = Deriver(_alone(live, desk))
    compared = different = 0
    for entry in _decided(journal):
        mine = [
            record
            for record in entry
            if record.decision.playbook == live.playbook.name and record.decision.content_hash == live.content_hash
        ]
        for found in deriver.compare(mine) if mine else ():
            compared += 1
            different += bool(found.places)
    return SameDecisions(compared, different)


class _Version:
    """One version, and what it decides about message after message (see ports.MessageClock)."""

    def __init__(self, live: LivePlaybook, desk: Desk | None) -> None:
        self.collected = Collector()
        self._now: datetime | None = None
        sources = replace(Assumptions().sources(_AT_ONCE, frozenset()), clock=self)
        self._interpreter = Interpreter(_alone(live, desk), sources, Book())

    def take(self, message: Message, now: datetime) -> None:
        self._now = now
        self.collected.add(self._interpreter.handle(message))

    def judged_at(self, message: Message) -> datetime:
        return self._now or message.at


def _alone(live: LivePlaybook, desk: Desk | None) -> Rulebook:
    return Rulebook(desk, (under_desk(live, desk),), ())


def _messages(journal: Path) -> Iterator[tuple[Message, datetime]]:
    """Yield every message event once, with the time it was judged at."""
    seen: set[tuple[str, int]] = set()
    for records in _decided(journal):
        message = records[0].message
        if (message.id, message.event) not in seen:
            seen.add((message.id, message.event))
            yield message, records[0].facts.now


def _decided(journal: Path) -> Iterable[tuple[Record, ...]]:
    try:
        for entry in read_entries(journal):
            if entry.kind is EntryKind.DECIDED:
                yield decided(entry.body).records
    except JournalError as error:
        if error.code != "journal_not_found":
            raise
