"""Days are exported and old runs dropped; nothing is lost that no file holds, and the journal says what was done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.decide.record import Record
from engine.journal.entry_bodies import Decided, Manifest, RunEnded, encoded
from engine.journal.export import exported_hash, sha256_of
from engine.journal.log import JournalLog
from engine.journal.projection import Projection, rebuild
from engine.journal.queries import open_runs
from engine.journal.reading import read_entries
from engine.journal.retention import Kept, days_to_export, drop_runs, export_days, old_runs
from engine.journal.retention_bodies import exported, retention
from engine.journal.store import DuckStore
from engine.model.decision import Outcome
from engine.model.entry import EntryKind
from engine.model.run import RunCounts, RunStart, RunStatus

Make = Callable[..., Record]
DAY = date(2024, 1, 2)
MANIFEST = Manifest("feed", "1.0", "c0de", "3.11")


@dataclass
class Home:
    """A journal, the file made of it, and a file of replays."""

    log: JournalLog
    journal: Path
    live: Path
    replays: Path
    exports: Path

    def feed(self, run: str, *records: Record, is_whole: bool = True) -> None:
        self.log.append(EntryKind.RUN_STARTED, run, encoded(MANIFEST))
        for record in records:
            self.log.append(EntryKind.DECIDED, run, encoded(Decided((record,))))
        if is_whole:
            self.log.append(EntryKind.RUN_ENDED, run, encoded(RunEnded(len(records))))
        self.log.sync()
        with Projection(self.live, self.journal):
            pass


@pytest.fixture
def home(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Home]:
    with JournalLog.open(tmp_path / "journal", clock) as log:
        yield Home(log, tmp_path / "journal", tmp_path / "live.duckdb", tmp_path / "runs.duckdb", tmp_path / "exports")


def rows(path: Path, query: str) -> list[Any]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def later(clock: Callable[[], datetime]) -> datetime:
    return clock() + timedelta(days=1)


def test_closed_days_are_exported_once(home: Home, decided: Make, approved: Outcome, chatter: Outcome):
    """S-715."""
    home.feed("feed-1", decided(1, approved), decided(2, chatter))

    assert days_to_export(home.live, home.journal, DAY) == ()
    days = days_to_export(home.live, home.journal, DAY + timedelta(days=1))
    [done] = export_days(home.live, home.log, home.exports, days)

    assert days == (DAY,)
    assert days_to_export(home.live, home.journal, DAY + timedelta(days=1)) == ()
    assert {file.name: file.rows for file in done.files if file.rows} == {"decisions.parquet": 1, "chatter.parquet": 1}
    assert {"closed_positions.parquet", "orders.parquet", "fills.parquet"} <= {file.name for file in done.files}
    assert all(sha256_of(Path(done.folder) / file.name) == file.sha256 for file in done.files)
    [entry] = [entry for entry in read_entries(home.journal) if entry.kind is EntryKind.EXPORTED]
    assert exported(entry.body) == done
    with duckdb.connect() as connection:
        read = connection.read_parquet(str(home.exports / "2024-01-02" / "decisions.parquet"))
        assert read.select("run, symbol").fetchall() == [("feed-1", "SPY")]


def test_a_day_that_grew_is_exported_again(home: Home, decided: Make, approved: Outcome):
    """S-715."""
    tomorrow = DAY + timedelta(days=1)
    home.feed("feed-1", decided(1, approved))
    export_days(home.live, home.log, home.exports, days_to_export(home.live, home.journal, tomorrow))
    home.feed("feed-2", decided(2, approved))

    [done] = export_days(home.live, home.log, home.exports, days_to_export(home.live, home.journal, tomorrow))

    assert done.files[0].rows == 2


def test_an_old_replay_is_exported_and_dropped_and_the_others_stay(
    home: Home, clock: Callable[[], datetime], decided: Make, approved: Outcome, chatter: Outcome
):
    """S-715."""
    with DuckStore(home.replays, clock) as store:
        for number in (1, 2):
            with store.run(RunStart("1.0", texts=(("a.yaml", "x"),))) as writer:
                writer.write([decided(number, approved), decided(9, chatter)])
                writer.finish(RunCounts(2))
    kept = Kept(home.replays)
    first, _ = old_runs(kept, later(clock))

    [dropped] = drop_runs(kept, [first], home.log, home.exports)

    with open_runs(home.replays) as log:
        assert [(run.run_id, run.is_dropped) for run in log.runs()] == [(2, False), (1, True)]
        assert list(log.records(1)) == []
        assert list(log.records(2)) == [decided(2, approved)]
        assert (log.texts(1), log.texts(2)) == ({}, {"a.yaml": "x"})
    assert [run.run_id for run in old_runs(kept, later(clock))] == [2]
    with duckdb.connect() as connection:
        file = str(Path(dropped.folder) / "decisions.parquet")
        assert connection.read_parquet(file).select("run_id, symbol").fetchall() == [(1, "SPY")]
    [said] = [retention(entry.body) for entry in read_entries(home.journal) if entry.kind is EntryKind.RETENTION]
    assert (said.dropped, said.is_live) == ((dropped,), False)
    [files] = [exported(entry.body).files for entry in read_entries(home.journal) if entry.kind is EntryKind.EXPORTED]
    assert dropped.sha256 == exported_hash(files)
    assert dropped.rows == sum(file.rows for file in files)


def test_making_the_file_anew_brings_nothing_back(
    home: Home, clock: Callable[[], datetime], decided: Make, approved: Outcome, chatter: Outcome
):
    """S-711, S-715."""
    home.feed("feed-1", decided(1, approved), decided(2, chatter))
    home.feed("feed-2", decided(3, approved))
    kept = Kept(home.live, home.journal)
    drop_runs(kept, old_runs(kept, later(clock))[:1], home.log, home.exports)
    names = [name for (name,) in rows(home.live, "select table_name from duckdb_tables()")]
    before = {name: rows(home.live, f"select columns(*)::varchar from {name}") for name in names}

    rebuild(home.journal, home.live)

    assert before == {name: rows(home.live, f"select columns(*)::varchar from {name}") for name in names}
    assert rows(home.live, "select run_id from decisions") == [(2,)]
    assert rows(home.live, "select run_id, name, dropped_at is null from runs order by 1") == [
        (1, "feed-1", False),
        (2, "feed-2", True),
    ]
    home.feed("feed-3", decided(4, approved))
    assert rows(home.live, "select run_id from decisions order by 1") == [(2,), (3,)]


@pytest.mark.parametrize(
    ("days", "is_whole", "is_old"),
    [
        pytest.param(1, True, True, id="ended before"),
        pytest.param(-1, True, False, id="ended since"),
        pytest.param(1, False, False, id="one that can go on"),
    ],
)
def test_only_what_has_ended_is_old(
    home: Home, clock: Callable[[], datetime], decided: Make, approved: Outcome, days: int, is_whole: bool, is_old: bool
):
    home.feed("feed-1", decided(1, approved), is_whole=is_whole)

    runs = old_runs(Kept(home.live, home.journal), clock() + timedelta(days=days))

    assert bool(runs) is is_old


def test_a_replay_that_was_killed_is_old_by_its_beginning(home: Home, clock: Callable[[], datetime]):
    with DuckStore(home.replays, clock) as store, store.run(RunStart("1.0")):
        pass

    [run] = old_runs(Kept(home.replays), datetime(2030, 1, 1, tzinfo=UTC))

    assert run.status is RunStatus.FAILED
