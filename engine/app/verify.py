"""
Checks that what was logged is what the engine decides: every decision is derived again and compared whole.

Every version of a playbook that hears a message must have decided about it, and once.
Exact for the same engine; of another one differences are shown as such, and are no fault of the log.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from engine.app.derive import Compared, Deriver, Difference, Version, again
from engine.app.manifest import code_hash
from engine.app.served_so_far import RulebooksSoFar, ServedSoFar
from engine.app.serving import Served
from engine.decide.record import Record
from engine.journal.entry_bodies import decided
from engine.journal.log import read_entries
from engine.journal.verify_log import Verdict as ChainVerdict
from engine.journal.verify_log import verify as verify_chain
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError

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
    """
    Derives the decisions of a journal, entry by entry.

    Who decides in a run that trades changes within it, and follows from the entries before each decision.
    """

    def __init__(self) -> None:
        self.derived = Derived()
        self._rulebooks = RulebooksSoFar()
        self._runs: dict[str, ServedSoFar] = {}
        self._derivers: dict[str, tuple[Served, Deriver]] = {}
        self._decided: set[tuple[str, str, str, int]] = set()  # run, channel, message, event

    def take(self, entry: Entry) -> None:
        if entry.kind is EntryKind.TEXTS:
            self._rulebooks.take(entry)
            return
        run = self._runs.setdefault(entry.run, ServedSoFar(self._rulebooks))
        if entry.kind is EntryKind.DECIDED:
            self._derive(entry.run, run, decided(entry.body).records)
        else:
            run.take(entry)

    def _derive(self, name: str, run: ServedSoFar, records: tuple[Record, ...]) -> None:
        served = run.now()
        if served is None or run.manifest is None:
            self.derived.not_derived += len(records)
            return
        is_same_engine = run.manifest.code == code_hash()
        if not records:
            nobody = Difference("", "", 0, "", "records", "", "what every playbook that hears the message decided")
            self.derived.add((nobody,), is_same_engine=is_same_engine)
        deriver = self._deriver(name, served)
        for event, group in groupby(records, key=event_of):
            compared = tuple(deriver.compare(tuple(group)))
            for found in self._differences((name, *event), compared, run):
                self.derived.add(found, is_same_engine=is_same_engine)
            for missing in deriver.missing(compared[0].record.message, {each.version for each in compared}):
                self.derived.add((missing,), is_same_engine=is_same_engine)

    def _differences(
        self, event: tuple[str, str, str, int], compared: Iterable[Compared], run: ServedSoFar
    ) -> Iterator[tuple[Difference, ...]]:
        """Yield the differences of each decision about one message event of a run."""
        is_again = event in self._decided
        self._decided.add(event)
        deciders: set[Version] = set()
        for found in compared:
            is_extra = is_again or found.version in deciders
            deciders.add(found.version)
            extra = (again(*event[2:], found.version),) if is_extra else ()
            yield (*found.places, *_of_stage(found, run), *extra)

    def _deriver(self, run: str, served: Served) -> Deriver:
        known = self._derivers.get(run)
        if known is None or known[0] is not served:
            known = self._derivers[run] = served, Deriver(served.production, served.candidates)
        return known[1]


def _of_stage(found: Compared, run: ServedSoFar) -> Iterator[Difference]:
    """Yield the difference of a decision whose openings went elsewhere than promotion says."""
    if found.live is None:
        return
    logged, derived = found.record.facts.stage, run.stage_of(found.live, found.record.message)
    if logged is not derived:
        decision, message = found.record.decision, found.record.message
        yield Difference(
            decision.decision_id,
            message.id,
            message.event,
            decision.playbook,
            "facts.stage",
            "" if logged is None else logged.value,
            "" if derived is None else derived.value,
            found.version[1],
        )
