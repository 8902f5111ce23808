"""Asks the running engine, and tells one that is not there from one that does not answer."""

import errno
from pathlib import Path
from typing import Any, Final

from engine.app.control_words import (
    LONGEST_LINE,
    PROTOCOL,
    BadRequest,
    ControlError,
    ControlRefused,
    EngineHung,
    EngineNotRunning,
    line_of,
    row_of,
)
from engine.journal.unix_sockets import connected_to, has_unix_sockets

PATIENCE: Final = 5.0
_NOBODY: Final = (FileNotFoundError, ConnectionRefusedError, NotADirectoryError)
_HUNG: Final = frozenset({errno.EAGAIN, errno.EWOULDBLOCK})
_START: Final = "start it with signalbook trade; openings are stopped without it by signalbook kill --direct"
_DIRECT: Final = "signalbook kill --direct cancels at the broker without it; then end it and start again"


class ControlClient:
    """
    The engine of a folder, as another process sees it.

    path: of its socket. patience: seconds to wait for an answer.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience

    def ask(self, command: str, **fields: object) -> dict[str, Any]:
        """
        Have the engine do something, and return its answer (see `ControlHandler`).

        Raises: EngineNotRunning, EngineHung, ControlRefused; ControlError when the socket is somebody else's.
        """
        row = row_of(self._line(line_of({"protocol": PROTOCOL, "command": command, **fields})))
        refused = row.get("error")
        if isinstance(refused, dict):
            raise ControlRefused(*(str(refused.get(name, "")) for name in ("code", "message", "remedy")))
        answer = row.get("answer")
        if not isinstance(answer, dict):
            raise BadRequest("the engine's answer has neither an answer nor an error")
        return answer

    def _line(self, request: bytes) -> bytes:
        if not has_unix_sockets():
            raise EngineNotRunning("engine_not_running", "this system has no Unix sockets to ask it by", _START)
        try:
            with connected_to(self._path, self._patience) as asked:
                asked.sendall(request)
                with asked.makefile("rb") as answers:
                    line = answers.readline(LONGEST_LINE)
        except _NOBODY as error:
            message = f"no engine runs: nobody listens at {self._path}"
            raise EngineNotRunning("engine_not_running", message, _START) from error
        except OSError as error:
            raise self._lost(error) from error
        if not line.endswith(b"\n"):
            raise EngineHung("engine_hung", "the engine hung up before it had answered", _DIRECT)
        return line

    def _lost(self, error: OSError) -> ControlError:
        if isinstance(error, PermissionError):
            message = f"{self._path} belongs to another user"
            return ControlError("not_permitted", message, "run this as the user the engine runs as")
        if isinstance(error, TimeoutError) or error.errno in _HUNG:
            message = f"an engine is there and has not answered for {self._patience:g} s"
            return EngineHung("engine_hung", message, _DIRECT)
        return EngineHung("engine_hung", f"the engine stopped answering: {error.strerror or error}", _DIRECT)
