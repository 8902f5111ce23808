"""
Archived channels × a rulebook → decisions in a store, and a summary.

Everything is read first: chatter is told from the rest and goes to the store as columns; the rest is then decided
in the order it happened, over all archives, by the code that decides live messages. What a replay cannot know it
assumes, and says so in every decision.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Final

from engine.decide.book import Book, Fills
from engine.model.run import PlaybookVersion, RunCounts, RunStart
from engine.playbook.rulebook import LivePlaybook, Rulebook
from engine.ports import RunWriter, Store
from engine.replay.archive_files import ArchiveFile, archive_used
from engine.replay.archive_format import Format
from engine.replay.archive_parquet import edited_ids
from engine.replay.archive_tally import ReadTally
from engine.replay.assumptions import Assumptions
from engine.replay.deciding import Deciding
from engine.replay.gathering import Gathering
from engine.replay.reading import read
from engine.replay.summary import ReplaySummary
from engine.replay.tally import Tally
from engine.replay.tasks import tasks_of

LARGE: Final = 64 << 20
_USUAL: Final = Assumptions()

Progress = Callable[[ReadTally], None]


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """
    How to replay.

    latency: from an event's own time to the time it is judged at.
    engine_version, arguments: for the record of the run.
    own_author_ids: the engine's own Discord accounts.
    processes: how many read; what comes out does not depend on it.
    """

    engine_version: str
    arguments: tuple[str, ...] = ()
    latency: timedelta = timedelta(seconds=1)
    own_author_ids: frozenset[str] = frozenset()
    assumptions: Assumptions = _USUAL
    processes: int = 1


def usual_processes(archives: Sequence[ArchiveFile], cores: int) -> int:
    """Return how many processes are worth their start: two for what is large, where there are two cores."""
    return min(2, cores) if sum(archive.size for archive in archives) >= LARGE else 1


def replay(
    rulebook: Rulebook, archives: Sequence[ArchiveFile], store: Store, options: ReplayOptions, progress: Progress
) -> ReplaySummary:
    """
    Decide every message of the archives for every playbook that hears its channel.

    progress: told now and then how far the reading has come, and once at the end.
    Raises: ArchiveError, StoreError; the run is then marked as failed in the store, and no query
    takes what was written of it for a whole one.
    """
    start, tally = _start(rulebook, archives, options), Tally()
    with _uncollected(), store.run(start) as writer, Gathering(rulebook, writer, tally) as gathering:
        _gather(archives, rulebook, gathering, options, progress)
        _decide(rulebook, gathering, writer, tally, options)
        counts = _counts(gathering.read, tally)
        writer.write_pattern_hits(tally.patterns())
        writer.finish(counts)
        return tally.result(writer.run_id, counts, start)


@contextmanager
def _uncollected() -> Iterator[None]:
    """
    Keep the garbage collector from running meanwhile.

    What a replay makes holds no cycles and goes by itself; looking for them took a quarter of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _gather(
    archives: Sequence[ArchiveFile],
    rulebook: Rulebook,
    gathering: Gathering,
    options: ReplayOptions,
    progress: Progress,
) -> None:
    tasks = tasks_of(archives)
    edited = edited_ids([task.path for task in tasks if task.format is Format.PARQUET])
    with closing(read(tasks, rulebook, edited, options.processes)) as found:
        for piece in found:
            gathering.take(piece)
            progress(gathering.read)
    progress(gathering.read)
    gathering.count()


def _decide(rulebook: Rulebook, gathering: Gathering, writer: RunWriter, tally: Tally, options: ReplayOptions) -> None:
    switches = options.assumptions.switches
    book = Book(Fills.ASSUMED if "fills" in switches else Fills.UNKNOWN, expires_worthless="expiry" in switches)
    sources = options.assumptions.sources(options.latency, options.own_author_ids)
    deciding = Deciding(rulebook, sources, book, writer, tally)
    for body in gathering.spool.in_order():
        deciding.decide(body)
    gathering.read.messages -= deciding.repeated
    if gathering.last is not None:
        deciding.end(gathering.last + options.latency)


def _counts(read: ReadTally, tally: Tally) -> RunCounts:
    return RunCounts(read.messages, tally.unwatched_messages, read.bad_rows, read.skipped_system)


def _start(rulebook: Rulebook, archives: Sequence[ArchiveFile], options: ReplayOptions) -> RunStart:
    return RunStart(
        engine_version=options.engine_version,
        arguments=options.arguments,
        assumptions=options.assumptions.sentences(options.latency),
        archives=tuple(chain.from_iterable(map(archive_used, archives))),
        playbooks=tuple(_version(live, rulebook) for live in rulebook.playbooks),
        texts=tuple(rulebook.texts.items()),
    )


def _version(live: LivePlaybook, rulebook: Rulebook) -> PlaybookVersion:
    file = live.playbook.file
    return PlaybookVersion(live.playbook.name, live.content_hash, file, rulebook.texts.get(file, ""))
