"""What orders trade, as people say it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from engine.model.instrument import Right
from engine.model.order import InstrumentKind, OrderLeg
from engine.model.symbols import future_option_of, kind_of, option_of

_ACTIONS = {"buy_to_open": "BTO", "sell_to_open": "STO", "buy_to_close": "BTC", "sell_to_close": "STC"}


def contract_text(symbol: str) -> str:
    """
    Return what the symbol of an order stands for; one that cannot be read as it is.

    >>> [contract_text(symbol) for symbol in ("AAPL", "SPY   261127C00602500", "/ESZ6", "./ESZ6 EW4U6 260925P6975")]
    ['AAPL', 'SPY 602.5C 2026-11-27', '/ESZ6', '/ESZ6 6975P 2026-09-25']
    """
    try:
        kind = kind_of(symbol)
        if kind is InstrumentKind.EQUITY_OPTION:
            option = option_of(symbol)
            return _option(option.underlying, option.strike, option.right, option.expiry)
        if kind is InstrumentKind.FUTURE_OPTION:
            listed = future_option_of(symbol)
            return _option(listed.future, listed.strike, listed.right, listed.expiry)
    except ValueError:
        pass
    return symbol


def short_legs(legs: Iterable[OrderLeg]) -> str:
    """Return what the legs of an order do, in one line: BTO 2 SPY 602C 2026-11-27, STO 2 SPY 605C 2026-11-27."""
    return ", ".join(
        f"{_ACTIONS.get(leg.action, leg.action)} {leg.quantity} {contract_text(leg.symbol)}" for leg in legs
    )


def price_text(price: Decimal | None) -> str:
    """
    Return a price with as many places as it has, two at least; "market" for none.

    >>> price_text(Decimal("1.2")), price_text(Decimal("0.0125")), price_text(Decimal("7E+2"))
    ('1.20', '0.0125', '700.00')
    """
    if price is None:
        return "market"
    places = max(2, -int(price.normalize().as_tuple().exponent))
    return f"{price:.{places}f}"


def _option(underlying: str, strike: Decimal, right: Right, expiry: date) -> str:
    return f"{underlying} {strike:f}{right.value[0].upper()} {expiry.isoformat()}"
