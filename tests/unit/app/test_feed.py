"""A feed with its journal and its DuckDB file, ended early and started again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from engine.adapters.clock import SystemClock
from engine.app.feed import FeedSummary, feed
from engine.app.feed_run import FeedOptions
from engine.app.pace import Timing
from engine.journal.entry_bodies import manifest
from engine.journal.log import read_entries
from engine.journal.queries import open_runs
from engine.model.entry import EntryKind
from engine.model.errors import RunError
from engine.playbook.rulebook import Rulebook
from engine.replay.archive_files import ArchiveFile, archives_in
from engine.replay.assumptions import assumptions_of
from tests.feeding import Follower, loaded, write_archive, write_desk

MESSAGES = 120


@dataclass
class Desk:
    """A rulebook, an archive, and where to feed them to."""

    rulebook: Rulebook
    archives: tuple[ArchiveFile, ...]
    options: FeedOptions

    def feed(self, ends_at: int | None = None) -> tuple[FeedSummary, Follower]:
        follower = Follower(ends_at)
        timing = Timing(SystemClock().now, time.monotonic, time.sleep)
        return feed(self.rulebook, self.archives, self.options, follower, timing), follower

    def journaled(self, *kinds: EntryKind) -> list[tuple[EntryKind, bytes]]:
        entries = read_entries(self.options.journal)
        return [(entry.kind, entry.body) for entry in entries if not kinds or entry.kind in kinds]


@pytest.fixture
def desk_in(tmp_path: Path) -> Callable[[str], Desk]:
    rulebook = loaded(write_desk(tmp_path))
    archives = archives_in([write_archive(tmp_path / "archive.json", MESSAGES)])

    def made(home: str) -> Desk:
        return Desk(rulebook, archives, FeedOptions(tmp_path / home / "journal", tmp_path / home / "live.duckdb"))

    return made


def test_a_feed_that_was_stopped_goes_on_as_if_it_had_not_been(desk_in: Callable[[str], Desk]):
    """S-708: the journals are the same, entry for entry, and so what the engine knows is too."""
    whole, stopped = desk_in("whole"), desk_in("stopped")
    whole.feed()

    summaries = [stopped.feed(ends_at)[0] for ends_at in (0, 1, 30, 31, 100, None)]

    assert [summary.is_whole for summary in summaries] == [False] * 5 + [True]
    assert [summary.tally.events for summary in summaries] == [0, 1, 30, 31, 100, MESSAGES]
    assert stopped.journaled() == whole.journaled()


def test_the_journal_begins_with_what_the_run_starts_from(desk_in: Callable[[str], Desk]):
    """S-707."""
    desk = desk_in("home")
    desk.feed()

    kinds = [kind for kind, _ in desk.journaled()]
    started = manifest(desk.journaled()[0][1])
    decided = [EntryKind.DECIDED] * MESSAGES
    assert kinds == [EntryKind.RUN_STARTED, EntryKind.TEXTS, *decided, EntryKind.RUN_ENDED]
    assert started.source == "feed"
    assert dict(started.playbooks) == {live.playbook.name: live.content_hash for live in desk.rulebook.playbooks}
    assert {name for name, _ in started.dependencies} >= {"duckdb", "msgspec", "google-re2"}
    assert [archive.name for archive in started.archives] == ["archive.json"]


def test_what_is_acknowledged_is_in_the_duckdb_file(desk_in: Callable[[str], Desk]):
    """S-711."""
    desk = desk_in("home")
    _, follower = desk.feed()

    with open_runs(desk.options.database) as log:
        run = log.run()
        logged = {record.decision for record in log.records(run.run_id)}
        chatter = {row.message_id for row in log.chatter(run.run_id)}
        texts = log.texts(run.run_id)

    said = [record.decision for record in follower.records]
    assert [each for each in said if each not in logged and each.message_id not in chatter] == []
    assert len(logged) + len(chatter) == MESSAGES
    assert texts == desk.rulebook.texts


def test_playbooks_that_changed_decide_from_there_on_and_that_is_said(desk_in: Callable[[str], Desk], tmp_path: Path):
    desk = desk_in("home")
    desk.feed(60)
    playbook = tmp_path / "playbooks" / "starter.yaml"
    playbook.write_text(playbook.read_text().replace("close: 10m", "close: 11m"))
    changed = replace_rulebook(desk, loaded(tmp_path / "playbooks"))

    _, follower = changed.feed()

    first, second = (manifest(body) for _, body in desk.journaled(EntryKind.RUN_STARTED))
    hashes = [record.decision.content_hash for record in follower.records]
    assert follower.warned == ["playbooks have changed since: starter; the new ones decide from here on"]
    assert first.rulebook != second.rulebook
    assert len(desk.journaled(EntryKind.TEXTS)) == 2
    assert set(hashes) == {changed.rulebook.playbooks[0].content_hash}
    assert len(hashes) == MESSAGES - 60


def replace_rulebook(desk: Desk, rulebook: Rulebook) -> Desk:
    return replace(desk, rulebook=rulebook)


def test_the_texts_of_a_rulebook_are_written_once_for_a_journal(desk_in: Callable[[str], Desk]):
    desk = desk_in("home")
    desk.feed()

    replace(desk, options=replace(desk.options, restarts=True)).feed()

    assert len(desk.journaled(EntryKind.RUN_STARTED)) == 2
    assert len(desk.journaled(EntryKind.TEXTS)) == 1
    assert len(desk.journaled(EntryKind.DECIDED)) == 2 * MESSAGES


def test_a_run_keeps_to_its_assumptions(desk_in: Callable[[str], Desk]):
    desk = desk_in("home")
    named = replace(desk, options=replace(desk.options, name="mine"))
    named.feed(10)
    other = replace(named, options=replace(named.options, assumptions=assumptions_of(["net_liq=$5,000"])))

    with pytest.raises(RunError) as refused:
        other.feed()

    assert refused.value.code == "feed_differs"


def test_other_assumptions_make_another_run(desk_in: Callable[[str], Desk]):
    desk = desk_in("home")
    first, _ = desk.feed(10)

    other = replace(desk, options=replace(desk.options, assumptions=assumptions_of(["net_liq=$5,000"])))
    second, _ = other.feed()

    assert first.run != second.run
    assert second.before == 0
