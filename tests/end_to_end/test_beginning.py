"""What a desk begins with, as it finds it after another start."""

from pathlib import Path

import anyio
import httpx2
import pytest

from engine.app.beginning import AccountFound, accounts_found, beginning
from engine.app.connections import Connections, connections
from engine.app.settings import Settings
from engine.app.trading_state import Restrictions
from engine.app.trading_state_file import TradingStateFile
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.desk import AccountKind
from engine.playbook.rulebook import Rulebook, load_rulebook
from tests.end_to_end.test_giving_up import RESTING, rest
from tests.trading_world import World, rulebook_in, tell, trading

REAL = Path(__file__).parents[2] / "playbooks" / "desk.yaml"
REDUCED = Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "quotes look wrong")
FILLED = {
    f"TASTYTRADE_{name}_{what}": value
    for name, number in (("CERT", "5WX12345"), ("MAIN", "5WT12345"))
    for what, value in (("ACCOUNT", number), ("SECRET", f"{name}-secret-0123"), ("REFRESH", f"eyJ{name}.refresh.token"))
}


def joined(rulebook: Rulebook, world: World, **variables: str) -> Connections:
    assert rulebook.desk is not None
    return connections(rulebook.desk, Settings(world.home, variables), world.clock)


def test_a_start_finds_what_was_under_way_and_which_messages_are_new(tmp_path: Path):
    """S-947."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks", RESTING)
        world.promote(rulebook)
        async with trading(world, rulebook) as run:
            taken = await rest(run)
            await run.until_said("p-1 cancelled 0")  # its probe is over
        restricted: Restrictions = (REDUCED,)
        TradingStateFile(world.settings.trading_state).change(lambda _: restricted, tightens=True)

        async with world.desk(rulebook) as run:
            messages = (taken, world.message("BTO 2 QQQ @ 400.00"))
            found = beginning(run.desk.parts, joined(rulebook, world), world.home, messages, is_own=False)

        assert (found.desk, found.home, found.is_real_money) == ("kill-desk", world.home, False)
        assert (found.to_come, found.taken, found.intents, found.orders) == (1, 1, 1, 1)
        assert [(row.playbook, row.stage.value, row.serves) for row in found.versions] == [
            ("trading", "production", "promoted"),
            ("unheard", "sandbox", ""),
        ]
        assert found.restrictions == ("all is reducing, by carol: quotes look wrong",)
        urls = "sandbox http://127.0.0.1:8700, production http://127.0.0.1:8701"
        assert found.destination == f"a local exchange, no money: {urls}"

    tell(tmp_path, story)


def test_real_money_is_said_where_an_account_of_it_can_be_reached(tmp_path: Path):
    """S-947."""
    real = load_rulebook([REAL], runs_examples=False)

    async def story(world: World) -> None:
        async with world.desk(rulebook_in(world.home / "playbooks")) as run:
            parts = run.desk.parts
            for said, production in (("yes", ", production https://api.tastyworks.com"), ("no", "")):
                places = joined(real, world, **FILLED, SIGNALBOOK_PRODUCTION=said)
                found = beginning(parts, places, world.home, (), is_own=False)
                sandbox = "tastytrade: sandbox https://api.cert.tastyworks.com"
                assert (found.destination, found.is_real_money) == (f"{sandbox}{production}", said == "yes")
            assert "SIGNALBOOK_PRODUCTION is not yes" in accounts_found(parts, places)[-1].why

    tell(tmp_path, story)


def test_an_account_that_does_not_answer_is_told_from_one_that_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """S-947."""
    monkeypatch.setattr("engine.app.trading._LAST_ANSWERS_SECONDS", 0.1)

    async def story(world: World) -> None:
        rulebook = rulebook_in(world.home / "playbooks")

        async def hangs(kind: AccountKind, request: httpx2.Request) -> None:
            if kind is AccountKind.SANDBOX:
                await anyio.sleep_forever()

        world.on_request = hangs
        async with trading(world, rulebook) as run:
            await run.until(lambda: run.desk.parts.desks["main"].executor.health.is_ready)
            found = accounts_found(run.desk.parts, joined(rulebook, world))

        assert found == (
            AccountFound("cert", AccountKind.SANDBOX, answers=False, why="the account was not looked at yet"),
            AccountFound("main", AccountKind.PRODUCTION, answers=True, why=""),
        )

    tell(tmp_path, story)
