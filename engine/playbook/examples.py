"""
`examples:` run through the very code that trades: reader and decide, one message after another.

What earlier messages of an example opened is taken as filled at their price. What this stage of the
engine cannot produce is never passed over in silence: it becomes a warning.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from engine.decide.assumed import after
from engine.decide.decide import decide
from engine.decide.facts import Earlier, Facts
from engine.model.alert import Alert, Reading
from engine.model.decision import Outcome, Reason, Verdict
from engine.model.errors import Issue
from engine.model.listen import Listen, ReadFrom
from engine.model.message import EventKind, Message
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.model.rule import RefuseRule
from engine.model.source import Span
from engine.model.stages import Example, Expected, GivesAlerts, GivesRefusal
from engine.parse.reader import Reader
from engine.playbook.example_fields import difference_of, summary_of

NOT_PRODUCED: Final = frozenset({"contracts"})
_NOT_ALERTS: Final = frozenset({Reason.QUESTION, Reason.NEGATION, Reason.CONDITION, Reason.HEARSAY})


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What is needed to run the examples of one playbook."""

    playbook: Playbook
    rules: tuple[RefuseRule, ...]
    reader: Reader


def run_examples(interpreter: Interpreter) -> tuple[Issue, ...]:
    """Return an issue for every example that gives something else than it says, in file order."""
    return tuple(issue for example in interpreter.playbook.examples for issue in _run(interpreter, example))


def _run(interpreter: Interpreter, example: Example) -> Iterator[Issue]:
    positions: tuple[Position, ...] = ()
    for message in example.before:
        for outcome in _outcomes(interpreter, message, Facts(message.at, "", positions)):
            if outcome.verdict is not Verdict.APPROVED or outcome.alert is None:
                detail = f"the earlier {message.content!r} is {outcome.reason.value}: {outcome.detail}"
                yield Issue("example_failed", detail, example.span, "earlier alerts that are accepted")
                return
            positions = after(positions, outcome.alert, message, interpreter.playbook)
    message = example.message
    facts = Facts(message.at + example.late, "", positions, earlier=_earlier(message))
    yield from _compared(example, _outcomes(interpreter, message, facts))


def _outcomes(interpreter: Interpreter, message: Message, facts: Facts) -> tuple[Outcome, ...]:
    playbook, rules = interpreter.playbook, interpreter.rules
    reading = _read(interpreter.reader, message, playbook.listen)
    return decide(playbook, rules, message, reading, facts).outcomes


def _read(reader: Reader, message: Message, listen: Listen) -> Reading:
    """Read the texts the playbook reads, as `Hearing` does for live messages."""
    content = message.content if ReadFrom.CONTENT in listen.read_from else ""
    embeds = message.embeds if ReadFrom.EMBEDS in listen.read_from else ()
    return reader.read(replace(message, content=content, embeds=embeds))


def _earlier(message: Message) -> Earlier | None:
    """An edited example changes a message that held no alert."""
    return None if message.kind is EventKind.CREATED else Earlier(message.event - 1, ())


def _compared(example: Example, outcomes: tuple[Outcome, ...]) -> Iterator[Issue]:
    gives = example.gives
    if isinstance(gives, GivesAlerts):
        yield from _compared_alerts(example, gives, outcomes)
    elif isinstance(gives, GivesRefusal):
        if not _is_refused(gives.code, outcomes):
            yield _failed(example.span_of_gives, f"refused: {gives.code}", outcomes)
    elif not all(_is_no_alert(outcome) for outcome in outcomes):
        yield _failed(example.span_of_gives, "no alert", outcomes)


def _is_refused(code: str, outcomes: tuple[Outcome, ...]) -> bool:
    codes = {outcome.reason.value for outcome in outcomes} | {outcome.rule for outcome in outcomes}
    return code in codes and not any(outcome.verdict is Verdict.APPROVED for outcome in outcomes)


def _is_no_alert(outcome: Outcome) -> bool:
    is_understood = outcome.verdict is Verdict.IGNORED or outcome.reason in _NOT_ALERTS
    return outcome.alert is None and is_understood


def _compared_alerts(example: Example, gives: GivesAlerts, outcomes: tuple[Outcome, ...]) -> Iterator[Issue]:
    alerts = [outcome.alert for outcome in outcomes if outcome.verdict is Verdict.APPROVED and outcome.alert]
    if not len(alerts) == len(outcomes) == len(gives.alerts):
        wanted = "one alert" if len(gives.alerts) == 1 else f"{len(gives.alerts)} alerts"
        yield _failed(example.span_of_gives, wanted, outcomes)
        return
    for expected, alert in zip(gives.alerts, alerts, strict=True):
        for field in expected:
            yield from _compared_field(field, alert)


def _compared_field(field: Expected, alert: Alert) -> Iterator[Issue]:
    if field.field in NOT_PRODUCED:
        message = f"{field.field!r} is not computed by this version, so it was not compared"
        yield Issue("example_not_checked", message, field.span, is_error=False)
        return
    difference = difference_of(field, alert)
    if difference is not None:
        yield Issue("example_failed", f"{field.field} {difference}", field.span)


def _failed(span: Span, wanted: str, outcomes: tuple[Outcome, ...]) -> Issue:
    given = "; ".join(_described(outcome) for outcome in outcomes)
    return Issue("example_failed", f"the example says {wanted}, the playbook says {given}", span)


def _described(outcome: Outcome) -> str:
    if outcome.verdict is Verdict.APPROVED and outcome.alert is not None:
        return summary_of(outcome.alert)
    if outcome.reason is Reason.NOT_AN_ALERT:
        return "no alert"
    return f"refused: {outcome.rule or outcome.reason.value} ({outcome.detail})"
