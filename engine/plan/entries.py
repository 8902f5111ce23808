"""What the journal holds of trading: every fact that must survive a crash, in the order it became one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.lifecycle.events import Event
from engine.lifecycle.slot import Purpose
from engine.model.account import Booking, Holding
from engine.model.activity import Restriction
from engine.model.desk import Desk
from engine.model.intent import Intent
from engine.model.order import Order
from engine.model.position import Closed
from engine.model.stages import Stage
from engine.plan.flow import FlowEvent

ENGINE: Final = "engine"
"""Who changed something when no person did."""


class Role(StrEnum):
    """
    What an order is sent for.

    TRADE: what the alert asks. PROBE: proves an opening in the sandbox. UNWIND: flattens what a probe filled.
    MIRROR: repeats a close in the sandbox, for the record.
    """

    TRADE = "trade"
    PROBE = "probe"
    UNWIND = "unwind"
    MIRROR = "mirror"


@dataclass(frozen=True, slots=True)
class Intended:
    """An approved outcome has become an intent; what it needs counts in every limit from here on."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class Planned:
    """
    The next order of a slot: a draft, which nothing may send before this is on disk.

    account: its alias. units: that the slot may fill in all.
    """

    account: str
    slot_id: str
    intent_id: str
    role: Role
    purpose: Purpose
    units: int
    order: Order


@dataclass(frozen=True, slots=True)
class OrderHappened:
    """One event of one order. account: its alias."""

    account: str
    slot_id: str
    client_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class FlowHappened:
    """One step of an intent's way."""

    intent_id: str
    event: FlowEvent


@dataclass(frozen=True, slots=True)
class PositionsClosed:
    """
    What fills have closed since the decision, or the entry of this kind, before; no decision after it repeats it.

    at: until when; what had expired by then is among it. closed: oldest first.
    """

    at: datetime
    closed: tuple[Closed, ...]


@dataclass(frozen=True, slots=True)
class StageChanged:
    """
    A version of a playbook has come to a stage.

    by: the person's name, or ENGINE. why: one sentence. evidence: figures it rests on, by name.
    engine: the version of the program it came there under. openings: how many it may send as a canary.
    diff: the hash of the decision diff the person has seen; "" when nobody has.
    """

    playbook: str
    content_hash: str
    stage: Stage
    by: str
    why: str
    evidence: tuple[tuple[str, str], ...] = ()
    engine: str = ""
    openings: int = 0
    diff: str = ""


@dataclass(frozen=True, slots=True)
class DeskChanged:
    """
    The desk as it is in force from here on.

    by: ENGINE for what only tightens, or the second person, who agreed to a loosening. asked_by: the first; "" for
    none. loosened: what got looser, one sentence each.
    """

    desk: Desk
    by: str
    asked_by: str = ""
    loosened: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LooseningAsked:
    """
    A first person asks for the desk to be loosened as its file says.

    mark: what exactly, see loosening.mark_of. loosened: the same, one sentence each.
    """

    mark: str
    by: str
    loosened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Controlled:
    """
    Somebody, or the engine, has changed what may be sent.

    restrictions: all that are in force from here on. by, why: who changed it, and the reason. what: in words
    ("kill", "resume account main").
    """

    what: str
    by: str
    why: str
    restrictions: tuple[Restriction, ...]


class AccountFact(StrEnum):
    """
    What was found out about an account.

    RECOVERED, RECONCILED: its orders and positions were compared with the broker's. MISMATCH: they differ in a
    contract, in which nothing may open. LEVEL: they agree in it again. EXTERNAL: a position or an order made by hand.
    RESET: the sandbox has forgotten everything. BOOKED: the broker booked what no order of ours explains
    (assignment, exercise, expiry, a split). UNREACHABLE: it could not be asked. ANOMALY: something unreadable came.
    """

    RECOVERED = "recovered"
    RECONCILED = "reconciled"
    MISMATCH = "mismatch"
    LEVEL = "level"
    EXTERNAL = "external"
    RESET = "reset"
    BOOKED = "booked"
    UNREACHABLE = "unreachable"
    ANOMALY = "anomaly"


@dataclass(frozen=True, slots=True)
class AccountHappened:
    """
    One fact about an account.

    symbol: the contract it is about, "" for the whole. detail: one sentence. holding: of an EXTERNAL or BOOKED fact,
    what the broker holds of the contract, which is right from here on. order_id: the broker's, of an order that is
    not ours.
    """

    account: str
    fact: AccountFact
    symbol: str
    detail: str
    holding: Holding | None = None
    booking: Booking | None = None
    order_id: str = ""


TradeBody = (
    Intended
    | Planned
    | OrderHappened
    | FlowHappened
    | PositionsClosed
    | StageChanged
    | DeskChanged
    | LooseningAsked
    | Controlled
    | AccountHappened
)

BODIES: Final[Mapping[str, type[TradeBody]]] = MappingProxyType(
    {
        "intended": Intended,
        "planned": Planned,
        "order": OrderHappened,
        "flow": FlowHappened,
        "closed": PositionsClosed,
        "stage": StageChanged,
        "desk": DeskChanged,
        "loosening": LooseningAsked,
        "control": Controlled,
        "account": AccountHappened,
    }
)
"""The kinds of entries they are written as (see model.entry.EntryKind); never renamed."""


@dataclass(frozen=True, slots=True)
class TradeEntry:
    """One of them as the journal holds it. seq: its number in the journal. at: when it was written."""

    seq: int
    at: datetime
    body: TradeBody
