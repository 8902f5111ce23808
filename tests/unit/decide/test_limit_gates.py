"""The gates of symbols, counts, losses and pauses."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.facts import AlertFacts
from engine.decide.terms import Terms
from engine.model.activity import Activity, History
from engine.model.alert import Alert
from engine.model.decision import GateStatus, Reason, Verdict
from engine.model.limits import AmountLimit, Cooldown, CountLimit, Counts, SymbolRule
from engine.model.playbook import Playbook
from tests.unit.decide.known import (
    CLOSING,
    HOUSE,
    HOUSE_LINE,
    LINE,
    NOW,
    OPENING,
    answer,
    knowing,
    leg,
    outcome_of,
    outcomes_of,
)  # fmt: skip


def limited(playbook: Playbook, **risk: Any) -> Playbook:  # noqa: ANN401
    return replace(playbook, risk=replace(playbook.risk, **risk))


def housed(playbook: Playbook, **limits: Any) -> Terms:  # noqa: ANN401
    return Terms(playbook, (), replace(HOUSE, **limits))


def of(symbol: str) -> Alert:
    return replace(OPENING, symbol=symbol, legs=(replace(leg(), symbol=symbol),))


@pytest.mark.parametrize(
    ("allow", "deny", "symbol", "reason"),
    [
        pytest.param(None, (), "SPY", Reason.APPROVED, id="no rule"),
        pytest.param(("SPY",), (), "SPY", Reason.APPROVED, id="allowed"),
        pytest.param(("SPY",), (), "QQQ", Reason.SYMBOL_NOT_ALLOWED, id="not among the allowed"),
        pytest.param(None, ("GME",), "GME", Reason.SYMBOL_DENIED, id="denied"),
        pytest.param(("GME",), ("GME",), "GME", Reason.SYMBOL_DENIED, id="denied wins"),
        pytest.param(None, ("SPX",), "SPXW", Reason.SYMBOL_DENIED, id="under its weekly root too"),
        pytest.param(("SPX",), (), "SPXW", Reason.APPROVED, id="allowed under its weekly root too"),
    ],
)
def test_symbols(playbook: Playbook, allow: tuple[str, ...] | None, deny: tuple[str, ...], symbol: str, reason: Reason):
    rule = SymbolRule(None if allow is None else frozenset(allow), frozenset(deny), LINE)

    assert outcome_of(limited(playbook, symbols=rule), of(symbol)).reason is reason


POSITIONS, ORDERS, LOSS = Reason.TOO_MANY_POSITIONS, Reason.TOO_MANY_ORDERS, Reason.DAILY_LOSS
FULL = Activity(open_positions=5, openings=20, profit=Decimal(-1000))
ROOM = Activity(open_positions=4, openings=19, profit=Decimal("-999.99"))
EACH = [
    (Counts(5, None, None, LINE), POSITIONS),
    (Counts(None, 20, None, LINE), ORDERS),
    (Counts(None, None, Decimal(1000), LINE), LOSS),
]
LIMITS = [
    *[
        pytest.param({"max_open_positions": CountLimit(5, LINE)}, {}, "playbook", POSITIONS, id="positions, playbook"),
        pytest.param({"max_orders_per_day": CountLimit(20, LINE)}, {}, "playbook", ORDERS, id="orders, playbook"),
        pytest.param({"max_daily_loss": AmountLimit(Decimal(1000), LINE)}, {}, "playbook", LOSS, id="loss, playbook"),
        pytest.param({}, {"max_open_positions": 5}, "house", POSITIONS, id="positions, house"),
        pytest.param({}, {"max_orders_per_day": 20}, "house", ORDERS, id="orders, house"),
        pytest.param({}, {"max_daily_loss": Decimal(1000)}, "house", LOSS, id="loss, house"),
    ],
    *[pytest.param({"per_symbol": counts}, {}, "symbol", reason, id=f"{reason}, symbol") for counts, reason in EACH],
    *[pytest.param({"per_author": counts}, {}, "author", reason, id=f"{reason}, author") for counts, reason in EACH],
    *[pytest.param({}, {"per_symbol": counts}, "house_symbol", reason, id=f"{reason}, house symbol")
      for counts, reason in EACH],
    *[pytest.param({}, {"per_author": counts}, "house_author", reason, id=f"{reason}, house author")
      for counts, reason in EACH],
]  # fmt: skip


@pytest.mark.parametrize(("risk", "limits", "scope", "reason"), LIMITS)
def test_a_limit_refuses_once_it_is_reached(
    playbook: Playbook, risk: dict[str, Any], limits: dict[str, Any], scope: str, reason: Reason
):
    """S-327."""
    terms = housed(limited(playbook, **risk), **limits)

    full, room = (knowing(History(**{scope: done})) for done in (FULL, ROOM))

    assert outcome_of(terms, OPENING, facts=full).reason is reason
    assert outcome_of(terms, OPENING, facts=room).reason is Reason.APPROVED
    assert outcome_of(terms, CLOSING, facts=full).verdict is Verdict.APPROVED


@pytest.mark.parametrize(("risk", "limits", "scope", "reason"), LIMITS)
def test_a_limit_whose_count_is_not_known_denies(
    playbook: Playbook, risk: dict[str, Any], limits: dict[str, Any], scope: str, reason: Reason
):
    terms = housed(limited(playbook, **risk), **limits)
    unknown = knowing(alerts=(AlertFacts(),))

    outcome = outcome_of(terms, OPENING, facts=unknown)

    gate = answer(outcome, "losses" if reason is LOSS else "counts")
    assert (outcome.verdict, gate.status, gate.code) == (
        Verdict.DENIED,
        GateStatus.COULD_NOT_RUN,
        Reason.HISTORY_UNKNOWN,
    )
    assert outcome_of(terms, CLOSING, facts=unknown).verdict is Verdict.APPROVED


@pytest.mark.parametrize(
    ("risk", "reason"),
    [
        ({"max_open_positions": CountLimit(5, LINE)}, Reason.POSITIONS_UNKNOWN),
        ({"max_daily_loss": AmountLimit(Decimal(1), LINE)}, Reason.HISTORY_UNKNOWN),
        ({"cooldown": Cooldown(3, timedelta(hours=1), LINE)}, Reason.HISTORY_UNKNOWN),
    ],
)
def test_limits_on_fills_deny_where_fills_are_not_known(playbook: Playbook, risk: dict[str, Any], reason: Reason):
    unfilled = History(playbook=Activity(open_positions=None, profit=None))

    assert outcome_of(limited(playbook, **risk), OPENING, facts=knowing(unfilled)).reason is reason


def test_results_that_are_not_known_are_told_beside_a_loss(playbook: Playbook):
    lossy = limited(playbook, max_daily_loss=AmountLimit(Decimal(10), LINE))
    history = History(playbook=Activity(profit=Decimal(-12), unpriced=2))

    outcome = outcome_of(lossy, OPENING, facts=knowing(history))

    assert outcome.detail == "the playbook has lost $12.00 today, 2 results not known, at most $10"


ANOTHER, OTHER_SYMBOL = replace(OPENING, legs=(leg(strike="505"),)), of("QQQ")


@pytest.mark.parametrize(
    ("risk", "alerts", "reasons"),
    [
        pytest.param(
            {"max_open_positions": CountLimit(1, LINE)},
            (OPENING, ANOTHER),
            ["approved", "too_many_positions"],
            id="open",
        ),
        pytest.param(
            {"max_orders_per_day": CountLimit(2, LINE)},
            (OPENING, ANOTHER, OTHER_SYMBOL),
            ["approved", "approved", "too_many_orders"],
            id="orders",
        ),
        pytest.param(
            {"per_symbol": Counts(1, None, None, LINE)},
            (OPENING, OTHER_SYMBOL, ANOTHER),
            ["approved", "approved", "too_many_positions"],
            id="each symbol by itself",
        ),
        pytest.param(
            {"per_author": Counts(1, None, None, LINE)},
            (OPENING, OTHER_SYMBOL),
            ["approved", "too_many_positions"],
            id="the author's, whatever the symbol",
        ),
        pytest.param(
            {"max_orders_per_day": CountLimit(1, LINE)},
            (CLOSING, OPENING),
            ["approved", "approved"],
            id="closes are none",
        ),
        pytest.param(
            {"max_orders_per_day": CountLimit(1, LINE), "symbols": SymbolRule(None, frozenset({"QQQ"}), LINE)},
            (OTHER_SYMBOL, OPENING),
            ["symbol_denied", "approved"],
            id="what was refused does not count",
        ),
    ],
)
def test_alerts_of_one_message_count_on_each_other(
    playbook: Playbook, risk: dict[str, Any], alerts: tuple[Alert, ...], reasons: list[str]
):
    """S-327."""
    assert [outcome.reason for outcome in outcomes_of(limited(playbook, **risk), alerts)] == reasons


@pytest.mark.parametrize(
    ("losses", "ago", "reason"),
    [
        (2, timedelta(0), Reason.APPROVED),
        (3, timedelta(minutes=59), Reason.COOLING_DOWN),
        (4, timedelta(minutes=59), Reason.COOLING_DOWN),
        (3, timedelta(hours=1), Reason.APPROVED),
    ],
)
def test_the_pause_after_losses(playbook: Playbook, losses: int, ago: timedelta, reason: Reason):
    resting = limited(playbook, cooldown=Cooldown(3, timedelta(hours=1), LINE))
    history = History(losses_in_a_row=losses, last_loss_at=NOW - ago)

    assert outcome_of(resting, OPENING, facts=knowing(history)).reason is reason
    assert outcome_of(resting, CLOSING, facts=knowing(history)).reason is Reason.APPROVED


def test_the_line_that_refuses_is_the_limits_own(playbook: Playbook):
    desk = housed(playbook, max_open_positions=5)

    assert outcome_of(desk, OPENING, facts=knowing(History(house=FULL))).span == HOUSE_LINE
