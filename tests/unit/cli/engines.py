"""A running engine, as far as another process can tell."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.app.control_socket import ControlSocket
from engine.app.control_words import Answer, ControlRefused
from engine.app.json_form import json_form
from engine.app.trading_state import Place
from engine.model.activity import Restriction, TradingState

ORDER = {"account": "main", "id": "3f9a-1", "what": "buy_to_open 5 SPY", "state": "working", "opens": True}
STOP = {"account": "main", "id": "77aa-1", "what": "sell_to_close 5 SPY", "state": "working", "opens": False}
WAITING = {
    "id": "3f9a", "playbook": "momentum", "author": "alice", "alert": "BTO 5 SPY @ 670", "what": "BTO 5 SPY",
    "price": "669.5", "risk": "3347.5",
    "why": "above $5,000", "by": ["carol", "dave"], "until": "2026-11-24T17:02:00+00:00",
}  # fmt: skip


@dataclass
class Engine:
    """
    Notes what it is asked (see control_socket.ControlHandler).

    orders: that work. looks: how often `status` is asked before a cancel is confirmed; None: never.
    """

    orders: list[dict[str, object]] = field(default_factory=list)
    looks: int | None = 0
    asked: list[tuple[object, ...]] = field(default_factory=list)
    in_force: tuple[Restriction, ...] | None = ()
    problems: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)

    async def kill(self, place: Place, state: TradingState, by: str, why: str) -> Answer:
        self.asked.append(("kill", str(place), state.value, by, why))
        cancelling = [{**order, "id": str(order["id"])[:4]} for order in self.orders if order["opens"]]
        told = {"problems": self.problems, "unreachable": self.unreachable}
        return {"in_force": [], "cancelling": cancelling, **told}

    async def resume(self, place: Place, by: str, why: str) -> Answer:
        self.asked.append(("resume", str(place), by, why))
        row = {"state": "reducing", "scope": place.scope.value, "of": place.of, "by": "carol", "why": "test"}
        return {"lifted": [row], "in_force": [{**row, "scope": "account", "of": "main"}]}

    async def status(self) -> Answer:
        if self.looks is not None:
            self.looks -= 1
            if self.looks < 0 and self.asked:
                self.orders = [{**order, "state": "cancelled"} if order["opens"] else order for order in self.orders]
        return {
            "since": "2026-11-24T14:00:00+00:00",
            "in_force": json_form(self.in_force),
            "accounts": [{"alias": "main", "environment": "paper-production", "is_ready": True, "why": ""}],
            "orders": self.orders,
            "stages": [{"playbook": "momentum", "content_hash": "ab" * 32, "stage": "canary"}],
            "waiting": 1,
            "journal": {"seq": 4711, "can_open": False},
            "database": {"seq": 4700, "problem": ""},
        }

    async def waiting(self) -> Answer:
        return {"waiting": [WAITING]}

    async def approve(self, intent_id: str, by: str) -> Answer:
        if by == "alice":
            raise ControlRefused("may_not_approve", "alice wrote the alert, and nobody approves his own", "ask dave")
        self.asked.append(("approve", intent_id, by))
        return {"id": "3f9a", "what": "buy_to_open 5 SPY"}

    async def decline(self, intent_id: str, by: str, why: str) -> Answer:
        self.asked.append(("decline", intent_id, by, why))
        return {"id": "3f9a", "what": "buy_to_open 5 SPY"}

    async def cancel(self, order_id: str, by: str, why: str) -> Answer:
        self.asked.append(("cancel", order_id, by, why))
        return {}

    async def stage(self, payload: Mapping[str, object]) -> Answer:
        self.asked.append(("stage", dict(payload)))
        return {}


@contextmanager
def running(engine: Engine, home: Path) -> Iterator[Engine]:
    """Have an engine answer for a home while the block runs."""
    loop, is_up, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with ControlSocket(home / "control.sock", engine):
            is_up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert is_up.wait(5)
    try:
        yield engine
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
