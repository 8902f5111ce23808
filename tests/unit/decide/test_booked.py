"""Positions made of real fills, and what is reserved until they are known."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.decide.book import Book, Fills
from engine.decide.facts import Facts
from engine.decide.ids import intent_key
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.activity import Activity
from engine.model.alert import Action, Alert
from engine.model.decision import Outcome, Reason, Size, Verdict
from engine.model.playbook import Playbook
from engine.model.position import Closed, Position
from engine.model.stages import Stage
from tests.unit.conftest import make_playbook
from tests.unit.decide.known import AT, BTO, CLOSING, OPENING, STC, leg
from tests.unit.decide.test_book import MINUTE, close_of, decided, said
from tests.unit.decide.test_strategies import buy, sell
from tests.unit.plan.staged import staged

MAIN, CERT = Stage.PRODUCTION, Stage.SANDBOX


class Desk:
    """A book of booked fills, told of approvals and fills."""

    def __init__(self, playbook: Playbook) -> None:
        self.terms = Terms(staged(playbook))
        self.book = Book(Fills.BOOKED)
        self.number = 0

    @property
    def now(self) -> datetime:
        return AT + self.number * MINUTE

    def approve(self, alert: Alert, units: int | None = 2, stage: Stage = MAIN, account: str = "") -> str:
        """Let an alert be approved; return its intent key."""
        self.number += 1
        message = said(self.number, self.now)
        terms = self.terms.at(stage)
        key = intent_key(message, "momentum", account or terms.account, 0)
        size = None if units is None else Size(units, Decimal(100), alert.price, "test")
        elsewhere = account if account != terms.account else ""
        outcome = Outcome(
            0, Verdict.APPROVED, Reason.APPROVED, "", alert, size=size, intent_key=key, house_key="k", account=elsewhere
        )
        decision = decided(message, "momentum", (outcome,))
        assert self.book.record(Record(message, Facts(message.at, "abc", stage=stage), decision), self.terms) == ()
        return key

    def fill(self, key: str, units: int, cost: str | None = "1.25") -> tuple[Closed, ...]:
        self.number += 1
        return self.book.filled(key, units, None if cost is None else Decimal(cost), self.now)

    def held(self) -> tuple[Position, ...]:
        return self.book.held()

    def seen(self) -> list[tuple[str, int | None]]:
        """What the author's next exit can mean."""
        return [(each.account, each.quantity) for each in self.book.positions("momentum", "301") or ()]

    def counted(self, stage: Stage = MAIN, without: str = "", alert: Alert = OPENING) -> Activity:
        message = said(999, self.now)
        return self.book.history(self.terms.at(stage), message, alert, self.now, without=without).playbook


@pytest.fixture
def desk(playbook: Playbook) -> Desk:
    return Desk(playbook)


def test_an_approved_opening_counts_and_is_not_held(desk: Desk):
    """Two alerts never both pass a limit that has room for one."""
    desk.approve(OPENING)

    assert desk.held() == ()
    assert (desk.counted().open_positions, desk.counted().openings) == (1, 1)


def test_what_fills_is_held_at_its_real_price(desk: Desk):
    key = desk.approve(OPENING)

    assert desk.fill(key, 1, "1.20") == ()
    assert desk.fill(key, 2, "1.22") == ()

    (held,) = desk.held()
    assert (held.quantity, held.price, held.account, held.is_assumed) == (2, Decimal("1.22"), "main", False)
    assert held.messages == ("901",)
    assert desk.counted().open_positions == 1


