"""Which accounts a desk is connected to when it starts."""

import asyncio
import time
from datetime import datetime
from pathlib import Path

from engine.adapters.clock import SystemClock
from engine.app.beginning import AccountFound, Beginning
from engine.app.settings import Settings
from engine.app.trading import Trading
from engine.app.trading_run import TradeRun, trade
from engine.lifecycle.slot import Slot
from engine.paper.opening import Opening
from engine.plan.flow import Flow, FlowEvent
from engine.ports import Clock
from tests.soak.kill_desk import DESK
from tests.telling import Teller
from tests.trading_world import rulebook_in


class Follower(Teller):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.accounts: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None: ...

    def changed(self, account: str, slot: Slot, at: datetime) -> None: ...

    def ready(self, desk: Trading, clock: Clock) -> None:
        self.accounts = list(desk.parts.desks)

    def began(self, beginning: Beginning) -> None: ...

    def looked(self, accounts: tuple[AccountFound, ...]) -> None: ...

    def wants_end(self) -> bool:
        return True


def started(home: Path, desk: str) -> Follower:
    """Start a desk at an exchange of this process, and end at once."""
    rulebook, follower = rulebook_in(home / "playbooks", desk=desk), Follower()
    assert rulebook.desk is not None
    run = TradeRun(Settings(home), rulebook, rulebook.desk, (), Opening(is_calm=True), None, None, ())
    asyncio.run(trade(run, follower, SystemClock(), time.monotonic))
    return follower


def test_an_account_of_real_money_nobody_has_agreed_to_is_not_connected(tmp_path: Path):
    """S-974."""
    first = started(tmp_path, DESK)
    second = started(tmp_path, DESK.replace("  main: {", "  ira: {kind: production, broker: paper}\n  main: {"))

    assert first.accounts == second.accounts == ["cert", "main"]
    assert [each for each in first.said if "desk.yaml" in each] == []
    assert "WARN desk.yaml loosens what nobody has agreed to, which is not in force: accounts.ira" in " ".join(
        second.said
    )
