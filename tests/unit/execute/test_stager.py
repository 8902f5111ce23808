"""How openings get on: proven, approved, checked, sent; and that nothing is done twice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import anyio
import pytest

from engine.execute.account_health import AccountHealth, Unfit
from engine.lifecycle.slot import Refusal
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.check import Check, CheckStatus
from engine.model.errors import InvariantBroken, JournalError, NothingSent
from engine.model.order import InstrumentKind, OrderType
from engine.model.stages import OnTimeout, SandboxEach, SandboxPass, Stage
from engine.plan.entries import FlowHappened, Intended, Planned, Role, TradeEntry
from engine.plan.flow import Approved, Checked, Dropped, Ended, Probed, ProbeVerdict
from engine.plan.promotion import Refused as NotPromoted
from tests.unit.execute.staging_world import ALICE, CAROL, NEED, NOW, Goes, World, intent_of, play, rest

ID = "0" * 32
REDUCED = Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "news")


def test_an_opening_is_proven_in_the_sandbox_and_sent_to_production():
    async def story(world: World):
        world.main.goes[Role.TRADE] = Goes.FILLED
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.told.steps == ["probed", "checked", "submitted", "ended"]
            assert world.sent(Role.PROBE) == [("cert", f"{ID}p-1")]
            assert world.sent(Role.TRADE) == [("main", f"{ID}-1")]
            assert world.flow().ended == Ended("filled", 2, 0)

    play(story)


def test_every_step_is_on_disk_before_it_is_told():
    async def story(world: World):
        async with world.running():
            world.told.moved = lambda flow, event, at: seen.append(world.log.entries[: world.log.synced])
            world.stager.take(intent_of())
            await rest()

            assert isinstance(world.log.entries[0].body, Intended)
            steps = [[type(e.body.event) for e in told if isinstance(e.body, FlowHappened)] for told in seen]
            assert steps == [[Probed], [Probed, Checked], [Probed, Checked]]
            assert [e.body.role for e in seen[2] if isinstance(e.body, Planned)] == [Role.PROBE, Role.TRADE]

    seen: list[list[TradeEntry]] = []
    play(story)


def test_the_dry_run_is_of_exactly_the_order_that_is_sent():
    async def story(world: World):
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            sent = next(p.order for p in world.main.planned)
            assert world.brokers["main"].asked == [sent]
            assert (sent.price, sent.legs[0].quantity) == (Decimal("1.24"), 2)

    play(story)


def test_an_opening_is_priced_anew_and_never_beyond_the_alert():
    async def story(world: World):
        async with world.running():
            world.quotes.bid, world.quotes.ask = Decimal("1.40"), Decimal("1.44")
            world.stager.take(intent_of())
            await rest()

            assert {p.order.price for p in (*world.cert.planned, *world.main.planned)} == {Decimal("1.25")}

    play(story)


def test_what_only_observes_sends_nothing():
    async def story(world: World):
        async with world.running():
            world.stager.take(intent_of(stage=Stage.OBSERVE, account=""))
            await world.pass_time(200)

            assert (world.cert.planned, world.main.planned, world.told.steps) == ([], [], [])

    play(story)


def test_a_version_in_the_sandbox_trades_there_without_a_probe_or_a_person():
    async def story(world: World):
        world.rules.need = NEED
        async with world.running():
            world.stager.take(intent_of(stage=Stage.SANDBOX, account="cert"))
            await rest()

            assert world.sent(Role.TRADE) == [("cert", f"{ID}-1")]
            assert world.told.steps == ["checked", "submitted"]
            assert world.main.planned == []

    play(story)


@pytest.mark.parametrize(
    ("goes", "codes", "verdict"),
    [
        (Goes.LIVE, (), ProbeVerdict.PASS),
        (Goes.FILLED, (), ProbeVerdict.PASS),
        (Goes.REJECTED, ("margin_check_failed",), ProbeVerdict.REFUSED),
        (Goes.REJECTED, ("preflight_check_failure", "instrument_validation_failed"), ProbeVerdict.CANNOT_REPRESENT),
        (Goes.REJECTED, ("Session offline",), ProbeVerdict.OUTAGE),
        (Goes.UNSENT, (), ProbeVerdict.OUTAGE),
        (Goes.UNKNOWN, (), ProbeVerdict.OUTAGE),
        (Goes.NOWHERE, (), ProbeVerdict.OUTAGE),
    ],
)
def test_each_end_of_a_probe_has_its_verdict(goes: Goes, codes: tuple[str, ...], verdict: ProbeVerdict):
    async def story(world: World):
        world.cert.goes[Role.PROBE], world.cert.codes = goes, codes
        world.rules.when_unavailable = Dropped(f"sandbox_{verdict.value}", "blocked")
        async with world.running():
            world.stager.take(intent_of())
            await world.pass_time(21)

            probe = world.flow().probe
            assert probe is not None
            assert (probe.verdict, probe.slot_id, probe.codes) == (verdict, f"{ID}p", codes)
            assert len(world.sent(Role.TRADE)) == (verdict is ProbeVerdict.PASS)
            if verdict is not ProbeVerdict.PASS:
                assert world.flow().dropped is not None
                assert world.flow().dropped.code == f"sandbox_{verdict.value}"

    play(story)


def test_futures_that_the_sandbox_calls_offline_are_not_an_outage():
    async def story(world: World):
        world.cert.goes[Role.PROBE], world.cert.codes = Goes.REJECTED, ("Session offline",)
        async with world.running():
            leg = replace(intent_of().legs[0], kind=InstrumentKind.FUTURE, symbol="/ESZ6")
            world.stager.take(intent_of(legs=(leg,)))
            await rest()

            assert world.flow().probe.verdict is ProbeVerdict.CANNOT_REPRESENT

    play(story)


def test_an_outage_may_be_left_to_the_brokers_dry_run():
    async def story(world: World):
        world.cert.goes[Role.PROBE] = Goes.UNSENT
        world.rules.when_unavailable = None
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.sent(Role.TRADE) == [("main", f"{ID}-1")]

    play(story)


def test_an_outage_may_be_left_to_a_person():
    async def story(world: World):
        world.cert.goes[Role.PROBE] = Goes.UNSENT
        world.rules.when_unavailable = NEED
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            before = world.sent(Role.TRADE)
            answer = world.stager.approve(ID, CAROL)
            await rest()

            assert (before, answer) == ([], None)
            assert world.sent(Role.TRADE) == [("main", f"{ID}-1")]

    play(story)


def test_a_probe_that_must_fill_is_not_passed_by_being_live():
    async def story(world: World):
        world.rules.sandboxes = replace(world.rules.sandboxes, passes_at=SandboxPass.FILLED)
        world.rules.when_unavailable = Dropped("sandbox_outage", "blocked")
        async with world.running():
            world.stager.take(intent_of())
            await world.pass_time(19)
            before = world.flow().probe
            await world.pass_time(2)

            assert before is None
            assert world.flow().probe.verdict is ProbeVerdict.OUTAGE

    play(story)


def test_the_order_of_a_probe_is_cancelled_once_it_has_passed():
    async def story(world: World):
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert [a.state.value for a in world.cert.slots[f"{ID}p"].attempts] == ["cancelled"]
            assert world.sent(Role.UNWIND) == []

    play(story)


def test_what_a_probe_filled_is_closed_again_while_the_opening_goes_on():
    async def story(world: World):
        world.cert.goes = {Role.PROBE: Goes.FILLED, Role.UNWIND: Goes.LIVE}
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            unwind = world.cert.planned[-1]
            assert world.sent(Role.TRADE) == [("main", f"{ID}-1")]
            assert (unwind.role, unwind.order.order_type, unwind.order.price) == (Role.UNWIND, OrderType.MARKET, None)
            assert [(leg.action.value, leg.quantity) for leg in unwind.order.legs] == [("sell_to_close", 2)]

    play(story)


def test_flattening_is_tried_again_when_the_fill_was_not_booked_yet():
    async def story(world: World):
        world.cert.goes = {Role.PROBE: Goes.FILLED, Role.UNWIND: Goes.REJECTED}
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            world.cert.goes[Role.UNWIND] = Goes.FILLED
            await world.pass_time(3)

            assert world.sent(Role.UNWIND) == [("cert", f"{ID}u-1"), ("cert", f"{ID}u-2")]
            assert world.told.warnings == []

    play(story)


def test_a_person_is_told_when_a_probe_cannot_be_flattened():
    async def story(world: World):
        world.cert.goes = {Role.PROBE: Goes.FILLED, Role.UNWIND: Goes.REJECTED}
        async with world.running():
            world.stager.take(intent_of())
            await world.pass_time(60)

            assert len(world.sent(Role.UNWIND)) == 4
            assert len(world.told.warnings) == 1

    play(story)


@pytest.mark.parametrize("has_passed", [True, False])
def test_only_the_first_opening_of_a_version_is_proven_where_the_playbook_says_so(has_passed: bool):
    async def story(world: World):
        world.rules.sandboxes = replace(world.rules.sandboxes, each=SandboxEach.VERSION)
        world.rules.passed = has_passed
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert len(world.sent(Role.PROBE)) == (not has_passed)
            assert world.flow().probe.verdict is (ProbeVerdict.SKIPPED if has_passed else ProbeVerdict.PASS)
            assert len(world.sent(Role.TRADE)) == 1

    play(story)


def test_a_sandbox_that_is_not_ready_is_an_outage():
    async def story(world: World):
        world.cert.health = AccountHealth(is_ready=False, why="the stream is down")
        world.rules.when_unavailable = Dropped("sandbox_outage", "blocked")
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert "the stream is down" in world.flow().probe.why
            assert (world.cert.planned, world.main.planned) == ([], [])

    play(story)


def test_a_probe_is_not_sent_again_to_another_sandbox():
    async def story(world: World):
        world.cert.goes[Role.PROBE] = Goes.NOWHERE
        world.rules.when_unavailable = Dropped("sandbox_outage", "blocked")
        async with world.running():
            world.stager.take(intent_of())
            await rest()
        world.cert.slots.clear()
        world.restart()
        async with world.running():
            assert len(world.sent(Role.PROBE)) == 1
            assert world.flow().probe.verdict is ProbeVerdict.OUTAGE

    play(story)


@pytest.mark.parametrize("alias", ["main", "other"])
def test_a_sandbox_that_is_none_proves_nothing(alias: str):
    async def story(world: World):
        world.rules.sandboxes = replace(world.rules.sandboxes, account=alias)
        world.rules.when_unavailable = Dropped("sandbox_outage", "blocked")
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.flow().probe.verdict is ProbeVerdict.OUTAGE
            assert (world.cert.planned, world.main.planned) == ([], [])

    play(story)


# ---------------------------------------------------------------- approval


def test_an_opening_waits_for_a_person_and_goes_when_he_says_yes():
    async def story(world: World):
        world.rules.need = NEED
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            asked = world.flow().asked
            awaiting = world.stager.awaiting
            answer = world.stager.approve(ID, CAROL)
            await rest()

            assert (asked.by, asked.until) == (("carol",), NOW + timedelta(minutes=1))
            assert [flow.intent.id for flow in awaiting] == [ID]
            assert answer is None
            assert world.flow().approved == Approved("carol")
            assert len(world.sent(Role.TRADE)) == 1
            assert world.stager.awaiting == ()

    play(story)


def test_nobody_approves_his_own_alert_whatever_the_rules_say():
    async def story(world: World):
        world.rules.need = NEED
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            answer = world.stager.approve(ID, ALICE)
            await rest()

            assert answer == "alice wrote the alert, and nobody approves his own"
            assert world.sent(Role.TRADE) == []

    play(story)


def test_an_answer_that_nobody_asked_for_or_came_too_late_does_not_count():
    async def story(world: World):
        world.rules.need = NEED
        async with world.running():
            unknown = world.stager.approve("f" * 32, CAROL)
            world.stager.take(intent_of())
            early = world.stager.approve(ID, CAROL)
            await rest()
            stranger = world.stager.approve(ID, replace(CAROL, name="bob", id="902"))
            world.clock._now += timedelta(seconds=60)
            late = world.stager.approve(ID, CAROL)

            assert unknown == "there is no such order"
            assert early == "nobody is asked about it now"
            assert stranger == "bob may not approve"
            assert late == "the time for an answer ended at 15:01:00 UTC"

    play(story)


@pytest.mark.parametrize(("by", "code"), [(CAROL, "declined"), (None, "unanswered")])
def test_a_no_and_silence_drop_an_opening(by: object, code: str):
    async def story(world: World):
        world.rules.need = NEED
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            if by is not None:
                world.stager.decline(ID, CAROL, "too dear")
            await world.pass_time(61)

            assert world.flow().dropped.code == code
            assert world.sent(Role.TRADE) == []
            assert world.stager.approve(ID, CAROL) == "nobody is asked about it now"

    play(story)


def test_asking_again_ends_with_the_openings_own_time():
    async def story(world: World):
        world.rules.need = replace(NEED, on_timeout=OnTimeout.ASK_AGAIN)
        async with world.running():
            world.stager.take(intent_of())
            await world.pass_time(200)

            assert world.told.steps.count("approvalasked") == 3
            assert world.flow().dropped is not None
            assert world.flow().dropped.code in ("too_late", "unanswered")
            assert world.sent(Role.TRADE) == []

    play(story)


def test_an_approval_that_is_awaited_outlives_a_restart():
    async def story(world: World):
        world.rules.need = NEED
        async with world.running():
            world.stager.take(intent_of())
            await rest()
        world.restart()
        world.rules.need = None  # needed no more, but asked for
        async with world.running():
            before = world.stager.awaiting
            world.stager.approve(ID, CAROL)
            await rest()

            assert [flow.intent.id for flow in before] == [ID]
            assert world.told.steps.count("approvalasked") == 1
            assert len(world.sent(Role.TRADE)) == 1

    play(story)


def test_an_approval_whose_time_ended_while_the_engine_was_down_is_none():
    async def story(world: World):
        world.rules.need = NEED
        async with world.running():
            world.stager.take(intent_of())
            await rest()
        world.restart()
        world.clock.advance(61)
        async with world.running():
            answer = world.stager.approve(ID, CAROL)

            assert answer == "nobody is asked about it now"
            assert world.flow().dropped.code == "unanswered"

    play(story)


# ---------------------------------------------------------------- what stops an opening


@pytest.mark.parametrize(
    ("in_force", "code"),
    [
        ((REDUCED,), "trading_reduced"),
        ((REDUCED, replace(REDUCED, state=TradingState.HALTED)), "trading_halted"),
        (None, "trading_state_unknown"),
    ],
)
def test_trading_states_are_looked_at_before_the_sandbox_is_asked(in_force: object, code: str):
    async def story(world: World):
        world.rules.in_force = in_force
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.flow().dropped.code == code
            assert world.cert.planned == []

    play(story)


def test_an_opening_that_is_denied_after_a_restart_leaves_nothing_of_its_probe():
    async def story(world: World):
        world.cert.goes[Role.PROBE] = Goes.NOWHERE
        async with world.running():
            world.stager.take(intent_of())
            await rest()
        world.rules.in_force = (REDUCED,)
        world.cert.goes[Role.UNWIND] = Goes.FILLED
        world.restart()
        world.cert.go(f"{ID}p-1", Goes.FILLED)
        async with world.running():
            await rest()

            assert world.flow().dropped.code == "trading_reduced"
            assert world.cert.slots[f"{ID}p"].filled == world.cert.slots[f"{ID}u"].filled == 2

    play(story)


def test_trading_states_are_looked_at_again_right_before_the_send():
    async def story(world: World):
        world.brokers["main"].answers = anyio.Event()
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            world.rules.in_force = (REDUCED,)
            world.brokers["main"].answers.set()
            await rest()

            assert world.flow().checked.is_sound is False
            assert world.flow().dropped is not None
            assert world.main.planned == []

    play(story)


def test_a_version_that_was_lowered_sends_nothing_more():
    async def story(world: World):
        world.brokers["main"].answers = anyio.Event()
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            world.rules.refused = NotPromoted("not_promoted", "it is in stage sandbox")
            world.brokers["main"].answers.set()
            await rest()

            assert world.flow().dropped == Dropped("not_promoted", "it is in stage sandbox")
            assert world.main.planned == []

    play(story)


def test_a_gate_that_says_no_now_stops_it():
    async def story(world: World):
        world.rules.checks = (Check("recheck_loss", CheckStatus.FAILED, True, "daily_loss", "$1,200 lost today"),)
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.flow().dropped == Dropped("daily_loss", "$1,200 lost today")
            assert world.main.planned == []

    play(story)


def test_what_the_dry_run_refuses_is_not_sent():
    async def story(world: World):
        world.brokers["main"].refuses = ("margin_check_failed",)
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.flow().checked.is_sound is False
            assert world.main.planned == []

    play(story)


def test_an_opening_in_a_contract_that_differs_from_the_brokers_is_dropped():
    async def story(world: World):
        symbol = intent_of().legs[0].symbol
        world.main.health = AccountHealth(is_ready=True, blocked=frozenset({symbol}))
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.flow().dropped is not None
            assert world.main.planned == []

    play(story)


def test_an_order_the_executor_refuses_is_dropped_with_its_reason():
    async def story(world: World):
        world.main.refuses = Refusal(Unfit.REDUCING, "an order is not accounted for")
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.flow().dropped == Dropped("account_reducing", "an order is not accounted for")

    play(story)


def test_an_opening_whose_dry_run_waited_for_its_turn_goes_by_the_market_of_then():
    """S-968."""

    async def story(world: World):
        world.rules.sandboxes = None
        world.brokers["main"].errors = [NothingSent("budget_spent", "none left", wait=40.0)]
        world.quotes.bid, world.quotes.ask = Decimal("1.00"), Decimal("1.05")
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            world.quotes.bid, world.quotes.ask = Decimal("0.50"), Decimal("0.55")
            await world.pass_time(45)

            assert [planned.order.price for planned in world.main.planned] == [Decimal("0.55")]
            assert world.brokers["main"].asked[-1] == world.main.planned[0].order

    play(story)


def test_an_opening_waits_for_its_account_to_be_ready():
    async def story(world: World):
        world.main.health = AccountHealth(is_ready=False)
        async with world.running():
            world.stager.take(intent_of())
            await world.pass_time(5)
            before = world.sent(Role.TRADE)
            world.main.health = AccountHealth(is_ready=True)
            await world.pass_time(1)

            assert before == []
            assert len(world.sent(Role.TRADE)) == 1

    play(story)


@pytest.mark.parametrize("stuck", ["probe", "approval", "not ready", "dry run"])
def test_wherever_an_opening_waits_its_time_ends(stuck: str):
    async def story(world: World):
        if stuck == "probe":
            world.cert.goes[Role.PROBE] = Goes.NOWHERE
            world.rules.sandboxes = replace(world.rules.sandboxes, within=timedelta(hours=1))
        elif stuck == "approval":
            world.rules.need = replace(NEED, within=timedelta(hours=1), on_timeout=OnTimeout.ASK_AGAIN)
        elif stuck == "not ready":
            world.main.health = AccountHealth(is_ready=False)
        else:
            world.brokers["main"].answers = anyio.Event()
        async with world.running():
            world.stager.take(intent_of())
            await world.pass_time(181)
            world.main.health = AccountHealth(is_ready=True)
            world.brokers["main"].answers.set()
            await world.pass_time(5)

            assert world.flow().dropped is not None
            assert world.flow().dropped.code in ("too_late", "unanswered")
            assert world.main.planned == []
            assert all(slot.could_fill == 0 for slot in world.cert.slots.values())

    play(story)


def test_an_account_that_cannot_be_reached_drops_its_openings():
    async def story(world: World):
        async with world.running():
            world.stager.take(intent_of(account="other"))
            await rest()

            assert world.flow().dropped.code == "no_account"

    play(story)


# ---------------------------------------------------------------- given up


def test_an_opening_given_up_while_it_is_proven_sends_nothing_and_leaves_nothing():
    async def story(world: World):
        world.cert.goes[Role.PROBE] = Goes.UNKNOWN
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            world.stager.drop(ID, "deleted", "its message was deleted")
            await rest()
            world.cert.go(f"{ID}p-1", Goes.LIVE)
            world.cert.end(f"{ID}p-1")
            await rest()

            assert world.flow().dropped == Dropped("deleted", "its message was deleted")
            assert world.main.planned == []
            assert world.cert.slots[f"{ID}p"].could_fill == 0

    play(story)


@pytest.mark.parametrize("restarts", [False, True])
def test_an_opening_given_up_before_it_was_made_is_dropped_when_it_is(restarts: bool):
    async def story(world: World):
        world.stager.drop(ID, "deleted", "its message was deleted")
        world.stager.drop(ID, "deleted", "its message was deleted")
        if restarts:
            world.restart()
        async with world.running():
            world.stager.take(intent_of())
            await rest()

            assert world.flow().dropped == Dropped("deleted", "its message was deleted")
            assert (world.cert.planned, world.main.planned) == ([], [])
            assert world.told.steps == ["dropped"]
        assert len(world.log.entries) == 3
        world.restart()
        assert world.flow().is_over

    play(story)


def test_what_was_dropped_without_ever_being_an_intent_is_no_trouble_at_a_restart():
    async def story(world: World):
        world.log.write(FlowHappened(ID, Dropped("not_listed", "the broker lists no such contract")))
        world.restart()

        assert world.stager.flows == {}

    play(story)


def test_an_opening_given_up_after_it_was_sent_is_cancelled():
    async def story(world: World):
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            world.stager.drop(ID, "deleted", "its message was deleted")
            await rest()

            assert world.flow().ended == Ended("cancelled", 0, 2)
            assert world.flow().dropped is None

    play(story)


def test_a_kill_gives_up_every_opening_and_no_close():
    async def story(world: World):
        world.rules.need = NEED
        async with world.running():
            world.stager.take(intent_of())
            world.stager.take(intent_of(id="1" * 32, stage=Stage.SANDBOX, account="cert"))
            await rest()
            given_up = world.stager.drop_openings("killed", "carol pulled the plug")
            await rest()
            again = world.stager.drop_openings("killed", "carol pulled the plug")

            assert given_up == (ID, "1" * 32)
            assert world.flow().dropped == Dropped("killed", "carol pulled the plug")
            assert world.flow("1" * 32).ended == Ended("cancelled", 0, 2)
            assert again == ()

    play(story)


# ---------------------------------------------------------------- the journal


def test_a_full_disk_drops_openings_and_stops_nothing_else():
    async def story(world: World):
        world.cert.goes[Role.PROBE] = Goes.NOWHERE
        async with world.running():
            world.stager.take(intent_of())
            await rest()
            world.log.is_full = True
            world.cert.go(f"{ID}p-1", Goes.LIVE)
            await rest()

            assert world.flow().dropped.code == "journal_full"
            assert world.main.planned == []
            assert world.cert.slots[f"{ID}p"].could_fill == 0
            with pytest.raises(JournalError):
                world.stager.take(intent_of(id="1" * 32))
            assert "1" * 32 not in world.stager.flows

    play(story)


def test_a_broken_promise_stops_the_stager_with_its_own_error():
    async def story(world: World):
        def refuse(body: object, *, urgent: bool = False) -> TradeEntry:
            if isinstance(body, FlowHappened):
                raise InvariantBroken("the journal contradicts itself")
            return write(body, urgent=urgent)

        async def begin() -> None:
            async with world.running():
                world.stager.take(intent_of())
                await rest()

        write, world.log.write = world.log.write, refuse
        with pytest.raises(InvariantBroken, match="contradicts"):
            await begin()

    play(story)


@pytest.mark.parametrize("is_approved", [False, True])
def test_begun_anew_at_any_entry_of_the_journal_nothing_is_done_twice(is_approved: bool):
    async def whole(world: World):
        _set(world, is_approved)
        async with world.running():
            world.stager.take(intent_of())
            await _to_the_end(world, is_approved)
        entries.extend(world.log.entries)
        ends.append(world.flow().ended)

    async def from_there(_: World):
        for count in range(1, len(entries) + 1):
            world = World(tuple(entries[:count]))
            _set(world, is_approved)
            world.cert.recover()
            world.main.recover()
            async with world.running():
                await _to_the_end(world, is_approved)

            assert len(world.sent(Role.PROBE)) == 1, count
            assert [alias for alias, _ in world.sent(Role.TRADE)] == ["main"], count
            filled = {slot_id[32:]: slot.filled for slot_id, slot in world.cert.slots.items()}
            assert filled.get("u", 0) == filled["p"], count
            kinds = [type(e.body.event) for e in world.log.entries if isinstance(e.body, FlowHappened)]
            assert all(kinds.count(kind) == 1 for kind in (Probed, Ended)), count
            never_on_disk = isinstance(entries[count - 1].body, Planned)
            assert world.flow().is_over, count
            if not never_on_disk:
                assert world.flow().ended == ends[0], count
                assert all(slot.could_fill == 0 for slot in world.cert.slots.values()), count

    entries: list[TradeEntry] = []
    ends: list[Ended | None] = []
    play(whole)
    assert len(entries) > 20
    play(from_there)


def _set(world: World, is_approved: bool) -> None:
    world.rules.need = NEED if is_approved else None
    world.rules.when_unavailable = None  # a probe that never left is left to the dry run
    world.cert.goes = {Role.PROBE: Goes.FILLED, Role.UNWIND: Goes.FILLED}
    world.main.goes = {Role.TRADE: Goes.FILLED}


async def _to_the_end(world: World, is_approved: bool) -> None:
    for _ in range(3):
        await rest()
        if is_approved and world.stager.awaiting:
            assert world.stager.approve(ID, CAROL) is None
    await world.pass_time(10)