def test_a_close_that_is_no_outcome_of_its_decision_reserves_and_takes_its_units_once(desk: Desk):
    """S-956."""
    desk.fill(desk.approve(OPENING, 4), 4, "1.00")
    message = said(50, desk.now)
    outcome = Outcome(
        0,
        Verdict.APPROVED,
        Reason.APPROVED,
        "",
        close_of(OPENING),
        size=Size(3, Decimal(0), None, "test"),
        intent_key="late",
        account="main",
    )
    record = Record(message, Facts(message.at, "abc"), decided(message, "momentum", ()))

    desk.book.reserve(record, outcome)
    desk.book.reserve(record, outcome)

    assert desk.seen() == [("main", 1)]
    (closed,) = desk.fill("late", 3, "-1.50")
    assert (closed.quantity, closed.closed_by) == (3, message.id)
    assert [each.quantity for each in desk.held()] == [1]
    assert desk.book.held_for("late") == 1


def test_the_same_total_again_changes_nothing(desk: Desk):
    key = desk.approve(OPENING)
    desk.fill(key, 2)
    before = desk.held()

    assert desk.fill(key, 2) == desk.fill(key, 1) == ()
    assert desk.held() == before


def test_what_did_not_fill_is_released(desk: Desk):
    key = desk.approve(OPENING)

    desk.book.released(key)

    assert (desk.counted().open_positions, desk.counted().openings) == (0, 1)
    desk.book.released(key)
    assert desk.counted().open_positions == 0


def test_a_part_that_filled_stays_when_the_rest_is_released(desk: Desk):
    key = desk.approve(OPENING)
    desk.fill(key, 1)

    desk.book.released(key)

    assert [each.quantity for each in desk.held()] == [1]
    assert desk.counted().open_positions == 1


def test_a_fill_after_the_release_is_booked(desk: Desk):
    key = desk.approve(OPENING)
    desk.book.released(key)

    desk.fill(key, 2)

    assert ([each.quantity for each in desk.held()], desk.counted().open_positions) == ([2], 1)


def test_a_close_takes_what_it_fills_at_the_real_price(desk: Desk):
    desk.fill(desk.approve(OPENING, 4), 4, "1.00")
    key = desk.approve(close_of(OPENING), 4)

    first, second = desk.fill(key, 1, "-2.00"), desk.fill(key, 4, "-1.25")

    assert [(each.quantity, each.close_price, each.profit) for each in (*first, *second)] == [
        (1, Decimal(2), Decimal(100)),
        (3, Decimal(1), Decimal(0)),
    ]
    assert not first[0].is_assumed
    assert (desk.held(), desk.counted().open_positions, desk.counted().profit) == ((), 0, Decimal(100))


def test_what_an_approved_close_may_take_is_not_there_for_the_next_exit(desk: Desk):
    desk.fill(desk.approve(OPENING, 4), 4)
    half = desk.approve(close_of(OPENING, fraction=Decimal("0.5")), 2)

    assert desk.seen() == [("main", 2)]
    desk.fill(half, 1)
    assert (desk.seen(), desk.held()[0].quantity) == ([("main", 2)], 3)
    rest = desk.approve(close_of(OPENING), 2)
    assert (desk.seen(), desk.held()[0].quantity) == ([], 3)
    desk.book.released(half)
    desk.book.released(rest)
    assert desk.seen() == [("main", 3)]


def test_how_much_a_close_may_find_is_all_that_is_held(desk: Desk):
    opening = desk.approve(OPENING, 4)
    desk.fill(opening, 4)
    key = desk.approve(close_of(OPENING), 4)

    assert desk.book.held_for(key) == 4
    assert (desk.book.held_for(opening), desk.book.held_for("unknown")) == (None, None)
    desk.fill(key, 3)
    assert desk.book.held_for(key) == 1


def test_more_than_is_held_is_never_closed(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2)

    (closed,) = desk.fill(desk.approve(close_of(OPENING), 5), 5)

    assert (closed.quantity, desk.held()) == (2, ())


def test_a_loss_is_one_of_real_prices(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2, "1.00")
    desk.fill(desk.approve(close_of(OPENING), 2), 2, "-0.40")

    history = desk.book.history(desk.terms.at(MAIN), said(999, desk.now), OPENING, desk.now)

    assert (history.playbook.profit, history.losses_in_a_row) == (Decimal(-120), 1)
    sandbox = desk.book.history(desk.terms.at(CERT), said(999, desk.now), OPENING, desk.now)
    assert (sandbox.playbook.profit, sandbox.losses_in_a_row) == (0, 0)


