"""The checks before an order is taken: against what is listed, the hours, the account and its positions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.paper.answers import Notice
from engine.paper.desk import Desk
from engine.paper.holdings import TradingStatus
from engine.paper.hours import trading_day, trading_session
from engine.paper.instruments import Equity, Instrument, finest
from engine.paper.orders import Leg, LegRequest, OrderRequest
from engine.paper.shape import shape_problems
from engine.paper.words import Action, OrderType, Status

NO_POSITION: Final = "closing_with_no_position"
TOO_MUCH: Final = "cannot_close_against_more_than_existing_position"
_NO_RESTRICTIONS: Final = "No Restrictions"
_LAST_HALF_HOUR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Checked:
    """
    An order that was checked.

    legs: with the actions it really has; instruments: in turn. Both are empty when a leg is not listed.
    """

    legs: tuple[Leg, ...]
    instruments: tuple[Instrument, ...]
    problems: tuple[Notice, ...]
    warnings: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """
    Whose order is checked and when.

    replaces: an order that will be gone by then, 0 for none. is_child: it waits for another order, so that
    what it closes need not be held yet.
    """

    account: str
    at: datetime
    replaces: int = 0
    is_child: bool = False


def check(desk: Desk, request: OrderRequest, scope: Scope) -> Checked:
    """Check an order against every rule but buying power."""
    problems = list(shape_problems(request))
    found = [_listed(desk, leg, scope.at) for leg in request.legs]
    instruments = tuple(instrument for instrument in found if instrument is not None)
    if problems or len(instruments) < len(request.legs):
        missing = (leg for leg, instrument in zip(request.legs, found, strict=True) if instrument is None)
        return Checked((), (), (*problems, *map(_not_listed, missing)), ())
    warnings: list[Notice] = []
    legs = tuple(_resolved(desk, leg, scope) for leg in request.legs)
    for asked, leg in zip(request.legs, legs, strict=True):
        for notice in _position_notices(desk, request, asked, leg, scope):
            (warnings if notice.code == NO_POSITION and not request.is_strict else problems).append(notice)
    problems += _price_notices(request, instruments)
    problems += _account_notices(desk.ledgers[scope.account].status, legs, instruments)
    problems += _time_notices(request, legs, instruments, scope.at)
    if not problems and _is_closed(request, instruments[0], scope.at):
        warnings.append(Notice("tif.next_valid_session", "Your order will begin working during next valid session."))
    return Checked(legs, instruments, tuple(problems), tuple(warnings))


def _listed(desk: Desk, leg: LegRequest, at: datetime) -> Instrument | None:
    instrument = desk.listing.instrument(leg.symbol, at)
    if instrument is None or instrument.instrument_type is not leg.instrument_type:
        return None
    if isinstance(instrument, Equity):
        return None if instrument.is_index else instrument
    return instrument if at < instrument.stops_trading_at else None


def _not_listed(leg: LegRequest) -> Notice:
    return Notice("instrument_validation_failed", f"Trading of {leg.symbol} is not supported")


# -------------------------------------------------------------------- positions


def _resolved(desk: Desk, asked: LegRequest, scope: Scope) -> Leg:
    """Return a leg with its true action: futures say only Buy or Sell, and a close without a position opens."""
    held = desk.ledgers[scope.account].quantity(asked.symbol)
    quantity = int(asked.quantity or 0)
    is_buy = asked.action.is_buy
    closes = asked.action.is_close
    if asked.action in (Action.BUY, Action.SELL):
        closes = quantity <= (-held if is_buy else held)
    elif closes and not scope.is_child:
        closes = (held < 0) if is_buy else (held > 0)
    return Leg(asked.instrument_type, asked.symbol, _action(is_buy=is_buy, closes=closes), quantity, quantity)


def _action(*, is_buy: bool, closes: bool) -> Action:
    if is_buy:
        return Action.BUY_TO_CLOSE if closes else Action.BUY_TO_OPEN
    return Action.SELL_TO_CLOSE if closes else Action.SELL_TO_OPEN


def _position_notices(desk: Desk, request: OrderRequest, asked: LegRequest, leg: Leg, scope: Scope) -> Iterator[Notice]:
    if not asked.action.is_close or scope.is_child:
        return
    if not leg.action.is_close:
        yield Notice(NO_POSITION, f"You are closing {leg.symbol}, of which there is no position.")
        return
    held = abs(desk.ledgers[scope.account].quantity(leg.symbol))
    if leg.quantity > held - closing(desk, leg.symbol, scope):
        yield Notice(TOO_MUCH, f"You cannot close more of {leg.symbol} than you hold and are not closing already.")


def closing(desk: Desk, symbol: str, scope: Scope) -> int:
    """
    Return how much of a position orders are closing already.

    Of the orders of one complex order only the largest counts, as one fills; none of them when one is replaced.
    That working orders count at all is how the platform behaves; it is not written down in its documents.
    """
    replaced = desk.book.ticket(scope.account, scope.replaces)
    pair = 0 if replaced is None else replaced.order.complex_id
    alone = 0
    together: dict[int, int] = {}
    for ticket in desk.book.pending(scope.account):
        order = ticket.order
        if order.id == scope.replaces or order.status is Status.CONTINGENT:
            continue
        if pair and order.complex_id == pair:
            continue
        first = order.legs[0].quantity
        part = sum(
            leg.quantity * ticket.unbooked // first
            for leg in order.legs
            if leg.symbol == symbol and leg.action.is_close
        )
        if order.complex_id:
            together[order.complex_id] = max(part, together.get(order.complex_id, 0))
        else:
            alone += part
    return alone + sum(together.values())


# -------------------------------------------------------------------- prices, account, hours


def _price_notices(request: OrderRequest, instruments: tuple[Instrument, ...]) -> Iterator[Notice]:
    if len({instrument.underlying for instrument in instruments}) > 1:
        yield Notice("legs_have_different_underlyings", "the legs of an order have the same underlying")
    tables = [instrument.ticks for instrument in instruments]
    for price in (request.terms.price, request.terms.stop_trigger):
        if price and price % finest(tables, price):
            yield Notice("invalid_price_increment", f"{price} is not a multiple of {finest(tables, price)}")


def _account_notices(
    status: TradingStatus, legs: tuple[Leg, ...], instruments: tuple[Instrument, ...]
) -> Iterator[Notice]:
    if status.is_closed or status.is_frozen:
        yield Notice("account_not_tradeable", "The account is closed or frozen.")
    opens = [instrument for leg, instrument in zip(legs, instruments, strict=True) if not leg.action.is_close]
    if opens and (status.is_closing_only or status.is_in_margin_call):
        yield Notice("account_closing_only", "The account may only close positions.")
    if any(instrument.instrument_type.is_future for instrument in opens):
        if not status.is_futures_enabled:
            yield Notice("futures_not_enabled", "The account may not trade futures.")
        elif status.is_futures_closing_only:
            yield Notice("account_closing_only", "The account may only close futures positions.")
    if status.options_level != _NO_RESTRICTIONS and any(each.instrument_type.is_option for each in opens):
        yield Notice("options_level_too_low", f"The options level {status.options_level} does not allow this order.")


def _time_notices(
    request: OrderRequest, legs: tuple[Leg, ...], instruments: tuple[Instrument, ...], at: datetime
) -> Iterator[Notice]:
    terms = request.terms
    if terms.gtc_date is not None and terms.gtc_date < trading_day(at):
        yield Notice("invalid_gtc_date", f"{terms.gtc_date} is in the past")
    opens = any(not leg.action.is_close for leg in legs)
    if _is_closed(request, instruments[0], at):
        if instruments[0].instrument_type.is_future:
            yield Notice("tif.futures_session_not_active", "The futures session is not active.")
        elif terms.order_type is OrderType.MARKET and opens:
            yield Notice(
                "tif_no_after_hours_opening_market_orders", "Opening market orders are not accepted after hours."
            )
    for leg, instrument in zip(legs, instruments, strict=True):
        ends = getattr(instrument, "stops_trading_at", None)
        if leg.action is Action.SELL_TO_OPEN and ends is not None and ends - _LAST_HALF_HOUR <= at:
            yield Notice(
                "too_close_to_expiration",
                f"Sell to open of {leg.symbol} ends 30 minutes prior to close on expiration day",
            )


def _is_closed(request: OrderRequest, instrument: Instrument, at: datetime) -> bool:
    return trading_session(instrument, at, is_extended=request.terms.time_in_force.is_extended) is None
