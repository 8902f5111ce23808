"""
Questions to a file that another process holds: DuckDB lets nobody else in, so the holder answers them.

A Unix socket beside the file, for its owner alone, takes one question in SQL on each connection. Frames are four
bytes of length and MessagePack: [sql, {name: value}] → {"rows": […]} or {"error": [code, message, remedy]}.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from select import select
from threading import Thread, Timer
from typing import Any, Final

import duckdb
import msgspec

from engine.journal.database import Connection, cursor_of, open_database, translated
from engine.journal.sql_rows import FileRows, SqlRow, SqlRows
from engine.journal.unix_sockets import connected_to, has_unix_sockets, listening_at
from engine.model.errors import StoreError

_LENGTH: Final = 4
_LARGEST_QUESTION: Final = 1 << 20
_TO_SAY_IT: Final = 5.0  # seconds a client has to send its question, and to take the answer
_TO_ANSWER: Final = 30.0  # seconds a query may take
_ONLY_QUESTIONS: Final = "ask one select; nothing is changed this way"


@contextmanager
def readable(path: Path) -> Iterator[SqlRows]:
    """
    Open a file for questions; while another process holds it, that one answers them.

    Raises: StoreError.
    """
    try:
        connection = open_database(path, read_only=True)
    except StoreError as busy:
        if busy.code != "store_busy" or not _is_answered(path):
            raise
        yield SocketRows(path)
        return
    with closing(connection):
        yield FileRows(connection, path)


class SocketRows:
    """The rows of a file that another process holds (see SqlRows)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def query(self, sql: str, values: Mapping[str, object]) -> list[SqlRow]:
        """Return the rows of a query whose $names are given. Raises: StoreError."""
        try:
            with connected_to(socket_path(self._path), _TO_ANSWER + _TO_SAY_IT) as asked:
                _send(asked, [sql, dict(values)])
                answer = _receive(asked)
        except (OSError, EOFError) as error:
            message = f"the process that holds {self._path} does not answer: {error}"
            raise StoreError("store_busy", message, "ask again, or wait until it is done") from error
        refused = answer.get("error")
        if refused:
            code, message, remedy = refused
            raise StoreError(code, message, remedy)
        return [tuple(row) for row in answer["rows"]]


class QueryServer:
    """
    Answers questions to a file this process holds, in a thread of its own, until it is closed.

    is_serving: False where there are no such sockets, or the name of the file is too long for one.
    """

    def __init__(self, connection: Connection, path: Path) -> None:
        self._cursor = cursor_of(connection)
        self._path = path
        self._listening = _listening(socket_path(path))
        self._woken, self._waker = socket.socketpair()
        self._thread = Thread(target=self._serve, name="queries", daemon=True)
        self.is_serving = self._listening is not None
        if self.is_serving:
            self._thread.start()

    def close(self) -> None:
        """Stop answering, and take the socket away."""
        self._waker.close()
        if self._listening is not None:
            self._cursor.interrupt()
            self._thread.join()
            self._listening.close()
            socket_path(self._path).unlink(missing_ok=True)
        self._woken.close()
        self._cursor.close()

    def _serve(self) -> None:
        listening = self._listening
        while listening is not None:
            ready, _, _ = select([listening, self._woken], [], [])
            if self._woken in ready:
                return
            with suppress(OSError, EOFError, msgspec.DecodeError):
                self._attend(listening.accept()[0])

    def _attend(self, client: socket.socket) -> None:
        with client:
            client.settimeout(_TO_SAY_IT)
            _send(client, self._answer(_receive(client)))

    def _answer(self, question: Any) -> dict[str, object]:  # noqa: ANN401 - whatever a client sent
        try:
            match question:
                case [str(sql), dict(values)]:
                    return {"rows": self._rows(sql, values)}
            raise StoreError("store_failed", "what was asked is no question", _ONLY_QUESTIONS)
        except StoreError as error:
            return {"error": [error.code, error.message, error.remedy]}

    def _rows(self, sql: str, values: dict[str, object]) -> list[SqlRow]:
        with translated(self._path):
            statements = self._cursor.extract_statements(sql)
            if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
                raise StoreError("store_failed", "what was asked is no select", _ONLY_QUESTIONS)
            too_long = Timer(_TO_ANSWER, self._cursor.interrupt)
            too_long.start()
            # A select can hold an insert; within this transaction it cannot.
            self._cursor.execute("begin transaction read only")
            try:
                return self._cursor.execute(sql, values).fetchall()
            finally:
                too_long.cancel()
                with suppress(duckdb.Error):
                    self._cursor.execute("rollback")


def socket_path(path: Path) -> Path:
    """Return where the socket for a file stands."""
    return path.with_name(path.name + ".sock")


def _is_answered(path: Path) -> bool:
    if not socket_path(path).exists():
        return False
    try:
        SocketRows(path).query("select 1", {})
    except StoreError:
        return False
    return True


def _listening(path: Path) -> socket.socket | None:
    if not has_unix_sockets():
        return None
    try:
        # Whoever holds the file owns the socket: one that is there was left by a process that died.
        return listening_at(path)
    except OSError:
        return None


def _send(to: socket.socket, what: object) -> None:
    frame = msgspec.msgpack.encode(what)
    to.sendall(len(frame).to_bytes(_LENGTH, "big") + frame)


def _receive(sender: socket.socket) -> Any:  # noqa: ANN401 - whatever was sent
    size = int.from_bytes(_exactly(sender, _LENGTH), "big")
    return msgspec.msgpack.decode(_exactly(sender, size))


def _exactly(sender: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = sender.recv(min(size - len(parts), _LARGEST_QUESTION))
        if not part:
            raise EOFError("it hung up")
        parts += part
    return bytes(parts)
