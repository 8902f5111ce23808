"""
Archived channels, message by message, through the live path: journal, acknowledgement, queryable log.

What the journal holds of a run decides where it goes on, so that starting again after whatever ended it repeats
no message event.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from engine.app.deciding_tally import DecidingTally
from engine.app.feed_run import FeedOptions, FeedRun
from engine.app.live import Acknowledged, Listener, LiveMessages
from engine.app.pace import Pace, Timing
from engine.journal.entry_bodies import RunEnded, encoded
from engine.journal.log import JournalLog
from engine.journal.projection import Projection
from engine.model.entry import EntryKind
from engine.model.errors import StoreError
from engine.model.message import Message
from engine.playbook.rulebook import Rulebook
from engine.replay.archive import Row
from engine.replay.archive_files import ArchiveFile
from engine.replay.archive_order import in_time_order
from engine.replay.archive_tally import ReadTally
from engine.replay.event_time import happened_at


class Audience(Listener, Protocol):
    """Who follows a feed, and may end it."""

    def progress(self, done: int, total: int) -> None:
        """Learn how many messages have been passed on or passed over; called for every one."""
        ...

    def wants_end(self) -> bool:
        """Whether to stop before the next message; everything decided until then is written down."""
        ...


@dataclass(frozen=True, slots=True)
class FeedSummary:
    """
    What became of a feed.

    run: its name in the journal. is_whole: every message has been through; else it goes on when started again.
    before: message events that were decided when it started. tally: what was decided until now, that included.
    last: the number of the newest entry of the journal. unsaved: message events the full disk left no room for.
    is_behind: the DuckDB file could not be kept level with the journal.
    """

    run: str
    is_whole: bool
    before: int
    tally: DecidingTally
    last: int
    unsaved: int = 0
    is_behind: bool = False


def feed(
    rulebook: Rulebook, archives: Sequence[ArchiveFile], options: FeedOptions, audience: Audience, timing: Timing
) -> FeedSummary:
    """
    Send every message of the archives that has no decision yet through the live path, in (time, id) order.

    Raises: ArchiveError, JournalError, StoreError, RunError. What was acknowledged is on disk, whatever is raised.
    """
    with JournalLog.open(options.journal, timing.now, segment_bytes=options.segment_bytes) as log:
        for repair in log.repairs:
            audience.warn(str(repair))
        run = FeedRun(log, rulebook, archives, options)
        if not run.so_far.is_ended:
            run.begin(audience.warn)
        projection = Projection(options.database, options.journal)
        try:
            summary = _Feeding(log, run, audience, projection).through(archives, timing)
        except BaseException:
            with suppress(StoreError):
                projection.close()
            raise
        return replace(summary, is_behind=not _is_level(projection, audience))


def _is_level(projection: Projection, audience: Audience) -> bool:
    """Close the queryable log; return whether it holds all that the journal does."""
    try:
        projection.close()
    except StoreError as error:
        audience.warn(f"{error}; the journal holds everything, and the next start or journal rebuild makes up for it")
        return False
    return True


class _Feeding:
    """One feed under way (see live.Listener)."""

    def __init__(self, log: JournalLog, run: FeedRun, audience: Audience, projection: Projection) -> None:
        self._log = log
        self._run = run
        self._audience = audience
        self._projection = projection
        self._tally = run.so_far.tally

    def acknowledge(self, batch: Sequence[Acknowledged]) -> None:
        """Pass on what is on disk."""
        self._audience.acknowledge(batch)
        for each in batch:
            self._tally.add(each.records)
            self._projection.offer(each.entry)

    def warn(self, sentence: str) -> None:
        """Tell a person, at once."""
        self._audience.warn(sentence)

    def through(self, archives: Sequence[ArchiveFile], timing: Timing) -> FeedSummary:
        """Send the messages of the archives on their way, as far as nobody wants the end."""
        before, is_whole, unsaved = self._tally.events, self._run.so_far.is_ended, 0
        if not is_whole:
            live = LiveMessages(self._log, self._run, self, timing.monotonic)
            read = ReadTally()
            is_through = self._take_all(live, in_time_order(archives, read), read, Pace(timing))
            live.settle()
            unsaved = live.unsaved
            is_whole = is_through and not unsaved
            if is_whole:
                # Whatever somebody listens to has a decision.
                unwatched = read.messages - self._tally.events
                self._end(RunEnded(read.messages, unwatched, read.bad_rows, read.skipped_system, live.closed))
        last = self._log.last
        return FeedSummary(self._run.run, is_whole, before, self._tally, last.seq if last else 0, unsaved)

    def _take_all(self, live: LiveMessages, rows: Iterable[Row], read: ReadTally, pace: Pace) -> bool:
        """Return whether all went through."""
        messages = (row for row in rows if isinstance(row, Message))
        for done, message in enumerate(messages):
            self._audience.progress(done, read.messages)
            if self._run.so_far.is_done(message):
                continue
            at = happened_at(message)
            if pace.seconds_to(at) > 0:
                live.settle()
            if self._audience.wants_end() or not pace.wait(at, self._audience.wants_end):
                return False
            live.take(message)
        return True

    def _end(self, ended: RunEnded) -> None:
        entry = self._log.append(EntryKind.RUN_ENDED, self._run.run, encoded(ended))
        self._log.sync()
        self._projection.offer(entry)
