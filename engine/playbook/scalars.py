"""How the text of a scalar becomes a value: one reader for each format the schemas name."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.playbook.bound import Amount, BoundScalar

_SPAN_PART: Final = re.compile(r"([0-9]{1,6})(ms|s|m|h|d)")
_SPAN: Final = re.compile(r"[0-9]{1,6}(?:ms|s|m|h|d)(?: ?[0-9]{1,6}(?:ms|s|m|h|d))*")
_LOOSE_SPAN: Final = re.compile(r"([0-9]{1,6}) ?(m(?:illi)?s|s|m|h|d)[a-z]*\.?", re.IGNORECASE)
_PERCENT: Final = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,6})?) ?%")
_MONEY: Final = re.compile(r"\$?((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,4})?|\.[0-9]{1,4})")
_LOOSE_MONEY: Final = re.compile(
    r"(?:US)?\$? ?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(\.[0-9]{1,4})? ?(k|m|usd|dollars?)?", re.IGNORECASE
)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})")
_CLOCK: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[ T](?P<time>[0-9]{1,2}:[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r" ?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}|[A-Z][A-Za-z]*(?:/[A-Za-z0-9_+-]+)*)?"
)
_RANGE: Final = re.compile(r"([0-9]{1,4})(?:\.\.([0-9]{1,4}))?")
_LADDER_END: Final = re.compile(r"leave (\S+) then cancel")
_TRIGGER: Final = re.compile(r"(bid|ask|mid|last)(?: held (\S+))?")
_UNITS: Final[Mapping[str, timedelta]] = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_YES_NO: Final[Mapping[str, bool]] = {
    "yes": True, "true": True, "True": True, "TRUE": True, "no": False, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_LOOSE_YES_NO: Final[Mapping[str, str]] = {"on": "yes", "y": "yes", "1": "yes", "off": "no", "n": "no", "0": "no"}


class NotRead(ValueError):
    """
    A text that is not a value of its format.

    reason: what is wrong beyond its shape; "" when the shape itself is wrong.
    nearest: how it was probably meant; "".
    """

    def __init__(self, reason: str = "", nearest: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.nearest = nearest


@lru_cache(maxsize=1024)
def read_time_span(text: str) -> timedelta:
    """
    Read a length of time.

    >>> read_time_span("1h 30m")
    datetime.timedelta(seconds=5400)
    """
    if not _SPAN.fullmatch(text):
        loose = _LOOSE_SPAN.fullmatch(text)
        raise NotRead("", f"{loose[1]}{'ms' if len(loose[2]) > 1 else loose[2].lower()}" if loose else "")
    try:
        return sum((int(number) * _UNITS[unit] for number, unit in _SPAN_PART.findall(text)), timedelta())
    except OverflowError:
        raise NotRead("too long a time") from None


@lru_cache(maxsize=1024)
def read_percent(text: str) -> Decimal:
    """
    Read a percentage as a share.

    >>> read_percent("2.5%")
    Decimal('0.025')
    """
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise NotRead("", f"{text}%" if _PERCENT.fullmatch(f"{text}%") else "")
    return Decimal(found[1]).scaleb(-2)


def read_signed_percent(text: str) -> Decimal:
    """
    Read a percentage that may be below zero, as a share.

    >>> read_signed_percent("-20%")
    Decimal('-0.20')
    """
    share = read_percent(text[1:] if text[:1] in ("+", "-") else text)
    return -share if text.startswith("-") else share


@lru_cache(maxsize=1024)
def read_money(text: str) -> Decimal:
    """
    Read dollars.

    >>> read_money("$5,000")
    Decimal('5000')
    """
    found = _MONEY.fullmatch(text)
    if found is None:
        raise NotRead("", _nearest_money(text))
    return Decimal(found[1].replace(",", ""))


def _nearest_money(text: str) -> str:
    found = _LOOSE_MONEY.fullmatch(text.strip())
    if found is None:
        return ""
    number = Decimal(found[1].replace(",", "") + (found[2] or ""))
    unit = (found[3] or "").lower()
    number *= {"k": 1_000, "m": 1_000_000}.get(unit, 1)
    return f"${number:,.2f}".removesuffix(".00")


def read_amount(text: str) -> Amount:
    """
    Read dollars per share, or a percentage.

    >>> read_amount("10%")
    Amount(number=Decimal('0.10'), is_share=True)
    """
    return Amount(read_percent(text), is_share=True) if text.endswith("%") else Amount(read_money(text), is_share=False)


def read_integer(text: str) -> int:
    """Read a whole number; leading zeros mean nothing."""
    if not _INTEGER.fullmatch(text):
        loose = text.replace(",", "").replace("_", "")
        raise NotRead("", loose if loose != text and _INTEGER.fullmatch(loose) else "")
    return int(text)


def read_number(text: str) -> Decimal:
    """Read a number, exactly as written."""
    if not _NUMBER.fullmatch(text):
        raise NotRead
    return Decimal(text)


def read_yes_no(text: str) -> bool:
    """Read yes or no; true and false are other words for them."""
    value = _YES_NO.get(text)
    if value is None:
        lowered = text.lower()
        raise NotRead("", lowered if lowered in _YES_NO else _LOOSE_YES_NO.get(lowered, ""))
    return value


def read_clock_time(text: str) -> time:
    """
    Read a time of day.

    >>> read_clock_time("9:30")
    datetime.time(9, 30)
    """
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise NotRead
    try:
        return time(int(found[1]), int(found[2]))
    except ValueError:
        raise NotRead("there is no such time") from None


def read_date(text: str) -> date:
    """Read a date as year-month-day."""
    if not _DATE.fullmatch(text):
        raise NotRead
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotRead("there is no such date") from None


def read_moment(text: str) -> datetime:
    """
    Read a moment as aware UTC.

    A time that a clock change skips or repeats is refused: it names no moment, or two.

    >>> read_moment("2026-11-24 10:05 America/New_York").isoformat()
    '2026-11-24T15:05:00+00:00'
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise NotRead
    if found["zone"] is None:
        raise NotRead("it names no time zone", f"{text} America/New_York")
    second = int(found["second"] or 0)
    if second > 59:
        raise NotRead("there is no such time")
    local = datetime.combine(read_date(found["date"]), read_clock_time(found["time"]).replace(second=second))
    zone = found["zone"]
    if zone == "Z" or zone[0] in "+-":
        return _with_offset(local, zone)
    return _in_zone(local, read_time_zone(zone))


