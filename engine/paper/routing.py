"""Which request is whose: paths, names, and how handlers are asked and answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from engine.paper.answers import CANNOT_UPDATE, NOT_FOUND, Rejected
from engine.paper.order_views import notice_json
from engine.paper.venue import Venue
from engine.paper.wire import Json

OK: Final = 200
CREATED: Final = 201
BAD_REQUEST: Final = 400
FORBIDDEN: Final = 403
MISSING: Final = 404
REFUSED: Final = 422
BAD_GATEWAY: Final = 502
_MOST_DIGITS: Final = 18
_STATUSES: Final = {NOT_FOUND: MISSING, "not_permitted": FORBIDDEN, CANNOT_UPDATE: REFUSED}


class Refusal(Exception):
    """A request that is answered with an error. errors: what exactly is wrong, as the broker writes it."""

    def __init__(self, status: int, code: str, message: str, errors: Sequence[Json] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = tuple(errors)

    def body(self) -> Json:
        """Return the error as it is sent."""
        error: Json = {"code": self.code, "message": self.message}
        return {"error": error | {"errors": list(self.errors)} if self.errors else error}


def refusal_of(rejected: Rejected) -> Refusal:
    """Return what the exchange refused as an error."""
    status = _STATUSES.get(rejected.code, REFUSED)
    return Refusal(status, rejected.code, rejected.message, [notice_json(each) for each in rejected.problems])


def not_found(what: str) -> Refusal:
    """Return the error for something there is none of."""
    return Refusal(MISSING, NOT_FOUND, f"Couldn't find {what}")


def whole(text: str) -> int | None:
    """
    Return the whole number a text is; None when it is none.

    >>> whole("7"), whole("-7"), whole("²")
    (7, None, None)
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def bad_value(name: str, reason: str = "is invalid") -> Refusal:
    """Return the error for a value that cannot be read."""
    return Refusal(BAD_REQUEST, "validation_error", "Request validation failed", [{"domain": name, "reason": reason}])


@dataclass(frozen=True, slots=True)
class Call:
    """
    One request.

    names: the parts of the path that vary, unquoted. query: every value of each key. body: the JSON object that
    was sent, or {}. can_trade: whether its token may do more than read. version: of the `Accept-Version` header.
    origin: the host it was sent to, with its port.
    """

    venue: Venue
    now: datetime
    path: str
    names: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: Mapping[str, object]
    can_trade: bool = True
    version: str = ""
    origin: str = ""

    @property
    def account(self) -> str:
        """
        The account the path names.

        Raises: Refusal when it is not one of this environment.
        """
        account = self.names["account"]
        if account not in self.venue.exchange.accounts:
            raise Refusal(FORBIDDEN, "not_permitted", "User not permitted access")
        return account

    @property
    def trading_account(self) -> str:
        """
        The account the path names, to trade in.

        Raises: Refusal when it is not one of this environment, or the token may only read.
        """
        if not self.can_trade:
            raise Refusal(FORBIDDEN, "not_permitted", "The token has no trade scope")
        return self.account

    @property
    def number(self) -> int:
        """
        The id the path names.

        Raises: Refusal when it is no number.
        """
        number = whole(self.names["id"])
        if number is None:
            raise not_found(f"order {self.names['id']}")
        return number

    def one(self, key: str, default: str = "") -> str:
        """Return the last value of a key of the query."""
        return self.query[key][-1] if self.query.get(key) else default

    def every(self, key: str) -> Sequence[str]:
        """Return every value of a key of the query, spelled with or without its brackets."""
        return (*self.query.get(f"{key}[]", ()), *self.query.get(key, ()))


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What is sent back.

    data: what stands below `data`; whole: the whole body where there is no such envelope, else None.
    """

    data: Json
    status: int = OK
    pagination: Json | None = None
    whole: Json | None = None


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """
    One kind of request.

    pattern: the path, with names in braces for the parts that vary. in_sandbox: the status a sandbox that lacks
    the service answers with; 200 where it has it.
    """

    name: str
    method: str
    pattern: str
    handler: Handler
    in_sandbox: int = OK

    def names(self, method: str, segments: Sequence[str]) -> Mapping[str, str] | None:
        """Return the parts of a path that vary; None when it is not of this kind."""
        parts = self.pattern.split("/")[1:]
        if method != self.method or len(parts) != len(segments):
            return None
        found: dict[str, str] = {}
        for part, segment in zip(parts, segments, strict=True):
            if part.startswith("{"):
                found[part.strip("{}")] = segment
            elif part != segment:
                return None
        return found


def segments_of(raw_path: str) -> list[str]:
    """
    Return the parts of a path as it was sent, so that an escaped slash stays within its part.

    >>> segments_of("/instruments/equities/BRK%2FB?x=1")
    ['instruments', 'equities', 'BRK/B']
    """
    return [unquote(part) for part in raw_path.split("?")[0].split("/")[1:]]


def find(routes: Iterable[Route], method: str, raw_path: str) -> tuple[Route, Mapping[str, str]] | None:
    """Return the first route of a path, with the parts that vary; None when there is none."""
    segments = segments_of(raw_path)
    for route in routes:
        names = route.names(method, segments)
        if names is not None:
            return route, names
    return None
