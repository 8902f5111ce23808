"""What the shell has to do: values, carried out only after the event they answer is in the journal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.lifecycle.kinds import Kind
from engine.lifecycle.states import State
from engine.model.order import Fill, Order


class Alarm(StrEnum):
    """Why a person is called. The same alarm may be raised again while its cause lasts."""

    CAME_BACK = "order_came_back"
    FILLS_MISSING = "fills_missing"
    UNRESOLVED = "outcome_unresolved"
    UNCLEAR_STATUS = "unclear_status"
    LATE_FILL = "fill_after_grace"
    STRANGE_FILL = "strange_fill"
    OVERFILLED = "overfilled"
    MAY_OVERFILL = "may_overfill"
    SECOND_ORDER = "second_order_under_one_id"


@dataclass(frozen=True, slots=True)
class Send:
    """Place the order, once: give `SendStarted` first, and write only where that moved the order to SENT."""

    order: Order


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace the broker's order by the same order at another price, once."""

    order_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ask the broker to cancel one of its orders."""

    order_id: str


@dataclass(frozen=True, slots=True)
class Probe:
    """
    Look the order up at the broker at a time: live and recent orders, by client id and by these ids.

    Its result goes back as `Found` for each order seen, or one `NotFound`, or `ProbeUnanswered`. One probe per order is
    outstanding: a later `Probe` stands in for the one before. It is moot where `OrderState.wants_probe` says so.
    order_ids: all that are known, replacements not seen yet among them.
    """

    client_id: str
    order_ids: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Wake:
    """Give `GraceOver` at a time. A later `Wake` of the same order stands in for the one before."""

    client_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """Book a fill. Each fill of an order is booked once. order_id: the broker's."""

    client_id: str
    order_id: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class Release:
    """
    The order is settled: `filled` units stand, `unfilled` units go back to its slot and to the limits.

    Both are totals: a later `Release` of the same order, after news nobody expected, stands in for the one before.
    """

    client_id: str
    filled: int
    unfilled: int


@dataclass(frozen=True, slots=True)
class Raise:
    """Call a person. text: one lower-case sentence that names what was seen."""

    client_id: str
    alarm: Alarm
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """
    Write down what the table does not expect; the order stays in its state.

    state, kind: the pair without a row; both None when the event was of another order.
    """

    client_id: str
    state: State | None
    kind: Kind | None
    why: str


Effect = Send | Replace | Cancel | Probe | Wake | Book | Release | Raise | Record
