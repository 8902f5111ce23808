"""The made-up market is the same for the same seed, and nobody can take money from it for free."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.paper.surface import Terms, greeks, price
from engine.paper.synthetic import SyntheticMarket
from engine.paper.wander import wander
from tests.unit.paper.known import CALL, CLOSE, FUTURE, LISTING, NIGHT, OPEN, seconds

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MARKET = SyntheticMarket(LISTING, seed=7)
forwards = st.floats(20, 7000)
ratios = st.floats(0.5, 1.8)
volatilities = st.floats(0.08, 0.8)
times = st.floats(1e-6, 2.0)


def terms(forward: float, ratio: float, years: float, volatility: float, *, is_call: bool = True) -> Terms:
    return Terms(forward, forward * ratio, years, volatility, is_call)


@given(
    forward=forwards,
    low=ratios,
    gaps=st.tuples(st.floats(0.001, 0.2), st.floats(0.001, 0.2)),
    years=times,
    vol=volatilities,
)
def test_calls_fall_and_bend_the_right_way_in_the_strike(
    forward: float, low: float, gaps: tuple[float, float], years: float, vol: float
):
    strikes = [low, low + gaps[0], low + gaps[0] + gaps[1]]
    first, middle, last = (price(terms(forward, strike, years, vol)) for strike in strikes)
    least = 1e-9 * forward

    assert -least <= first - middle <= gaps[0] * forward + least
    assert middle <= (first * gaps[1] + last * gaps[0]) / (gaps[0] + gaps[1]) + least
    assert last >= -least


@given(forward=forwards, ratio=ratios, years=times, more=st.floats(0, 1), vol=volatilities)
def test_a_later_expiry_costs_no_less(forward: float, ratio: float, years: float, more: float, vol: float):
    sooner, later = (price(terms(forward, ratio, each, vol)) for each in (years, years + more))

    assert later >= sooner - 1e-9 * forward


@given(forward=forwards, ratio=ratios, years=times, vol=volatilities)
def test_a_call_less_a_put_is_the_forward_less_the_strike(forward: float, ratio: float, years: float, vol: float):
    call, put = (price(terms(forward, ratio, years, vol, is_call=each)) for each in (True, False))

    assert abs(call - put - forward * (1 - ratio)) < 1e-8 * forward


def test_low_strikes_are_dearer_in_volatility():
    skew = [greeks(terms(100, ratio, 0.1, 0.2)).volatility for ratio in (0.9, 1.0, 1.1)]

    assert skew[0] > skew[1] > skew[2]
    assert abs(skew[1] - 0.2) < 0.03


def test_greeks_are_what_small_changes_do():
    at, step = terms(100, 1.02, 0.25, 0.3), 0.01
    up, down = (price(Terms(100 + each, at.strike, at.years, at.volatility, True)) for each in (step, -step))
    found = greeks(at)

    assert abs(found.delta - (up - down) / (2 * step)) < 1e-4
    assert abs(found.gamma - (up - 2 * found.price + down) / step**2) < 1e-3
    assert found.theta < 0
    assert found.vega > 0


@given(st.floats(0, 4 * 365 * 86400), st.integers(1, 9))
def test_a_path_stays_near_its_anchor_and_moves_little_in_a_second(offset: float, seed: int):
    at = FIRST + seconds(offset)
    here, there = wander(f"{seed}/x", at), wander(f"{seed}/x", at + seconds(1))

    assert abs(here) < 0.8
    assert abs(here - there) < 0.002


def test_the_same_seed_gives_the_same_market():
    other = SyntheticMarket(LISTING, seed=7)

    assert [other.quote(symbol, OPEN) for symbol in ("SPY", CALL, FUTURE)] == [
        MARKET.quote(symbol, OPEN) for symbol in ("SPY", CALL, FUTURE)
    ]
    assert SyntheticMarket(LISTING, seed=8).quote("SPY", OPEN) != MARKET.quote("SPY", OPEN)


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 6 * 24 * 3600), st.sampled_from(("SPY", CALL, FUTURE, "./ESZ6 ESZ6  261218C6300", "SPX")))
def test_a_quote_stands_until_the_next_change(offset: float, symbol: str):
    now = OPEN + seconds(offset)
    change = MARKET.next_change((symbol,), now)
    quote = MARKET.quote(symbol, now)

    assert change is not None
    assert change > now
    assert quote is not None
    assert MARKET.quote(symbol, change - timedelta(microseconds=1)) == quote


@pytest.mark.parametrize("symbol", ["SPY", CALL, "SPXW  261204P06650000", FUTURE, "./ESZ6 ESZ6  261218C6700"])
def test_quotes_are_on_ticks_with_the_bid_below_the_ask(symbol: str):
    instrument = LISTING.instrument(symbol, OPEN)
    quote = MARKET.quote(symbol, OPEN)

    assert quote.bid < quote.ask
    for side in (quote.bid, quote.ask):
        step = next(tick.value for tick in instrument.ticks if tick.threshold is None or side < tick.threshold)
        assert side % step == 0
    assert quote.bid_size > 0


def test_an_option_worth_nothing_has_no_bid():
    quote = MARKET.quote("SPY   261124C00750000", OPEN)

    assert quote.bid is None
    assert quote.ask == Decimal("0.01")


def test_prices_stand_still_while_the_market_is_closed():
    night = MARKET.quote(CALL, NIGHT)

    assert night == MARKET.quote(CALL, NIGHT + timedelta(hours=5))
    assert night.at == CLOSE - seconds(1)


def test_an_expired_option_has_no_quote():
    assert MARKET.quote("SPY   261123C00670000", CLOSE) is not None
    assert MARKET.quote("SPY   261123C00670000", CLOSE + seconds(1)) is None


def test_no_spread_of_the_chain_can_be_had_for_nothing():
    expiration = LISTING.chains("SPY", OPEN)[0].expirations[8]
    calls = [MARKET.quote(strike.call, OPEN) for strike in expiration.strikes]
    strikes = [strike.price for strike in expiration.strikes]

    for place in range(len(calls) - 1):
        paid = calls[place].ask - (calls[place + 1].bid or 0)
        brought = (calls[place].bid or 0) - calls[place + 1].ask
        assert paid > 0
        assert brought < strikes[place + 1] - strikes[place]


def test_an_index_has_a_last_price_only():
    quote = MARKET.quote("SPX", OPEN)

    assert (quote.bid, quote.ask) == (None, None)
    assert quote.mark == quote.last
    assert MARKET.greeks("SPX", OPEN) is None
    assert MARKET.greeks(CALL, OPEN).delta > 0


def test_what_is_not_listed_has_no_quote():
    assert MARKET.quote("NOPE", OPEN) is None
    assert MARKET.next_change(("NOPE",), OPEN) is None
