"""The live path with a journal of its own, also on a disk that is full, or fails."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest

from engine.adapters.clock import SystemClock
from engine.app.feed_run import FeedOptions, FeedRun
from engine.app.live import NO_ROOM, LiveMessages
from engine.decide.record import Record
from engine.journal import segment_file
from engine.journal.entry_bodies import decided
from engine.journal.log import JournalLog, read_entries
from engine.journal.verify_log import verify
from engine.model.decision import Reason, Verdict
from engine.model.entry import EntryKind
from engine.model.errors import JournalError
from engine.model.message import Message
from engine.playbook.rulebook import Rulebook
from engine.replay.archive import read_archive
from engine.replay.archive_files import ArchiveFile, archives_in
from tests.feeding import Follower, loaded, write_archive, write_desk

# The journal makes a mebibyte and its reserve ready at once: here it can do so at first, and not a second time.
LARGEST_FILE = 1_360_000
RESERVE = 300_000
ONE_GROWTH = 1_050_000


@dataclass
class Desk:
    """A rulebook, an archive, and an empty journal."""

    rulebook: Rulebook
    archives: tuple[ArchiveFile, ...]
    folder: Path
    follower: Follower = field(default_factory=Follower)
    seconds: float = 0.0
    reserve: int = RESERVE

    @property
    def messages(self) -> list[Message]:
        (archive,) = self.archives
        return [row for row in read_archive(archive.parts[0]) if isinstance(row, Message)]

    @contextmanager
    def live(self) -> Iterator[LiveMessages]:
        with JournalLog.open(self.folder, SystemClock().now, reserve_bytes=self.reserve) as log:
            run = FeedRun(log, self.rulebook, self.archives, FeedOptions(self.folder, self.folder))
            run.begin(self.follower.warn)
            yield LiveMessages(log, run, self.follower, lambda: self.seconds)

    def journaled(self) -> list[tuple[int, tuple[Record, ...]]]:
        entries = read_entries(self.folder)
        return [(entry.seq, decided(entry.body).records) for entry in entries if entry.kind is EntryKind.DECIDED]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    archive = write_archive(tmp_path / "archive.json", 700)
    return Desk(loaded(write_desk(tmp_path)), archives_in([archive]), tmp_path / "journal")


def verdicts(records: tuple[Record, ...]) -> set[Verdict]:
    return {outcome.verdict for record in records for outcome in record.decision.outcomes}


def take_all(live: LiveMessages, messages: list[Message]) -> None:
    for message in messages:
        live.take(message)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full sooner than ours."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_opens_is_acknowledged_at_once_and_the_rest_in_groups(desk: Desk):
    with desk.live() as live:
        for message in desk.messages[:60]:
            live.take(message)
            waiting = live.waiting
            last = desk.follower.acknowledged[-1:] if not waiting else []
            assert all(Verdict.APPROVED not in verdicts(each.records) for each in waiting)
            assert not last or last[0].records[0].message == message
        live.settle()

        assert not live.waiting
    assert [each.records[0].message for each in desk.follower.acknowledged] == desk.messages[:60]


def test_a_group_waits_no_longer_than_its_time(desk: Desk):
    chatter = [message for message in desk.messages if "good morning" in message.content]
    with desk.live() as live:
        live.take(chatter[0])
        desk.seconds = 0.049
        live.take(chatter[1])
        waiting_before = len(live.waiting)
        desk.seconds = 0.051
        live.take(chatter[2])

        assert waiting_before == 2
        assert not live.waiting


def test_what_is_acknowledged_is_in_the_journal_as_it_was_said(desk: Desk):
    with desk.live() as live:
        for message in desk.messages:
            live.take(message)
        live.settle()

    said = [(each.entry.seq, each.records) for each in desk.follower.acknowledged]
    assert desk.journaled() == said
    assert len(said) == 700


def test_a_full_disk_stops_openings_and_takes_closes(desk: Desk):
    """S-705."""
    with desk.live() as live, files_no_larger_than(LARGEST_FILE):
        take_all(live, desk.messages)
        live.settle()
        unsaved = live.unsaved

    journaled = desk.journaled()
    reduced = [said for _, said in journaled if any(NO_ROOM in (r.facts.restrictions or ()) for r in said)]
    assert [warned.split(";")[0].rpartition(": ")[2] for warned in desk.follower.warned] == [
        "there is no room left",
        "alerts that are refused are not written down any more, and are decided when they come again after a start",
    ]
    assert unsaved > 0
    assert reduced
    assert all(
        outcome.alert is None or not outcome.alert.action.opens or outcome.verdict is not Verdict.APPROVED
        for said in reduced
        for record in said
        for outcome in record.decision.outcomes
    )
    assert any(Verdict.APPROVED in verdicts(said) for said in reduced), "closes still go through"
    assert Reason.TRADING_REDUCED in {o.reason for said in reduced for r in said for o in r.decision.outcomes}


def test_a_full_disk_loses_nothing_that_was_acknowledged(desk: Desk):
    """S-701, S-705."""
    desk.reserve = 0
    with desk.live() as live, files_no_larger_than(ONE_GROWTH), pytest.raises(JournalError):
        take_all(live, desk.messages)

    said = [(each.entry.seq, each.records) for each in desk.follower.acknowledged]
    assert said == [each for each in desk.journaled() if each[0] <= said[-1][0]]
    assert verify(desk.folder).ok


def test_a_disk_that_is_full_at_the_start_is_said_and_opens_nothing(desk: Desk):
    """S-705."""
    messages = iter(desk.messages)
    with files_no_larger_than(LARGEST_FILE), desk.live() as live:
        while not desk.follower.warned:
            live.take(next(messages))
        take_all(live, list(islice(messages, 10)))
    desk.follower = Follower()

    with files_no_larger_than(LARGEST_FILE), desk.live() as live:
        take_all(live, list(islice(messages, 15)))

    reasons = {outcome.reason for record in desk.follower.records for outcome in record.decision.outcomes}
    assert desk.follower.warned == [
        "there is no room left for the journal; from here on openings are refused, and only closes are taken"
    ]
    assert Reason.TRADING_REDUCED in reasons
    assert Reason.APPROVED not in reasons


def test_after_a_sync_that_failed_nothing_more_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """S-706."""

    def failing(_: int) -> None:
        raise OSError(5, "Input/output error")

    openings = [message for message in desk.messages if message.content.startswith("BTO")]
    with suppress(JournalError), desk.live() as live:
        take_all(live, openings[:3])
        acknowledged = len(desk.follower.acknowledged)
        monkeypatch.setattr(segment_file, "sync_file", failing)

        with pytest.raises(JournalError, match="did not take") as refused:
            take_all(live, openings[3:])
        with pytest.raises(JournalError, match="did not take"):
            live.take(openings[-1])

    assert refused.value.code == "journal_fsync_failed"
    assert len(desk.follower.acknowledged) == acknowledged
