"""What is refused before anyone looks at it, and the sandbox at its worst."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx2
import pytest
from tastytrade import Account
from tastytrade.instruments import Equity, Future
from tastytrade.order import (
    InstrumentType,
    LimitOrder,
    MarketOrder,
    OCOOrder,
    OrderAction,
    OrderStatus,
    OrderTimeInForce,
    StopOrder,
)
from tastytrade.utils import TastytradeError

from engine.paper.opening import Opening
from engine.paper.venue import Environment
from tests.contract.reach import OPEN_HOURS, Way, World, tell

AWKWARD = Opening(seed=7, pace=0.0)
TO_MIDNIGHT = timedelta(hours=14)  # of New York, from OPEN_HOURS


def test_more_than_sixty_requests_a_minute_are_too_many(way: Way):
    """S-845."""

    async def story(world: World) -> None:
        async with world.session() as session:
            for _ in range(59):
                await Account.get(session)
            with pytest.raises(TastytradeError, match="429 Too Many Requests"):
                await Account.get(session)
            answer = await session._client.get("/customers/me/accounts")
            assert answer.headers["content-type"].startswith("text/html")
            assert "retry-after" not in answer.headers
            world.clock.advance(timedelta(seconds=61))
            assert await Account.get(session)

    tell(story, way, AWKWARD)


def test_a_client_that_does_not_say_what_it_is_is_refused(way: Way):
    """S-843."""

    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            answer = await session._client.get("/customers/me", headers={"User-Agent": ""})
        assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")

    tell(story, way)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("GET", "/accounts/5WT00001/orders/1", {}, 404),
        ("GET", "/accounts/5WT00001/orders/x", {}, 404),
        ("GET", "/accounts/5WT00001/orders", {"Accept-Version": "20250101"}, 406),
        ("GET", "/accounts/5WT00001/orders", {"Accept-Version": "20261012"}, 400),
        ("GET", "/accounts/5WT00001/orders?start-date=2026-11-01", {"Accept-Version": "20261012"}, 200),
        ("GET", "/accounts/5WT00001/orders?start-date=november", {}, 400),
        ("POST", "/accounts/5WT00001/orders", {}, 400),
        ("GET", "/accounts/5WT00001/orders?end-date=9999-12-31", {}, 400),
        ("GET", "/accounts/5WT00001/orders?start-at=0001-01-01T00:00:00", {}, 400),
        ("GET", "/accounts/5WT00001/orders?end-date=2199-12-31", {}, 200),
        ("GET", "/accounts/5WT00001/orders?per-page=%C2%B2", {}, 400),
        ("GET", "/accounts/5WT00001/orders/%C2%B2", {}, 404),
        ("GET", f"/accounts/5WT00001/orders/{'9' * 5000}", {}, 404),
        ("GET", "/accounts/5WT00001/transactions?end-date=9999-12-31", {}, 400),
        ("GET", "/market-time/equities/sessions/next?date=9999-12-31", {}, 400),
        ("GET", "/market-time/equities/sessions/previous?date=0001-01-01", {}, 400),
        ("GET", "/instruments/search?query=SPY&limit=%C2%B2", {}, 400),
        ("GET", "/customers/me", {"Authorization": "Bearer x"}, 401),
    ],
)
def test_a_request_that_cannot_be_served(method: str, path: str, headers: dict[str, str], status: int):
    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            answer = await session._client.request(method, path, headers=headers)
        assert answer.status_code == status
        assert "error" in answer.json() or status == 200

    tell(story, Way.IN_PROCESS)


SHARE = {"instrument-type": "Equity", "symbol": "AAPL", "action": "Buy to Open", "quantity": 1}
ORDER = {"order-type": "Limit", "time-in-force": "Day", "price": "1.00", "price-effect": "Debit", "legs": [SHARE]}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(json.dumps(ORDER | {"price": "1e30"}), id="a price beyond all reason"),
        pytest.param(json.dumps(ORDER | {"legs": [SHARE | {"quantity": "1e5000"}]}), id="a quantity beyond all reason"),
        pytest.param(json.dumps(ORDER | {"stop-trigger": 1e35}), id="a stop beyond all reason"),
        pytest.param(json.dumps(ORDER | {"gtc-date": "9999-12-31"}), id="a date beyond all years"),
        pytest.param(json.dumps(ORDER | {"rules": {"route-after": "0001-01-01T00:00:00"}}), id="before all years"),
        pytest.param("[" * 100_000, id="lists in lists without an end"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
@pytest.mark.parametrize("route", ["orders", "orders/dry-run"])
def test_an_order_that_cannot_be_read_is_refused_and_never_a_fault_of_the_exchange(route: str, body: str | bytes):
    """S-970."""

    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            answer = await session._client.post(f"/accounts/5WT00001/{route}", content=body)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "validation_error"

    tell(story, Way.IN_PROCESS)


def test_a_host_of_one_environment_does_not_lead_to_the_other():
    """S-841."""

    async def story(world: World) -> None:
        ports = {environment: port for port, environment in world.server.doors.ports.items()}
        async with httpx2.AsyncClient() as client:
            url = f"http://127.0.0.1:{ports[Environment.PRODUCTION]}/customers/me"
            answer = await client.get(url, headers={"Host": "api.cert.tastyworks.com"})
        assert answer.status_code == 421

    tell(story, Way.TCP)


def test_ten_failed_sign_ins_block_everyone_for_hours(way: Way):
    """S-843."""

    async def story(world: World) -> None:
        stranger = world.session()
        stranger.refresh_token = "wrong"
        async with stranger, world.session() as session:
            for _ in range(10):
                with pytest.raises(TastytradeError, match="invalid_grant"):
                    await Account.get(stranger)
            with pytest.raises(TastytradeError, match="access_denied"):
                await Account.get(session)
            world.clock.advance(timedelta(hours=8))
            assert await Account.get(session)

    tell(story, way)


def test_a_sandbox_rejects_futures_and_takes_no_version(way: Way):
    """S-846."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as session:
            account = await world.account(session)
            future = (await Future.get(session, product_codes=["ES"]))[0]
            order = MarketOrder(legs=[future.build_leg(1, OrderAction.BUY)])
            assert future.instrument_type is InstrumentType.FUTURE
            assert (await account.place_order(session, order)).order.status is OrderStatus.RECEIVED
            placed = (await account.place_order(session, order, dry_run=False)).order
            world.pass_time(5)
            rejected = await account.get_order(session, placed.id)
            assert (rejected.status, rejected.reject_reason) == (OrderStatus.REJECTED, "Session offline")
            path = f"/accounts/{account.account_number}/orders"
            assert (await session._client.get(path, headers={"Accept-Version": "20251101"})).status_code == 404
            assert (await session._client.get("/market-metrics")).status_code == 502
            assert (await session._client.get("/instruments/equity-options")).status_code == 403

    tell(story, way, AWKWARD)


