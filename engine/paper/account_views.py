"""Accounts as the broker writes them, what they may do, and whose they are."""

from typing import Final

from engine.paper.holdings import TradingStatus
from engine.paper.wire import Json, moment

_OPENED: Final = "2020-01-01T00:00:00.000+00:00"
# Keys of a trading status nothing here ever changes.
_STATUS: Final[Json] = {
    "are-far-otm-net-options-restricted": True,
    "day-trade-count": 0,
    "equities-margin-calculation-type": "Reg T",
    "enhanced-fraud-safeguards-enabled-at": _OPENED,
    "fee-schedule-name": "default",
    "futures-margin-rate-multiplier": "0.0",
    "has-intraday-equities-margin": False,
    "is-aggregated-at-clearing": False,
    "is-cryptocurrency-closing-only": False,
    "is-cryptocurrency-enabled": False,
    "is-equity-offering-closing-only": False,
    "is-equity-offering-enabled": False,
    "is-full-equity-margin-required": False,
    "is-futures-intra-day-enabled": False,
    "is-in-day-trade-equity-maintenance-call": False,
    "is-risk-reducing-only": False,
    "is-roll-the-day-forward-enabled": True,
    "is-small-notional-futures-intra-day-enabled": False,
    "short-calls-enabled": True,
    "small-notional-futures-margin-rate-multiplier": "0.0",
}


def account_json(status: TradingStatus) -> Json:
    """Write an account."""
    return {
        "account-number": status.account,
        "account-type-name": "Individual",
        "created-at": _OPENED,
        "day-trader-status": status.is_pattern_day_trader,
        "investment-objective": "SPECULATION",
        "is-closed": status.is_closed,
        "is-firm-error": False,
        "is-firm-proprietary": False,
        "is-foreign": False,
        "is-futures-approved": status.is_futures_enabled,
        "margin-or-cash": "Margin" if status.is_margin else "Cash",
        "nickname": "Individual",
        "opened-at": _OPENED,
        "suitable-options-level": status.options_level,
    }


def owned_account_json(status: TradingStatus) -> Json:
    """Write an account as lists of a customer's accounts do."""
    return {"account": account_json(status), "authority-level": "owner"}


def status_json(status: TradingStatus) -> Json:
    """Write what an account may do."""
    return _STATUS | {
        "account-number": status.account,
        "id": int("".join(filter(str.isdigit, status.account)) or 0),
        "is-closed": status.is_closed,
        "is-closing-only": status.is_closing_only,
        "is-frozen": status.is_frozen,
        "is-futures-closing-only": status.is_futures_closing_only,
        "is-futures-enabled": status.is_futures_enabled,
        "is-in-margin-call": status.is_in_margin_call,
        "is-pattern-day-trader": status.is_pattern_day_trader,
        "options-level": status.options_level,
        "updated-at": moment(status.updated_at),
    }


def customer_json() -> Json:
    """Write the customer who owns the accounts: nobody in particular."""
    address = {
        "city": "Chicago",
        "country": "USA",
        "is-domestic": True,
        "is-foreign": False,
        "postal-code": "60607",
        "state-region": "IL",
        "street-one": "1 Paper Street",
    }
    margin_types = [{"name": "Reg T", "is-margin": True}, {"name": "Cash", "is-margin": False}]
    individual = {
        "name": "Individual",
        "description": "A single person's account",
        "is-tax-advantaged": False,
        "is-publicly-available": True,
        "has-multiple-owners": False,
        "margin-types": margin_types,
    }
    return {
        "id": "me",
        "first-name": "Paper",
        "last-name": "Trader",
        "address": address,
        "mailing-address": address,
        "is-foreign": False,
        "usa-citizenship-type": "Citizen",
        "mobile-phone-number": "0000000000",
        "birth-date": "1980-01-01",
        "email": "paper@example.com",
        "tax-number-type": "SSN",
        "subject-to-tax-withholding": False,
        "has-industry-affiliation": False,
        "has-listed-affiliation": False,
        "has-political-affiliation": False,
        "has-delayed-quotes": False,
        "has-pending-or-approved-application": True,
        "is-professional": False,
        "permitted-account-types": [individual],
        "created-at": _OPENED,
    }
