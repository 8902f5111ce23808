"""What questions about trading are answered with: one frozen row for each kind of question."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.order import OrderLeg


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """
    Which orders to list; what is not given does not narrow.

    state: as in docs/lifecycle.md. since: planned from then on. open_only: those that may still fill.
    limit: at most that many, newest first.
    """

    account: str | None = None
    playbook: str | None = None
    state: str | None = None
    since: datetime | None = None
    open_only: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class IgnoredSeen:
    """A message event that said nothing to a playbook: all that the file keeps of it. author_name: "" if not known."""

    playbook: str
    event: int
    author_id: str
    author_name: str
    posted_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """
    One order with the latest that is known of it.

    intent_id, playbook, stage, message_id: what it is for; "" where the journal does not say. order_id: the broker's,
    "" before it was seen. price, average_price: dollars per share, net of one unit; average_price None while nothing
    filled, or its legs filled unevenly. why: why it is where it is, "" where that needs no reason.
    sent_at, seen_at, filled_at, ended_at: when its sending began, the broker first showed it, something first filled,
    and it came to its end; None where it did not.
    """

    intent_id: str
    playbook: str
    stage: str
    message_id: str
    account: str
    role: str
    client_id: str
    legs: tuple[OrderLeg, ...]
    units: int
    price: Decimal | None
    effect: str | None
    state: str
    filled: int
    could_fill: int
    average_price: Decimal | None
    order_id: str
    broker_status: str
    why: str
    planned_at: datetime
    sent_at: datetime | None
    seen_at: datetime | None
    filled_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class TradeRow:
    """
    One intent with what came of it: see the view `trades`.

    state: of its newest order; without one dropped, awaiting_approval or intended.
    """

    intent_id: str
    message_id: str
    event: int
    decision_id: str
    alert_index: int
    playbook: str
    content_hash: str
    stage: str
    account: str
    is_opening: bool
    legs: tuple[OrderLeg, ...]
    units: int
    price: Decimal | None
    effect: str | None
    alert_price: Decimal | None
    risk: Decimal | None
    sandbox: str
    approval: str
    approval_by: str
    state: str
    why: str
    filled: int
    average_price: Decimal | None
    order_id: str
    seq: int
    decided_at: datetime
    intended_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    """One outcome of a message. journaled_at: when its decision was in the journal; None unless it was approved."""

    decision_id: str
    alert_index: int
    playbook: str
    event: int
    verdict: str
    reason: str
    detail: str
    author_name: str
    author_id: str
    text: str
    posted_at: datetime
    judged_at: datetime
    journaled_at: datetime | None


@dataclass(frozen=True, slots=True)
class FlowSeen:
    """One step of an intent's way: see the table `flow_events`."""

    seq: int
    at: datetime
    event: str
    code: str
    by_whom: str
    why: str


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """One check of an order. seq: of the step it belongs to."""

    seq: int
    name: str
    status: str
    blocks: bool
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class OrderPlanned:
    """An order as it was planned. refusal: why its slot took no such order; ""."""

    seq: int
    at: datetime
    account: str
    role: str
    client_id: str
    legs: tuple[OrderLeg, ...]
    price: Decimal | None
    effect: str | None
    refusal: str


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """One event of an order: see the table `order_events`."""

    seq: int
    at: datetime
    account: str
    role: str
    client_id: str
    event: str
    order_id: str
    broker_status: str
    price: Decimal | None
    state: str
    filled: int | None
    why: str
    anomaly: str
    alarms: str


@dataclass(frozen=True, slots=True)
class FillSeen:
    """One fill. seq: of the event that told it first."""

    seq: int
    client_id: str
    fill_id: str
    symbol: str
    action: str
    quantity: int
    price: Decimal
