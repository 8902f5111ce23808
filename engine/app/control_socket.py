"""The running engine's ear: what other processes ask of it comes in by a Unix socket, for its owner alone."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from socket import socket
from typing import Final, Protocol, Self

from engine.app.control_words import LONGEST_LINE, PROTOCOL, Answer, BadRequest, ControlError, line_of, row_of, text_in
from engine.app.trading_state import Place, read_place
from engine.journal.unix_sockets import connected_to, listening_at
from engine.model.activity import TradingState
from engine.model.errors import CodedError, EngineError

_TO_SAY_IT: Final = 10.0  # seconds a client has to send its request, and to take the answer
_TO_LOOK: Final = 0.5


class ControlHandler(Protocol):
    """
    What the engine does when it is asked. Whoever asks is the owner of the machine's account; `by` is who they say.

    What it will not do it refuses by raising a CodedError, whose code, sentence and remedy reach the client.
    """

    async def kill(self, place: Place, state: TradingState, by: str, why: str) -> Answer:
        """
        Restrict, and cancel the openings that may still fill there; return as soon as those cancels are under way.

        {"in_force": [restrictions], "cancelling": [{"account", "id", "what"}], "problems": [sentences]};
        the ids are those of slots, or client ids
        """
        ...

    async def resume(self, place: Place, by: str, why: str) -> Answer:
        """Lift what holds for exactly this place: {"lifted": [restrictions], "in_force": [restrictions]}."""
        ...

    async def status(self) -> Answer:
        """Return how things stand: the JSON form of desk_status.DeskStatus."""
        ...

    async def waiting(self) -> Answer:
        """
        Return what waits for approval, in "waiting".

        Each with id, playbook, author, alert (its text), what, price (dollars per share), risk (dollars), why, by (who
        may), until.
        """
        ...

    async def approve(self, intent_id: str, by: str) -> Answer:
        """Approve an intent; its id, or a beginning of it that no other has."""
        ...

    async def decline(self, intent_id: str, by: str, why: str) -> Answer:
        """Decline an intent; its id as in `approve`."""
        ...

    async def cancel(self, order_id: str, by: str, why: str) -> Answer:
        """Ask for an order to be cancelled; the id of its slot, its client id, or the broker's."""
        ...

    async def stage(self, payload: Mapping[str, object]) -> Answer:
        """Promote, demote or list versions."""
        ...


class ControlSocket:
    """
    Answers at a path for as long as the block runs: `async with ControlSocket(path, handler)`.

    The engine that holds the journal owns it: a socket that a dead one left is taken away.
    Raises: ControlError, when an engine answers there already, or the socket cannot be made.
    """

    def __init__(self, path: Path, handler: ControlHandler) -> None:
        self._path = path
        self._commands = _commands(handler)
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        self._server = await asyncio.start_unix_server(self._accept, sock=self._listening(), limit=LONGEST_LINE)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, and take the socket away."""
        if self._server is not None:
            self._server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    def _listening(self) -> socket:
        if _is_heard(self._path):
            message = f"another engine listens at {self._path}"
            raise ControlError("engine_running", message, "stop it first: signalbook status tells of it")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return listening_at(self._path)
        except OSError as error:
            message = f"{self._path} cannot be listened at: {error.strerror}"
            raise ControlError("no_control_socket", message, "check the folder and who may write there") from error

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.ensure_future(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after another; a client that breaks off, or dawdles, harms nobody but itself."""
        try:
            while line := await asyncio.wait_for(reader.readline(), _TO_SAY_IT):
                writer.write(line_of(await self._answer(line)))
                await asyncio.wait_for(writer.drain(), _TO_SAY_IT)
        except (OSError, TimeoutError, ValueError):  # ValueError: a line longer than any request
            return
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Answer:
        try:
            row = row_of(line)
            if row.get("protocol") != PROTOCOL:
                raise BadRequest(f"the engine speaks protocol {PROTOCOL}, not {row.get('protocol')}")
            command = self._commands.get(text_in(row, "command"))
            if command is None:
                raise BadRequest(f"the engine knows no command {row['command']!r}")
            return {"answer": await command(row)}
        except CodedError as error:
            return {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        except EngineError as error:
            return {"error": {"code": error.code, "message": str(error), "remedy": ""}}
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is told, and the engine goes on
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a control request failed", "exception": error}
            )
            return {"error": {"code": "bug", "message": repr(error), "remedy": "report it; the engine goes on"}}


_Command = Callable[[Mapping[str, object]], Awaitable[Answer]]


def _commands(handler: ControlHandler) -> Mapping[str, _Command]:
    return {
        "kill": lambda row: handler.kill(_place(row), _state(row), text_in(row, "by"), text_in(row, "why")),
        "resume": lambda row: handler.resume(_place(row), text_in(row, "by"), text_in(row, "why")),
        "status": lambda _: handler.status(),
        "waiting": lambda _: handler.waiting(),
        "approve": lambda row: handler.approve(text_in(row, "id"), text_in(row, "by")),
        "decline": lambda row: handler.decline(text_in(row, "id"), text_in(row, "by"), text_in(row, "why")),
        "cancel": lambda row: handler.cancel(text_in(row, "id"), text_in(row, "by"), text_in(row, "why")),
        "stage": lambda row: handler.stage(_payload(row)),
    }


def _payload(row: Mapping[str, object]) -> Mapping[str, object]:
    payload = row.get("payload")
    if not isinstance(payload, dict):
        raise BadRequest("'payload' is missing, or no object")
    return payload


def _place(row: Mapping[str, object]) -> Place:
    try:
        return read_place(text_in(row, "place"))
    except ValueError as error:
        raise BadRequest(str(error)) from error


def _state(row: Mapping[str, object]) -> TradingState:
    try:
        state = TradingState(text_in(row, "state"))
    except ValueError:
        state = TradingState.ACTIVE
    if state is TradingState.ACTIVE:
        raise BadRequest(f"a kill leads to reducing or halted, not to {row['state']!r}")
    return state


def _is_heard(path: Path) -> bool:
    """Return whether a living process listens, also one that does not attend."""
    try:
        connected_to(path, _TO_LOOK).close()
    except TimeoutError:
        return True
    except OSError:
        return False
    return True
