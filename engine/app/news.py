"""What happens at a desk, as one line for people and one row for programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from engine.app.check_text import checks_text
from engine.app.contract_text import contract_text, price_text, short_legs
from engine.app.position_keeping import cost_of
from engine.decide.record import Record
from engine.lifecycle.slot import Slot
from engine.model.decision import Outcome, Verdict
from engine.model.order import PriceEffect
from engine.model.position import Closed
from engine.parse.exits import describe
from engine.plan.entries import AccountFact, AccountHappened
from engine.plan.flow import (
    ApprovalAsked,
    Approved,
    Checked,
    Declined,
    Dropped,
    Ended,
    Flow,
    FlowEvent,
    Probed,
    ProbeVerdict,
)

_ROUTINE: Final = frozenset({AccountFact.RECOVERED, AccountFact.RECONCILED, AccountFact.LEVEL})


@dataclass(frozen=True, slots=True)
class News:
    """
    One thing that happened.

    kind: stable ("decided", "probed", "order", "ended"). about: id of the message, intent, slot or account.
    text: for people. is_bad: a refusal, or what a person should look at. answer: the command a person may answer with,
    without the program's name; "" where nothing is asked.
    """

    kind: str
    about: str
    text: str
    is_bad: bool = False
    answer: str = ""


def of_decision(record: Record) -> tuple[News, ...]:
    """Return what was decided about a message; nothing for what says nothing."""
    said = " ".join(record.decision.text.split())
    head = f"{record.decision.author_name}: {said}" if record.decision.author_name else said
    return tuple(
        News("decided", record.decision.message_id, f"{head} → {_verdict(outcome)}", _is_refused(outcome))
        for outcome in record.decision.outcomes
        if outcome.verdict is not Verdict.IGNORED
    )


def of_step(flow: Flow, event: FlowEvent | None) -> News:
    """Return what a step of an intent is. event: None when its order was submitted."""
    if event is None:
        price = None if flow.checked is None else flow.checked.price
        kind, text, is_bad = "submitted", f"{_at(price)} → {flow.intent.account}", False
    else:
        kind, text, is_bad = _STEPS[type(event)](flow, event)
    answer = _answer(flow, event) if isinstance(event, ApprovalAsked) else ""
    return News(kind, flow.intent.id, f"{short_legs(flow.intent.legs)}{text}", is_bad, answer)


def _at(price: Decimal | None) -> str:
    return "" if price is None else f" at {price}"


def _answer(flow: Flow, event: ApprovalAsked) -> str:
    return f"approve {flow.intent.id[:8]} --by {event.by[0] if event.by else 'NAME'}"


_Step = tuple[str, str, bool]


def _probed(_: Flow, event: Probed) -> _Step:
    why = f", {event.why}" if event.why else ""
    return "probed", f": sandbox {event.verdict.value}{why}", event.verdict is not ProbeVerdict.PASS


def _asked(flow: Flow, event: ApprovalAsked) -> _Step:
    who = f"{', '.join(event.by)} may approve until {event.until:%H:%M:%S} UTC"
    return "approval_asked", f"{_at(flow.intent.price)}, risk ${flow.intent.risk:,.2f}: {who} ({event.why})", False


def _approved(_: Flow, event: Approved) -> _Step:
    return "approved", f": approved by {event.by}", False


def _declined(_: Flow, event: Declined) -> _Step:
    return "declined", f": declined{f' by {event.by}' if event.by else ''}, {event.why}", True


def _checked(_: Flow, event: Checked) -> _Step:
    if event.is_sound:
        return "checked", f"{_at(event.price)}: {checks_text(check.status for check in event.checks)}", False
    stopping = ", ".join(f"{check.name} ({check.detail or check.code})" for check in event.checks if check.blocks)
    return "checked", f": stopped by {stopping}", True


def _dropped(_: Flow, event: Dropped) -> _Step:
    return "dropped", f": nothing sent, {event.code}: {event.why}", True


def _ended(_: Flow, event: Ended) -> _Step:
    return "ended", f": {event.state}, {event.filled} filled, {event.unfilled} not", False


_STEPS: Final[Mapping[type[FlowEvent], Callable[..., _Step]]] = {
    Probed: _probed,
    ApprovalAsked: _asked,
    Approved: _approved,
    Declined: _declined,
    Checked: _checked,
    Dropped: _dropped,
    Ended: _ended,
}


def of_dropped(outcome: Outcome, dropped: Dropped) -> News:
    """Return that no intent was made of an approved outcome."""
    what = "" if outcome.alert is None else f"{describe(outcome.alert.legs)}: "
    return News("dropped", outcome.intent_key, f"{what}nothing sent, {dropped.code}: {dropped.why}", is_bad=True)


def of_order(account: str, slot: Slot) -> News:
    """Return how the newest order of a slot stands."""
    order = slot.attempts[-1]
    fills = ", ".join(f"{fill.quantity} at {fill.price}" for fill in order.fills)
    text = f"{account}: {short_legs(order.order.legs)}{_at(order.order.price)} is {order.state.value}"
    return News("order", slot.id, f"{text}, filled {fills}{_net(slot)}" if fills else text)


def _net(slot: Slot) -> str:
    """Return what one unit of several legs came to in all; nothing before each of them has filled."""
    legs = {leg.symbol for leg in slot.attempts[-1].order.legs}
    filled = {fill.symbol for attempt in slot.attempts for fill in attempt.fills}
    if len(legs) < 2 or legs != filled:
        return ""
    cost = cost_of(slot)
    return f": net {price_text(round(abs(cost), 4))} {(PriceEffect.CREDIT if cost < 0 else PriceEffect.DEBIT).value}"


def of_closed(closed: Closed) -> News:
    """Return what a position came to."""
    profit = "profit not known" if closed.profit is None else f"${closed.profit:,.2f}"
    return News("closed", closed.opened_by, f"closed {closed.quantity or ''} {closed.contract}: {profit}")


def of_account(happened: AccountHappened) -> News | None:
    """Return what was found out about an account; None for what is as it should be."""
    if happened.fact in _ROUTINE:
        return None
    of = f" in {contract_text(happened.symbol)}" if happened.symbol else ""
    text = f"{happened.account}: {happened.fact.value}{of}, {happened.detail}"
    return News("account", happened.account, text, is_bad=True)


def _verdict(outcome: Outcome) -> str:
    if outcome.verdict is not Verdict.APPROVED:
        return f"refused, {outcome.reason.value}: {outcome.detail}"
    return "approved" if outcome.size is None else f"approved, {outcome.size.quantity} by {outcome.size.bound_by}"


def _is_refused(outcome: Outcome) -> bool:
    return outcome.verdict is Verdict.DENIED


def at_text(at: datetime) -> str:
    """
    Return a time to the millisecond.

    >>> at_text(datetime(2026, 11, 24, 15, 0, 0, 1500))
    '15:00:00.001'
    """
    return at.strftime("%H:%M:%S.%f")[:-3]
