"""
Requests of tests, not of the broker: `/_paper/...`.

They need no token, count towards no limit and never go wrong. Bodies are JSON objects.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

from engine.model.nearest import nearest
from engine.paper.conduct import Quirk
from engine.paper.faults import NoSuchPlace, Slip, Trouble
from engine.paper.routing import Answer, Call, Route, bad_value
from engine.paper.wire import items, moment

PREFIX: Final = "/_paper"
_LONGEST: Final = 366 * 86_400  # seconds
_Word = TypeVar("_Word", bound=StrEnum)


def _fault(call: Call) -> Answer:
    kind, where = str(call.body.get("kind")), str(call.body.get("where") or "")
    try:
        call.venue.faults.script(_fault_of(kind), where, _times(call))
    except NoSuchPlace as error:
        raise bad_value("where", str(error)) from error
    return _done(call)


def _fault_of(kind: str) -> Trouble | Slip:
    return Slip(kind) if kind in set(Slip) else _word(Trouble, kind, "kind", (*Trouble, *Slip))


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
    shown.delay = timedelta(seconds=_seconds(call, "delay", 0))
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


def _word(kind: type[_Word], text: str, name: str, valid: Iterable[str] = ()) -> _Word:
    """Read a word; valid: what is offered instead of one there is none of, all of its kind when left out."""
    words = [str(word) for word in valid or kind]
    if text not in set(kind):
        alike = nearest(text, words)
        hint = f"did you mean {alike!r}?" if alike else f"it is one of {', '.join(words)}"
        raise bad_value(name, f"{text!r} is none: {hint}")
    return kind(text)


def _clock(call: Call) -> Answer:
    """Say what time it is there and how fast it passes, so that a client process can keep the same time."""
    return Answer({"now": moment(call.now), "speed": call.venue.clock.speed})


def _advance(call: Call) -> Answer:
    """Let time pass at once, for both environments: they share the clock."""
    call.venue.clock.advance(timedelta(seconds=_seconds(call, "seconds")))
    return Answer({"now": moment(call.venue.now()), "speed": call.venue.clock.speed})


def _seconds(call: Call, name: str, default: float | None = None) -> float:
    seconds = call.body.get(name, default)
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= _LONGEST:
        raise bad_value(name, f"is not a number from 0 to {_LONGEST}")
    return seconds


def _times(call: Call) -> int:
    times = call.body.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise bad_value("times", "is not a whole number above 0")
    return times


def _symbols(call: Call, name: str) -> list[str]:
    symbols = call.body.get(name) or []
    if not isinstance(symbols, list):
        raise bad_value(name)
    return [str(symbol) for symbol in symbols]


CONTROL_ROUTES: Final = (
    Route("control_clock", "GET", f"{PREFIX}/clock", _clock),
    Route("control_advance", "POST", f"{PREFIX}/clock", _advance),
    Route("control_fault", "POST", f"{PREFIX}/faults", _fault),
    Route("control_no_faults", "DELETE", f"{PREFIX}/faults", _no_faults),
    Route("control_quirk", "POST", f"{PREFIX}/quirks", _quirk),
    Route("control_quotes", "PUT", f"{PREFIX}/quotes", _quotes),
    Route("control_reset", "POST", f"{PREFIX}/reset", _reset),
    Route("control_tokens", "DELETE", f"{PREFIX}/tokens", _forget_tokens),
    Route("control_requests", "GET", f"{PREFIX}/requests", _requests),
)
