"""`signalbook kill --direct` over TCP, with an engine that is dead, one that hangs, and a disk that is full."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.clock import SystemClock
from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection
from engine.app.credentials import Access, accesses
from engine.app.kill_accounts import desk_of
from engine.app.settings import Settings
from engine.app.trading_state_file import TradingStateFile
from engine.model.activity import TradingState
from engine.model.alert import Action
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderStatus, OrderType, PlacedOrder, PriceEffect
from tests.ports import two_ports

MAIN = "import sys; from engine.cli.main import main; sys.argv[0] = 'signalbook'; main()"
DESK = """
signalbook: 1
desk: kill-test
time_zone: America/New_York
accounts:
  cert: {kind: sandbox, broker: paper}
  main: {kind: production, broker: paper}
people:
  carol: {discord: "501234567890123456", permissions: [approve, control]}
limits: {max_contracts: 50}
"""
CALL = "SPY   261218C00600000"
# Holds the journal and the socket as an engine does, and does nothing else.
ENGINE = """
import asyncio, sys
from pathlib import Path
from engine.adapters.clock import SystemClock
from engine.app.control_socket import ControlSocket
from engine.app.trading_state_file import TradingStateFile
from engine.journal.log import JournalLog
from engine.journal.trade_log import JournalTradeLog
from engine.app.trading_states import TradingStates

home = Path(sys.argv[1])

async def main():
    with JournalLog.open(home / "journal", SystemClock().now) as log:
        TradingStates(TradingStateFile(home / "trading-state.json"), JournalTradeLog(log, "live")).level()
        async with ControlSocket(home / "control.sock", object()):
            print("ready", flush=True)
            await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def exchange() -> Iterator[str]:
    port = two_ports()
    options = ["--port", str(port), "--calm", "--at", "2026-11-24T15:00Z", "--json"]
    command = [sys.executable, "-c", MAIN, "paper", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGINT)


@dataclass
class Placed:
    """What stands at the broker: ids of openings, and of closing orders, by account."""

    openings: dict[str, list[str]]
    closings: dict[str, list[str]]


@dataclass
class Desk:
    """A desk of two accounts at the exchange, and the command run for it."""

    folder: Path
    home: Path
    exchange: str

    @property
    def variables(self) -> dict[str, str]:
        return {"SIGNALBOOK_HOME": str(self.home), "SIGNALBOOK_PAPER": self.exchange}

    @contextmanager
    def engine(self) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-c", ENGINE, str(self.home)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            try:
                yield process
            finally:
                process.kill()

    def kill(self, *options: str, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", MAIN, "kill", "--by", "carol", "--why", "test", *options],
            cwd=self.folder,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
            preexec_fn=limit,
        )

    def place(self) -> Placed:
        return asyncio.run(self._place())

    def standing(self) -> dict[str, PlacedOrder]:
        return asyncio.run(self._standing())

    def _accesses(self) -> list[Access]:
        desk = desk_of(self.folder / "playbooks")
        assert desk is not None
        return [each for each in accesses(desk, Settings(self.home, self.variables)) if isinstance(each, Access)]

    async def _place(self) -> Placed:
        placed = Placed({}, {})
        for access in self._accesses():
            async with Connection(access.destination, access.credentials).opened() as connection:
                broker = TastytradeBroker(connection, access.number, SystemClock())
                await broker.place(share(access.number, Action.BUY_TO_OPEN, 3, None))
                await held(broker)
                opening = await broker.place(share(access.number, Action.BUY_TO_OPEN, 2, "1.00"))
                option = await broker.place(call(access.number))
                closing = await broker.place(share(access.number, Action.SELL_TO_CLOSE, 3, "5000.00"))
                placed.openings[access.alias] = [opening.id, option.id]
                placed.closings[access.alias] = [closing.id]
        return placed

    async def _standing(self) -> dict[str, PlacedOrder]:
        found: dict[str, PlacedOrder] = {}
        for access in self._accesses():
            async with Connection(access.destination, access.credentials).opened() as connection:
                broker = TastytradeBroker(connection, access.number, SystemClock())
                found |= {order.id: order for order in await broker.live_orders()}
        return found

    def must_be_killed(self, placed: Placed, ran: subprocess.CompletedProcess[str]) -> dict[str, str]:
        """Every opening cancelled and every closing order kept, at the broker and in the command's words."""
        said = json.loads(ran.stdout)
        assert (ran.returncode, said["is_clear"]) == (0, True), ran.stdout + ran.stderr
        became = {order["id"]: order["fate"] for account in said["accounts"] for order in account["orders"]}
        standing = self.standing()
        for order_id in (order_id for ids in placed.openings.values() for order_id in ids):
            assert (became[order_id], standing[order_id].status) == ("cancelled", OrderStatus.CANCELLED)
        for order_id in (order_id for ids in placed.closings.values() for order_id in ids):
            assert (became[order_id], standing[order_id].status) == ("kept", OrderStatus.LIVE)
        return became

    def cancel_rest(self) -> None:
        async def cancel() -> None:
            for access in self._accesses():
                async with Connection(access.destination, access.credentials).opened() as connection:
                    broker = TastytradeBroker(connection, access.number, SystemClock())
                    for order in await broker.live_orders():
                        if not order.status.is_final:
                            await broker.cancel(order.id)

        asyncio.run(cancel())