def _with_offset(local: datetime, offset: str) -> datetime:
    try:
        return datetime.fromisoformat(f"{local.isoformat()}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotRead("there is no such offset from UTC") from None


def _in_zone(local: datetime, zone: str) -> datetime:
    first = local.replace(tzinfo=ZoneInfo(zone))
    try:
        moment, later = first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)
    except OverflowError:
        raise NotRead("there is no such time") from None
    if moment == later:
        return moment
    if moment.astimezone(first.tzinfo).replace(tzinfo=None) != local:
        raise NotRead("the clocks skip this time")
    raise NotRead("the clocks show this time twice; write the offset from UTC instead of the zone")


@lru_cache(maxsize=256)
def read_time_zone(text: str) -> str:
    """Read the IANA name of a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotRead("there is no such time zone") from None
    return text


def read_range(text: str) -> tuple[int, int]:
    """
    Read a range, both ends included.

    >>> read_range("0..7")
    (0, 7)
    """
    found = _RANGE.fullmatch(text)
    if found is None:
        meant = _RANGE.fullmatch(re.sub(r" ?(-|–|to|\.{1,3}) ?", "..", text))
        is_range = meant is not None and int(meant[1]) <= int(meant[2] or meant[1])
        raise NotRead("", meant[0] if meant and is_range else "")
    low, high = int(found[1]), int(found[2] or found[1])
    if high < low:
        raise NotRead("it ends before it begins", f"{high}..{low}")
    return low, high


def read_ladder_end(text: str) -> str | timedelta:
    """Read how a ladder ends: "cancel", "marketable_limit", or how long to leave the order before cancelling."""
    found = _LADDER_END.fullmatch(text)
    if found is not None:
        return read_time_span(found[1])
    if text not in ("cancel", "marketable_limit"):
        raise NotRead
    return text


def read_trigger(text: str) -> tuple[str, timedelta]:
    """
    Read the price that sets off a stop, and for how long it must stay there.

    >>> read_trigger("bid held 3s")
    ('bid', datetime.timedelta(seconds=3))
    """
    found = _TRIGGER.fullmatch(text)
    if found is None:
        raise NotRead
    return found[1], read_time_span(found[2]) if found[2] else timedelta()


def read_text(text: str) -> str:
    """Return the text as it is."""
    return text


READERS: Final[Mapping[str, Callable[[str], BoundScalar]]] = {
    "time-span": read_time_span,
    "percent": read_percent,
    "signed-percent": read_signed_percent,
    "money": read_money,
    "amount": read_amount,
    "yes-no": read_yes_no,
    "clock-time": read_clock_time,
    "date": read_date,
    "moment": read_moment,
    "time-zone": read_time_zone,
    "range": read_range,
    "ticks": read_integer,
    "ladder-end": read_ladder_end,
    "trigger": read_trigger,
}
TYPE_READERS: Final[Mapping[str, Callable[[str], BoundScalar]]] = {
    "integer": read_integer,
    "number": read_number,
    "boolean": read_yes_no,
}
