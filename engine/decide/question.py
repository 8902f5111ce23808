"""One question to all gates, and the four answers a gate can give."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from engine.decide.defaults import Filled
from engine.decide.facts import AlertFacts, Facts
from engine.decide.pricing import OrderQuote
from engine.decide.terms import Terms
from engine.model.alert import Alert, Leg, Reading, Refusal
from engine.model.decision import GateResult, GateStatus, Outcome, Reason, Size
from engine.model.limits import Strategy
from engine.model.listen import AuthorRule, Channel
from engine.model.message import Message
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.model.source import Place, Span

_NOTHING_KNOWN = AlertFacts()


@dataclass(slots=True)
class Answer:
    """What a gate says, before it carries the gate's name."""

    status: GateStatus
    code: Reason | None = None
    detail: str = ""
    span: Span | None = None
    place: Place | None = None
    rule: str = ""


@dataclass(slots=True, eq=False)
class Question:
    """
    May this alert of this message be acted on? Never changed once it is asked.

    channel, author: of the playbook; None when it hears neither.
    about: the facts about this alert. index: of the alert in its message.
    before: what was approved of the same message, in order.
    alert: defaults filled in and, for an exit, its position found; None when the message holds none.
    filled: what the defaults filled in. unresolved: why the position of an exit was not found.
    unchosen: why no contract could be chosen for a signal that names none.
    opens: whether the alert adds to a position; closes: whether it takes from one or moves its stops; a roll does both.
    opening: the legs that open. kind: what they make; None when that is nothing known.
    quote: the market of the opening; None when it is not known.
    sized: how much may be opened, or why that is not known; None where there is nothing to size.
    held: the position an exit closes; None when that is not known, or it closes none.
    account: alias of the account it is for: that of the position an exit closes, else the one openings are for.
    """

    terms: Terms
    message: Message
    reading: Reading
    facts: Facts
    channel: Channel | None = None
    author: AuthorRule | None = None
    about: AlertFacts = _NOTHING_KNOWN
    index: int = 0
    before: tuple[Outcome, ...] = ()
    alert: Alert | None = None
    filled: tuple[Filled, ...] = ()
    unresolved: Refusal | None = None
    unchosen: Refusal | None = None
    opens: bool = False
    closes: bool = False
    opening: tuple[Leg, ...] = ()
    kind: Strategy | None = None
    quote: OrderQuote | None = None
    sized: Size | Answer | None = None
    held: Position | None = None
    account: str = field(init=False)
    playbook: Playbook = field(init=False)

    def __post_init__(self) -> None:
        self.playbook = self.terms.playbook
        # Where nobody asks for stages, a playbook has the one account, in logs of old under no name.
        is_elsewhere = self.held is not None and self.terms.stage is not None
        self.account = self.held.account if self.held is not None and is_elsewhere else self.terms.account

    @property
    def said(self) -> Alert | None:
        """The alert as it was read, where that is not what it came to be; None where it is."""
        alerts = self.reading.alerts
        said = alerts[self.index] if self.index < len(alerts) else None
        return None if said is self.alert else said


class AppliesTo(StrEnum):
    """The alerts a gate is asked about. A gate for BOTH is also asked about a message without alerts."""

    OPENS = "opens"
    CLOSES = "closes"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Gate:
    """
    One gate.

    test: its judgement, pure; asked only about what it applies to. passed: its answer when nothing stands against it;
    spared: to what it does not apply to.
    """

    name: str
    applies_to: AppliesTo
    test: Callable[[Question], Answer] = field(repr=False)
    spared: GateResult = field(init=False, repr=False)
    passed: GateResult = field(init=False, repr=False)

    def __post_init__(self) -> None:
        spared = GateResult(self.name, GateStatus.NOT_APPLICABLE, detail=f"applies to {self.applies_to.value} only")
        object.__setattr__(self, "spared", spared)
        object.__setattr__(self, "passed", GateResult(self.name, GateStatus.PASSED))

    def applies(self, *, opens: bool, closes: bool) -> bool:
        """Return whether it is asked about what opens, closes, does both (a roll) or neither."""
        return self.applies_to is AppliesTo.BOTH or (opens if self.applies_to is AppliesTo.OPENS else closes)

    def named(self, answer: Answer) -> GateResult:
        """Return an answer under the gate's name."""
        return GateResult(self.name, answer.status, answer.code, answer.detail, answer.span, answer.place, answer.rule)


PASSED = Answer(GateStatus.PASSED)


def passed(detail: str = "", span: Span | None = None) -> Answer:
    """Nothing against it."""
    return Answer(GateStatus.PASSED, None, detail, span)


def failed(code: Reason, detail: str, span: Span | None = None, place: Place | None = None) -> Answer:
    """This stands against it, an opening and a close alike."""
    return Answer(GateStatus.FAILED, code, detail, span, place)


def could_not_run(code: Reason, detail: str, span: Span | None = None) -> Answer:
    """A fact is missing: denies an opening, only warns on a close."""
    return Answer(GateStatus.COULD_NOT_RUN, code, detail, span)


def not_applicable(detail: str) -> Answer:
    """The question does not arise."""
    return Answer(GateStatus.NOT_APPLICABLE, None, detail)
