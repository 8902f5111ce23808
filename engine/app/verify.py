"""
Checks that what was logged is what the engine decides: every decision is derived again and compared whole.

Every playbook that hears a message must have decided about it, and once.
Exact for the same engine; of another one differences are shown as such, and are no fault of the log.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from engine.app.derive import Deriver, Difference, again
from engine.app.manifest import code_hash
from engine.decide.record import Record
from engine.journal.entry_bodies import Manifest, decided, manifest, rulebook_texts
from engine.journal.log import read_entries
from engine.journal.verify_log import Verdict as ChainVerdict
from engine.journal.verify_log import verify as verify_chain
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError
from engine.playbook.rulebook import load_texts

DIFFERENCES_KEPT: Final = 1_000

Report = Callable[[int, int], None]


@dataclass(slots=True)
class Derived:
    """
    What came of deriving decisions again.

    equal, different: of the engine that runs now; a decision that is missing is a different one. engine_changed:
    different, and decided by another engine. not_derived: kept without what it takes, so nobody knows.
    differences: of the first 1,000 decisions; those of an engine that has changed are in differences_of_another.
    """

    equal: int = 0
    different: int = 0
    engine_changed: int = 0
    not_derived: int = 0
    differences: list[Difference] = field(default_factory=list)
    differences_of_another: list[Difference] = field(default_factory=list)

    @property
    def decisions(self) -> int:
        """How many were derived, or are missing."""
        return self.equal + self.different + self.engine_changed

    @property
    def is_sound(self) -> bool:
        """Whether all could be derived, and everything this engine decided comes out as it was logged."""
        return not self.different and not self.not_derived

    def add(self, found: Iterable[Difference], *, is_same_engine: bool) -> None:
        """Count one decision, and keep where it differs."""
        places = tuple(found)
        if not places:
            self.equal += 1
            return
        kept = self.differences if is_same_engine else self.differences_of_another
        if is_same_engine:
            self.different += 1
        else:
            self.engine_changed += 1
        if len(kept) < DIFFERENCES_KEPT:
            kept.extend(places)


@dataclass(frozen=True, slots=True)
class VerifiedJournal:
    """What was found in a journal. derived: only as far as the chain is whole."""

    chain: ChainVerdict
    derived: Derived

    @property
    def is_sound(self) -> bool:
        """Whether the journal is as it was written, and its decisions come out as logged."""
        return self.chain.ok and self.derived.is_sound


def verify_journal(folder: Path, report: Report) -> VerifiedJournal:
    """
    Check a journal: its chain, and every decision in it.

    report: told how many entries are done, and of how many.
    Raises: JournalError, when there is no journal, or it cannot be read at all.
    """
    chain = verify_chain(folder)
    check = _JournalCheck()
    try:
        for entry in read_entries(folder):
            check.take(entry)
            report(entry.seq, chain.last.seq)
    except JournalError:
        if chain.ok:
            raise
    return VerifiedJournal(chain, check.derived)


def event_of(record: Record) -> tuple[str, str, int]:
    """Return which message event a decision is about: channel, message, event."""
    return record.message.channel_id, record.message.id, record.message.event


class _JournalCheck:
    """Derives the decisions of a journal, entry by entry."""

    def __init__(self) -> None:
        self.derived = Derived()
        self._files: dict[str, tuple[tuple[str, str], ...]] = {}
        self._manifests: dict[str, Manifest] = {}
        self._derivers: dict[str, Deriver] = {}
        self._decided: set[tuple[str, str, str, int]] = set()  # run, channel, message, event

    def take(self, entry: Entry) -> None:
        if entry.kind is EntryKind.TEXTS:
            texts = rulebook_texts(entry.body)
            self._files[texts.rulebook] = texts.files
        elif entry.kind is EntryKind.RUN_STARTED:
            self._manifests[entry.run] = manifest(entry.body)
        elif entry.kind is EntryKind.DECIDED:
            self._derive(entry.run, decided(entry.body).records)

    def _derive(self, run: str, records: tuple[Record, ...]) -> None:
        started = self._manifests.get(run)
        deriver = None if started is None else self._deriver(started.rulebook)
        if started is None or deriver is None:
            self.derived.not_derived += len(records)
            return
        is_same_engine = started.code == code_hash()
        if not records:
            nobody = Difference("", "", 0, "", "records", "", "what every playbook that hears the message decided")
            self.derived.add((nobody,), is_same_engine=is_same_engine)
        for _, group in groupby(records, key=event_of):
            for found in self._differences(run, deriver, tuple(group)):
                self.derived.add(found, is_same_engine=is_same_engine)

    def _differences(self, run: str, deriver: Deriver, records: tuple[Record, ...]) -> Iterator[tuple[Difference, ...]]:
        """Yield the differences of each decision about one message event, then one for each that is missing."""
        event = (run, *event_of(records[0]))
        is_again = event in self._decided
        self._decided.add(event)
        deciders: set[str] = set()
        for record, found in zip(records, deriver.differences(records), strict=True):
            name = record.decision.playbook
            is_extra = is_again or name in deciders
            deciders.add(name)
            yield (*found, again(record.message.id, record.message.event, name)) if is_extra else found
        for missing in deriver.missing(records[0].message, deciders):
            yield (missing,)

    def _deriver(self, rulebook: str) -> Deriver | None:
        if rulebook not in self._derivers and rulebook in self._files:
            self._derivers[rulebook] = Deriver(load_texts(dict(self._files[rulebook])))
        return self._derivers.get(rulebook)
