"""An exchange at its worst: everything that can go wrong does, by chance of a seed."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from engine.paper.conduct import Conduct, Quirk
from engine.paper.faults import Slip, Trouble
from engine.paper.manners import CALM
from engine.paper.opening import Opening

_SILENCE: Final = 60.0  # seconds
_STEP: Final = timedelta(seconds=10)  # so that orders that wait take little of a long run


@dataclass(frozen=True, slots=True)
class Hostility:
    """
    How often things go wrong, made on the go; the same seed and the same requests go wrong in the same places.

    rate: the share of requests that are struck by one Trouble or another, of messages by a Slip, and of orders by a
    Quirk; each kind of the three has an equal part of it. From 0 to 1; at 0.1 most of what is tried still works.
    pace: what every time is multiplied with; at 0 orders have no time for races.

    Requests: answered with 401 (every token is void), 429, 500 or 502 and not done; answered with 502, half a body,
    none, an unknown status or without legs, and done; late; not answered at all, done or not. Messages: lost, doubled,
    swapped, unreadable; the stream closed, or frozen while it stays open. Orders: see Quirk. Signing in, opening a
    stream and quotes are left alone: script those (see Faults.script).

    With a clock of speed 0 nothing waits: an answer that is late or never comes takes its time of that clock only, and
    one that never comes is a 504 instead of silence. Orders still take theirs, which is where their races are, so let
    the clock advance between requests.
    """

    seed: int
    rate: float = 0.1
    pace: float = 1.0

    def opening(self) -> Opening:
        """Return what to open a hostile exchange with: complete listings, every service there, no limit of requests."""
        faults: dict[Trouble | Slip, float] = {}
        for kind in Trouble:
            faults[kind] = self.rate / len(Trouble)
        for slip in Slip:
            faults[slip] = self.rate / len(Slip)
        return Opening(
            seed=self.seed,
            pace=self.pace,
            is_calm=True,
            quote_step=_STEP,
            manners=replace(CALM, seed=self.seed, pace=self.pace, silence=_SILENCE),
            quirks=self.quirks(),
            faults=faults,
        )

    def conduct(self) -> Conduct:
        """Return the behaviour of an exchange that is used without a server (see Setup)."""
        return Conduct(chances=self.quirks())

    def quirks(self) -> dict[Quirk, float]:
        """Return how often each odd way strikes an order."""
        return dict.fromkeys(Quirk, self.rate / len(Quirk))
