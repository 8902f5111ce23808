"""What fills late is closed by an order that undoes exactly that, and by the same one after every restart."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.app.late_fills import ClosedFirst, late_close
from engine.decide.facts import Facts
from engine.decide.record import Record
from engine.model.alert import Action, Alert, Asset, Leg
from engine.model.decision import Decision, Outcome, Reason, Size, Verdict
from engine.model.instrument import Right
from engine.model.message import Author, Message
from engine.model.position import Position

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
BTO, STO, BTC, STC = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE


def option(action: Action, strike: int) -> Leg:
    return Leg(action, "SPY", Asset.OPTION, Decimal(strike), Right.CALL, date(2026, 11, 27))


def record(number: int, *outcomes: Outcome) -> Record:
    message = Message(str(number), "100", Author("301", "alice"), AT + timedelta(seconds=number), "")
    decision = Decision(
        f"d{number}", "momentum", "c0ffee", message.id, 1, "100", "301", "alice", message.at, message.at, "", outcomes,
        account="main",
    )  # fmt: skip
    return Record(message, Facts(message.at, "c0ffee"), decision)


def closed_first(*legs: Leg) -> ClosedFirst:
    """An opening of message 1 that message 2 closes."""
    alert = Alert(legs[0].action, "SPY", Asset.OPTION, legs)
    size = Size(3, Decimal(100), Decimal(1), "size")
    opening = Outcome(0, Verdict.APPROVED, Reason.APPROVED, "", alert, size=size, intent_key="opening")
    return ClosedFirst(record(2), (record(1, opening), opening))


def position(*legs: Leg, is_credit: bool | None = False) -> Position:
    return Position(
        "momentum", "301", "1", legs, Decimal(1), AT, Decimal(1), 3, is_credit=is_credit, account="main"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("legs", "was_credit", "actions", "is_credit"),
    [
        pytest.param((option(BTO, 600),), False, (STC,), True, id="bought"),
        pytest.param((option(STO, 600),), True, (BTC,), False, id="sold"),
        pytest.param((option(BTO, 600), option(STO, 610)), False, (STC, BTC), True, id="a spread that was paid for"),
        pytest.param((option(STO, 600), option(BTO, 610)), True, (BTC, STC), False, id="a spread for a credit"),
        pytest.param((option(STO, 600), option(BTO, 610)), None, (BTC, STC), None, id="nobody knows"),
    ],
)
def test_what_filled_late_is_closed_leg_by_leg(
    legs: tuple[Leg, ...], was_credit: bool | None, actions: tuple[Action, ...], is_credit: bool | None
):
    """S-956."""
    found = closed_first(*legs)

    close, outcome = late_close(found, position(*legs, is_credit=was_credit), 2)

    alert = outcome.alert
    assert close == found.close
    assert alert is not None
    assert tuple(leg.action for leg in alert.legs) == actions
    assert tuple(replace(leg, action=BTO) for leg in alert.legs) == tuple(replace(leg, action=BTO) for leg in legs)
    assert alert.is_credit is is_credit
    assert (outcome.size and outcome.size.quantity, outcome.account) == (2, "main")
    assert late_close(found, position(*legs, is_credit=was_credit), 2)[1].intent_key == outcome.intent_key != "opening"
