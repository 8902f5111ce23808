"""Requests no client of ours makes, answered all the same: sessions, limits, a customer's orders, searches."""

from typing import Any

import httpx2
import pytest

from engine.paper.venue import Environment
from tests.contract.reach import Way, World, tell
from tests.contract.recordings import ACCOUNT, LIMIT
from tests.contract.test_edges import AWKWARD

ORDERS = f"{ACCOUNT}/orders"
TIMES = "/market-time"


async def _get(client: httpx2.AsyncClient, path: str, status: int = 200) -> Any:  # noqa: ANN401 - whatever the answer holds
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return answer.json().get("data")


@pytest.mark.parametrize(
    ("path", "day"),
    [
        (f"{TIMES}/equities/sessions/next", "2026-11-25"),
        (f"{TIMES}/equities/sessions/next?date=2026-11-25", "2026-11-27"),  # after Thanksgiving
        (f"{TIMES}/equities/sessions/previous", "2026-11-23"),
        (f"{TIMES}/equities/sessions/previous?date=2026-11-23", "2026-11-20"),
        (f"{TIMES}/futures/sessions/next/CME?date=2026-11-20", "2026-11-23"),
        (f"{TIMES}/futures/sessions/previous/CFE?date=2026-11-24", "2026-11-23"),
    ],
)
def test_sessions_before_and_after(path: str, day: str):
    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            assert (await _get(session._client, path))["session-date"] == day

    tell(story, Way.IN_PROCESS)


def test_sessions_of_a_range_and_of_futures():
    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            client = session._client
            week = await _get(client, f"{TIMES}/sessions?from-date=2026-11-23&to-date=2026-11-29")
            futures = await _get(client, f"{TIMES}/futures/sessions/current")
            one = await _get(client, f"{TIMES}/futures/sessions/current/CME")
            await _get(client, f"{TIMES}/futures/sessions/current/NYSE", status=400)
            await _get(client, f"{TIMES}/sessions", status=400)
        assert [each["open-at"][:10] for each in week["items"]] == [f"2026-11-{day}" for day in (23, 24, 25, 27)]
        assert [each["instrument-collection"] for each in futures["items"]] == ["CME", "CFE"]
        assert (one["state"], one["instrument-collection"]) == ("Open", "CME")

    tell(story, Way.IN_PROCESS)


def test_a_customer_sees_the_orders_of_the_accounts_that_are_named(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            client = session._client
            first, second = [(await client.post(ORDERS, json=LIMIT)).json()["data"]["order"]["id"] for _ in range(2)]
            live = await _get(client, "/customers/me/orders/live?account-numbers[]=5WT00001")
            oldest = await _get(client, "/customers/me/orders?account-numbers[]=5WT00001&sort=Asc&per-page=1")
            await _get(client, "/customers/me/orders", status=400)
            await _get(client, "/customers/me/orders?account-numbers[]=5WX00001", status=403)
        assert [each["id"] for each in live["items"]] == [second, first]
        assert [each["id"] for each in oldest["items"]] == [first]

    tell(story, way)


def test_a_cancel_answers_with_the_order_it_is_asked_of(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            order = (await session._client.post(ORDERS, json=LIMIT)).json()["data"]["order"]
            world.pass_time(1)
            answer = await session._client.delete(f"{ORDERS}/{order['id']}")
            told = answer.json()["data"]
        assert (answer.status_code, told["id"], told["status"]) == (200, order["id"], "Cancel Requested")
        assert told["legs"]

    tell(story, way)


def test_limits_coins_and_searches_are_answered():
    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            client = session._client
            limit = await _get(client, f"{ACCOUNT}/position-limit")
            coins = await _get(client, "/instruments/cryptocurrencies?symbol[]=BTC/USD")
            coin = await _get(client, "/instruments/cryptocurrencies/BTC%2FUSD")
            await _get(client, "/instruments/cryptocurrencies/XYZ%2FUSD", status=404)
            found = await _get(client, "/instruments/search?query=spy&type=Equity")
            few = await _get(client, "/instruments/search?limit=3")
        assert limit["account-number"] == "5WT00001"
        assert coins["items"] == [coin]
        assert [each["symbol"] for each in found["items"]] == ["SPY"]
        assert len(few["items"]) == 3

    tell(story, Way.IN_PROCESS)


def test_an_order_with_rules_waits_and_says_so():
    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            rules = {"route-after": "2026-11-24T15:30:00Z", "cancel-at": "2026-11-24T16:00:00Z"}
            order = (await session._client.post(ORDERS, json=LIMIT | {"rules": rules})).json()["data"]["order"]
            world.pass_time(31 * 60)
            await session.refresh(force=True)
            sent = await _get(session._client, f"{ORDERS}/{order['id']}")
            world.pass_time(30 * 60)
            await session.refresh(force=True)
            ended = await _get(session._client, f"{ORDERS}/{order['id']}")
        assert (order["status"], sent["status"], ended["status"]) == ("Contingent", "Live", "Cancelled")
        assert sent["order-rule"]["routed-at"].startswith("2026-11-24T15:30:00")
        assert ended["order-rule"]["cancel-at"] == "2026-11-24T16:00:00.000+00:00"

    tell(story, Way.IN_PROCESS)


def test_the_sandbox_takes_no_option_it_does_not_list():
    """S-846."""
    option = {"instrument-type": "Equity Option", "symbol": "SPY   261124C00670000", "action": "Buy to Open"}
    body = LIMIT | {"legs": [option | {"quantity": 1}]}

    async def story(world: World) -> None:
        answers = []
        for environment, account in ((Environment.SANDBOX, "5WX00001"), (Environment.PRODUCTION, "5WT00001")):
            async with world.session(environment) as session:
                await session.refresh()
                answers.append(await session._client.post(f"/accounts/{account}/orders/dry-run", json=body))
        assert [answer.status_code for answer in answers] == [422, 201]
        assert answers[0].json()["error"]["errors"][0]["code"] == "instrument_validation_failed"

    tell(story, Way.IN_PROCESS, AWKWARD)
