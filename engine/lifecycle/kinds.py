"""What an event means for an order: the columns of the table of moves."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The meaning of an event once its figures are taken in; IS_… describe an order and all its replacements."""

    JOURNALED = "journaled"
    SEND_STARTED = "send_started"
    REFUSED = "refused"
    NOTHING_SENT = "nothing_sent"
    OUTCOME_UNKNOWN = "outcome_unknown"
    IS_WORKING = "is_working"
    IS_PARTLY_FILLED = "is_partly_filled"
    IS_CANCELLING = "is_cancelling"
    IS_REPLACING = "is_replacing"
    OLD_STILL_OPEN = "old_still_open"
    OLD_GONE = "old_gone"
    IS_UNCLEAR = "is_unclear"
    IS_FILLED = "is_filled"
    IS_FILLED_SHORT = "is_filled_short"
    IS_CANCELLED = "is_cancelled"
    IS_EXPIRED = "is_expired"
    IS_REJECTED = "is_rejected"
    NOT_FOUND = "not_found"
    ABSENT_FOR_LONG = "absent_for_long"
    POSITION_MOVED = "position_moved"
    PROBE_UNANSWERED = "probe_unanswered"
    VANISHED = "vanished"
    CANCEL_ASKED = "cancel_asked"
    CANCEL_REFUSED = "cancel_refused"
    CANCEL_UNANSWERED = "cancel_unanswered"
    REPLACE_ASKED = "replace_asked"
    REPLACE_FAILED = "replace_failed"
    REPLACE_UNANSWERED = "replace_unanswered"
    DAY_ENDED = "day_ended"
    GRACE_RUNS = "grace_runs"
    GRACE_OVER = "grace_over"
    FILLS_MISSING = "fills_missing"
    RECOVERED = "recovered"


MEANINGS: Final = {
    Kind.JOURNALED: "the intent is on disk",
    Kind.SEND_STARTED: "the next thing is the write to the socket",
    Kind.REFUSED: "the broker answered no to the order",
    Kind.NOTHING_SENT: "it is certain that nothing left the machine",
    Kind.OUTCOME_UNKNOWN: "the order was, or may have been, sent and no usable answer came",
    Kind.IS_WORKING: "the broker can fill it; nothing has filled",
    Kind.IS_PARTLY_FILLED: "the broker can fill the rest; some has filled",
    Kind.IS_CANCELLING: "the broker says that a cancel was asked for",
    Kind.IS_REPLACING: "the broker shows the old order and its replacement, neither at its end",
    Kind.OLD_STILL_OPEN: "a replacement was asked for; only the old order is seen, and it can fill",
    Kind.OLD_GONE: "a replacement was made or asked for; only the old order is seen, and it is at its end",
    Kind.IS_UNCLEAR: "the broker uses a status this version does not know",
    Kind.IS_FILLED: "all of it filled, every fill is known and no replacement is left",
    Kind.IS_FILLED_SHORT: "all of it filled, but fills are still to come or a replacement is still to vanish",
    Kind.IS_CANCELLED: "the broker says cancelled or removed",
    Kind.IS_EXPIRED: "the broker says expired",
    Kind.IS_REJECTED: "the broker rejects an order it had taken",
    Kind.NOT_FOUND: "a probe found nothing; it is too early to conclude from that",
    Kind.ABSENT_FOR_LONG: "probes over at least 60 s found nothing, and the position is unchanged",
    Kind.POSITION_MOVED: "probes over at least 60 s found nothing, but the position changed or is not known",
    Kind.PROBE_UNANSWERED: "a probe could not be made, or not to its end",
    Kind.VANISHED: "an order the broker once showed was not found over at least 60 s",
    Kind.CANCEL_ASKED: "somebody, or the engine, wants it cancelled",
    Kind.CANCEL_REFUSED: "the broker refused to cancel",
    Kind.CANCEL_UNANSWERED: "no usable answer to a cancel, or it was not sent",
    Kind.REPLACE_ASKED: "the engine wants another price",
    Kind.REPLACE_FAILED: "no replacement was made: refused, not sent, or never seen over at least 60 s",
    Kind.REPLACE_UNANSWERED: "the replacement was, or may have been, sent and no usable answer came",
    Kind.DAY_ENDED: "the session the order was good for has ended",
    Kind.GRACE_RUNS: "the timer of the grace period came early",
    Kind.GRACE_OVER: "the grace period is over and nothing is missing",
    Kind.FILLS_MISSING: "the grace period is over and fills the broker told of are missing, or legs do not match",
    Kind.RECOVERED: "the engine started anew and found the order in its journal",
}

EXPECTED: Final = {
    Kind.JOURNALED: "an intent is journaled once, and only that sends",
    Kind.SEND_STARTED: "sending begins once, right after the intent; this order must not be sent",
    Kind.REFUSED: "only an order that was sent and not yet seen can be refused",
    Kind.NOTHING_SENT: "once the broker has shown an order, or may have it, it is not certain that nothing was sent",
    Kind.OUTCOME_UNKNOWN: "only what was sent has an outcome",
    Kind.REPLACE_ASKED: "only a working, unfilled order is replaced; cancel any other and send a successor",
    Kind.REPLACE_FAILED: "no replacement was under way",
    Kind.REPLACE_UNANSWERED: "no replacement was under way",
    Kind.CANCEL_REFUSED: "no cancel was under way",
    Kind.CANCEL_UNANSWERED: "no cancel was under way",
    Kind.RECOVERED: "a draft is not in any journal",
}
