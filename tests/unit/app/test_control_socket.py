"""What another process asks of a running engine, and what it hears when there is none."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine.app.control_client import ControlClient
from engine.app.control_socket import ControlSocket
from engine.app.control_words import Answer, BadRequest, ControlError, ControlRefused, EngineHung, EngineNotRunning
from engine.app.trading_state import Place
from engine.journal.unix_sockets import connected_to
from engine.model.activity import Scope, TradingState


class Handler:
    """Notes what it is asked (see control_socket.ControlHandler)."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    async def kill(self, place: Place, state: TradingState, by: str, why: str) -> Answer:
        return self._noted("kill", place, state, by, why)

    async def resume(self, place: Place, by: str, why: str) -> Answer:
        return self._noted("resume", place, by, why)

    async def status(self) -> Answer:
        return self._noted("status")

    async def waiting(self) -> Answer:
        return {"waiting": ["é" * 100_000]}

    async def approve(self, intent_id: str, by: str) -> Answer:
        raise ControlRefused("may_not", f"{by} wrote the alert", "ask somebody else")

    async def decline(self, intent_id: str, by: str, why: str) -> Answer:
        raise ZeroDivisionError(intent_id)

    async def cancel(self, order_id: str, by: str, why: str) -> Answer:
        await asyncio.sleep(60)
        return {}

    async def stage(self, payload: Mapping[str, object]) -> Answer:
        return self._noted("stage", dict(payload))

    def _noted(self, *asked: object) -> Answer:
        self.asked.append(asked)
        return {"done": str(asked[0])}


def talk(path: Path, ask: Callable[[ControlClient], object], handler: Handler, patience: float = 5.0) -> object:
    """Serve while a client in another thread asks."""

    async def run() -> object:
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        async with ControlSocket(path, handler):
            assert path.stat().st_mode & 0o777 == 0o600
            with ThreadPoolExecutor(1) as thread:
                return await asyncio.get_running_loop().run_in_executor(thread, ask, ControlClient(path, patience))

    return asyncio.run(run())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.mark.parametrize(
    ("command", "fields", "asked"),
    [
        (
            "kill",
            {"place": "account:main", "state": "halted", "by": "carol", "why": "test"},
            ("kill", Place(Scope.ACCOUNT, "main"), TradingState.HALTED, "carol", "test"),
        ),
        ("resume", {"place": "all", "by": "carol", "why": "over"}, ("resume", Place(Scope.ALL), "carol", "over")),
        ("status", {}, ("status",)),
        ("stage", {"payload": {"to": "canary", "n": 5}}, ("stage", {"to": "canary", "n": 5})),
    ],
)
def test_a_request_reaches_the_handler(path: Path, command: str, fields: dict[str, Any], asked: tuple[object, ...]):
    """S-886."""
    handler = Handler()

    assert talk(path, lambda client: client.ask(command, **fields), handler) == {"done": command}

    assert handler.asked == [asked]
    assert not path.exists()


def refused(ask: Callable[[ControlClient], object]) -> Callable[[ControlClient], ControlError]:
    def asking(client: ControlClient) -> ControlError:
        with pytest.raises(ControlError) as raised:
            ask(client)
        return raised.value

    return asking


@pytest.mark.parametrize(
    ("ask", "code", "message"),
    [
        pytest.param(lambda c: c.ask("approve", id="1", by="alice"), "may_not", "alice wrote the alert", id="refused"),
        pytest.param(lambda c: c.ask("approve", id="1"), "bad_request", "'by' is missing, or no text", id="missing"),
        pytest.param(lambda c: c.ask("kill", place="desk", state="halted", by="", why=""), "bad_request", "none of all",
                     id="no place"),
        pytest.param(lambda c: c.ask("kill", place="all", state="active", by="", why=""), "bad_request", "not to 'act",
                     id="a kill that loosens"),
        pytest.param(lambda c: c.ask("stage", payload=[]), "bad_request", "'payload' is missing", id="no payload"),
        pytest.param(lambda c: c.ask("dance"), "bad_request", "knows no command 'dance'", id="unknown"),
        pytest.param(lambda c: c.ask("decline", id="7", by="a", why="b"), "bug", "ZeroDivisionError('7')", id="a bug"),
    ],
)  # fmt: skip
def test_a_refusal_comes_with_its_code_and_the_engine_goes_on(
    path: Path, ask: Callable[[ControlClient], object], code: str, message: str
):
    """S-886."""

    def asking(client: ControlClient) -> ControlError:
        error = refused(ask)(client)
        assert client.ask("status") == {"done": "status"}
        return error

    error = talk(path, asking, Handler())

    assert isinstance(error, ControlRefused)
    assert (error.code, message in error.message) == (code, True), error


