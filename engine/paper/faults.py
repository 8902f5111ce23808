"""What goes wrong on the way between a client and an exchange: scripted, or by chance of a seed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

from engine.model.nearest import nearest


class Trouble(StrEnum):
    """
    One way a request can go wrong.

    Before anything is done: UNAUTHORIZED (401; all tokens are forgotten), TOO_MANY (429, HTML), SERVER_ERROR (500),
    BAD_GATEWAY (502, HTML), LOST_BEFORE (no answer for minutes).
    After it was done: LOST_AFTER (no answer for minutes), ERROR_AFTER (502, HTML), CUT (the answer ends in its
    middle), EMPTY (a 2xx without a body), ODD_STATUS (each status in the answer is one clients do not know),
    MISSING_KEY (orders lack their legs), SLOW (the answer comes ten seconds later).
    """

    UNAUTHORIZED = "unauthorized"
    TOO_MANY = "too_many"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    ERROR_AFTER = "error_after"
    CUT = "cut"
    EMPTY = "empty"
    ODD_STATUS = "odd_status"
    MISSING_KEY = "missing_key"
    SLOW = "slow"


class Slip(StrEnum):
    """
    One way a message of the account stream can go wrong.

    LOSE: it never comes. DOUBLE: it comes twice. SWAP: it comes after the next one of its kind. ODD_STATUS: its
    status is one clients do not know. ODD_USER: its user id is a number. CLOSE: the server hangs up instead. FREEZE:
    nothing more comes on the connections there are, which stay open.
    """

    LOSE = "lose"
    DOUBLE = "double"
    SWAP = "swap"
    ODD_STATUS = "unknown_status"  # no word of Trouble: the two are told apart by their values
    ODD_USER = "odd_user"
    CLOSE = "close"
    FREEZE = "freeze"


# Signing in, opening a stream and quotes go wrong only where they are named.
TOKEN: Final = "token"
ACCOUNT_STREAM: Final = "account_stream"
QUOTE_STREAM: Final = "quote_stream"
QUOTES: Final = "FEED_DATA"
_ONLY_BY_NAME: Final = frozenset({TOKEN, ACCOUNT_STREAM, QUOTE_STREAM, QUOTES})

_Kind = TypeVar("_Kind", Trouble, Slip)


class NoSuchPlace(ValueError):
    """A fault was scripted for a request or a message there is none of."""


class Faults:
    """
    Which requests and messages go wrong.

    chances: how often each kind strikes by itself, from 0 to 1; the same seed strikes in the same places.
    requests, messages: the names faults can be scripted for; any when there are none. struck: how often each kind
    did.
    """

    def __init__(self, seed: int = 0, chances: Mapping[Trouble | Slip, float] | None = None) -> None:
        self.chances: dict[Trouble | Slip, float] = dict(chances or {})
        self.requests: frozenset[str] = frozenset()
        self.messages: frozenset[str] = frozenset()
        self.struck: Counter[Trouble | Slip] = Counter()
        self._seed = seed
        self._asked = 0
        self._scripted: dict[tuple[Trouble | Slip, str], int] = defaultdict(int)

    def script(self, kind: Trouble | Slip, where: str = "", times: int = 1) -> None:
        """
        Have the next ones go wrong: requests by a Trouble, messages by a Slip.

        where: the name of a route ("place_order"), or of a kind of message ("Order"); "" for any. Signing in
        ("token"), opening a stream ("account_stream", "quote_stream": the upgrade is refused) and frames of quotes
        ("FEED_DATA": closed, frozen or lost) go wrong only when they are named, and never by chance.
        Raises: NoSuchPlace when nothing has that name, with the nearest name there is.
        """
        self._check(kind, where)
        self._scripted[kind, where] += times

    def trouble(self, route: str) -> Trouble | None:
        """Return what is wrong with a request, None for nothing; what was scripted is used up."""
        return self._next(Trouble, route)

    def slip(self, message: str) -> Slip | None:
        """Return what is wrong with a message of the account stream, None for nothing."""
        return self._next(Slip, message)

    def clear(self) -> None:
        """Forget everything that was scripted."""
        self._scripted.clear()

    def _check(self, kind: Trouble | Slip, where: str) -> None:
        what = "request" if isinstance(kind, Trouble) else "message"
        places = self.requests if isinstance(kind, Trouble) else self.messages
        if not where or not places or where in places:
            return
        alike = nearest(where, places)
        hint = f"did you mean {alike!r}?" if alike else f"there are {', '.join(sorted(places))}"
        raise NoSuchPlace(f"no {what} is called {where!r}: {hint}")

    def _next(self, kinds: Iterable[_Kind], where: str) -> _Kind | None:
        self._asked += 1
        for kind in kinds:
            if self._take(kind, where) or (where not in _ONLY_BY_NAME and self._strikes(kind)):
                self.struck[kind] += 1
                return kind
        return None

    def _take(self, kind: Trouble | Slip, where: str) -> bool:
        for place in (where,) if where in _ONLY_BY_NAME else (where, ""):
            if self._scripted.get((kind, place)):
                self._scripted[kind, place] -= 1
                return True
        return False

    def _strikes(self, kind: Trouble | Slip) -> bool:
        chance = self.chances.get(kind, 0.0)
        return chance > 0 and Random(f"{self._seed}/{self._asked}/{kind}").random() < chance
