"""What can happen to an order, as the shell tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

from engine.lifecycle.kinds import Kind
from engine.model.order import Fill, Order, PlacedOrder


@dataclass(frozen=True, slots=True)
class IntentJournaled:
    """The order is on disk, fsynced."""

    kind: ClassVar[Kind] = Kind.JOURNALED


@dataclass(frozen=True, slots=True)
class SendStarted:
    """The next thing is the write to the socket. A write may follow only where this moved the order to SENT."""

    kind: ClassVar[Kind] = Kind.SEND_STARTED


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker's answer to the order."""

    placed: PlacedOrder


@dataclass(frozen=True, slots=True)
class Refused:
    """The broker's no to the order. codes: in the broker's words, in its order."""

    codes: tuple[str, ...]
    kind: ClassVar[Kind] = Kind.REFUSED


@dataclass(frozen=True, slots=True)
class NothingSent:
    """Nothing left the machine, certainly. why: one sentence, for people."""

    why: str
    kind: ClassVar[Kind] = Kind.NOTHING_SENT


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """A timeout, a disconnect, a 5xx or an answer that could not be read. why: one sentence, for people."""

    why: str
    kind: ClassVar[Kind] = Kind.OUTCOME_UNKNOWN


@dataclass(frozen=True, slots=True)
class Found:
    """A probe found the order, or one of its replacements."""

    placed: PlacedOrder


@dataclass(frozen=True, slots=True)
class NotFound:
    """
    A complete probe (live and recent orders, by client id and by every id known) found nothing.

    is_position_unchanged: whether fills known explain the account's position in every contract of the order, in full;
    False also when that is not known.
    """

    is_position_unchanged: bool


@dataclass(frozen=True, slots=True)
class ProbeUnanswered:
    """A probe could not be made, or not to its end: it says nothing about the order."""

    why: str
    kind: ClassVar[Kind] = Kind.PROBE_UNANSWERED


@dataclass(frozen=True, slots=True)
class Reported:
    """The order, or one of its replacements, as the stream or a listing shows it."""

    placed: PlacedOrder


@dataclass(frozen=True, slots=True)
class FillsSeen:
    """Fills told without the order around them. order_id: the broker's."""

    order_id: str
    fills: tuple[Fill, ...]


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Somebody, or the engine, wants the order cancelled. why: one sentence, for people."""

    why: str
    kind: ClassVar[Kind] = Kind.CANCEL_ASKED


@dataclass(frozen=True, slots=True)
class CancelRefused:
    """The broker's no to a cancel."""

    codes: tuple[str, ...]
    kind: ClassVar[Kind] = Kind.CANCEL_REFUSED


@dataclass(frozen=True, slots=True)
class CancelUnanswered:
    """A cancel was not sent, or no usable answer came."""

    why: str
    kind: ClassVar[Kind] = Kind.CANCEL_UNANSWERED


@dataclass(frozen=True, slots=True)
class ReplaceAsked:
    """The engine wants the order at another price. order: with the same client id, legs and quantities."""

    order: Order
    kind: ClassVar[Kind] = Kind.REPLACE_ASKED


@dataclass(frozen=True, slots=True)
class ReplaceAcknowledged:
    """The broker's answer to a replacement. placed: the new order."""

    placed: PlacedOrder


@dataclass(frozen=True, slots=True)
class ReplaceFailed:
    """No replacement was made: the broker said no, or nothing was sent. codes: () when nothing was sent."""

    codes: tuple[str, ...] = ()
    kind: ClassVar[Kind] = Kind.REPLACE_FAILED


@dataclass(frozen=True, slots=True)
class ReplaceUnanswered:
    """The replacement was, or may have been, sent and no usable answer came."""

    why: str
    kind: ClassVar[Kind] = Kind.REPLACE_UNANSWERED


@dataclass(frozen=True, slots=True)
class DayEnded:
    """The session a day order was good for has ended."""

    kind: ClassVar[Kind] = Kind.DAY_ENDED


@dataclass(frozen=True, slots=True)
class GraceOver:
    """The time of a `Wake` has come."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The engine started anew; every event of the order in the journal has been stepped through before."""

    kind: ClassVar[Kind] = Kind.RECOVERED


Sight = Acknowledged | Found | Reported | ReplaceAcknowledged
Plain = (
    IntentJournaled
    | SendStarted
    | Refused
    | NothingSent
    | OutcomeUnknown
    | ProbeUnanswered
    | CancelAsked
    | CancelRefused
    | CancelUnanswered
    | ReplaceAsked
    | ReplaceFailed
    | ReplaceUnanswered
    | DayEnded
    | Recovered
)
Event = Sight | Plain | FillsSeen | NotFound | GraceOver

EVENTS: Final[Mapping[str, type[Event]]] = MappingProxyType(
    {
        "intent_journaled": IntentJournaled,
        "send_started": SendStarted,
        "acknowledged": Acknowledged,
        "refused": Refused,
        "nothing_sent": NothingSent,
        "outcome_unknown": OutcomeUnknown,
        "found": Found,
        "not_found": NotFound,
        "probe_unanswered": ProbeUnanswered,
        "reported": Reported,
        "fills_seen": FillsSeen,
        "cancel_asked": CancelAsked,
        "cancel_refused": CancelRefused,
        "cancel_unanswered": CancelUnanswered,
        "replace_asked": ReplaceAsked,
        "replace_acknowledged": ReplaceAcknowledged,
        "replace_failed": ReplaceFailed,
        "replace_unanswered": ReplaceUnanswered,
        "day_ended": DayEnded,
        "grace_over": GraceOver,
        "recovered": Recovered,
    }
)
"""The names under which events are written to the journal; never renamed."""

NAMES: Final[Mapping[type[Event], str]] = MappingProxyType({event: name for name, event in EVENTS.items()})
