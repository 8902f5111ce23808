"""What is wrong with an order whatever the market and the account."""

from collections.abc import Iterator
from typing import Final

from engine.paper.answers import Notice
from engine.paper.orders import LegRequest, OrderRequest, Terms
from engine.paper.words import Action, Effect, InstrumentType, OrderType, TimeInForce

_MOST_LEGS: Final = 4
_ALONE: Final = frozenset({InstrumentType.EQUITY, InstrumentType.FUTURE})
_LASTING: Final = frozenset({TimeInForce.GTC, TimeInForce.GTC_EXT, TimeInForce.GTC_EXT_OVERNIGHT, TimeInForce.GTD})


def shape_problems(request: OrderRequest) -> Iterator[Notice]:
    """
    Yield every rule of form an order breaks.

    Codes the broker was seen to use are used; those it was not seen to name itself are named here.
    """
    yield from _leg_problems(request.legs)
    yield from terms_problems(request.terms, request.legs)


def _leg_problems(legs: tuple[LegRequest, ...]) -> Iterator[Notice]:
    if not 1 <= len(legs) <= _MOST_LEGS:
        yield Notice("invalid_leg_count", f"an order has one to four legs, this one has {len(legs)}")
    if len(legs) > 1 and any(leg.instrument_type in _ALONE for leg in legs):
        yield Notice("invalid_leg_count", "shares and futures trade in orders of one leg")
    sides: dict[str, Action] = {}
    for leg in legs:
        yield from _single_leg_problems(leg)
        other = sides.setdefault(leg.symbol, leg.action)
        if other.is_buy != leg.action.is_buy:
            yield Notice("illegal_buy_and_sell_on_same_symbol", f"{leg.symbol} is both bought and sold")
    if len(sides) < len(legs) and len({leg.action.is_buy for leg in legs}) == 1:
        yield Notice("duplicate_leg_symbol", "the legs of an order have different symbols")


def _single_leg_problems(leg: LegRequest) -> Iterator[Notice]:
    if leg.quantity is None or leg.quantity <= 0 or leg.quantity != leg.quantity.to_integral_value():
        yield Notice("invalid_quantity", f"the quantity of {leg.symbol} is not a whole number above 0")
    if leg.action in (Action.BUY, Action.SELL) and leg.instrument_type is not InstrumentType.FUTURE:
        yield Notice("invalid_action", f"{leg.action} is for outright futures only")


def terms_problems(terms: Terms, legs: tuple[LegRequest, ...]) -> Iterator[Notice]:
    """Yield every rule of form that price, type and time in force break."""
    if terms.order_type is OrderType.NOTIONAL_MARKET:
        yield Notice("notional_market_not_supported", "notional orders are not supported here")
    yield from _price_problems(terms, legs)
    yield from _stop_problems(terms, legs)
    yield from _time_problems(terms, legs)
    if terms.has_conditions:
        yield Notice("order_conditions_not_supported", "orders that wait for a price are not supported here")
    if terms.route_after is not None and terms.cancel_at is not None and terms.cancel_at <= terms.route_after:
        yield Notice("invalid_order_rule", "an order cannot be cancelled before it is routed")


def _price_problems(terms: Terms, legs: tuple[LegRequest, ...]) -> Iterator[Notice]:
    if not terms.order_type.has_limit:
        if terms.price is not None:
            yield Notice("order_must_omit_price", f"a {terms.order_type} order has no price")
        return
    if terms.price is None or terms.price < 0:
        yield Notice("order_must_have_price", f"a {terms.order_type} order needs a price of 0 or more")
        return
    if terms.price and terms.effect not in (Effect.DEBIT, Effect.CREDIT):
        yield Notice("order_must_have_price_effect", "a price needs to be a Debit or a Credit")
    if len(legs) == 1 and terms.price:
        if legs[0].action.is_buy and terms.effect is Effect.CREDIT:
            yield Notice("cant_buy_for_credit", "You cannot buy for a credit.")
        if not legs[0].action.is_buy and terms.effect is Effect.DEBIT:
            yield Notice("cant_sell_for_debit", "You cannot sell for a debit.")


def _stop_problems(terms: Terms, legs: tuple[LegRequest, ...]) -> Iterator[Notice]:
    if not terms.order_type.has_stop:
        if terms.stop_trigger is not None:
            yield Notice("order_must_omit_stop_trigger", f"a {terms.order_type} order has no stop trigger")
        return
    if terms.stop_trigger is None or terms.stop_trigger <= 0:
        yield Notice("order_must_have_stop_trigger", f"a {terms.order_type} order needs a stop trigger")
    if len(legs) > 1:
        yield Notice("stop_orders_have_one_leg", "an order of several legs cannot be a stop")
    opens = not all(leg.action.is_close for leg in legs)
    if terms.order_type is OrderType.STOP and opens and terms.time_in_force in _LASTING:
        yield Notice("gtc_opening_stop_orders_not_supported", "GTC/GTD Stop orders that open are not supported.")


def _time_problems(terms: Terms, legs: tuple[LegRequest, ...]) -> Iterator[Notice]:
    if (terms.time_in_force is TimeInForce.GTD) != (terms.gtc_date is not None):
        yield Notice("invalid_gtc_date", "a date is given with GTD, and only with it")
    if terms.order_type is OrderType.MARKET:
        if len(legs) > 1:
            yield Notice("multi_leg_market_orders_not_supported", "a market order has one leg")
        if terms.time_in_force in _LASTING:
            yield Notice("gtc_market_orders_not_supported", "GTC/GTD Market orders are not supported.")
    if terms.time_in_force.is_extended:
        is_share = len(legs) == 1 and legs[0].instrument_type is InstrumentType.EQUITY
        if not is_share or terms.order_type is not OrderType.LIMIT:
            yield Notice("ext_orders_are_share_limits", "extended hours are for limit orders of shares only")
