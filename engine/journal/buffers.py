"""Rows on their way into the file: gathered by table, inserted as columns, one transaction each time."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from engine.journal.database import Connection, give_memory_back, translated
from engine.journal.rows import Row
from engine.journal.tables import TABLES
from engine.model.entry import Witness
from engine.model.errors import StoreError

MOST_ROWS: Final = 2_048
_STRETCH: Final = 256  # rows made columns at once, while they are still in the processor's cache
_MOST_COLUMN_ROWS: Final = 65_536
_MOST_BYTES: Final = 12 << 20
# Not Arrow's own pool, which keeps what it once had.
_POOL: Final = pa.system_memory_pool()


class Buffers:
    """
    Gathers rows and columns, and writes them all in one transaction.

    memory: megabytes DuckDB may use; given back after every write. None where it may keep what it has.
    Every method may raise StoreError, after which what was gathered is still there: `clear` drops it.
    """

    def __init__(self, connection: Connection, path: Path, memory: int | None = None) -> None:
        self._connection = connection
        self._memory = memory
        self._path = path
        self._rows: dict[str, list[Row]] = {table: [] for table in TABLES}
        self._columns: dict[str, list[pa.Table]] = {}
        self._row_count = self._column_rows = self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether enough is gathered to be written."""
        if self._row_count >= MOST_ROWS or self._column_rows >= _MOST_COLUMN_ROWS:
            return True
        return self._bytes >= _MOST_BYTES

    def add(self, table: str, row: Row) -> None:
        """Gather one row, its cells in the order of the table's columns."""
        rows = self._rows[table]
        rows.append(row)
        self._row_count += 1
        if len(rows) == _STRETCH:
            self._turn(table, rows)

    def add_columns(self, table: str, columns: pa.Table) -> None:
        """Gather many rows as columns."""
        self._columns.setdefault(table, []).append(columns)
        self._column_rows += columns.num_rows

    def flush(self, position: Witness | None = None) -> None:
        """
        Write everything; all of it is there afterwards, or nothing.

        position: up to where the journal has been taken in with it.
        """
        with translated(self._path):
            self._connection.begin()
            try:
                self._insert_all()
                if position is not None:
                    self._connection.execute("update journal_position set seq = ?, hash = ?", list(position))
                self._connection.commit()
            except (duckdb.Error, StoreError):
                # A commit that failed has already rolled back.
                with suppress(duckdb.Error):
                    self._connection.rollback()
                raise
            if self._memory is not None:
                give_memory_back(self._connection, self._memory)
        self.clear()

    def clear(self) -> None:
        """Drop what is gathered."""
        for rows in self._rows.values():
            rows.clear()
        self._columns.clear()
        self._row_count = self._column_rows = self._bytes = 0

    def _insert_all(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                self._turn(table, rows)
        for table, columns in self._columns.items():
            self._insert(table, pa.concat_tables(columns))

    def _turn(self, table: str, rows: list[Row]) -> None:
        columns = _as_columns(table, rows, self._path)
        self._columns.setdefault(table, []).append(columns)
        self._bytes += columns.nbytes
        rows.clear()

    def _insert(self, table: str, columns: pa.Table) -> None:
        self._connection.register("gathered", columns)
        try:
            self._connection.execute(f"insert into {table} by name select * from gathered")
        finally:
            self._connection.unregister("gathered")


def _as_columns(table: str, rows: list[Row], path: Path) -> pa.Table:
    schema = TABLES[table]
    cells = zip(*rows, strict=True)
    try:
        arrays = [
            pa.array(column, type=field.type, memory_pool=_POOL) for field, column in zip(schema, cells, strict=True)
        ]
    except (pa.ArrowInvalid, UnicodeEncodeError, OverflowError) as error:
        message = f"{path} cannot hold a row of {table}: {error}"
        raise StoreError("store_failed", message, "this is a fault of signalbook; please report it") from error
    return pa.Table.from_arrays(arrays, schema=schema)
