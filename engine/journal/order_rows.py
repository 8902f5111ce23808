"""Orders, their events and their fills as rows: the journal tells what happened, the lifecycle what it means."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from engine.journal.buffers import Buffers
from engine.journal.rows import Row, amount, moment, whole_number
from engine.journal.stored_json import as_json
from engine.journal.trade_log import trade_body_from
from engine.lifecycle.counting import units_of
from engine.lifecycle.effects import Book, Raise
from engine.lifecycle.events import (
    NAMES,
    Acknowledged,
    CancelRefused,
    Event,
    FillsSeen,
    Found,
    NotFound,
    Refused,
    ReplaceAcknowledged,
    ReplaceAsked,
    ReplaceFailed,
    Reported,
)
from engine.lifecycle.slot import Refusal, Slot, SlotStep, slot_step, with_order
from engine.model.entry import Entry, EntryKind
from engine.model.order import OrderLeg, PlacedOrder
from engine.plan.entries import OrderHappened, Planned
from engine.plan.evidence import contract_of

Ask = Callable[..., list[Row]]
"""Asks the file: SQL, and the values of its question marks."""

_EARLIER: Final = """
    select seq, epoch_us(written_at), 'planned', body from orders where account = ? and slot_id = ?
    union all
    select seq, epoch_us(written_at), 'order', body from order_events where account = ? and slot_id = ?
    order by 1
