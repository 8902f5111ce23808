"""
Trading hours of what an alert can name: pure values, in aware UTC.

Known: stocks and options on the New York exchanges, index options that close a quarter of an hour
later, futures on Globex, holidays and early closes of both.
Not known, and so read as closed: the overnight and curb sessions of index options, the late quarter
of an hour of options on some funds, the morning of the five days a year CME closes whole, the single
hours of grains, meats and other products that keep their own, and what the calendar package does not
know yet. Where exchanges end a short futures day at 13:15, 13:00 is used.
Source: the trading hours Cboe, Nasdaq, NYSE and CME publish, and those tastytrade takes orders in.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from engine.model.alert import Asset
from engine.model.limits import Hours
from engine.parse.calendar import NEW_YORK, market_date
from engine.parse.exchange import SATURDAY, Exchange, closed_days, early_closes

# Roots of cash-settled index options whose session ends at 16:15.
INDEXES: Final = frozenset(
    {"SPX", "SPXW", "XSP", "VIX", "VIXW", "NDX", "NDXP", "XND", "NQX", "RUT", "RUTW", "MRUT", "DJX", "OEX", "XEO"}
)


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of trading, from open up to close; aware UTC."""

    open: datetime
    close: datetime

    def __contains__(self, moment: datetime) -> bool:
        """Return whether trading goes on at an aware moment: at the open yes, at the close no longer."""
        return self.open <= moment < self.close


@dataclass(frozen=True, slots=True)
class _Timetable:
    """Hours in New York time. opens_the_day_before: the evening before the day it trades for."""

    exchange: Exchange
    opens: time
    closes: time
    closes_early: time
    opens_the_day_before: bool = False


_REGULAR: Final = _Timetable(Exchange.NYSE, time(9, 30), time(16), time(13))
_INDEX: Final = _Timetable(Exchange.NYSE, time(9, 30), time(16, 15), time(13, 15))
_EXTENDED: Final = _Timetable(Exchange.NYSE, time(7), time(20), time(17))
_GLOBEX: Final = _Timetable(Exchange.CME, time(18), time(17), time(13), opens_the_day_before=True)


def session_of(asset: Asset, symbol: str, day: date, hours: Hours = Hours.REGULAR) -> Session | None:
    """
    Return the session an instrument has on a trading day; None when it has none.

    symbol: the underlying in capitals; with a slash it is a future, or an option on one. day: in New
    York; the session of a future on a Monday opens on Sunday evening. hours: extended adds the hours
    before and after to those of stocks; options and futures have only the one session.

    >>> session_of(Asset.STOCK, "SPY", date(2026, 11, 27)).close.isoformat()
    '2026-11-27T18:00:00+00:00'
    """
    return _on(_timetable(asset, symbol, hours), day)


def session_at(asset: Asset, symbol: str, moment: datetime, hours: Hours = Hours.REGULAR) -> Session | None:
    """Return the session an aware moment lies in; None when the instrument does not trade then."""
    today = market_date(moment)
    for day in (today, today + timedelta(days=1)):
        session = session_of(asset, symbol, day, hours)
        if session is not None and moment in session:
            return session
    return None


def next_session_of(asset: Asset, symbol: str, moment: datetime, hours: Hours = Hours.REGULAR) -> Session:
    """Return the first session that opens after an aware moment."""
    day = market_date(moment)
    while (session := session_of(asset, symbol, day, hours)) is None or session.open <= moment:
        day += timedelta(days=1)
    return session


def last_trade(symbol: str, expiry: date) -> datetime | None:
    """
    Return when an option that expires on a day stops trading, aware UTC; None when nothing trades that day.

    Also an index option stops at the close of stocks on its last day. Options settled at the open
    (VIX, the monthly ones of SPX, NDX and RUT) stopped the day before; their symbol does not show it.
    """
    session = _on(_GLOBEX if symbol.startswith("/") else _REGULAR, expiry)
    return None if session is None else session.close


def _timetable(asset: Asset, symbol: str, hours: Hours) -> _Timetable:
    if asset is Asset.FUTURE or symbol.startswith("/"):
        return _GLOBEX
    if asset is Asset.OPTION:
        return _INDEX if symbol in INDEXES else _REGULAR
    return _EXTENDED if hours is Hours.EXTENDED else _REGULAR


@lru_cache(maxsize=1024)
def _on(timetable: _Timetable, day: date) -> Session | None:
    if day.weekday() >= SATURDAY or day in closed_days(timetable.exchange, day.year):
        return None
    first_day = day - timedelta(days=1) if timetable.opens_the_day_before else day
    closes = timetable.closes_early if day in early_closes(timetable.exchange, day.year) else timetable.closes
    return Session(_utc(first_day, timetable.opens), _utc(day, closes))


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, NEW_YORK).astimezone(UTC)