def share(account: str, action: Action, quantity: int, price: str | None) -> Order:
    leg = OrderLeg("SPY", InstrumentKind.EQUITY, action, quantity)
    limit = None if price is None else Decimal(price)
    effect = None if price is None else PriceEffect.DEBIT if action.buys else PriceEffect.CREDIT
    order_type = OrderType.MARKET if price is None else OrderType.LIMIT
    return Order(f"test-{action.value}", account, (leg,), order_type, price=limit, effect=effect)


def call(account: str) -> Order:
    leg = OrderLeg(CALL, InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, 1)
    return Order("test-call", account, (leg,), OrderType.LIMIT, price=Decimal("0.05"), effect=PriceEffect.DEBIT)


async def held(broker: TastytradeBroker) -> None:
    while not any(holding.symbol == "SPY" and holding.quantity >= 3 for holding in await broker.holdings()):
        await asyncio.sleep(0.05)


@pytest.fixture
def desk(tmp_path: Path, exchange: str) -> Iterator[Desk]:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "desk.yaml").write_text(DESK, encoding="utf-8")
    made = Desk(tmp_path, tmp_path / "home", exchange)
    yield made
    (tmp_path / "playbooks" / "desk.yaml").write_text(DESK, encoding="utf-8")
    made.cancel_rest()


def states(home: Path) -> list[TradingState]:
    return [each.state for each in TradingStateFile(home / "trading-state.json").restrictions() or ()]


def test_with_a_dead_engine_openings_are_cancelled_and_closing_orders_kept(desk: Desk):
    """S-890."""
    placed = desk.place()
    with desk.engine() as engine:
        engine.kill()
        engine.wait()
    assert (desk.home / "control.sock").exists()

    asked = desk.kill("--json")
    assert asked.returncode == 9
    assert "engine_not_running" in asked.stdout
    assert states(desk.home) == [TradingState.REDUCING]
    killed = desk.kill("--direct", "--json")

    desk.must_be_killed(placed, killed)
    assert json.loads(killed.stdout)["has_engine"] is False


def test_with_a_hung_engine_openings_are_cancelled_and_closing_orders_kept(desk: Desk):
    """S-890: the process holds the journal's lock and its socket, and never answers."""
    placed = desk.place()
    with desk.engine() as engine:
        engine.send_signal(signal.SIGSTOP)

        asked = desk.kill("--json")
        assert asked.returncode == 9
        assert "engine_hung" in asked.stdout
        killed = desk.kill("--direct", "--halt", "--json")

        desk.must_be_killed(placed, killed)
        assert engine.poll() is None
    assert states(desk.home) == [TradingState.HALTED]


@contextmanager
def full_memory_disk(home: Path) -> Iterator[None]:
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(home)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(home)], check=True)


def fill(home: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        (home / "filler").write_bytes(bytes(8 << 20))


def test_with_a_full_disk_the_state_is_kept_and_openings_are_cancelled(desk: Desk):
    """S-890, S-882."""
    placed = desk.place()
    with full_memory_disk(desk.home):
        with desk.engine():
            fill(desk.home)
            killed = desk.kill("--direct", "--json")

        desk.must_be_killed(placed, killed)
        assert states(desk.home) == [TradingState.REDUCING]


def no_file_may_grow() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_where_nothing_can_be_written_openings_are_denied_and_cancelled(desk: Desk):
    """S-890, S-882: not even in place."""
    placed = desk.place()
    with desk.engine():
        pass

    killed = desk.kill("--direct", "--json", limit=no_file_may_grow)

    desk.must_be_killed(placed, killed)
    assert "state_unwritable" in killed.stdout
    assert TradingStateFile(desk.home / "trading-state.json").restrictions() is None


def test_with_a_broken_desk_every_account_of_the_credentials_is_asked(desk: Desk):
    """S-891."""
    placed = desk.place()
    (desk.home / "journal").mkdir(parents=True)
    (desk.folder / "playbooks" / "desk.yaml").write_text("accounts: [", encoding="utf-8")

    killed = desk.kill("--direct", "--json")

    (desk.folder / "playbooks" / "desk.yaml").write_text(DESK, encoding="utf-8")
    desk.must_be_killed(placed, killed)
    assert "no desk could be read" in killed.stdout


def test_in_a_home_without_a_journal_openings_are_cancelled_and_no_end_is_promised(desk: Desk):
    """S-889."""
    placed = desk.place()

    killed = replace(desk, home=desk.folder / "elsewhere").kill("--direct", "--json")

    said, standing = json.loads(killed.stdout), desk.standing()
    assert (killed.returncode, said["is_clear"]) == (1, False)
    assert "no engine has ever traded" in said["doubts"][0]
    assert {standing[each].status for ids in placed.openings.values() for each in ids} == {OrderStatus.CANCELLED}


def test_a_kill_of_one_account_leaves_the_others_alone(desk: Desk):
    """S-889."""
    placed = desk.place()

    killed = desk.kill("--direct", "--scope", "account:main", "--json")

    said = json.loads(killed.stdout)
    assert [account["account"] for account in said["accounts"]] == ["main"]
    standing = desk.standing()
    assert {standing[each].status for each in placed.openings["main"]} == {OrderStatus.CANCELLED}
    assert {standing[each].status for each in placed.openings["cert"]} == {OrderStatus.LIVE}


def test_an_exchange_that_is_not_there_is_said_so(desk: Desk):
    """S-889."""
    nowhere = replace(desk, exchange=f"http://127.0.0.1:{two_ports()}")

    killed = nowhere.kill("--direct", "--within", "3s", "--json")

    said = json.loads(killed.stdout)
    assert killed.returncode == 1
    assert not said["is_clear"]
    assert all("broker_unreachable" in account["problem"] for account in said["accounts"])
