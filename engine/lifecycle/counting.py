"""How many units of an order its fills make: a unit is the smallest whole number of each leg."""

from collections.abc import Iterable
from math import gcd

from engine.model.order import Fill, OrderLeg


def units_of(legs: Iterable[OrderLeg]) -> int:
    """
    Return how many units some legs are: 4 and 2 contracts are 2 units. 0 for no legs.

    >>> from engine.model.alert import Action
    >>> from engine.model.order import InstrumentKind
    >>> units_of(OrderLeg(s, InstrumentKind.EQUITY_OPTION, Action.BUY_TO_OPEN, n) for s, n in (("A", 4), ("B", 2)))
    2
    """
    return gcd(*(leg.quantity for leg in legs))


def complete_units(legs: tuple[OrderLeg, ...], fills: Iterable[Fill]) -> int:
    """Return how many units filled in every leg."""
    filled = _filled(fills)
    return min((filled.get(leg.symbol, 0) // _ratio(leg, legs) for leg in legs), default=0)


def touched_units(legs: tuple[OrderLeg, ...], fills: Iterable[Fill]) -> int:
    """Return how many units filled in at least one leg, a part of a unit counted as one."""
    filled = _filled(fills)
    return max((-(-filled.get(leg.symbol, 0) // _ratio(leg, legs)) for leg in legs), default=0)


def units_placed(legs: tuple[OrderLeg, ...], placed: tuple[OrderLeg, ...]) -> int:
    """Return how many units of an order's legs the broker's legs are; the whole order where none is the same."""
    quantities = {leg.symbol: leg.quantity for leg in placed}
    found = [quantities[leg.symbol] // _ratio(leg, legs) for leg in legs if leg.symbol in quantities]
    return max(found, default=units_of(legs))


def _ratio(leg: OrderLeg, legs: tuple[OrderLeg, ...]) -> int:
    return max(1, leg.quantity // max(1, units_of(legs)))


def _filled(fills: Iterable[Fill]) -> dict[str, int]:
    filled: dict[str, int] = {}
    for fill in fills:
        filled[fill.symbol] = filled.get(fill.symbol, 0) + fill.quantity
    return filled
