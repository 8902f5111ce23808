"""
One playbook, compiled: every default filled in, every name resolved.

It holds *source* where something runs later (patterns, conditions, templates); the callables made
from it live beside it in the rulebook, outside equality and hash.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.model.ladder import Exits, Ladder
from engine.model.limits import Allow, Risk, SizeRule
from engine.model.listen import Listen
from engine.model.reading import ReadRules, Source
from engine.model.source import Span
from engine.model.stages import Example, Notify, Stages


@dataclass(frozen=True, slots=True)
class ExpiryDefault:
    """
    The expiry of an alert that names a contract without one.

    symbols: those that take `listed`; every other symbol takes `other`.
    listed, other: canonical relative expiries ("0dte", "this_week"); None: it is not filled in.
    """

    symbols: frozenset[str]
    listed: str | None
    other: str | None
    span: Span


class StrikeChoice(StrEnum):
    """How the strike of a signal that names no contract is chosen."""

    ATM = "atm"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class ContractDefault:
    """
    The contract of a signal that names none.

    min_days, max_days: days to expiry, both included.
    delta: with DELTA, the absolute delta aimed at; zero otherwise.
    """

    min_days: int
    max_days: int
    strike: StrikeChoice
    delta: Decimal
    span: Span


@dataclass(frozen=True, slots=True)
class PartDefault:
    """What "trim" closes where the text does not say how much. fraction: of the current position, 0 < f < 1."""

    fraction: Decimal
    span: Span


@dataclass(frozen=True, slots=True)
class ReadDefaults:
    """What may be filled in where the text is silent; None: nothing, the alert is refused."""

    expiry: ExpiryDefault | None
    contract: ContractDefault | None
    part: PartDefault | None = None


@dataclass(frozen=True, slots=True)
class RefuseWhen:
    """One condition that refuses, as written. code: the playbook's own reason. say: for people; "" when unsaid."""

    condition: Source
    code: str
    say: str
    span: Span


@dataclass(frozen=True, slots=True)
class Playbook:
    """
    One playbook.

    file: where it was read from. libraries: names of the pattern libraries merged into `read`.
    ladders: all the playbook writes; open_ladder and close_ladder are the ones it uses.
    """

    name: str
    span: Span
    file: str
    about: str
    owner: str
    enabled: bool
    enabled_span: Span
    listen: Listen
    libraries: tuple[str, ...]
    read: ReadRules
    defaults: ReadDefaults
    refuse_when: tuple[RefuseWhen, ...]
    allow: Allow
    size: SizeRule
    ladders: tuple[Ladder, ...]
    open_ladder: Ladder
    close_ladder: Ladder
    exits: Exits
    risk: Risk
    stages: Stages
    notify: Notify
    examples: tuple[Example, ...]
