"""What an engine finds when it compares an account with the broker: after a start, on a timer, after a reconnect."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import anyio
import pytest

from engine.execute.account_health import Unfit
from engine.lifecycle.effects import Book
from engine.lifecycle.states import State
from engine.model.account import Booking
from engine.model.account_event import Disconnected, HoldingSeen, Reconnected
from engine.model.activity import TradingState
from engine.model.alert import Action
from engine.model.desk import AccountKind
from engine.model.errors import NothingSent
from engine.model.order import OrderStatus
from engine.plan.entries import AccountFact, AccountHappened
from tests.contract.reach import StandingClock
from tests.unit.execute.memory_broker import ALIAS, NUMBER, SLOT, MemoryBroker, Scene, planned, tell

OTHER = "f" * 32
SILENT = NothingSent("broker_unanswered", "no answer")


async def bought(scene: Scene, slot_id: str = SLOT, symbol: str = "SPY") -> str:
    """Have two of something bought and booked; return the broker's id of the order."""
    assert scene.executor.submit(planned(slot_id, symbol=symbol)) is None
    await scene.pass_time(1)
    number = max(scene.broker.orders)
    scene.broker.fill(number, 2)
    scene.broker.tell(number)
    return number


def booking(symbol: str, quantity: int, sub_kind: str, scene: Scene, number: str = "b1") -> Booking:
    return Booking(
        number, NUMBER, "Receive Deliver", sub_kind, sub_kind, scene.clock.now(), symbol, quantity=Decimal(quantity)
    )


def fact(scene: Scene, kind: AccountFact) -> AccountHappened:
    return next(each for each in scene.told.facts if each.fact is kind)


def test_fills_that_came_while_the_engine_was_down_are_booked_once(tmp_path: Path):
    async def before(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)

    broker = tell(tmp_path, before)
    broker.fill("1000", 2)

    async def after(scene: Scene):
        assert scene.order().state is State.FILLED
        assert len(scene.told.effects(Book)) == 1
        assert scene.told.words == ["recovered"]
        assert scene.executor.health.may_open

    async def again(scene: Scene):
        assert scene.told.effects(Book) == []
        assert scene.executor.ours == {"SPY": 2}

    tell(tmp_path, after, broker=broker)
    tell(tmp_path, again, broker=broker)


def test_what_follows_from_the_journal_is_returned_and_told_to_nobody(tmp_path: Path):
    async def before(scene: Scene):
        await bought(scene)

    broker = tell(tmp_path, before)

    fresh = tmp_path / "fresh"
    fresh.mkdir()
    entries: list[object] = []

    async def read(scene: Scene):
        entries.extend(scene.entries())

    tell(tmp_path, read, broker=broker, is_recovered=False)

    async def restored(scene: Scene):
        effects = [effect for entry in entries for effect in scene.executor.restore(entry)]  # type: ignore[arg-type]
        assert len([effect for effect in effects if isinstance(effect, Book)]) == 1
        assert scene.executor.ours == {"SPY": 2}
        assert scene.told.changes == []

    tell(fresh, restored, broker=broker, is_recovered=False)


def test_an_order_whose_intent_is_not_wholly_on_disk_was_never_sent(tmp_path: Path):
    async def before(scene: Scene):
        scene.log.write(planned())
        scene.log.sync()

    broker = tell(tmp_path, before)

    async def after(scene: Scene):
        await scene.pass_time(1)
        assert scene.order().state is State.UNSENT
        assert scene.broker.calls["place"] == 0

    tell(tmp_path, after, broker=broker)


def test_openings_wait_for_what_became_of_orders_of_before_the_start(tmp_path: Path):
    async def before(scene: Scene):
        scene.broker.takes = False
        scene.broker.answers["place"].append(SILENT)
        scene.executor.submit(planned())

    broker = tell(tmp_path, before)  # ended before its send had any answer
    broker.takes = False

    async def after(scene: Scene):
        assert scene.order().state is State.UNKNOWN
        assert scene.executor.health.restrictions[0].state is TradingState.REDUCING
        assert scene.executor.submit(planned(OTHER)).code == Unfit.REDUCING
        await scene.pass_time(120)
        assert scene.order().state is State.ABSENT
        assert scene.executor.health.may_open

    tell(tmp_path, after, broker=broker)


