"""The way of one intent from the decision to the order: what has been done, so that it is never done twice."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.check import Check
from engine.model.intent import Intent


class ProbeVerdict(StrEnum):
    """
    What the sandbox says of an opening.

    PASS: its order came as far as the playbook asks. REFUSED: it was refused or rejected. CANNOT_REPRESENT: there is
    no such contract there. OUTAGE: the sandbox did not answer, or not in time. SKIPPED: not asked, by the playbook.
    """

    PASS = "pass"
    REFUSED = "refused"
    CANNOT_REPRESENT = "cannot_represent"
    OUTAGE = "outage"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Probed:
    """The sandbox has judged. codes: in the broker's words. slot_id: of the probe's order, "" when none was made."""

    verdict: ProbeVerdict
    why: str
    slot_id: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """A person is asked. why: "above $5,000", "the sandbox could not judge". by: names of who may; until: its end."""

    why: str
    by: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Approved:
    """A person said yes. by: their name in the desk."""

    by: str


@dataclass(frozen=True, slots=True)
class Declined:
    """A person said no, or nobody answered in time (by is "" then)."""

    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Checked:
    """
    The order was looked at, right before it was to be sent, the broker's dry run included.

    price: at which it is to be sent. is_sound: no check blocks it.
    """

    checks: tuple[Check, ...]
    price: Decimal | None
    is_sound: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nothing will be sent for the intent. code: stable; why: one sentence."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Its order has come to its end. state: of the order ("filled", "cancelled"); filled, unfilled: units."""

    state: str
    filled: int
    unfilled: int


FlowEvent = Probed | ApprovalAsked | Approved | Declined | Checked | Dropped | Ended


@dataclass(frozen=True, slots=True)
class Flow:
    """
    How far an intent has come.

    asked: the approval that is awaited or was given. is_sent: its order is in its slot; from then on only the slot
    says what became of it.
    """

    intent: Intent
    probe: Probed | None = None
    asked: ApprovalAsked | None = None
    approved: Approved | None = None
    declined: Declined | None = None
    checked: Checked | None = None
    is_sent: bool = False
    dropped: Dropped | None = None
    ended: Ended | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing follows any more."""
        return self.dropped is not None or self.ended is not None

    @property
    def awaits_approval(self) -> bool:
        """Whether it waits for a person."""
        return self.asked is not None and not (self.approved or self.declined or self.is_over)


_FIELDS = {
    Probed: "probe",
    ApprovalAsked: "asked",
    Approved: "approved",
    Declined: "declined",
    Checked: "checked",
    Dropped: "dropped",
    Ended: "ended",
}


def after(flow: Flow, event: FlowEvent) -> Flow:
    """Return the flow once an event is taken in; the last of a kind counts."""
    changes: dict[str, FlowEvent] = {_FIELDS[type(event)]: event}
    return replace(flow, **changes)  # type: ignore[arg-type]
