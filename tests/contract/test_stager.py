"""From an intent to its fill, with the real SDK against both environments of the exchange."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.execute.stager import Stager
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.errors import JournalError
from engine.model.intent import Intent
from engine.model.order import OrderStatus, OrderType
from engine.model.stages import SandboxPass, Stage
from engine.paper.conduct import AccountSetup, Quirk
from engine.paper.faults import Trouble
from engine.paper.listing import Gaps
from engine.paper.opening import ACCOUNTS
from engine.paper.venue import Environment
from engine.plan.entries import Role
from engine.plan.flow import Dropped, Flow, ProbeVerdict
from tests.contract.reach import Way, World, tell
from tests.contract.staging import (
    ALICE,
    CAROL,
    INTENT_ID,
    NEED,
    STEADY,
    Desk,
    Engine,
    close_of,
    desk_at,
    opening_of,
    roles,
)

POOR = replace(STEADY, accounts={Environment.SANDBOX: (AccountSetup(ACCOUNTS[Environment.SANDBOX], cash=Decimal(10)),)})


def test_an_opening_goes_through_sandbox_approval_and_dry_run_to_its_fill(way: Way, tmp_path: Path):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk, desk.engine() as engine:
            desk.rules.need = NEED
            engine.stager.take(await opening_of(desk))
            await desk.until(engine, lambda: engine.flow.asked is not None)
            before = await desk.orders("main")
            own = engine.stager.approve(INTENT_ID, ALICE)
            yes = engine.stager.approve(INTENT_ID, CAROL)
            await desk.until(engine, lambda: engine.flow.is_over)
            await desk.pass_time(engine, 20)

            assert before == []
            assert own == "alice wrote the alert, and nobody approves his own"
            assert yes is None
            assert engine.flow.probe.verdict is ProbeVerdict.PASS
            assert engine.told.steps == ["probed", "approvalasked", "approved", "checked", "submitted", "ended"]
            assert engine.flow.ended.state == "filled"
            assert await desk.orders("main") == [(f"{INTENT_ID}-1", OrderStatus.FILLED)]
            assert [h.quantity for h in await desk.brokers["main"].holdings()] == [2]
            assert [h.quantity for h in await desk.brokers["cert"].holdings() if h.quantity] == []
            checks = {check.name: check.status.value for check in engine.flow.checked.checks}
            assert checks["dry_run"] == "passed"

    tell(story, way, STEADY)


def _offline(world: World) -> None:
    world.sandbox.exchange.script(Quirk.SESSION_OFFLINE)


def _lost(world: World) -> None:
    world.sandbox.faults.script(Trouble.LOST_BEFORE, "place_order")


def _no_strikes(world: World) -> None:
    world.sandbox.exchange.listing.gaps = Gaps(missing_one_in=1)


@pytest.mark.parametrize(
    ("opening", "spoil", "verdict"),
    [
        pytest.param(POOR, lambda _: None, ProbeVerdict.REFUSED, id="refused"),
        pytest.param(STEADY, _no_strikes, ProbeVerdict.CANNOT_REPRESENT, id="no such contract"),
        pytest.param(STEADY, _offline, ProbeVerdict.OUTAGE, id="offline"),
        pytest.param(STEADY, _lost, ProbeVerdict.OUTAGE, id="no answer"),
    ],
)
@pytest.mark.parametrize("is_left_to_dry_run", [False, True])
def test_a_sandbox_that_does_not_pass_an_opening_decides_as_the_desk_says(
    tmp_path: Path, opening: object, spoil: Callable[[World], None], verdict: ProbeVerdict, is_left_to_dry_run: bool
):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk, desk.engine() as engine:
            desk.rules.when_unavailable = None if is_left_to_dry_run else Dropped(f"sandbox_{verdict.value}", "blocked")
            intent = await opening_of(desk)
            spoil(world)
            engine.stager.take(intent)
            await desk.until(engine, lambda: engine.flow.is_over)

            assert engine.flow.probe.verdict is verdict
            may_go = is_left_to_dry_run and verdict is not ProbeVerdict.REFUSED
            assert len(await desk.orders("main")) == may_go
            assert (engine.flow.dropped is None) is may_go

    tell(story, Way.IN_PROCESS, opening)


def test_an_opening_nobody_answers_for_expires(tmp_path: Path):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk, desk.engine() as engine:
            desk.rules.need = NEED
            engine.stager.take(await opening_of(desk))
            await desk.until(engine, lambda: engine.flow.asked is not None)
            await desk.until(engine, lambda: engine.flow.is_over, seconds=70)

            assert engine.flow.dropped.code == "unanswered"
            assert await desk.orders("main") == []
            assert all(status is not OrderStatus.LIVE for _, status in await desk.orders("cert"))

    tell(story, Way.IN_PROCESS, STEADY)


def test_a_kill_between_approval_and_send_sends_nothing(tmp_path: Path):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk, desk.engine() as engine:
            desk.rules.need = NEED
            engine.stager.take(await opening_of(desk))
            await desk.until(engine, lambda: engine.flow.asked is not None)
            desk.rules.in_force = (Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "kill"),)
            engine.stager.approve(INTENT_ID, CAROL)
            await desk.until(engine, lambda: engine.flow.is_over)

            assert engine.flow.dropped.code == "trading_reduced"
            assert await desk.orders("main") == []

    tell(story, Way.IN_PROCESS, STEADY)


def test_a_probe_that_filled_is_flattened(tmp_path: Path):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk, desk.engine() as engine:
            desk.rules.stage = replace(desk.rules.stage, passes_at=SandboxPass.FILLED)
            engine.stager.take(await opening_of(desk))
            await desk.until(engine, lambda: engine.flow.is_over)
            unwind = f"{INTENT_ID}u"
            cert = engine.executors["cert"]
            await desk.until(engine, lambda: unwind in cert.slots and cert.slots[unwind].filled == 2)
            await desk.pass_time(engine, 5)

            assert sorted(roles(desk.written())) == [(Role.PROBE, "cert"), (Role.TRADE, "main"), (Role.UNWIND, "cert")]
            assert next(p.order.order_type for p in desk.written() if p.role is Role.UNWIND) is OrderType.MARKET
            assert [h.quantity for h in await desk.brokers["cert"].holdings() if h.quantity] == []
            assert engine.told.warnings == []

    tell(story, Way.IN_PROCESS, STEADY)


def test_a_version_in_the_sandbox_trades_there_only(tmp_path: Path):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk, desk.engine() as engine:
            engine.stager.take(await opening_of(desk, Stage.SANDBOX))
            await desk.until(engine, lambda: engine.flow.is_over)

            assert engine.flow.ended.state == "filled"
            assert await desk.orders("cert") == [(f"{INTENT_ID}-1", OrderStatus.FILLED)]
            assert await desk.orders("main") == []

    tell(story, Way.IN_PROCESS, STEADY)


def test_a_close_goes_out_while_the_sandbox_does_not_answer(tmp_path: Path):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk, desk.engine() as engine:
            opened = await opening_of(desk)
            engine.stager.take(opened)
            await desk.until(engine, lambda: engine.flow.is_over)
            await desk.pass_time(engine, 5)
            desk.rules.ours = 2
            desk.rules.in_force = (Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "kill"),)
            for _ in range(20):
                world.sandbox.faults.script(Trouble.BAD_GATEWAY, "place_order")
            close = close_of(opened, world.clock.now())
            engine.stager.take(close)
            await desk.until(engine, lambda: engine.stager.flows[close.id].is_over)
            await desk.pass_time(engine, 5)

            assert engine.stager.flows[close.id].ended.state == "filled"
            assert (Role.MIRROR, "cert") in roles(desk.written())
            assert [h.quantity for h in await desk.brokers["main"].holdings() if h.quantity] == []

    tell(story, Way.IN_PROCESS, STEADY)


@pytest.mark.parametrize(
    "stop_at",
    [
        pytest.param(lambda desk, flow: True, id="taken"),
        pytest.param(lambda desk, flow: Role.PROBE in _roles(desk), id="probe planned"),
        pytest.param(lambda desk, flow: flow.probe is not None, id="probed"),
        pytest.param(lambda desk, flow: flow.asked is not None, id="asked"),
        pytest.param(lambda desk, flow: flow.approved is not None, id="approved"),
        pytest.param(lambda desk, flow: flow.is_sent, id="submitted"),
        pytest.param(lambda desk, flow: flow.ended is not None, id="ended"),
    ],
)
def test_an_engine_that_stops_at_any_step_goes_on_from_there(tmp_path: Path, stop_at: Callable[[Desk, Flow], bool]):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk:
            desk.rules.need = NEED
            async with desk.engine() as engine:
                engine.stager.take(await opening_of(desk))
                await desk.until(engine, lambda: _approving(engine.stager) and stop_at(desk, engine.flow))
                await desk.until(engine, lambda: engine.flow.is_over or _has_answers(engine))
            async with desk.engine() as engine:
                await desk.until(engine, lambda: _approving(engine.stager) and engine.flow.is_over)
                await desk.until(engine, lambda: engine.is_flat, seconds=200, step=1)
                await desk.pass_time(engine, 5)

                assert engine.flow.ended.state == "filled"
            await _is_done_once(desk, 1)

    tell(story, Way.IN_PROCESS, STEADY)


def _has_answers(engine: Engine) -> bool:
    """Whether the broker has answered what was sent: what a stop leaves in doubt is another test's."""
    slots = [slot for executor in engine.executors.values() for slot in executor.slots.values()]
    return all(attempt.tickets or attempt.state.is_over for slot in slots for attempt in slot.attempts)


