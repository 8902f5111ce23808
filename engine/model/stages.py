"""How a playbook is tested and promoted, whom it tells, and the examples it must pass."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.model.alert import Level
from engine.model.message import Message
from engine.model.reading import Source
from engine.model.source import Span


class Stage(StrEnum):
    """
    How far one version of a playbook has come, the lowest first.

    OBSERVE: decides and sends nothing. SANDBOX: trades in the sandbox account only. CANARY: its openings go to
    production with one contract, for a number of them. PRODUCTION: full size.
    """

    OBSERVE = "observe"
    SANDBOX = "sandbox"
    CANARY = "canary"
    PRODUCTION = "production"

    @property
    def is_real(self) -> bool:
        """Whether openings of such a version may reach the production account."""
        return self in (Stage.CANARY, Stage.PRODUCTION)


class SandboxEach(StrEnum):
    """What is tried in the sandbox first: every opening, or only the first one of each version."""

    OPENS = "opens"
    VERSION = "version"


class SandboxPass(StrEnum):
    """What a sandbox order must reach to pass."""

    LIVE = "live"
    FILLED = "filled"


class OnUnavailable(StrEnum):
    """When the sandbox cannot judge: a person is asked, nothing is sent, or the broker's dry run decides."""

    ASK = "ask"
    BLOCK = "block"
    DRY_RUN = "dry_run"


@dataclass(frozen=True, slots=True)
class SandboxStage:
    """
    The sandbox an opening passes before production.

    account: alias in the desk. on_unavailable: None when the playbook leaves that to the desk.
    """

    account: str
    each: SandboxEach
    passes_at: SandboxPass
    within: timedelta
    on_unavailable: OnUnavailable | None
    span: Span
    account_span: Span


class OnTimeout(StrEnum):
    """What an approval nobody gave in time means; asking again ends with the opening's own time."""

    REFUSE = "refuse"
    ASK_AGAIN = "ask_again"


@dataclass(frozen=True, slots=True)
class Approval:
    """
    A person's yes before production.

    above: dollars an opening must risk to need it.
    by: names of people of the desk; empty: everybody who may approve.
    """

    above: Decimal
    by: tuple[str, ...]
    within: timedelta
    on_timeout: OnTimeout
    span: Span
    by_span: Span


@dataclass(frozen=True, slots=True)
class ProductionStage:
    """The account real orders go to. approval: None when no opening needs one."""

    account: str
    approval: Approval | None
    span: Span
    account_span: Span


class AutoPromote(StrEnum):
    """How far a version rises by itself; production always takes a person."""

    NEVER = "never"
    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Promotion:
    """canary_openings: how many openings of one contract a version trades in production before full size."""

    canary_openings: int
    auto: AutoPromote


@dataclass(frozen=True, slots=True)
class Stages:
    """None: the playbook never sends there; with neither it observes only."""

    span: Span
    sandbox: SandboxStage | None
    production: ProductionStage | None
    promote: Promotion


class NotifyTo(StrEnum):
    """Where a notice goes."""

    REPLY = "reply"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Notify:
    """What the playbook tells people: event ("accepted", "refused", …) → template; and where."""

    templates: tuple[tuple[str, Source], ...]
    to: tuple[NotifyTo, ...]


@dataclass(frozen=True, slots=True)
class NoAlert:
    """The example holds no alert."""


@dataclass(frozen=True, slots=True)
class GivesRefusal:
    """The example is refused with this code."""

    code: str
    span: Span


@dataclass(frozen=True, slots=True)
class Expected:
    """
    One field an alert, or a leg of one, must have.

    field: as the language names it ("strike", "tags"). value: for "legs" the fields of each leg.
    """

    field: str
    value: "str | int | bool | Decimal | date | Level | tuple[str | Level | tuple[Expected, ...], ...]"
    span: Span


@dataclass(frozen=True, slots=True)
class GivesAlerts:
    """The alerts the example gives, in order; only the fields written are compared."""

    alerts: tuple[tuple[Expected, ...], ...]


Gives = NoAlert | GivesRefusal | GivesAlerts


@dataclass(frozen=True, slots=True)
class Example:
    """
    A message and what the playbook must make of it.

    before: messages the same author posted before it, oldest first. message: the one judged.
    late: how long after it was posted it is taken in.
    given: facts stated for it ("net_liq" → dollars).
    span: of the whole example. span_of_gives: of what must come of it.
    """

    span: Span
    span_of_gives: Span
    before: tuple[Message, ...]
    message: Message
    late: timedelta
    given: tuple[tuple[str, Decimal], ...]
    gives: Gives
