"""The contract chosen for a signal that names none."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.selection import select
from engine.model.alert import Action, Alert, Asset, Leg, Problem, Refusal
from engine.model.decision import Reason
from engine.model.instrument import Right
from engine.model.market import ListedOption, Market, Quote
from engine.model.playbook import ContractDefault, StrikeChoice
from engine.model.source import Span

LINE = Span("desk/momentum.yaml", 27, 5, 27, 40)
AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
MONDAY, FRIDAY = date(2026, 1, 5), date(2026, 1, 9)
CALL, PUT = Right.CALL, Right.PUT
ATM = ContractDefault(0, 7, StrikeChoice.ATM, Decimal(0), LINE)
DELTA_40 = ContractDefault(0, 7, StrikeChoice.DELTA, Decimal("0.40"), LINE)


def signal(right: Right | None = CALL, action: Action = Action.BUY_TO_OPEN) -> Alert:
    return Alert(action, "SPY", Asset.OPTION, (Leg(action, "SPY", Asset.OPTION, None, right, None),))


def listed(strike: str, delta: str | None = None, right: Right = CALL, expiry: date = FRIDAY) -> ListedOption:
    return ListedOption(expiry, Decimal(strike), right, None if delta is None else Decimal(delta))


def quoted(bid: str | None = None, ask: str | None = None, last: str | None = None) -> Quote:
    return Quote(AT, *(None if price is None else Decimal(price) for price in (bid, ask, last)))


CALLS = (listed("595", "0.62"), listed("600", "0.51"), listed("605", "0.38"), listed("610", "0.25"))
PUTS = (listed("595", "-0.38", PUT), listed("600", "-0.49", PUT), listed("605", "-0.62", PUT))
MARKET = Market("SPY", quoted("601", "603"), (*CALLS, *PUTS))


def chosen(alert: Alert | Refusal) -> tuple[str, str] | Reason:
    """Strike and expiry of the leg, or the reason of a refusal."""
    if isinstance(alert, Refusal):
        return Reason(alert.code)
    leg = alert.legs[0]
    return str(leg.strike), str(leg.expiry)


@pytest.mark.parametrize(
    ("right", "quote", "expected"),
    [
        pytest.param(CALL, quoted("601", "603"), "600", id="nearest to the mid"),
        pytest.param(CALL, quoted("601", "603", last="606"), "600", id="the mid counts, not the last price"),
        pytest.param(CALL, quoted("601", last="606"), "605", id="the last price where there is no mid"),
        pytest.param(CALL, quoted("602", "603"), "605", id="a call halfway: the higher strike"),
        pytest.param(PUT, quoted("602", "603"), "600", id="a put halfway: the lower strike"),
        pytest.param(CALL, quoted("700", "700"), "610", id="above the chain"),
        pytest.param(PUT, quoted("1", "1"), "595", id="below the chain"),
    ],
)
def test_at_the_money_is_the_strike_nearest_to_the_price(right: Right, quote: Quote, expected: str):
    """S-329."""
    found = select(signal(right), ATM, replace(MARKET, quote=quote), MONDAY)

    assert chosen(found) == (expected, "2026-01-09")


@pytest.mark.parametrize(
    ("right", "aim", "expected"),
    [
        pytest.param(CALL, "0.40", "605", id="a call"),
        pytest.param(PUT, "0.40", "595", id="a put, whose delta is negative"),
        pytest.param(CALL, "0.445", "605", id="halfway: further out of the money"),
        pytest.param(PUT, "0.435", "595", id="halfway of puts"),
        pytest.param(CALL, "0.99", "595", id="deeper than the chain"),
        pytest.param(CALL, "0.01", "610", id="further out than the chain"),
    ],
)
def test_by_delta_is_the_strike_whose_delta_is_nearest(right: Right, aim: str, expected: str):
    """S-329."""
    found = select(signal(right), replace(DELTA_40, delta=Decimal(aim)), replace(MARKET, quote=None), MONDAY)

    assert chosen(found) == (expected, "2026-01-09")


def test_only_strike_and_expiry_are_filled_in():
    alert = replace(signal(), price=Decimal("1.25"), size_tags=("lotto",))

    assert select(alert, ATM, MARKET, MONDAY) == replace(
        alert, legs=(replace(alert.legs[0], strike=Decimal(600), expiry=FRIDAY),)
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param((0, 7), "2026-01-05", id="today is in range"),
        pytest.param((1, 7), "2026-01-07", id="the nearest from tomorrow on"),
        pytest.param((3, 4), "2026-01-09", id="both ends are included"),
        pytest.param((5, 30), "2026-01-16", id="next week"),
    ],
)
def test_the_nearest_listed_expiry_in_range_is_taken(days: tuple[int, int], expected: str):
    expiries = [date(2026, 1, day) for day in (16, 9, 5, 7)]
    market = replace(MARKET, chain=tuple(listed("600", expiry=expiry) for expiry in expiries))

    found = select(signal(), replace(ATM, min_days=days[0], max_days=days[1]), market, MONDAY)

    assert chosen(found) == ("600", expected)


def test_an_expiry_that_lists_only_the_other_right_is_passed_over():
    market = replace(MARKET, chain=(listed("600", right=PUT, expiry=MONDAY), listed("600")))

    assert chosen(select(signal(), ATM, market, MONDAY)) == ("600", "2026-01-09")


@pytest.mark.parametrize(
    ("choice", "market", "expected"),
    [
        pytest.param(ATM, None, Reason.CHAIN_UNKNOWN, id="nothing known of the symbol"),
        pytest.param(ATM, replace(MARKET, chain=None), Reason.CHAIN_UNKNOWN, id="no chain"),
        pytest.param(ATM, replace(MARKET, chain=()), Reason.NO_SUCH_CONTRACT, id="nothing listed"),
        pytest.param(ATM, replace(MARKET, chain=PUTS), Reason.NO_SUCH_CONTRACT, id="no calls"),
        pytest.param(replace(ATM, max_days=3), MARKET, Reason.NO_SUCH_CONTRACT, id="none soon enough"),
        pytest.param(replace(ATM, min_days=5), MARKET, Reason.NO_SUCH_CONTRACT, id="none late enough"),
        pytest.param(ATM, replace(MARKET, quote=None), Reason.NO_UNDERLYING_PRICE, id="no quote"),
        pytest.param(ATM, replace(MARKET, quote=quoted(bid="601")), Reason.NO_UNDERLYING_PRICE, id="only a bid"),
        pytest.param(DELTA_40, replace(MARKET, chain=(listed("600"),)), Reason.DELTA_UNKNOWN, id="no delta at all"),
        pytest.param(
            DELTA_40,
            replace(MARKET, chain=(*CALLS[:2], listed("605"), CALLS[3])),
            Reason.DELTA_UNKNOWN,
            id="none where the nearest must be",
        ),
    ],
)
def test_what_is_not_known_is_not_guessed(choice: ContractDefault, market: Market | None, expected: Reason):
    """S-329."""
    assert chosen(select(signal(), choice, market, MONDAY)) is expected


def test_a_delta_missing_far_from_the_one_aimed_at_does_not_matter():
    market = replace(MARKET, chain=(*CALLS, listed("615"), listed("900")))

    assert chosen(select(signal(), DELTA_40, market, MONDAY)) == ("605", "2026-01-09")


@pytest.mark.parametrize(
    "alert",
    [
        pytest.param(
            replace(signal(), legs=(replace(signal().legs[0], strike=Decimal(605)),)), id="a strike without an expiry"
        ),
        pytest.param(replace(signal(), legs=(replace(signal().legs[0], expiry=FRIDAY),)), id="an expiry alone"),
        pytest.param(signal(right=None), id="no direction"),
        pytest.param(signal(action=Action.SELL_TO_CLOSE), id="an exit"),
        pytest.param(replace(signal(), problems=(Problem("bad_date", "there is no day '13/45'"),)), id="a bad date"),
        pytest.param(
            Alert(Action.BUY_TO_OPEN, "SPY", Asset.STOCK, (Leg(Action.BUY_TO_OPEN, "SPY", Asset.STOCK),)), id="stock"
        ),
    ],
)
def test_what_is_no_signal_is_left_alone(alert: Alert):
    assert select(alert, ATM, MARKET, MONDAY) == alert
    assert select(alert, ATM, None, MONDAY) == alert


def test_a_position_of_several_legs_must_name_its_strikes():
    straddle = replace(signal(), legs=(*signal(CALL).legs, *signal(PUT).legs), structure="straddle")

    assert chosen(select(straddle, ATM, MARKET, MONDAY)) is Reason.INCOMPLETE_CONTRACT


strikes = st.integers(1, 200).map(lambda half: Decimal(half) / 2)
prices = st.decimals(0, 120, places=2)
deltas = st.decimals(0, 1, places=2)
days = st.integers(-3, 40)


@st.composite
def chains(draw: st.DrawFn) -> tuple[ListedOption, ...]:
    """Listed options, each contract once; deltas fall from strike to strike, as the market's do."""
    options: list[ListedOption] = []
    for expiry in draw(st.lists(days, unique=True, max_size=4)):
        for right, sign in ((CALL, 1), (PUT, -1)):
            at = sorted(draw(st.lists(strikes, unique=True, max_size=6)), reverse=right is PUT)
            falling = sorted(draw(st.lists(deltas, min_size=len(at), max_size=len(at))), reverse=True)
            options += [
                ListedOption(MONDAY + timedelta(days=expiry), strike, right, sign * delta)
                for strike, delta in zip(at, falling, strict=True)
            ]
    return tuple(draw(st.permutations(options)))


