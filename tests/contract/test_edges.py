"""What is refused before anyone looks at it, and the sandbox at its worst."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx2
import pytest
from tastytrade import Account
from tastytrade.instruments import Equity, Future
from tastytrade.order import InstrumentType, LimitOrder, MarketOrder, OrderAction, OrderStatus
from tastytrade.utils import TastytradeError

from engine.paper.opening import Opening
from engine.paper.venue import Environment
from tests.contract.reach import Way, World, tell

AWKWARD = Opening(seed=7, pace=0.0)


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
