"""A hostile exchange shows every way things go wrong, the same ones for a seed, and waits for none of them."""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Final

import httpx2
import pytest

from engine.paper.conduct import Quirk
from engine.paper.faults import Slip, Trouble
from engine.paper.hostility import Hostility
from engine.paper.orders import Order
from engine.paper.words import Status
from tests.contract.reach import Way, World, tell

ORDERS: Final = "/accounts/5WT00001/orders"
SPY: Final = {"instrument-type": "Equity", "symbol": "SPY", "action": "Buy to Open"}


class Trader:
    """A client that places, replaces, cancels and looks, by chance, and does not care what it is told."""

    def __init__(self, world: World, client: httpx2.AsyncClient, seed: int) -> None:
        self.answers: Counter[int] = Counter()
        self._world = world
        self._client = client
        self._chance = Random(seed)
        self._headers: dict[str, str] = {}

    async def act(self, times: int) -> None:
        for number in range(times):
            if not self._headers:
                await self._sign_in()
            await self._act(number)
            self._world.pass_time(self._chance.choice((0.05, 0.4, 3.0)))

    async def _sign_in(self) -> None:
        keys = {"client_secret": "paper-production-secret", "refresh_token": "paper-production-refresh"}
        answer = await self._client.post("/oauth/token", json=keys | {"grant_type": "refresh_token"})
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def _act(self, number: int) -> None:
        known = [order.id for order in self._orders()[:20]] or [1]
        method, path = self._chance.choice(
            [
                ("POST", ORDERS),
                ("POST", ORDERS),
                ("DELETE", f"{ORDERS}/{self._chance.choice(known)}"),
                ("PUT", f"{ORDERS}/{self._chance.choice(known)}"),
                ("GET", f"{ORDERS}/{self._chance.choice(known)}"),
            ]
        )
        answer = await self._client.request(method, path, headers=self._headers, json=self._body(number, path))
        self.answers[answer.status_code] += 1
        if answer.status_code == 401:
            self._headers = {}

    def _body(self, number: int, path: str) -> dict[str, object]:
        price = self._chance.choice(("900.00", "1.00", "1.00"))
        terms = {"order-type": "Limit", "time-in-force": "Day", "price": price, "price-effect": "Debit"}
        legs = [SPY | {"quantity": self._chance.randint(1, 4)}]
        return terms | ({"legs": legs, "external-identifier": f"m{number}:0"} if path == ORDERS else {})

    def _orders(self) -> tuple[Order, ...]:
        return self._world.production.exchange.orders("5WT00001", self._world.clock.now())


async def _traded(world: World, times: int, seed: int = 1) -> Trader:
    async with httpx2.AsyncClient(transport=world.transport, base_url="https://api.tastyworks.com") as client:
        trader = Trader(world, client, seed)
        await trader.act(times)
    return trader


def test_every_trouble_and_every_slip_strikes(way: Way):
    """S-855."""

    async def story(world: World) -> None:
        began = world.clock.now()
        trader = await _traded(world, 300)
        struck = world.production.faults.struck
        assert {*Trouble, *Slip} == set(struck)
        assert {each.trouble for each in world.production.journey.asked} >= {trouble.value for trouble in Trouble}
        assert set(trader.answers) >= {200, 201, 401, 422, 429, 500, 502, 504}
        assert (world.clock.now() - began).total_seconds() > 600

    tell(story, way, Hostility(seed=7, rate=0.5).opening(), speed=0)


@pytest.mark.parametrize("quirk", [quirk for quirk in Quirk if quirk is not Quirk.SHORT_REPORT])
def test_every_quirk_shows_in_some_order(quirk: Quirk):
    """S-855. A short report is of orders of several legs: tests of the exchange show it."""

    async def story(world: World) -> None:
        await _traded(world, 150)
        world.pass_time(20)
        orders = world.production.exchange.orders("5WT00001", world.clock.now())
        assert len(orders) > 20
        assert any(SHOWN[quirk](order) for order in orders)

    calm = Hostility(seed=7, rate=0.0).opening()
    tell(story, Way.IN_PROCESS, replace(calm, quirks={quirk: 0.5}), speed=0)


def _waited(order: Order) -> float:
    fills = order.legs[0].fills
    return (fills[0].at - order.received_at).total_seconds() if fills else 0.0


SHOWN = {
    Quirk.SESSION_OFFLINE: lambda order: order.reject_reason == "Session offline",
    Quirk.PARTIAL: lambda order: len(order.legs[0].fills) > 1,
    Quirk.LATE: lambda order: _waited(order) > 10,
    Quirk.FILL_AFTER_CANCEL: lambda order: order.cancelled_at is not None and order.legs[0].fills,
    Quirk.FILL_BEFORE_CANCEL: lambda order: order.status is Status.FILLED and order.terms.price == 1,
    Quirk.FILL_DURING_REPLACE: lambda order: order.status is Status.FILLED and order.terms.price == 1,
    Quirk.REPLACE_FAILS: lambda order: order.reject_reason == "Replace failed",
}


def test_the_same_seed_goes_wrong_in_the_same_places():
    """S-855."""
    seen: list[list[tuple[str, int, str]]] = []

    async def story(world: World) -> None:
        await _traded(world, 100)
        seen.append([(each.route, each.status, each.trouble) for each in world.production.journey.asked])

    for seed in (7, 7, 8):
        tell(story, Way.IN_PROCESS, Hostility(seed=seed, rate=0.3).opening(), speed=0)

    assert seen[0] == seen[1] != seen[2]


def test_a_rate_of_nothing_is_calm():
    async def story(world: World) -> None:
        await _traded(world, 60)
        assert not world.production.faults.struck

    tell(story, Way.IN_PROCESS, Hostility(seed=7, rate=0.0).opening(), speed=0)


def test_its_pace_is_that_of_every_delay():
    opening = Hostility(seed=7, pace=0.25).opening()

    assert (opening.pace, opening.manners.pace) == (0.25, 0.25)
