"""The table of an order's life: in this state, on news of this kind, that state and these acts follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.lifecycle.kinds import EXPECTED, Kind
from engine.lifecycle.states import ENDED, NEVER_WORKED, OPEN, OVER, PENDING, State

S, K = State, Kind


class Act(StrEnum):
    """What a move asks for; it becomes an effect only where there is something to do (engine.lifecycle.acting)."""

    SEND = "send"
    CANCEL = "cancel"
    REPLACE = "replace"
    PROBE = "probe"
    AWAIT_GRACE = "await_grace"
    RELEASE = "release"
    ALARM_CAME_BACK = "alarm_came_back"
    ALARM_FILLS_MISSING = "alarm_fills_missing"
    ALARM_UNRESOLVED = "alarm_unresolved"
    ALARM_UNCLEAR = "alarm_unclear"


A = Act


@dataclass(frozen=True, slots=True)
class Row:
    """
    One row of the table, for one or more states.

    to: the state that follows; None to stay.
    why: the reason, where a reader would ask for one; "" where the row speaks for itself.
    """

    states: tuple[State, ...]
    kind: Kind
    to: State | None
    acts: tuple[Act, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Where one pair of state and kind leads, and what is to be done."""

    to: State
    acts: tuple[Act, ...]


_STOPPED = (S.CANCELLED, S.EXPIRED, S.REJECTED, *NEVER_WORKED)
_REPRICED = (S.REPLACE_ASKED, S.REPLACED)
_PLAIN = (S.WORKING, S.PARTLY_FILLED)
_LATE = "a late fill of a part starts the grace period anew"
_CAME_BACK = "it was given up and may have a successor, so it is cancelled and a person told"

