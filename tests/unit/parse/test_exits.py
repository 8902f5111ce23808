"""An exit means the one open position of its author that fits, or nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.alert import Action, Alert, Asset, Found, Leg, Refusal
from engine.model.instrument import Right
from engine.model.message import Author, Message
from engine.model.position import Position
from engine.model.source import Place
from engine.parse.exits import names_contract, resolve

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
FRIDAY = date(2026, 1, 9)
BTO, STO, BTC, STC = Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE, Action.SELL_TO_CLOSE


def option(
    symbol: str | None,
    strike: str | None = None,
    right: Right | None = None,
    expiry: date | None = None,
    action: Action = STC,
) -> Leg:
    return Leg(action, symbol, Asset.OPTION, None if strike is None else Decimal(strike), right, expiry)


def held(opened_by: str, *legs: Leg, author: str = "301", structure: str = "") -> Position:
    return Position("momentum", author, opened_by, legs, Decimal(1), AT, structure=structure)


def says(text: str = "", *, reply_to: str = "") -> Message:
    return Message("900", "100", Author("301", "alice"), AT, text, reply_to=reply_to)


def closing(symbol: str | None = None, *legs: Leg, asset: Asset | None = None, word: str = "out") -> Alert:
    found = (Found("action", word, Place("content", 0, len(word))),)
    return Alert(STC, symbol, asset, legs, found=found)


SPY_CALL = held("1", option("SPY", "500", Right.CALL, FRIDAY, BTO))
SPY_PUT = held("2", option("SPY", "490", Right.PUT, FRIDAY, BTO))
TSLA_CALL = held("3", option("TSLA", "200", Right.CALL, FRIDAY, BTO))
SHORT_PUT = held("4", option("AMD", "100", Right.PUT, FRIDAY, STO))
SPX_CALL = held("5", option("SPX", "7000", Right.CALL, FRIDAY, BTO))
AAPL_STOCK = held("6", Leg(BTO, "AAPL", Asset.STOCK))
OTHERS = held("7", option("NVDA", "180", Right.CALL, FRIDAY, BTO), author="999")
SPREAD = held(
    "8",
    option("SPX", "7390", Right.CALL, FRIDAY, STO),
    option("SPX", "7395", Right.CALL, FRIDAY, BTO),
    structure="call_credit_spread",
)
ALL_CAPS_WORD = held("9", option("ALL", "200", Right.CALL, FRIDAY, BTO))


@pytest.mark.parametrize(
    ("alert", "message", "positions", "expected"),
    [
        pytest.param(
            closing("SPY", option("SPY", "500", Right.CALL, FRIDAY)),
            says(),
            (SPY_CALL, SPY_PUT, TSLA_CALL),
            SPY_CALL,
            id="by its whole contract",
        ),
        pytest.param(
            closing("SPY", option("SPY", "500", Right.CALL)),
            says(),
            (SPY_CALL, SPY_PUT),
            SPY_CALL,
            id="the expiry comes from the position",
        ),
        pytest.param(
            closing(None, option(None, "500", Right.CALL)),
            says(),
            (SPY_CALL, SPY_PUT, TSLA_CALL),
            SPY_CALL,
            id="strike and right without a symbol",
        ),
        pytest.param(closing("TSLA"), says(), (SPY_CALL, TSLA_CALL), TSLA_CALL, id="by ticker"),
        pytest.param(
            closing("SPY", option("SPY", None, Right.PUT)), says(), (SPY_CALL, SPY_PUT), SPY_PUT, id="ticker and right"
        ),
        pytest.param(closing(), says(reply_to="2"), (SPY_CALL, SPY_PUT), SPY_PUT, id="by reply"),
        pytest.param(closing("SPY"), says(reply_to="1"), (SPY_CALL, SPY_PUT), SPY_CALL, id="reply and ticker"),
        pytest.param(
            closing(),
            says(reply_to="77"),
            (replace(SPY_CALL, followed_by=("77",)), SPY_PUT),
            SPY_CALL,
            id="by a later message",
        ),
        pytest.param(closing(), says("all out"), (SPY_CALL,), SPY_CALL, id="bare, with one position open"),
        pytest.param(
            closing(asset=Asset.OPTION), says("all out"), (SPY_CALL, AAPL_STOCK), SPY_CALL, id="bare, one of its class"
        ),
        pytest.param(
            closing(), says("out of tsla here"), (SPY_CALL, TSLA_CALL), TSLA_CALL, id="a ticker in lower case"
        ),
        pytest.param(
            closing("SPXW", option("SPXW", "7000", Right.CALL)), says(), (SPX_CALL,), SPX_CALL, id="SPXW is of SPX"
        ),
        pytest.param(
            closing("AMD", option("AMD", "100", Right.PUT), word="closed"),
            says(),
            (SHORT_PUT,),
            SHORT_PUT,
            id="a word without a side closes a short",
        ),
        pytest.param(
            closing("SPX", option("SPX", "7395", Right.CALL), option("SPX", "7390", Right.CALL)),
            says(),
            (SPX_CALL, SPREAD),
            SPREAD,
            id="legs in any order",
        ),
        pytest.param(
            replace(closing(asset=Asset.OPTION), structure="call_credit_spread"),
            says(),
            (SPX_CALL, SPREAD),
            SPREAD,
            id="by the structure's name",
        ),
        pytest.param(closing("NVDA"), says(), (OTHERS, SPY_CALL), None, id="never another author's position"),
        pytest.param(
            closing(None, asset=Asset.STOCK),
            says("all out"),
            (SPY_PUT,),
            None,
            id="a stock exit never closes an option",
        ),
        pytest.param(
            closing("SPY", option("SPY", "501", Right.CALL)),
            says(),
            (SPY_CALL,),
            None,
            id="a contract is matched strictly",
        ),
        pytest.param(
            closing("SPX", option("SPX", "7390", Right.CALL)), says(), (SPREAD,), None, id="one leg is not the spread"
        ),
        pytest.param(closing(), says(reply_to="55"), (SPY_CALL,), None, id="an answer to what has no open position"),
        pytest.param(closing(), says(), (), None, id="nothing open"),
    ],
)
def test_an_exit_finds_its_position(
    alert: Alert, message: Message, positions: tuple[Position, ...], expected: Position | None
):
    resolved = resolve(alert, positions, message)

    if expected is None:
        assert isinstance(resolved, Refusal)
        assert resolved.code == "no_open_position"
    else:
        assert isinstance(resolved, Alert)
        assert [(leg.strike, leg.right, leg.expiry) for leg in resolved.legs] == [
            (leg.strike, leg.right, leg.expiry) for leg in expected.legs
        ]
        assert [leg.action for leg in resolved.legs] == [STC if leg.action is BTO else BTC for leg in expected.legs]
        assert (resolved.symbol, resolved.asset) == (expected.symbol, expected.asset)


@pytest.mark.parametrize(
    ("alert", "message", "positions"),
    [
        pytest.param(closing("SPY"), says(), (SPY_CALL, SPY_PUT), id="two of one ticker"),
        pytest.param(closing(), says("all out"), (SPY_CALL, AAPL_STOCK), id="bare, two classes open"),
        pytest.param(closing(), says("out of spy and tsla"), (SPY_CALL, TSLA_CALL), id="names two"),
        pytest.param(closing("TSLA"), says(reply_to="1"), (SPY_CALL, TSLA_CALL), id="answers one, names another"),
        pytest.param(
            closing("AMD", option("AMD", "100", Right.PUT), word="STC"), says(), (SHORT_PUT,), id="STC of a short"
        ),
        pytest.param(closing("AMD", word="sold"), says(), (SHORT_PUT,), id="sold does not buy a short back"),
        pytest.param(
            replace(closing("SPY", option("SPY", "500", Right.CALL, action=BTC), word="BTC"), action=BTC),
            says(),
            (SPY_CALL,),
            id="BTC of a long",
        ),
        pytest.param(
            closing(asset=Asset.OPTION), says("all out of aapl"), (SPY_CALL, AAPL_STOCK), id="the text names the stock"
        ),
    ],
)
def test_an_exit_that_could_mean_two_things_is_refused(alert: Alert, message: Message, positions: tuple[Position, ...]):
    resolved = resolve(alert, positions, message)

    assert isinstance(resolved, Refusal)
    assert resolved.code == "ambiguous_position"
    assert resolved.reason


def test_words_the_alert_was_read_from_are_no_ticker():
    alert = replace(closing(), found=(Found("action", "all out", Place("content", 0, 7)),))

    resolved = resolve(alert, (ALL_CAPS_WORD, TSLA_CALL), says("all out"))

    assert isinstance(resolved, Refusal)
    assert resolved.code == "ambiguous_position"


def test_stop_words_are_no_ticker():
    alert = replace(closing(), found=())
    positions = (ALL_CAPS_WORD, TSLA_CALL)

    assert isinstance(resolve(alert, positions, says("all out")), Alert)
    assert isinstance(resolve(alert, positions, says("all out"), frozenset({"ALL"})), Refusal)


def test_a_stop_move_takes_the_contract_and_stays_a_stop_move():
    update = Alert(Action.UPDATE, "AMD", None)

    resolved = resolve(update, (SHORT_PUT,), says())

    assert isinstance(resolved, Alert)
    assert resolved.action is Action.UPDATE
    assert resolved.legs == (replace(SHORT_PUT.legs[0], action=Action.UPDATE),)


def test_a_roll_finds_what_it_closes_and_keeps_what_it_opens():
    opened = option("SPY", "505", Right.CALL, date(2026, 1, 16), BTO)
    roll = closing("SPY", option("SPY", "500", Right.CALL), opened, asset=Asset.OPTION)

    resolved = resolve(roll, (SPY_CALL, SPY_PUT), says())

    assert isinstance(resolved, Alert)
    assert resolved.legs == (option("SPY", "500", Right.CALL, FRIDAY), opened)


def test_the_fraction_is_left_as_it_is():
    half = replace(closing("TSLA"), fraction=Decimal("0.5"))
    position = replace(TSLA_CALL, fraction=Decimal("0.25"))

    resolved = resolve(half, (position,), says())

    assert isinstance(resolved, Alert)
    assert resolved.fraction == Decimal("0.5")


@pytest.mark.parametrize(
    ("alert", "expected"),
    [
        pytest.param(closing("SPY", option("SPY", "500", Right.CALL, FRIDAY)), True, id="a whole contract"),
        pytest.param(closing("SPY", option("SPY", "500", Right.CALL)), False, id="no expiry"),
        pytest.param(closing("AAPL", asset=Asset.STOCK), True, id="stock"),
        pytest.param(closing("AAPL"), False, id="a ticker of unknown class"),
        pytest.param(closing(), False, id="bare"),
    ],
)
def test_what_names_a_contract(alert: Alert, expected: bool):
    assert names_contract(alert) is expected


contracts = st.tuples(
    st.sampled_from(["SPY", "TSLA", "SPX"]),
    st.sampled_from(["100", "200"]),
    st.sampled_from(Right),
    st.sampled_from([BTO, STO]),
)


@given(
    book=st.lists(contracts, max_size=5, unique=True),
    symbol=st.sampled_from([None, "SPY", "TSLA", "SPXW"]),
    strike=st.sampled_from([None, "100"]),
    word=st.sampled_from(["out", "STC", "trim"]),
    reply_to=st.sampled_from(["", "0", "1", "x"]),
)
def test_what_is_resolved_is_always_one_open_position_as_a_whole(
    book: list[tuple[str, str, Right, Action]], symbol: str | None, strike: str | None, word: str, reply_to: str
):
    positions = tuple(
        held(str(index), option(name, price, right, FRIDAY, action))
        for index, (name, price, right, action) in enumerate(book)
    )
    legs = (option(symbol, strike),) if strike else ()

    resolved = resolve(closing(symbol, *legs, word=word), positions, says(word, reply_to=reply_to))

    if isinstance(resolved, Alert):
        (leg,) = resolved.legs
        assert leg.action.closes
        assert [each for each in positions if replace(each.legs[0], action=leg.action) == leg]
    else:
        assert resolved.code in ("no_open_position", "ambiguous_position")
