"""What was decided lately: openings within the windows of limits, and what each message said and led to."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from engine.decide.facts import Earlier
from engine.model.activity import SimilarOpening

# Of a message older than this, or older than so many others, nothing is remembered: an edit of it opens nothing.
REMEMBERED: Final = timedelta(days=2)
MOST_REMEMBERED: Final = 20_000


class RecentOpenings:
    """Openings no older than the longest window any limit has asked for, by contract and by symbol."""

    def __init__(self) -> None:
        self._longest = timedelta(0)
        self._all: deque[tuple[SimilarOpening, str]] = deque()
        self._by_key: dict[str, deque[SimilarOpening]] = {}

    def add(self, opening: SimilarOpening, symbol: str, window: timedelta) -> None:
        """Take in an opening. window: the longest of the limits it was decided under."""
        self._longest = max(self._longest, window)
        self._all.append((opening, symbol))
        for key in (opening.contract, symbol):
            self._by_key.setdefault(key, deque()).append(opening)
        self._forget(opening.at - self._longest)

    def like(self, key: str, since: datetime) -> Iterable[SimilarOpening]:
        """Return the openings of a contract, or of a symbol, since a time; oldest first."""
        known = self._by_key.get(key)
        if not known or known[-1].at < since:
            return ()
        return [opening for opening in known if opening.at >= since]

    def _forget(self, before: datetime) -> None:
        while self._all and self._all[0][0].at < before:
            opening, symbol = self._all.popleft()
            for key in (opening.contract, symbol):
                known = self._by_key[key]
                known.popleft()
                if not known:
                    del self._by_key[key]


@dataclass(slots=True)
class Told:
    """
    What became of one message so far.

    earlier: its last event by playbook and account. intents: keys of what was approved. openings: what it opened,
    under any playbook.
    """

    at: datetime
    earlier: dict[tuple[str, str], Earlier] = field(default_factory=dict)
    intents: frozenset[str] = frozenset()
    openings: tuple[SimilarOpening, ...] = ()


class RecentMessages:
    """Messages by id, the oldest forgotten."""

    def __init__(self) -> None:
        self._told: dict[str, Told] = {}

    def get(self, message_id: str) -> Told | None:
        """Return what became of a message; None when it is not remembered."""
        return self._told.get(message_id)

    def remember(self, message_id: str, at: datetime) -> Told:
        """Return what became of a message, to add to. at: when it was posted."""
        told = self._told.get(message_id)
        if told is None:
            told = self._told[message_id] = Told(at)
            self._forget(at - REMEMBERED)
        return told

    def _forget(self, before: datetime) -> None:
        told = self._told
        while len(told) > 1 and (len(told) > MOST_REMEMBERED or next(iter(told.values())).at < before):
            del told[next(iter(told))]