"""


class Head(NamedTuple):
    """What every row of trading begins with. at: when the entry was written."""

    run_id: int
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptSlot:
    """A slot as the journal has it so far. begun_at: when its first order was planned."""

    slot: Slot
    intent_id: str
    role: str
    begun_at: datetime


class OrderRows:
    """
    Gathers them. Slots live in memory from their first entry on; one of before the start is made of its rows again.

    ask: asks the file. is_anew: the file was empty, so nothing is of before.
    """

    def __init__(self, buffers: Buffers, ask: Ask, *, is_anew: bool) -> None:
        self._buffers = buffers
        self._ask = ask
        self._is_anew = is_anew
        self._slots: dict[tuple[str, str], KeptSlot] = {}

    def begun_at(self, account: str, slot_id: str) -> datetime | None:
        """Return when the first order of a slot was planned; None when none was."""
        kept = self._slot(account, slot_id)
        return None if kept is None else kept.begun_at

    def plan(self, head: Head, entry: Entry, body: Planned) -> None:
        """Add the row of an order."""
        kept, refusal = _planned(self._slot(body.account, body.slot_id), body, head.at)
        self._slots[body.account, body.slot_id] = kept
        order = body.order
        row = (
            *head,
            *(body.account, body.slot_id, order.client_id, body.intent_id, body.role.value, body.purpose.value),
            *(whole_number(units_of(order.legs)), whole_number(body.units), contract_of(order)),
            *(as_json(order.legs), order.order_type.value, order.time_in_force.value, amount(order.price)),
            *(order.effect, amount(order.stop_trigger), "" if refusal is None else refusal.why, entry.body),
        )
        self._buffers.add("orders", row)

    def happen(self, head: Head, entry: Entry, body: OrderHappened) -> None:
        """Add the row of an event, and those of the fills nobody has told before."""
        told = (NAMES[type(body.event)], *_told(body.event))
        kept = self._slot(body.account, body.slot_id)
        names = (body.account, body.slot_id, body.client_id)
        if kept is None:
            nothing = ("", None, None, None, told[-1], "its order was never planned", "", entry.body)
            self._buffers.add("order_events", (*head, *names, "", "", *told[:-1], *nothing))
            return
        stepped = slot_step(kept.slot, body.client_id, body.event, head.at)
        kept = self._slots[body.account, body.slot_id] = replace(kept, slot=stepped.slot)
        row = (
            *head,
            *names,
            kept.intent_id,
            kept.role,
            *told[:-1],
            *_known(stepped, body.client_id),
            told[-1],
            *_odd(stepped),
            entry.body,
        )
        self._buffers.add("order_events", row)
        self._book(head, body, kept, stepped)

    def _book(self, head: Head, body: OrderHappened, kept: KeptSlot, stepped: SlotStep) -> None:
        for booked in stepped.effects:
            if not isinstance(booked, Book):
                continue
            fill, legs = booked.fill, _order_of(stepped.slot, booked.client_id)
            action = next((leg.action.value for leg in legs if leg.symbol == fill.symbol), "")
            row = (
                *head,
                *(body.account, body.slot_id, booked.client_id, kept.intent_id, kept.role),
                *(booked.order_id, fill.id, fill.symbol, action, whole_number(fill.quantity), amount(fill.price)),
                fill.at,
            )
            self._buffers.add("fills", row)

    def _slot(self, account: str, slot_id: str) -> KeptSlot | None:
        known = self._slots.get((account, slot_id))
        if known is None and not self._is_anew:
            known = self._of_before(account, slot_id)
            if known is not None:
                self._slots[account, slot_id] = known
        return known

    def _of_before(self, account: str, slot_id: str) -> KeptSlot | None:
        kept: KeptSlot | None = None
        for seq, written_at, kind, text in self._ask(_EARLIER, account, slot_id, account, slot_id):
            at, body = moment(written_at), trade_body_from(seq, EntryKind(kind), text)
            if isinstance(body, Planned):
                kept, _ = _planned(kept, body, at)
            elif isinstance(body, OrderHappened) and kept is not None:
                kept = replace(kept, slot=slot_step(kept.slot, body.client_id, body.event, at).slot)
        return kept


def _planned(kept: KeptSlot | None, body: Planned, at: datetime) -> tuple[KeptSlot, Refusal | None]:
    if kept is None:
        kept = KeptSlot(Slot(body.slot_id, body.purpose, body.units), body.intent_id, body.role.value, at)
    taken = with_order(kept.slot, body.order)
    return (kept, taken) if isinstance(taken, Refusal) else (replace(kept, slot=taken), None)


def _order_of(slot: Slot, client_id: str) -> tuple[OrderLeg, ...]:
    return next((attempt.order.legs for attempt in slot.attempts if attempt.client_id == client_id), ())


def _known(stepped: SlotStep, client_id: str) -> Row:
    order = next((attempt for attempt in stepped.slot.attempts if attempt.client_id == client_id), None)
    if order is None:
        return "", None, None, None
    return order.state.value, order.filled, order.could_fill, order.is_whole


def _odd(stepped: SlotStep) -> Row:
    """What was not expected, and what a person was called for."""
    alarms = "; ".join(f"{each.alarm.value}: {each.text}" for each in stepped.effects if isinstance(each, Raise))
    return "" if stepped.anomaly is None else stepped.anomaly.why, alarms


def _told(event: Event) -> tuple[str, str, str | None, str]:
    """What an event tells itself: the broker's id and status, a price, and why."""
    if isinstance(event, Acknowledged | Found | Reported | ReplaceAcknowledged):
        return _shown(event.placed)
    if isinstance(event, FillsSeen):
        return event.order_id, "", None, ""
    if isinstance(event, ReplaceAsked):
        return "", "", _price(event.order.price), ""
    return "", "", None, _why(event)


def _shown(placed: PlacedOrder) -> tuple[str, str, str | None, str]:
    return placed.id, placed.status.value, _price(placed.price), placed.reject_reason


def _price(price: Decimal | None) -> str | None:
    return amount(price)


def _why(event: Event) -> str:
    if isinstance(event, Refused | CancelRefused | ReplaceFailed):
        return ", ".join(event.codes)
    if isinstance(event, NotFound):
        return "the position is unchanged" if event.is_position_unchanged else "the position changed, or is not known"
    return getattr(event, "why", "")
