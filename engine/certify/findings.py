"""What a probe found."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """PASSED: the service does what the engine assumes. DIFFERS: it does not. COULD_NOT_RUN: nobody knows."""

    PASSED = "passed"
    DIFFERS = "differs"
    COULD_NOT_RUN = "could not run"


@dataclass(frozen=True, slots=True)
class Said:
    """
    What came of a probe's questions.

    holds: whether it is what the engine assumes. came: one sentence. rows: what was tried and what came of it.
    """

    holds: bool
    came: str
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One line of a report.

    assumed, came: one sentence each. is_vital: without it orders of real money are refused.
    seconds: how long the probe took.
    """

    probe: str
    outcome: Outcome
    is_vital: bool
    assumed: str
    came: str
    seconds: float
    rows: tuple[tuple[str, str], ...] = ()


class CouldNotRun(Exception):
    """A probe has nothing to try itself on; one sentence why."""
