"""
`examples:` run through the very code that trades: reader and decide, one message after another.

What earlier messages of an example opened is taken as filled at their price. The account holds what the
example says, else the usual amount; quotes are the alert's own price.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from engine.decide.facts import Earlier
from engine.decide.rehearsal import USUAL_ACCOUNT, Rehearsal
from engine.decide.terms import Terms
from engine.model.alert import Reading
from engine.model.decision import Outcome, Reason, Verdict
from engine.model.errors import Issue
from engine.model.listen import ReadFrom
from engine.model.market import AccountState
from engine.model.message import EventKind, Message
from engine.model.playbook import Playbook
from engine.model.source import Span
from engine.model.stages import Example, Gives, GivesAlerts, GivesRefusal
from engine.parse.reader import Reader
from engine.playbook.example_fields import difference_of, summary_of

_NOT_ALERTS: Final = frozenset({Reason.QUESTION, Reason.NEGATION, Reason.CONDITION, Reason.HEARSAY})


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What is needed to run the examples of one playbook."""

    terms: Terms
    reader: Reader

    @property
    def playbook(self) -> Playbook:
        """The playbook whose examples they are."""
        return self.terms.playbook


def run_examples(interpreter: Interpreter) -> tuple[Issue, ...]:
    """Return an issue for every example that gives something else than it says, in file order."""
    return tuple(issue for example in interpreter.playbook.examples for issue in _run(interpreter, example))


def _run(interpreter: Interpreter, example: Example) -> Iterator[Issue]:
    rehearsal = Rehearsal(interpreter.terms, account=_account(example))
    for message in example.before:
        for outcome in rehearsal.play(message, _read(interpreter, message), message.at).outcomes:
            if outcome.verdict is not Verdict.APPROVED or outcome.alert is None:
                detail = f"the earlier {message.content!r} is {outcome.reason.value}: {outcome.detail}"
                yield Issue("example_failed", detail, example.span, "earlier alerts that are accepted")
                return
    message = example.message
    reading, earlier = _read(interpreter, message), _earlier(message)
    decision = rehearsal.play(message, reading, message.at + example.late, earlier=earlier)
    yield from compared(example.gives, example.span_of_gives, decision.outcomes)


def _account(example: Example) -> AccountState:
    """Return the account an example states; its buying power is what it is worth, unless that is stated too."""
    given = dict(example.given)
    net_liq = given.get("net_liq", USUAL_ACCOUNT.net_liq)
    return AccountState(USUAL_ACCOUNT.name, net_liq, given.get("buying_power", net_liq))


def _read(interpreter: Interpreter, message: Message) -> Reading:
    """Read the texts the playbook reads, as `Hearing` does for live messages."""
    reader, listen = interpreter.reader, interpreter.playbook.listen
    content = message.content if ReadFrom.CONTENT in listen.read_from else ""
    embeds = message.embeds if ReadFrom.EMBEDS in listen.read_from else ()
    return reader.read(replace(message, content=content, embeds=embeds))


def _earlier(message: Message) -> Earlier | None:
    """An edited example changes a message that held no alert."""
    return None if message.kind is EventKind.CREATED else Earlier(message.event - 1, ())


def compared(gives: Gives, span: Span, outcomes: tuple[Outcome, ...]) -> Iterator[Issue]:
    """Yield where the outcomes of one message differ from what is said to come of it. span: of what is said."""
    if isinstance(gives, GivesAlerts):
        yield from _compared_alerts(gives, span, outcomes)
    elif isinstance(gives, GivesRefusal):
        if not _is_refused(gives.code, outcomes):
            yield _failed(span, f"refused: {gives.code}", outcomes)
    elif not all(_is_no_alert(outcome) for outcome in outcomes):
        yield _failed(span, "no alert", outcomes)


def _is_refused(code: str, outcomes: tuple[Outcome, ...]) -> bool:
    codes = {outcome.reason.value for outcome in outcomes} | {outcome.rule for outcome in outcomes}
    return code in codes and not any(outcome.verdict is Verdict.APPROVED for outcome in outcomes)


def _is_no_alert(outcome: Outcome) -> bool:
    is_understood = outcome.verdict is Verdict.IGNORED or outcome.reason in _NOT_ALERTS
    return outcome.alert is None and is_understood


def _compared_alerts(gives: GivesAlerts, span: Span, outcomes: tuple[Outcome, ...]) -> Iterator[Issue]:
    approved = [outcome for outcome in outcomes if outcome.verdict is Verdict.APPROVED]
    if not len(approved) == len(outcomes) == len(gives.alerts):
        wanted = "one alert" if len(gives.alerts) == 1 else f"{len(gives.alerts)} alerts"
        yield _failed(span, wanted, outcomes)
        return
    for expected, outcome in zip(gives.alerts, approved, strict=True):
        for field in expected:
            difference = difference_of(field, outcome)
            if difference is not None:
                yield Issue("example_failed", f"{field.field} {difference}", field.span)


def _failed(span: Span, wanted: str, outcomes: tuple[Outcome, ...]) -> Issue:
    given = "; ".join(described(outcome) for outcome in outcomes)
    return Issue("example_failed", f"the example says {wanted}, the playbook says {given}", span)


def described(outcome: Outcome) -> str:
    """Return what became of an alert, in the form the language writes it."""
    if outcome.verdict is Verdict.APPROVED and outcome.alert is not None:
        return summary_of(outcome.alert)
    if outcome.reason is Reason.NOT_AN_ALERT:
        return "no alert"
    return f"refused: {outcome.rule or outcome.reason.value} ({outcome.detail})"
