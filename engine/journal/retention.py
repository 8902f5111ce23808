"""
Exports closed days, and drops old runs: what is dropped was exported and read again, and the journal says so.

Rows are never deleted where they stand: what stays is written to a new file, which takes the old one's place.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from engine.journal.database import Connection, new_beside, open_database, replace_by, translated
from engine.journal.export import export_day, export_whole_run, exported_hash, rows_of_days
from engine.journal.log import JournalLog
from engine.journal.projection import Projection
from engine.journal.queries import RunLog
from engine.journal.reading import read_entries
from engine.journal.retention_bodies import DroppedRun, Exported, Retention, encoded, exported
from engine.journal.run_rows import RunRow
from engine.journal.sql_rows import FileRows
from engine.journal.tables import ROWS_OF_A_RUN, TABLES
from engine.model.entry import EntryKind
from engine.model.run import RunKind, RunStatus

_GONE: Final = "run_id in (select run_id from dropped_runs)"


@dataclass(frozen=True, slots=True)
class Kept:
    """A DuckDB file whose old runs are dropped. journal: the folder of the one it is made of; None for replays."""

    path: Path
    journal: Path | None = None


def export_days(database: Path, log: JournalLog, folder: Path, days: Iterable[date]) -> tuple[Exported, ...]:
    """
    Write each of these days into a folder of its own, and an entry for it into the journal.

    Raises: StoreError, JournalError.
    """
    done = []
    with closing(open_database(database)) as connection:
        for day in days:
            place = folder / day.isoformat()
            files = export_day(connection, day, place)
            body = Exported(day.isoformat(), database.name, str(place), files)
            log.append(EntryKind.EXPORTED, "", encoded(body))
            log.sync()
            done.append(body)
    return tuple(done)


def days_to_export(database: Path, journal: Path, today: date) -> tuple[date, ...]:
    """
    Return the closed days whose rows are not exported yet, or not all of them, oldest first.

    Raises: StoreError, JournalError.
    """
    known = {
        body.of: sum(file.rows for file in body.files)
        for entry in read_entries(journal)
        if entry.kind is EntryKind.EXPORTED and (body := exported(entry.body)).database == database.name
    }
    with closing(open_database(database)) as connection:
        days = rows_of_days(connection, database)
    return tuple(day for day, rows in days.items() if day < today and known.get(day.isoformat()) != rows)


def old_runs(kept: Kept, before: datetime) -> tuple[RunRow, ...]:
    """
    Return the runs that ended before a time and whose rows are still there, oldest first.

    A feed that has not ended can go on, and a live one stays: they are not among them. Raises: StoreError.
    """
    with closing(open_database(kept.path)) as connection:
        runs = RunLog(FileRows(connection, kept.path), kept.path).runs()
    return tuple(run for run in reversed(runs) if not run.is_dropped and _is_old(run, before))


def drop_runs(kept: Kept, runs: Iterable[RunRow], log: JournalLog, folder: Path) -> tuple[DroppedRun, ...]:
    """
    Export runs, say in the journal that they are dropped, and write the file anew without their rows.

    folder: of the exports.
    Raises: StoreError, JournalError; nothing is dropped then that was not exported.
    """
    with closing(open_database(kept.path)) as connection:
        dropped = tuple(_exported(kept, connection, run, log, folder) for run in runs)
    body = Retention(kept.path.name, kept.journal is not None, dropped)
    entry = log.append(EntryKind.RETENTION, "", encoded(body))
    log.sync()
    if kept.journal is not None:
        # The journal says which runs are gone: taking in what it says is all there is to do.
        with Projection(kept.path, kept.journal):
            pass
    else:
        with closing(open_database(kept.path)) as connection, translated(kept.path):
            _note(connection, dropped, entry.at)
    _write_anew(kept.path)
    return dropped


def _exported(kept: Kept, connection: Connection, run: RunRow, log: JournalLog, folder: Path) -> DroppedRun:
    place = folder / kept.path.stem / f"run-{run.run_id}"
    files = export_whole_run(connection, run.run_id, place)
    body = Exported(f"run {run.run_id}", kept.path.name, str(place), files)
    log.append(EntryKind.EXPORTED, run.name, encoded(body))
    rows = sum(file.rows for file in files)
    return DroppedRun(run.run_id, run.name, rows, str(place), exported_hash(files))


def _is_old(run: RunRow, before: datetime) -> bool:
    if run.kind is RunKind.LIVE or (run.kind is RunKind.FEED and run.status is RunStatus.UNFINISHED):
        return False
    return (run.finished_at or run.started_at) < before


def _note(connection: Connection, dropped: Iterable[DroppedRun], at: datetime) -> None:
    for run in dropped:
        connection.execute(
            "insert into dropped_runs values (?, make_timestamptz(?), ?, ?, ?)",
            [run.run_id, int(at.timestamp() * 1_000_000), run.rows, run.folder, run.sha256],
        )


def _write_anew(path: Path) -> None:
    anew = new_beside(path)
    quoted = str(path).replace("'", "''")
    with closing(open_database(anew)) as connection, translated(anew):
        connection.execute(f"attach '{quoted}' as old (read_only)")
        for table in TABLES:
            staying = f"where not {_GONE.replace('dropped_runs', 'old.dropped_runs')}" if table in ROWS_OF_A_RUN else ""
            connection.execute(f"insert into {table} by name select * from old.{table} {staying} order by rowid")
        connection.execute("delete from journal_position")
        connection.execute("insert into journal_position from old.journal_position")
        connection.execute("detach old")
    replace_by(path, anew)
