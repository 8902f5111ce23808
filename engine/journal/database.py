"""Opens the DuckDB file, brings it to this version's tables, and says in our words why it cannot."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Final

import duckdb

from engine.model.errors import StoreError

Connection = duckdb.DuckDBPyConnection

# Nothing is ever downloaded.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 2,
}
# What is written goes into the file at once, in groups of few rows, instead of into a log beside it first.
_TO_WRITE: Final = """
    set threads = 1;
    set checkpoint_threshold = '1MB';
    set write_buffer_row_group_count = 1;
"""
_ALIAS: Final = "log"
_ROW_GROUP: Final = 2_048
_MEMORY: Final = 512  # megabytes
_LEAST_MEMORY: Final = 8
_HOLDER: Final = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_IN_USE: Final = ("lock on file", "used by another process", "already attached")
# DuckDB takes these names for something else than a file: memory, a service, an extension.
_NOT_A_FILE: Final = re.compile(r":|\w{2,}:")
_MAGIC: Final = b"DUCK"  # behind a checksum of 8 bytes
_MAGIC_AT: Final = 8
_HEADERS: Final = 3 * 4096  # bytes before the first block
# The last block in use. Not what the header says: it counts free ones that may never have been written.
_LAST_OF_CATALOG: Final = """
    select coalesce((select max(block_id) from pragma_metadata_info('log')), -1), block_size
    from pragma_database_size() where database_name = 'log'
"""
_TABLES: Final = "select table_name from duckdb_tables() where database_name = 'log'"
_LAST_OF_TABLE: Final = """
    select coalesce(max(greatest(block_id, coalesce(list_max(additional_block_ids), -1))), -1)
    from pragma_storage_info(?)
"""
_OWN_FILE: Final = "name another file for the runs"
_START_ANEW: Final = "move the file away; a replay can be run again into a new one"
# What DuckDB says (lower case) → our code, our words and what to do; the first that fits.
_MEANINGS: Final = (
    ("version number", "store_too_new", "was written by a newer DuckDB", "open it with the version that wrote it"),
    ("not a valid duckdb database", "store_not_duckdb", "is not a DuckDB file", _OWN_FILE),
    ("is a directory", "store_not_duckdb", "is a folder", "name a file in it"),
    ("database does not exist", "store_not_found", "is not there", "replay or trade first, or check the path"),
    ("no space left", "store_disk_full", "cannot grow: the disk is full", "make room on the disk and run it again"),
    ("file too large", "store_disk_full", "cannot grow: no larger file is allowed", "make room and run it again"),
    ("corrupt", "store_damaged", "is damaged", _START_ANEW),
    ("checksum", "store_damaged", "is damaged", _START_ANEW),
    ("could not read enough bytes", "store_damaged", "is damaged: it ends too early", _START_ANEW),
    ("no such file or directory", "store_unwritable", "is in a folder that is not there", "make the folder first"),
    ("not a directory", "store_unwritable", "is not in a folder", "check the path"),
    ("cannot open", "store_unwritable", "cannot be opened", "choose a folder that can be written to"),
    ("permission denied", "store_unwritable", "cannot be written", "choose a folder that can be written to"),
)


def open_database(path: Path, *, read_only: bool = False, memory: int = _MEMORY) -> Connection:
    """
    Open a file of runs; made when it is not there, unless it is only to be read.

    memory: megabytes DuckDB may use for it, beyond which it is slower.
    Raises: StoreError.
    """
    check_place(path)
    with translated(path):
        connection = duckdb.connect(config=_CONFIG)
    try:
        with translated(path):
            _attach(connection, path, read_only=read_only, memory=memory)
            _check_whole(connection, path)
            _migrate(connection, path, read_only=read_only)
    except StoreError:
        connection.close()
        raise
    return connection


def cursor_of(connection: Connection) -> Connection:
    """Return another way into the same file, for another thread."""
    cursor = connection.cursor()
    cursor.execute(f"use {_ALIAS}; set TimeZone = 'UTC'")
    return cursor


def new_beside(path: Path) -> Path:
    """Return the place of a file that is to take the place of another; what a crash left there is removed."""
    anew = path.with_name(f"{path.name}.anew")
    for left in (anew, _log_of(anew)):
        left.unlink(missing_ok=True)
    return anew


def replace_by(path: Path, anew: Path) -> None:
    """Put a file that is closed in the place of another one, which nobody has open."""
    # A log the old one left behind would be taken for the new one's.
    _log_of(path).unlink(missing_ok=True)
    anew.replace(path)


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def give_memory_back(connection: Connection, memory: int) -> None:
    """
    Drop what DuckDB keeps of the file though nobody reads it.

    memory: megabytes it may use from then on, as `open_database` was told.
    """
    # A limit that low would also fail a write, so it stands only for a moment.
    with suppress(duckdb.Error):
        connection.execute(f"set memory_limit = '{_LEAST_MEMORY}MB'")
    connection.execute(f"set memory_limit = '{memory}MB'")


def _attach(connection: Connection, path: Path, *, read_only: bool, memory: int) -> None:
    # Attached to a database in memory: only so can the size of row groups be chosen.
    quoted = str(path).replace("'", "''")
    how = "read_only" if read_only else f"row_group_size {_ROW_GROUP}"
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set memory_limit = '{memory}MB'")
    connection.execute(f"set temp_directory = '{quoted}.tmp'")
    if not read_only:
        connection.execute(_TO_WRITE)
    connection.execute(f"attach '{quoted}' as {_ALIAS} ({how})")
    connection.execute(f"use {_ALIAS}")


def check_place(path: Path) -> None:
    """
    Check that a path means a file of DuckDB, or a new one: anything else DuckDB may open in memory, and lose.

    Raises: StoreError.
    """
    if _NOT_A_FILE.match(str(path)):
        raise StoreError("store_not_duckdb", f"{path} is not the name of a file", "name a file without a colon")
    if path.exists() and not path.is_dir() and not _has_magic(path):
        raise StoreError("store_not_duckdb", f"{path} is not a DuckDB file", _OWN_FILE)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn whatever DuckDB raises within the block into a StoreError about this file."""
    try:
        yield
    except duckdb.Error as e:
        raise _store_error(path, str(e)) from e


