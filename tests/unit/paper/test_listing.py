"""What is listed follows from the calendar; a sandbox lacks part of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.paper.expiries import expiries, is_monthly, option_roots
from engine.paper.instruments import EquityOption, FutureOption, Ticks, rounded_down, rounded_up, tick_at, ticks
from engine.paper.listing import Gaps, Listing
from engine.paper.products import NICKEL, PENNY_PILOT, Cadence, share
from engine.paper.words import InstrumentType
from tests.unit.paper.known import CALL, FUTURE, LISTING, OPEN, TODAY

SUMMER = datetime(2026, 7, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("symbol", "at", "is_listed"),
    [
        pytest.param("SPY", OPEN, True, id="a fund"),
        pytest.param("NOPE", OPEN, False, id="an unknown share"),
        pytest.param(CALL, OPEN, True, id="a monthly option"),
        pytest.param(TODAY, OPEN, True, id="an option that expires today"),
        pytest.param(TODAY, OPEN + timedelta(days=1), False, id="and tomorrow no longer"),
        pytest.param("SPY   261218C00670100", OPEN, False, id="a strike off the grid"),
        pytest.param("SPY   261217C00670000", OPEN, False, id="a far day that is no expiry"),
        pytest.param("SPY 261218C00670000", OPEN, False, id="a symbol with too few spaces"),
        pytest.param("SPXW  261124P06700000", OPEN, True, id="a daily index option"),
        pytest.param("SPX   261218C06700000", OPEN, True, id="a monthly index option"),
        pytest.param("SPX   261127C06700000", OPEN, False, id="which has no weeklies under that root"),
        pytest.param("BRKB  261218C00500000", OPEN, True, id="a root without its slash"),
        pytest.param(FUTURE, OPEN, True, id="a future"),
        pytest.param("/ESX6", OPEN, False, id="not in that month"),
        pytest.param("./ESZ6 ESZ6  261218C6300", OPEN, True, id="a quarterly option on a future"),
        pytest.param("./ESZ6 EW4U6 260925P6975", SUMMER + timedelta(days=60), True, id="a weekly one"),
        pytest.param("./ESU6 E1AN6 260706P6260", SUMMER, True, id="a Monday one"),
        pytest.param("./ESU6 E1AN6 260706P6261", SUMMER, False, id="with a strike off the grid"),
        pytest.param("./ESX6 E1AN6 260706P6260", SUMMER, False, id="on a month there is not"),
    ],
)
def test_what_is_listed(symbol: str, at: datetime, is_listed: bool):
    found = LISTING.instrument(symbol, at)

    assert (found is not None) is is_listed
    assert found is None or found.symbol == symbol


def test_every_option_of_every_chain_is_an_instrument_with_its_streamer_name():
    for chain in LISTING.chains("SPX", OPEN):
        for expiration in chain.expirations:
            for strike in expiration.strikes[::40]:
                call, put = (LISTING.instrument(symbol, OPEN) for symbol in (strike.call, strike.put))
                assert isinstance(call, EquityOption)
                assert isinstance(put, EquityOption)
                assert (call.streamer_symbol, put.streamer_symbol) == (strike.call_streamer, strike.put_streamer)
                assert call.stops_trading_at == expiration.stops_trading_at


def test_options_on_futures_name_the_month_they_are_on():
    weekly = LISTING.instrument("./ESZ6 EW4U6 260925P6975", datetime(2026, 9, 1, 15, tzinfo=UTC))

    assert isinstance(weekly, FutureOption)
    assert (weekly.underlying, weekly.contract, weekly.multiplier) == ("/ESZ6", "EW4U6", 50)
    assert weekly.streamer_symbol == "./EW4U26P6975:XCME"


def test_the_active_month_rolls_before_expiry():
    active = [
        next(month.symbol for month in LISTING.futures("/ES", at) if month.is_active_month)
        for at in (datetime(2026, 6, 8, 15, tzinfo=UTC), datetime(2026, 6, 15, 15, tzinfo=UTC))
    ]

    assert active == ["/ESM6", "/ESU6"]
    assert LISTING.futures("ES", datetime(2026, 6, 15, 15, tzinfo=UTC))[0].symbol == "/ESM6"


def test_a_sandbox_lacks_part_of_the_chain():
    sandbox = Listing(gaps=Gaps())
    whole, part = LISTING.chains("SPY", OPEN)[0], sandbox.chains("SPY", OPEN)[0]

    assert sandbox.instrument(TODAY, OPEN) is None
    assert {each.expiry.weekday() for each in part.expirations} <= {3, 4}
    assert len(part.expirations) < len(whole.expirations)
    strikes = {strike.call for each in part.expirations for strike in each.strikes}
    assert strikes < {strike.call for each in whole.expirations for strike in each.strikes}
    assert all(sandbox.instrument(symbol, OPEN) for symbol in sorted(strikes)[::50])
    assert sandbox.future_chains("ES", OPEN)[0].expirations[0].strikes[0].call_streamer == ""


def test_gaps_are_the_same_each_day():
    sandbox = Listing(gaps=Gaps(missing_one_in=3))
    later = OPEN + timedelta(days=10)
    listed = [
        next(each for each in sandbox.chains("SPY", at)[0].expirations if each.expiry == date(2026, 12, 18))
        for at in (OPEN, later)
    ]

    assert set(listed[0].strikes) <= set(listed[1].strikes)


@pytest.mark.parametrize("cadence", Cadence)
def test_an_expiry_once_listed_stays_until_its_day(cadence: Cadence):
    day = date(2026, 11, 2)
    while day < date(2026, 12, 31):
        following = day + timedelta(days=1)
        assert {each for each in expiries(cadence, day) if each > day} <= set(expiries(cadence, following))
        day = following


def test_good_friday_moves_the_weekly_expiry():
    assert date(2026, 4, 2) in expiries(Cadence.WEEKLY, date(2026, 3, 30))
    assert is_monthly(date(2026, 6, 18))


@pytest.mark.parametrize(
    ("table", "price", "step", "down", "up"),
    [
        pytest.param(PENNY_PILOT, "2.994", "0.01", "2.99", "3.00", id="up into the next band"),
        pytest.param(PENNY_PILOT, "3.02", "0.05", "3.00", "3.05", id="above the threshold"),
        pytest.param(NICKEL, "2.97", "0.05", "2.95", "3.00", id="nickels"),
        pytest.param(ticks("0.25"), "6720.30", "0.25", "6720.25", "6720.50", id="a future"),
    ],
)
def test_ticks(table: Ticks, price: str, step: str, down: str, up: str):
    value = Decimal(price)

    assert tick_at(table, value) == Decimal(step)
    assert (rounded_down(table, value), rounded_up(table, value)) == (Decimal(down), Decimal(up))


def test_products_of_ones_own_are_listed():
    listing = Listing(shares=(share("QQQ", "327"),), futures=())

    assert listing.instrument("QQQ   261218C00330000", OPEN) is not None
    assert listing.equities()[0].instrument_type is InstrumentType.EQUITY
    assert listing.futures("ES", OPEN) == ()
    assert listing.chains("SPY", OPEN) == ()


def test_every_root_of_options_on_a_future_is_one_of_its_product():
    for product in LISTING.future_products():
        days = [OPEN + timedelta(days=ahead) for ahead in range(0, 100, 7)]
        chains = [chain for day in days for chain in LISTING.future_chains(product.code, day)]
        listed = {expiration.root for chain in chains for expiration in chain.expirations}

        assert listed <= set(option_roots(product))
        assert bool(listed) == bool(option_roots(product))
