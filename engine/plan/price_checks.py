"""Checks of the order itself: the intent's legs, a sound price on the tick, still in time."""

from decimal import Decimal

from engine.lifecycle.counting import units_of
from engine.model.order import OrderLeg, OrderType, PriceEffect, TimeInForce
from engine.plan.checking import PASSED, Answer, Case, failed, not_applicable, not_run, passed
from engine.plan.limit_price import Prices, step_at, tick_tables


def form(case: Case) -> Answer:
    """The order is of the intent: its legs, at most its units, a limit order of the day."""
    intent, order = case.intent, case.order
    if _unit(order.legs) != _unit(intent.legs):
        return failed("legs_differ", "the order's legs are not those of the intent")
    units = units_of(order.legs)
    if not 0 < units <= intent.units:
        return failed("too_many_units", f"{units} units are asked for, the intent is for {intent.units}")
    if order.order_type is not OrderType.LIMIT or order.time_in_force is not TimeInForce.DAY:
        kind = f"{order.order_type.value}, {order.time_in_force.value}"
        return failed("order_type_not_allowed", f"the order is {kind}; only limit orders of the day are sent")
    return PASSED


def fresh(case: Case) -> Answer:
    """An opening is still within the time it is good for."""
    until, now = case.intent.good_until, case.facts.now
    if now > until:
        return failed("no_longer_good", f"it was good until {until:%H:%M:%S} UTC, it is {now:%H:%M:%S}")
    return passed(f"good for another {(until - now).total_seconds():.0f} s")


def price(case: Case) -> Answer:
    """There is a price, and it is paid for what is bought and received for what is sold."""
    order = case.order
    if order.price is None or order.price <= 0 or order.effect is None:
        return failed("no_price", f"the order's price is {order.price}")
    if len(order.legs) > 1:
        return PASSED
    wanted = PriceEffect.DEBIT if order.legs[0].action.buys else PriceEffect.CREDIT
    if order.effect is not wanted:
        return failed("wrong_effect", f"{order.legs[0].action.value} for a {order.effect.value}")
    return PASSED


def tick(case: Case) -> Answer:
    """The price lies on a step the broker takes."""
    order = case.order
    if order.price is None:
        return not_applicable("the order has no price")
    step = step_at(order.price, tick_tables(order.legs, Prices(case.facts.contracts, case.facts.quotes)))
    if step is None:
        return not_run("ticks_unknown", "the steps of its price are not known")
    if order.price % step:
        return failed("off_tick", f"{order.price} is no multiple of {step}")
    return passed(f"{order.price} in steps of {step}")


def limit(case: Case) -> Answer:
    """An opening is not priced beyond the alert, nor beyond what was decided."""
    intent, order = case.intent, case.order
    worst = intent.price
    if order.price is None or worst is None:
        return not_run("no_price", "there is no price to compare with")
    if order.effect is not intent.effect:
        return failed("wrong_effect", f"the order is a {order.effect}, the intent a {intent.effect}")
    beyond = worst - order.price if order.effect is PriceEffect.CREDIT else order.price - worst
    if beyond > 0:
        return failed("beyond_alert", f"{order.price} is worse than {worst} by {beyond}")
    return passed(f"{order.price}, at worst {worst}")


def _unit(legs: tuple[OrderLeg, ...]) -> frozenset[tuple[object, ...]]:
    units = max(1, units_of(legs))
    return frozenset((leg.symbol, leg.kind, leg.action, Decimal(leg.quantity) / units) for leg in legs)
