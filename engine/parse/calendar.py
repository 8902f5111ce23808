"""
Trading days of the US exchanges, by rule.

Holidays are computed, not listed, so any year works; Good Friday, Juneteenth (since 2022) and the
observed days are included, days of mourning since 2015 are listed. Early closes are still sessions.
Source: NYSE Rule 7.2 and the exchange's published holiday calendars.
"""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

NEW_YORK: Final = ZoneInfo("America/New_York")

MOURNING: Final = frozenset(
    {
        date(2018, 12, 5),  # George H. W. Bush
        date(2025, 1, 9),  # Jimmy Carter
    }
)

MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6


def market_date(moment: datetime) -> date:
    """
    Return the calendar day it is in New York at an aware moment.

    >>> market_date(datetime.fromisoformat("2026-01-06T03:00+00:00")).isoformat()
    '2026-01-05'
    """
    return moment.astimezone(NEW_YORK).date()


def is_session(day: date) -> bool:
    """Return whether the exchanges trade on a day, be it for half of it."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


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
    return last_session(_nth(year, month, FRIDAY, 3))


@cache
def holidays(year: int) -> frozenset[date]:
    """Return the weekdays of a year without a session."""
    days = {
        _nth(year, 1, MONDAY, 3),  # Martin Luther King
        _nth(year, 2, MONDAY, 3),  # Washington
        _easter(year) - timedelta(days=2),  # Good Friday
        _last_monday_of_may(year),  # Memorial Day
        _observed(date(year, 7, 4)),
        _nth(year, 9, MONDAY, 1),  # Labor Day
        _nth(year, 11, THURSDAY, 4),  # Thanksgiving
        _observed(date(year, 12, 25)),
    }
    new_year = date(year, 1, 1)
    if new_year.weekday() != SATURDAY:  # never observed on the Friday before: that is the end of an accounting year
        days.add(_observed(new_year))
    if year >= 2022:
        days.add(_observed(date(year, 6, 19)))
    return frozenset(days | {day for day in MOURNING if day.year == year})


def _observed(day: date) -> date:
    if day.weekday() == SATURDAY:
        return day - timedelta(days=1)
    if day.weekday() == SUNDAY:
        return day + timedelta(days=1)
    return day


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _last_monday_of_may(year: int) -> date:
    end = date(year, 5, 31)
    return end - timedelta(days=end.weekday())


def _easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Gauss's rule with Lilius's corrections)."""
    golden = year % 19
    century = year // 100
    skipped_leaps = century - century // 4
    moon_shift = (8 * century + 13) // 25
    full_moon = (19 * golden + skipped_leaps - moon_shift + 15) % 30  # days after March 21
    full_moon -= (golden + 11 * full_moon) // 319
    sunday = date(year, 3, 21) + timedelta(days=full_moon)
    return sunday + timedelta(days=7 - (sunday.weekday() + 1) % 7)
