"""Requests about sessions and holidays."""

from datetime import date, timedelta
from typing import Final

from engine.paper.hours import trading_day
from engine.paper.market_views import (
    COLLECTIONS,
    current_session_json,
    holidays_json,
    next_session_json,
    previous_session_json,
    sessions_json,
)
from engine.paper.order_reading import read_day
from engine.paper.routing import Answer, Call, Route, bad_value
from engine.paper.wire import items
from engine.parse.exchange import Exchange

_EQUITY: Final = "Equity"
_FUTURES: Final = ("CME", "CFE")
_LONGEST: Final = timedelta(days=366)


def _collection(call: Call) -> str:
    """Return the futures exchange the path names; Equity where it names none."""
    collection = call.names.get("collection", _EQUITY)
    if collection not in COLLECTIONS:
        raise bad_value("instrument-collection")
    return collection


def _current_of_several(call: Call) -> Answer:
    wanted = call.every("instrument-collections") or tuple(COLLECTIONS)
    if not set(wanted) <= set(COLLECTIONS):
        raise bad_value("instrument-collections")
    return Answer(items(current_session_json(collection, call.now) for collection in wanted))


def _current(call: Call) -> Answer:
    return Answer(current_session_json(_collection(call), call.now))


def _current_of_futures(call: Call) -> Answer:
    return Answer(items(current_session_json(collection, call.now) for collection in _FUTURES))


def _next(call: Call) -> Answer:
    return Answer(next_session_json(_collection(call), _day(call, "date"), call.now))


def _previous(call: Call) -> Answer:
    return Answer(previous_session_json(_collection(call), _day(call, "date"), call.now))


def _between(call: Call) -> Answer:
    last = read_day("to-date", call.one("to-date"))
    first = _day(call, "from-date") or trading_day(call.now)
    collection = call.one("instrument-collection", _EQUITY)
    if last is None or last - first > _LONGEST:
        raise bad_value("to-date", "is missing, or more than a year after from-date")
    if collection not in COLLECTIONS:
        raise bad_value("instrument-collection")
    return Answer(items(sessions_json(collection, first, last)))


def _day(call: Call, name: str) -> date | None:
    return read_day(name, call.one(name))


def _equity_holidays(call: Call) -> Answer:
    return Answer(holidays_json(Exchange.NYSE, trading_day(call.now)))


def _future_holidays(call: Call) -> Answer:
    _collection(call)
    return Answer(holidays_json(Exchange.CME, trading_day(call.now)))


_TIME: Final = "/market-time"
SESSION_ROUTES: Final = (
    Route("sessions", "GET", f"{_TIME}/sessions/current", _current_of_several),
    Route("sessions_between", "GET", f"{_TIME}/sessions", _between),
    Route("equity_session", "GET", f"{_TIME}/equities/sessions/current", _current),
    Route("next_equity_session", "GET", f"{_TIME}/equities/sessions/next", _next),
    Route("previous_equity_session", "GET", f"{_TIME}/equities/sessions/previous", _previous),
    Route("future_sessions", "GET", f"{_TIME}/futures/sessions/current", _current_of_futures),
    Route("future_session", "GET", f"{_TIME}/futures/sessions/current/{{collection}}", _current),
    Route("next_future_session", "GET", f"{_TIME}/futures/sessions/next/{{collection}}", _next),
    Route("previous_future_session", "GET", f"{_TIME}/futures/sessions/previous/{{collection}}", _previous),
    Route("equity_holidays", "GET", f"{_TIME}/equities/holidays", _equity_holidays),
    Route("future_holidays", "GET", f"{_TIME}/futures/holidays/{{collection}}", _future_holidays),
)
