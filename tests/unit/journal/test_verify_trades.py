"""What a journal holds of trading must be readable, and belong together."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.journal.reading import read_entries
from engine.journal.verify_trades import TradeFault, verify_trades
from engine.lifecycle import events as e
from engine.lifecycle.slot import Purpose
from engine.model.entry import EntryKind
from engine.plan.entries import FlowHappened, Intended, OrderHappened, Planned, Role
from engine.plan.flow import Approved
from tests.trading import TradingDesk, intent_of, key, leave_open, trade_in_production, trade_in_sandbox


@pytest.fixture
def desk(tmp_path: Path) -> TradingDesk:
    """A desk whose first alert was traded."""
    desk = TradingDesk.open(tmp_path / "journal")
    trade_in_production(desk)
    return desk


def found(desk: TradingDesk) -> list[tuple[TradeFault, str]]:
    desk.close()
    return [(problem.fault, problem.message) for problem in verify_trades(read_entries(desk.folder))]


def test_a_journal_as_the_engine_writes_it_has_no_problem(desk: TradingDesk):
    """S-907."""
    trade_in_sandbox(desk)
    leave_open(desk)

    assert found(desk) == []


def _of_another_account(desk: TradingDesk) -> None:
    desk.write(OrderHappened("other", key(1), f"{key(1)}-1", e.CancelAsked("a person")))


def _of_a_second_order(desk: TradingDesk) -> None:
    desk.write(OrderHappened("main", key(1), f"{key(1)}-2", e.CancelAsked("a person")))


def _of_no_intent(desk: TradingDesk) -> None:
    order = desk.slots["main", key(1)].attempts[0].order
    desk.write(Planned("main", "b", "gone", Role.TRADE, Purpose.ENTRY, 2, order))


def _step_of_no_intent(desk: TradingDesk) -> None:
    desk.write(FlowHappened("gone", Approved("dana")))


def _intent_again(desk: TradingDesk) -> None:
    desk.write(Intended(intent_of(desk.decide())))


def _order_again(desk: TradingDesk) -> None:
    order = desk.slots["main", key(1)].attempts[0].order
    desk.write(Planned("main", key(1), key(1), Role.TRADE, Purpose.ENTRY, 2, order))


def _unreadable(desk: TradingDesk) -> None:
    desk.log.append(EntryKind.FLOW, desk.run, b'{"intent_id":"a","event":"blessed","body":{}}')


@pytest.mark.parametrize(
    ("spoil", "fault", "names"),
    [
        (_of_another_account, TradeFault.WITHOUT_PLAN, "account other"),
        (_of_a_second_order, TradeFault.WITHOUT_PLAN, f"order {key(1)}-2"),
        (_of_no_intent, TradeFault.WITHOUT_INTENT, "for intent gone"),
        (_step_of_no_intent, TradeFault.WITHOUT_INTENT, "a step of intent gone"),
        (_intent_again, TradeFault.TWICE, f"intent {key(1)}"),
        (_order_again, TradeFault.TWICE, f"order {key(1)}-1"),
        (_unreadable, TradeFault.UNREADABLE, "blessed"),
    ],
)
def test_each_entry_that_does_not_fit_is_named(
    desk: TradingDesk, spoil: Callable[[TradingDesk], None], fault: TradeFault, names: str
):
    """S-907."""
    spoil(desk)

    [(kind, message)] = found(desk)

    assert kind is fault
    assert names in message
