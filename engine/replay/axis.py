"""Where the marks of a plot's axis stand, and what is written at them."""

from collections.abc import Sequence
from datetime import date
from itertools import count
from math import ceil, floor, log10
from typing import Final

_STEPS: Final = (1, 2, 5, 10)


def marks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """
    Return round numbers at equal distances that enclose low to high, whole ones for counts.

    most: at most about so many.

    >>> marks(0, 23)
    (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
    >>> marks(-120.5, 80)
    (-150.0, -100.0, -50.0, 0.0, 50.0, 100.0)
    """
    rough = max(1.0, (high - low) / (most - 1))
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * each for each in _STEPS if unit * each >= rough * 0.999)
    first, last = floor(low / step), ceil(high / step)
    last += first == last
    return tuple(step * number for number in range(first, last + 1))


def number_text(value: float) -> str:
    """
    Return a round number as a mark shows it.

    >>> number_text(2500), number_text(-50.0)
    ('2,500', '−50')
    """
    return f"{value:,.0f}".replace("-", "−")


def money_text(value: float) -> str:
    """
    Return dollars as a mark shows them.

    >>> money_text(-1500.0)
    '−$1,500'
    """
    sign = "−" if value < 0 else ""
    return f"{sign}${abs(value):,.0f}"


def shown_days(days: Sequence[date], most: int = 8) -> tuple[int, ...]:
    """
    Return the indices of the days that are written at an axis, so that they do not overlap.

    >>> shown_days([date(2026, 1, day) for day in range(1, 21)], most=5)
    (0, 4, 8, 12, 16)
    """
    every = next(step for step in count(1) if ceil(len(days) / step) <= most)
    return tuple(range(0, len(days), every))
