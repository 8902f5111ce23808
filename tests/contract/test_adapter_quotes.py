"""Quotes through the adapter: what is said of those that cannot be relied on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import anyio

from engine.adapters.tastytrade.broker import TastytradeBroker
from engine.adapters.tastytrade.quote_book import Trust
from engine.adapters.tastytrade.quotes import TastytradeQuotes
from engine.model.contract import Contract
from engine.model.live_quote import LiveQuote, QuoteFlaw
from engine.model.order import InstrumentKind
from engine.paper.opening import ACCOUNTS
from engine.paper.venue import Environment
from tests.contract.adapting import broker_of, connection_of
from tests.contract.reach import Way, World, tell

SPY = Contract("SPY", InstrumentKind.EQUITY, "SPY", "SPY")


@asynccontextmanager
async def quoting(
    world: World, environment: Environment = Environment.PRODUCTION, trust: Trust | None = None
) -> AsyncIterator[tuple[TastytradeQuotes, TastytradeBroker]]:
    async with beginning(world, environment, trust) as (quotes, broker):
        with anyio.fail_after(5):
            while not quotes.is_connected:
                await anyio.sleep(0.01)
        yield quotes, broker


@asynccontextmanager
async def beginning(
    world: World, environment: Environment = Environment.PRODUCTION, trust: Trust | None = None
) -> AsyncIterator[tuple[TastytradeQuotes, TastytradeBroker]]:
    """Quotes whose stream is not there yet."""
    async with connection_of(world, environment).opened() as connection, anyio.create_task_group() as group:
        quotes = TastytradeQuotes(connection, world.clock, trust)
        quotes.patience = 1.0
        group.start_soon(quotes.run)
        yield quotes, TastytradeBroker(connection, ACCOUNTS[environment], world.clock)
        group.cancel_scope.cancel()


async def settled(quotes: TastytradeQuotes, world: World, contract: Contract = SPY) -> LiveQuote:
    """Return a quote once the stream is there and the market has moved on."""
    for _ in range(40):
        world.pass_time(1)
        await anyio.sleep(0.1)
        found = (await quotes.quotes([contract]))[contract.symbol]
        if QuoteFlaw.UNMEASURED not in found.flaws:
            break
    return found


def test_a_live_quote_has_two_sides_and_a_measured_lag(way: Way):
    async def story(world: World):
        async with quoting(world) as (quotes, _):
            found = await settled(quotes, world)

            assert found.flaws == ()
            assert found.lag is not None
            assert found.lag < timedelta(seconds=5)
            assert found.quote.bid is not None
            assert found.quote.ask is not None
            assert found.quote.bid < found.quote.ask
            assert found.quote.at <= world.clock.now()

    tell(story, way)


def test_options_and_futures_are_quoted_by_their_own_symbols(way: Way):
    async def story(world: World):
        async with quoting(world) as (quotes, broker):
            chain = await broker.chain("SPY")
            month = next(each for each in await broker.futures("ES") if each.is_active_month)
            assert chain is not None
            option = chain.contracts[len(chain.contracts) // 2]
            await settled(quotes, world)
            found = await quotes.quotes([option, month])

            assert found[month.symbol].quote.mid is not None
            assert QuoteFlaw.MISSING not in found[option.symbol].flaws

    tell(story, way)


def test_futures_are_quoted_by_night_when_nothing_else_trades(way: Way):
    async def story(world: World):
        async with quoting(world) as (quotes, broker):
            month = next(each for each in await broker.futures("ES") if each.is_active_month)
            found = await settled(quotes, world, month)

            assert found.flaws == ()
            assert found.lag is not None

    tell(story, way, at=datetime(2026, 11, 25, 4, tzinfo=UTC))


def test_what_is_asked_for_while_the_stream_begins_is_followed_too(way: Way):
    async def story(world: World):
        async with broker_of(world, Environment.PRODUCTION) as broker:
            chain = await broker.chain("SPY")
            assert chain is not None
        world.production.manners = replace(world.production.manners, lacks_services=True)  # the stream alone quotes
        contracts = iter(chain.contracts)
        asked = []
        async with beginning(world) as (quotes, _):
            quotes.patience = 0
            with anyio.fail_after(10):
                while not quotes.is_connected:
                    asked.append(next(contracts))
                    await quotes.quotes(asked[-1:])
                    await anyio.sleep(0.0005)
            quotes.patience = 5
            found = await quotes.quotes(asked)

        assert [symbol for symbol, quote in found.items() if quote.received_at is None] == []

    tell(story, way)


def test_a_stream_that_never_begins_is_given_up_and_tried_again(way: Way):
    async def story(world: World):
        tokens = world.production.tokens
        world.production.tokens.is_quote_token = lambda *_: False  # type: ignore[method-assign]
        async with beginning(world) as (quotes, _):
            quotes.connects_within = 0.3
            with anyio.fail_after(10):
                while not quotes.last_loss:
                    await anyio.sleep(0.01)
                assert not quotes.is_connected
                del tokens.is_quote_token
                quotes.connects_within = 10
                while not quotes.is_connected:
                    await anyio.sleep(0.01)

    tell(story, way)


def test_a_late_feed_is_called_delayed(way: Way):
    async def story(world: World):
        world.production.shown.delay = timedelta(minutes=15)
        async with quoting(world) as (quotes, _):
            found = await settled(quotes, world)

            assert QuoteFlaw.DELAYED in found.flaws
            assert found.lag is not None
            assert found.lag >= timedelta(minutes=14)
            assert world.clock.now() - found.quote.at >= timedelta(minutes=14)

    tell(story, way)


def test_a_feed_that_stands_still_is_called_frozen(way: Way):
    async def story(world: World):
        async with quoting(world) as (quotes, _):
            await settled(quotes, world)
            world.production.shown.frozen[""] = world.clock.now()
            await anyio.sleep(0.3)
            world.pass_time(120)
            found = (await quotes.quotes([SPY]))["SPY"]

            assert QuoteFlaw.FROZEN in found.flaws

    tell(story, way)


def test_a_side_that_is_missing_is_told_from_a_quote_that_is(way: Way):
    async def story(world: World):
        world.production.shown.one_sided.add("AAPL")
        world.production.shown.missing.add("MSFT")
        apple = replace(SPY, symbol="AAPL", underlying="AAPL", streamer_symbol="AAPL")
        microsoft = replace(SPY, symbol="MSFT", underlying="MSFT", streamer_symbol="MSFT")
        async with quoting(world) as (quotes, _):
            found = await quotes.quotes([apple, microsoft])

            assert QuoteFlaw.ONE_SIDED in found["AAPL"].flaws
            assert found["AAPL"].quote.bid is None
            assert found["AAPL"].quote.ask is not None
            assert found["MSFT"].flaws == (QuoteFlaw.MISSING,)
            assert found["MSFT"].quote == replace(found["MSFT"].quote, bid=None, ask=None)

    tell(story, way)


def test_a_bid_that_went_away_is_no_bid(way: Way):
    """S-968."""

    async def story(world: World):
        async with quoting(world) as (quotes, _):
            before = await settled(quotes, world)
            world.production.shown.one_sided.add("SPY")
            world.pass_time(5)
            await anyio.sleep(0.3)
            found = (await quotes.quotes([SPY]))["SPY"]

            assert before.flaws == ()
            assert found.flaws == (QuoteFlaw.ONE_SIDED,)
            assert found.quote.bid is None
            assert found.quote.ask is not None

    tell(story, way)


def test_nothing_is_raised_where_requests_for_quotes_do_not_exist(way: Way):
    async def story(world: World):
        world.sandbox.manners = replace(world.sandbox.manners, lacks_services=True)
        async with quoting(world, Environment.SANDBOX) as (quotes, _):
            nowhere = replace(SPY, symbol="NOWHERE", streamer_symbol="NOWHERE")
            found = await quotes.quotes([nowhere])

            assert found["NOWHERE"].flaws == (QuoteFlaw.MISSING,)

    tell(story, way)


def test_a_quote_knows_its_price_exactly(way: Way):
    async def story(world: World):
        async with quoting(world) as (quotes, _):
            found = await settled(quotes, world)
            shown = world.production.shown.quote("SPY", world.clock.now())

            assert shown is not None
            assert isinstance(found.quote.bid, Decimal)
            assert found.quote.bid == found.quote.bid.quantize(Decimal("0.01"))

    tell(story, way)
