"""The stricter of two limits, whatever kind of limit they are; None is no limit at all."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeVar

from engine.model.limits import Counts
from engine.model.stages import OnUnavailable

_UNAVAILABLE: Final = (OnUnavailable.DRY_RUN, OnUnavailable.ASK, OnUnavailable.BLOCK)
Limit = TypeVar("Limit")
Least = TypeVar("Least", int, Decimal, timedelta)


def either(one: Limit | None, other: Limit | None, stricter: Callable[[Limit, Limit], Limit]) -> Limit | None:
    """Return the limit that is set, or the stricter where both are; None when neither is."""
    if one is None or other is None:
        return other if one is None else one
    return stricter(one, other)


def least(one: Least | None, other: Least | None) -> Least | None:
    """
    Return the smaller of two upper bounds.

    >>> least(3, None), least(3, 2)
    (3, 2)
    """
    return either(one, other, min)


def fewest(one: Counts, other: Counts) -> Counts:
    """Return limits that both keep."""
    return Counts(
        least(one.max_open_positions, other.max_open_positions),
        least(one.max_orders_per_day, other.max_orders_per_day),
        least(one.max_daily_loss, other.max_daily_loss),
        other.span,
    )


def strictest(one: OnUnavailable, other: OnUnavailable) -> OnUnavailable:
    """Return the stricter meaning of a sandbox that could not judge: nothing is sent, a person is asked, a dry run."""
    return max(one, other, key=_UNAVAILABLE.index)
