"""
Trading days of the US stock and option exchanges, and the expiries that follow from them.

Early closes are still sessions.
"""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from engine.parse.exchange import SATURDAY, Exchange, closed_days

NEW_YORK: Final = ZoneInfo("America/New_York")
FRIDAY: Final = 4


def market_date(moment: datetime) -> date:
    """
    Return the calendar day it is in New York at an aware moment.

    >>> market_date(datetime.fromisoformat("2026-01-06T03:00+00:00")).isoformat()
    '2026-01-05'
    """
    return moment.astimezone(NEW_YORK).date()


def is_session(day: date) -> bool:
    """Return whether the exchanges trade on a day, be it for half of it."""
    return day.weekday() < SATURDAY and day not in _closed(day.year)


def next_session(day: date) -> date:
    """Return the first session on a day or after it."""
    while not is_session(day):
        day += timedelta(days=1)
    return day


def last_session(day: date) -> date:
    """Return the last session on a day or before it."""
    while not is_session(day):
        day -= timedelta(days=1)
    return day


def week_expiry(day: date) -> date:
    """
    Return the day the weekly options of a day's week expire: its Friday, or the session before.

    A day after that expiry (a weekend, or a Friday that is a holiday) belongs to the week that follows.

    >>> week_expiry(date(2026, 4, 1)).isoformat()   # Good Friday is on April 3
    '2026-04-02'
    """
    expiry = last_session(day + timedelta(days=(FRIDAY - day.weekday()) % 7))
    return expiry if expiry >= day else last_session(expiry + timedelta(days=FRIDAY - expiry.weekday() + 7))


def next_week_expiry(day: date) -> date:
    """Return the weekly expiry of the week after the one `week_expiry` means."""
    expiry = week_expiry(day)
    return last_session(expiry + timedelta(days=FRIDAY - expiry.weekday() + 7))


def month_expiry(year: int, month: int) -> date:
    """
    Return the day a month's standard options expire: its third Friday, or the session before.

    >>> month_expiry(2026, 6).isoformat()   # Juneteenth is the third Friday
    '2026-06-18'
    """
    first = date(year, month, 1)
    return last_session(first + timedelta(days=(FRIDAY - first.weekday()) % 7 + 14))


@cache  # by the year alone: the hash of an enum's member costs more than the rest
def _closed(year: int) -> frozenset[date]:
    return closed_days(Exchange.NYSE, year)
