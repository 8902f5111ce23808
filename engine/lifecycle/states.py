"""What is known of an order."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """
    What is known of an order, replacements of it included.

    DRAFT, INTENDED, SENT and UNKNOWN come before the broker has shown the order, WORKING to REPLACED while it
    can fill; the rest are ends, though CANCELLED, EXPIRED and FILLED still take in fills that were on their way.
    """

    DRAFT = "draft"
    INTENDED = "intended"
    SENT = "sent"
    UNKNOWN = "unknown"
    WORKING = "working"
    PARTLY_FILLED = "partly_filled"
    CANCEL_ASKED = "cancel_asked"
    REPLACE_ASKED = "replace_asked"
    REPLACED = "replaced"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNSENT = "unsent"
    ABSENT = "absent"

    @property
    def is_over(self) -> bool:
        """Whether it is an end, as far as is known."""
        return self in OVER


PENDING: Final = (State.INTENDED, State.SENT, State.UNKNOWN)
OPEN: Final = (State.WORKING, State.PARTLY_FILLED, State.CANCEL_ASKED, State.REPLACE_ASKED, State.REPLACED)
ENDED: Final = (State.FILLED, State.CANCELLED, State.EXPIRED, State.REJECTED)
NEVER_WORKED: Final = (State.UNSENT, State.ABSENT)
OVER: Final = (*ENDED, *NEVER_WORKED)

MEANINGS: Final = {
    State.DRAFT: "it exists in memory only; nothing may be sent",
    State.INTENDED: "its intent is on disk; it is not known to have been sent",
    State.SENT: "sending has begun; no answer yet",
    State.UNKNOWN: "it may stand at the broker or not; it counts at full size",
    State.WORKING: "the broker has it and can fill it; nothing has filled",
    State.PARTLY_FILLED: "some of it has filled and the rest can",
    State.CANCEL_ASKED: "a cancel was asked for; until the broker confirms, it can fill",
    State.REPLACE_ASKED: "another price was asked for; whether a replacement stands is not known yet",
    State.REPLACED: "a replacement stands and the old order is not known to be gone; one of them can fill",
    State.FILLED: "all of it filled, by the fills or by the broker's word",
    State.CANCELLED: "cancelled by the broker's word; fills that crossed the cancel may still come for a grace period",
    State.EXPIRED: "its time ended by the broker's word; late fills as for `cancelled`",
    State.REJECTED: "the broker refused it, at once or after taking it",
    State.UNSENT: "certainly never sent",
    State.ABSENT: "probes over at least 60 s found no trace and the position is unchanged",
}
