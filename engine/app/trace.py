"""
The whole way of one message, step by step with its times: decided, proven, approved, checked, sent, filled, ended.

Made of the log alone: what no row says is not shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Final

from engine.app.check_text import checks_text
from engine.app.contract_text import contract_text, price_text, short_legs
from engine.app.ignored import Ignored, ignored_by
from engine.journal.trade_answers import (
    CheckSeen,
    FillSeen,
    FlowSeen,
    OrderPlanned,
    OrderSeen,
    OutcomeSeen,
    TradeRow,
)
from engine.journal.trade_queries import TradeQueries
from engine.lifecycle.states import State
from engine.model.order import OrderStatus
from engine.model.stages import Stage
from engine.plan.entries import Role

_SAME_CLOCK: Final = timedelta(minutes=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_EVENTS: Final = {
    "intent_journaled": "order on disk",
    "send_started": "send begins",
    "acknowledged": "acknowledged",
    "refused": "refused",
    "nothing_sent": "nothing was sent",
    "outcome_unknown": "outcome unknown",
    "found": "found at the broker",
    "not_found": "not found",
    "probe_unanswered": "look-up unanswered",
    "cancel_asked": "cancel asked",
    "cancel_refused": "cancel refused",
    "cancel_unanswered": "cancel unanswered",
    "replace_asked": "new price asked",
    "replace_acknowledged": "replaced",
    "replace_failed": "not replaced",
    "replace_unanswered": "replacement unanswered",
    "day_ended": "session over",
    "grace_over": "settled",
    "recovered": "found after a restart",
}
_FLOW: Final = {
    "probed": ("sandbox", "sandbox says"),
    "approval_asked": ("approval", "asked"),
    "approved": ("approval", "approved"),
    "declined": ("approval", "declined"),
    "checked": ("checks", "checked"),
    "dropped": ("end", "dropped"),
    "ended": ("end", ""),
    "filled_late": ("end", "filled late"),
}


class Tone(StrEnum):
    """How good the news of a step is. QUIET: a step that tells nothing new."""

    GOOD = "good"
    BAD = "bad"
    ODD = "odd"
    PLAIN = "plain"
    QUIET = "quiet"


_GOOD: Final = frozenset({"approved", "pass", "sound", "filled", "live"})
_BAD: Final = frozenset(
    {"refused", "unsound", "dropped", "declined", "rejected", "nothing_sent", "cancel_refused", "unsent", "absent"}
)
_ODD: Final = frozenset(
    {"outage", "cannot_represent", "outcome_unknown", "not_found", "probe_unanswered", "recovered", "cancel_unanswered"}
)


@dataclass(frozen=True, slots=True)
class TraceStep:
    """
    One step.

    seq: its entry in the journal; 0 when that is not known. us: microseconds since the way began.
    where: decision, sandbox, approval, checks, production, mirror, end. account: of the order it is about, or "".
    checks, fills: what it told.
    """

    seq: int
    at: datetime
    us: int
    where: str
    what: str
    detail: str
    tone: Tone
    account: str = ""
    client_id: str = ""
    checks: tuple[CheckSeen, ...] = ()
    fills: tuple[FillSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class IntentTrace:
    """
    The way of one intent.

    began_at: when its message was taken in; when its decision was in the journal, where is_from_intake is False: the
    message was judged at another time than the clock's, as in a feed.
    spans: how long each part took, in microseconds, in the order they came; the last is all of it.
    """

    trade: TradeRow
    outcome: OutcomeSeen | None
    began_at: datetime
    is_from_intake: bool
    steps: tuple[TraceStep, ...]
    spans: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MessageTrace:
    """A message: what was decided about it, who found nothing in it, and the way of each intent that came of it."""

    message_id: str
    outcomes: tuple[OutcomeSeen, ...]
    intents: tuple[IntentTrace, ...]
    ignored: tuple[Ignored, ...] = ()


def trace(queries: TradeQueries, wanted: str, journal: Path | None = None) -> MessageTrace | None:
    """
    Return the way of a message; None when the log holds nothing of it.

    wanted: the id of a message; or of an intent, or of one of its orders: only its way then. journal: the folder of
    the one the file is made of, for what a message that says nothing was; the file keeps little of it.
    Raises: StoreError.
    """
    trades = queries.trades(wanted)
    message_id = trades[0].message_id if trades else wanted
    outcomes = queries.outcomes(message_id)
    ignored = ignored_by(queries, journal, wanted)
    if not trades and not outcomes and not ignored:
        return None
    if message_id != wanted:
        outcomes = tuple(outcome for outcome in outcomes if any(_is_of(trade, outcome) for trade in trades))
    intents = tuple(_intent(queries, trade, outcomes) for trade in trades)
    return MessageTrace(message_id, outcomes, intents, ignored)


def _is_of(trade: TradeRow, outcome: OutcomeSeen) -> bool:
    return (trade.decision_id, trade.alert_index) == (outcome.decision_id, outcome.alert_index)


@dataclass(frozen=True, slots=True)
class _Told:
    """A step before it is known when the way began."""

    seq: int
    at: datetime
    where: str
    what: str
    detail: str
    tone: Tone
    account: str = ""
    client_id: str = ""
    checks: tuple[CheckSeen, ...] = ()
    fills: tuple[FillSeen, ...] = ()

    def since(self, began_at: datetime) -> TraceStep:
        told = (self.where, self.what, self.detail, self.tone, self.account, self.client_id, self.checks, self.fills)
        return TraceStep(self.seq, self.at, (self.at - began_at) // _MICROSECOND, *told)


def _intent(queries: TradeQueries, trade: TradeRow, outcomes: Iterable[OutcomeSeen]) -> IntentTrace:
    outcome = next((each for each in outcomes if _is_of(trade, each)), None)
    began_at, is_from_intake = _beginning(trade, outcome)
    told = chain(
        _decision(trade, outcome),
        _flow(queries, trade),
        _planned(queries.planned(trade.intent_id), trade),
        _events(queries, trade),
    )
    steps = tuple(each.since(began_at) for each in sorted(told, key=lambda each: each.seq))
    return IntentTrace(trade, outcome, began_at, is_from_intake, steps, _spans(steps, _where(Role.TRADE, trade)))


def _beginning(trade: TradeRow, outcome: OutcomeSeen | None) -> tuple[datetime, bool]:
    """When the message was taken in, if it was judged by the clock the journal is written by."""
    taken_in = trade.decided_at if outcome is None else outcome.judged_at
    journaled_at = trade.intended_at if outcome is None else outcome.journaled_at or trade.intended_at
    if timedelta(0) <= journaled_at - taken_in < _SAME_CLOCK:
        return taken_in, True
    return journaled_at, False


def _decision(trade: TradeRow, outcome: OutcomeSeen | None) -> Iterator[_Told]:
    if outcome is not None and outcome.journaled_at is not None:
        yield _Told(0, outcome.journaled_at, "decision", outcome.verdict, outcome.detail, Tone.GOOD)
    price = price_text(trade.price)
    until = f"stage {trade.stage}, for account {trade.account}"
    yield _Told(
        trade.seq, trade.intended_at, "decision", "intended", f"{short_legs(trade.legs)} @ {price}; {until}", Tone.PLAIN
    )


def _flow(queries: TradeQueries, trade: TradeRow) -> Iterator[_Told]:
    checks = queries.checks(trade.intent_id)
    for step in queries.flow(trade.intent_id):
        where, words = _FLOW.get(step.event, ("end", step.event))
        of_step = tuple(check for check in checks if check.seq == step.seq)
        what = f"{words} {_code(step)}".strip()
        yield _Told(step.seq, step.at, where, what, _sentence(step, of_step), _tone_of(step), checks=of_step)


def _code(step: FlowSeen) -> str:
    if step.event == "checked":
        return "and sound" if step.code == "sound" else "and refused"
    return step.code.replace("_", " ")


def _sentence(step: FlowSeen, checks: tuple[CheckSeen, ...]) -> str:
    if checks:
        return checks_text(check.status for check in checks)
    if step.event == "approval_asked":
        return f"{step.why}; {step.by_whom} may answer" if step.by_whom else step.why
    return ": ".join(filter(None, (f"by {step.by_whom}" if step.by_whom else "", step.why)))


def _tone_of(step: FlowSeen) -> Tone:
    return _tone(step.event, step.code)


def _tone(*words: str) -> Tone:
    for tone, known in ((Tone.BAD, _BAD), (Tone.ODD, _ODD), (Tone.GOOD, _GOOD)):
        if known.intersection(words):
            return tone
    return Tone.PLAIN


def _planned(orders: Iterable[OrderPlanned], trade: TradeRow) -> Iterator[_Told]:
    for order in orders:
        detail = f"{short_legs(order.legs)} @ {price_text(order.price)} {order.effect or ''}".rstrip()
        tone = Tone.BAD if order.refusal else Tone.PLAIN
        what = f"{_ROLES[order.role]} refused" if order.refusal else f"{_ROLES[order.role]} planned"
        words = f"{detail}: {order.refusal}" if order.refusal else detail
        where = _where(order.role, trade)
        yield _Told(order.seq, order.at, where, what, words, tone, order.account, order.client_id)


_ROLES: Final[Mapping[str, str]] = {
    Role.TRADE: "order",
    Role.PROBE: "probe",
    Role.UNWIND: "unwinding",
    Role.MIRROR: "mirror",
}


def _where(role: str, trade: TradeRow) -> str:
    if role == Role.TRADE:
        return "sandbox" if trade.stage == Stage.SANDBOX else "production"
    return "mirror" if role == Role.MIRROR else "sandbox"


def _events(queries: TradeQueries, trade: TradeRow) -> Iterator[_Told]:
    fills = queries.fills(trade.intent_id)
    before: dict[str, tuple[str, str, int | None]] = {}
    for event in queries.events(trade.intent_id):
        booked = tuple(fill for fill in fills if fill.seq == event.seq)
        known = (event.broker_status, event.state, event.filled)
        is_repeat = event.event in ("reported", "found") and before.get(event.client_id) == known and not booked
        before[event.client_id] = known
        yield _Told(
            event.seq,
            event.at,
            _where(event.role, trade),
            _happened(event),
            _about(event, booked),
            Tone.QUIET if is_repeat else _event_tone(event),
            event.account,
            event.client_id,
            fills=booked,
        )


def _happened(event: OrderSeen) -> str:
    if event.event in ("reported", "fills_seen"):
        return event.state.replace("_", " ") if event.filled else event.broker_status.replace("_", " ")
    return _EVENTS.get(event.event, event.event.replace("_", " "))


def _about(event: OrderSeen, booked: Iterable[FillSeen]) -> str:
    is_told = event.event not in ("reported", "fills_seen") or event.filled
    status = event.broker_status.replace("_", " ") if is_told and event.event != "reported" else ""
    order = f"order {event.order_id}{f', {status}' if status else ''}" if event.order_id else ""
    fills = [f"{fill.quantity} {contract_text(fill.symbol)} at {price_text(fill.price)}" for fill in booked]
    odd = [f"not expected: {event.anomaly}"] if event.anomaly else []
    return "; ".join(filter(None, [order, *fills, event.why, *odd, event.alarms]))


def _event_tone(event: OrderSeen) -> Tone:
    if event.anomaly or event.alarms:
        return Tone.BAD
    words = (event.broker_status,) if event.event == "reported" else (event.event,)
    return Tone.GOOD if event.event == "reported" and event.state == "partly_filled" else _tone(*words)


def _spans(steps: tuple[TraceStep, ...], where: str) -> tuple[tuple[str, int], ...]:
    """How long each part took, as far as the way has come. where: what its order is sent in."""
    asked = _last(steps, _ANSWERS, before=_first(steps, "checks", "checked"))
    parts = (
        ("decision", 0, _first(steps, "decision", "approved")),
        ("sandbox", _first(steps, "sandbox", "probe planned"), _first(steps, "sandbox", "sandbox says")),
        ("approval", _first(steps, "approval", "asked"), _first(steps, "approval", "approved")),
        ("checks", asked, _first(steps, "checks", "checked")),
        ("send to answer", _first(steps, where, "send begins"), _first_answer(steps, where)),
        ("answer to first fill", _first_answer(steps, where), _first_fill(steps, where)),
    )
    spans = [(name, ended - begun) for name, begun, ended in parts if begun is not None and ended is not None]
    return (*spans, ("in all", steps[-1].us)) if steps else ()


_ANSWERS: Final = ("intended", "approved", "sandbox says")
_SHOWN: Final = frozenset(
    {
        _EVENTS["acknowledged"],
        _EVENTS["found"],
        *(status.value.replace("_", " ") for status in OrderStatus),
        State.PARTLY_FILLED.value.replace("_", " "),
    }
)


def _first(steps: Iterable[TraceStep], where: str, what: str) -> int | None:
    return next((step.us for step in steps if step.where == where and step.what.startswith(what)), None)


def _first_answer(steps: Iterable[TraceStep], where: str) -> int | None:
    """When the broker first showed the order: the account's stream may be faster than the answer to the request."""
    return next((step.us for step in steps if step.where == where and step.what in _SHOWN), None)


def _last(steps: Iterable[TraceStep], whats: tuple[str, ...], before: int | None) -> int | None:
    found = [step.us for step in steps if step.what.startswith(whats) and before is not None and step.us <= before]
    return found[-1] if found else None


def _first_fill(steps: Iterable[TraceStep], where: str) -> int | None:
    return next((step.us for step in steps if step.where == where and step.fills), None)
