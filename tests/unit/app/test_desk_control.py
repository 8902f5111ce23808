"""What a running desk answers other processes: who may, what is meant, and that a kill promises only what it knows."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.app.control_words import ControlRefused
from engine.app.desk_control import DeskControl
from engine.app.staging import Staging
from engine.app.trading_state import EVERYWHERE, Place
from engine.app.trading_state_file import TradingStateFile
from engine.app.trading_states import TradingStates
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.desk import Desk, Permission, Person
from engine.model.stages import Stage
from engine.plan.entries import ENGINE, DeskChanged, Planned, Role, TradeEntry
from engine.plan.flow import ApprovalAsked, Approved, Dropped, Flow
from engine.playbook.rulebook import Rulebook
from tests.trading_world import CARD, CHANNEL, World, rulebook_in, tell, trading
from tests.unit.app.test_trading_state import ALL, NOON, Log
from tests.unit.plan.staged import AT, DESK, LINE, NAME, V1, intent

EVE = Person("eve", "509", frozenset(Permission), LINE)
ASKED = ApprovalAsked("above $500", ("carol",), AT + timedelta(minutes=2))


class Stager:
    """Flows that stand still, and what is asked about them (see execute.stager.Stager)."""

    def __init__(self, *flows: Flow) -> None:
        self.flows = {flow.intent.id: flow for flow in flows}
        self.dropped: list[str] = []
        self.answered: list[str] = []

    @property
    def awaiting(self) -> tuple[Flow, ...]:
        return tuple(flow for flow in self.flows.values() if flow.awaits_approval)

    def drop(self, intent_id: str, code: str, why: str) -> None:
        self.dropped.append(intent_id)

    def approve(self, intent_id: str, by: Person) -> None:
        self.answered.append(intent_id)


def control(tmp_path: Path, *flows: Flow, file: Desk = DESK, accounts: Mapping[str, Any] | None = None) -> DeskControl:
    """A desk whose journal has agreed to DESK. file: the desk as its file is now. accounts: that can be reached."""
    staging = Staging("1.0.0")
    staging.restore(TradeEntry(1, AT, DeskChanged(DESK, ENGINE)))
    states = TradingStates(TradingStateFile(tmp_path / "trading-state.json"), Log())
    states.level()
    parts: dict[str, Any] = dict.fromkeys(DeskControl.__dataclass_fields__)
    parts |= {"desk": file, "rulebook": Rulebook(file, (), ()), "desks": accounts or {}, "environments": {}}
    parts |= {"stager": Stager(*flows), "states": states, "restrictions": states, "staging": staging}
    parts |= {"approved": {}, "clock": SimpleNamespace(now=lambda: NOON), "since": NOON}
    return DeskControl(**parts)


def flow(name: str, **steps: Any) -> Flow:  # noqa: ANN401
    return replace(Flow(intent(name, V1, Stage.PRODUCTION)), **steps)


# ---------------------------------------------------------------- who


def test_nobody_whom_the_file_alone_lets_in_lifts_anything(tmp_path: Path):
    """S-974."""
    desk = control(tmp_path, file=replace(DESK, people=(*DESK.people, EVE)))
    desk.states.restrict(ALL, "kill")

    with pytest.raises(ControlRefused, match="the desk knows nobody named 'eve'"):
        asyncio.run(desk.resume(EVERYWHERE, "eve", "over"))

    assert desk.states.in_force(NOON) == (ALL,)


def test_whoever_the_file_takes_out_is_out_at_once(tmp_path: Path):
    """S-974."""
    carol, *others = DESK.people
    desk = control(tmp_path, flow("3f9a", asked=ASKED), file=replace(DESK, people=tuple(others)))

    with pytest.raises(ControlRefused, match=f"nobody named '{carol.name}'"):
        asyncio.run(desk.approve("3f9a", "carol"))


# ---------------------------------------------------------------- which


def test_a_beginning_that_another_order_has_too_approves_neither(tmp_path: Path):
    """S-977: the one that was meant may have been answered, or be over, when the yes arrives."""
    over = flow("3f9a01", asked=ASKED, approved=Approved("carol"))
    gone = flow("3f9a02", asked=ASKED, dropped=Dropped("too_late", "it was good until 15:03"))
    desk = control(tmp_path, over, gone, flow("3f9a77", asked=ASKED), flow("3f9abb"))

    for beginning in ("3f9a", "3f9a0", "3f9a01", "3f9a02", ""):
        with pytest.raises(ControlRefused) as refused:
            asyncio.run(desk.approve(beginning, "carol"))
        assert refused.value.code == "no_such_intent"
    asyncio.run(desk.approve("3f9a7", "carol"))

    assert desk.stager.answered == ["3f9a77"]  # type: ignore[attr-defined]


# ---------------------------------------------------------------- kills


@pytest.mark.parametrize(
    ("place", "is_told"),
    [
        pytest.param(EVERYWHERE, True, id="everything"),
        pytest.param(Place(Scope.ACCOUNT, "main"), True, id="its account"),
        pytest.param(Place(Scope.PLAYBOOK, NAME), True, id="its playbook"),
        pytest.param(Place(Scope.AUTHOR, "301"), True, id="its author"),
        pytest.param(Place(Scope.ACCOUNT, "cert"), False, id="another account"),
    ],
)
def test_a_kill_tells_of_openings_in_accounts_it_cannot_reach(tmp_path: Path, place: Place, is_told: bool):
    """S-975: an order of before, in an account this process has no credentials of, works on at the broker."""
    desk = control(tmp_path, flow("3f9a", is_sent=True), flow("77aa", is_sent=True, dropped=Dropped("x", "")))

    answer = asyncio.run(desk.kill(place, TradingState.REDUCING, "carol", "news"))

    told = [each for each in answer["unreachable"] if "account main" in each]
    assert bool(told) is is_told
    assert all("3f9a" in each and "--direct" in each for each in told)


@pytest.mark.parametrize("of", ["100", "777"], ids=["the channel", "its thread"])
def test_a_kill_of_a_channel_takes_in_what_its_threads_opened(tmp_path: Path, of: str):
    """S-975."""
    in_thread = flow("3f9a")
    in_thread = replace(in_thread, intent=replace(in_thread.intent, channel_id="777", parent_channel_id="100"))
    elsewhere = replace(in_thread.intent, id="77aa", channel_id="888", parent_channel_id="")
    desk = control(tmp_path, in_thread, Flow(elsewhere))

    asyncio.run(desk.kill(Place(Scope.CHANNEL, of), TradingState.REDUCING, "carol", "news"))

    assert desk.stager.dropped == ["3f9a"]  # type: ignore[attr-defined]


def test_what_a_thread_said_waits_in_vain_once_its_channel_is_killed(tmp_path: Path):
    """S-975: a yes that comes after the kill sends nothing, whether the kill is told to the engine or in the file."""

    async def story(world: World) -> None:
        rulebook = rulebook_in(
            world.home / "playbooks", CARD.replace("{name: trading}", "{name: trading, threads: yes}")
        )
        world.promote(rulebook)
        world.approves = False
        killed = Restriction(TradingState.REDUCING, Scope.CHANNEL, CHANNEL, "carol", "news")
        async with trading(world, rulebook) as run:
            run.post(replace(world.message("BTO 2 SPY @ 900.00"), channel_id="777", parent_channel_id=CHANNEL))
            await run.until_said("ApprovalAsked")
            TradingStateFile(world.settings.trading_state).change(lambda known: (*known, killed), tightens=True)
            (waiting,) = run.desk.parts.stager.awaiting
            run.desk.approve_soon(waiting.intent.id, "carol")
            await run.until_said("Dropped(code='trading_reduced'")
        assert [each for each in world.journal() if isinstance(each, Planned) and each.role is Role.TRADE] == []

    tell(tmp_path, story)
