"""
Where a trading process kills itself: named moments around what it writes down, sends and hears.

Each is reached through something of ours that is handed in: a journal, a transport, the opening of the database.
"""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import httpx2

from engine.adapters.tastytrade.destination import Destination
from engine.app.credentials import Access, paper_number
from engine.journal.database import Connection, open_database
from engine.journal.log import JournalLog
from engine.journal.projection import Projection
from engine.model.desk import AccountKind
from engine.model.entry import Entry, EntryKind
from engine.model.stages import Stage

BOUNDARIES = {
    "journal": (
        "decided before",
        "decided written",
        "decided synced",
        "intended before",
        "intended written",
        "intended synced",
        "planned written",
        "planned synced",
    ),
    "probe": ("probe before", "probe on the wire", "probe answered"),
    "approval": ("approved before", "approved written", "approved synced"),
    "dry-run": ("dry run before", "dry run on the wire", "dry run answered"),
    "send": ("send_started before", "send_started written", "send_started synced", "send on the wire"),
    "ack": ("send answered", "acknowledged written", "acknowledged synced"),
    "fill": ("filled before", "filled written", "filled synced"),
    "projection": ("commit before", "commit after"),
    "taking back": (
        "taken back written",
        "taken back synced",
        "cancel_asked written",
        "cancel on the wire",
        "cancel answered",
    ),
    "canary": (
        "canary intended before",
        "canary intended written",
        "canary intended synced",
        "canary planned synced",
        "canary ended before",
    ),
}
_DRY_RUN = "/dry-run"
_READ = frozenset({EntryKind.DECIDED, EntryKind.INTENDED, EntryKind.PLANNED, EntryKind.FLOW, EntryKind.ORDER})
_BODY_SENT = ".send_request_body.complete"


@dataclass
class Trap:
    """
    Kills this process the `nth` time it comes to a point; never when there is no point.

    cuts_power: what the journal was not synced for is lost with it, as when the machine goes down.
    """

    point: str = ""
    nth: int = 1
    cuts_power: bool = False
    before_death: list[Callable[[], None]] = field(default_factory=list)

    def at(self, point: str) -> None:
        if point != self.point:
            return
        self.nth -= 1
        if self.nth > 0:
            return
        if self.cuts_power:
            for lose in self.before_death:
                lose()
        os.kill(os.getpid(), signal.SIGKILL)

    def open_journal(self, folder: Path, clock: Callable[[], object]) -> JournalLog:
        """Open a journal that comes to points (see trading_build.Ground)."""
        journal = _Journal.open(folder, clock)  # type: ignore[arg-type]
        journal.follow(self)
        return journal

    def open_projection(self, path: Path, journal: Path) -> Projection:
        """Open a database whose transactions come to points."""
        return Projection(path, journal, lambda place: _Commits(open_database(place), self))  # type: ignore[arg-type, return-value]

    def destination(self, access: Access) -> Destination:
        """Return where an account leads, by requests that come to points."""
        return replace(access.destination, transport=_Wire(self))


class _Journal(JournalLog):
    """The journal, telling what is about to be written, is written, and is on disk."""

    trap = Trap()
    _unsynced: tuple[str, ...] = ()
    _canary: frozenset[str] = frozenset()

    def follow(self, trap: Trap) -> None:
        """Tell a trap from here on. What a journal holds when it is opened is on disk."""
        self.trap = trap
        self._durable = self._folder / self._segment.name, self._segment.end
        trap.before_death.append(self.lose_what_is_not_synced)

    def append(self, kind: EntryKind, run: str, body: bytes, *, urgent: bool = False) -> Entry:
        whats = self._what(kind, body)
        for what in whats:
            self.trap.at(f"{what} before")
        entry = super().append(kind, run, body, urgent=urgent)
        for what in whats:
            self.trap.at(f"{what} written")
        self._unsynced += whats
        return entry

    def _sync(self) -> None:
        super()._sync()
        self._durable = self._folder / self._segment.name, self._segment.end
        told, self._unsynced = self._unsynced, ()
        for what in told:
            self.trap.at(f"{what} synced")

    def lose_what_is_not_synced(self) -> None:
        """Make the file what it would be if the machine had gone down: nothing after the last sync."""
        if self._durable[0].name != self._segment.name:
            return
        path, end = self._durable
        with path.open("r+b") as file:
            file.seek(end)
            file.write(bytes(self._segment.end - end))

    def _what(self, kind: EntryKind, body: bytes) -> tuple[str, ...]:
        """Return what an entry is called here; nothing when it is nothing to be killed at."""
        row = json.loads(body) if kind in _READ else {}
        match kind:
            case EntryKind.DECIDED:
                gives_up = any(record["decision"]["cancels"] for record in row["records"])
                return ("decided", "taken back") if gives_up else ("decided",)
            case EntryKind.INTENDED:
                intent = row["intent"]
                self._canary |= {intent["id"]} if intent["stage"] == Stage.CANARY else set()
                return self._with_canary("intended", intent["id"])
            case EntryKind.PLANNED:
                return self._with_canary("planned", row["slot_id"])
            case EntryKind.FLOW:
                what = row["event"]
                return self._with_canary(what, row["intent_id"]) if what in ("approved", "ended") else ()
            case EntryKind.ORDER if not row["slot_id"][32:]:  # none of a probe, of what flattens it, of a mirror
                placed = row["body"].get("placed") or {}
                is_filled = placed.get("fills") or row["body"].get("fills")
                return ("filled",) if is_filled else (row["event"],)
            case _:
                return ()

    def _with_canary(self, what: str, intent_id: str) -> tuple[str, ...]:
        return (what, f"canary {what}") if intent_id in self._canary else (what,)


class _Wire(httpx2.AsyncBaseTransport):
    """The network, telling what is about to be asked, is written to the socket, and is answered."""

    def __init__(self, trap: Trap) -> None:
        self._trap = trap
        self._network = httpx2.AsyncHTTPTransport(verify=False)  # plain HTTP: nothing to verify, nothing to load

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        what = _asked(request)
        if not what:
            return await self._network.handle_async_request(request)
        self._trap.at(f"{what} before")

        async def told(step: str, _: object) -> None:
            if step.endswith(_BODY_SENT):
                self._trap.at(f"{what} on the wire")

        request.extensions = {**request.extensions, "trace": told}
        response = await self._network.handle_async_request(request)
        await response.aread()
        self._trap.at(f"{what} answered")
        return response

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """A session and its streams share it: none of them closes it."""

    async def aclose(self) -> None:
        """The same."""


def _asked(request: httpx2.Request) -> str:
    path = request.url.path
    if "/orders" not in path:
        return ""
    if request.method == "DELETE":
        return "cancel" if paper_number(AccountKind.PRODUCTION) in path else ""
    if request.method != "POST":
        return ""
    if path.endswith(_DRY_RUN):
        return "dry run"
    client_id = str(json.loads(request.content).get("external-identifier", ""))
    role = client_id.rpartition("-")[0][32:]
    return {"": "send", "p": "probe"}.get(role, "")


class _Commits:
    """A connection to the database, telling what is about to be committed and is."""

    def __init__(self, connection: Connection, trap: Trap) -> None:
        self._connection = connection
        self._trap = trap

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def commit(self) -> None:
        self._trap.at("commit before")
        self._connection.commit()
        self._trap.at("commit after")
