"""What tests ask of the exchange itself: faults by name, and its time."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import httpx2
import pytest
from tastytrade import Account

from engine.paper.conduct import Span
from engine.paper.manners import AWKWARD_SANDBOX
from engine.paper.opening import Opening
from engine.paper.quotes import Quote
from engine.paper.tape import Tape
from engine.paper.venue import Environment
from tests.contract.reach import CALM, OPEN_HOURS, Way, World, tell

PRODUCTION = "https://api.tastyworks.com"


def _client(world: World) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=world.transport, base_url=PRODUCTION)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "lost_after", "where": "dry_run"}, "no request is called 'dry_run': did you mean 'dry_run_order'?"),
        ({"kind": "lose", "where": "order"}, "no message is called 'order': did you mean 'Order'?"),
        ({"kind": "badgateway"}, "'badgateway' is none: did you mean 'bad_gateway'?"),
        ({"kind": "unknown_statuss"}, "'unknown_statuss' is none: did you mean 'unknown_status'?"),
        ({"kind": "cut", "times": -3}, "is not a whole number above 0"),
        ({"kind": "cut", "times": True}, "is not a whole number above 0"),
    ],
)
def test_a_misspelt_fault_is_refused_with_the_nearest_there_is(body: dict[str, str], said: str):
    """S-853."""

    async def story(world: World) -> None:
        async with _client(world) as client:
            answer = await client.post("/_paper/faults", json=body)
        assert answer.status_code == 400
        assert said in answer.json()["error"]["errors"][0]["reason"]

    tell(story, Way.IN_PROCESS)


@pytest.mark.parametrize("delay", ["abc", "900", -5, 1e300])
def test_a_delay_of_quotes_is_a_number_of_seconds(delay: object):
    async def story(world: World) -> None:
        async with _client(world) as client:
            answer = await client.put("/_paper/quotes", json={"delay": delay})
            whole = await client.put("/_paper/quotes", json={"delay": 900})
        assert (answer.status_code, whole.status_code) == (400, 200)
        assert world.production.shown.delay == timedelta(minutes=15)

    tell(story, Way.IN_PROCESS)


def test_every_route_and_message_can_be_named(way: Way):
    """S-853."""

    async def story(world: World) -> None:
        places = [("cut", where) for where in world.production.faults.requests]
        places += [("double", where) for where in world.production.faults.messages]
        async with _client(world) as client:
            for kind, where in places:
                assert (await client.post("/_paper/faults", json={"kind": kind, "where": where})).status_code == 200
            assert (await client.delete("/_paper/faults")).status_code == 200

    tell(story, way)


def test_a_quirk_that_is_misspelt_is_refused():
    async def story(world: World) -> None:
        async with _client(world) as client:
            answer = await client.post("/_paper/quirks", json={"quirk": "fill_after"})
        assert "did you mean 'fill_after_cancel'?" in answer.json()["error"]["errors"][0]["reason"]

    tell(story, Way.IN_PROCESS)


def test_a_client_learns_the_time_there_and_can_advance_it(way: Way):
    """S-851."""

    async def story(world: World) -> None:
        async with _client(world) as client:
            told = (await client.get("/_paper/clock")).json()["data"]
            assert (datetime.fromisoformat(told["now"]), told["speed"]) == (OPEN_HOURS, 1.0)
            later = (await client.post("/_paper/clock", json={"seconds": 90})).json()["data"]
            assert datetime.fromisoformat(later["now"]) == OPEN_HOURS + timedelta(seconds=90)
            assert world.sandbox.now() == world.production.now() == OPEN_HOURS + timedelta(seconds=90)
            for wrong in ({}, {"seconds": -1}, {"seconds": "much"}, {"seconds": True}):
                assert (await client.post("/_paper/clock", json=wrong)).status_code == 400

    tell(story, way)


def test_on_a_clock_without_speed_an_answer_takes_its_time_there_alone():
    """S-846, S-851: the sandbox takes one to two seconds."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as session:
            for _ in range(10):
                began = world.clock.now()
                await session.refresh(force=True)
                await Account.get(session)
                assert 2.0 <= (world.clock.now() - began).total_seconds() <= 4.0

    assert AWKWARD_SANDBOX.latency == Span(1.0, 2.0)
    tell(story, Way.IN_PROCESS, Opening(seed=7), speed=0)


def test_a_tape_replaces_the_symbols_it_holds(way: Way):
    """S-854."""
    tape = Tape()
    tape.add("SPY", Quote(OPEN_HOURS, Decimal("1.00"), Decimal("1.01")))

    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            answer = await session._client.get("/market-data/by-type?equity=SPY&equity=AAPL")
        quotes = {each["symbol"]: each for each in answer.json()["data"]["items"]}
        assert (quotes["SPY"]["bid"], quotes["SPY"]["ask"]) == ("1.0", "1.01")
        assert float(quotes["AAPL"]["bid"]) > 50

    tell(story, way, replace(CALM, tape=tape))
