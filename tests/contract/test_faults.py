"""What goes wrong between a client and the exchange, and what was done all the same."""

from dataclasses import replace
from json import JSONDecodeError

import httpx2
import pytest
from pydantic import ValidationError
from tastytrade import Session
from tastytrade.instruments import Equity
from tastytrade.order import LimitOrder, OrderAction
from tastytrade.utils import TastytradeError

from engine.paper.conduct import Quirk
from engine.paper.faults import Faults, Trouble
from engine.paper.manners import AWKWARD_SANDBOX
from engine.paper.venue import Venue
from tests.contract.reach import CALM, Way, World, tell


async def _place(world: World, session: Session) -> None:
    account = await world.account(session)
    share = await Equity.get(session, "SPY")
    leg = share.build_leg(1, OrderAction.BUY_TO_OPEN)
    order = LimitOrder(legs=[leg], price="-1.00", external_identifier="alert-1:0")
    await account.place_order(session, order, dry_run=False)


def _taken(venue: Venue) -> int:
    return len(venue.exchange.orders("5WT00001", venue.now()))


@pytest.mark.parametrize(
    ("trouble", "error", "taken"),
    [
        pytest.param(Trouble.UNAUTHORIZED, TastytradeError, 0, id="a token that ended in between"),
        pytest.param(Trouble.SERVER_ERROR, TastytradeError, 0, id="an error of the server, not taken"),
        pytest.param(Trouble.BAD_GATEWAY, TastytradeError, 0, id="a bad gateway, not taken"),
        pytest.param(Trouble.ERROR_AFTER, TastytradeError, 1, id="a bad gateway, taken"),
        pytest.param(Trouble.LOST_BEFORE, httpx2.ReadTimeout, 0, id="no answer, not taken"),
        pytest.param(Trouble.LOST_AFTER, httpx2.ReadTimeout, 1, id="no answer, taken"),
        pytest.param(Trouble.SLOW, httpx2.ReadTimeout, 1, id="an answer that comes too late"),
        pytest.param(Trouble.CUT, JSONDecodeError, 1, id="half an answer"),
        pytest.param(Trouble.EMPTY, JSONDecodeError, 1, id="an empty answer"),
        pytest.param(Trouble.ODD_STATUS, ValidationError, 1, id="a status nobody knows"),
        pytest.param(Trouble.MISSING_KEY, ValidationError, 1, id="an order without legs"),
    ],
)
def test_an_order_is_taken_or_not_whatever_the_answer(way: Way, trouble: Trouble, error: type[Exception], taken: int):
    """S-849."""

    async def story(world: World) -> None:
        async with world.session(timeout=httpx2.Timeout(10.0, read=0.5)) as session:
            world.production.faults.script(trouble, "place_order")
            with pytest.raises(error):
                await _place(world, session)
            assert _taken(world.production) == taken
            assert world.production.journey.count("place_order", "alert-1:0") == 1
            await session.refresh(force=True)
            await _place(world, session)
            assert _taken(world.production) == taken + 1

    tell(story, way)


def test_chance_strikes_in_the_same_places():
    """S-849."""

    def struck(seed: int) -> list[bool]:
        faults = Faults(seed, {Trouble.BAD_GATEWAY: 0.3})
        return [faults.trouble("place_order") is not None for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90


def test_faults_are_scripted_over_the_wire_too(way: Way):
    async def story(world: World) -> None:
        async with world.session() as session:
            client = session._client
            answer = await client.post("/_paper/faults", json={"kind": "bad_gateway", "where": "place_order"})
            assert answer.status_code == 200
            with pytest.raises(TastytradeError):
                await _place(world, session)
            await client.post("/_paper/quirks", json={"quirk": "session_offline", "identifier": "alert-1:0"})
            await _place(world, session)
            world.pass_time(5)
            asked = (await client.get("/_paper/requests")).json()["data"]["items"]
            assert [(row["route"], row["status"]) for row in asked if row["external_identifier"]] == [
                ("place_order", 502),
                ("place_order", 201),
            ]
            order = (await (await world.account(session)).get_live_orders(session))[0]
            assert order.reject_reason == "Session offline"
            assert (await client.post("/_paper/faults", json={"kind": "x"})).status_code == 400

    tell(story, way)


def test_a_seed_brings_the_same_latency():
    waits = [AWKWARD_SANDBOX.seconds(number) for number in range(100)]

    assert all(1.0 <= seconds <= 2.0 for seconds in waits)
    assert waits == [AWKWARD_SANDBOX.seconds(number) for number in range(100)]
    assert replace(AWKWARD_SANDBOX, pace=0.0).seconds(1) == 0


def test_orders_go_odd_ways_by_chance():
    async def story(world: World):
        async with world.session() as session:
            for _ in range(30):
                await _place(world, session)
            world.pass_time(5)
            reasons = [order.reject_reason for order in await (await world.account(session)).get_live_orders(session)]
            assert 5 < reasons.count("Session offline") < 25

    opening = replace(CALM, quirks={Quirk.SESSION_OFFLINE: 0.5})
    tell(story, Way.IN_PROCESS, opening)
