"""What an answer of the broker means for the one who asked."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, cast

from engine.adapters.tastytrade.values import Json, Unreadable, text
from engine.model.errors import BrokerError, NothingSent, OrderRefused, OutcomeUnknown

UNAUTHORIZED: Final = 401
MISSING: Final = 404
_TIMED_OUT: Final = 408
_TOO_MANY: Final = 429
_LONGEST: Final = 400


def failure_of(status: int, body: str, what: str, *, changes: bool) -> BrokerError | None:
    """
    Return the error an answer stands for; None for a success.

    what: the request, in words without secrets ("place an order"). changes: whether the request changes something,
    so that an answer which does not settle it leaves the outcome unknown.

    >>> failure_of(502, "<html>", "place an order", changes=True).code
    'outcome_unknown'
    """
    if 200 <= status < 300:
        return None
    if status == _TOO_MANY:
        return NothingSent("broker_busy", f"too many requests: could not {what}", "wait a minute", wait=60.0)
    if 400 <= status < 500 and status != _TIMED_OUT:
        reasons = tuple(_reasons(body))
        codes = tuple(code for code, _ in reasons) or (f"http_{status}",)
        said = "; ".join(message for _, message in reasons if message) or f"status {status}"
        return OrderRefused(codes, f"could not {what}: {said[:_LONGEST]}")
    return unanswered(what, f"the answer was status {status}", changes=changes)


def unanswered(what: str, why: str, *, changes: bool) -> BrokerError:
    """Return the error of a request that was sent and has no usable answer."""
    if changes:
        return OutcomeUnknown(f"tried to {what}: {why}")
    return NothingSent("broker_unanswered", f"could not {what}: {why}", "try again later")


def whole_of(body: str) -> Json:
    """
    Return the object an answer consists of; numbers with a fraction as Decimal.

    Raises: Unreadable, when it is none.
    """
    try:
        whole = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the answer is no JSON") from error
    if not isinstance(whole, dict):
        raise Unreadable("the answer is no object")
    return cast(Json, whole)


def data_of(whole: Json) -> Json:
    """
    Return what an answer is about.

    Raises: Unreadable, when there is nothing.
    """
    data = whole.get("data")
    if not isinstance(data, dict) or not data:
        raise Unreadable("the answer has no data")
    return cast(Json, data)


def codes_of(problems: object) -> tuple[str, ...]:
    """Return the codes of a list of problems, as the broker writes them; () for none."""
    return tuple(code for code, _ in _each(problems))


def _reasons(body: str) -> Iterator[tuple[str, str]]:
    try:
        error = whole_of(body).get("error")
    except Unreadable:
        return
    if not isinstance(error, dict):
        return
    found = list(_each(error.get("errors")))
    yield from found or _each([error])


def _each(problems: object) -> Iterator[tuple[str, str]]:
    for problem in problems if isinstance(problems, list) else ():
        if not isinstance(problem, dict):
            continue
        code = text(problem, "code") or text(problem, "domain")
        if code:
            yield code, text(problem, "message") or f"{code} {text(problem, 'reason')}".strip()
