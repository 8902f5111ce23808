"""Rows as Parquet files: the same rows give the same bytes, however and whenever they were written."""

import re
from collections.abc import Mapping
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

from engine.journal.database import Connection, translated
from engine.journal.retention_bodies import ExportedFile, encoded
from engine.journal.tables import ROWS_OF_A_RUN
from engine.journal.trade_tables import TRADE_TABLES
from engine.model.errors import StoreError

# What differs between two runs that decided the same is left out: the number of the run.
_OF_A_REPLAY: Final = {
    "decisions": """
        select * exclude (run_id) from decisions where run_id = {run}
        order by posted_at, length(message_id), message_id, event, playbook, alert_index
    """,
    "chatter": """
        select c.* exclude (run_id), coalesce(a.name, '') as author_name
        from chatter c left join authors a using (run_id, author_id) where c.run_id = {run}
        order by posted_at, message_id, event, playbook
    """,
}
_OF_A_RUN: Final = {
    table: f"select * from {table} where run_id = {{run}} order by rowid"
    for table in ("run_starts", *ROWS_OF_A_RUN, "run_ends")
}
# By day, and the column that says which; with the name of the run in the journal.
_DAY_OF: Final = {
    "decisions": "posted_at",
    "chatter": "posted_at",
    "closed_positions": "closed_at",
    **dict.fromkeys(("journaled_decisions", *TRADE_TABLES), "written_at"),
}
_OF_A_DAY: Final = {
    table: f"""
        select coalesce(s.name, '') as run, t.* from {table} t left join run_starts s using (run_id)
        where epoch_us({column}) // 86400000000 = date '{{day}}' - date '1970-01-01'
        order by t.rowid
    """
    for table, column in _DAY_OF.items()
}
_WIDE: Final = 4_096  # rows of a group where each is large
_NARROW: Final = 122_880
_TO_SORT: Final = "512MB"


def export_run(connection: Connection, run_id: int, folder: Path) -> None:
    """
    Write the decisions and the chatter of a run into a folder, which is made, as those of any other run like it.

    Raises: StoreError.
    """
    _export(connection, folder, {name: query.format(run=run_id) for name, query in _OF_A_REPLAY.items()})


def export_whole_run(connection: Connection, run_id: int, folder: Path) -> tuple[ExportedFile, ...]:
    """Write every row of a run into a folder, and read the files again. Raises: StoreError."""
    return _checked(connection, folder, {name: query.format(run=run_id) for name, query in _OF_A_RUN.items()})


def export_day(connection: Connection, day: date, folder: Path) -> tuple[ExportedFile, ...]:
    """Write what was posted on a day, in UTC, into a folder, and read the files again. Raises: StoreError."""
    return _checked(connection, folder, {name: query.format(day=day) for name, query in _OF_A_DAY.items()})


def rows_of_days(connection: Connection, path: Path) -> dict[date, int]:
    """Return how many rows `export_day` would write for each day there is, oldest first. Raises: StoreError."""
    days = " union all ".join(
        f"select epoch_us({column}) // 86400000000 as day from {table}" for table, column in _DAY_OF.items()
    )
    query = f"select date '1970-01-01' + day::integer, count(*) from ({days}) group by 1 order by 1"
    with translated(path):
        return dict(connection.execute(query).fetchall())


def exported_hash(files: tuple[ExportedFile, ...]) -> str:
    """Return the hash of a list of exported files: SHA-256 in hexadecimal."""
    return sha256(encoded(files)).hexdigest()


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _export(connection: Connection, folder: Path, queries: Mapping[str, str]) -> None:
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        [(memory,)] = connection.execute("select current_setting('memory_limit')").fetchall()
        connection.execute(f"set memory_limit = '{_TO_SORT}'")
        try:
            for name, query in queries.items():
                group = _WIDE if name == "decisions" else _NARROW
                how = f"format parquet, compression zstd, row_group_size {group}"
                connection.execute(f"copy ({query}) to {_quoted(folder / f'{name}.parquet')} ({how})")
        finally:
            connection.execute(f"set memory_limit = '{_plain(memory)}'")


def _checked(connection: Connection, folder: Path, queries: Mapping[str, str]) -> tuple[ExportedFile, ...]:
    _export(connection, folder, queries)
    files = []
    for name, query in queries.items():
        file = folder / f"{name}.parquet"
        with translated(folder):
            [(rows,)] = connection.execute(f"select count(*) from ({query})").fetchall()
            [(there,)] = connection.execute(f"select count(*) from read_parquet({_quoted(file)})").fetchall()
            differing = (
                f"select count(*) from (select * from ({query}) except all select * from read_parquet({_quoted(file)}))"
            )
            [(missing,)] = connection.execute(differing).fetchall()
        if there != rows or missing:
            message = f"{file} holds {there} rows of {rows}, and {missing} are not as they were"
            raise StoreError("export_differs", message, "check the disk, and export again")
        files.append(ExportedFile(file.name, rows, sha256_of(file)))
    return tuple(files)


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


def _plain(memory: str) -> str:
    """DuckDB says "61.0 MiB" and takes "61.0MiB"."""
    return re.sub(r"\s", "", memory)
