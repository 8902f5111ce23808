"""Checks of the account: what it may do, what it can pay, what it holds, what the broker says to this very order."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.decide.control_gates import restriction_against, stated
from engine.lifecycle.counting import units_of
from engine.model.account import Funds, Standing
from engine.model.activity import TradingState
from engine.model.alert import Action
from engine.model.instrument import Right
from engine.model.intent import Intent
from engine.model.order import InstrumentKind, OrderLeg
from engine.plan.checking import PASSED, Answer, Case, SendFacts, failed, not_applicable, not_run, passed

_FUTURES: Final = (InstrumentKind.FUTURE, InstrumentKind.FUTURE_OPTION)
_OPTIONS: Final = (InstrumentKind.EQUITY_OPTION, InstrumentKind.FUTURE_OPTION)
_ANY_OPTION: Final = "No Restrictions"
_TOO_LOW: Final = frozenset({"Covered And Cash Secured"})
_UNKNOWN: Final = "account_state_unknown"
_NO_POSITION: Final = "closing_with_no_position"
_WAITS: Final = "next_valid_ses"  # the broker writes the rest of this warning in two ways


def ready(case: Case) -> Answer:
    """The account was compared with the broker's, and in no contract of the order do they differ."""
    if not case.facts.is_ready:
        return failed("account_not_ready", "the account has not been compared with the broker's yet")
    blocked = next((leg.symbol for leg in case.order.legs if leg.symbol in case.facts.blocked), None)
    if blocked is not None:
        return failed("position_mismatch", f"our position in {blocked} and the broker's differ")
    return PASSED


def trading_state(case: Case) -> Answer:
    """Nobody has stopped trading here."""
    intent, restrictions = case.intent, case.facts.restrictions
    if restrictions is None:
        return not_run("trading_state_unknown", "whether trading is active is not known")
    against = restriction_against(restrictions, intent.places, opens=intent.is_opening)
    if against is None:
        return PASSED
    code = "trading_halted" if against.state is TradingState.HALTED else "trading_reduced"
    return failed(code, stated(against))


def open_account(case: Case) -> Answer:
    """The account is neither closed nor frozen."""
    standing = case.facts.standing
    for flag, code in (("is_closed", "account_closed"), ("is_frozen", "account_frozen")):
        said = None if standing is None else getattr(standing, flag)
        if said:
            return failed(code, f"the account is {flag.removeprefix('is_')}")
        if said is None:
            return not_run(_UNKNOWN, f"whether the account is {flag.removeprefix('is_')} is not known")
    return PASSED


def may_open(case: Case) -> Answer:
    """The account may open positions, of this kind too."""
    standing = case.facts.standing or Standing(case.intent.account)
    gates = [(standing.is_closing_only, "account_closing_only", "the account may only close")]
    if any(leg.kind in _FUTURES for leg in case.opening):
        enabled = standing.is_futures_enabled
        gates += [
            (None if enabled is None else not enabled, "futures_not_enabled", "the account may not trade futures"),
            (standing.is_futures_closing_only, "futures_closing_only", "the account may only close futures"),
        ]
    return _first_against(gates)


def options_level(case: Case) -> Answer:
    """The account's options level allows what is opened, calls sold without cover too."""
    if not any(leg.kind in _OPTIONS for leg in case.opening):
        return not_applicable("opens no option")
    standing = case.facts.standing or Standing(case.intent.account)
    level = standing.options_level
    if level in _TOO_LOW:
        return failed("options_level_too_low", f"the account's options level is {level}")
    if level != _ANY_OPTION:
        return not_run("options_level_unknown", f"what the options level {level or '(none)'} allows is not known")
    if _sells_bare_calls(case):
        enabled = standing.are_short_calls_enabled
        against = (None if enabled is None else not enabled, "short_calls_not_enabled", "it may not sell calls")
        return _first_against([against])
    return PASSED


def calls(case: Case) -> Answer:
    """The account is under no margin call and no day-trade call."""
    standing, funds = case.facts.standing or Standing(case.intent.account), case.facts.funds
    if funds is not None and funds.maintenance_call:
        return failed("margin_call", f"the account owes a maintenance call of ${abs(funds.maintenance_call):,.2f}")
    return _first_against(
        [
            (standing.is_in_margin_call, "margin_call", "the account is in a margin call"),
            (standing.is_in_day_trade_call, "day_trade_call", "the account is in a day-trade call"),
        ]
    )


def settled_cash(case: Case) -> Answer:
    """In a cash account, settled money covers what is opened."""
    if case.facts.is_cash is False:
        return not_applicable("the account is on margin")
    settled = None if case.facts.funds is None else case.facts.funds.settled_cash
    needed = _needed(case)
    if settled is not None and settled >= needed:
        return passed(f"${settled:,.2f} are settled, ${needed:,.2f} are needed")
    if case.facts.is_cash is None or settled is None:
        return not_run(
            "settled_cash_unknown", f"whether ${needed:,.2f} of settled cash are needed and there is not known"
        )
    return failed("cash_not_settled", f"${settled:,.2f} are settled, ${needed:,.2f} are needed")


