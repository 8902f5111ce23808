"""Expiry dates as people write them, read against the day of the message."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import re2

from engine.model.alert import Problem
from engine.parse.calendar import is_session, month_expiry, next_session, next_week_expiry, week_expiry

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY = r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?)"

NUMERIC = (
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|20\d\d[01]\d[0-3]\d|\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d{2}))?"
    r"|\d{1,2}-\d{1,2}(?:-(?:\d{4}|\d{2}))?|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})"
)


def named(months: Iterable[int]) -> str:
    """Return a pattern for the dates that name one of some months, January being 0."""
    month = rf"(?:{'|'.join(_MONTH_NAMES[number] for number in months)})\.?"
    return (
        rf"\d{{1,2}}(?:st|nd|rd|th)?[\s-]?{month}(?:[\s,-]{{0,2}}(?:\d{{4}}|'?\d{{2}}))?\b"
        rf"|{month}\s?\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s{{0,2}}(?:20\d\d|'\d{{2}})|,?\s\d{{2}})?\b"
        rf"|{month}\s(?:monthly|monthlies|opex)\b|{month}[\s']{{0,2}}20\d\d\b|{month}'\d\d\b"
    )


NAMED = named(range(12))
RELATIVE = rf"\d{{1,3}}[\s-]?dte\b|\b(?:(?:this|next)\s+)?{WEEKDAY}\b"

_NUMBERS = re2.compile(r"\d+")
_DTE = re2.compile(r"(?i)^(\d{1,3})[\s-]?dte$")
_WEEKDAY_NAMED = re2.compile(rf"(?i)^(?:(this|next)\s+)?({WEEKDAY})$")
_DAY_OF_WEEK = re2.compile(rf"(?i)^({WEEKDAY})\.?,?\s")
_NAME = re2.compile(r"(?i)[a-z]{3,}")
# An expiry without a year that is no longer past than this is not one of next year.
_JUST_PAST = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Expiry:
    """A day, or why there is none. day may lie in the past: then `problem` says so."""

    day: date | None
    problem: Problem | None = None


def read_expiry(text: str, meaning: str | None, posted: date) -> Expiry:
    """
    Read an expiry.

    meaning: what the vocabulary says the words stand for ("0dte", "this_week", …), None for a written date.
    posted: the day of the message in New York; years roll from it, never from today.
    """
    text = " ".join(text.lower().split())
    relative = _relative(text, meaning, posted)
    if relative is not None:
        return _checked(relative, posted)
    try:
        day = _written(text, posted)
    except (ValueError, OverflowError):
        return Expiry(None, Problem("bad_date", f"there is no day {text!r}"))
    named = _DAY_OF_WEEK.search(text)
    if named and _DAYS.index(named.group(1)[:3]) != day.weekday():
        return Expiry(None, Problem("bad_date", f"{day} is no {named.group(1).capitalize()}, but a {day:%A}"))
    return _checked(day, posted)


def _checked(day: date, posted: date) -> Expiry:
    if day < posted:
        return Expiry(day, Problem("expired", f"{day} lies before the message of {posted}"))
    if not is_session(day):
        return Expiry(day, Problem("not_a_session", f"nothing trades on {day:%A} {day}"))
    return Expiry(day)


def _relative(text: str, meaning: str | None, posted: date) -> date | None:
    if meaning is not None:
        return _by_meaning(meaning, posted)
    if match := _DTE.search(text):
        return _sessions_ahead(posted, int(match.group(1)))
    if match := _WEEKDAY_NAMED.search(text):
        ahead = (_DAYS.index(match.group(2)[:3].lower()) - posted.weekday()) % 7
        if match.group(1) and match.group(1).lower() == "next":
            ahead += 7 if ahead + posted.weekday() < 7 else 0
        return posted + timedelta(days=ahead)
    return None


def _by_meaning(meaning: str, posted: date) -> date | None:
    month = posted.year * 12 + posted.month - 1
    if meaning == "this_month" and month_expiry(posted.year, posted.month) < posted:
        month += 1
    if meaning == "next_month":
        month += 1
    table = {
        "0dte": posted,
        "tomorrow": next_session(posted + timedelta(days=1)),
        "this_week": week_expiry(posted),
        "next_week": next_week_expiry(posted),
        "this_month": month_expiry(*year_and_month(month)),
        "next_month": month_expiry(*year_and_month(month)),
    }
    return table.get(meaning)


def year_and_month(months: int) -> tuple[int, int]:
    """
    Return (year, month) of a count of months since year 0.

    >>> year_and_month(2026 * 12 + 11)
    (2026, 12)
    """
    return months // 12, months % 12 + 1


def _sessions_ahead(posted: date, days: int) -> date:
    """0 and 1 DTE count sessions, more count calendar days, as brokers' chains do."""
    return next_session(posted + timedelta(days=1)) if days == 1 else posted + timedelta(days=days)


def _written(text: str, posted: date) -> date:
    numbers = _NUMBERS.findall(text)
    name = next((word for word in _NAME.findall(text) if word[:3] in MONTHS), None)
    if name is not None:
        return _named(MONTHS.index(name[:3]) + 1, numbers, text, posted)
    if len(numbers) == 1 and len(numbers[0]) == 8:
        return date(int(numbers[0][:4]), int(numbers[0][4:6]), int(numbers[0][6:]))
    if len(numbers) < 2:
        raise ValueError("no day without its numbers")
    if len(numbers[0]) == 4 and len(numbers) > 2:
        return date(int(numbers[0]), int(numbers[1]), int(numbers[2]))
    month, day = int(numbers[0]), int(numbers[1])
    return date(_year(numbers[2]), month, day) if len(numbers) > 2 else _rolled(month, day, posted)


def _named(month: int, numbers: list[str], text: str, posted: date) -> date:
    if not numbers:
        year = posted.year + (month_expiry(posted.year, month) < posted)
        return month_expiry(year, month)
    if len(numbers) == 1 and (len(numbers[0]) == 4 or f"'{numbers[0]}" in text):
        return month_expiry(_year(numbers[0]), month)
    day = int(numbers[0])
    return date(_year(numbers[1]), month, day) if len(numbers) > 1 else _rolled(month, day, posted)


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _rolled(month: int, day: int, posted: date) -> date:
    """Return the day's next occurrence, or the last one when that is only just past."""
    earliest = posted - _JUST_PAST
    is_ahead = (month, day) >= (earliest.month, earliest.day)
    return date(earliest.year if is_ahead else earliest.year + 1, month, day)
