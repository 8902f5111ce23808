"""What the broker says of an account, in our words."""

from decimal import Decimal

from engine.adapters.tastytrade.values import Json, Unreadable, flag, moment, number, signed, text
from engine.adapters.tastytrade.words import KINDS
from engine.model.account import Booking, Funds, Holding, Standing
from engine.model.order import InstrumentKind

_SIGNS = {"Long": 1, "Short": -1, "Zero": 0}


def holding(row: Json) -> Holding:
    """
    Read a position.

    Raises: Unreadable, when its symbol, its quantity or its side cannot be read.
    """
    quantity = number(row, "quantity")
    sign = _SIGNS.get(text(row, "quantity-direction"))
    symbol = text(row, "symbol")
    if quantity is None or sign is None or not symbol:
        raise Unreadable("a position lacks its symbol, its quantity or its side")
    return Holding(
        account=text(row, "account-number"),
        symbol=symbol,
        kind=KINDS.get(text(row, "instrument-type"), InstrumentKind.OTHER),
        underlying=text(row, "underlying-symbol"),
        quantity=abs(quantity) * sign if sign else Decimal(0),
        average_open_price=number(row, "average-open-price"),
        multiplier=number(row, "multiplier"),
        is_frozen=flag(row, "is-frozen") is True,
        updated_at=moment(row, "updated-at"),
    )


def funds(row: Json) -> Funds:
    """
    Read the money of an account.

    Raises: Unreadable, when it does not say whose it is.
    """
    return Funds(
        account=_account(row),
        net_liq=number(row, "net-liquidating-value"),
        derivative_buying_power=number(row, "derivative-buying-power"),
        equity_buying_power=number(row, "equity-buying-power"),
        cash=number(row, "cash-balance"),
        settled_cash=number(row, "cash-settle-balance"),
        maintenance_call=number(row, "maintenance-call-value"),
        updated_at=moment(row, "updated-at"),
    )


def standing(row: Json) -> Standing:
    """
    Read what an account may do.

    Raises: Unreadable, when it does not say whose it is.
    """
    return Standing(
        account=_account(row),
        options_level=text(row, "options-level"),
        is_closed=flag(row, "is-closed"),
        is_frozen=flag(row, "is-frozen"),
        is_closing_only=flag(row, "is-closing-only"),
        is_futures_enabled=flag(row, "is-futures-enabled"),
        is_futures_closing_only=flag(row, "is-futures-closing-only"),
        is_in_margin_call=flag(row, "is-in-margin-call"),
        is_in_day_trade_call=flag(row, "is-in-day-trade-equity-maintenance-call"),
        is_pattern_day_trader=flag(row, "is-pattern-day-trader"),
        are_short_calls_enabled=flag(row, "short-calls-enabled"),
        updated_at=moment(row, "updated-at"),
    )


def booking(row: Json) -> Booking:
    """
    Read a row of the history.

    Raises: Unreadable, when its id or its time cannot be read.
    """
    row_id, at = text(row, "id"), moment(row, "executed-at")
    if not row_id or at is None:
        raise Unreadable("a transaction lacks its id or its time")
    return Booking(
        id=row_id,
        account=text(row, "account-number"),
        kind=text(row, "transaction-type"),
        sub_kind=text(row, "transaction-sub-type"),
        description=text(row, "description"),
        at=at,
        symbol=text(row, "symbol"),
        quantity=number(row, "quantity"),
        price=number(row, "price"),
        value=signed(row, "value"),
        net_value=signed(row, "net-value"),
        order_id=text(row, "order-id"),
        fill_id=text(row, "ext-exec-id") if not text(row, "fill-id") else text(row, "fill-id"),
    )


def _account(row: Json) -> str:
    account = text(row, "account-number")
    if not account:
        raise Unreadable("the answer does not say whose it is")
    return account
