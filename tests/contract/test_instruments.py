"""What the SDK reads of instruments, quotes and hours."""

import pytest
from pydantic import ValidationError
from tastytrade.instruments import (
    Equity,
    Future,
    FutureOption,
    FutureProduct,
    NestedFutureOptionChain,
    NestedOptionChain,
    Option,
    get_future_option_chain,
    get_option_chain,
    get_quantity_decimal_precisions,
)
from tastytrade.market_data import get_market_data, get_market_data_by_type
from tastytrade.market_sessions import (
    ExchangeType,
    MarketStatus,
    get_futures_holidays,
    get_market_holidays,
    get_market_sessions,
)
from tastytrade.order import InstrumentType
from tastytrade.utils import TastytradeError

from engine.paper.opening import Opening
from engine.paper.venue import Environment
from tests.contract.reach import Way, World, tell

AWKWARD = Opening(seed=7, pace=0.0)


def test_shares_and_their_options_are_listed(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            assert (await Equity.get(session, "BRK/B")).symbol == "BRK/B"
            assert [each.symbol for each in await Equity.get(session, ["AAPL", "SPY"])] == ["SPY", "AAPL"]
            assert (await get_quantity_decimal_precisions(session))[0].value == 5
            chain = (await NestedOptionChain.get(session, "SPY"))[0]
            nearest = chain.expirations[0]
            option = await Option.get(session, nearest.strikes[0].call)
            flat = await get_option_chain(session, "SPY")
            assert [each.root_symbol for each in await NestedOptionChain.get(session, "SPX")] == ["SPX", "SPXW"]
            with pytest.raises(TastytradeError, match="record_not_found"):
                await Option.get(session, "SPY   261124C00000100")

        assert option.streamer_symbol == nearest.strikes[0].call_streamer_symbol
        assert option.days_to_expiration == nearest.days_to_expiration == 0
        assert sorted(flat) == [each.expiration_date for each in chain.expirations]
        assert len(flat[nearest.expiration_date]) == 2 * len(nearest.strikes)

    tell(story, way)


def test_futures_and_their_options_are_listed(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            months = await Future.get(session, product_codes=["ES"])
            product = await FutureProduct.get(session, "/ES")
            chain = await NestedFutureOptionChain.get(session, "/ES")
            first = chain.option_chains[0].expirations[0].strikes[0]
            option = await FutureOption.get(session, first.put)
            flat = await get_future_option_chain(session, "/ES")
            assert (await Future.get(session, "/ESZ6")).symbol == "/ESZ6"

        assert [month.symbol for month in months if month.active_month] == ["/ESZ6"]
        assert product.notional_multiplier == 50
        assert option.streamer_symbol == first.put_streamer_symbol
        assert option.notional_value / option.display_factor == 50
        assert min(flat) == chain.option_chains[0].expirations[0].expiration_date

    tell(story, way)


def test_quotes_are_read_by_type(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            chain = (await NestedOptionChain.get(session, "SPY"))[0]
            strike = chain.expirations[3].strikes[len(chain.expirations[3].strikes) // 2]
            found = await get_market_data_by_type(
                session, equities=["SPY", "BRK/B"], options=[strike.call], futures=["/ESZ6"], indices=["SPX"]
            )
            one = await get_market_data(session, strike.call, InstrumentType.EQUITY_OPTION)

        by_symbol = {each.symbol: each for each in found}
        assert by_symbol.keys() == {"SPY", "BRK/B", strike.call, "/ESZ6", "SPX"}
        assert by_symbol["SPX"].bid is None
        assert by_symbol["SPX"].instrument_type is InstrumentType.EQUITY
        assert by_symbol["SPY"].bid < by_symbol["SPY"].ask  # type: ignore[operator]
        assert one == by_symbol[strike.call]

    tell(story, way)


def test_hours_and_holidays_are_read(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            stocks, futures = await get_market_sessions(session, [ExchangeType.NYSE, ExchangeType.CME])
            nyse = await get_market_holidays(session)
            cme = await get_futures_holidays(session, ExchangeType.CME)

        assert (stocks.status, futures.status) == (MarketStatus.OPEN, MarketStatus.OPEN)
        assert stocks.open_at.isoformat() == "2026-11-24T14:30:00+00:00"  # type: ignore[union-attr]
        assert stocks.next_session.session_date.isoformat() == "2026-11-25"  # type: ignore[union-attr]
        assert "2026-11-26" in [day.isoformat() for day in nyse.holidays]
        assert "2026-11-27" in [day.isoformat() for day in nyse.half_days]
        assert cme.holidays

    tell(story, way)


def test_a_sandbox_lacks_what_the_real_one_lacks(way: Way):
    """S-846."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as sandbox, world.session() as production:
            with pytest.raises(TastytradeError, match="502 Bad Gateway"):
                await get_market_data_by_type(sandbox, equities=["SPY"])
            with pytest.raises(ValidationError, match="call-streamer-symbol"):
                await NestedFutureOptionChain.get(sandbox, "/ES")
            few = (await NestedOptionChain.get(sandbox, "SPY"))[0]
            all_of_them = (await NestedOptionChain.get(production, "SPY"))[0]

        assert few.expirations[0].days_to_expiration > 0
        assert len(few.expirations) < len(all_of_them.expirations)
        assert await _strikes(few) < await _strikes(all_of_them)

    tell(story, way, AWKWARD)


async def _strikes(chain: NestedOptionChain) -> set[str]:
    return {strike.call for expiration in chain.expirations for strike in expiration.strikes}
