"""One environment as clients reach it: its exchange, who may enter, what they are shown and told."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from engine.paper.account_hub import AccountHub
from engine.paper.clock import PaperClock
from engine.paper.exchange import Exchange
from engine.paper.faults import Faults
from engine.paper.feed_symbols import FeedSymbols
from engine.paper.hours import start_of, trading_day
from engine.paper.manners import Manners
from engine.paper.shown_quotes import ShownQuotes
from engine.paper.tokens import Grant, Tokens

_MINUTE: Final = timedelta(minutes=1)
_REMEMBERED: Final = 100_000


class Environment(StrEnum):
    """Which of the two environments of the broker."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One request, noted as soon as it was done or refused, also when its answer never arrives.

    route: "" when there is none of that path. trouble: "" for none.
    """

    at: datetime
    route: str
    path: str
    status: int
    external_identifier: str = ""
    trouble: str = ""


@dataclass(slots=True)
class Journey:
    """What was asked of a venue so far, the newest last."""

    asked: deque[Asked] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def count(self, route: str, external_identifier: str | None = None) -> int:
        """Return how often a route was asked; with an identifier, only about an order of that."""
        return sum(
            each.route == route and external_identifier in (None, each.external_identifier) for each in self.asked
        )


class Venue:
    """
    One environment and everything about it a test may turn.

    exchange: what trades. faults: what goes wrong on the way. shown: the quotes clients see. names: of what is
    listed, in the quote stream. journey: what was asked.
    Nothing here is shared with the other environment but the clock and, if so made, the quotes.
    """

    def __init__(
        self, name: Environment, exchange: Exchange, clock: PaperClock, manners: Manners, grants: tuple[Grant, ...]
    ) -> None:
        self.name = name
        self.exchange = exchange
        self.manners = manners
        self.faults = Faults(manners.seed)
        self.shown = ShownQuotes(exchange.quotes, manners.quote_delay)
        self.names = FeedSymbols(exchange.listing)
        self.tokens = Tokens(grants, name.value, timedelta(seconds=manners.token_seconds))
        self.hub = AccountHub(self.faults)
        self.journey = Journey()
        self.clock = clock
        self._recent: deque[datetime] = deque()
        self._requests = 0
        self._day = trading_day(clock.now())

    def now(self) -> datetime:
        """Return the time it is there."""
        return self.clock.now()

    def turn(self) -> None:
        """Let everything due happen, and tell the account streams."""
        now = self.now()
        today = trading_day(now)
        if self.manners.resets_daily and today != self._day:
            self.exchange.reset(start_of(today))
        self._day = today
        self.exchange.is_offline = self.manners.is_offline(now)
        for happened in self.exchange.advance(now):
            self.hub.tell(happened)

    def admits(self) -> bool:
        """Return whether one more request is within the limit, and count it."""
        now = self.now()
        while self._recent and self._recent[0] <= now - _MINUTE:
            self._recent.popleft()
        self._recent.append(now)
        return not self.manners.requests_a_minute or len(self._recent) <= self.manners.requests_a_minute

    def next_latency(self) -> float:
        """Return how many seconds the next answer takes."""
        self._requests += 1
        return self.manners.seconds(self._requests)
