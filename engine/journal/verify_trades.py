"""Checks that what a journal holds of trading can be read, and belongs together."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.journal.trade_log import TRADE_KINDS, trade_body
from engine.model.entry import Entry
from engine.model.errors import JournalError
from engine.plan.entries import FlowHappened, Intended, OrderHappened, Planned, TradeBody


class TradeFault(StrEnum):
    """What can be wrong with an entry about trading."""

    UNREADABLE = "unreadable"
    WITHOUT_INTENT = "without_intent"
    WITHOUT_PLAN = "without_plan"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class TradeProblem:
    """One entry that does not fit with those before it. message: one lower-case sentence."""

    fault: TradeFault
    seq: int
    message: str


def verify_trades(entries: Iterable[Entry]) -> tuple[TradeProblem, ...]:
    """
    Check every entry about trading: that it can be read, each order belongs to an intent and each event to an order.

    entries: of a whole journal, in their order; what they come from may raise JournalError.
    """
    check = _Check()
    for entry in entries:
        if entry.kind in TRADE_KINDS:
            check.take(entry)
    return tuple(check.problems)


class _Check:
    def __init__(self) -> None:
        self.problems: list[TradeProblem] = []
        self._intents: set[str] = set()
        self._orders: set[tuple[str, str, str]] = set()  # account, slot, client id

    def take(self, entry: Entry) -> None:
        try:
            body = trade_body(entry)
        except JournalError as error:
            self._add(TradeFault.UNREADABLE, entry.seq, error.message.removeprefix(f"entry {entry.seq} "))
            return
        self._fit(entry.seq, body)

    def _fit(self, seq: int, body: TradeBody) -> None:
        match body:
            case Intended():
                self._intend(seq, body)
            case Planned():
                self._plan(seq, body)
            case FlowHappened() if body.intent_id not in self._intents:
                self._add(TradeFault.WITHOUT_INTENT, seq, f"a step of intent {body.intent_id}, which was never made")
            case OrderHappened() if (body.account, body.slot_id, body.client_id) not in self._orders:
                what = f"an event of order {body.client_id} in account {body.account}, which was never planned"
                self._add(TradeFault.WITHOUT_PLAN, seq, what)

    def _intend(self, seq: int, body: Intended) -> None:
        if body.intent.id in self._intents:
            self._add(TradeFault.TWICE, seq, f"intent {body.intent.id} was made before")
        self._intents.add(body.intent.id)

    def _plan(self, seq: int, body: Planned) -> None:
        order = (body.account, body.slot_id, body.order.client_id)
        if order in self._orders:
            self._add(TradeFault.TWICE, seq, f"order {body.order.client_id} was planned before")
        self._orders.add(order)
        if body.intent_id not in self._intents:
            what = f"order {body.order.client_id} is for intent {body.intent_id}, which was never made"
            self._add(TradeFault.WITHOUT_INTENT, seq, what)

    def _add(self, fault: TradeFault, seq: int, message: str) -> None:
        self.problems.append(TradeProblem(fault, seq, message))
