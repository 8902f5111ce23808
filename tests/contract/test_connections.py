"""The accounts of a desk, connected: each leads where it should, and nothing crosses."""

from pathlib import Path

import anyio
import pytest

from engine.adapters.tastytrade.connection import Pace
from engine.adapters.tastytrade.destination import Destination, production, sandbox
from engine.app.connections import Connections, connections
from engine.app.credentials import Access
from engine.app.settings import SettingsError, settings
from engine.model.contract import Contract
from engine.model.desk import AccountKind
from engine.model.environment import Environment
from engine.model.errors import InvariantBroken
from engine.model.order import InstrumentKind
from engine.playbook.rulebook import load_rulebook
from tests.contract.adapting import share_order
from tests.contract.reach import Way, World, tell

ROOT = Path(__file__).parents[2]
DESK = load_rulebook([ROOT / "playbooks"], runs_examples=False).desk
assert DESK is not None
THE_DESK = DESK
FILLED = {
    "TASTYTRADE_CERT_ACCOUNT": "5WX12345",
    "TASTYTRADE_CERT_SECRET": "cert-secret-0123",
    "TASTYTRADE_CERT_REFRESH": "eyJcert.refresh.token",
}


def here(world: World, variables: dict[str, str] | None = None) -> Connections:
    def reach(access: Access) -> Destination:
        place = sandbox if access.environment.kind is AccountKind.SANDBOX else production
        return place(world.transport)

    return connections(THE_DESK, settings(variables or {}), world.clock, pace=Pace(seconds=2), reach=reach)


def test_an_order_reaches_its_own_environment_only(way: Way):
    async def story(world: World):
        async with here(world) as found:
            assert found.environments == {"cert": Environment.PAPER_SANDBOX, "main": Environment.PAPER_PRODUCTION}
            cert, main = found.broker("cert"), found.broker("main")
            await cert.place(share_order("5.00"))

            assert found.broker("cert") is cert
            assert (cert.account, main.account) == ("5WX00001", "5WT00001")
            assert len(await cert.live_orders()) == 1
            assert await main.live_orders() == ()

    tell(story, way)


def test_nothing_is_shared_between_accounts():
    async def story(world: World):
        async with here(world) as found:
            cert, main = found._connections["cert"], found._connections["main"]
            await found.broker("cert").funds()

            assert cert.signed.session is not main.signed.session
            assert cert.signed.session._client is not main.signed.session._client
            assert cert.signed.token != main.signed.token
            assert world.production.journey.asked.maxlen
            assert list(world.production.journey.asked) == []

    tell(story, Way.IN_PROCESS)


def test_prices_come_from_production_where_there_is_one(way: Way):
    async def story(world: World):
        spy = Contract("SPY", InstrumentKind.EQUITY, "SPY", "SPY")
        async with here(world) as found, anyio.create_task_group() as group:
            group.start_soon(found.quotes.run)
            await anyio.sleep(0.3)
            quote = (await found.quotes.quotes([spy]))["SPY"]
            group.cancel_scope.cancel()

            assert found.are_quotes_live
            assert found.quotes is found.quotes
            assert quote.quote.bid is not None
            assert list(world.sandbox.journey.asked) == []

    tell(story, way)


def test_without_production_prices_are_those_of_the_sandbox():
    async def story(world: World):
        found = here(world, FILLED)

        assert found.environments == {"cert": Environment.SANDBOX}
        assert not found.are_quotes_live
        assert found.quotes is found.quotes
        assert found.missing["main"].code == "production_off"
        for ask in (found.broker, found.environment, found.access):
            with pytest.raises(SettingsError) as caught:
                ask("main")
            assert caught.value.code == "production_off"
        with pytest.raises(SettingsError) as caught:
            found.broker("nobody")
        assert caught.value.code == "unknown_account"

    tell(story, Way.IN_PROCESS)


def test_an_account_is_never_led_to_the_other_environment():
    async def story(world: World):
        with pytest.raises(InvariantBroken):
            connections(THE_DESK, settings({}), world.clock, reach=lambda _: production(world.transport))

    tell(story, Way.IN_PROCESS)


def test_a_desk_without_access_has_no_prices():
    async def story(world: World):
        found = here(world, {"SIGNALBOOK_BROKER": "tastytrade"})

        assert found.environments == {}
        with pytest.raises(SettingsError):
            _ = found.quotes

    tell(story, Way.IN_PROCESS)
