"""What a position is worth at its worst and at its best, from its legs alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.model.alert import Asset, Leg
from engine.model.instrument import OPTION_MULTIPLIER, Right

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Payoff:
    """
    The value of one unit at expiry, in dollars per share of one option, over all prices of the underlying.

    worst, best: None where it has no bound.
    """

    worst: Decimal | None
    best: Decimal | None


def payoff(legs: Sequence[Leg]) -> Payoff:
    """
    Return what one unit of opening legs is worth at its worst and at its best.

    An option that lives longer than another counts as its intrinsic value, the least it can be worth. Shares count by
    the hundred. Legs without a strike are left out.
    """
    prices = {_ZERO, *(leg.strike for leg in legs if leg.strike is not None)}
    values = [sum((_worth(leg, price) for leg in legs), _ZERO) for price in prices]
    slope = sum((_slope(leg) for leg in legs), _ZERO)
    return Payoff(None if slope < 0 else min(values), None if slope > 0 else max(values))


def _worth(leg: Leg, price: Decimal) -> Decimal:
    return _units(leg) * _intrinsic(leg, price)


def _intrinsic(leg: Leg, price: Decimal) -> Decimal:
    if leg.asset is Asset.STOCK:
        return price
    if leg.strike is None:
        return _ZERO
    return max(_ZERO, price - leg.strike if leg.right is Right.CALL else leg.strike - price)


def _slope(leg: Leg) -> Decimal:
    """Return what a dollar more adds when the underlying is above all strikes."""
    return _ZERO if leg.right is Right.PUT else _units(leg)


def _units(leg: Leg) -> Decimal:
    units = Decimal(leg.ratio) / OPTION_MULTIPLIER if leg.asset is Asset.STOCK else Decimal(leg.ratio)
    return units if leg.action.buys else -units
