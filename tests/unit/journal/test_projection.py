"""The DuckDB file follows the journal: every entry once, whatever is offered and wherever it stopped."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.decide.record import Record
from engine.journal.entry_bodies import (
    Decided,
    Manifest,
    RulebookTexts,
    RunEnded,
    encoded,
    rulebook_hash,
)
from engine.journal.log import JournalLog
from engine.journal.projection import Projection, rebuild
from engine.journal.queries import open_runs
from engine.model.decision import Outcome
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError, StoreError
from engine.model.run import RunKind, RunStatus

Make = Callable[..., Record]
FILES = {"playbooks/a.yaml": "signalbook: 1\n", "playbooks/desk.yaml": "desk: here\n"}
MANIFEST = Manifest(
    source="feed",
    engine_version="1.0",
    code="c0de",
    python="3.11",
    arguments=("feed", "a.json"),
    assumptions=(("fills", "alert"),),
    playbooks=(("momentum", "c0ffee"),),
    rulebook=rulebook_hash(FILES),
)


@dataclass
class Desk:
    """A journal that is being written, and the file made of it."""

    log: JournalLog
    journal: Path
    path: Path
    entries: list[Entry] = field(default_factory=list)

    def append(self, kind: EntryKind, body: object, run: str = "feed-1") -> Entry:
        entry = self.log.append(kind, run, encoded(body))  # type: ignore[arg-type]
        self.log.sync()
        self.entries.append(entry)
        return entry

    def begin(self, run: str = "feed-1") -> None:
        self.append(EntryKind.RUN_STARTED, MANIFEST, run)
        if run == "feed-1":
            self.append(EntryKind.TEXTS, RulebookTexts(MANIFEST.rulebook, tuple(FILES.items())), run)

    def decide(self, *records: Record, run: str = "feed-1") -> Entry:
        return self.append(EntryKind.DECIDED, Decided(records), run)


@pytest.fixture
def desk(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Desk]:
    with JournalLog.open(tmp_path / "journal", clock) as log:
        yield Desk(log, tmp_path / "journal", tmp_path / "live.duckdb")


def tables(path: Path) -> dict[str, list[Any]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        return {name: connection.execute(f"select columns(*)::varchar from {name}").fetchall() for name in names}


def test_a_run_of_the_journal_is_a_run_of_the_file(desk: Desk, decided: Make, approved: Outcome, chatter: Outcome):
    """S-711, S-712."""
    bob = {"author_id": "302", "author_name": "Bob"}
    records = [decided(1, approved), decided(2, approved)]
    with Projection(desk.path, desk.journal) as projection:
        desk.begin()
        projection.offer(desk.decide(records[0], decided(1, chatter, **bob, playbook="lottos")))
        projection.offer(desk.decide(records[1]))
        projection.offer(desk.append(EntryKind.RUN_ENDED, RunEnded(2, 1)))
        projection.flush()
        assert projection.position.seq == desk.entries[-1].seq

    with open_runs(desk.path) as log:
        run = log.run()
        assert (run.kind, run.name, run.status, run.counts.messages) == (RunKind.FEED, "feed-1", RunStatus.FINISHED, 2)
        assert (run.arguments, run.assumptions) == (MANIFEST.arguments, MANIFEST.assumptions)
        assert list(log.records(1)) == records
        assert log.texts(1) == FILES
        assert log.texts(1, MANIFEST.rulebook[:8]) == FILES
        assert log.decision(1, records[0].message.id)[1].author_name == "Bob"


def test_a_feed_counts_while_it_goes_on(desk: Desk, decided: Make, approved: Outcome):
    with Projection(desk.path, desk.journal) as projection:
        desk.begin()
        projection.offer(desk.decide(decided(1, approved)))

    with open_runs(desk.path) as log:
        assert (log.run().run_id, log.run().status) == (1, RunStatus.UNFINISHED)
    assert len(tables(desk.path)["decisions"]) == 1


def every_entry(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries


def none(entries: Sequence[Entry]) -> Sequence[Entry]:
    return ()


def only_the_last(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries[-1:]


def each_twice(entries: Sequence[Entry]) -> Sequence[Entry]:
    return [entry for entry in entries for _ in range(2)]


def backwards(entries: Sequence[Entry]) -> Sequence[Entry]:
    return entries[::-1]


@pytest.mark.parametrize("offered", [every_entry, none, only_the_last, each_twice, backwards])
def test_every_entry_is_taken_in_once_whatever_is_offered(
    desk: Desk, decided: Make, approved: Outcome, offered: Callable[[Sequence[Entry]], Sequence[Entry]]
):
    """S-711."""
    with Projection(desk.path, desk.journal) as projection:
        desk.begin()
        for number in range(20):
            desk.decide(decided(number, approved))
        for entry in offered(desk.entries):
            projection.offer(entry)
    with Projection(desk.path, desk.journal):
        pass

    assert len(tables(desk.path)["decisions"]) == 20


def test_made_anew_it_is_the_same_in_every_column(desk: Desk, decided: Make, approved: Outcome, chatter: Outcome):
    """S-711."""
    with Projection(desk.path, desk.journal) as projection:
        desk.begin()
        for number in range(30):
            projection.offer(desk.decide(decided(number, approved), decided(number, chatter, playbook="lottos")))
            if number % 7 == 0:
                projection.flush()
        desk.append(EntryKind.RUN_ENDED, RunEnded(30))
        desk.begin("feed-2")
    with Projection(desk.path, desk.journal) as projection:
        projection.offer(desk.decide(decided(31, chatter), run="feed-2"))
    before = tables(desk.path)

    position = rebuild(desk.journal, desk.path)

    assert position.seq == desk.entries[-1].seq
    assert tables(desk.path) == before
    assert len(before["rulebook_texts"]) == 2 * len(FILES)


def test_a_file_that_has_come_further_than_the_journal_is_not_of_it(
    desk: Desk, tmp_path: Path, clock: Callable[[], datetime], decided: Make, approved: Outcome
):
    with Projection(desk.path, desk.journal):
        desk.begin()
        desk.decide(decided(1, approved))
    with Projection(desk.path, desk.journal):
        pass

    with JournalLog.open(tmp_path / "other", clock) as log:
        other = replace(desk, log=log, journal=tmp_path / "other", entries=[])
        for expected in ("has come to entry 3", "was made of another journal"):
            with pytest.raises(StoreError, match=expected) as caught:
                Projection(desk.path, other.journal)
            assert caught.value.code == "store_not_of_journal"
            assert "journal rebuild" in caught.value.remedy
            other.begin()
            other.decide(decided(2, approved))


def test_what_cannot_be_taken_in_is_told_to_the_owner(desk: Desk):
    projection = Projection(desk.path, desk.journal)
    desk.begin()
    projection.offer(desk.append(EntryKind.DECIDED, {"records": 1}))

    with pytest.raises(JournalError):
        projection.flush()

    assert isinstance(projection.error, JournalError)
    with pytest.raises(JournalError):
        projection.close()
    assert tables(desk.path)["journal_position"] == [("0", "")]


def test_a_decision_of_a_run_that_never_began_is_an_error(desk: Desk, decided: Make, approved: Outcome):
    desk.decide(decided(1, approved))

    with pytest.raises(JournalError, match="feed-1"):
        Projection(desk.path, desk.journal)


KILLED = """
import os, sys
from pathlib import Path
from engine.journal.projection import Projection
from engine.journal.reading import read_entries
home = Path(sys.argv[1])
projection = Projection(home / "live.duckdb", home / "journal")
os.kill(os.getpid(), 9)
"""


def test_a_process_killed_at_once_leaves_a_file_that_goes_on(desk: Desk, decided: Make, approved: Outcome):
    """S-711."""
    desk.begin()
    for number in range(50):
        desk.decide(decided(number, approved))
    subprocess.run([sys.executable, "-c", KILLED, str(desk.path.parent)], check=False)

    with Projection(desk.path, desk.journal) as projection:
        projection.offer(desk.decide(decided(50, approved)))

    assert len(tables(desk.path)["decisions"]) == 51


def test_a_damaged_file_is_made_anew_and_its_log_is_not_taken_for_the_new_ones(
    desk: Desk, decided: Make, approved: Outcome
):
    """S-711."""
    with Projection(desk.path, desk.journal):
        desk.begin()
        desk.decide(decided(1, approved))
    desk.path.write_bytes(desk.path.read_bytes()[:5000])
    desk.path.with_name("live.duckdb.wal").write_bytes(b"of the old one")

    rebuild(desk.journal, desk.path)

    assert len(tables(desk.path)["decisions"]) == 1


def test_somebody_elses_file_is_not_replaced(desk: Desk):
    desk.begin()
    with duckdb.connect(str(desk.path)) as connection:
        connection.execute("create table customers (name varchar)")

    with pytest.raises(StoreError) as caught:
        rebuild(desk.journal, desk.path)

    assert caught.value.code == "store_foreign"
