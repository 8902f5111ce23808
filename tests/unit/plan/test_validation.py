"""What is looked at before an order is sent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.question import AppliesTo
from engine.model.account import Holding
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.alert import Action
from engine.model.check import Check, CheckStatus
from engine.model.intent import Intent
from engine.model.live_quote import QuoteFlaw
from engine.model.order import InstrumentKind, Order, OrderLeg, OrderType, Preflight
from engine.model.stages import Stage
from engine.plan.validation import CHECKS, DryRun, checks, closable, is_sound
from tests.unit.plan.orders_known import (
    C500,
    C505,
    CLOSING,
    CREDIT,
    NOW,
    OPENING,
    contract,
    facts_of,
    legs_of,
    order_of,
    quote,
)

STO, STC, BTO = Action.SELL_TO_OPEN, Action.SELL_TO_CLOSE, Action.BUY_TO_OPEN
FUTURE = OrderLeg("/ESH6", InstrumentKind.FUTURE, BTO, 1)
STANDING = facts_of(order_of()).standing
assert STANDING is not None
FUNDS = facts_of(order_of()).funds
assert FUNDS is not None


def found(intent: Intent, order: Order | None = None, **changes: Any) -> dict[str, Check]:  # noqa: ANN401
    sent = order or order_of(intent)
    return {each.name: each for each in checks(intent, sent, facts_of(sent, **changes))}


def blocked(intent: Intent, order: Order | None = None, **changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    return [(each.name, each.code) for each in found(intent, order, **changes).values() if each.blocks]


@pytest.mark.parametrize("intent", [OPENING, CLOSING])
def test_nothing_stands_against_the_usual_order_and_every_check_is_listed(intent: Intent):
    results = found(intent)

    assert [name for name, each in results.items() if each.blocks] == []
    assert list(results) == [rule.name for rule in CHECKS]


def test_every_check_and_every_code_says_what_it_means():
    for rule in CHECKS:
        assert rule.about.endswith(".")
        assert rule.codes
        assert all(meaning.endswith(".") for meaning in rule.codes.values())


def restricted(state: TradingState, scope: Scope = Scope.ALL, of: str = "") -> tuple[Restriction, ...]:
    return (Restriction(state, scope, of, "dave", "a look"),)


AGAINST_OPENINGS = [
    ({"is_ready": False}, "ready", "account_not_ready"),
    ({"blocked": frozenset({C500})}, "ready", "position_mismatch"),
    ({"restrictions": None}, "trading_state", "trading_state_unknown"),
    ({"restrictions": restricted(TradingState.REDUCING)}, "trading_state", "trading_reduced"),
    ({"restrictions": restricted(TradingState.REDUCING, Scope.ACCOUNT, "main")}, "trading_state", "trading_reduced"),
    ({"now": OPENING.good_until + timedelta(seconds=1)}, "fresh", "no_longer_good"),
    ({"contracts": {}}, "listed", "contract_unknown"),
    ({"contracts": {C500: contract(is_active=None)}}, "listed", "contract_state_unknown"),
    ({"contracts": {C500: contract(is_standard=False)}}, "standard", "contract_adjusted"),
    ({"contracts": {C500: contract(is_halted=True)}}, "halted", "contract_halted"),
    ({"quotes": {C500: quote(is_halted=True)}}, "halted", "contract_halted"),
    ({"contracts": {C500: contract(is_closing_only=True)}}, "closing_only", "contract_closing_only"),
    ({"contracts": {C500: contract(is_closing_only=None)}}, "closing_only", "contract_state_unknown"),
    ({"now": datetime(2026, 1, 5, 14, 29, tzinfo=UTC)}, "session", "market_closed"),
    ({"quotes": {}}, "quotes", "quote_missing"),
    *[({"quotes": {C500: quote(flaws=(flaw,))}}, "quotes", flaw.value) for flaw in QuoteFlaw],
    ({"contracts": {C500: contract(ticks=())}}, "tick", "ticks_unknown"),
    ({"standing": None}, "open_account", "account_state_unknown"),
    ({"standing": replace(STANDING, is_closing_only=True)}, "may_open", "account_closing_only"),
    ({"standing": replace(STANDING, is_closing_only=None)}, "may_open", "account_state_unknown"),
    (
        {"standing": replace(STANDING, options_level="Covered And Cash Secured")},
        "options_level",
        "options_level_too_low",
    ),
    ({"standing": replace(STANDING, options_level="")}, "options_level", "options_level_unknown"),
    ({"standing": replace(STANDING, is_in_margin_call=True)}, "calls", "margin_call"),
    ({"standing": replace(STANDING, is_in_day_trade_call=True)}, "calls", "day_trade_call"),
    ({"standing": replace(STANDING, is_in_margin_call=None)}, "calls", "account_state_unknown"),
    ({"funds": replace(FUNDS, maintenance_call=Decimal(5))}, "calls", "margin_call"),
    ({"is_cash": True, "funds": replace(FUNDS, settled_cash=Decimal(250))}, "settled_cash", "cash_not_settled"),
    ({"is_cash": None, "funds": replace(FUNDS, settled_cash=Decimal(250))}, "settled_cash", "settled_cash_unknown"),
    ({"is_cash": True, "funds": replace(FUNDS, settled_cash=None)}, "settled_cash", "settled_cash_unknown"),
    ({"funds": replace(FUNDS, derivative_buying_power=Decimal(250))}, "buying_power", "too_little_buying_power"),
    ({"funds": None}, "buying_power", "buying_power_unknown"),
    ({"dry_run": None}, "dry_run", "dry_run_unanswered"),
]


@pytest.mark.parametrize(("changes", "name", "code"), AGAINST_OPENINGS)
def test_what_stands_against_an_opening_leaves_a_close_alone(changes: dict[str, Any], name: str, code: str):
    assert (name, code) in blocked(OPENING, **changes)
    assert blocked(CLOSING, **changes) == []


AGAINST_BOTH = [
    ({"restrictions": restricted(TradingState.HALTED)}, "trading_state", "trading_halted"),
    ({"contracts": {C500: contract(kind=InstrumentKind.EQUITY)}}, "listed", "contract_differs"),
    ({"contracts": {C500: contract(is_active=False)}}, "listed", "contract_inactive"),
    ({"contracts": {C500: contract(last_trade_at=NOW)}}, "listed", "contract_expired"),
    ({"standing": replace(STANDING, is_frozen=True)}, "open_account", "account_frozen"),
    ({"standing": replace(STANDING, is_closed=True)}, "open_account", "account_closed"),
]


@pytest.mark.parametrize("intent", [OPENING, CLOSING])
@pytest.mark.parametrize(("changes", "name", "code"), AGAINST_BOTH)
def test_what_stands_against_everything(intent: Intent, changes: dict[str, Any], name: str, code: str):
    assert (name, code) in blocked(intent, **changes)


@pytest.mark.parametrize(
    ("changes", "name", "code"),
    [
        ({"legs": legs_of(quantity=3)}, "form", "too_many_units"),
        ({"legs": legs_of(symbol=C505)}, "form", "legs_differ"),
        ({"legs": legs_of(STO)}, "form", "legs_differ"),
        ({"order_type": OrderType.MARKET, "price": None, "effect": None}, "form", "order_type_not_allowed"),
        ({"price": None}, "price", "no_price"),
        ({"price": Decimal(0)}, "price", "no_price"),
        ({"effect": CREDIT}, "price", "wrong_effect"),
        ({"effect": CREDIT}, "limit", "wrong_effect"),
        ({"price": Decimal("1.22")}, "tick", "off_tick"),
        ({"price": Decimal("1.30")}, "limit", "beyond_alert"),
    ],
)
def test_an_order_that_is_not_what_the_intent_asks_is_not_sent(changes: dict[str, Any], name: str, code: str):
    assert (name, code) in blocked(OPENING, order_of(**changes))


def test_a_sale_is_never_below_the_alert():
    selling = replace(OPENING, legs=legs_of(STO), effect=CREDIT)

    assert ("limit", "beyond_alert") in blocked(selling, order_of(selling, price=Decimal("1.20")))
    assert ("limit", "beyond_alert") not in blocked(selling, order_of(selling, price=Decimal("1.30")))


@pytest.mark.parametrize(
    ("dry_run", "code"),
    [
        (DryRun(order_of(), None, ("margin_check_failed",)), "dry_run_refused"),
        (DryRun(order_of(price=Decimal("1.20")), Preflight(Decimal(-1), None, None)), "dry_run_of_another"),
        (DryRun(order_of(), Preflight(Decimal(-1), None, None, ("tif.next_valid_session",))), "would_wait"),
        (DryRun(order_of(), Preflight(Decimal(-1), None, None, ("tif_next_valid_sesssion",))), "would_wait"),
        (DryRun(order_of(), Preflight(Decimal(-1), None, None, ("closing_with_no_position",))), "would_open"),
    ],
)
def test_the_broker_must_take_exactly_this_order(dry_run: DryRun, code: str):
    assert ("dry_run", code) in blocked(OPENING, dry_run=dry_run)


def test_a_close_may_wait_for_the_next_session_but_never_open():
    order = order_of(CLOSING)
    waits = DryRun(order, Preflight(None, None, None, ("tif.next_valid_session",)))
    opens = DryRun(order, Preflight(None, None, None, ("closing_with_no_position",)))

    assert blocked(CLOSING, order, dry_run=waits) == []
    assert blocked(CLOSING, order, dry_run=opens) == [("dry_run", "would_open")]
    assert blocked(CLOSING, order, dry_run=DryRun(order, None, ("no",))) == [("dry_run", "dry_run_refused")]


def test_the_client_id_of_the_dry_run_may_differ():
    assert blocked(OPENING, dry_run=replace(_dry_run(), order=order_of(client_id="other"))) == []


def _dry_run() -> DryRun:
    asked = facts_of(order_of()).dry_run
    assert asked is not None
    return asked


def test_futures_need_an_account_that_trades_them():
    intent = replace(OPENING, legs=(FUTURE,), units=1)
    listed = {"/ESH6": contract("/ESH6", kind=InstrumentKind.FUTURE, underlying="/ESH6", is_halted=None, right=None)}
    market = {"contracts": listed, "quotes": {"/ESH6": quote("/ESH6", is_halted=None)}}

    assert blocked(intent, **market) == []
    off = replace(STANDING, is_futures_enabled=False)
    assert ("may_open", "futures_not_enabled") in blocked(intent, standing=off, **market)
    closing = replace(STANDING, is_futures_closing_only=True)
    assert ("may_open", "futures_closing_only") in blocked(intent, standing=closing, **market)


def test_a_call_sold_without_cover_needs_leave():
    off = replace(STANDING, are_short_calls_enabled=False)
    bare = replace(OPENING, legs=legs_of(STO), effect=CREDIT)
    spread = replace(bare, legs=(*legs_of(STO), *legs_of(BTO, symbol=C505)))

    assert ("options_level", "short_calls_not_enabled") in blocked(bare, standing=off)
    assert "options_level" not in [name for name, _ in blocked(spread, standing=off)]


def test_the_sandbox_trades_without_a_source_of_quotes_and_production_does_not():
    tried = replace(OPENING, stage=Stage.SANDBOX)

    assert blocked(tried, has_quotes=False, quotes={}) == []
    assert blocked(OPENING, has_quotes=False, quotes={}) == [("quotes", "quote_missing")]


def held(quantity: int, **changes: Any) -> dict[str, Holding]:  # noqa: ANN401
    usual = Holding("5WX1", C500, InstrumentKind.EQUITY_OPTION, "SPY", Decimal(quantity))
    return {C500: replace(usual, **changes)}


@pytest.mark.parametrize(
    ("changes", "units"),
    [
        ({}, 2),
        ({"ours": 5, "holdings": held(5)}, 2),
        ({"ours": 1}, 1),
        ({"holdings": held(1)}, 1),
        ({"holdings": {}}, 0),
        ({"holdings": held(-2)}, 0),
        ({"reserved": {C500: 1}}, 1),
        ({"ours": 2, "holdings": held(4), "reserved": {C500: 2}}, 2),
        ({"ours": 2, "holdings": held(4), "reserved": {C500: 2}, "reserved_of_ours": {C500: 1}}, 1),
        ({"ours": 9, "holdings": held(5), "reserved": {C500: 4}}, 1),
        ({"reserved": {C500: 9}}, 0),
        ({"ours": None}, 2),
        ({"holdings": None}, 2),
        ({"ours": None, "holdings": None}, None),
    ],
)
def test_how_much_can_be_closed(changes: dict[str, Any], units: int | None):
    facts = facts_of(order_of(CLOSING), **changes)

    assert closable(CLOSING, facts) == units
    over = units is not None and units < 2
    assert (("position", "over_position") in blocked(CLOSING, **changes)) is over


def test_a_frozen_position_is_not_closed():
    assert ("position", "position_frozen") in blocked(CLOSING, holdings=held(2, is_frozen=True))


_MISSING: dict[str, Any] = {
    "contracts": {},
    "quotes": {},
    "ours": None,
    "holdings": None,
    "funds": None,
    "standing": None,
    "restrictions": None,
    "is_ready": False,
    "dry_run": None,
}


@given(st.sets(st.sampled_from(sorted(_MISSING))))
def test_missing_facts_never_block_a_close(names: set[str]):
    assert blocked(CLOSING, **{name: _MISSING[name] for name in names}) == []


@given(st.sets(st.sampled_from(sorted(set(_MISSING) - {"ours", "holdings"})), min_size=1))
def test_missing_facts_never_permit_an_opening(names: set[str]):
    assert blocked(OPENING, **{name: _MISSING[name] for name in names}) != []


@given(
    ours=st.none() | st.integers(0, 6),
    theirs=st.none() | st.integers(-6, 6),
    mine=st.integers(0, 6),
    others=st.integers(0, 6),
    units=st.integers(1, 6),
)
def test_a_sound_close_is_never_of_more_than_there_is(
    ours: int | None, theirs: int | None, mine: int, others: int, units: int
):
    intent = replace(CLOSING, legs=legs_of(STC, 6), units=6)
    order = order_of(intent, legs=legs_of(STC, units))
    holdings = None if theirs is None else held(theirs)
    reserved = {"reserved": {C500: mine + others}, "reserved_of_ours": {C500: mine}}
    facts = facts_of(order, ours=ours, holdings=holdings, **reserved)

    if is_sound(checks(intent, order, facts)):
        assert ours is None or units <= ours - mine
        assert theirs is None or units <= theirs - mine - others


def test_every_answer_is_of_a_code_the_table_explains():
    explained = {rule.name: set(rule.codes) | {""} for rule in CHECKS}
    cases = [changes for changes, _, _ in (*AGAINST_OPENINGS, *AGAINST_BOTH)]

    for changes in [*cases, _MISSING]:
        for intent in (OPENING, CLOSING):
            for each in found(intent, **changes).values():
                assert each.code in explained[each.name]
                assert bool(each.code) is (each.status in (CheckStatus.FAILED, CheckStatus.NOT_RUN))


def test_the_names_of_checks_are_different():
    assert len({rule.name for rule in CHECKS}) == len(CHECKS)
    assert {rule.applies_to for rule in CHECKS} == set(AppliesTo)
