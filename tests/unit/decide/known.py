"""Facts under which nothing stands against the usual alert, and that alert: what a test changes is what it tests."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.decide.decide import explain
from engine.decide.facts import AlertFacts, Facts
from engine.decide.terms import Terms
from engine.model.activity import History
from engine.model.alert import Action, Alert, Asset, Leg, Reading
from engine.model.decision import GateResult, Outcome
from engine.model.desk import HouseCollar, HouseLimits
from engine.model.instrument import Right
from engine.model.limits import Counts
from engine.model.market import AccountState, Market
from engine.model.message import Author, Message
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.model.source import Span

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)  # a Monday, 10:00 in New York
NOW = AT + timedelta(seconds=2)
FRIDAY = date(2026, 1, 9)
BTO, STO, BTC, STC = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE
LINE = Span("desk/momentum.yaml", 25, 5, 25, 40)
HOUSE_LINE = Span("desk/desk.yaml", 30, 1, 30, 10)


def leg(
    action: Action = BTO, strike: str | None = "500", right: Right | None = Right.CALL, expiry: date | None = FRIDAY
) -> Leg:
    """One leg in SPY."""
    return Leg(action, "SPY", Asset.OPTION, None if strike is None else Decimal(strike), right, expiry)


OPENING = Alert(BTO, "SPY", Asset.OPTION, (leg(BTO),), price=Decimal("1.25"), pattern="entry")
CLOSING = Alert(STC, "SPY", Asset.OPTION, (leg(STC),), pattern="exit")
ROLL = replace(CLOSING, action=BTO, legs=(leg(STC), leg(BTO, "505")), price=Decimal("0.50"))
HELD = Position("momentum", "301", "1", (leg(BTO),), Decimal(1), AT)
MESSAGE = Message("900", "100", Author("301", "alice"), AT, "BTO SPY 500C")
ACCOUNT = AccountState("main", Decimal(100_000), Decimal(100_000))
FACTS = Facts(
    now=NOW,
    content_hash="abc",
    positions=(HELD,),
    account=ACCOUNT,
    restrictions=(),
    alerts=(AlertFacts(history=History()),) * 3,
    assumed=("quotes",),
)
HOUSE = HouseLimits(
    span=HOUSE_LINE,
    max_order_value=None,
    max_contracts=None,
    max_shares=None,
    max_size=None,
    max_open_positions=None,
    max_orders_per_day=None,
    max_daily_loss=None,
    messages_per_minute=60,
    per_symbol=Counts(None, None, None, HOUSE_LINE),
    per_author=Counts(None, None, None, HOUSE_LINE),
    price_collar=HouseCollar(None, None, None, HOUSE_LINE),
    max_spread=None,
    duplicate_window=timedelta(0),
    repeats=None,
)


def knowing(history: History | None = None, market: Market | None = None, **changes: Any) -> Facts:  # noqa: ANN401
    """The usual facts, with another history, the quotes of a real market, or other changes."""
    facts = replace(FACTS, **changes)
    if history is not None:
        facts = replace(facts, alerts=tuple(replace(about, history=history) for about in facts.alerts))
    if market is not None:
        facts = replace(facts, alerts=tuple(replace(about, market=market) for about in facts.alerts), assumed=())
    return facts


def outcome_of(
    terms: Terms | Playbook, alert: Alert | None, message: Message = MESSAGE, facts: Facts = FACTS
) -> Outcome:
    """What becomes of a message that holds one alert, or none."""
    (outcome,) = outcomes_of(terms, (alert,) if alert else (), message, facts)
    return outcome


def outcomes_of(
    terms: Terms | Playbook, alerts: tuple[Alert, ...], message: Message = MESSAGE, facts: Facts = FACTS
) -> tuple[Outcome, ...]:
    """What becomes of each alert of a message."""
    terms = Terms(terms) if isinstance(terms, Playbook) else terms
    return explain(terms, message, Reading(alerts), facts).outcomes


def answer(outcome: Outcome, gate: str) -> GateResult:
    """What one gate said."""
    return next(result for result in outcome.gates if result.gate == gate)
