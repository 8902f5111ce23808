"""Days gathered to days, weeks or months, so that a plot has room for them."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

_MOST: Final = 70  # periods a plot has room for


class Period(StrEnum):
    """How many days one mark of a plot stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """
        Return the first day of the period a day lies in; weeks begin on Monday.

        >>> Period.WEEK.start(date(2026, 11, 26)), Period.MONTH.start(date(2026, 11, 26))
        (datetime.date(2026, 11, 23), datetime.date(2026, 11, 1))
        """
        if self is Period.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is Period.MONTH else day


def period_for(days: Iterable[date]) -> Period:
    """
    Return the shortest period that leaves few enough of them between the first and the last day.

    >>> period_for([date(2026, 1, 1), date(2026, 6, 1)])
    <Period.WEEK: 'week'>
    """
    known = tuple(days)
    span = (max(known) - min(known)).days + 1 if known else 1
    if span <= _MOST:
        return Period.DAY
    return Period.WEEK if span <= 7 * _MOST else Period.MONTH


def all_periods(days: Iterable[date], period: Period) -> tuple[date, ...]:
    """Return the first day of every period from the first to the last, also of those nothing lies in."""
    known = {period.start(day) for day in days}
    if not known:
        return ()
    found, last = [min(known)], max(known)
    while found[-1] < last:
        found.append(period.start(found[-1] + timedelta(days={"day": 1, "week": 7, "month": 31}[period.value])))
    return tuple(found)
