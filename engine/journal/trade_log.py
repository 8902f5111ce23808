"""What trading writes into the journal, and reads back from it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from engine.journal.log import JournalLog
from engine.lifecycle.events import EVENTS, NAMES
from engine.lifecycle.events import Event as LifeEvent
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError
from engine.plan.entries import BODIES, FlowHappened, OrderHappened, TradeBody, TradeEntry
from engine.plan.flow import ApprovalAsked, Approved, Checked, Declined, Dropped, Ended, FilledLate, FlowEvent, Probed

_KINDS: Final[Mapping[type[TradeBody], EntryKind]] = {body: EntryKind(name) for name, body in BODIES.items()}
_FLOW: Final[Mapping[str, type[FlowEvent]]] = {
    "probed": Probed,
    "approval_asked": ApprovalAsked,
    "approved": Approved,
    "declined": Declined,
    "checked": Checked,
    "dropped": Dropped,
    "ended": Ended,
    "filled_late": FilledLate,
}
_FLOW_NAMES: Final = {event: name for name, event in _FLOW.items()}
TRADE_KINDS: Final = frozenset(_KINDS.values())
RUN: Final = "live"
"""The name under which a desk's trading is journaled: there is one, and every start goes on with it."""

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class _OrderRow:
    """How `OrderHappened` is written: which event it is, and its fields."""

    account: str
    slot_id: str
    client_id: str
    event: str
    body: msgspec.Raw


@dataclass(frozen=True, slots=True)
class _FlowRow:
    """How `FlowHappened` is written."""

    intent_id: str
    event: str
    body: msgspec.Raw


# OrderHappened and FlowHappened hold one of many events, and are written with its name.
_WHOLE: Final = tuple(body for body in _KINDS if body not in (OrderHappened, FlowHappened))
_DECODERS: Final[dict[Any, Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (_OrderRow, _FlowRow, *EVENTS.values(), *_FLOW.values(), *_WHOLE)
}


class JournalTradeLog:
    """
    See ports.TradeLog.

    run: the name entries are written under. on_synced: told every entry, once it is on disk.
    """

    def __init__(self, log: JournalLog, run: str, on_synced: Callable[[Entry], None] | None = None) -> None:
        self._log = log
        self._run = run
        self._on_synced = on_synced
        self._unsynced: list[Entry] = []

    @property
    def can_open(self) -> bool:
        """See ports.TradeLog."""
        return self._log.can_open

    @property
    def is_synced(self) -> bool:
        """Whether everything written through it is on disk."""
        return not self._unsynced

    def write(self, body: TradeBody, *, urgent: bool = False) -> TradeEntry:
        """See ports.TradeLog."""
        entry = self._log.append(_KINDS[type(body)], self._run, encoded_trade(body), urgent=urgent)
        self._unsynced.append(entry)
        return TradeEntry(entry.seq, entry.at, body)

    def sync(self) -> None:
        """See ports.TradeLog."""
        self._log.sync()
        written, self._unsynced = self._unsynced, []
        if self._on_synced is not None:
            for entry in written:
                self._on_synced(entry)


def trade_entries(entries: Iterable[Entry]) -> Iterator[TradeEntry]:
    """Yield those of the journal's entries that are about trading. Raises: JournalError."""
    for entry in entries:
        if entry.kind in TRADE_KINDS:
            yield TradeEntry(entry.seq, entry.at, trade_body(entry))


def encoded_trade(body: TradeBody) -> bytes:
    """Return a body as the JSON an entry holds."""
    if isinstance(body, OrderHappened):
        raw = msgspec.Raw(_encode(body.event))
        return _encode(_OrderRow(body.account, body.slot_id, body.client_id, NAMES[type(body.event)], raw))
    if isinstance(body, FlowHappened):
        return _encode(_FlowRow(body.intent_id, _FLOW_NAMES[type(body.event)], msgspec.Raw(_encode(body.event))))
    return _encode(body)


def trade_body(entry: Entry) -> TradeBody:
    """Return the body of an entry that is about trading. Raises: JournalError."""
    return trade_body_from(entry.seq, entry.kind, entry.body)


def trade_body_from(seq: int, kind: EntryKind, body: bytes | str) -> TradeBody:
    """Return what the body of entry seq holds. Raises: JournalError."""
    try:
        return _decoded(kind, body)
    except (msgspec.DecodeError, KeyError) as error:
        message = f"entry {seq} holds what this version does not know how to read: {error}"
        raise JournalError("journal_too_new", message, "read it with the version that wrote it") from error


def flow_event_name(event: FlowEvent) -> str:
    """Return the name a step is written under; never renamed."""
    return _FLOW_NAMES[type(event)]


def _decoded(kind: EntryKind, body: bytes | str) -> TradeBody:
    if kind is EntryKind.ORDER:
        row: _OrderRow = _DECODERS[_OrderRow].decode(body)
        event: LifeEvent = _DECODERS[EVENTS[row.event]].decode(row.body)
        return OrderHappened(row.account, row.slot_id, row.client_id, event)
    if kind is EntryKind.FLOW:
        step: _FlowRow = _DECODERS[_FlowRow].decode(body)
        happened: FlowEvent = _DECODERS[_FLOW[step.event]].decode(step.body)
        return FlowHappened(step.intent_id, happened)
    made: TradeBody = _DECODERS[BODIES[kind.value]].decode(body)
    return made
