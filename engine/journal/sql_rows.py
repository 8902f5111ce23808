"""Where answers to SQL come from: the file itself, or the process that holds it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from engine.journal.database import Connection, translated

SqlRow = tuple[Any, ...]


class SqlRows(Protocol):
    """
    Answers questions in SQL.

    Cells are what JSON knows: numbers, texts, booleans and None; a query makes texts or numbers of all else.
    """

    def query(self, sql: str, values: Mapping[str, object]) -> list[SqlRow]:
        """Return the rows of a query whose $names are given. Raises: StoreError."""
        ...


class FileRows:
    """The rows of a file this process has open (see SqlRows)."""

    def __init__(self, connection: Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def query(self, sql: str, values: Mapping[str, object]) -> list[SqlRow]:
        """Return the rows of a query whose $names are given. Raises: StoreError."""
        with translated(self._path):
            return self._connection.execute(sql, dict(values)).fetchall()
