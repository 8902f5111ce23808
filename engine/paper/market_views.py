"""Quotes, sessions and holidays as the broker writes them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from engine.model.alert import Asset
from engine.model.limits import Hours
from engine.paper.hours import trading_day
from engine.paper.instruments import Instrument
from engine.paper.quotes import Quote
from engine.paper.wire import Json, moment, number
from engine.parse.calendar import last_session
from engine.parse.exchange import Exchange, closed_days, early_closes
from engine.parse.sessions import Session, session_of

COLLECTIONS: Final = {"Equity": "SPY", "CME": "/ES", "CFE": "/VX"}
_REACH: Final = {
    "low-limit-price": Decimal("0.9"),
    "high-limit-price": Decimal("1.1"),
    "year-low-price": Decimal("0.7"),
    "year-high-price": Decimal("1.2"),
}
_PRE_MARKET: Final = timedelta(minutes=75)
_WEEKS: Final = timedelta(days=14)


def quote_json(instrument: Instrument, quote: Quote) -> Json:
    """Write the market data of one instrument; a side that is missing is left out, and SPX is an Equity there."""
    day = trading_day(quote.at)
    mark = quote.mark
    prices = {
        "ask": quote.ask,
        "bid": quote.bid,
        "last": quote.last,
        "last-mkt": quote.last,
        "mark": mark,
        "mid": mark,
        "open": mark,
        "day-high-price": mark,
        "day-low-price": mark,
        "prev-close": quote.last,
        **_reach(mark),
    }
    return {
        "symbol": instrument.symbol,
        "instrument-type": instrument.instrument_type.value,
        "updated-at": moment(quote.at),
        **{name: number(price) for name, price in prices.items() if price is not None},
        "ask-size": number(Decimal(quote.ask_size)),
        "bid-size": number(Decimal(quote.bid_size)),
        "close-price-type": "Regular",
        "halt-end-time": -1,
        "halt-start-time": -1,
        "is-trading-halted": False,
        "prev-close-date": last_session(day - timedelta(days=1)).isoformat(),
        "prev-close-price-type": "Regular",
        "summary-date": day.isoformat(),
        "volume": number(Decimal(quote.bid_size + quote.ask_size)),
    }


def _reach(mark: Decimal | None) -> dict[str, Decimal | None]:
    """Return how far a price has gone and may go: plain parts of it, as no history is kept."""
    return {name: None if mark is None else round(mark * part, 2) for name, part in _REACH.items()}


def current_session_json(collection: str, now: datetime) -> Json:
    """Write the session of today, or the one before it, and its neighbours; collection: a key of COLLECTIONS."""
    today = trading_day(now)
    days = list(_session_days(collection, today - timedelta(days=10), today + timedelta(days=10)))
    begun = [day for day in days if _snapshot(collection, day)[0].open - _PRE_MARKET <= now]
    current = begun[-1]
    coming = days[len(begun)] if len(begun) < len(days) else current
    session, extended = _snapshot(collection, current)
    return _hours_json(collection, session, extended) | {
        "state": _state(session, extended, now),
        "next-session": _dated(collection, coming),
        "previous-session": _dated(collection, begun[-2]),
    }


def next_session_json(collection: str, after: date | None, now: datetime) -> Json:
    """Write the first session after a day, or the next one to open when the day is None."""
    day = trading_day(now) if after is None else after
    found = _session_days(collection, day, day + _WEEKS)
    if after is None:
        return next(_dated(collection, each) for each in found if _snapshot(collection, each)[0].open > now)
    return next(_dated(collection, each) for each in found if each > after)


def previous_session_json(collection: str, before: date | None, now: datetime) -> Json:
    """Write the last session before a day, or the last one that is over when the day is None."""
    day = trading_day(now) if before is None else before
    found = reversed(list(_session_days(collection, day - _WEEKS, day)))
    if before is None:
        return next(_dated(collection, each) for each in found if _snapshot(collection, each)[0].close <= now)
    return next(_dated(collection, each) for each in found if each < before)


def sessions_json(collection: str, first: date, last: date) -> list[Json]:
    """Write every session from one day to another, both included."""
    return [_hours_json(collection, *_snapshot(collection, day)) for day in _session_days(collection, first, last)]


def holidays_json(exchange: Exchange, today: date) -> Json:
    """Write the days an exchange is closed, and those it closes early, of this year and the next."""
    years = (today.year, today.year + 1)
    return {
        "market-half-days": [day.isoformat() for day in _sorted(early_closes(exchange, year) for year in years)],
        "market-holidays": [day.isoformat() for day in _sorted(closed_days(exchange, year) for year in years)],
    }


def _sorted(years: Iterable[frozenset[date]]) -> list[date]:
    return sorted(day for days in years for day in days)


def _session_days(collection: str, first: date, last: date) -> Iterable[date]:
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        if _hours(collection, day, Hours.REGULAR) is not None:
            yield day


def _hours(collection: str, day: date, hours: Hours) -> Session | None:
    asset = Asset.STOCK if collection == "Equity" else Asset.FUTURE
    return session_of(asset, COLLECTIONS[collection], day, hours)


def _snapshot(collection: str, day: date) -> tuple[Session, Session]:
    """Return the regular and the extended hours of a day that has a session."""
    regular = _hours(collection, day, Hours.REGULAR)
    extended = _hours(collection, day, Hours.EXTENDED)
    if regular is None or extended is None:
        raise ValueError(f"{collection} has no session on {day}")
    return regular, extended


def _state(session: Session, extended: Session, now: datetime) -> str:
    if now in session:
        return "Open"
    if now < session.open:
        return "Pre-market"
    return "Extended" if now in extended else "Closed"


def _hours_json(collection: str, session: Session, extended: Session) -> Json:
    return {
        "close-at": moment(session.close),
        "close-at-ext": moment(extended.close),
        "instrument-collection": collection,
        "open-at": moment(session.open),
        "start-at": moment(session.open - _PRE_MARKET),
    }


def _dated(collection: str, day: date) -> Json:
    return _hours_json(collection, *_snapshot(collection, day)) | {"session-date": day.isoformat()}
