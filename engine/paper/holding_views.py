"""What accounts hold and have done, as the broker writes it: money, positions, transactions."""

from decimal import Decimal
from typing import Final

from engine.paper.holdings import Balance, Position, TradingStatus, Transaction
from engine.paper.hours import trading_day
from engine.paper.wire import Json, given, millis, moment, number, with_effect

_ZERO: Final = Decimal(0)
# Keys of a balance that are never anything but nothing here: bonds, crypto, calls, settlements.
_NOTHING: Final = (
    "bond-margin-requirement",
    "closed-loop-available-balance",
    "cryptocurrency-margin-requirement",
    "day-equity-call-value",
    "day-trading-call-value",
    "effective-cryptocurrency-buying-power",
    "equity-offering-margin-requirement",
    "fixed-income-security-margin-requirement",
    "long-bond-value",
    "long-cryptocurrency-value",
    "long-fixed-income-security-value",
    "maintenance-call-value",
    "pending-margin-interest",
    "reg-t-call-value",
    "short-cryptocurrency-value",
    "special-memorandum-account-apex-adjustment",
    "total-pending-liquidity-pool-rebate",
    "unsettled-cryptocurrency-fiat-amount",
    "pending-cash",
    "buying-power-adjustment",
    "long-futures-value",
    "short-futures-value",
)
_NO_EFFECT: Final = ("pending-cash-effect", "unsettled-cryptocurrency-fiat-effect", "buying-power-adjustment-effect")


def balance_json(balance: Balance) -> Json:
    """Write the money of an account."""
    margin_equity = balance.cash + balance.long_equity - balance.short_equity
    amounts = {
        "available-trading-funds": balance.derivative_buying_power,
        "cash-available-to-withdraw": min(balance.cash, balance.derivative_buying_power),
        "cash-balance": balance.cash,
        "cash-settle-balance": balance.cash,
        "day-trade-excess": balance.derivative_buying_power,
        "day-trading-buying-power": balance.equity_buying_power,
        "derivative-buying-power": balance.derivative_buying_power,
        "equity-buying-power": balance.equity_buying_power,
        "futures-intraday-margin-requirement": balance.futures_requirement,
        "futures-margin-requirement": balance.futures_requirement,
        "futures-overnight-margin-requirement": balance.futures_requirement,
        "long-derivative-value": balance.long_derivative,
        "long-equity-value": balance.long_equity,
        "long-futures-derivative-value": balance.long_futures_derivative,
        "long-margineable-value": balance.long_equity,
        "maintenance-excess": balance.derivative_buying_power,
        "maintenance-requirement": balance.requirement,
        "margin-equity": margin_equity,
        "margin-settle-balance": _ZERO,
        "net-liquidating-value": balance.net_liquidating_value,
        "reg-t-margin-requirement": balance.requirement,
        "short-derivative-value": balance.short_derivative,
        "short-equity-value": balance.short_equity,
        "short-futures-derivative-value": balance.short_futures_derivative,
        "short-margineable-value": balance.short_equity,
        "sma-equity-option-buying-power": balance.derivative_buying_power,
        "special-memorandum-account-value": balance.cash,
        "total-settle-balance": balance.cash,
        "used-derivative-buying-power": balance.requirement + balance.held_by_orders,
    }
    written: Json = {"account-number": balance.account, "currency": "USD"}
    written |= {name: number(amount) for name, amount in amounts.items()}
    written |= dict.fromkeys(_NOTHING, "0.0") | dict.fromkeys(_NO_EFFECT, "None")
    return written | {"snapshot-date": trading_day(balance.at).isoformat(), "updated-at": moment(balance.at)}


def requirements_json(status: TradingStatus, balance: Balance) -> Json:
    """Write the margin report of an account, without its groups."""
    margin_equity = balance.cash + balance.long_equity - balance.short_equity
    return {
        "account-number": status.account,
        "description": "Total",
        "groups": [],
        "last-state-timestamp": millis(balance.at),
        **with_effect("maintenance-excess", balance.derivative_buying_power),
        **with_effect("maintenance-requirement", -balance.requirement),
        "margin-calculation-type": "Reg T",
        **with_effect("margin-equity", margin_equity),
        **with_effect("margin-requirement", -balance.requirement),
        **with_effect("option-buying-power", balance.derivative_buying_power),
        "option-level": status.options_level,
        **with_effect("reg-t-margin-requirement", -balance.requirement),
        **with_effect("reg-t-option-buying-power", balance.derivative_buying_power),
    }


def position_json(position: Position, *, has_marks: bool = False) -> Json:
    """Write a position; its mark only where it was asked for."""
    direction = "Zero" if position.quantity == 0 else "Long" if position.quantity > 0 else "Short"
    day = trading_day(position.updated_at).isoformat()
    written: Json = {
        "account-number": position.account,
        "average-daily-market-close-price": number(position.close_price),
        "average-open-price": number(position.average_open_price),
        "average-yearly-market-close-price": number(position.average_open_price),
        "close-price": number(position.close_price),
        "cost-effect": "Debit" if position.quantity < 0 else "Credit",
        "created-at": moment(position.created_at),
        "instrument-type": position.instrument_type.value,
        "is-frozen": False,
        "is-suppressed": False,
        "multiplier": number(position.multiplier),
        "quantity": abs(position.quantity),
        "quantity-direction": direction,
        **with_effect("realized-day-gain", position.realized_today),
        "realized-day-gain-date": day,
        **with_effect("realized-today", position.realized_today),
        "realized-today-date": day,
        "restricted-quantity": 0,
        "symbol": position.symbol,
        "underlying-symbol": position.underlying,
        "updated-at": moment(position.updated_at),
    }
    if position.expires_at is not None:
        written["expires-at"] = moment(position.expires_at)
    if has_marks and position.mark is not None:
        written |= {"mark": number(abs(position.value)), "mark-price": number(position.mark)}
    return written


def transaction_json(row: Transaction) -> Json:
    """Write one row of an account's history."""
    written: Json = {
        "id": row.id,
        "account-number": row.account,
        "transaction-type": row.type,
        "transaction-sub-type": row.sub_type,
        "description": row.description,
        "executed-at": moment(row.executed_at),
        "transaction-date": row.transaction_date.isoformat(),
        **with_effect("value", row.value),
        **with_effect("net-value", row.net_value),
        "is-estimated-fee": True,
    }
    written |= given(
        symbol=row.symbol,
        underlying_symbol=row.underlying,
        instrument_type=row.instrument_type,
        action=row.action,
        order_id=row.order_id,
        leg_count=row.leg_count,
        exec_id=row.fill_id,
    )
    if row.symbol:
        written |= {"quantity": number(Decimal(row.quantity)), "price": number(row.price)}
    return written | _fees_of(row) if row.order_id else written


def _fees_of(row: Transaction) -> Json:
    return {
        **with_effect("commission", -row.fees.commission),
        **with_effect("clearing-fees", -row.fees.clearing),
        **with_effect("regulatory-fees", -row.fees.regulatory),
        **with_effect("proprietary-index-option-fees", -row.fees.proprietary),
    }
