"""Which openings under way a decision gives up: those its exits would mean if they had filled, and no others."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app.giving_up import Approval, GivenUp, given_up
from engine.decide.facts import Facts
from engine.decide.record import Record
from engine.model.alert import Action, Alert, Asset, Found, Leg
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.instrument import Right
from engine.model.message import Author, Message
from engine.model.source import Place
from engine.model.stages import Stage
from engine.plan.flow import DropCode
from tests.unit.conftest import make_playbook

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
BTO, STC, UPDATE = Action.BUY_TO_OPEN, Action.SELL_TO_CLOSE, Action.UPDATE
PLAYBOOK = make_playbook()


def message(number: int, author: str = "301", reply_to: str = "") -> Message:
    return Message(str(number), "100", Author(author, "alice"), AT, "", reply_to=reply_to)


def record(of: Message, *outcomes: Outcome, cancels: tuple[str, ...] = (), stage: Stage = Stage.PRODUCTION) -> Record:
    """A decision about a message; of another author than alice too."""
    decision = Decision(
        "d", "momentum", "c0ffee", of.id, 1, "100", of.author.id, "alice", AT, AT, "", outcomes, cancels=cancels
    )
    return Record(of, Facts(AT, "c0ffee", stage=stage), decision)


def option(symbol: str | None, strike: int | None, action: Action = BTO) -> Leg:
    named = strike is not None
    return Leg(
        action,
        symbol,
        Asset.OPTION,
        Decimal(strike) if strike is not None else None,
        Right.CALL if named else None,
        FRIDAY if named else None,
    )


def opening(
    number: int, symbol: str = "SPY", strike: int = 600, stage: Stage = Stage.PRODUCTION, author: str = "301"
) -> Approval:
    alert = Alert(BTO, symbol, Asset.OPTION, (option(symbol, strike),))
    outcome = Outcome(0, Verdict.APPROVED, Reason.APPROVED, "", alert, intent_key=f"key{number}")
    return record(message(number, author), outcome, stage=stage), outcome


def close(
    symbol: str | None = None, *legs: Leg, reason: Reason = Reason.NO_OPEN_POSITION, word: str = "out"
) -> Outcome:
    found = (Found("action", word, Place("content", 0, len(word))),)
    alert = Alert(STC, symbol, Asset.OPTION if legs else None, legs, found=found)
    verdict = Verdict.APPROVED if reason is Reason.APPROVED else Verdict.DENIED
    return Outcome(0, verdict, reason, "", alert)


UNDER_WAY = (
    opening(1, "SPY", 600),
    opening(2, "SPY", 610),
    opening(3, "QQQ", 500),
    opening(4, "SPY", 600, author="302"),
    opening(5, "SPY", 620, Stage.SANDBOX),
)


def keys(of: Record, *, leads: bool = True) -> list[str]:
    return [each.intent_id for each in given_up(of, UNDER_WAY, PLAYBOOK, leads=leads)]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (close(), ["key1", "key2", "key3", "key5"]),
        (close("SPY"), ["key1", "key2", "key5"]),
        (close("SPY", option("SPY", 610, STC)), ["key2"]),
        (close("AAPL"), []),
        (close("SPY", reason=Reason.APPROVED), ["key1", "key2", "key5"]),
        (close("SPY", reason=Reason.MAY_NOT_CLOSE), []),
        (close("SPY", reason=Reason.TOO_LATE), []),
        (close("SPY", reason=Reason.AMBIGUOUS_POSITION), []),
        (replace(close("SPY"), alert=Alert(UPDATE, "SPY", None)), []),
        (replace(close(), alert=None), []),
    ],
    ids=["all", "symbol", "contract", "other", "approved", "may not", "late", "ambiguous", "stop move", "no alert"],
)
def test_a_close_gives_up_what_it_would_mean(outcome: Outcome, expected: list[str]):
    assert keys(record(message(9), outcome)) == expected


def test_what_was_said_counts_and_not_what_it_was_resolved_to():
    said = close("SPY").alert
    resolved = replace(close("SPY", option("SPY", 610, STC), reason=Reason.APPROVED), said=said)

    assert keys(record(message(9), resolved)) == ["key1", "key2", "key5"]


def test_an_answer_means_what_it_answers():
    assert keys(record(message(9, reply_to="3"), close())) == ["key3"]
    assert keys(record(message(9, reply_to="77"), close())) == []


def test_a_message_gives_up_nothing_it_opens_itself():
    assert keys(record(message(1), close("SPY"))) == ["key2", "key5"]


def test_nobody_gives_up_what_others_opened():
    assert keys(record(message(9, "302"), close())) == ["key4"]


def test_a_version_that_is_only_tried_gives_up_what_is_only_tried():
    assert keys(record(message(9), close()), leads=False) == ["key5"]
    assert keys(record(message(9), cancels=("key1", "key5")), leads=False) == ["key5"]


def test_an_edit_takes_back_what_is_under_way_and_says_so():
    found = given_up(record(message(9), cancels=("key2", "over")), UNDER_WAY, PLAYBOOK, leads=True)

    assert found == (GivenUp("key2", DropCode.TAKEN_BACK, "the message was edited or deleted"),)


def test_what_is_both_taken_back_and_closed_is_given_up_once():
    found = given_up(record(message(9), close("QQQ"), cancels=("key3",)), UNDER_WAY, PLAYBOOK, leads=True)

    assert [(each.intent_id, each.code) for each in found] == [("key3", DropCode.TAKEN_BACK)]


@given(st.lists(st.sampled_from(UNDER_WAY), unique_by=lambda each: each[1].intent_key), st.booleans(), st.booleans())
def test_only_what_is_under_way_is_given_up(under_way: list[Approval], is_bare: bool, leads: bool):
    outcome = close() if is_bare else close("SPY")

    found = given_up(record(message(9), outcome), under_way, PLAYBOOK, leads=leads)

    assert {each.intent_id for each in found} <= {outcome.intent_key for _, outcome in under_way}
    assert all(each.code is DropCode.CLOSED_FIRST and "9" in each.why for each in found)