def test_a_disk_that_fails_after_any_entry_leaves_nothing_twice(tmp_path: Path):
    async def story(world: World):
        async with desk_at(world, tmp_path) as desk:
            opened, filled = await opening_of(desk), 0
            for number in range(1, 31, 3):
                intent = _another(opened, number, world)
                desk.dies_at = number
                async with desk.engine() as engine:
                    _take(engine.stager, intent)
                    await desk.pass_time(engine, 3)
                desk.dies_at = None
                async with desk.engine() as engine:
                    filled += await _ended(desk, engine, intent)
                sent = [client_id for client_id, _ in await desk.orders("main")]
                proven = [client_id for client_id, _ in await desk.orders("cert") if client_id[32:33] == "p"]
                assert len(sent) == len(set(sent)) <= number
                assert len(proven) == len(set(proven)) <= number
            assert len(sent) > 5
            assert [h.quantity for h in await desk.brokers["main"].holdings()] == [filled]
            assert [h.quantity for h in await desk.brokers["cert"].holdings() if h.quantity] == []

    tell(story, Way.IN_PROCESS, STEADY)


async def _ended(desk: Desk, engine: Engine, intent: Intent) -> int:
    """Return how much of an intent filled, once it is over and nothing of it is left anywhere."""
    flows = engine.stager.flows
    await desk.until(engine, lambda: intent.id not in flows or flows[intent.id].is_over, seconds=200, step=1)
    await desk.until(engine, lambda: engine.is_flat, seconds=300, step=1)
    await desk.pass_time(engine, 5, step=1)
    ended = flows[intent.id].ended if intent.id in flows else None
    return 0 if ended is None else ended.filled


def _another(opened: Intent, number: int, world: World) -> Intent:
    now = world.clock.now()
    until = now + (opened.good_until - opened.at)
    return replace(opened, id=f"{number:032x}", intent_key=f"{number:032x}", at=now, good_until=until)


def _take(stager: Stager, intent: Intent) -> None:
    with suppress(JournalError):
        stager.take(intent)


def _roles(desk: Desk) -> list[Role]:
    return [role for role, _ in roles(desk.written())]


def _approving(stager: Stager) -> bool:
    """Say yes to whatever is asked; always true."""
    for flow in stager.awaiting:
        assert stager.approve(flow.intent.id, CAROL) is None
    return True


async def _is_done_once(desk: Desk, times: int) -> None:
    assert len(await desk.orders("main")) == times
    assert sorted(_roles(desk)).count(Role.PROBE) == times
    assert _roles(desk).count(Role.TRADE) == times
    assert [h.quantity for h in await desk.brokers["main"].holdings()] == [2 * times]
    assert [h.quantity for h in await desk.brokers["cert"].holdings() if h.quantity] == []
    for step in ("probed", "approvalasked", "approved", "ended"):
        assert desk.steps().count(step) == times, step
