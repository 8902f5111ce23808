"""
What is looked at right before an order is sent.

Pure; a missing fact never permits an opening and never blocks a close. Gates of the decision that may have changed
since are asked again in `engine.plan.recheck`.
"""

from typing import Final

from engine.decide.question import AppliesTo
from engine.model.check import Check
from engine.model.intent import Intent
from engine.model.live_quote import QuoteFlaw
from engine.model.order import Order
from engine.plan import account_checks, contract_checks, price_checks
from engine.plan.account_checks import closable
from engine.plan.checking import Case, CheckRule, DryRun, SendFacts

__all__ = ["CHECKS", "DRY_RUN", "DryRun", "SendFacts", "checks", "closable", "is_sound"]

DRY_RUN: Final = "dry_run"
"""The name of the check that says what the broker makes of the order."""

_BOTH, _OPENS, _CLOSES = AppliesTo.BOTH, AppliesTo.OPENS, AppliesTo.CLOSES
_ACCOUNT_UNKNOWN: Final = "The broker has not said what the account may do, or its answer lacks this."
_FLAWS: Final = {
    QuoteFlaw.MISSING.value: "There is no quote of a leg.",
    QuoteFlaw.ONE_SIDED.value: "The quote of a leg lacks its bid or its ask.",
    QuoteFlaw.DELAYED.value: "The quotes lag more than is allowed.",
    QuoteFlaw.FROZEN.value: "The quotes have stopped coming.",
    QuoteFlaw.UNMEASURED.value: "Nothing shows yet how much the quotes lag.",
}