def test_orders_and_positions_made_by_hand_are_told_once_and_hold_nothing_up(tmp_path: Path):
    async def story(scene: Scene):
        by_hand = scene.broker.take(replace(planned().order, client_id=""))
        scene.broker.hold("TLT", -3)
        await scene.pass_time(100)

        facts = [each for each in scene.told.facts if each.fact is AccountFact.EXTERNAL]
        assert sorted((each.symbol, each.order_id) for each in facts) == [("SPY", by_hand.id), ("TLT", "")]
        assert scene.executor.health.may_open
        assert scene.executor.health.blocked == frozenset()

    broker = tell(tmp_path, story)

    async def after(scene: Scene):
        assert "external" not in scene.told.words

    tell(tmp_path, after, broker=broker)


def test_a_working_order_with_an_id_of_ours_that_no_journal_knows_stops_openings(tmp_path: Path):
    async def story(scene: Scene):
        stray = scene.broker.take(planned(OTHER).order)
        await scene.pass_time(40)
        assert scene.executor.submit(planned()).code == Unfit.REDUCING
        assert stray.id in scene.executor.health.why
        scene.broker.change(stray.id, OrderStatus.CANCELLED)
        await scene.pass_time(40)
        assert scene.executor.submit(planned()) is None

    tell(tmp_path, story)


