"""The positions a replay assumes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.assumed import after, without_expired
from engine.decide.terms import Terms
from engine.model.alert import Action, Alert, Asset, Leg
from engine.model.decision import Outcome, Reason, Verdict
from engine.model.instrument import Right
from engine.model.message import Author, Message
from engine.model.playbook import ContractDefault, Playbook, StrikeChoice
from engine.model.position import Position

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
FRIDAY = date(2026, 1, 9)
BTO, STO, BTC, STC = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE


def call(action: Action, expiry: date | None = FRIDAY, strike: str | None = "500") -> Leg:
    return Leg(action, "SPY", Asset.OPTION, None if strike is None else Decimal(strike), Right.CALL, expiry)


def opening(*legs: Leg, price: str | None = "1.00", quantity: int | None = None) -> Alert:
    return Alert(BTO, "SPY", Asset.OPTION, legs, price=None if price is None else Decimal(price), quantity=quantity)


def exit_of(leg: Leg, fraction: str | None = None, quantity: int | None = None) -> Alert:
    part = None if fraction is None else Decimal(fraction)
    return Alert(STC, "SPY", Asset.OPTION, (leg,), fraction=part, quantity=quantity)


def message(number: int) -> Message:
    return Message(str(number), "100", Author("301", "alice"), AT + timedelta(minutes=number))


def approved(alert: Alert) -> Outcome:
    return Outcome(0, Verdict.APPROVED, Reason.APPROVED, "", alert)


def replayed(playbook: Playbook, *alerts: Alert) -> tuple[Position, ...]:
    positions: tuple[Position, ...] = ()
    for number, alert in enumerate(alerts, 1):
        positions = after(positions, approved(alert), message(number), Terms(playbook))
    return positions


def test_an_opening_is_filled_at_the_alerts_price(playbook: Playbook):
    assert replayed(playbook, opening(call(BTO), quantity=3)) == (
        Position(
            playbook="momentum",
            author_id="301",
            opened_by="1",
            legs=(call(BTO),),
            fraction=Decimal(1),
            opened_at=AT + timedelta(minutes=1),
            price=Decimal("1.00"),
            quantity=3,
            is_assumed=True,
        ),
    )


@pytest.mark.parametrize(
    ("bought", "alert", "left", "quantity"),
    [
        pytest.param(4, exit_of(call(STC), "0.5"), "0.5", 2, id="half"),
        pytest.param(3, exit_of(call(STC), "0.5"), "0.5", 2, id="half of three sells one"),
        pytest.param(1, exit_of(call(STC), "0.5"), "0.5", 1, id="half of one contract sells none"),
        pytest.param(None, exit_of(call(STC), "0.25"), "0.75", None, id="a quarter of an unknown size"),
        pytest.param(4, exit_of(call(STC), quantity=1), "0.75", 3, id="one of four"),
        pytest.param(4, exit_of(call(STC), "0.5", 1), "0.75", 3, id="the quantity counts before the fraction"),
        pytest.param(None, exit_of(call(STC), "0.5", 1), "0.5", None, id="of an unknown size only the fraction counts"),
        pytest.param(None, exit_of(call(STC), quantity=2), "1", None, id="two of an unknown size leaves it open"),
        pytest.param(4, exit_of(call(STC), quantity=9), None, None, id="more than there is closes all"),
        pytest.param(4, exit_of(call(STC), "1"), None, None, id="all out"),
        pytest.param(4, exit_of(call(STC)), None, None, id="an exit that says no amount closes all"),
        pytest.param(
            4, Alert(Action.UPDATE, "SPY", Asset.OPTION, (call(Action.UPDATE),)), "1", 4, id="a stop move closes none"
        ),
    ],
)
def test_what_an_exit_leaves(
    playbook: Playbook, bought: int | None, alert: Alert, left: str | None, quantity: int | None
):
    positions = replayed(playbook, opening(call(BTO), quantity=bought), alert)

    if left is None:
        assert positions == ()
    else:
        (position,) = positions
        assert (position.fraction, position.quantity) == (Decimal(left), quantity)
        assert position.messages == ("1", "2")


def test_a_fraction_is_of_what_is_left(playbook: Playbook):
    half = exit_of(call(STC), "0.5")

    (position,) = replayed(playbook, opening(call(BTO), quantity=8), half, half)

    assert (position.fraction, position.quantity) == (Decimal("0.25"), 2)


def test_averaging_adds_and_a_reply_to_either_message_means_the_position(playbook: Playbook):
    first, second = opening(call(BTO), quantity=1), opening(call(BTO), price="2.50", quantity=2)

    (position,) = replayed(playbook, first, second)

    assert (position.quantity, position.price) == (3, Decimal(2))
    assert position.messages == ("1", "2")


def test_the_average_of_an_unknown_size_is_unknown(playbook: Playbook):
    (position,) = replayed(playbook, opening(call(BTO)), opening(call(BTO), quantity=2))

    assert (position.quantity, position.price, position.fraction) == (None, None, Decimal(1))


def test_an_exit_closes_only_its_own_contract(playbook: Playbook):
    other = call(BTO, strike="505")

    positions = replayed(playbook, opening(call(BTO)), opening(other), exit_of(call(STC)))

    assert [position.legs for position in positions] == [(other,)]


def test_closing_a_spread_leaves_a_single_leg_of_the_same_contract(playbook: Playbook):
    short = call(STO, strike="505")
    spread = Alert(STC, "SPY", Asset.OPTION, (call(STC), replace(short, action=BTC)))

    positions = replayed(playbook, opening(call(BTO)), opening(call(BTO), short), spread)

    assert [position.legs for position in positions] == [(call(BTO),)]


def test_a_roll_closes_one_and_opens_another(playbook: Playbook):
    later = call(BTO, date(2026, 1, 16))
    roll = Alert(BTO, "SPY", Asset.OPTION, (call(STC), later), structure="roll")

    (position,) = replayed(playbook, opening(call(BTO)), roll)

    assert (position.legs, position.structure) == ((later,), "")
    assert position.opened_by == "2"


def test_an_option_lives_to_the_end_of_its_expiry(playbook: Playbook):
    positions = replayed(playbook, opening(call(BTO)))

    assert without_expired(positions, FRIDAY) == positions
    assert without_expired(positions, FRIDAY + timedelta(days=1)) == ()


def test_only_the_expired_leg_of_a_calendar_goes(playbook: Playbook):
    far = call(BTO, date(2026, 2, 20))
    positions = replayed(playbook, opening(call(STO), far))

    (position,) = without_expired(positions, FRIDAY + timedelta(days=1))

    assert position.legs == (far,)


def test_stock_never_expires(playbook: Playbook):
    positions = replayed(playbook, opening(Leg(BTO, "AAPL", Asset.STOCK)))

    assert without_expired(positions, date(2036, 1, 1)) == positions


def test_a_contract_not_chosen_yet_expires_when_the_playbooks_range_ends(playbook: Playbook):
    chosen = ContractDefault(0, 7, StrikeChoice.ATM, Decimal(0), playbook.span)
    choosing = replace(playbook, defaults=replace(playbook.defaults, contract=chosen))

    positions = replayed(choosing, opening(call(BTO, None, None)))

    assert without_expired(positions, date(2026, 1, 12)) == positions
    assert without_expired(positions, date(2026, 1, 13)) == ()


steps = st.lists(
    st.one_of(
        st.builds(opening, st.just(call(BTO)), quantity=st.none() | st.integers(1, 9)),
        st.builds(
            exit_of,
            st.just(call(STC)),
            st.none() | st.sampled_from(["0.25", "0.3333", "0.5", "1"]),
            st.none() | st.integers(1, 9),
        ),
    ),
    max_size=12,
)


@given(steps)
def test_there_is_never_less_than_nothing(playbook: Playbook, alerts: list[Alert]):
    for position in replayed(playbook, *alerts):
        assert 0 < position.fraction <= 1
        assert position.quantity is None or position.quantity > 0
