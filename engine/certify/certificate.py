"""A certificate: what was found at one place, on one day, with one version of everything."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.certify.findings import Finding, Outcome
from engine.model.environment import Environment

LIFETIME: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Versions:
    """What a certificate is bound to. sdk, engine: versions. adapter: a hash of the adapter's own source."""

    sdk: str
    engine: str
    adapter: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """
    What was found at one place.

    at: when, UTC. host: where the requests went, which tells the broker from an exchange on this machine.
    left: what of the orders placed is not cancelled, a sentence each.
    """

    at: datetime
    environment: Environment
    host: str
    versions: Versions
    findings: tuple[Finding, ...]
    left: tuple[str, ...] = ()

    def is_fresh(self, now: datetime, versions: Versions) -> bool:
        """Return whether it still speaks of what runs now."""
        return self.why_stale(now, versions) is None

    def why_stale(self, now: datetime, versions: Versions) -> str | None:
        """Return why it does not speak of what runs now; None when it does."""
        if not self.at <= now < self.at + LIFETIME:
            return f"it is of {self.at:%Y-%m-%d}, and counts for {LIFETIME.days} days"
        for what, then, here in (
            ("the SDK", self.versions.sdk, versions.sdk),
            ("the engine", self.versions.engine, versions.engine),
            ("the adapter's source", self.versions.adapter, versions.adapter),
        ):
            if then != here:
                return f"{what} was {then[:12]} then and is {here[:12]} now"
        return None

    def why_not_passed(self, vital: frozenset[str]) -> str | None:
        """
        Return which vital probe is missing or did not pass; None when none is.

        vital: the probes of its environment that must have passed.
        """
        passed = {each.probe for each in self.findings if each.outcome is Outcome.PASSED}
        lacking = sorted(vital - passed)
        return f"{', '.join(lacking)} did not pass" if lacking else None