def test_now_and_then_a_sandbox_rejects_everything(way: Way):
    """S-846."""

    async def story(world: World) -> None:
        world.sandbox.manners = replace(world.sandbox.manners, offline_one_in=1)
        async with world.session(Environment.SANDBOX) as session:
            account = await world.account(session)
            share = await Equity.get(session, "SPY")
            order = LimitOrder(legs=[share.build_leg(1, OrderAction.BUY_TO_OPEN)], price=Decimal("-900"))
            for _ in range(2):
                await account.place_order(session, order, dry_run=False)
                world.pass_time(5)
            assert {each.reject_reason for each in await account.get_live_orders(session)} == {"Session offline"}

    tell(story, way, AWKWARD)


def test_a_sandbox_begins_anew_each_day_and_production_does_not(way: Way):
    """S-846."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as sandbox, world.session() as production:
            for session in (sandbox, production):
                account = await world.account(session)
                share = await Equity.get(session, "AAPL")
                order = MarketOrder(legs=[share.build_leg(1, OrderAction.BUY_TO_OPEN)])
                await account.place_order(session, order, dry_run=False)
            world.pass_time(30)
            held = [len(await (await world.account(each)).get_positions(each)) for each in (sandbox, production)]
            world.clock.advance(timedelta(days=1))
            await sandbox.refresh(force=True)
            await production.refresh(force=True)
            world.pass_time(1)
            left = [len(await (await world.account(each)).get_positions(each)) for each in (sandbox, production)]
        assert (held, left) == ([1, 1], [0, 1])

    tell(story, way, replace(AWKWARD, seed=3))


def test_the_first_look_of_a_day_finds_an_account_that_begins_anew(way: Way):
    """S-973."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as session:
            account = await world.account(session)
            share = await Equity.get(session, "AAPL")
            buying = MarketOrder(legs=[share.build_leg(1, OrderAction.BUY_TO_OPEN)])
            await account.place_order(session, buying, dry_run=False)
            world.clock.advance(timedelta(seconds=30))
            resting = await account.place_order(session, low(share), dry_run=False)
            world.clock.advance(TO_MIDNIGHT - timedelta(minutes=5))
            await session.refresh(force=True)
            assert len(await account.get_positions(session)) == 1
            world.clock.advance(timedelta(minutes=10))
            assert await account.get_positions(session) == []
            removed = await account.get_order(session, resting.order.id)
            assert (removed.status, removed.terminal_at) == (OrderStatus.REMOVED, OPEN_HOURS + TO_MIDNIGHT)

    tell(story, way, replace(AWKWARD, seed=3), at=OPEN_HOURS)


