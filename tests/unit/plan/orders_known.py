"""An intent, its order and facts under which no check objects: what a test changes is what it tests."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.model.account import Funds, Holding, Standing
from engine.model.alert import Action
from engine.model.contract import Contract, Tick
from engine.model.instrument import Right
from engine.model.intent import Intent
from engine.model.live_quote import LiveQuote
from engine.model.market import Quote
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, Preflight, PriceEffect
from engine.model.stages import Stage
from engine.plan.validation import DryRun, SendFacts

NOW = datetime(2026, 1, 5, 15, 0, 2, tzinfo=UTC)  # a Monday, 10:00 in New York
FRIDAY = date(2026, 1, 9)
TICKS = (Tick(Decimal("0.05"), Decimal(3)), Tick(Decimal("0.10")))
DEBIT, CREDIT = PriceEffect.DEBIT, PriceEffect.CREDIT
C500, C505 = "SPY   260109C00500000", "SPY   260109C00505000"


def contract(symbol: str = C500, strike: str = "500", **changes: Any) -> Contract:  # noqa: ANN401
    usual = Contract(
        symbol,
        InstrumentKind.EQUITY_OPTION,
        "SPY",
        ticks=TICKS,
        multiplier=Decimal(100),
        is_active=True,
        is_closing_only=False,
        is_halted=False,
        expiry=FRIDAY,
        strike=Decimal(strike),
        right=Right.CALL,
    )
    return replace(usual, **changes)


def quote(symbol: str = C500, bid: str | None = "1.20", ask: str | None = "1.30", **changes: Any) -> LiveQuote:  # noqa: ANN401
    prices = Quote(NOW, None if bid is None else Decimal(bid), None if ask is None else Decimal(ask))
    return replace(LiveQuote(symbol, prices, NOW, timedelta(0), is_halted=False), **changes)


def legs_of(action: Action = Action.BUY_TO_OPEN, quantity: int = 2, symbol: str = C500) -> tuple[OrderLeg, ...]:
    return (OrderLeg(symbol, InstrumentKind.EQUITY_OPTION, action, quantity),)


OPENING = Intent(
    id="0" * 32,
    intent_key="0" * 32,
    decision_id="d",
    alert_index=0,
    playbook="momentum",
    content_hash="abc",
    stage=Stage.PRODUCTION,
    message_id="900",
    event=1,
    channel_id="100",
    author_id="301",
    account="main",
    is_opening=True,
    legs=legs_of(),
    units=2,
    price=Decimal("1.25"),
    effect=DEBIT,
    alert_price=Decimal("1.25"),
    risk=Decimal(250),
    at=NOW,
    good_until=NOW + timedelta(minutes=3),
)
CLOSING = replace(
    OPENING, is_opening=False, legs=legs_of(Action.SELL_TO_CLOSE), price=Decimal("1.20"), effect=CREDIT, risk=Decimal(0)
)


def order_of(intent: Intent = OPENING, **changes: Any) -> Order:  # noqa: ANN401
    usual = Order(f"{intent.id}-1", "5WX1", intent.legs, OrderType.LIMIT, price=intent.price, effect=intent.effect)
    return replace(usual, **changes)


def facts_of(order: Order, **changes: Any) -> SendFacts:  # noqa: ANN401
    usual = SendFacts(
        now=NOW + timedelta(seconds=1),
        contracts={C500: contract(), C505: contract(C505, "505")},
        quotes={C500: quote(), C505: quote(C505, "0.60", "0.70")},
        ours=2,
        holdings={C500: Holding("5WX1", C500, InstrumentKind.EQUITY_OPTION, "SPY", Decimal(2))},
        funds=Funds("5WX1", *[Decimal(100_000)] * 5),
        standing=Standing("5WX1", "No Restrictions", *[False] * 3, True, False, False, False, False, True),
        restrictions=(),
        is_ready=True,
        is_cash=False,
        dry_run=DryRun(order, Preflight(Decimal(-251), Decimal(-250), Decimal("-1"))),
    )
    return replace(usual, **changes)
