"""What positions tie up: spreads their worst payoff, bare shorts a share of the underlying."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.instrument import Option, Right
from engine.paper.instruments import Equity, EquityOption, Future
from engine.paper.margin import Stake, Tied, shifted, tied_up
from engine.paper.products import PENNY, SHARE_TICKS
from tests.unit.paper.known import FUTURE, LISTING, OPEN

NEAR, FAR = date(2026, 12, 18), date(2027, 1, 15)
SPY = Equity("SPY", 1, "SPY", SHARE_TICKS, PENNY)


def option(strike: str, right: Right, expiry: date = NEAR) -> EquityOption:
    return EquityOption(
        symbol=Option("SPY", expiry, right, Decimal(strike)).occ,
        root="SPY",
        underlying="SPY",
        expiry=expiry,
        right=right,
        strike=Decimal(strike),
        ticks=PENNY,
        expiration_type="Regular",
        settlement="PM",
        stops_trading_at=datetime(expiry.year, expiry.month, expiry.day, 21, tzinfo=UTC),
    )


def call(strike: str, quantity: int, price: str = "1", expiry: date = NEAR) -> Stake:
    return Stake(option(strike, Right.CALL, expiry), quantity, Decimal(price))


def put(strike: str, quantity: int, price: str = "1") -> Stake:
    return Stake(option(strike, Right.PUT), quantity, Decimal(price))


def tied(*stakes: Stake, is_margin: bool = True) -> Tied:
    return tied_up(stakes, lambda _: Decimal(100), is_margin=is_margin)


@pytest.mark.parametrize(
    ("stakes", "net"),
    [
        pytest.param((call("100", 1, "0.75"),), "0", id="a long option has been paid for"),
        pytest.param((call("100", 2), call("105", -2, "0.5")), "0", id="a debit spread has been paid for"),
        pytest.param((call("95", -1, "3"), call("98", 1)), "300", id="a credit spread takes its width"),
        pytest.param(
            (call("105", -1), call("110", 1), put("95", -1), put("90", 1)), "500", id="a condor takes one side"
        ),
        pytest.param((call("95", 1, "6"), call("100", -2, "3"), call("105", 1)), "0", id="a butterfly is paid for"),
        pytest.param((call("100", -1), call("100", 1, expiry=FAR)), "0", id="a longer option covers a shorter one"),
        pytest.param((call("100", 1), call("100", -1, expiry=FAR)), "2100", id="a shorter one covers nothing"),
        pytest.param((call("100", -1, "2"),), "2200", id="a bare call: a fifth and what it brought in"),
        pytest.param((put("90", -1, "1"),), "1100", id="a bare put: a fifth less what it is out of the money"),
        pytest.param((put("50", -1, "0.1"),), "510", id="but never less than a tenth of the strike"),
        pytest.param((Stake(SPY, 100, Decimal(100)),), "-5000", id="shares lend half of what they cost"),
        pytest.param((Stake(SPY, 100, Decimal(4)),), "0", id="cheap shares lend nothing"),
        pytest.param((Stake(SPY, -100, Decimal(100)),), "15000", id="short shares hold one and a half times"),
        pytest.param((Stake(SPY, 100, Decimal(100)), call("105", -1)), "-5000", id="shares cover a call"),
        pytest.param((Stake(SPY, 99, Decimal(100)), call("105", -1)), "-3350.0", id="99 shares do not"),
    ],
)
def test_what_is_held_back_of_cash(stakes: tuple[Stake, ...], net: str):
    assert tied(*stakes).net == Decimal(net)


def test_a_cash_account_borrows_nothing():
    assert tied(Stake(SPY, 100, Decimal(100)), is_margin=False).net == 0


def test_a_future_holds_its_margin():
    future = LISTING.instrument(FUTURE, OPEN)
    assert isinstance(future, Future)

    assert tied(Stake(future, -2, Decimal(6720))) == Tied(Decimal(46000), Decimal(0), Decimal(46000))


stakes_held = st.lists(
    st.tuples(st.sampled_from(("90", "95", "100", "105")), st.sampled_from(Right), st.integers(-3, 3)),
    max_size=5,
    unique_by=lambda each: each[:2],
)


@given(held=stakes_held, strike=st.sampled_from(("85", "97", "110")), right=st.sampled_from(Right))
def test_a_long_option_more_never_takes_more(held: list[tuple[str, Right, int]], strike: str, right: Right):
    stakes = [Stake(option(at, kind), quantity, Decimal(1)) for at, kind, quantity in held if quantity]
    more = Stake(option(strike, right), 1, Decimal(1))

    assert tied(*stakes, more).net <= tied(*stakes).net


@given(st.lists(st.tuples(st.integers(-9, 9).filter(bool), st.integers(1, 500)), min_size=1, max_size=12))
def test_cash_and_what_is_left_add_up_to_every_trade(trades: list[tuple[int, int]]):
    stake, cash = Stake(option("100", Right.CALL), 0, Decimal(0)), Decimal(0)
    gain = Decimal(0)
    for quantity, cents in trades:
        shift = shifted(stake, quantity, Decimal(cents) / 100)
        stake, cash, gain = shift.after, cash + shift.cash, gain + shift.gain

    assert stake.quantity == sum(quantity for quantity, _ in trades)
    assert cash == -sum(quantity * Decimal(cents) for quantity, cents in trades)
    assert abs(gain - stake.cost - cash) < Decimal("1e-15")


@given(st.lists(st.tuples(st.integers(-9, 9).filter(bool), st.integers(100, 500)), min_size=1, max_size=12))
def test_a_future_pays_what_it_gained_once_it_is_closed(trades: list[tuple[int, int]]):
    future = LISTING.instrument(FUTURE, OPEN)
    stake, cash = Stake(future, 0, Decimal(0)), Decimal(0)
    left = sum(quantity for quantity, _ in trades)
    for quantity, price in (*trades, (-left, 300)):
        shift = shifted(stake, quantity, Decimal(price))
        stake, cash = shift.after, cash + shift.cash

    paid = sum(quantity * price for quantity, price in (*trades, (-left, 300)))
    assert stake.quantity == 0
    assert abs(cash + 50 * paid) < Decimal("1e-15")
