"""The days on which options and futures expire."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from engine.paper.products import Cadence, FutureProduct
from engine.parse.calendar import is_session, last_session, month_expiry, week_expiry

MONTH_LETTERS: Final = "FGHJKMNQUVXZ"
_DAYS_AHEAD: Final = 14
_WEEKS_AHEAD: Final = 8
_MONTHS_AHEAD: Final = 12
_FUTURES_AHEAD: Final = 5
_ROLL: Final = timedelta(days=8)
_FRIDAY: Final = 4
_WEEKS: Final = range(1, 6)
_DAYS: Final = "ABCD"  # Monday to Thursday


def expiries(cadence: Cadence, today: date) -> tuple[date, ...]:
    """Return the days options of a root expire on as listed on a day, that day included, in order."""
    days = set(_months(today))
    if cadence is not Cadence.MONTHLY:
        days |= {week_expiry(today + timedelta(days=ahead)) for ahead in range(7 * _WEEKS_AHEAD)}
    if cadence is Cadence.DAILY:
        days |= {day for ahead in range(_DAYS_AHEAD) if is_session(day := today + timedelta(days=ahead))}
    return tuple(sorted(day for day in days if day >= today))


def is_monthly(day: date) -> bool:
    """Return whether the standard options of its month expire on a day."""
    return day == month_expiry(day.year, day.month)


def _months(today: date) -> Iterator[date]:
    for ahead in range(_MONTHS_AHEAD + 1):
        month = today.month - 1 + ahead
        yield month_expiry(today.year + month // 12, month % 12 + 1)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a future. delivery: its first day; expiry: its last day of trading."""

    delivery: date
    expiry: date

    def code(self, digits: int = 1) -> str:
        """
        Return the letter of the month and the last digits of the year.

        >>> Month(date(2026, 12, 1), date(2026, 12, 18)).code()
        'Z6'
        """
        return month_code(self.delivery, digits)


def month_code(day: date, digits: int = 1) -> str:
    """Return the letter of a day's month and the last digits of its year."""
    return f"{MONTH_LETTERS[day.month - 1]}{str(day.year)[-digits:]}"


def future_months(product: FutureProduct, today: date) -> tuple[Month, ...]:
    """Return the months of a future listed on a day, the nearest first."""
    found: list[Month] = []
    ahead = 0
    while len(found) < _FUTURES_AHEAD:
        month = today.month - 1 + ahead
        delivery = date(today.year + month // 12, month % 12 + 1, 1)
        listed = Month(delivery, _last_day(product, delivery))
        if MONTH_LETTERS[delivery.month - 1] in product.months and listed.expiry >= today:
            found.append(listed)
        ahead += 1
    return tuple(found)


def active_place(months: tuple[Month, ...], today: date) -> int:
    """Return the place of the month most trade: the first that is not about to expire."""
    return next((place for place, month in enumerate(months) if month.expiry - _ROLL > today), len(months) - 1)


def _last_day(product: FutureProduct, delivery: date) -> date:
    """Return the third Friday for stock indexes; else, roughly, the 20th of the month before delivery."""
    if product.months == "HMUZ":
        return month_expiry(delivery.year, delivery.month)
    return last_session((delivery - timedelta(days=1)).replace(day=20))


def week_root(product: FutureProduct, day: date) -> str:
    """
    Return the root of the weekly options on a future that expire on a day; "" when there are none.

    Fridays are numbered by the week of the month ("EW4"); Monday to Thursday have a letter too ("E1A").
    """
    week = (day.day - 1) // 7 + 1
    if day.weekday() == _FRIDAY:
        return f"{product.friday}{week}" if product.friday else ""
    return f"{product.weekday}{week}{_DAYS[day.weekday()]}" if product.weekday else ""


def option_roots(product: FutureProduct) -> tuple[str, ...]:
    """Return every root of options on a future, that of those that expire with it first; empty when it has none."""
    if not product.option_root:
        return ()
    fridays = [f"{product.friday}{week}" for week in _WEEKS] if product.friday else []
    others = [f"{product.weekday}{week}{day}" for week in _WEEKS for day in _DAYS] if product.weekday else []
    return (product.option_root, *fridays, *others)
