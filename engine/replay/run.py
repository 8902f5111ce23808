"""
Archived channels × a rulebook → decisions in a store, and a summary.

The messages of all archives are taken in the order they were posted, and decided by the code that decides
live ones; what a replay cannot know it assumes, and says so in every decision.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import chain
from operator import itemgetter
from typing import Final

from engine.decide.assumed import after, without_expired
from engine.decide.decide import decide
from engine.decide.facts import Facts
from engine.model.alert import Reading
from engine.model.decision import Decision, Verdict
from engine.model.message import Message
from engine.model.position import Position
from engine.model.run import BadRow, PlaybookVersion, RunCounts, RunStart
from engine.parse.calendar import market_date
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import RunWriter, Store
from engine.replay.archive import Row, read_oldest_first
from engine.replay.archive_files import ArchiveFile, archive_used
from engine.replay.archive_tally import ReadTally
from engine.replay.summary import ReplaySummary, Tally

ASSUMED: Final = ("now", "positions")  # the facts of a replay that are not known
_PROGRESS_EVERY: Final = 500  # messages
_NEVER: Final = datetime.min.replace(tzinfo=UTC)

Progress = Callable[[ReadTally], None]


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """
    How to replay.

    latency: from a message's own time to the time it is judged at.
    engine_version, arguments: for the record of the run.
    own_author_ids: the engine's own Discord accounts.
    """

    engine_version: str
    arguments: tuple[str, ...] = ()
    latency: timedelta = timedelta(seconds=1)
    own_author_ids: frozenset[str] = frozenset()


def replay(
    rulebook: Rulebook, archives: Sequence[ArchiveFile], store: Store, options: ReplayOptions, progress: Progress
) -> ReplaySummary:
    """
    Decide every message of the archives for every playbook that hears its channel.

    progress: told now and then how far the reading has come, and once at the end.
    Raises: ArchiveError, StoreError; the run is then marked as failed in the store, and no query
    takes what was written of it for a whole one.
    """
    read = ReadTally()
    with store.run(_start(rulebook, archives, options)) as writer:
        replayer = _Replayer(rulebook, options, writer)
        for number, row in enumerate(in_time_order(archives, read), 1):
            replayer.take(row)
            if number % _PROGRESS_EVERY == 0:
                progress(read)
        progress(read)
        return replayer.finish(read)


def in_time_order(archives: Iterable[ArchiveFile], read: ReadTally) -> Iterator[Row]:
    """
    Yield the rows of all archives by the time of their messages; a bad row follows the one before it.

    A message that several exports hold comes once: its copies have the same time and so stand together.
    """
    streams = [_timed(read_oldest_first(archive, read)) for archive in archives]
    now, seen = _NEVER, set[str]()
    for at, row in merge(*streams, key=itemgetter(0)):
        if at != now:
            now = at
            seen.clear()
        if isinstance(row, Message):
            if row.id in seen:
                read.messages -= 1
                continue
            seen.add(row.id)
        yield row


def _timed(rows: Iterable[Row]) -> Iterator[tuple[datetime, Row]]:
    at = _NEVER
    for row in rows:
        if isinstance(row, Message):
            at = row.at
        yield at, row


class _Replayer:
    """One replay under way: what is open, what was counted."""

    def __init__(self, rulebook: Rulebook, options: ReplayOptions, writer: RunWriter) -> None:
        self._rulebook = rulebook
        self._options = options
        self._writer = writer
        self._tally = Tally()
        self._hearings: dict[tuple[str, str], Hearing] = {}
        self._held: dict[tuple[str, str], tuple[Position, ...]] = {}

    def take(self, row: Row) -> None:
        """Decide one message for every playbook that hears it, or note why it is none."""
        if isinstance(row, BadRow):
            self._tally.add_bad_row(row)
            self._writer.write_bad_rows((row,))
            return
        hearing = self._hearing(row)
        if not hearing.playbooks:
            self._tally.add_unwatched(row)
            return
        if not _is_heard(row, hearing):
            self._tally.add_unheard(row)
        for live, reading in hearing.read(row):
            decision = self._decide(live, row, reading)
            self._tally.add(decision, row, reading)
            self._writer.write((decision,))

    def finish(self, read: ReadTally) -> ReplaySummary:
        """End the run and sum it up."""
        counts = RunCounts(read.messages, self._tally.unwatched_messages, read.bad_rows, read.skipped_system)
        self._writer.write_pattern_hits(self._tally.patterns())
        self._writer.finish(counts)
        return self._tally.result(self._writer.run_id, counts)

    def _hearing(self, message: Message) -> Hearing:
        place = (message.channel_id, message.parent_channel_id)
        if place not in self._hearings:
            self._hearings[place] = Hearing(self._rulebook.by_channel(*place))
            self._tally.watch(live.playbook for live in self._hearings[place].playbooks)
        return self._hearings[place]

    def _decide(self, live: LivePlaybook, message: Message, reading: Reading) -> Decision:
        owner = (live.playbook.name, message.author.id)
        held = self._held.get(owner, ())
        if held and reading.alerts:
            held = without_expired(held, market_date(message.at))
        facts = Facts(
            now=message.at + self._options.latency,
            content_hash=live.content_hash,
            positions=held,
            own_author_ids=self._options.own_author_ids,
            assumed=ASSUMED,
        )
        decision = decide(live.playbook, live.rules, message, reading, facts)
        for outcome in decision.outcomes:
            if outcome.verdict is Verdict.APPROVED and outcome.alert is not None:
                held = after(held, outcome.alert, message, live.playbook)
                self._held[owner] = held
        return decision


def _is_heard(message: Message, hearing: Hearing) -> bool:
    authors = chain.from_iterable(live.playbook.listen.authors for live in hearing.playbooks)
    return any(author.id == message.author.id for author in authors)


def _start(rulebook: Rulebook, archives: Sequence[ArchiveFile], options: ReplayOptions) -> RunStart:
    return RunStart(
        engine_version=options.engine_version,
        arguments=options.arguments,
        assumptions=(
            ("now", f"the time of the message and {options.latency.total_seconds():g} s"),
            ("positions", "every approved opening was filled at the alert's price"),
        ),
        archives=tuple(chain.from_iterable(map(archive_used, archives))),
        playbooks=tuple(_version(live, rulebook) for live in rulebook.playbooks),
    )


def _version(live: LivePlaybook, rulebook: Rulebook) -> PlaybookVersion:
    file = live.playbook.file
    return PlaybookVersion(live.playbook.name, live.content_hash, file, rulebook.texts.get(file, ""))
