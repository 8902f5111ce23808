"""How a desk stands by what its engine left: the journal, read without its lock, and the files beside it."""

from collections.abc import Iterable
from datetime import datetime

from engine.app.desk_status import (
    AccountStatus,
    DatabaseStatus,
    DeskStatus,
    JournalStatus,
    OrderStatus,
    VersionStatus,
    order_statuses,
)
from engine.app.manifest import engine_version
from engine.app.settings import Settings
from engine.app.trading_state import Restrictions, stricter
from engine.app.trading_state_file import TradingStateFile
from engine.execute.slots import Slots
from engine.journal.live_queries import readable
from engine.journal.reading import read_entries
from engine.journal.trade_log import TRADE_KINDS, trade_body
from engine.lifecycle.order_state import PATIENCE
from engine.lifecycle.slot import Refusal
from engine.model.entry import Entry
from engine.model.errors import JournalError, StoreError
from engine.plan.entries import (
    AccountHappened,
    Controlled,
    FlowHappened,
    Intended,
    OrderHappened,
    Planned,
    Role,
    TradeEntry,
)
from engine.plan.flow import Flow, after, submitted
from engine.plan.promotion import Promotions

_NO_JOURNAL = "journal_not_found"


class Left:
    """A fold over the journal's entries about trading."""

    def __init__(self) -> None:
        self.seq = 0
        self.restrictions: Restrictions = ()
        self._slots: dict[str, Slots] = {}
        self._flows: dict[str, Flow] = {}
        self._accounts: dict[str, AccountHappened] = {}
        self._promotions = Promotions(engine_version())

    def fold(self, entries: Iterable[Entry]) -> None:
        """Take in entries, in the order of the journal. Raises: JournalError."""
        for entry in entries:
            self.seq = entry.seq
            if entry.kind in TRADE_KINDS:
                self._take(TradeEntry(entry.seq, entry.at, trade_body(entry)))

    @property
    def accounts(self) -> tuple[AccountStatus, ...]:
        """The accounts anything happened in; whether they are ready only the engine knows."""
        names = sorted({*self._slots, *self._accounts})
        return tuple(AccountStatus(name, "", None, self._last_of(name)) for name in names)

    @property
    def orders(self) -> tuple[OrderStatus, ...]:
        """The orders whose last word is not spoken, as far as the journal tells."""
        return tuple(each for name, slots in self._slots.items() for each in order_statuses(name, slots.all.values()))

    @property
    def waiting(self) -> int:
        """How many openings wait for a person."""
        return sum(flow.awaits_approval for flow in self._flows.values())

    @property
    def stages(self) -> tuple[VersionStatus, ...]:
        """How far each version has come that has done anything."""
        versions = sorted(self._promotions.versions.items())
        return tuple(VersionStatus(playbook, hashed, each.stage.value) for (playbook, hashed), each in versions)

    def _last_of(self, account: str) -> str:
        last = self._accounts.get(account)
        return "" if last is None else f"{last.fact.value}: {last.detail}" if last.detail else last.fact.value

    def _take(self, entry: TradeEntry) -> None:
        self._promotions = self._promotions.after(entry)
        match entry.body:
            case Controlled(restrictions=restrictions):
                self.restrictions = restrictions
            case AccountHappened(account=account):
                self._accounts[account] = entry.body
            case Intended(intent):
                self._flows[intent.id] = Flow(intent)
            case FlowHappened(intent_id, event) if intent_id in self._flows:
                self._flows[intent_id] = after(self._flows[intent_id], event)
            case Planned():
                self._plan(entry.body, entry.at)
            case OrderHappened(account, _, client_id, event) if account in self._slots:
                slots = self._slots[account]
                slots.take(slots.stepped(client_id, event, entry.at))
            case _:
                pass

    def _plan(self, planned: Planned, at: datetime) -> None:
        slots = self._slots.setdefault(planned.account, Slots(PATIENCE))
        slot = slots.with_next(planned)
        if not isinstance(slot, Refusal):
            slots.keep(slot, at)
        if planned.role is Role.TRADE and planned.intent_id in self._flows:
            self._flows[planned.intent_id] = submitted(self._flows[planned.intent_id])


def status_left(places: Settings, *, is_held: bool = False) -> DeskStatus:
    """
    Return how a desk stands without asking its engine. What cannot be read is among the problems.

    is_held: whether a process that does not answer holds the DuckDB file.
    """
    problems = []
    left = Left()
    try:
        left.fold(read_entries(places.journal))
    except JournalError as error:
        if error.code != _NO_JOURNAL:
            problems.append(f"{error.code}: {error.message}")
    state = TradingStateFile(places.trading_state).read()
    if state.why:
        problems.append(f"{state.why}: nothing may open")
    is_known = state.restrictions is not None or not state.is_there
    in_force = stricter(state.known, left.restrictions) if is_known else None
    database = DatabaseStatus(None, "the engine holds it") if is_held else _database(places)
    return DeskStatus(
        None,
        in_force,
        left.accounts,
        left.orders,
        left.stages,
        left.waiting,
        JournalStatus(left.seq),
        database,
        tuple(problems),
    )


def _database(places: Settings) -> DatabaseStatus:
    if not places.live.exists():
        return DatabaseStatus()
    try:
        with readable(places.live) as rows:
            [(seq,)] = rows.query("select seq from journal_position", {})
    except StoreError as error:
        return DatabaseStatus(None, f"{error.code}: {error.message}")
    return DatabaseStatus(int(str(seq)))
