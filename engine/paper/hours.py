"""When an instrument trades, and until when an order for it works."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from engine.model.alert import Asset
from engine.model.limits import Hours
from engine.paper.instruments import Instrument
from engine.paper.words import InstrumentType, TimeInForce
from engine.parse.calendar import NEW_YORK, market_date
from engine.parse.sessions import Session, next_session_of, session_at, session_of

_ASSETS: Final = {
    InstrumentType.EQUITY: Asset.STOCK,
    InstrumentType.EQUITY_OPTION: Asset.OPTION,
    InstrumentType.FUTURE: Asset.FUTURE,
    InstrumentType.FUTURE_OPTION: Asset.FUTURE,
}

# Orders that wait for the same quotes ask at the same moments.
_session_at: Final = lru_cache(maxsize=4096)(session_at)


def trading_session(instrument: Instrument, now: datetime, *, is_extended: bool = False) -> Session | None:
    """Return the session an instrument trades in at a moment; None while it is closed."""
    return _session_at(_asset(instrument), _root(instrument), now, _hours(is_extended=is_extended))


def coming_session(instrument: Instrument, now: datetime, *, is_extended: bool = False) -> Session:
    """Return the session that goes on at a moment, or the next one."""
    current = trading_session(instrument, now, is_extended=is_extended)
    return current or next_session_of(_asset(instrument), _root(instrument), now, _hours(is_extended=is_extended))


def last_session_before(instrument: Instrument, now: datetime, *, is_extended: bool = False) -> Session:
    """Return the last session that was over at a moment."""
    day = market_date(now) + timedelta(days=1)
    hours = _hours(is_extended=is_extended)
    while (session := session_of(_asset(instrument), _root(instrument), day, hours)) is None or session.close > now:
        day -= timedelta(days=1)
    return session


def works_until(instrument: Instrument, force: TimeInForce, gtc_date: date | None, now: datetime) -> datetime | None:
    """Return when an order taken at a moment expires; None when it is good till cancelled."""
    if force.ends_with_the_day:
        return coming_session(instrument, now, is_extended=force.is_extended).close
    if force is TimeInForce.GTD and gtc_date is not None:
        return _last_close(instrument, gtc_date)
    return None


def _last_close(instrument: Instrument, day: date) -> datetime:
    while (session := session_of(_asset(instrument), _root(instrument), day)) is None:
        day -= timedelta(days=1)
    return session.close


def trading_day(now: datetime) -> date:
    """Return the day it is for the exchange: New York's."""
    return market_date(now)


def start_of(day: date) -> datetime:
    """Return the first moment of a day in New York, in UTC."""
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)


def _asset(instrument: Instrument) -> Asset:
    return _ASSETS[instrument.instrument_type]


def _root(instrument: Instrument) -> str:
    return getattr(instrument, "root", instrument.underlying)


def _hours(*, is_extended: bool) -> Hours:
    return Hours.EXTENDED if is_extended else Hours.REGULAR
