"""What speaks for a version of a playbook: its runs in the sandbox, and what is needed of them before it rises."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.model.intent import Intent
from engine.model.order import Order
from engine.model.stages import SandboxPass

_MOST_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Needed:
    """
    What a version must show before each step up: so many distinct contracts, on so many days.

    Few enough to be had in a week, and more than one lucky alert: a reading that is wrong for puts, for spreads or on
    expiry days does not show in one contract, and what depends on the hour not on one day.
    """

    contracts: int = 3
    days: int = 2


NEEDED: Final = Needed()


@dataclass(frozen=True, slots=True)
class Run:
    """
    One opening that passed the sandbox.

    contract: the symbols of its legs. day: New York's. is_filled: whether it filled; else it was live.
    """

    contract: str
    day: date
    is_filled: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    The runs of a version since it was last refused, or last lowered.

    failure: why the sandbox refused it last, one sentence; "" when it never did.
    """

    runs: frozenset[Run] = frozenset()
    failure: str = ""

    def passed(self, run: Run) -> "Evidence":
        """Return the evidence with one more run; beyond a hundred none is needed."""
        return self if len(self.runs) >= _MOST_KEPT else Evidence(self.runs | {run}, self.failure)

    def refused(self, why: str) -> "Evidence":
        """Return the evidence after the sandbox has refused an opening: what passed before counts no more."""
        return Evidence(frozenset(), why)

    def contracts(self, level: SandboxPass) -> int:
        """Return how many distinct contracts came as far as a playbook asks."""
        return len({run.contract for run in self._at(level)})

    def days(self, level: SandboxPass) -> int:
        """Return on how many days contracts came as far as a playbook asks."""
        return len({run.day for run in self._at(level)})

    def lacks(self, level: SandboxPass, needed: Needed = NEEDED) -> str:
        """Return what is missing, in words; "" when it is enough."""
        contracts, days = self.contracts(level), self.days(level)
        if contracts >= needed.contracts and days >= needed.days:
            return ""
        since = f" since the sandbox refused it ({self.failure})" if self.failure else ""
        wanted = f"{needed.contracts} contracts on {needed.days} days"
        return f"it has passed the sandbox with {contracts} contracts on {days} days{since}; {wanted} are needed"

    def _at(self, level: SandboxPass) -> frozenset[Run]:
        return self.runs if level is SandboxPass.LIVE else frozenset(run for run in self.runs if run.is_filled)


NO_EVIDENCE: Final = Evidence()


def contract_of(asked: Intent | Order) -> str:
    """Return what an intent or an order trades: the symbols of its legs in order, whatever the quantity."""
    return " ".join(sorted(leg.symbol for leg in asked.legs))