CHECKS: Final = (
    CheckRule(
        "form",
        _BOTH,
        "The order is of the intent: its legs, at most its units, a limit order of the day.",
        {
            "legs_differ": "The order's legs, or their proportions, are not the intent's.",
            "too_many_units": "The order is for no units, or for more than the intent.",
            "order_type_not_allowed": "It is no limit order of the day.",
        },
        price_checks.form,
    ),
    CheckRule(
        "ready",
        _OPENS,
        "The account was compared with the broker's, and they agree in what the order is of.",
        {
            "account_not_ready": "Orders and positions have not been compared with the broker's since the start.",
            "position_mismatch": "Our position in a contract differs from the broker's; nothing opens in it.",
        },
        account_checks.ready,
    ),
    CheckRule(
        "trading_state",
        _BOTH,
        "Nobody has stopped trading in this account, playbook, author or channel.",
        {
            "trading_halted": "Trading is halted: also what closes by itself waits for a person.",
            "trading_reduced": "Trading is reduced: nothing opens.",
            "trading_state_unknown": "Whether trading is active cannot be read.",
        },
        account_checks.trading_state,
    ),
    CheckRule(
        "fresh",
        _OPENS,
        "The opening is still within the time its playbook gives it.",
        {"no_longer_good": "The playbook's good_for was over before the order could be sent."},
        price_checks.fresh,
    ),
    CheckRule(
        "listed",
        _BOTH,
        "Every leg is listed, active, and still trades.",
        {
            "contract_unknown": "The broker's listing of a leg could not be had.",
            "contract_differs": "The symbol of a leg stands for another kind of instrument.",
            "contract_inactive": "The broker lists a leg as not active.",
            "contract_expired": "Trading in a leg has ended.",
            "contract_state_unknown": "The listing does not say whether a leg is active.",
        },
        contract_checks.listed,
    ),
    CheckRule(
        "standard",
        _OPENS,
        "No option that was adjusted (by a split, a merger) is opened.",
        {"contract_adjusted": "A leg delivers something else than a hundred shares."},
        contract_checks.standard,
    ),
    CheckRule(
        "halted",
        _OPENS,
        "Nothing that is halted is opened.",
        {
            "contract_halted": "Trading in a leg, or in what it is on, is halted.",
            "halt_unknown": "Neither the listing nor the quotes say whether a leg is halted.",
        },
        contract_checks.halted,
    ),
    CheckRule(
        "closing_only",
        _OPENS,
        "Nothing is opened that the broker lets be closed only.",
        {
            "contract_closing_only": "A leg may only be closed.",
            "contract_state_unknown": "The listing does not say whether a leg may be opened.",
        },
        contract_checks.closing_only,
    ),
    CheckRule(
        "session",
        _OPENS,
        "What is opened trades now.",
        {"market_closed": "The exchange is closed, and the order would wait for the next session."},
        contract_checks.session,
    ),
    CheckRule(
        "quotes",
        _OPENS,
        "The market of what is opened is known and to be relied on.",
        _FLAWS,
        contract_checks.quotes,
    ),
    CheckRule(
        "price",
        _BOTH,
        "There is a price, paid for what is bought, received for what is sold.",
        {
            "no_price": "The order has no price above zero.",
            "wrong_effect": "A buy would receive its price, or a sale pay it.",
        },
        price_checks.price,
    ),
    CheckRule(
        "tick",
        _BOTH,
        "The price lies on a step that the broker takes.",
        {
            "off_tick": "The price is no multiple of the step that applies to it.",
            "ticks_unknown": "The listing does not say the steps of the price.",
        },
        price_checks.tick,
    ),
    CheckRule(
        "limit",
        _OPENS,
        "The price is not beyond the alert's, nor beyond what was decided.",
        {
            "beyond_alert": "It would pay more, or receive less, than the intent allows.",
            "wrong_effect": "The order would receive what the intent pays, or the other way round.",
            "no_price": "The order or the intent has no price.",
        },
        price_checks.limit,
    ),
    CheckRule(
        "open_account",
        _BOTH,
        "The account is neither closed nor frozen.",
        {
            "account_closed": "The broker has closed the account.",
            "account_frozen": "The broker has frozen the account.",
            "account_state_unknown": _ACCOUNT_UNKNOWN,
        },
        account_checks.open_account,
    ),
    CheckRule(
        "may_open",
        _OPENS,
        "The account may open positions of this kind.",
        {
            "account_closing_only": "The account may only close positions.",
            "futures_not_enabled": "The account may not trade futures.",
            "futures_closing_only": "The account may only close futures.",
            "account_state_unknown": _ACCOUNT_UNKNOWN,
        },
        account_checks.may_open,
    ),
    CheckRule(
        "options_level",
        _OPENS,
        "The account's options level allows what is opened.",
        {
            "options_level_too_low": "The options level does not allow it.",
            "options_level_unknown": "The broker names an options level whose meaning is not known here, or none.",
            "short_calls_not_enabled": "The account may not sell calls that nothing covers.",
            "account_state_unknown": _ACCOUNT_UNKNOWN,
        },
        account_checks.options_level,
    ),
    CheckRule(
        "calls",
        _OPENS,
        "The account is under no margin call and no day-trade call.",
        {
            "margin_call": "The account is in a margin call, or owes a maintenance call.",
            "day_trade_call": "The account is in a day-trade call.",
            "account_state_unknown": _ACCOUNT_UNKNOWN,
        },
        account_checks.calls,
    ),
    CheckRule(
        "position",
        _CLOSES,
        "No more is closed than both we and the broker hold, less what working closes take.",
        {
            "over_position": "More would be closed than can be.",
            "position_frozen": "The broker lets nobody trade the position now.",
            "position_unknown": "What is held is not known from our books, from the broker, or from either.",
        },
        account_checks.position,
    ),
    CheckRule(
        DRY_RUN,
        _BOTH,
        "The broker, asked about exactly this order, takes it.",
        {
            "dry_run_refused": "The broker refuses it; the detail has its codes.",
            "dry_run_unanswered": "The broker was not asked, or did not answer.",
            "dry_run_of_another": "The broker was asked about another order than this.",
            "would_open": "The broker sees no position to close, and the order would open one.",
            "would_wait": "The broker would keep the order for its next session.",
        },
        account_checks.dry_run,
    ),
    CheckRule(
        "buying_power",
        _OPENS,
        "The account's buying power covers what the broker says the order takes.",
        {
            "too_little_buying_power": "The order takes more than there is.",
            "buying_power_unknown": "What the order takes, or what there is, could not be had.",
        },
        account_checks.buying_power,
    ),
    CheckRule(
        "settled_cash",
        _OPENS,
        "In a cash account, settled money covers what is opened.",
        {
            "cash_not_settled": "Less is settled than the order takes.",
            "settled_cash_unknown": "Whether it is a cash account, or what is settled in it, is not known.",
        },
        account_checks.settled_cash,
    ),
)
"""Every check, in the order they are made and listed, with the meaning of every code it can give."""


def checks(intent: Intent, order: Order, facts: SendFacts) -> tuple[Check, ...]:
    """Return every check of an order, in a fixed order: also those that do not apply, or could not run."""
    case = Case(intent, order, facts)
    return tuple(rule.of(case) for rule in CHECKS)


def is_sound(found: tuple[Check, ...]) -> bool:
    """Return whether no check blocks the order."""
    return not any(check.blocks for check in found)