def test_a_position_that_lags_its_fill_is_no_mismatch(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(28)
        scene.broker.fill("1000", 2, is_booked=False)
        scene.broker.tell("1000")
        await scene.pass_time(5)
        scene.broker.hold("SPY", 2)
        await scene.pass_time(60)

        assert "mismatch" not in scene.told.words
        assert scene.executor.health.blocked == frozenset()

    tell(tmp_path, story)


def test_a_mismatch_blocks_openings_in_its_contract_over_a_restart_until_it_is_level(tmp_path: Path):
    async def story(scene: Scene):
        await bought(scene)
        scene.broker.hold("SPY", 1)
        await scene.pass_time(60)

        assert scene.told.words.count("mismatch") == 1
        assert fact(scene, AccountFact.MISMATCH).detail == "ours is 2, the broker's 1"
        assert scene.executor.submit(planned(OTHER)).code == Unfit.BLOCKED
        assert scene.executor.submit(planned("a" * 32, symbol="QQQ")) is None
        assert scene.executor.submit(planned("b" * 32, action=Action.SELL_TO_CLOSE)) is None

    broker = tell(tmp_path, story)

    async def after(scene: Scene):
        assert scene.executor.health.blocked == {"SPY"}
        scene.broker.hold("SPY", 2)
        await scene.pass_time(60)
        assert scene.told.words.count("level") == 1
        assert scene.executor.health.blocked == frozenset()

    tell(tmp_path, after, broker=broker)


def test_a_difference_found_at_the_start_blocks_at_once(tmp_path: Path):
    async def before(scene: Scene):
        await bought(scene)

    broker = tell(tmp_path, before)
    broker.hold("SPY", 5)

    async def after(scene: Scene):
        assert scene.executor.health.blocked == {"SPY"}
        assert "mismatch" not in scene.told.words

    tell(tmp_path, after, broker=broker)


@pytest.mark.parametrize("sub_kind", ["Assignment", "Expiration", "Exercise"])
def test_what_the_broker_booked_explains_a_difference(tmp_path: Path, sub_kind: str):
    async def story(scene: Scene):
        await bought(scene)
        scene.broker.hold("SPY", 0)
        scene.broker.rows.append(booking("SPY", 2, sub_kind, scene))
        await scene.pass_time(60)

        assert fact(scene, AccountFact.BOOKED).booking is not None
        assert "mismatch" not in scene.told.words
        assert scene.executor.health.blocked == frozenset()

    broker = tell(tmp_path, story)

    async def after(scene: Scene):
        await scene.pass_time(60)
        assert scene.told.words == ["recovered"]

    tell(tmp_path, after, broker=broker)


def test_shares_that_were_delivered_are_booked_and_not_by_hand(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.hold("IWM", 100)
        scene.broker.rows.append(booking("IWM", 100, "Exercise", scene))
        await scene.pass_time(60)

        assert [(each.fact, each.symbol) for each in scene.told.facts[1:]] == [(AccountFact.BOOKED, "IWM")]

    tell(tmp_path, story)


def test_what_happened_while_the_engine_was_away_for_long_is_asked_for(tmp_path: Path):
    async def before(scene: Scene):
        await bought(scene)

    broker = tell(tmp_path, before)
    left = broker.clock.now()
    broker.clock = StandingClock(left + timedelta(days=9))

    async def after(scene: Scene):
        assert min(scene.broker.days) <= left.date() - timedelta(days=1)

    tell(tmp_path, after, broker=broker)


def test_a_booking_that_does_not_explain_a_difference_leaves_it_a_mismatch(tmp_path: Path):
    async def story(scene: Scene):
        await bought(scene)
        scene.broker.hold("SPY", 1)
        scene.broker.rows.append(booking("SPY", 5, "Assignment", scene))
        await scene.pass_time(60)

        assert "mismatch" in scene.told.words

    tell(tmp_path, story)


def test_a_position_of_ours_closed_by_hand_is_external(tmp_path: Path):
    async def story(scene: Scene):
        await bought(scene)
        await scene.pass_time(5)
        by_hand = scene.broker.take(replace(planned(action=Action.SELL_TO_CLOSE).order, client_id="web"))
        scene.broker.fill(by_hand.id, 2)
        await scene.pass_time(60)

        assert [each.symbol for each in scene.told.facts if each.holding is not None] == ["SPY"]
        assert scene.executor.health.blocked == frozenset()

    tell(tmp_path, story)


def test_a_broker_that_does_not_answer_stops_openings_until_it_does(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.answers["live_orders"] = [SILENT, SILENT, SILENT]
        await scene.pass_time(30)
        assert scene.executor.health.is_ready
        await scene.pass_time(2)
        assert scene.executor.submit(planned()).code == Unfit.NOT_READY
        assert scene.executor.submit(planned(OTHER, action=Action.SELL_TO_CLOSE)) is None
        await scene.pass_time(30)

        assert scene.told.words == ["recovered", "unreachable", "reconciled"]
        assert scene.executor.health.may_open

    tell(tmp_path, story)


def test_a_broker_that_was_never_reached_is_tried_until_it_is(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.answers["live_orders"] = [SILENT] * 5
        await scene.executor.recover()
        assert scene.told.words == ["unreachable"]
        assert scene.executor.health.why == "the broker does not answer: no answer"

        async with anyio.create_task_group() as group:
            group.start_soon(scene.executor.run)
            await scene.pass_time(120)
            assert scene.told.words == ["unreachable", "recovered"]
            assert scene.executor.health.may_open
            group.cancel_scope.cancel()

    tell(tmp_path, story, is_recovered=False)


def test_messages_that_ran_out_are_no_outage(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.answers["live_orders"] = [NothingSent("budget_spent", "none left", wait=5.0)] * 3
        await scene.pass_time(90)

        assert scene.executor.health.may_open
        assert "unreachable" not in scene.told.words

    tell(tmp_path, story)


def test_after_a_reconnect_everything_is_looked_at(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.broker.fill("1000", 2)
        assert scene.broker.hear is not None
        scene.broker.hear(Disconnected(scene.clock.now(), "it was closed"))
        scene.broker.hear(Reconnected(scene.clock.now()))
        await scene.pass_time(1)

        assert scene.order().state is State.FILLED

    tell(tmp_path, story)


def test_without_a_stream_the_timer_finds_everything(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.broker.fill("1000", 2)
        await scene.pass_time(31)

        assert scene.order().state is State.FILLED

    tell(tmp_path, story)


def test_an_order_that_is_shown_no_longer_is_looked_for_and_told(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.broker.orders.clear()
        await scene.pass_time(200)

        assert scene.order().state is State.WORKING
        assert scene.executor.slots[SLOT].could_fill == 2
        assert scene.executor.health.restrictions[0].state is TradingState.REDUCING

    tell(tmp_path, story)


async def forgotten(scene: Scene) -> None:
    await bought(scene)
    scene.executor.submit(planned(OTHER))
    await scene.pass_time(5)
    scene.broker.orders.clear()
    scene.broker.held.clear()
    await scene.pass_time(300)


def test_a_sandbox_that_forgot_everything_begins_anew(tmp_path: Path):
    async def story(scene: Scene):
        await forgotten(scene)

        assert scene.told.words.count("reset") == 1
        assert scene.order(OTHER).state is State.CANCELLED
        assert scene.executor.ours == {}
        assert scene.executor.health.may_open

    broker = tell(tmp_path, story, AccountKind.SANDBOX)

    async def after(scene: Scene):
        assert scene.executor.health.may_open
        await bought(scene, "a" * 32)
        await scene.pass_time(60)
        assert scene.executor.ours == {"SPY": 2}
        assert scene.executor.health.blocked == frozenset()

    tell(tmp_path, after, AccountKind.SANDBOX, broker)


def test_what_is_traded_before_a_reset_is_noticed_stays_ours(tmp_path: Path):
    async def story(scene: Scene):
        await bought(scene)
        await scene.pass_time(5)
        scene.broker.held.clear()
        await bought(scene, OTHER)
        await bought(scene, "a" * 32, "QQQ")
        await scene.pass_time(60)

        assert scene.executor.ours == {"SPY": 2, "QQQ": 2}
        assert "mismatch" not in scene.told.words

    broker = tell(tmp_path, story, AccountKind.SANDBOX)

    async def after(scene: Scene):
        await scene.pass_time(60)
        assert scene.executor.ours == {"SPY": 2, "QQQ": 2}
        assert scene.executor.health.may_open

    tell(tmp_path, after, AccountKind.SANDBOX, broker)


def test_production_never_begins_anew(tmp_path: Path):
    async def story(scene: Scene):
        await forgotten(scene)

        assert "reset" not in scene.told.words
        assert "mismatch" in scene.told.words
        assert scene.executor.ours == {"SPY": 2}
        assert not scene.executor.health.may_open

    tell(tmp_path, story, AccountKind.PRODUCTION)


def test_entries_of_other_accounts_are_passed_over(tmp_path: Path):
    async def story(scene: Scene):
        scene.log.write(AccountHappened("elsewhere", AccountFact.MISMATCH, "SPY", "not ours"))
        scene.log.write(replace(planned(), account="elsewhere"))

    broker = tell(tmp_path, story)

    async def after(scene: Scene):
        assert scene.executor.account == ALIAS
        assert scene.executor.slots == {}
        assert scene.executor.health.blocked == frozenset()

    tell(tmp_path, after, broker=broker)


def test_a_quiet_account_costs_few_messages_and_no_entries(tmp_path: Path):
    async def story(scene: Scene):
        await bought(scene)
        await scene.pass_time(60)
        entries, calls = len(scene.entries()), sum(scene.broker.calls.values())
        await scene.pass_time(timedelta(minutes=10).total_seconds())

        assert len(scene.entries()) == entries
        assert sum(scene.broker.calls.values()) - calls <= 60

    tell(tmp_path, story)


def test_the_broker_is_asked_by_nobody_before_it_is_time(tmp_path: Path):
    async def story(scene: Scene):
        assert isinstance(scene.broker, MemoryBroker)
        assert scene.broker.calls == {}

    tell(tmp_path, story, is_recovered=False)


def test_a_position_told_late_does_not_replace_a_newer_one(tmp_path: Path):
    async def story(scene: Scene):
        assert scene.broker.hear is not None
        now = scene.clock.now()
        for quantity, at in ((2, now), (1, now - timedelta(seconds=3)), (3, now + timedelta(seconds=3))):
            scene.broker.hold("SPY", quantity)
            scene.broker.hear(HoldingSeen(now, replace(scene.broker.held["SPY"], updated_at=at)))
            assert scene.executor.holdings["SPY"].quantity == (2 if quantity == 1 else quantity)

    tell(tmp_path, story)
