"""How the exchange behaves: how long its steps take, how it fills, and which of its odd ways it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random


class Quirk(StrEnum):
    """
    One odd way an order can go; each was seen at the real broker, or is a race its documents allow.

    SESSION_OFFLINE: rejected on its way, for no reason of its own.
    PARTIAL: only about half of what could fill does, each time.
    LATE: it starts to fill ten seconds later than it could.
    FILL_AFTER_CANCEL: all of it fills, at its limit, after it was said to be cancelled.
    FILL_BEFORE_CANCEL: all of it fills, at its limit, between the request and its confirmation.
    FILL_DURING_REPLACE: all of the old order fills, at its limit, while its replacement waits.
    REPLACE_FAILS: the old order is cancelled and the new one rejected.
    SHORT_REPORT: it is said to be filled with the fills of its first leg only, and at once said again with all.
    """

    SESSION_OFFLINE = "session_offline"
    PARTIAL = "partial"
    LATE = "late"
    FILL_AFTER_CANCEL = "fill_after_cancel"
    FILL_BEFORE_CANCEL = "fill_before_cancel"
    FILL_DURING_REPLACE = "fill_during_replace"
    REPLACE_FAILS = "replace_fails"
    SHORT_REPORT = "short_report"


class FillModel(StrEnum):
    """
    How orders fill.

    SIMULATOR: by the quotes. LEGACY_TABLE: the fixed rule the sandbox had once: a market order at $1, a limit
    below $3 at its price, all else never.
    """

    SIMULATOR = "simulator"
    LEGACY_TABLE = "legacy_table"


@dataclass(frozen=True, slots=True)
class Span:
    """How long a step takes: evenly between two times, in seconds."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Conduct:
    """
    The behaviour of one environment. Times are those of the real sandbox before `pace`.

    pace: what every time is multiplied with; 0 makes each step immediate.
    routing: from taken to In Flight. arrival: from In Flight to Live. filling: from there to the first possible
    fill. cancelling: from asked to Cancelled. replacing: from asked until the old order is cancelled.
    booking: how much later than a fill positions and cash show it.
    chances: how often each quirk strikes an order by itself, from 0 to 1.
    futures_are_offline: every order for a future or its option is rejected with "Session offline".
    """

    pace: float = 1.0
    routing: Span = Span(0.02, 0.08)
    arrival: Span = Span(0.001, 0.01)
    filling: Span = Span(0.2, 7.0)
    cancelling: Span = Span(0.1, 0.3)
    replacing: Span = Span(0.1, 0.2)
    booking: Span = Span(0.1, 1.5)
    chances: Mapping[Quirk, float] = field(default_factory=dict)
    fill_model: FillModel = FillModel.SIMULATOR
    futures_are_offline: bool = False
    venue: str = "MARKET_SIMULATOR_A"


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One account as it is funded. cash: dollars."""

    number: str
    cash: Decimal = Decimal(100_000)
    options_level: str = "No Restrictions"
    is_margin: bool = True
    is_futures_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """All an exchange starts from. first_id: of its orders; other kinds of ids follow from it."""

    accounts: tuple[AccountSetup, ...]
    seed: int = 0
    conduct: Conduct = Conduct()
    first_id: int = 270_000


class Draws:
    """Chance by name: the same seed, order and purpose always draw the same, in whatever order they are asked."""

    def __init__(self, seed: int, conduct: Conduct) -> None:
        self._seed = seed
        self._conduct = conduct

    def wait(self, span: Span, purpose: str) -> timedelta:
        """Return how long a step takes this time."""
        seconds = Random(f"{self._seed}/{purpose}").uniform(span.least, span.most)
        return timedelta(seconds=seconds * self._conduct.pace)

    def strikes(self, quirk: Quirk, order_id: int) -> bool:
        """Return whether a quirk strikes an order by itself."""
        chance = self._conduct.chances.get(quirk, 0.0)
        return chance > 0 and Random(f"{self._seed}/{order_id}/{quirk}").random() < chance
