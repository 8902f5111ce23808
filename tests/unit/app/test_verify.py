"""What `verify` finds in a journal whose chain is whole, and in a run: decisions missing, there twice, unknown."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from engine.adapters.clock import SystemClock
from engine.app.feed import feed
from engine.app.feed_run import FeedOptions
from engine.app.pace import Timing
from engine.app.verify import VerifiedJournal, verify_journal
from engine.app.verify_run import VerifiedRun, verify_run
from engine.cli.main import app
from engine.decide.record import Record
from engine.journal.entry_bodies import Decided, decided, encoded
from engine.journal.log import JournalLog, read_entries
from engine.journal.queries import open_runs
from engine.model.entry import Entry, EntryKind
from engine.replay.archive_files import archives_in
from tests.feeding import Follower, loaded, write_archive, write_desk

MESSAGES = 20
Records = tuple[Record, ...]
Alter = Callable[[Entry], tuple[bytes, ...]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an archive, and two playbooks that hear its channel; the second listens to another author."""
    starter = write_desk(tmp_path) / "starter.yaml"
    second = starter.read_text().replace("playbook: starter", "playbook: second").replace("3012345678", "4012345678")
    (starter.parent / "second.yaml").write_text(second)
    write_archive(tmp_path / "archive.json", MESSAGES)
    return tmp_path


@pytest.fixture
def journal(folder: Path) -> Path:
    """The journal of a feed of the archive."""
    options = FeedOptions(folder / "journal", folder / "live.duckdb")
    timing = Timing(SystemClock().now, time.monotonic, time.sleep)
    feed(loaded(folder / "playbooks"), archives_in([folder / "archive.json"]), options, Follower(), timing)
    return options.journal


def rewritten(journal: Path, alter: Alter) -> VerifiedJournal:
    """Verify a journal with the same entries but for what is altered: its chain is whole, whoever wrote it."""
    other = journal.parent / "rewritten"
    with JournalLog.open(other, SystemClock().now) as log:
        for entry in read_entries(journal):
            for body in alter(entry):
                log.append(entry.kind, entry.run, body)
    return verify_journal(other, lambda done, total: None)


def of_first(change: Callable[[Records], tuple[Records, ...]]) -> Alter:
    """Return what makes other entries of the first that holds decisions: one of each tuple of records."""
    is_first = [True]

    def alter(entry: Entry) -> tuple[bytes, ...]:
        if entry.kind is not EntryKind.DECIDED or not is_first:
            return (entry.body,)
        is_first.clear()
        body = decided(entry.body)
        return tuple(encoded(Decided(records, body.closed)) for records in change(body.records))

    return alter


def test_a_journal_as_it_was_written_is_sound(journal: Path):
    found = rewritten(journal, lambda entry: (entry.body,))

    assert found.is_sound
    assert found.derived.equal == 2 * MESSAGES


@pytest.mark.parametrize("index", [0, 1])
def test_a_missing_record_of_one_playbook_is_a_difference(journal: Path, index: int):
    found = rewritten(journal, of_first(lambda records: (records[:index] + records[index + 1 :],)))

    (place,) = found.derived.differences
    assert found.chain.ok
    assert not found.is_sound
    assert (found.derived.equal, found.derived.different) == (2 * MESSAGES - 1, 1)
    assert (place.field, place.logged) == ("record", "")
    assert place.playbook == sorted(["second", "starter"])[index]


@pytest.mark.parametrize(
    ("change", "extra"),
    [
        (lambda records: (records + records[:1],), 1),
        (lambda records: (records, records), 2),
        (lambda records: (records, records[1:]), 2),
    ],
    ids=["in its entry", "whole entry", "part of an entry"],
)
def test_a_record_that_is_there_again_is_a_difference(
    journal: Path, change: Callable[[Records], tuple[Records, ...]], extra: int
):
    found = rewritten(journal, of_first(change))

    assert found.derived.different == extra
    assert {place.field for place in found.derived.differences} == {"record"}


def test_an_entry_without_any_record_is_a_difference(journal: Path):
    found = rewritten(journal, of_first(lambda records: ((),)))

    assert [place.field for place in found.derived.differences] == ["records"]
    assert not found.is_sound


def test_the_same_event_in_a_run_begun_anew_is_no_record_too_many(journal: Path, folder: Path):
    options = FeedOptions(journal, folder / "live.duckdb", restarts=True)
    timing = Timing(SystemClock().now, time.monotonic, time.sleep)
    feed(loaded(folder / "playbooks"), archives_in([folder / "archive.json"]), options, Follower(), timing)

    found = verify_journal(journal, lambda done, total: None)

    assert found.is_sound
    assert found.derived.equal == 4 * MESSAGES


@pytest.mark.parametrize("kind", [EntryKind.RUN_STARTED, EntryKind.TEXTS])
def test_decisions_that_cannot_be_derived_are_not_sound(journal: Path, kind: EntryKind):
    found = rewritten(journal, lambda entry: () if entry.kind is kind else (entry.body,))

    assert found.chain.ok
    assert not found.is_sound
    assert (found.derived.not_derived, found.derived.decisions) == (2 * MESSAGES, 0)


@pytest.fixture
def runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a replay of the archive."""
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, ("replay", "archive.json", "--db", "runs.duckdb"))
    assert result.exit_code == 0, result.output
    return folder / "runs.duckdb"


def altered(runs: Path, statement: str, *archives: Path) -> VerifiedRun:
    """Verify a run after somebody took the guards away, and changed rows."""
    with duckdb.connect(str(runs)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in ("decisions", "chatter", "rulebook_texts"):
            for guard in ("kept", "stay"):
                connection.execute(f"drop trigger if exists {table}_{guard} on {table}")
        connection.execute(statement)
    with open_runs(runs) as log:
        return verify_run(log, None, archives, lambda done, total: None)


# Wide for one playbook, while the other one has a row of its own about the same message event.
PAIRED = """(
    select message_id from decisions group by message_id having count(distinct playbook) = 2 order by 1 limit 1
)"""
HALF_CHATTER = """(
    select message_id from chatter where message_id::varchar in (select message_id from decisions) order by 1 limit 1
)"""


@pytest.mark.parametrize("with_archives", [True, False])
@pytest.mark.parametrize(
    "statement",
    [
        f"delete from decisions where playbook = 'second' and message_id = {PAIRED}",
        f"delete from decisions where playbook = 'starter' and message_id = {PAIRED}",
        f"delete from chatter where message_id = {HALF_CHATTER}",
    ],
)
def test_a_missing_decision_of_a_run_is_one_difference(runs: Path, statement: str, *, with_archives: bool):
    whole = altered(runs, "select 1", runs.parent / "archive.json")
    archive = runs.parent / "archive.json"
    if not with_archives:
        archive = archive.rename(runs.parent / "gone.json")

    found = altered(runs, statement, *([archive] if with_archives else []))

    assert whole.is_sound
    assert found.derived.different == 1
    assert [place.field for place in found.derived.differences] == ["record"]


def test_a_chatter_row_that_is_there_again_is_a_difference(runs: Path):
    again = "insert into chatter select * from chatter limit 1"

    found = altered(runs, again, runs.parent / "archive.json")

    assert found.derived.different == 1
    assert [(place.field, place.logged) for place in found.derived.differences] == [("record", "again")]


def test_a_run_without_its_texts_is_not_sound(runs: Path):
    found = altered(runs, "delete from rulebook_texts", runs.parent / "archive.json")

    assert not found.is_sound
    assert (found.derived.not_derived, found.derived.decisions) == (2 * MESSAGES, 0)
    assert replace(found.derived, not_derived=0).is_sound
