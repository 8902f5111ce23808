"""
Requests of tests, not of the broker: `/_paper/...`.

They need no token, count towards no limit and never go wrong. Bodies are JSON objects.
"""

from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

from engine.paper.conduct import Quirk
from engine.paper.faults import Slip, Trouble
from engine.paper.routing import Answer, Call, Route, bad_value
from engine.paper.wire import items, moment

PREFIX: Final = "/_paper"
_Word = TypeVar("_Word", bound=StrEnum)


def _fault(call: Call) -> Answer:
    kind = str(call.body.get("kind"))
    found = _word(Slip, kind, "kind") if kind in set(Slip) else _word(Trouble, kind, "kind")
    call.venue.faults.script(found, str(call.body.get("where") or ""), _times(call))
    return _done(call)


def _no_faults(call: Call) -> Answer:
    call.venue.faults.clear()
    return _done(call)


def _quirk(call: Call) -> Answer:
    quirk = _word(Quirk, str(call.body.get("quirk")), "quirk")
    identifier = str(call.body.get("identifier") or "")
    call.venue.exchange.script(quirk, identifier=identifier, times=_times(call))
    return _done(call)


def _quotes(call: Call) -> Answer:
    shown = call.venue.shown
    shown.delay = timedelta(seconds=float(str(call.body.get("delay") or 0)))
    shown.frozen = dict.fromkeys(_symbols(call, "frozen"), call.now)
    shown.one_sided = set(_symbols(call, "one-sided"))
    shown.missing = set(_symbols(call, "missing"))
    return _done(call)


def _reset(call: Call) -> Answer:
    call.venue.exchange.reset(call.now)
    return _done(call)


def _forget_tokens(call: Call) -> Answer:
    call.venue.tokens.forget()
    return _done(call)


def _requests(call: Call) -> Answer:
    return Answer(items(asdict(each) | {"at": moment(each.at)} for each in call.venue.journey.asked))


def _done(call: Call) -> Answer:
    return Answer({"environment": call.venue.name.value, "now": moment(call.now)})


def _word(kind: type[_Word], text: str, name: str) -> _Word:
    try:
        return kind(text)
    except ValueError:
        raise bad_value(name) from None


def _times(call: Call) -> int:
    times = call.body.get("times", 1)
    if not isinstance(times, int):
        raise bad_value("times")
    return times


def _symbols(call: Call, name: str) -> list[str]:
    symbols = call.body.get(name) or []
    if not isinstance(symbols, list):
        raise bad_value(name)
    return [str(symbol) for symbol in symbols]


CONTROL_ROUTES: Final = (
    Route("control_fault", "POST", f"{PREFIX}/faults", _fault),
    Route("control_no_faults", "DELETE", f"{PREFIX}/faults", _no_faults),
    Route("control_quirk", "POST", f"{PREFIX}/quirks", _quirk),
    Route("control_quotes", "PUT", f"{PREFIX}/quotes", _quotes),
    Route("control_reset", "POST", f"{PREFIX}/reset", _reset),
    Route("control_tokens", "DELETE", f"{PREFIX}/tokens", _forget_tokens),
    Route("control_requests", "GET", f"{PREFIX}/requests", _requests),
)