def low(share: Equity) -> LimitOrder:
    legs = [share.build_leg(1, OrderAction.BUY_TO_OPEN)]
    return LimitOrder(legs=legs, price=Decimal("-1"), time_in_force=OrderTimeInForce.GTC)


def test_a_spell_strikes_every_order_of_it_and_none_after_it(way: Way):
    """S-846."""

    async def story(world: World) -> None:
        calm = world.sandbox.manners
        async with world.session(Environment.SANDBOX) as session:
            account = await world.account(session)
            share = await Equity.get(session, "SPY")
            first = (await account.place_order(session, low(share), dry_run=False)).order
            world.pass_time(5)
            world.sandbox.manners = replace(calm, offline_one_in=1)
            with pytest.raises(TastytradeError, match="cant_buy_for_credit"):
                await account.place_order(session, low(share).model_copy(update={"price": Decimal(1)}), dry_run=False)
            closing = [share.build_leg(1, OrderAction.SELL_TO_CLOSE)]
            stop = StopOrder(legs=closing, stop_trigger=Decimal(1))
            pair = OCOOrder(take_profit=LimitOrder(legs=closing, price=Decimal(9999)), stop_loss=stop)
            await account.place_complex_order(session, pair, dry_run=False)
            again = await account.replace_order(session, first.id, low(share))
            world.pass_time(5)
            ended = {each.id: each.reject_reason for each in await account.get_live_orders(session)}
            assert ended.pop(first.id) is None
            assert again.id in ended
            assert list(ended.values()) == ["Session offline"] * 3
            world.sandbox.manners = calm
            later = (await account.place_order(session, low(share), dry_run=False)).order
            world.pass_time(5)
            assert (await account.get_order(session, later.id)).status is OrderStatus.LIVE

    tell(story, way, replace(AWKWARD, seed=3))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/market-metrics", 502),
        ("/pairs-watchlists", 502),
        ("/watchlists", 502),
        ("/quote-alerts", 502),
        ("/symbols/search/AAPL", 502),
        ("/market-data/by-type?equity=SPY", 502),
        ("/instruments/equity-options", 403),
        ("/instruments/equity-deliverables", 403),
        ("/instruments/future-spreads", 403),
        ("/instruments/nothing", 404),
    ],
)
def test_services_a_sandbox_lacks(path: str, status: int):
    """S-846."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as session:
            await session.refresh()
            answer = await session._client.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html" if status == 502 else "application/json")

    tell(story, Way.IN_PROCESS, AWKWARD)


def test_live_orders_of_a_customer_come_in_pages_from_the_newest_version_on():
    async def story(world: World) -> None:
        async with world.session() as session:
            account = await world.account(session)
            share = await Equity.get(session, "SPY")
            for _ in range(3):
                await account.place_order(session, low(share), dry_run=False)
            path = f"/customers/me/orders/live?account-numbers[]={account.account_number}"
            new = {"Accept-Version": "20261012"}
            pages = [
                (await session._client.get(f"{path}{more}", headers=new)).json()
                for more in ("", "&per-page=2", "&per-page=2&page-offset=1", "&per-page=999")
            ]
            before = (await session._client.get(path, headers={"Accept-Version": "20251101"})).json()
        assert [len(page["data"]["items"]) for page in pages] == [3, 2, 1, 3]
        assert [page["pagination"]["per-page"] for page in pages] == [100, 2, 2, 200]
        assert "pagination" not in before

    tell(story, Way.IN_PROCESS)
