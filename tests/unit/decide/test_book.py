"""What has happened so far, as the decisions make it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.assumed import after, without_expired
from engine.decide.book import Book, Fills
from engine.decide.decide import decide
from engine.decide.facts import Earlier, Facts
from engine.decide.gathering import Known, gather
from engine.decide.ids import intent_key
from engine.decide.recent import MOST_REMEMBERED, REMEMBERED
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.activity import Activity
from engine.model.alert import Action, Alert, Asset, Leg, Reading
from engine.model.decision import Decision, Outcome, Reason, Size, Verdict
from engine.model.instrument import Right
from engine.model.market import ListedOption, Market, Quote
from engine.model.message import Author, EventKind, Message
from engine.model.playbook import Playbook
from engine.model.position import Closed, Position
from engine.parse.calendar import market_date
from tests.unit.decide.known import ACCOUNT, AT, BTO, CLOSING, FRIDAY, HOUSE, MESSAGE, OPENING, STC, STO, leg
from tests.unit.decide.test_control_gates import trading
from tests.unit.decide.test_strategies import buy, sell

MINUTE = timedelta(minutes=1)


def said(number: int, at: datetime = AT, by: str = "301") -> Message:
    return replace(MESSAGE, id=str(900 + number), author=Author(by, by), at=at)


class Told:
    """A book that is told what was approved, without asking any gate."""

    def __init__(self, terms: Terms, book: Book | None = None) -> None:
        self.terms = terms
        self.book = Book() if book is None else book
        self.number = 0

    def approve(
        self,
        alert: Alert,
        quantity: int | None = 2,
        price: str | None = None,
        at: datetime | None = None,
        by: str = "301",
    ) -> tuple[Closed, ...]:
        """Let an alert be approved, a minute after the one before."""
        self.number += 1
        message = said(self.number, at or AT + self.number * MINUTE, by)
        paid = alert.price if price is None else Decimal(price)
        size = None if quantity is None else Size(quantity, Decimal(100), paid, "test")
        outcome = Outcome(0, Verdict.APPROVED, Reason.APPROVED, "", replace(alert, price=paid), size=size)
        return self.record(message, outcome)

    def record(self, message: Message, *outcomes: Outcome) -> tuple[Closed, ...]:
        name, account = self.terms.playbook.name, self.terms.account
        keyed = tuple(
            replace(each, intent_key=intent_key(message, name, account, each.index), house_key="k")
            if each.verdict is Verdict.APPROVED
            else each
            for each in outcomes
        )
        return self.book.record(Record(message, Facts(message.at, "abc"), decided(message, name, keyed)), self.terms)

    def history(self, alert: Alert = OPENING, at: datetime | None = None, message: Message | None = None):
        moment = at or AT + (self.number + 1) * MINUTE
        return self.book.history(self.terms, message or said(999, moment), alert, moment)

    def held(self, by: str = "301") -> tuple[Position, ...]:
        found = self.book.positions(self.terms.playbook.name, by)
        assert found is not None
        return found


def decided(message: Message, playbook: str, outcomes: tuple[Outcome, ...]) -> Decision:
    author = message.author
    return Decision(
        *("id", playbook, "abc", message.id, message.event, message.channel_id, author.id, author.name),
        *(message.at, message.at, message.content, outcomes),
    )


@pytest.fixture
def told(playbook: Playbook) -> Told:
    return Told(Terms(playbook))


def test_an_opening_is_held_at_its_size_and_price(told: Told):
    told.approve(OPENING, 3, "1.30")

    (held,) = told.held()

    assert (held.quantity, held.price, held.legs) == (3, Decimal("1.30"), OPENING.legs)


@pytest.mark.parametrize(
    ("opening", "quantity", "opened", "closed", "profit"),
    [
        pytest.param(OPENING, 2, "1.25", "2.00", "150", id="a bought option"),
        pytest.param(OPENING, 2, "1.25", "1.00", "-50", id="a loss"),
        pytest.param(replace(OPENING, action=STO, legs=(leg(STO),)), 2, "1.25", "1.00", "50", id="a sold option"),
        pytest.param(
            replace(OPENING, action=STO, legs=(sell("500"), buy("505"))), 1, "1.50", "0.50", "100", id="a credit spread"
        ),
        pytest.param(replace(OPENING, legs=(buy("500"), sell("505"))), 1, "1.50", "2.50", "100", id="a debit spread"),
        pytest.param(
            Alert(BTO, "SPY", Asset.STOCK, (Leg(BTO, "SPY", Asset.STOCK),)), 10, "500", "501.50", "15", id="shares"
        ),
        pytest.param(
            Alert(STO, "/MES", Asset.FUTURE, (Leg(STO, "/MES", Asset.FUTURE),)), 1, "6000", "5990", "50", id="a future"
        ),
        pytest.param(
            Alert(BTO, "/XX", Asset.FUTURE, (Leg(BTO, "/XX", Asset.FUTURE),)),
            1,
            "60",
            "59",
            None,
            id="unknown",
        ),
        pytest.param(OPENING, None, "1.25", "2.00", None, id="no size"),
        pytest.param(OPENING, 2, None, "2.00", None, id="no opening price"),
        pytest.param(OPENING, 2, "1.25", None, None, id="no closing price"),
    ],
)
def test_what_a_close_brings(
    told: Told, opening: Alert, quantity: int | None, opened: str | None, closed: str | None, profit: str | None
):
    told.approve(replace(opening, price=None), quantity, opened)

    (result,) = told.approve(close_of(opening), None, closed)

    assert result.profit == (None if profit is None else Decimal(profit))
    assert (result.opened_by, result.closed_by, result.quantity, result.is_expired) == ("901", "902", quantity, False)
    assert told.held() == ()


def close_of(opening: Alert, **changes: object) -> Alert:
    """The close of all an opening opened."""
    legs = tuple(replace(each, action=STC if each.action.buys else Action.BUY_TO_CLOSE) for each in opening.legs)
    return replace(opening, action=STC, legs=legs, price=None, **changes)  # type: ignore[arg-type]


def test_parts_are_closed_one_by_one(told: Told):
    told.approve(OPENING, 4, "1.00")

    first = told.approve(close_of(OPENING, fraction=Decimal("0.5")), 2, "2.00")
    second = told.approve(close_of(OPENING), 2, "3.00")

    assert [(each.quantity, each.profit) for each in (*first, *second)] == [(2, 200), (2, 400)]


def test_a_stop_move_closes_nothing_but_can_be_answered(told: Told):
    told.approve(OPENING)

    closed = told.approve(replace(OPENING, action=Action.UPDATE, legs=(leg(Action.UPDATE),)))

    assert closed == ()
    assert told.held()[0].messages == ("901", "902")


def test_a_roll_closes_one_and_opens_another(told: Told):
    told.approve(OPENING)

    (closed,) = told.approve(replace(OPENING, legs=(leg(STC), leg(BTO, "505"))))

    assert (closed.contract, closed.profit) == ("SPY 500C 2026-01-09", None)  # the roll's price is of both
    assert [held.legs for held in told.held()] == [(leg(BTO, "505"),)]
    assert told.history().playbook.open_positions == 1


def test_options_expire_at_the_end_of_their_day_and_are_worth_nothing(told: Told):
    told.approve(OPENING, 2, "1.25")
    friday_night = datetime(2026, 1, 10, 4, 59, tzinfo=UTC)

    assert told.book.expire(friday_night) == ()
    (closed,) = told.book.expire(friday_night + MINUTE)

    assert (closed.profit, closed.close_price, closed.is_expired, closed.closed_by) == (-250, 0, True, "")
    assert closed.closed_at == datetime(2026, 1, 9, 21, 0, tzinfo=UTC)
    assert (told.held(), told.book.expire(friday_night + 2 * MINUTE)) == ((), ())


def test_what_an_expired_option_was_worth_may_be_left_open(playbook: Playbook):
    told = Told(Terms(playbook), Book(expires_worthless=False))
    told.approve(OPENING, 2, "1.25")

    (closed,) = told.book.expire(datetime(2026, 1, 12, tzinfo=UTC))

    assert (closed.close_price, closed.profit, closed.is_expired) == (None, None, True)


def test_of_a_calendar_the_longer_leg_stays(told: Told):
    later = buy("500", expiry=date(2026, 2, 20))
    told.approve(replace(OPENING, legs=(later, sell("500"))))

    told.book.expire(datetime(2026, 1, 12, tzinfo=UTC))

    assert [held.legs for held in told.held()] == [(later,)]
    assert told.history(at=datetime(2026, 1, 12, 15, tzinfo=UTC)).playbook.open_positions == 1
    assert len(told.book.expire(datetime(2026, 2, 23, tzinfo=UTC))) == 1
    assert told.held() == ()


def test_recording_drops_what_has_expired_first(told: Told):
    told.approve(OPENING)

    closed = told.approve(
        replace(OPENING, legs=(leg(expiry=date(2026, 1, 16)),)), at=datetime(2026, 1, 12, 15, tzinfo=UTC)
    )

    assert [each.is_expired for each in closed] == [True]


def test_counts_by_scope(playbook: Playbook):
    told = Told(trading(playbook))
    told.approve(OPENING, 2, "1.00")
    told.approve(replace(OPENING, legs=(leg(strike="505"),)), 2, "1.00", by="302")
    told.approve(replace(OPENING, symbol="QQQ", legs=(replace(leg(), symbol="QQQ"),)), 1, "2.00")
    told.approve(close_of(OPENING), 2, "0.40")

    history = told.history()

    assert history.playbook == history.house == Activity(2, 3, Decimal(-120))
    assert history.symbol == history.house_symbol == Activity(1, 2, Decimal(-120))
    assert history.author == history.house_author == Activity(1, 2, Decimal(-120))


def test_an_account_is_shared_by_its_playbooks_and_who_observes_counts_alone(playbook: Playbook):
    book = Book()
    trades = trading(playbook)
    other = replace(trades, playbook=replace(trades.playbook, name="other"))
    observer = Terms(replace(playbook, name="observer"))
    for terms in (trades, other, observer):
        Told(terms, book).approve(OPENING)

    counts = [Told(terms, book).history().house.openings for terms in (trades, other, observer)]

    assert counts == [2, 2, 1]
    assert [Told(terms, book).history().playbook.openings for terms in (trades, other, observer)] == [1, 1, 1]


def test_the_day_ends_at_midnight_in_new_york(told: Told):
    told.approve(OPENING, 2, "1.00", at=datetime(2026, 1, 6, 4, 59, tzinfo=UTC))
    told.approve(close_of(OPENING), 2, "0.50", at=datetime(2026, 1, 6, 4, 59, tzinfo=UTC))
    told.approve(replace(OPENING, legs=(leg(strike="505"),)), at=datetime(2026, 1, 6, 4, 59, tzinfo=UTC))

    today = told.history(at=datetime(2026, 1, 6, 4, 59, 59, tzinfo=UTC)).playbook
    tomorrow = told.history(at=datetime(2026, 1, 6, 5, 0, tzinfo=UTC)).playbook

    assert today == Activity(1, 2, Decimal(-100))
    assert tomorrow == Activity(1, 0, Decimal(0))


def test_a_clock_set_back_over_midnight_forgets_nothing(told: Told):
    told.approve(OPENING, at=datetime(2026, 1, 6, 5, 0, tzinfo=UTC))

    assert told.history(at=datetime(2026, 1, 6, 4, 59, tzinfo=UTC)).playbook.openings == 1


def test_a_result_that_is_not_known_is_counted_apart(told: Told):
    told.approve(OPENING, None)
    told.approve(close_of(OPENING), None)

    assert told.history().playbook == Activity(0, 1, Decimal(0), unpriced=1)


@pytest.mark.parametrize(
    ("closes", "losses"),
    [
        pytest.param(["0.50"], 1, id="one"),
        pytest.param(["0.50", "0.50"], 2, id="two"),
        pytest.param(["0.50", "2.00", "0.50"], 1, id="a win begins anew"),
        pytest.param(["0.50", "1.00", "0.50"], 2, id="neither won nor lost changes nothing"),
        pytest.param(["0.50", None, "0.50"], 2, id="nor does what is not known"),
    ],
)
def test_losses_in_a_row(told: Told, closes: list[str | None], losses: int):
    for number, price in enumerate(closes):
        opening = replace(OPENING, legs=(leg(strike=str(500 + number)),))
        told.approve(opening, 1, "1.00")
        told.approve(close_of(opening), 1, price)

    history = told.history()

    assert (history.losses_in_a_row, history.last_loss_at) == (losses, AT + told.number * MINUTE)


def test_a_position_closed_in_parts_is_one_result(told: Told):
    told.approve(OPENING, 4, "1.00")
    for _ in range(3):
        told.approve(close_of(OPENING, quantity=1), 1, "0.90")
    assert told.history().losses_in_a_row == 0

    told.approve(close_of(OPENING), 1, "0.90")

    assert told.history().losses_in_a_row == 1


def test_without_fills_positions_and_results_are_not_known(playbook: Playbook):
    told = Told(Terms(playbook), Book(Fills.UNKNOWN))
    told.approve(OPENING)

    assert told.book.positions("momentum", "301") is None
    assert told.book.meant("momentum", said(5), (CLOSING,)) is None
    assert told.history().playbook == Activity(None, 1, None)
    assert told.history(replace(OPENING, symbol="QQQ")).symbol == Activity(None, 0, None)


@pytest.mark.parametrize(
    ("alert", "later", "found"),
    [
        pytest.param(OPENING, 5 * MINUTE, 1, id="the same contract within the window"),
        pytest.param(replace(OPENING, price=Decimal(9)), 5 * MINUTE, 1, id="at another price"),
        pytest.param(OPENING, 12 * MINUTE, 0, id="after the window"),
        pytest.param(replace(OPENING, legs=(leg(strike="505"),)), 5 * MINUTE, 0, id="another strike"),
        pytest.param(replace(OPENING, legs=(leg(strike=None, expiry=None),)), 5 * MINUTE, 1, id="a signal: any of it"),
        pytest.param(CLOSING, 5 * MINUTE, 0, id="a close asks for none"),
    ],
)
def test_similar_openings(told: Told, alert: Alert, later: timedelta, found: int):
    told.approve(OPENING)

    assert len(told.history(alert, AT + later).similar) == found


def test_openings_of_others_are_similar_within_one_account_only(playbook: Playbook):
    book = Book()
    trades = trading(playbook, duplicate_window=timedelta(hours=1))
    Told(replace(trades, playbook=replace(trades.playbook, name="other")), book).approve(OPENING)
    Told(Terms(replace(playbook, name="observer")), book).approve(replace(OPENING))

    (similar,) = Told(trades, book).history(at=AT + 30 * MINUTE).similar

    assert (similar.playbook, similar.account) == ("other", "main")


def test_what_a_message_said_and_led_to_is_known_to_its_next_event(told: Told):
    exit_said = replace(CLOSING, legs=(), symbol=None)
    opened = Outcome(0, Verdict.APPROVED, Reason.APPROVED, "", OPENING)
    closed = Outcome(1, Verdict.APPROVED, Reason.APPROVED, "", CLOSING, said=exit_said)
    refused = Outcome(2, Verdict.DENIED, Reason.TOO_LATE, "", OPENING)
    message = said(1)
    told.record(message, opened, closed, refused)

    keys = [intent_key(message, "momentum", "", index) for index in (0, 1)]

    assert told.book.earlier("momentum", message.id) == Earlier(1, (OPENING, exit_said, OPENING), tuple(keys))
    assert told.history(message=message).intents == frozenset(keys)
    assert told.history(CLOSING, message=message).intents == frozenset(keys)
    assert told.book.earlier("other", message.id) is None


def test_intents_outlive_an_edit(told: Told):
    message = said(1)
    told.record(message, Outcome(0, Verdict.APPROVED, Reason.APPROVED, "", OPENING))
    edited = replace(message, kind=EventKind.EDITED, event=2)
    told.record(edited, Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, ""))

    earlier = told.book.earlier("momentum", message.id)

    assert earlier == Earlier(2, (), (intent_key(message, "momentum", "", 0),))


def test_chatter_is_remembered_as_saying_nothing(told: Told):
    told.record(said(1), Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, ""))

    assert told.book.earlier("momentum", "901") == Earlier(1, ())


def test_old_messages_are_forgotten(told: Told):
    chatter = Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, "")
    told.record(said(1), chatter)
    told.record(said(2, AT + REMEMBERED), chatter)
    assert told.book.earlier("momentum", "901") is not None

    told.record(said(3, AT + REMEMBERED + MINUTE), chatter)

    assert told.book.earlier("momentum", "901") is None
    assert told.book.earlier("momentum", "902") is not None


def test_no_more_than_so_many_messages_are_remembered(told: Told):
    chatter = Outcome(0, Verdict.IGNORED, Reason.NOT_AN_ALERT, "")
    for number in range(MOST_REMEMBERED + 1):
        told.record(said(number), chatter)

    assert told.book.earlier("momentum", "900") is None
    assert told.book.earlier("momentum", "901") is not None


def test_what_openings_may_pay_beyond_the_mid_is_added_up(playbook: Playbook):
    told = Told(Terms(playbook, (), HOUSE))
    option = ListedOption(FRIDAY, Decimal(500), Right.CALL, quote=Quote(AT, Decimal("1.10"), Decimal("1.30")))
    known = Known(AT, "abc", lambda alert: Market("SPY", chain=(option,)), ACCOUNT, ())
    facts = gather(told.book, told.terms, MESSAGE, Reading((OPENING,)), known)
    decision = decide(told.terms, MESSAGE, Reading((OPENING,)), facts)

    told.book.record(Record(MESSAGE, facts, decision), told.terms)

    assert told.history().house.over_mid == Decimal("0.05") * 8 * 100


SYMBOLS = ("SPY", "SPX", "SPXW", "QQQ")


def test_an_exit_sees_the_positions_it_may_mean(told: Told):
    for symbol in SYMBOLS:
        told.approve(replace(OPENING, symbol=symbol, legs=(replace(leg(), symbol=symbol),)))

    def meant(symbol: str | None, answers: str = "") -> list[str | None]:
        close = Alert(STC, symbol, None)
        found = told.book.meant("momentum", replace(said(99), reply_to=answers), (close,))
        return [position.symbol for position in found or ()]

    assert meant("SPY") == ["SPY"]
    assert meant("SPXW") == ["SPX", "SPXW"]
    assert meant("SPY", answers="904") == ["SPY", "QQQ"]
    assert meant(None) == list(SYMBOLS)
    assert meant("TSLA") == list(SYMBOLS)  # to say what is open instead


steps = st.lists(
    st.tuples(
        st.sampled_from(["open", "close", "trim", "roll", "move"]),
        st.sampled_from(["500", "505"]),
        st.sampled_from([BTO, STO]),
        st.sampled_from([FRIDAY, date(2026, 1, 16)]),
        st.none() | st.integers(1, 4),
        st.integers(0, 2000),
    ),
    max_size=15,
)


@given(steps)
def test_a_book_holds_what_a_fold_over_all_positions_holds(playbook: Playbook, steps: Iterable[tuple[object, ...]]):
    told, held, at = Told(Terms(playbook)), (), AT
    for kind, strike, side, expiry, quantity, minutes in steps:
        at += minutes * MINUTE  # type: ignore[operator]
        alert = asked(kind, strike, side, expiry)  # type: ignore[arg-type]
        held = without_expired(held, market_date(at))
        message = said(told.number + 1, at)
        size = None if quantity is None else Size(quantity, Decimal(1), Decimal(1), "test")  # type: ignore[arg-type]
        outcome = Outcome(0, Verdict.APPROVED, Reason.APPROVED, "", replace(alert, price=Decimal(1)), size=size)
        held = after(held, outcome, message, told.terms)
        told.approve(alert, quantity, "1", at)  # type: ignore[arg-type]

    assert sorted(told.held(), key=repr) == sorted(held, key=repr)
    assert told.history(at=at).playbook.open_positions == len(held)
    assert told.book.held() == told.held()


def asked(kind: str, strike: str, side: Action, expiry: date) -> Alert:
    opened = leg(side, strike, expiry=expiry)
    closing = replace(opened, action=STC if side.buys else Action.BUY_TO_CLOSE)
    if kind == "open":
        return replace(OPENING, legs=(opened,))
    if kind == "move":
        return replace(OPENING, action=Action.UPDATE, legs=(replace(opened, action=Action.UPDATE),))
    if kind == "roll":
        return replace(OPENING, legs=(closing, replace(opened, strike=Decimal(510))))
    return replace(CLOSING, legs=(closing,), fraction=Decimal("0.5") if kind == "trim" else None)


@given(steps)
def test_the_same_decisions_make_the_same_book(playbook: Playbook, steps: list[tuple[object, ...]]):
    one, other = Told(Terms(playbook)), Told(Terms(playbook))
    closed: list[list[Closed]] = [[], []]
    for told, results in zip((one, other), closed, strict=True):
        at = AT
        for kind, strike, side, expiry, quantity, minutes in steps:
            at += minutes * MINUTE  # type: ignore[operator]
            if told is other:
                results += told.book.expire(at)  # noticed earlier or with the record: the same
            results += told.approve(asked(kind, strike, side, expiry), quantity, "1", at)  # type: ignore[arg-type]

    assert closed[0] == closed[1]
    assert one.history() == other.history()
