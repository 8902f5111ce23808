"""Values out of the broker's JSON, which writes numbers as text or numbers, and times in two ways."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

Json = Mapping[str, object]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DIGITS: Final = 30


class Unreadable(ValueError):
    """An answer that is not what it must be; one sentence, without its contents."""


def text(row: Json, key: str) -> str:
    """Return a text, or a whole number as text; "" for anything else and when there is none."""
    value = row.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(row: Json, key: str) -> Decimal | None:
    """Return a finite number, written as text or as one; None when there is none."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        read = Decimal(value)
    except InvalidOperation:
        return None
    return read if read.is_finite() and abs(read.adjusted()) < _MOST_DIGITS else None


def signed(row: Json, key: str) -> Decimal | None:
    """Return an amount with the sign of its `-effect`: negative for money that leaves; None when there is none."""
    amount = number(row, key)
    return -abs(amount) if amount is not None and row.get(f"{key}-effect") == "Debit" else amount


def moment(row: Json, key: str) -> datetime | None:
    """Return a time, written in ISO or as milliseconds since 1970; None when there is none, or it is 0."""
    value = row.get(key)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        milliseconds = int(number(row, key) or 0)
        return _EPOCH + timedelta(milliseconds=milliseconds) if 0 < milliseconds < 10**14 else None
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def day(row: Json, key: str) -> date | None:
    """Return a date; None when there is none."""
    try:
        return date.fromisoformat(text(row, key)[:10])
    except ValueError:
        return None


def flag(row: Json, key: str) -> bool | None:
    """Return a truth value; None when there is none."""
    value = row.get(key)
    return value if isinstance(value, bool) else None


def rows(row: Json, key: str = "items") -> Iterator[Json]:
    """
    Give the objects of a list.

    Raises: Unreadable, when there is no list, or something else is in it.
    """
    value = row.get(key)
    if not isinstance(value, list):
        raise Unreadable(f"the answer has no list of {key}")
    for each in value:
        if not isinstance(each, dict):
            raise Unreadable(f"one of the {key} is no object")
        yield each