def test_sandbox_and_production_are_held_and_counted_apart(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2)
    desk.fill(desk.approve(OPENING, 3, CERT), 3)

    assert sorted(desk.seen()) == [("cert", 3), ("main", 2)]
    assert (desk.counted(MAIN).open_positions, desk.counted(CERT).openings) == (1, 1)
    desk.fill(desk.approve(close_of(OPENING), 3, CERT), 3)
    assert desk.seen() == [("main", 2)]


def test_a_close_reduces_the_account_it_is_for_whatever_the_stage(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2)

    desk.fill(desk.approve(close_of(OPENING), 2, CERT, account="main"), 2)

    assert desk.held() == ()


def test_what_is_only_observed_is_taken_as_filled(desk: Desk):
    desk.approve(OPENING, 2, Stage.OBSERVE)

    (held,) = desk.held()
    assert (held.account, held.is_assumed, held.quantity) == ("", True, 2)
    assert desk.counted(Stage.OBSERVE).open_positions == 1
    assert desk.counted(MAIN).open_positions == 0


def test_two_orders_of_one_contract_count_as_one_position(desk: Desk):
    first, second = desk.approve(OPENING, 2), desk.approve(OPENING, 2)

    assert desk.counted().open_positions == 1
    desk.fill(first, 2, "1.00")
    desk.book.released(first)
    desk.fill(second, 2, "2.00")
    (held,) = desk.held()
    assert (held.quantity, held.price, held.messages) == (4, Decimal("1.5"), ("901", "902"))
    assert desk.counted().open_positions == 1


def test_a_roll_closes_and_opens_what_it_fills(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2)
    key = desk.approve(replace(CLOSING, action=BTO, legs=(leg(STC), leg(BTO, "505")), price=Decimal("0.50")), 2)

    (closed,) = desk.fill(key, 2, "0.50")

    assert (closed.quantity, closed.close_price, closed.profit) == (2, None, None)
    assert [(each.legs, each.quantity, each.price) for each in desk.held()] == [((leg(BTO, "505"),), 2, None)]
    assert desk.counted().open_positions == 1


def test_a_stop_move_is_remembered_and_trades_nothing(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2)
    desk.approve(replace(OPENING, action=Action.UPDATE, legs=(leg(Action.UPDATE),)), None)

    (held,) = desk.held()
    assert (held.quantity, held.messages) == (2, ("901", "903"))


def test_the_message_of_a_close_means_the_position_it_closes(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2)

    desk.approve(close_of(OPENING), 1)

    assert desk.held()[0].messages == ("901", "903")


def test_an_expired_position_is_not_counted_any_more(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2)

    (closed,) = desk.book.expire(AT + timedelta(days=7))

    assert (closed.is_expired, desk.held(), desk.counted().open_positions) == (True, (), 0)


def test_a_fill_of_what_nobody_approved_is_not_ours(desk: Desk):
    assert desk.fill("unknown", 2) == ()
    desk.book.released("unknown")
    assert desk.held() == ()


@pytest.mark.parametrize("fills", [Fills.ASSUMED, Fills.UNKNOWN])
def test_books_that_assume_take_no_fills(playbook: Playbook, fills: Fills):
    desk = Desk(playbook)
    desk.book = Book(fills)
    key = desk.approve(OPENING)
    before = desk.held()

    assert desk.fill(key, 1, "9.99") == ()
    assert desk.held() == before


def test_an_opening_does_not_count_against_itself(desk: Desk):
    first = desk.approve(OPENING)
    second = desk.approve(replace(OPENING, legs=(leg(BTO, "505"),)))

    assert (desk.counted().open_positions, desk.counted().openings) == (2, 2)
    for key in (first, second):
        alone = desk.counted(without=key)
        assert (alone.open_positions, alone.openings) == (1, 1)


