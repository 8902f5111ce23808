"""Which openings under way a decision gives up: what an edit takes back, and what a close comes before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.decide.record import Record
from engine.model.alert import Action, Alert, Leg, Refusal
from engine.model.decision import Outcome, Reason, Verdict
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.parse.exits import fitting, needs_position
from engine.plan.flow import DropCode

Approval = tuple[Record, Outcome]
_TAKEN_BACK: Final = "the message was edited or deleted"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An opening that is not wanted any more. intent_id: its intent key. code, why: see plan.flow.Dropped."""

    intent_id: str
    code: DropCode
    why: str


def given_up(record: Record, under_way: Iterable[Approval], playbook: Playbook, *, leads: bool) -> tuple[GivenUp, ...]:
    """
    Return the openings a decision gives up; what of them is filled by now stays, and is closed like any position.

    A close that finds no position, or not all of it, also means what was opened before and rests unfilled: left alone,
    that would fill once its author is out.
    under_way: approved outcomes that are not over. playbook: the version that decided. leads: whether production goes
    by it; one that is only tried gives up nothing that is meant for production.
    """
    own = [each for each in under_way if leads or not _is_real(each)]
    cancels = [outcome.intent_key for _, outcome in own if outcome.intent_key in record.decision.cancels]
    found = {key: GivenUp(key, DropCode.TAKEN_BACK, _TAKEN_BACK) for key in cancels}
    openings = [each for each in own if _may_mean(record, each)]
    for alert in _closes(record):
        for key in _meant(record, alert, openings, playbook.read.not_symbols):
            why = f"its author has closed it before it was filled, by message {record.message.id}"
            found.setdefault(key, GivenUp(key, DropCode.CLOSED_FIRST, why))
    return tuple(found.values())


def _closes(record: Record) -> Iterator[Alert]:
    """Yield the exits of a decision as they were read: those that stand, and those nothing is open for yet."""
    for outcome in record.decision.outcomes:
        alert = outcome.said or outcome.alert
        is_heard = outcome.verdict is Verdict.APPROVED or outcome.reason is Reason.NO_OPEN_POSITION
        if is_heard and alert is not None and alert.action is not Action.UPDATE and needs_position(alert):
            yield alert


def _is_real(opening: Approval) -> bool:
    stage = opening[0].facts.stage
    return stage is not None and stage.is_real


def _may_mean(record: Record, opening: Approval) -> bool:
    """Return whether the exits of a decision can be about an opening: of its playbook, and of another message."""
    before, outcome = opening
    is_same = before.decision.playbook == record.decision.playbook and before.message.id != record.message.id
    return is_same and bool(_opening_legs(outcome))


def _meant(record: Record, alert: Alert, openings: Iterable[Approval], not_symbols: frozenset[str]) -> Iterator[str]:
    """Yield the keys of openings an exit would mean if they had filled; of more than one it means each."""
    held = {outcome.intent_key: _as_held(before, outcome) for before, outcome in openings}
    fits = fitting(alert, tuple(held.values()), record.message, not_symbols)
    if not isinstance(fits, Refusal):
        yield from (key for key, position in held.items() if position in fits)


def _as_held(record: Record, outcome: Outcome) -> Position:
    """Return what an opening makes when it fills, as far as an exit asks."""
    legs = _opening_legs(outcome)
    structure = outcome.alert.structure if outcome.alert is not None and len(legs) > 1 else ""
    message = record.message
    return Position(
        record.decision.playbook, message.author.id, message.id, legs, Decimal(1), message.at, structure=structure
    )


def _opening_legs(outcome: Outcome) -> tuple[Leg, ...]:
    return () if outcome.alert is None else tuple(leg for leg in outcome.alert.legs if leg.action.opens)
