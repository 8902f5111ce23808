"""What the broker lists, in our words."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from engine.adapters.tastytrade.values import Json, Unreadable, day, flag, moment, number, rows, text
from engine.model.contract import Contract, Tick
from engine.model.instrument import Right
from engine.model.order import InstrumentKind

_RIGHTS = {"C": Right.CALL, "P": Right.PUT}
_STANDARD_SHARES = Decimal(100)


def ticks(row: Json, key: str = "tick-sizes") -> tuple[Tick, ...]:
    """Read a table of ticks; () when there is none, or one of its steps cannot be read."""
    table = row.get(key)
    if not isinstance(table, list):
        return ()
    found = [(number(each, "value"), number(each, "threshold")) for each in table if isinstance(each, dict)]
    read = tuple(Tick(step, below) for step, below in found if step is not None and step > 0)
    return read if len(read) == len(table) else ()


def equity(row: Json) -> Contract:
    """
    Read a share or an index.

    Raises: Unreadable, when it has no symbol.
    """
    symbol = _symbol(row)
    return Contract(
        symbol=symbol,
        kind=InstrumentKind.EQUITY,
        underlying=symbol,
        streamer_symbol=text(row, "streamer-symbol"),
        ticks=ticks(row),
        multiplier=Decimal(1),
        is_active=flag(row, "active"),
        is_closing_only=flag(row, "is-closing-only"),
        is_halted=bool(text(row, "halted-at")),
    )


def option(row: Json, share: Json | None) -> Contract:
    """
    Read an option on shares. share: what it is an option on, which knows its ticks; None when that is not listed.

    Raises: Unreadable, when it lacks its symbol, its expiry, its strike or its side.
    """
    shares = number(row, "shares-per-contract")
    is_closing_only = flag(row, "is-closing-only")
    if share is not None and flag(share, "is-options-closing-only"):
        is_closing_only = True
    return _dated(
        Contract(
            symbol=_symbol(row),
            kind=InstrumentKind.EQUITY_OPTION,
            underlying=text(row, "underlying-symbol"),
            streamer_symbol=text(row, "streamer-symbol"),
            ticks=() if share is None else ticks(share, "option-tick-sizes"),
            multiplier=shares,
            is_active=flag(row, "active"),
            is_closing_only=is_closing_only,
            is_halted=None if share is None else bool(text(share, "halted-at")),
            is_standard=shares == _STANDARD_SHARES and text(row, "option-chain-type") == "Standard",
            last_trade_at=moment(row, "stops-trading-at"),
        ),
        row,
    )


def future(row: Json) -> Contract:
    """
    Read a future.

    Raises: Unreadable, when it has no symbol.
    """
    symbol = _symbol(row)
    return Contract(
        symbol=symbol,
        kind=InstrumentKind.FUTURE,
        underlying=symbol,
        streamer_symbol=text(row, "streamer-symbol"),
        ticks=ticks(row),
        multiplier=number(row, "notional-multiplier"),
        is_active=flag(row, "active"),
        is_closing_only=flag(row, "is-closing-only"),
        is_active_month=flag(row, "active-month") is True,
        last_trade_at=moment(row, "stops-trading-at"),
        expiry=day(row, "expiration-date"),
    )


def future_option(row: Json, month: Json | None) -> Contract:
    """
    Read an option on a future. month: the future, which knows ticks and multiplier; None when it is not listed.

    Raises: Unreadable, when it lacks its symbol, its expiry, its strike or its side.
    """
    return _dated(
        Contract(
            symbol=_symbol(row),
            kind=InstrumentKind.FUTURE_OPTION,
            underlying=text(row, "underlying-symbol"),
            streamer_symbol=text(row, "streamer-symbol"),
            ticks=() if month is None else ticks(month, "option-tick-sizes"),
            multiplier=None if month is None else number(month, "notional-multiplier"),
            is_active=flag(row, "active"),
            is_closing_only=flag(row, "is-closing-only"),
            last_trade_at=moment(row, "stops-trading-at"),
        ),
        row,
    )


def chain(root: Json) -> Iterator[Contract]:
    """
    Read the options of one root, nested by expiry and strike.

    Raises: Unreadable, when a strike cannot be read.
    """
    shares = number(root, "shares-per-contract")
    common = Contract(
        symbol="",
        kind=InstrumentKind.EQUITY_OPTION,
        underlying=text(root, "underlying-symbol"),
        ticks=ticks(root),
        multiplier=shares,
        is_standard=shares == _STANDARD_SHARES and text(root, "option-chain-type") == "Standard",
    )
    for expiration in rows(root, "expirations"):
        yield from _strikes(expiration, common)


def future_chain(month: Json) -> Iterator[Contract]:
    """
    Read the options of one future, nested by expiry and strike.

    The multiplier follows from what one point of the display is worth. Strikes may lack their streamer symbols.
    Raises: Unreadable, when a strike cannot be read.
    """
    for expiration in rows(month, "expirations"):
        value, display = number(expiration, "notional-value"), number(expiration, "display-factor")
        common = Contract(
            symbol="",
            kind=InstrumentKind.FUTURE_OPTION,
            underlying=text(expiration, "underlying-symbol"),
            ticks=ticks(expiration),
            multiplier=value / display if value is not None and display else None,
            last_trade_at=moment(expiration, "stops-trading-at"),
        )
        yield from _strikes(expiration, common)


def _strikes(expiration: Json, common: Contract) -> Iterator[Contract]:
    expiry = day(expiration, "expiration-date")
    for strike in rows(expiration, "strikes"):
        price = number(strike, "strike-price")
        if expiry is None or price is None:
            raise Unreadable("a strike of a chain lacks its price or its expiry")
        for name, right in (("call", Right.CALL), ("put", Right.PUT)):
            if text(strike, name):
                yield replace(
                    common,
                    symbol=text(strike, name),
                    streamer_symbol=text(strike, f"{name}-streamer-symbol"),
                    expiry=expiry,
                    strike=price,
                    right=right,
                )


def _dated(contract: Contract, row: Json) -> Contract:
    expiry, strike, right = (
        day(row, "expiration-date"),
        number(row, "strike-price"),
        _RIGHTS.get(text(row, "option-type")),
    )
    if expiry is None or strike is None or right is None:
        raise Unreadable("an option lacks its expiry, its strike or its side")
    return replace(contract, expiry=expiry, strike=strike, right=right)


def _symbol(row: Json) -> str:
    symbol = text(row, "symbol")
    if not symbol:
        raise Unreadable("an instrument has no symbol")
    return symbol
