"""How an environment behaves towards its clients besides what its exchange does: slow, strict, incomplete."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from engine.paper.conduct import Span

_NEAR: Final = Span(0.05, 0.25)
_SPELL: Final = timedelta(minutes=10)
_EPOCH: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Manners:
    """
    What clients have to put up with.

    pace: what latency is multiplied with; 0 for none. latency: seconds from a request to its answer.
    requests_a_minute: beyond them 429; 0 for no limit. token_seconds: how long an access token lives.
    lacks_services: the services a sandbox does not have answer 502 or 403, and a version header 404.
    quote_delay: how much older than now the quotes it shows are. quote_level: what it calls them.
    offline_one_in: of so many spells of ten minutes, by chance of the seed, one in which every order is rejected
    with "Session offline"; 0 for none. resets_daily: positions and money begin anew each day.
    slowness, silence: seconds, whatever the pace, an answer that is slow, or never comes, is waited for. All seconds
    are those of the clock there (see PaperClock.speed).
    """

    pace: float = 1.0
    latency: Span = _NEAR
    requests_a_minute: int = 60
    token_seconds: int = 900
    lacks_services: bool = False
    quote_delay: timedelta = timedelta(0)
    quote_level: str = "api"
    offline_one_in: int = 0
    resets_daily: bool = False
    slowness: float = 10.0
    silence: float = 120.0
    seed: int = 0

    def seconds(self, request: int) -> float:
        """Return how long the answer to a request takes, by its number."""
        return Random(f"{self.seed}/latency/{request}").uniform(self.latency.least, self.latency.most) * self.pace

    def is_offline(self, now: datetime) -> bool:
        """Return whether a moment lies in a spell in which every order is rejected."""
        if not self.offline_one_in:
            return False
        return Random(f"{self.seed}/spell/{(now - _EPOCH) // _SPELL}").randrange(self.offline_one_in) == 0


AWKWARD_SANDBOX: Final = Manners(
    latency=Span(1.0, 2.0),
    lacks_services=True,
    quote_delay=timedelta(minutes=15),
    quote_level="demo",
    offline_one_in=40,
    resets_daily=True,
)
AWKWARD_PRODUCTION: Final = Manners()
CALM: Final = Manners(pace=0.0, requests_a_minute=0)