@given(chains(), st.sampled_from(Right), prices, deltas, st.sampled_from(StrikeChoice), st.tuples(days, days))
def test_the_chosen_contract_is_listed_in_range_and_no_listed_one_is_nearer(
    chain: tuple[ListedOption, ...],
    right: Right,
    price: Decimal,
    aim: Decimal,
    strike: StrikeChoice,
    between: tuple[int, int],
):
    """S-329."""
    choice = ContractDefault(max(min(between), 0), max(*between, 0), strike, aim, LINE)
    market = Market("SPY", Quote(AT, last=price), chain)
    fitting = [
        option
        for option in chain
        if option.right is right and choice.min_days <= (option.expiry - MONDAY).days <= choice.max_days
    ]

    found = select(signal(right), choice, market, MONDAY)

    if isinstance(found, Refusal):
        assert (found.code, fitting) == (Reason.NO_SUCH_CONTRACT, [])
        return
    leg = found.legs[0]
    (option,) = (option for option in fitting if (option.strike, option.expiry) == (leg.strike, leg.expiry))
    assert option.expiry == min(other.expiry for other in fitting)
    rivals = [other for other in fitting if other.expiry == option.expiry]
    if strike is StrikeChoice.ATM:
        assert abs(option.strike - price) == min(abs(other.strike - price) for other in rivals)
    else:
        assert abs(abs(option.delta or 0) - aim) == min(abs(abs(other.delta or 0) - aim) for other in rivals)


@given(chains(), st.sampled_from(Right), deltas, st.data())
def test_a_delta_that_is_not_known_never_hides_a_nearer_strike(
    chain: tuple[ListedOption, ...], right: Right, aim: Decimal, data: st.DataObject
):
    hidden = tuple(replace(option, delta=None) if data.draw(st.booleans()) else option for option in chain)
    choice = ContractDefault(0, 40, StrikeChoice.DELTA, aim, LINE)
    whole = {(option.expiry, option.strike, option.right): option for option in chain}

    found = select(signal(right), choice, Market("SPY", None, hidden), MONDAY)

    if isinstance(found, Refusal):
        assert found.code in (Reason.NO_SUCH_CONTRACT, Reason.DELTA_UNKNOWN)
        return
    leg = found.legs[0]
    rivals = [option for (expiry, _, of), option in whole.items() if expiry == leg.expiry and of is right]
    distance = {option.strike: abs(abs(option.delta or 0) - aim) for option in rivals}
    assert leg.strike is not None
    assert distance[leg.strike] == min(distance.values())
