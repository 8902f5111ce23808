"""The two streams through the unpatched SDK, and spoken by hand."""

from decimal import Decimal

import anyio
import httpx2
import pytest
from httpx2.websockets import AsyncWebSocketSession, HTTPXWSException, WebSocketDisconnect
from pydantic import ValidationError
from tastytrade import Account, AlertStreamer, DXLinkStreamer, Session
from tastytrade.account import AccountBalance, CurrentPosition, TradingStatus
from tastytrade.dxfeed import Greeks, Quote, Summary, Trade
from tastytrade.instruments import Equity, NestedOptionChain
from tastytrade.order import MarketOrder, OrderAction, PlacedOrder

from engine.paper.faults import Slip, Trouble
from engine.paper.holdings import TradingStatus as PaperStatus
from engine.paper.opening import Opening
from engine.paper.venue import Environment
from tests.contract.reach import Way, World, tell


async def buy(session: Session, account: Account) -> int:
    share = await Equity.get(session, "AAPL")
    order = MarketOrder(legs=[share.build_leg(1, OrderAction.BUY_TO_OPEN)])
    return (await account.place_order(session, order, dry_run=False)).order.id


def test_balances_positions_and_trading_status_are_streamed(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session, AlertStreamer(session) as stream:
            account = await world.account(session)
            await stream.subscribe_accounts([account])
            await stream.subscribe_quote_alerts()
            await buy(session, account)
            world.pass_time(10)
            world.production.exchange.set_trading_status(
                PaperStatus(account.account_number, world.production.now(), is_closing_only=True),
                world.production.now(),
            )
            position = await anext(stream.listen(CurrentPosition))
            balance = await anext(stream.listen(AccountBalance))
            status = await anext(stream.listen(TradingStatus))

        assert (position.symbol, position.quantity) == ("AAPL", 1)
        assert balance.account_number == account.account_number
        assert status.is_closing_only

    tell(story, way)


def test_quotes_trades_and_greeks_are_streamed(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            chain = (await NestedOptionChain.get(session, "SPY"))[0]
            strikes = chain.expirations[4].strikes
            name = strikes[len(strikes) // 2].call_streamer_symbol
            async with DXLinkStreamer(session) as stream:
                await stream.subscribe(Quote, ["SPY", name, "/ESZ26:XCME"])
                await stream.subscribe(Trade, [name])
                await stream.subscribe(Greeks, [name])
                await stream.subscribe(Summary, ["SPY"])
                quotes = {each.event_symbol: each for each in [await stream.get_event(Quote) for _ in range(3)]}
                trade = await stream.get_event(Trade)
                greeks = await stream.get_event(Greeks)
                await stream.get_event(Summary)
                before = quotes["SPY"]
                await stream.unsubscribe(Quote, [name, "/ESZ26:XCME"])
                world.pass_time(60)
                later = await stream.get_event(Quote)

        assert quotes.keys() == {"SPY", name, "/ESZ26:XCME"}
        assert before.bid_price < before.ask_price
        assert trade.time == int(world.production.now().timestamp() - 60) * 1000
        assert 0 < greeks.delta < 1
        assert (later.event_symbol, later) != ("SPY", before)

    tell(story, way)


def test_an_option_without_a_bid_gives_no_quote(way: Way):
    """S-848."""

    async def story(world: World) -> None:
        async with world.session() as session:
            chain = (await NestedOptionChain.get(session, "SPY"))[0]
            strike = chain.expirations[4].strikes[0]
            world.production.shown.one_sided.add(strike.call)
            async with DXLinkStreamer(session) as stream:
                await stream.subscribe(Quote, [strike.call_streamer_symbol, "SPY"])
                assert (await stream.get_event(Quote)).event_symbol == "SPY"
                with anyio.move_on_after(0.2):
                    await stream.get_event(Quote)
                    pytest.fail("a quote without a bid was read")

    tell(story, way)


def test_many_quotes_come_in_frames_a_client_takes(way: Way):
    """S-848."""

    async def story(world: World) -> None:
        async with world.session() as session:
            chain = (await NestedOptionChain.get(session, "SPY"))[0]
            names = [strike.call_streamer_symbol for each in chain.expirations[:12] for strike in each.strikes]
            async with DXLinkStreamer(session) as stream:
                await stream.subscribe(Trade, names)
                seen = {(await stream.get_event(Trade)).event_symbol for _ in names}

        assert len(names) > 1000
        assert seen == set(names)

    tell(story, way)


def test_quotes_can_be_late_and_stand_still(way: Way):
    """S-848."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as session, DXLinkStreamer(session) as stream:
            world.sandbox.shown.frozen["AAPL"] = world.sandbox.now()
            await stream.subscribe(Trade, ["SPY", "AAPL"])
            first = {(each := await stream.get_event(Trade)).event_symbol: each for _ in range(2)}
            world.pass_time(120)
            assert (await stream.get_event(Trade)).event_symbol == "SPY"
            with anyio.move_on_after(0.2):
                await stream.get_event(Trade)
                pytest.fail("a frozen quote changed")
            assert first["SPY"].price > Decimal(0)

    tell(story, way)


@pytest.mark.parametrize(
    ("slip", "statuses"),
    [
        pytest.param(Slip.LOSE, ["In Flight", "Filled"], id="the first message is lost"),
        pytest.param(Slip.DOUBLE, ["Routed", "Routed", "In Flight", "Filled"], id="the first message comes twice"),
        pytest.param(Slip.SWAP, ["In Flight", "Routed", "Filled"], id="the first message comes late"),
    ],
)
def test_messages_are_lost_doubled_and_swapped(way: Way, slip: Slip, statuses: list[str]):
    """S-850."""

    async def story(world: World) -> None:
        async with world.session() as session, AlertStreamer(session) as stream:
            account = await world.account(session)
            await stream.subscribe_accounts([account])
            world.production.faults.script(slip, "Order")
            await buy(session, account)
            world.pass_time(10)
            orders = stream.listen(PlacedOrder)
            assert [(await anext(orders)).status.value for _ in statuses] == statuses

    tell(story, way)


@pytest.mark.parametrize(
    ("slip", "error"),
    [
        pytest.param(Slip.ODD_STATUS, ValidationError, id="a status nobody knows"),
        pytest.param(Slip.ODD_USER, ValidationError, id="a user id that is a number"),
        pytest.param(Slip.CLOSE, WebSocketDisconnect, id="the server hangs up"),
    ],
)
def test_a_stream_that_breaks_ends_the_sdks(way: Way, slip: Slip, error: type[Exception]):
    """S-850."""

    async def story(world: World) -> None:
        async with world.session() as session:
            account = await world.account(session)

            async def listen() -> None:
                async with AlertStreamer(session) as stream:
                    await stream.subscribe_accounts([account])
                    world.production.faults.script(slip, "Order")
                    await buy(session, account)
                    await anyio.sleep(5)

            with pytest.raises(BaseExceptionGroup) as broken:
                await listen()
            assert broken.value.subgroup(error)

    tell(story, way)


CONNECT = {"action": "connect", "value": ["5WT00001"], "request-id": 3}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param([{"action": "heartbeat", "request-id": 3}], "ok", id="a heartbeat needs nothing"),
        pytest.param([CONNECT], "Unknown domain", id="a token needs its prefix"),
        pytest.param([CONNECT | {"auth-token": "Bearer x"}], "Unauthorized", id="a token must be known"),
        pytest.param([CONNECT | {"auth": True, "value": []}], "value missing or not valid", id="no account"),
        pytest.param(
            [CONNECT | {"auth": True, "value": ["5WX00001"]}], "value missing or not valid", id="a stranger's"
        ),
        pytest.param([{"action": "quote-alerts-subscribe", "auth": True}], "connect-not-completed", id="not connected"),
        pytest.param([{"action": "heartbeat"}, CONNECT | {"auth": True}], "not-implemented", id="heartbeat first"),
        pytest.param([CONNECT | {"auth": True}], "ok", id="connected"),
        pytest.param([CONNECT | {"auth": True}, {"action": "what", "auth": True}], "not-implemented", id="unknown"),
    ],
)
def test_the_account_stream_answers_as_the_brokers(way: Way, messages: list[dict], expected: str):
    """S-847."""

    async def story(world: World) -> None:
        async with world.session() as session, httpx2.AsyncClient(transport=world.transport) as client:
            await session.refresh()
            async with client.websocket("wss://streamer.tastyworks.com") as stream:
                for message in messages:
                    token = {"auth-token": f"Bearer {session.session_token}"} if message.get("auth") else {}
                    await stream.send_json(message | token)
                    reply = await stream.receive_json()
            assert reply.get("message", reply["status"]) == expected
            assert reply.get("request-id") == messages[-1].get("request-id")
            assert "type" not in reply

    tell(story, way)


def test_the_quote_stream_wants_a_token(way: Way):
    async def story(world: World) -> None:
        async with httpx2.AsyncClient(transport=world.transport) as client:
            url = "wss://tasty-openapi-ws.dxfeed.com/realtime"
            async with client.websocket(url, keepalive_ping_interval_seconds=None) as stream:
                await stream.send_json({"type": "SETUP", "channel": 0})
                assert [(await stream.receive_json())["type"] for _ in range(2)] == ["SETUP", "AUTH_STATE"]
                await stream.send_json({"type": "AUTH", "channel": 0, "token": "x"})
                assert (await stream.receive_json())["state"] == "UNAUTHORIZED"
                await stream.send_json({"type": "CHANNEL_REQUEST", "channel": 1})
                assert (await stream.receive_json())["type"] == "ERROR"

    tell(story, way)


FEED = {"type": "CHANNEL_REQUEST", "channel": 7, "service": "FEED", "parameters": {"contract": "AUTO"}}


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(b"\x00", id="bytes"),
        pytest.param("[1", id="half a list"),
        pytest.param("[" * 100_000, id="lists without an end"),
        pytest.param({"type": ["FEED_SETUP"]}, id="a type that is a list"),
        pytest.param(FEED | {"channel": "seven"}, id="a channel that is a word"),
        pytest.param({"type": "FEED_SETUP", "channel": 7, "acceptEventFields": []}, id="no kinds"),
        pytest.param({"type": "FEED_SETUP", "channel": 7, "acceptEventFields": {"Quote": None}}, id="no fields"),
        pytest.param({"type": "FEED_SETUP", "channel": 7, "acceptEventFields": {"Quote": [["x"]]}}, id="odd fields"),
        pytest.param({"type": "FEED_SUBSCRIPTION", "channel": 7, "add": "SPY"}, id="a subscription that is a word"),
        pytest.param({"type": "FEED_SUBSCRIPTION", "channel": 7, "remove": ["SPY", 5]}, id="subscriptions of words"),
    ],
)
def test_an_odd_frame_does_not_end_the_quote_stream(way: Way, odd: bytes | str | dict):
    """S-970."""

    async def story(world: World) -> None:
        async with world.session() as session, httpx2.AsyncClient(transport=world.transport) as client:
            await session.refresh()
            token = (await session._get("/api-quote-tokens"))["token"]
            url = "wss://tasty-openapi-ws.dxfeed.com/realtime"
            async with client.websocket(url, keepalive_ping_interval_seconds=None) as stream:
                await stream.send_json({"type": "AUTH", "channel": 0, "token": token})
                await stream.send_json(FEED)
                await send_odd(stream, odd)
                wanted = [{"symbol": "SPY", "type": "Quote"}]
                await stream.send_json({"type": "FEED_SUBSCRIPTION", "channel": 7, "add": wanted})
                while (message := await stream.receive_json())["type"] != "FEED_DATA":
                    pass
            assert message["data"][1][0] == "SPY"

    tell(story, way)


@pytest.mark.parametrize("odd", [b"\x00", "hello", "[" * 100_000, {"action": ["connect"]}], ids=range(4))
def test_an_odd_frame_does_not_end_the_account_stream(way: Way, odd: bytes | str | dict):
    """S-970."""

    async def story(world: World) -> None:
        async with world.session() as session, httpx2.AsyncClient(transport=world.transport) as client:
            await session.refresh()
            async with client.websocket("wss://streamer.tastyworks.com") as stream:
                await send_odd(stream, odd)
                assert (await stream.receive_json())["status"] == "error"
                await stream.send_json(CONNECT | {"auth-token": f"Bearer {session.session_token}"})
                assert (await stream.receive_json())["status"] == "ok"

    tell(story, way)


async def send_odd(stream: AsyncWebSocketSession, odd: bytes | str | dict) -> None:
    if isinstance(odd, bytes):
        await stream.send_bytes(odd)
    elif isinstance(odd, str):
        await stream.send_text(odd)
    else:
        await stream.send_json(odd)


@pytest.mark.parametrize("stream", [AlertStreamer, DXLinkStreamer])
def test_a_stream_that_cannot_be_opened_can_be_opened_later(way: Way, stream: type[AlertStreamer | DXLinkStreamer]):
    """S-850."""

    async def story(world: World):
        async with world.session() as session:
            world.production.faults.script(
                Trouble.BAD_GATEWAY, "account_stream" if stream is AlertStreamer else "quote_stream"
            )

            async def enter() -> None:
                async with stream(session):
                    pass

            with pytest.raises((HTTPXWSException, BaseExceptionGroup)):
                await enter()
            await enter()

    tell(story, way)


def test_quotes_can_end_without_a_word(way: Way):
    """S-850."""

    async def story(world: World):
        async with world.session() as session:

            async def read() -> None:
                async with DXLinkStreamer(session) as stream:
                    await stream.subscribe(Quote, ["SPY"])
                    await stream.get_event(Quote)

            world.production.faults.script(Slip.FREEZE, "FEED_DATA")
            with pytest.raises(TimeoutError):
                with anyio.fail_after(0.3):
                    await read()
            world.production.faults.script(Slip.CLOSE, "FEED_DATA")
            with pytest.raises(BaseExceptionGroup) as closed:
                await read()
            assert closed.value.subgroup(WebSocketDisconnect)
            await read()

    tell(story, way)


def test_how_late_quotes_are_can_be_measured(way: Way):
    """S-848."""

    async def story(world: World):
        async with world.session(Environment.SANDBOX) as session, DXLinkStreamer(session) as stream:
            await stream.subscribe(Trade, ["SPY"])
            trade = await stream.get_event(Trade)
            assert world.sandbox.now().timestamp() - trade.time / 1000 == 900

    tell(story, way, Opening(seed=7, pace=0.0))
