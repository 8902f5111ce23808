"""The way of one intent from the decision to the order: what has been done, so that it is never done twice."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.check import Check
from engine.model.intent import Intent
from engine.model.stages import Stage


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

    @property
    def verdict(self) -> ProbeVerdict:
        """What the sandbox says of an opening by the end of its order there; only what was live is cancelled."""
        if self.state in ("filled", "cancelled", "expired"):
            return ProbeVerdict.PASS
        return ProbeVerdict.REFUSED if self.state == "rejected" else ProbeVerdict.OUTAGE


@dataclass(frozen=True, slots=True)
class FilledLate:
    """
    Some of an opening filled after its author's close had given it up, and no other close takes that.

    units: of it, which are closed again. why: one sentence.
    """

    units: int
    why: str


FlowEvent = Probed | ApprovalAsked | Approved | Declined | Checked | Dropped | Ended | FilledLate


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
    late: FilledLate | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing follows any more."""
        return self.dropped is not None or self.ended is not None

    @property
    def awaits_approval(self) -> bool:
        """Whether it waits for a person."""
        return self.asked is not None and not (self.approved or self.declined or self.is_over)


class DropCode(StrEnum):
    """
    Why nothing is sent for an intent, besides the codes of checks, of promotion, of approval and of executors.

    TOO_LATE: its time was over. SANDBOX_REFUSED: the sandbox said no.
    DECLINED, UNANSWERED: a person's no, or nobody's answer in time. HALTED, REDUCED, STATE_UNKNOWN: trading states,
    looked at before the sandbox is asked. NO_ACCOUNT: its account cannot be reached. NO_PRICE: neither the alert nor
    the market names one. NOTHING_TO_CLOSE: we, or the broker, hold none of it, or working closes take it all.
    TAKEN_BACK: the message was edited or deleted. CLOSED_FIRST: its author has closed it before it was filled.
    """

    TOO_LATE = "too_late"
    SANDBOX_REFUSED = "sandbox_refused"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    HALTED = "trading_halted"
    REDUCED = "trading_reduced"
    STATE_UNKNOWN = "trading_state_unknown"
    NO_ACCOUNT = "no_account"
    NO_PRICE = "no_price"
    NOTHING_TO_CLOSE = "nothing_to_close"
    TAKEN_BACK = "taken_back"
    CLOSED_FIRST = "closed_first"


class Next(StrEnum):
    """
    What is to be done for an intent now.

    PROBE: its opening is to be proven in the sandbox. JUDGE: the sandbox's verdict is to be weighed, and a person
    asked where one has to be. AWAIT: a person is awaited. GIVE_UP: it is to be dropped, for a no of the sandbox or of
    a person. SEND: its order is to be checked and sent. FOLLOW: its order is in its slot. NOTHING: it is over.
    """

    PROBE = "probe"
    JUDGE = "judge"
    AWAIT = "await"
    GIVE_UP = "give_up"
    SEND = "send"
    FOLLOW = "follow"
    NOTHING = "nothing"


def next_step(flow: Flow) -> Next:
    """
    Return the first step of a flow that has no result yet.

    Only what opens in production is proven and asked about: closes wait for nobody, and the sandbox proves itself.
    """
    if flow.is_over or flow.intent.stage is Stage.OBSERVE:
        return Next.NOTHING
    if flow.is_sent:
        return Next.FOLLOW
    if not (flow.intent.is_opening and flow.intent.stage.is_real):
        return Next.SEND
    return _next_of_real_opening(flow)


def _next_of_real_opening(flow: Flow) -> Next:
    if flow.probe is None:
        return Next.PROBE
    if flow.probe.verdict is ProbeVerdict.REFUSED or flow.declined is not None:
        return Next.GIVE_UP
    if flow.approved is not None:
        return Next.SEND
    return Next.JUDGE if flow.asked is None else Next.AWAIT


_FIELDS = {
    Probed: "probe",
    ApprovalAsked: "asked",
    Approved: "approved",
    Declined: "declined",
    Checked: "checked",
    Dropped: "dropped",
    Ended: "ended",
    FilledLate: "late",
}


def submitted(flow: Flow) -> Flow:
    """Return the flow once its order is in its slot, which `Planned` in the journal says."""
    return replace(flow, is_sent=True)


def after(flow: Flow, event: FlowEvent) -> Flow:
    """Return the flow once an event is taken in; the last of a kind counts."""
    changes: dict[str, FlowEvent] = {_FIELDS[type(event)]: event}
    return replace(flow, **changes)  # type: ignore[arg-type]