def test_what_is_held_besides_still_counts(desk: Desk):
    desk.fill(desk.approve(OPENING, 2), 2)
    again = desk.approve(OPENING, 2)

    assert (desk.counted().open_positions, desk.counted(without=again).open_positions) == (1, 1)
    assert desk.counted(without="unknown") == desk.counted()


def test_a_spread_is_one_position(desk: Desk):
    spread = replace(OPENING, legs=(buy("500"), sell("505")), price=Decimal("1.50"))
    desk.fill(desk.approve(spread, 2), 2, "1.40")

    (closed,) = desk.fill(desk.approve(close_of(spread), 2), 2, "-2.40")

    assert (closed.profit, desk.held()) == (Decimal(200), ())


@pytest.mark.parametrize(
    ("is_credit", "opened_at", "closed_at", "close_price", "profit"),
    [
        pytest.param(False, "1.40", "0.10", "-0.10", "-300", id="a debit spread that had to be paid for to be closed"),
        pytest.param(True, "-1.40", "-0.10", "-0.10", "300", id="a credit spread that brought money at its close"),
    ],
)
def test_a_close_that_went_against_its_sense_counts_as_it_was(
    desk: Desk, is_credit: bool, opened_at: str, closed_at: str, close_price: str, profit: str
):
    legs = (sell("500"), buy("505")) if is_credit else (buy("500"), sell("505"))
    spread = replace(OPENING, legs=legs, price=Decimal("1.50"), is_credit=is_credit)
    desk.fill(desk.approve(spread, 2), 2, opened_at)

    (closed,) = desk.fill(desk.approve(close_of(spread), 2), 2, closed_at)

    assert (closed.open_price, closed.close_price) == (Decimal("1.40"), Decimal(close_price))
    assert closed.profit == desk.counted().profit == Decimal(profit)


class Fate(RuleBasedStateMachine):
    """Orders of one contract filled and released in any order: what is held is what filled, and counts once."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(make_playbook())
        self.orders: dict[str, list[int]] = {}  # key → units, filled, whether it opens, whether it is over
        self.bought = self.sold = 0

    @rule(units=st.integers(1, 4))
    def open(self, units: int) -> None:
        self.orders[self.desk.approve(OPENING, units)] = [units, 0, 1, 0]

    @rule(units=st.integers(1, 4))
    def close(self, units: int) -> None:
        seen = sum(quantity or 0 for _, quantity in self.desk.seen())
        if seen:
            self.orders[self.desk.approve(close_of(OPENING), min(units, seen))] = [min(units, seen), 0, 0, 0]

    @rule(data=st.data())
    def fill(self, data: st.DataObject) -> None:
        working = [key for key, (units, filled, _, over) in self.orders.items() if filled < units and not over]
        if working:
            key = data.draw(st.sampled_from(working))
            units, filled, opens, _ = self.orders[key]
            total = data.draw(st.integers(filled, units))
            self.desk.fill(key, total)
            self.orders[key][1] = total
            if opens:
                self.bought += total - filled
            else:
                self.sold += total - filled

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        if self.orders:
            key = data.draw(st.sampled_from(sorted(self.orders)))
            self.desk.book.released(key)
            self.orders[key][3] = 1

    @invariant()
    def is_level(self) -> None:
        held = sum(each.quantity or 0 for each in self.desk.held())
        closing = sum(units - filled for units, filled, opens, over in self.orders.values() if not opens and not over)
        opening = any(filled < units and opens and not over for units, filled, opens, over in self.orders.values())
        assert held == self.bought - self.sold
        assert sum(quantity or 0 for _, quantity in self.desk.seen()) == held - closing >= 0
        assert self.desk.counted().open_positions == (1 if held or opening else 0)


TestFate = Fate.TestCase
TestFate.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
