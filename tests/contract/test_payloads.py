"""Every recorded answer against what the exchange answers, and both against the SDK's models."""

import json

import httpx2
import pytest

from tests.contract.reach import Way, World, tell
from tests.contract.recordings import ACCOUNT, CASES, MARKET, NOT_REPRODUCED, PAYLOADS, REPLIES, STREAMED, Case, ask
from tests.contract.shapes import gaps


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_the_shape_of_its_recording(case: Case):
    """S-842."""

    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            await session._client.post(f"{ACCOUNT}/orders", json=MARKET)
            world.pass_time(10)
            answer = await ask(session._client, case)
            recorded = json.loads((PAYLOADS / f"{case.name}.json").read_text(encoding="utf-8"))
            ours = answer["data"] if case.inside else answer
            assert set(gaps(recorded, ours)) == case.allowed
            case.parse(answer["data"])

    tell(story, Way.IN_PROCESS)


@pytest.mark.parametrize("name", STREAMED)
def test_a_streamed_message_has_the_shape_of_its_recording(name: str):
    """S-842."""
    kind, allowed = STREAMED[name]

    async def story(world: World) -> None:
        listener = world.production.hub.join()
        listener.accounts.add("5WT00001")
        async with world.session() as session:
            await session.refresh()
            await session._client.post(f"{ACCOUNT}/orders", json=MARKET)
            world.pass_time(10)
        said = [listener.messages.get_nowait() for _ in range(listener.messages.qsize())]
        ours = [json.loads(json.dumps(message)) for message in said if message and message["type"] == kind][-1]
        recorded = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
        assert set(gaps(recorded, ours)) == allowed

    tell(story, Way.IN_PROCESS)


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_of_the_stream_has_the_shape_of_its_recording(name: str):
    async def story(world: World) -> None:
        async with world.session() as session, httpx2.AsyncClient(transport=world.transport) as client:
            await session.refresh()
            async with client.websocket("wss://streamer.tastyworks.com") as stream:
                await stream.send_json(REPLIES[name] | {"auth-token": f"Bearer {session.session_token}"})
                reply = await stream.receive_json()
        recorded = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
        assert set(gaps(recorded, reply)) <= {"/value is missing"}  # the real success lacks it too

    tell(story, Way.IN_PROCESS)


def test_a_refusal_has_the_shape_of_its_recording():
    """S-844."""

    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            forbidden = await session._client.get("/accounts/5WX00001/positions")
            refused = await session._client.post(f"{ACCOUNT}/orders", json=MARKET | {"time-in-force": "GTC"})
        recorded = json.loads((PAYLOADS / "errors.json").read_text(encoding="utf-8"))
        assert forbidden.json() == recorded[0]
        assert refused.json() == recorded[2]

    tell(story, Way.IN_PROCESS)


def test_every_recording_is_compared():
    """S-842."""
    compared = {case.name for case in CASES} | {*STREAMED, *REPLIES, "errors"}

    assert {path.stem for path in PAYLOADS.glob("*.json")} == compared
    assert all(NOT_REPRODUCED.values())