SENDING: Final = (
    Row((S.DRAFT,), K.JOURNALED, S.INTENDED, (A.SEND,), "the only row that sends: no event can send an order twice"),
    Row((S.INTENDED,), K.SEND_STARTED, S.SENT, (), "the permission to write: no move, no write"),
    Row((S.SENT,), K.REFUSED, S.REJECTED, (A.RELEASE,)),
    Row((S.DRAFT, S.INTENDED, S.SENT), K.NOTHING_SENT, S.UNSENT, (A.RELEASE,)),
    Row(
        (S.INTENDED, S.SENT),
        K.OUTCOME_UNKNOWN,
        S.UNKNOWN,
        (A.PROBE,),
        "the broker does not deduplicate: look, never resend",
    ),
    Row((S.UNKNOWN, *OPEN, *ENDED), K.OUTCOME_UNKNOWN, None, (), "the stream or a probe was faster than the answer"),
)
WORKING: Final = (
    Row(
        (*PENDING, S.WORKING, *_REPRICED),
        K.IS_WORKING,
        S.WORKING,
        (),
        "the stream may beat the answer, and the record of the start may be lost in a crash",
    ),
    Row(
        (*PENDING, *_PLAIN, *_REPRICED),
        K.IS_PARTLY_FILLED,
        S.PARTLY_FILLED,
        (),
        "a marketable order can fill before the acknowledgement",
    ),
    Row((*PENDING, *_PLAIN, *_REPRICED), K.IS_CANCELLING, S.CANCEL_ASKED, (), "cancelled by hand, or by the broker"),
    Row(
        (*PENDING, *_PLAIN, *_REPRICED),
        K.IS_REPLACING,
        S.REPLACED,
        (A.PROBE,),
        "until the old order is confirmed gone either may fill, never both",
    ),
    Row(
        (*PENDING, *_PLAIN, S.REPLACED),
        K.OLD_GONE,
        S.REPLACE_ASKED,
        (A.PROBE,),
        "replaced by hand: the replacement has to be found",
    ),
    Row((S.REPLACE_ASKED,), K.OLD_GONE, None, (A.PROBE,), "not an end: the replacement may stand"),
    Row((S.REPLACE_ASKED,), K.OLD_STILL_OPEN, None),
    Row(
        (S.REPLACED, *PENDING, *_PLAIN),
        K.OLD_STILL_OPEN,
        S.REPLACE_ASKED,
        (A.PROBE,),
        "replaced by hand: the replacement has to be found",
    ),
    Row(
        (*PENDING, *_PLAIN, *_REPRICED),
        K.IS_UNCLEAR,
        S.UNKNOWN,
        (A.PROBE, A.ALARM_UNCLEAR),
        "an unread status may mean anything, also an end",
    ),
    Row(
        (S.CANCEL_ASKED,),
        K.IS_WORKING,
        None,
        (A.CANCEL,),
        "asks again where a cancel was refused or not answered, and for a replacement that turned up",
    ),
    Row((S.CANCEL_ASKED,), K.IS_PARTLY_FILLED, None, (A.CANCEL,)),
    Row((S.CANCEL_ASKED,), K.IS_REPLACING, None, (A.CANCEL,)),
    Row((S.CANCEL_ASKED,), K.OLD_STILL_OPEN, None, (A.CANCEL,)),
    Row(
        (S.CANCEL_ASKED,),
        K.OLD_GONE,
        None,
        (A.PROBE,),
        "not an end: a replacement may stand and has to be cancelled too",
    ),
    Row((S.CANCEL_ASKED,), K.IS_UNCLEAR, None, (A.CANCEL, A.PROBE, A.ALARM_UNCLEAR)),
    Row((S.CANCEL_ASKED,), K.IS_CANCELLING, None),
)
BACK: Final = tuple(
    Row(_STOPPED, kind, S.CANCEL_ASKED, (A.CANCEL, A.PROBE, A.ALARM_CAME_BACK), _CAME_BACK)
    for kind in (
        K.IS_WORKING,
        K.IS_PARTLY_FILLED,
        K.IS_CANCELLING,
        K.IS_REPLACING,
        K.OLD_STILL_OPEN,
        K.OLD_GONE,
        K.IS_UNCLEAR,
    )
)
ENDING: Final = (
    Row((*PENDING, *OPEN, S.FILLED), K.IS_FILLED, S.FILLED, (A.RELEASE,)),
    Row(
        (*PENDING, *OPEN, S.FILLED),
        K.IS_FILLED_SHORT,
        S.FILLED,
        (A.PROBE, A.AWAIT_GRACE),
        "Filled may come before its fills, or on the first leg's",
    ),
    Row((S.CANCELLED, S.EXPIRED), K.IS_FILLED, S.FILLED, (A.RELEASE,), "the fill and the cancel crossed on the wire"),
    Row(
        (S.CANCELLED, S.EXPIRED),
        K.IS_FILLED_SHORT,
        S.FILLED,
        (A.PROBE, A.AWAIT_GRACE),
        "the fill and the cancel crossed on the wire",
    ),
    Row(
        (S.REJECTED, *NEVER_WORKED),
        K.IS_FILLED,
        S.FILLED,
        (A.RELEASE, A.ALARM_CAME_BACK),
        "it was given up and filled all the same",
    ),
    Row(
        (S.REJECTED, *NEVER_WORKED),
        K.IS_FILLED_SHORT,
        S.FILLED,
        (A.PROBE, A.AWAIT_GRACE, A.ALARM_CAME_BACK),
        "it was given up and filled all the same",
    ),
    Row((*PENDING, *OPEN), K.IS_CANCELLED, S.CANCELLED, (A.AWAIT_GRACE,), "fills may still be on their way"),
    Row((*PENDING, *OPEN), K.IS_EXPIRED, S.EXPIRED, (A.AWAIT_GRACE,), "fills may still be on their way"),
    Row(
        (*PENDING, S.WORKING),
        K.IS_REJECTED,
        S.REJECTED,
        (A.RELEASE,),
        "nothing filled and nothing will, so a close need not wait",
    ),
    Row(
        (S.PARTLY_FILLED, S.CANCEL_ASKED, *_REPRICED),
        K.IS_REJECTED,
        S.REJECTED,
        (A.AWAIT_GRACE,),
        "it did work, so fills may still be on their way",
    ),
    Row((S.CANCELLED,), K.IS_CANCELLED, None, (A.AWAIT_GRACE,), _LATE),
    Row((S.EXPIRED,), K.IS_EXPIRED, None, (A.AWAIT_GRACE,), _LATE),
    Row((S.REJECTED,), K.IS_REJECTED, None, (A.AWAIT_GRACE,), _LATE),
    Row(
        (S.REJECTED, *NEVER_WORKED),
        K.IS_CANCELLED,
        S.CANCELLED,
        (A.AWAIT_GRACE, A.ALARM_CAME_BACK),
        "it did reach the broker after all",
    ),
    Row(
        (S.REJECTED, *NEVER_WORKED),
        K.IS_EXPIRED,
        S.EXPIRED,
        (A.AWAIT_GRACE, A.ALARM_CAME_BACK),
        "it did reach the broker after all",
    ),
    Row(NEVER_WORKED, K.IS_REJECTED, S.REJECTED, (A.RELEASE,), "it did reach the broker, which took nothing on"),
    Row(ENDED, K.GRACE_RUNS, None, (A.AWAIT_GRACE,)),
    Row(ENDED, K.GRACE_OVER, None, (A.RELEASE,)),
    Row(
        ENDED,
        K.FILLS_MISSING,
        None,
        (A.PROBE, A.AWAIT_GRACE, A.ALARM_FILLS_MISSING),
        "it keeps its room until every fill is known",
    ),
)
ASKING: Final = (
    Row((S.DRAFT, S.INTENDED), K.CANCEL_ASKED, S.UNSENT, (A.RELEASE,), "no send can start any more"),
    Row(
        (S.SENT,), K.CANCEL_ASKED, None, (), "no id to cancel by yet; the wish is kept until the broker shows the order"
    ),
    Row(
        (S.UNKNOWN,),
        K.CANCEL_ASKED,
        None,
        (A.CANCEL, A.PROBE),
        "what is known of it is cancelled; the wish is kept for the rest",
    ),
    Row((*_PLAIN, *_REPRICED, S.CANCEL_ASKED), K.CANCEL_ASKED, S.CANCEL_ASKED, (A.CANCEL,)),
    Row((S.FILLED,), K.CANCEL_ASKED, None, (A.CANCEL,), "only a replacement that outlived the fill is left to cancel"),
    Row(_STOPPED, K.CANCEL_ASKED, None, (), "nothing is left to cancel"),
    Row(
        (S.UNKNOWN, S.CANCEL_ASKED),
        K.CANCEL_REFUSED,
        None,
        (A.PROBE,),
        "most often it is at its end already; the wish stays",
    ),
    Row(ENDED, K.CANCEL_REFUSED, None, (), "the end was faster than the answer"),
    Row(
        (S.UNKNOWN, S.CANCEL_ASKED),
        K.CANCEL_UNANSWERED,
        None,
        (A.PROBE,),
        "to cancel twice is harmless; asked again once it is seen open",
    ),
    Row(ENDED, K.CANCEL_UNANSWERED, None, (), "the end was faster than the answer"),
    Row(
        (S.WORKING,),
        K.REPLACE_ASKED,
        S.REPLACE_ASKED,
        (A.REPLACE,),
        "never after a fill: whether the new order is for all or the rest is not known",
    ),
    Row(
        (S.REPLACE_ASKED,),
        K.REPLACE_FAILED,
        S.WORKING,
        (A.PROBE,),
        "most often it filled; what was seen of it decides at once",
    ),
    Row((S.CANCEL_ASKED, S.UNKNOWN), K.REPLACE_FAILED, None, (A.PROBE,)),
    Row((*_PLAIN, *ENDED), K.REPLACE_FAILED, None, (), "the broker's news was faster than the answer"),
    Row(
        (S.REPLACE_ASKED, S.CANCEL_ASKED, S.UNKNOWN, S.FILLED),
        K.REPLACE_UNANSWERED,
        None,
        (A.PROBE,),
        "look for the replacement, never ask twice",
    ),
    Row(
        (*_PLAIN, S.REPLACED, S.CANCELLED, S.EXPIRED, S.REJECTED),
        K.REPLACE_UNANSWERED,
        None,
        (),
        "the stream was faster than the answer",
    ),
)
LOOKING: Final = (
    Row((S.UNKNOWN, *OPEN), K.NOT_FOUND, None, (A.PROBE,), "an order can take a while to be listed"),
    Row((S.SENT, S.UNKNOWN, *OPEN, *ENDED), K.PROBE_UNANSWERED, None, (A.PROBE,)),
    Row(NEVER_WORKED, K.PROBE_UNANSWERED, None),
    Row((S.SENT, *OVER), K.NOT_FOUND, None, (), "its answer is still to come, or it is no longer listed"),
    Row(
        (S.UNKNOWN,),
        K.ABSENT_FOR_LONG,
        S.ABSENT,
        (A.RELEASE,),
        "an opening is over with this; a close may be tried again under a new id",
    ),
    Row((S.SENT,), K.ABSENT_FOR_LONG, None, (A.PROBE,), "its answer is still to come"),
    Row((S.REJECTED, *NEVER_WORKED), K.ABSENT_FOR_LONG, None),
    Row(
        (S.UNKNOWN, S.SENT),
        K.POSITION_MOVED,
        None,
        (A.PROBE, A.ALARM_UNRESOLVED),
        "it may have filled unseen; it goes on counting at full size",
    ),
    Row((S.REJECTED, *NEVER_WORKED), K.POSITION_MOVED, None),
    Row(
        (S.UNKNOWN, *OPEN),
        K.VANISHED,
        None,
        (A.PROBE, A.ALARM_UNRESOLVED),
        "what the broker once showed does not vanish; it goes on counting",
    ),
    Row(OVER, K.VANISHED, None),
    Row(
        (S.SENT, S.UNKNOWN, *OPEN),
        K.DAY_ENDED,
        None,
        (A.PROBE,),
        "the clock does not end an order; the broker's word does",
    ),
    Row(OVER, K.DAY_ENDED, None),
    Row((S.UNKNOWN, *OPEN, *NEVER_WORKED), K.GRACE_OVER, None, (), "a timer from before it came back"),
    Row((S.UNKNOWN, *OPEN, *NEVER_WORKED), K.GRACE_RUNS, None, (), "a timer from before it came back"),
    Row((S.UNKNOWN, *OPEN, *NEVER_WORKED), K.FILLS_MISSING, None, (), "a timer from before it came back"),
    Row(
        (S.INTENDED, S.SENT),
        K.RECOVERED,
        S.UNKNOWN,
        (A.PROBE,),
        "the start of a send may be missing from the journal, so intended is as unknown as sent",
    ),
    Row((S.UNKNOWN, *_PLAIN, *_REPRICED), K.RECOVERED, None, (A.PROBE,)),
    Row((S.CANCEL_ASKED,), K.RECOVERED, None, (A.CANCEL, A.PROBE), "to cancel twice is harmless"),
    Row(ENDED, K.RECOVERED, None, (A.PROBE, A.AWAIT_GRACE), "fills may have come while the engine was down"),
    Row(NEVER_WORKED, K.RECOVERED, None),
)

ROWS: Final = (*SENDING, *WORKING, *BACK, *ENDING, *ASKING, *LOOKING)
MOVES: Final[Mapping[tuple[State, Kind], Move]] = MappingProxyType(
    {(state, row.kind): Move(row.to or state, row.acts) for row in ROWS for state in row.states}
)


def why_absent(state: State, kind: Kind) -> str:
    """Return one sentence on why the table has no row for a pair."""
    expected = EXPECTED.get(kind, "the broker's words contradict one another")
    return f"{kind.value} is not expected of an order that is {state.value}: {expected}"