def _store_error(path: Path, message: str) -> StoreError:
    said = message.lower()
    if any(words in said for words in _IN_USE):
        holder = _HOLDER.search(message)
        who = f"process {holder['pid']} ({holder['program']})" if holder else "another program"
        remedy = "wait until it is done or end it; one program at a time can write a DuckDB file"
        return StoreError("store_busy", f"{path} is in use by {who}", remedy)
    for words, code, what, remedy in _MEANINGS:
        if words in said:
            return StoreError(code, f"{path} {what}", remedy)
    return StoreError("store_failed", f"{path} cannot be used: {message.splitlines()[0]}", _OWN_FILE)


def _has_magic(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(_MAGIC_AT + len(_MAGIC)).endswith(_MAGIC)
    except OSError as e:
        remedy = "check its permissions, or name another file"
        raise StoreError("store_unwritable", f"{path} cannot be opened: {e.strerror}", remedy) from e


def _check_whole(connection: Connection, path: Path) -> None:
    # DuckDB opens a file that is cut short, and notices only where it reads what is missing.
    tables = connection.execute(_TABLES).fetchall()
    [(last, size)] = connection.execute(_LAST_OF_CATALOG).fetchall()
    for table in tables:
        [(last_of_table,)] = connection.execute(_LAST_OF_TABLE, table).fetchall()
        last = max(last, last_of_table)
    if path.stat().st_size < _HEADERS + (last + 1) * size:
        raise StoreError("store_damaged", f"{path} is damaged: it ends too early", _START_ANEW)


def _migrate(connection: Connection, path: Path, *, read_only: bool) -> None:
    migrations = _migrations()
    version = _version(connection, path)
    if version > len(migrations):
        message = f"{path} was written by a newer signalbook (tables version {version}, known: {len(migrations)})"
        raise StoreError("store_too_new", message, "open it with the version that wrote it, or a newer one")
    if read_only and version < len(migrations):
        message = f"{path} was written by an older signalbook (tables version {version})"
        raise StoreError("store_too_old", message, "let signalbook replay or feed write into it once: that updates it")
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
    names = {name for (name,) in connection.execute(_TABLES).fetchall()}
    if "schema_version" in names:
        [(version,)] = connection.execute("select coalesce(max(version), 0) from schema_version").fetchall()
        return int(version)
    if names:
        message = f"{path} is a DuckDB file of something else; its tables: {', '.join(sorted(names)[:5])}"
        raise StoreError("store_foreign", message, _OWN_FILE)
    return 0
