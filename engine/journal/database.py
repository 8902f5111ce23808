"""Opens the DuckDB file, brings it to this version's tables, and says in our words why it cannot."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Final

import duckdb

from engine.model.errors import StoreError

Connection = duckdb.DuckDBPyConnection

# Nothing is ever downloaded, and a replay stays small beside what it reads.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "512MB",
    "threads": 2,
}
_HOLDER: Final = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_OWN_FILE: Final = "name another file for the runs"
# What DuckDB says (lower case) → our code, our words and what to do; the first that fits.
_MEANINGS: Final = (
    ("version number", "store_too_new", "was written by a newer DuckDB", "open it with the version that wrote it"),
    ("not a valid duckdb database", "store_not_duckdb", "is not a DuckDB file", _OWN_FILE),
    ("is a directory", "store_not_duckdb", "is a folder", "name a file in it"),
    ("database does not exist", "store_not_found", "is not there", "run signalbook replay first, or check the path"),
    ("no space left", "store_disk_full", "cannot grow: the disk is full", "make room on the disk and run it again"),
    ("file too large", "store_disk_full", "cannot grow: no larger file is allowed", "make room and run it again"),
    ("corrupt", "store_damaged", "is damaged", "move the file away; a replay can be run again into a new one"),
    ("checksum", "store_damaged", "is damaged", "move the file away; a replay can be run again into a new one"),
    ("no such file or directory", "store_unwritable", "is in a folder that is not there", "make the folder first"),
    ("not a directory", "store_unwritable", "is not in a folder", "check the path"),
    ("cannot open", "store_unwritable", "cannot be opened", "choose a folder that can be written to"),
    ("permission denied", "store_unwritable", "cannot be written", "choose a folder that can be written to"),
)


def open_database(path: Path, *, read_only: bool = False) -> Connection:
    """
    Open a file of runs; made when it is not there, unless it is only to be read.

    Raises: StoreError.
    """
    with translated(path):
        connection = duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
    try:
        with translated(path):
            connection.execute("set TimeZone = 'UTC'")
            _migrate(connection, path, read_only=read_only)
    except StoreError:
        connection.close()
        raise
    return connection


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn whatever DuckDB raises within the block into a StoreError about this file."""
    try:
        yield
    except duckdb.Error as e:
        raise _store_error(path, str(e)) from e


def _store_error(path: Path, message: str) -> StoreError:
    said = message.lower()
    if "lock on file" in said or "used by another process" in said or "different configuration" in said:
        holder = _HOLDER.search(message)
        who = f"process {holder['pid']} ({holder['program']})" if holder else "another program"
        remedy = "wait until it is done or end it; one program at a time can write a DuckDB file"
        return StoreError("store_busy", f"{path} is in use by {who}", remedy)
    for words, code, what, remedy in _MEANINGS:
        if words in said:
            return StoreError(code, f"{path} {what}", remedy)
    return StoreError("store_failed", f"{path} cannot be used: {message.splitlines()[0]}", _OWN_FILE)


def _migrate(connection: Connection, path: Path, *, read_only: bool) -> None:
    migrations = _migrations()
    version = _version(connection, path)
    if version > len(migrations):
        message = f"{path} was written by a newer signalbook (tables version {version}, known: {len(migrations)})"
        raise StoreError("store_too_new", message, "open it with the version that wrote it, or a newer one")
    if read_only and version < len(migrations):
        message = f"{path} was written by an older signalbook (tables version {version})"
        raise StoreError("store_too_old", message, "let signalbook replay write into it once: that updates it")
    for number, script in enumerate(migrations[version:], version + 1):
        connection.begin()
        connection.execute(script)
        connection.execute("insert into schema_version values (?)", [number])
        connection.commit()


def _migrations() -> list[str]:
    scripts = (files("engine.journal") / "migrations").iterdir()
    return [script.read_text("utf-8") for script in sorted(scripts, key=lambda script: script.name)]


def _version(connection: Connection, path: Path) -> int:
    # 0 for a file without tables; tables that are not ours are never touched.
    names = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    if "schema_version" in names:
        [(version,)] = connection.execute("select coalesce(max(version), 0) from schema_version").fetchall()
        return int(version)
    if names:
        message = f"{path} is a DuckDB file of something else; its tables: {', '.join(sorted(names)[:5])}"
        raise StoreError("store_foreign", message, _OWN_FILE)
    return 0
