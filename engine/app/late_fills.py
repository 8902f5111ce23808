"""Openings that fill after their author has closed them: the close that his words ask for then."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.app.giving_up import Approval
from engine.decide.book import Book
from engine.decide.ids import key_of_late
from engine.decide.record import Record
from engine.model.alert import Alert
from engine.model.decision import Outcome, Reason, Size, Verdict
from engine.model.position import Position
from engine.parse.legs import closing_legs

_BOUND: Final = "what filled late"


@dataclass(frozen=True, slots=True)
class ClosedFirst:
    """An opening that its author closed before all of it had filled. close: the decision that gave it up."""

    close: Record
    opening: Approval


def left_of(found: ClosedFirst, book: Book) -> Position | None:
    """Return what is held of an opening and no close under way takes; None when nothing is."""
    record, outcome = found.opening
    alert, account = outcome.alert, record.decision.account_of(outcome)
    legs = () if alert is None else tuple(leg for leg in alert.legs if leg.action.opens)
    own = book.positions(record.decision.playbook, record.message.author.id) or ()
    of_it = (each for each in own if each.account == account and each.legs == legs)
    return next((each for each in of_it if record.message.id in each.messages), None)


def late_close(found: ClosedFirst, position: Position, units: int) -> Approval:
    """
    Return an approved close of so many units of a position, as if the author's close had found them.

    It rests on the decision that gave the opening up, and has a key that follows from the opening's: made again after a
    restart it is the same.
    """
    legs = closing_legs(position.legs)
    is_credit = None if position.is_credit is None else not position.is_credit
    alert = Alert(
        legs[0].action, position.symbol, position.asset, legs, is_credit=is_credit, structure=position.structure
    )
    outcome = Outcome(
        0,
        Verdict.APPROVED,
        Reason.APPROVED,
        "it filled after its author was out",
        alert,
        size=Size(units, Decimal(0), None, _BOUND),
        intent_key=key_of_late(found.opening[1].intent_key),
        account=position.account,
    )
    return found.close, outcome