def buying_power(case: Case) -> Answer:
    """The account's buying power covers what the broker says the order takes."""
    dry_run, funds = case.facts.dry_run, case.facts.funds
    change = None if dry_run is None or dry_run.preflight is None else dry_run.preflight.buying_power_change
    available = None if funds is None else _available(case, funds)
    if change is None or available is None:
        return not_run("buying_power_unknown", "what the order takes, or what there is, is not known")
    if -change > available:
        return failed("too_little_buying_power", f"it takes ${-change:,.2f}, there are ${available:,.2f}")
    return passed(f"it takes ${max(-change, Decimal(0)):,.2f} of ${available:,.2f}")


def position(case: Case) -> Answer:
    """No more is closed than we and the broker hold, less what working closes take."""
    facts, units = case.facts, units_of(case.order.legs)
    frozen = [leg.symbol for leg in case.closing if _is_frozen(facts, leg.symbol)]
    if frozen:
        return failed("position_frozen", f"the broker lets nobody trade {frozen[0]} now")
    at_most = closable(case.intent, facts)
    if at_most is None:
        return not_run("position_unknown", "what is held is known neither from our books nor from the broker")
    if units > at_most:
        return failed("over_position", f"{units} units are to be closed, {at_most} can be")
    if facts.holdings is None or (facts.ours is None and not case.intent.is_opening):
        return not_run("position_unknown", f"{units} units of at most {at_most}, but one of the two sides is not known")
    return passed(f"{units} units of at most {at_most}")


def closable(intent: Intent, facts: SendFacts) -> int | None:
    """
    Return how many units of what an intent closes may be closed now; None when neither we nor the broker know.

    The smaller of ours and the broker's, each less what working closes take of it; never more than the intent's units.
    """
    units = max(1, units_of(intent.legs))
    known = [intent.units]
    for leg in intent.legs:
        if leg.action.closes:
            each = leg.quantity // units
            known += [left // each for left in _left(leg, each, facts)]
    return None if len(known) == 1 else max(0, min(known))


def dry_run(case: Case) -> Answer:
    """The broker takes exactly this order, and would neither turn a close into an opening nor let it wait."""
    asked = case.facts.dry_run
    if asked is not None and replace(asked.order, client_id="") != replace(case.order, client_id=""):
        return not_run("dry_run_of_another", "the broker was asked about another order")
    if asked is not None and asked.codes:
        return failed("dry_run_refused", f"the broker refuses it: {', '.join(asked.codes)}")
    if asked is None or asked.preflight is None:
        return not_run("dry_run_unanswered", "the broker has not said what it makes of this order")
    return _warned(asked.preflight.warnings, is_opening=case.intent.is_opening)


def _warned(warnings: tuple[str, ...], *, is_opening: bool) -> Answer:
    if _NO_POSITION in warnings:
        return failed("would_open", "the broker sees no position to close, and would open one")
    if is_opening and any(_WAITS in warning for warning in warnings):
        return failed("would_wait", "the broker would keep it for the next session")
    return passed(f"the broker takes it{', and warns: ' + ', '.join(warnings) if warnings else ''}")


def _first_against(gates: list[tuple[bool | None, str, str]]) -> Answer:
    """Return the first known objection, else the first that is not known."""
    for is_so, code, detail in gates:
        if is_so:
            return failed(code, detail)
    unknown = next((detail for is_so, _, detail in gates if is_so is None), None)
    return PASSED if unknown is None else not_run(_UNKNOWN, f"not known whether {unknown}")


def _sells_bare_calls(case: Case) -> bool:
    covered = 0
    for leg, contract in case.opened():
        if contract.right is Right.CALL:
            covered += leg.quantity if leg.action is Action.BUY_TO_OPEN else -leg.quantity
    return covered < 0


def _needed(case: Case) -> Decimal:
    asked = case.facts.dry_run
    change = None if asked is None or asked.preflight is None else asked.preflight.buying_power_change
    return case.intent.risk if change is None else max(Decimal(0), -change)


def _available(case: Case, funds: Funds) -> Decimal | None:
    is_shares = all(leg.kind is InstrumentKind.EQUITY for leg in case.order.legs)
    return funds.equity_buying_power if is_shares else funds.derivative_buying_power


def _is_frozen(facts: SendFacts, symbol: str) -> bool:
    holding = None if facts.holdings is None else facts.holdings.get(symbol)
    return holding is not None and holding.is_frozen


def _left(leg: OrderLeg, each: int, facts: SendFacts) -> list[int]:
    """Return how many contracts of a leg are left to be closed: by our books, and by the broker's."""
    found = [] if facts.ours is None else [facts.ours * each - facts.reserved_of_ours.get(leg.symbol, 0)]
    if facts.holdings is not None:
        holding = facts.holdings.get(leg.symbol)
        quantity = 0 if holding is None else int(holding.quantity)
        found.append(max(0, -quantity if leg.action.buys else quantity) - facts.reserved.get(leg.symbol, 0))
    return found