@pytest.mark.parametrize(
    "sent",
    [b"", b"{", b"[]\n", b"{}\n", b'{"protocol": 9, "command": "status"}\n', b"\xff\xfe\n", b"x" * 5_000_000 + b"\n"],
    ids=["nothing", "half a line", "no object", "nothing asked", "another protocol", "no text", "too long"],
)
def test_a_client_that_talks_nonsense_or_breaks_off_harms_nobody(path: Path, sent: bytes):
    """S-886."""

    def asking(client: ControlClient) -> object:
        with connected_to(path, 5.0) as asked:
            try:
                asked.sendall(sent)
                asked.shutdown(socket.SHUT_WR)
                answer = asked.makefile("rb").readline()
            except OSError:
                answer = b""
        assert not answer or json.loads(answer)["error"]["code"] == "bad_request"
        return client.ask("status")

    assert talk(path, asking, Handler()) == {"done": "status"}


def test_a_long_answer_comes_whole(path: Path):
    answer = talk(path, lambda client: client.ask("waiting"), Handler())

    assert answer == {"waiting": ["é" * 100_000]}


def test_a_folder_with_a_long_name_has_a_socket_too(tmp_path: Path):
    """S-886."""
    folder = tmp_path / ("d" * 100) / ("e" * 100)

    assert talk(folder / "control.sock", lambda client: client.ask("status"), Handler()) == {"done": "status"}


def test_without_an_engine_the_client_says_so(path: Path):
    """S-887."""
    with pytest.raises(EngineNotRunning, match="nobody listens"):
        ControlClient(path).ask("status")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with pytest.raises(EngineNotRunning, match="nobody listens"):
        ControlClient(path).ask("status")


def test_the_socket_of_a_dead_engine_is_replaced(path: Path):
    """S-887."""
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    assert talk(path, lambda client: client.ask("status"), Handler()) == {"done": "status"}


def test_a_second_engine_is_refused(path: Path):
    """S-887."""

    async def second() -> None:
        async with ControlSocket(path, Handler()):
            raise AssertionError

    def asking(client: ControlClient) -> object:
        with pytest.raises(ControlError) as raised:
            asyncio.run(second())
        assert raised.value.code == "engine_running"
        return client.ask("status")

    assert talk(path, asking, Handler()) == {"done": "status"}


def test_a_handler_that_takes_too_long_is_told_from_none(path: Path):
    """S-887."""

    def asking(client: ControlClient) -> object:
        with pytest.raises(EngineHung, match=r"has not answered for 0\.3 s"):
            client.ask("cancel", id="1", by="carol", why="test")
        return client.ask("status")

    assert talk(path, asking, Handler(), patience=0.3) == {"done": "status"}


# Listens as an engine does.
LISTENS = """
import asyncio, sys
from pathlib import Path
from engine.app.control_socket import ControlSocket

async def main():
    async with ControlSocket(Path(sys.argv[1]), object()):
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_process_that_stands_still_is_hung_and_one_that_died_is_not_there(path: Path):
    """S-887."""
    command = [sys.executable, "-c", LISTENS, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGSTOP)
        for _ in range(3):
            with pytest.raises(EngineHung):
                ControlClient(path, 0.2).ask("status")
        process.kill()

    with pytest.raises(EngineNotRunning):
        ControlClient(path, 0.2).ask("status")


@pytest.mark.parametrize("answer", [b"", b'{"answer"', b"nonsense\n", b"{}\n"])
def test_an_answer_that_is_none_is_no_success(path: Path, answer: bytes):
    """S-887."""

    async def odd(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async def run(ask: Callable[[], Awaitable[object]]) -> None:
        async with await asyncio.start_unix_server(odd, path):
            await ask()

    def asking() -> Awaitable[object]:
        return asyncio.get_running_loop().run_in_executor(None, lambda: ControlClient(path, 1.0).ask("status"))

    with pytest.raises((EngineHung, BadRequest)):
        asyncio.run(run(asking))
