"""
Checks a run of a DuckDB file: every decision is derived again from what was logged with it.

Of messages that say nothing the text is not kept: those are read from the run's archives again, where they are
still there, byte for byte.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

from engine.app.derive import Deriver, Difference, again
from engine.app.manifest import engine_version
from engine.app.verify import Derived, Report, event_of
from engine.decide.decide import decide
from engine.decide.facts import Facts
from engine.decide.record import Record
from engine.journal.queries import RunLog
from engine.journal.run_rows import ChatterRow, RunRow
from engine.model.decision import Verdict
from engine.model.errors import ArchiveError, RunError
from engine.model.message import Message
from engine.model.run import RunKind
from engine.playbook.rulebook import load_texts
from engine.replay.archive_files import ArchiveFile, archive_used, archives_in
from engine.replay.archive_order import in_time_order
from engine.replay.archive_tally import ReadTally

_Key = tuple[str, str, str, int]  # playbook, channel, message, event


@dataclass(frozen=True, slots=True)
class VerifiedRun:
    """What was found in a run. missing_archives: their names; what was said in them only could not be derived."""

    run: RunRow
    derived: Derived
    missing_archives: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether all could be derived, and what this engine decided comes out as logged."""
        return self.derived.is_sound


def verify_run(log: RunLog, run_id: int | None, archives: Sequence[Path], report: Report) -> VerifiedRun:
    """
    Check one run; without a number the newest that is whole.

    archives: where its archives may be; what the command line of the run named, when there are none.
    report: told how many decisions are done; their number is not known before.
    Raises: StoreError; RunError for a run that came through the journal, which holds more of it.
    """
    run = log.run(run_id)
    if run.kind is not RunKind.REPLAY:
        remedy = "signalbook verify without --db derives it from the journal it came through"
        raise RunError("run_of_journal", f"run {run.run_id} is no replay but a {run.kind}", remedy)
    texts = log.texts(run.run_id)
    if not texts:
        kept = chain(log.records(run.run_id), log.chatter(run.run_id))
        return VerifiedRun(run, Derived(not_derived=sum(1 for _ in kept)))
    check = _RunCheck(Deriver(load_texts(texts)), run, report)
    check.take(log.records(run.run_id))
    found, missing = _found(run, archives)
    check.take_chatter(log.chatter(run.run_id), found)
    return VerifiedRun(run, check.derived, missing)


class _RunCheck:
    """Derives the decisions of a run."""

    def __init__(self, deriver: Deriver, run: RunRow, report: Report) -> None:
        self.derived = Derived()
        self._deriver = deriver
        self._is_same_engine = run.engine_version == engine_version()
        self._report = report
        self._done: set[_Key] = set()
        self._missing: dict[_Key, Difference] = {}

    def take(self, records: Iterator[Record]) -> None:
        for event, group in groupby(records, key=event_of):
            about = tuple(group)
            compared = tuple(self._deriver.compare(about))
            for found in compared:
                key = (found.record.decision.playbook, *event)
                extra = (again(key[2], key[3], found.version),) if key in self._done else ()
                self._add((*found.places, *extra))
                self._done.add(key)
            deciders = {found.version for found in compared}
            for missing in self._deriver.missing(about[0].message, deciders):
                self._missing[missing.playbook, *event] = missing

    def take_chatter(self, rows: Iterator[ChatterRow], archives: Sequence[ArchiveFile]) -> None:
        """Read the archives again: what is logged as saying nothing must say nothing, and nothing may be missing."""
        waiting = self._waiting(rows)
        for message in in_time_order(archives, ReadTally()) if archives else ():
            if isinstance(message, Message):
                self._take_unsaid(message, waiting)
        for key, missing in self._missing.items():
            if key not in self._done:
                self._add((missing,))
        self.derived.not_derived += len(waiting)

    def _waiting(self, rows: Iterator[ChatterRow]) -> dict[_Key, str]:
        """Return the reasons of what is logged as saying nothing; it is not missing then."""
        waiting: dict[_Key, str] = {}
        for row in rows:
            key = (row.playbook, row.channel_id, row.message_id, row.event)
            if key in waiting or key in self._done:
                self._add((again(row.message_id, row.event, (row.playbook, "")),))
            else:
                waiting[key] = row.reason
            self._missing.pop(key, None)
        return waiting

    def _take_unsaid(self, message: Message, waiting: dict[_Key, str]) -> None:
        for (name, _), (live, reading) in self._deriver.readings(message).items():
            key = (name, message.channel_id, message.id, message.event)
            if key in self._done or key in self._missing:
                continue
            logged = waiting.pop(key, "")
            decision = decide(live.terms, message, reading, Facts(message.at, live.content_hash))
            derived = decision.outcomes[0].reason
            is_equal = derived == logged and all(each.verdict is Verdict.IGNORED for each in decision.outcomes)
            field = "reason" if logged else "record"
            place = Difference(decision.decision_id, message.id, message.event, name, field, logged, derived)
            self._add(() if is_equal else (place,))

    def _add(self, found: Sequence[Difference]) -> None:
        self.derived.add(found, is_same_engine=self._is_same_engine)
        self._report(self.derived.decisions, 0)


def _found(run: RunRow, archives: Sequence[Path]) -> tuple[tuple[ArchiveFile, ...], tuple[str, ...]]:
    """Return the archives of a run that are still what they were, and the names of the files that are not."""
    wanted = {used.sha256: used.name for used in run.archives}
    places = archives or tuple(path for path in map(Path, run.arguments) if path.exists())
    found: list[ArchiveFile] = []
    for archive in _archives_in(places):
        used = archive_used(archive)
        if all(each.sha256 in wanted for each in used):
            found.append(archive)
            for each in used:
                wanted.pop(each.sha256, None)
    return tuple(found), tuple(sorted(wanted.values()))


def _archives_in(places: Sequence[Path]) -> Iterator[ArchiveFile]:
    for place in places:
        try:
            yield from archives_in([place])
        except ArchiveError:
            continue
