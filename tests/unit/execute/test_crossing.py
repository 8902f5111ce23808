"""Sandbox and production never cross, whatever the inputs."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.execute import crossing
from engine.execute.crossing import misplaced, submit
from engine.execute.drafts import Place, limit, slot_id, unwinding
from engine.execute.flows import Flows
from engine.model.check import Check, CheckStatus
from engine.model.desk import AccountKind
from engine.model.errors import InvariantBroken
from engine.model.stages import Stage
from engine.plan.entries import Role
from engine.plan.flow import ApprovalAsked, Approved, Checked, Declined, Dropped, Flow, Probed, ProbeVerdict
from engine.plan.limit_price import Priced
from tests.unit.execute.staging_world import NOW, World, close_of, intent_of

DRY_RUN = Check("dry_run", CheckStatus.PASSED)
PLACES = {"cert": Place("cert", "5WX1", {}), "main": Place("main", "5WT1", {})}


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    make = draw(st.sampled_from([intent_of, close_of]))
    intent = make(stage=draw(st.sampled_from(Stage)), account=draw(st.sampled_from(["cert", "main"])))
    probe = st.builds(Probed, st.sampled_from(ProbeVerdict), st.just("why"))
    checks = st.sampled_from([(), (DRY_RUN,), (replace(DRY_RUN, status=CheckStatus.NOT_RUN),)])
    return Flow(
        intent,
        draw(st.none() | probe),
        draw(st.none() | st.just(ApprovalAsked("above $100", ("carol",), NOW))),
        draw(st.none() | st.just(Approved("carol"))),
        draw(st.none() | st.just(Declined("carol", "no"))),
        draw(st.none() | st.builds(Checked, checks, st.just(intent.price), st.booleans())),
        draw(st.booleans()),
        draw(st.none() | st.just(Dropped("too_late", "late"))),
    )


def _planned(flow: Flow, role: Role, alias: str):
    if role is Role.UNWIND and flow.intent.is_opening:
        return unwinding(flow.intent, PLACES[alias], 1)
    return limit(flow.intent, role, PLACES[alias], 1, Priced(flow.intent.price, flow.intent.effect, ""))


@given(flows(), st.sampled_from(Role), st.sampled_from(["cert", "main"]), st.sampled_from(["cert", "main"]))
def test_only_what_an_alert_asks_for_of_a_promoted_version_reaches_production(
    flow: Flow, role: Role, drafted_for: str, given_to: str
):
    desk = WORLD.desks[given_to]
    wrong = misplaced(_planned(flow, role, drafted_for), desk, flow)

    if wrong:
        return
    assert drafted_for == given_to
    assert flow.intent.stage is not Stage.OBSERVE
    if desk.kind is AccountKind.SANDBOX:
        assert role is not Role.TRADE or flow.intent.stage is Stage.SANDBOX
        return
    assert role is Role.TRADE
    assert flow.intent.stage.is_real
    assert flow.intent.account == given_to
    assert flow.checked is not None
    assert flow.checked.is_sound
    if flow.intent.is_opening:
        assert flow.dropped is None
        assert flow.declined is None
        assert not flow.is_sent
        assert flow.asked is None or flow.approved is not None
        assert _is_proven(flow)


def _is_proven(flow: Flow) -> bool:
    assert flow.probe is not None
    assert flow.probe.verdict is not ProbeVerdict.REFUSED
    by_sandbox = flow.probe.verdict in (ProbeVerdict.PASS, ProbeVerdict.SKIPPED)
    return by_sandbox or flow.approved is not None or DRY_RUN in flow.checked.checks


@pytest.mark.parametrize("role", [Role.PROBE, Role.UNWIND, Role.MIRROR])
def test_a_try_that_would_go_to_production_stops_the_engine_and_is_not_sent(role: Role):
    world = World()
    written = Flows(world.log, world.clock, world.told)
    written.begin(intent_of())
    planned = _planned(written["0" * 32], role, "main")

    with pytest.raises(InvariantBroken, match="only what an alert asks for goes to production"):
        submit(planned, world.desks["main"], written)
    assert world.main.planned == []


def test_a_draft_for_one_account_is_not_given_to_another():
    world = World()
    flow = Flow(intent_of(stage=Stage.SANDBOX, account="cert"), checked=Checked((), None, is_sound=True))

    assert misplaced(_planned(flow, Role.TRADE, "cert"), world.desks["main"], flow) == "it is for cert"
    assert misplaced(_planned(flow, Role.TRADE, "cert"), world.desks["cert"], flow) == ""


def test_nothing_of_the_stager_reaches_an_executor_but_through_here():
    sources = {path.name: path.read_text() for path in Path(crossing.__file__).parent.glob("*.py")}

    assert [name for name, text in sources.items() if "executor.submit(" in text] == ["crossing.py"]


def test_each_role_has_one_slot_of_its_own():
    assert [slot_id(intent_of(), role)[32:] for role in Role] == ["", "p", "u", "m"]


WORLD = World()
