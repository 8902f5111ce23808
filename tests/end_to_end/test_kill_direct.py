"""`signalbook kill --direct` over TCP, with an engine that is dead, one that hangs, and a disk that is full."""

import asyncio
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from engine.adapters.clock import SystemClock
from engine.adapters.exchange_time import exchange_time
from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.connection import Connection
from engine.app.control_client import ControlClient
from engine.app.control_words import EngineNotRunning
from engine.app.credentials import Access, accesses
from engine.app.kill_accounts import desk_of
from engine.app.settings import Settings
from engine.app.trading_state_file import TradingStateFile
from engine.model.activity import TradingState
from engine.model.alert import Action
from engine.model.message import Message
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderStatus, OrderType, PlacedOrder, PriceEffect
from tests.ports import two_ports
from tests.soak.kill_desk import OPENS_AT, TO_TRADE, Writer, load, write_desk
from tests.soak.kill_messages import write_export
from tests.trading_world import Promotion, promote

MAIN = "import sys; from engine.cli.main import main; sys.argv[0] = 'signalbook'; main()"
CALL = "SPY   261218C00600000"
CHANGES = {"  price_collar: {from_alert: 20%}\n": "", 'above: "$700"': 'above: "$100,000"'}
"""What the playbook says instead: nobody is asked, and an opening may rest far below the market."""
TO_HOLD, TO_REST, TO_CLOSE = "BTO 3 AAPL @ 900.00", "BTO 2 QQQ @ 1.00", "STC 3 AAPL @ 5000.00"


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

    openings: dict[str, list[str]] = field(default_factory=dict)
    closings: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Desk:
    """A desk of two accounts at the exchange, its processes, and orders placed by hand in its accounts."""

    folder: Path
    home: Path
    exchange: str
    writer: Writer = field(default_factory=lambda: Writer(0, Random(0)))
    posted: list[Message] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        return {"SIGNALBOOK_HOME": str(self.home), "SIGNALBOOK_PAPER": self.exchange}

    @property
    def said(self) -> str:
        """What its engines have said so far."""
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    def take_over(self, home: Path) -> None:
        """Begin with what another home holds."""
        shutil.copytree(home, self.home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock"))

    # ---------------------------------------------------------------- its processes

    def begun(self, *contents: str) -> subprocess.Popen[bytes]:
        """Start `signalbook trade` with all that was posted before, and messages that are posted now."""
        now = asyncio.run(exchange_time(self.exchange)).now
        self.posted += [self.writer.message(TO_TRADE, content, now) for content in contents]
        write_export(self.folder / "posted.json", self.posted)
        command = [sys.executable, "-c", MAIN, "trade", "posted.json", "--json", "--for", "30m"]
        with (self.folder / "said.txt").open("ab") as said:
            return subprocess.Popen(
                command, cwd=self.folder, env={**os.environ, **self.variables}, stdout=said, stderr=said
            )

    @contextmanager
    def trading(self, *contents: str) -> Iterator[subprocess.Popen[bytes]]:
        """Have an engine of its own process for a block."""
        with self.begun(*contents) as process:
            try:
                yield process
            finally:
                process.kill()

    def until(self, is_so: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
        """Wait for a state while an engine runs."""
        ends_at = time.monotonic() + 30
        while not is_so():
            assert process.poll() is None, self.said
            assert time.monotonic() < ends_at, self.said
            time.sleep(0.05)

    def resting(self, process: subprocess.Popen[bytes]) -> Placed:
        """Return an opening and a close of its engine, once both rest at the exchange."""
        self.until(lambda: sorted(self.working().values()) == [False, True], process)
        ours = {order.client_id: order for order in self.standing().values()}
        placed = Placed()
        for client_id, opens in self.working().items():
            assert ours[client_id].status is OrderStatus.LIVE
            (placed.openings if opens else placed.closings)["main"] = [ours[client_id].id]
        return placed

    def working(self) -> dict[str, bool]:
        """Return the orders in production that its engine takes to be working, and whether each opens."""
        try:
            orders = ControlClient(self.home / "control.sock").ask("status")["orders"]
        except EngineNotRunning:
            return {}
        return {row["id"]: row["opens"] for row in orders if (row["account"], row["state"]) == ("main", "working")}

    def run(self, *words: str, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return subprocess.run(
            [sys.executable, "-c", MAIN, *words],
            cwd=self.folder,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
            preexec_fn=limit,
        )

    def kill(self, *options: str, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
        return self.run("kill", "--by", "carol", "--why", "test", *options, limit=limit)

    # ---------------------------------------------------------------- at the exchange

    def place(self) -> Placed:
        """Place openings and closes by hand."""
        return asyncio.run(self._place())

    def standing(self) -> dict[str, PlacedOrder]:
        return asyncio.run(self._standing())

    def _accesses(self) -> list[Access]:
        desk = desk_of(self.folder / "playbooks")
        assert desk is not None
        return [each for each in accesses(desk, Settings(self.home, self.variables)) if isinstance(each, Access)]

    async def _place(self) -> Placed:
        placed = Placed()
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


def hide_price(exchange: str, symbol: str) -> None:
    """Have production say one side of a symbol's price only: a close of it is sent at the alert's, and rests."""
    sandbox, port = exchange.rsplit(":", 1)
    body = json.dumps({"one-sided": [symbol]}).encode()
    headers = {"Content-Type": "application/json"}
    url = f"{sandbox}:{int(port) + 1}/_paper/quotes"
    urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PUT"), timeout=10).close()


@pytest.fixture(scope="module")
def holding(tmp_path_factory: pytest.TempPathFactory, exchange: str) -> Path:
    """The home of a desk that has traded: its playbook is promoted, and it holds shares in production."""
    folder = tmp_path_factory.mktemp("holding")
    playbooks = write_desk(folder, CHANGES)
    desk = Desk(folder, folder / "home", exchange)
    desk.home.mkdir()
    promote(desk.home / "journal", lambda: OPENS_AT, load(playbooks), Promotion())
    with desk.begun(TO_HOLD) as process:
        assert process.wait(30) == 0, desk.said
    assert re.search("main: BTO 3 AAPL at .* is filled", desk.said), desk.said
    hide_price(exchange, "AAPL")
    return desk.home


@pytest.fixture
def desk(tmp_path: Path, exchange: str) -> Iterator[Desk]:
    write_desk(tmp_path, CHANGES)
    made = Desk(tmp_path, tmp_path / "home", exchange)
    yield made
    made.cancel_rest()


@pytest.fixture
def trader(desk: Desk, holding: Path) -> Desk:
    """A desk that holds shares in production."""
    desk.take_over(holding)
    return desk


def states(home: Path) -> list[TradingState]:
    return [each.state for each in TradingStateFile(home / "trading-state.json").restrictions() or ()]


def test_with_a_dead_engine_openings_are_cancelled_and_closing_orders_kept(trader: Desk):
    """S-890: with `kill -9`; started again the desk does not open what was cancelled, nor anything else."""
    with trader.trading(TO_REST, TO_CLOSE) as engine:
        placed = trader.resting(engine)
        engine.kill()
    assert (trader.home / "control.sock").exists()

    killed = trader.kill("--direct", "--json")

    trader.must_be_killed(placed, killed)
    assert json.loads(killed.stdout)["has_engine"] is False
    ids = trader.standing().keys()
    with trader.trading("BTO 2 AMD @ 1.00") as engine:
        trader.until(lambda: "trading_reduced: reducing for all, set by carol" in trader.said, engine)
        trader.until(lambda: list(trader.working().values()) == [False], engine)
        shown = json.loads(trader.run("status", "--json").stdout)
    assert [(each["state"], each["scope"], each["by"]) for each in shown["in_force"]] == [("reducing", "all", "carol")]
    assert trader.standing().keys() == ids


def test_with_a_hung_engine_openings_are_cancelled_and_closing_orders_kept(trader: Desk):
    """S-890: a stopped desk holds the journal's lock and its socket, and never answers; later it takes the news in."""
    with trader.trading(TO_REST, TO_CLOSE) as engine:
        placed = trader.resting(engine)
        engine.send_signal(signal.SIGSTOP)

        killed = trader.kill("--direct", "--halt", "--json")

        trader.must_be_killed(placed, killed)
        assert json.loads(killed.stdout)["has_engine"] is False
        assert states(trader.home) == [TradingState.HALTED]
        ids = trader.standing().keys()
        engine.send_signal(signal.SIGCONT)
        trader.until(lambda: list(trader.working().values()) == [False], engine)
        trader.until(lambda: "trading is restricted by the file of trading states" in trader.said, engine)
        assert trader.standing().keys() == ids


@contextmanager
def small_disk(home: Path) -> Iterator[None]:
    """Have a file system of its own for a home."""
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(home)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(home)], check=True)


def fill(home: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        (home / "filler").write_bytes(bytes(32 << 20))


def test_with_a_full_disk_the_state_is_kept_and_openings_are_cancelled(desk: Desk, holding: Path):
    """S-890, S-882: the disk of a desk that goes on running."""
    with small_disk(desk.home):
        desk.take_over(holding)
        with desk.trading(TO_REST, TO_CLOSE) as engine:
            placed = desk.resting(engine)
            fill(desk.home)

            killed = desk.kill("--direct", "--json")

            desk.must_be_killed(placed, killed)
            assert states(desk.home) == [TradingState.REDUCING]
            desk.until(lambda: list(desk.working().values()) == [False], engine)


def no_file_may_grow(process: int = 0) -> None:
    """Let a process, or this one, write into no file at all: not even in place."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (0, 0))


def test_where_nothing_can_be_written_openings_are_denied_and_cancelled(trader: Desk):
    """S-890, S-882: neither by the desk, which goes on running, nor by the kill."""
    with trader.trading(TO_REST, TO_CLOSE) as engine:
        placed = trader.resting(engine)
        no_file_may_grow(engine.pid)

        killed = trader.kill("--direct", "--json", limit=no_file_may_grow)

        trader.must_be_killed(placed, killed)
    assert "state_unwritable" in killed.stdout
    assert TradingStateFile(trader.home / "trading-state.json").restrictions() is None


def test_with_a_broken_desk_every_account_of_the_credentials_is_asked(desk: Desk):
    """S-891."""
    placed = desk.place()
    (desk.home / "journal").mkdir(parents=True)
    file = desk.folder / "playbooks" / "desk.yaml"
    written = file.read_text(encoding="utf-8")
    file.write_text("accounts: [", encoding="utf-8")

    killed = desk.kill("--direct", "--json")

    file.write_text(written, encoding="utf-8")
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

    killed = nowhere.kill("--direct", "--within", "1s", "--json")

    said = json.loads(killed.stdout)
    assert killed.returncode == 1
    assert not said["is_clear"]
    assert all("broker_unreachable" in account["problem"] for account in said["accounts"])
