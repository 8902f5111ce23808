"""Neither logs nor errors show what signs in."""

import logging
import traceback

import pytest

from engine.model.errors import BrokerError
from engine.paper.faults import Trouble
from engine.paper.opening import grants
from engine.paper.venue import Environment
from tests.contract.adapting import broker_of, share_order
from tests.contract.reach import Way, World, tell
from tests.contract.test_adapter_stream import listening


def test_no_log_and_no_error_shows_a_secret(way: Way, caplog: pytest.LogCaptureFixture):
    secrets: set[str] = {"wrong-secret"}
    shown: list[str] = []

    async def story(world: World):
        grant = grants(Environment.SANDBOX)[0]
        secrets.update((grant.client_secret, grant.refresh_token))
        async with listening(world) as (broker, heard):
            await broker.place(share_order())
            world.pass_time(5)
            shown.extend(map(repr, heard.events))
            secrets.add(broker._connection.signed.token)
            shown.append(repr(vars(broker)))
        for trouble in (Trouble.SERVER_ERROR, Trouble.CUT, Trouble.UNAUTHORIZED):
            world.sandbox.faults.script(trouble, "place_order", times=2)
            async with broker_of(world) as broker:
                try:
                    await broker.place(share_order("1.00"))
                except BrokerError as error:
                    shown.append("".join(traceback.format_exception(error)))
            world.sandbox.faults.clear()
        async with broker_of(world, secret="wrong-secret") as broker:
            try:
                await broker.funds()
            except BrokerError as error:
                shown.append("".join(traceback.format_exception(error)))

    with caplog.at_level(logging.DEBUG):
        tell(story, way)
    text = "\n".join((*shown, caplog.text))

    assert len(shown) > 5
    assert [secret for secret in secrets if secret in text] == []
