"""One question to all gates, and the four answers a gate can give."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from engine.decide.defaults import Filled
from engine.decide.facts import Facts
from engine.model.alert import Alert, Reading, Refusal
from engine.model.decision import GateResult, GateStatus, Reason
from engine.model.listen import AuthorRule, Channel
from engine.model.message import Message
from engine.model.playbook import Playbook
from engine.model.rule import RefuseRule
from engine.model.source import Place, Span
from engine.parse.exits import needs_position


@dataclass(frozen=True, slots=True)
class Question:
    """
    May this alert of this message be acted on?

    alert: defaults filled in and, for an exit, its position found; None when the message holds none.
    filled: what the defaults filled in. unresolved: why the position of an exit was not found.
    channel, author: of the playbook; None when it hears neither.
    """

    playbook: Playbook
    rules: tuple[RefuseRule, ...]
    message: Message
    reading: Reading
    facts: Facts
    alert: Alert | None = None
    filled: tuple[Filled, ...] = ()
    unresolved: Refusal | None = None
    channel: Channel | None = None
    author: AuthorRule | None = None

    @property
    def opens(self) -> bool:
        """Whether the alert adds to a position; a roll does both."""
        alert = self.alert
        return alert is not None and (alert.action.opens or any(leg.action.opens for leg in alert.legs))

    @property
    def closes(self) -> bool:
        """Whether the alert takes from a position or moves its stops."""
        return self.alert is not None and needs_position(self.alert)


class AppliesTo(StrEnum):
    """The alerts a gate is asked about. A gate for BOTH is also asked about a message without alerts."""

    OPENS = "opens"
    CLOSES = "closes"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate. test: its judgement, pure; asked only about what it applies to."""

    name: str
    applies_to: AppliesTo
    test: Callable[[Question], "Answer"] = field(repr=False)

    def ask(self, question: Question) -> GateResult:
        """Return the gate's answer, NOT_APPLICABLE for what it does not apply to."""
        if not self._applies(question):
            return GateResult(self.name, GateStatus.NOT_APPLICABLE, detail=f"applies to {self.applies_to.value} only")
        answer = self.test(question)
        return GateResult(self.name, answer.status, answer.code, answer.detail, answer.span, answer.place, answer.rule)

    def _applies(self, question: Question) -> bool:
        if self.applies_to is AppliesTo.OPENS:
            return question.opens
        if self.applies_to is AppliesTo.CLOSES:
            return question.closes
        return True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate says, before it carries the gate's name."""

    status: GateStatus
    code: Reason | None = None
    detail: str = ""
    span: Span | None = None
    place: Place | None = None
    rule: str = ""


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
