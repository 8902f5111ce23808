"""An executor sends each order once, after it is on disk, and follows it to its end whatever the answers are."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import anyio
import pytest

from engine.execute.account_health import Unfit
from engine.lifecycle.effects import Book, Release
from engine.lifecycle.slot import NoRoom
from engine.lifecycle.states import State
from engine.model.account_event import Anomaly
from engine.model.activity import TradingState
from engine.model.alert import Action
from engine.model.errors import CredentialsRefused, JournalError, NothingSent, OrderRefused, OutcomeUnknown
from engine.model.order import OrderStatus, Priority
from engine.ports import TradeLog
from tests.contract.virtual_time import run_leaping
from tests.unit.execute.memory_broker import SLOT, FailingLog, Scene, planned, tell

OTHER = "f" * 32
LOST = OutcomeUnknown("no answer")


def test_an_order_is_on_disk_with_the_start_of_its_send_before_it_is_sent(tmp_path: Path):
    async def story(scene: Scene):
        known: list[list[str]] = []
        scene.broker.before_place = lambda _: known.append(scene.events())

        assert scene.executor.submit(planned()) is None
        await scene.pass_time(1)

        assert known == [["IntentJournaled", "SendStarted"]]
        assert scene.order().state is State.WORKING
        assert scene.broker.asked[0][1].account == scene.broker.account

    tell(tmp_path, story)


def test_a_fill_is_booked_once_and_the_order_released(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.broker.fill("1000", 2)
        for _ in range(3):
            scene.broker.tell("1000")
        slot = await scene.executor.until(SLOT, lambda slot: slot.filled == 2)

        assert slot.attempts[0].state is State.FILLED
        assert len(scene.told.effects(Book)) == 1
        assert len(scene.told.effects(Release)) == 1
        assert scene.executor.ours == {"SPY": 2}
        assert scene.events().count("Reported") == 1

    tell(tmp_path, story)


def test_what_is_not_for_this_account_or_has_no_room_is_refused_and_leaves_nothing(tmp_path: Path):
    async def story(scene: Scene):
        good = planned()
        other = type(good)("else", *[getattr(good, name) for name in list(good.__dataclass_fields__)[1:]])
        before = len(scene.entries())

        assert scene.executor.submit(other).code == Unfit.OTHER_ACCOUNT
        assert scene.executor.submit(planned(number=2)).code == NoRoom.WRONG_CLIENT_ID
        assert scene.executor.submit(planned(units=2, size=3)).code == NoRoom.OVER_REMAINDER
        assert len(scene.entries()) == before
        assert scene.executor.slots == {}

    tell(tmp_path, story)


def test_openings_wait_until_the_account_was_looked_at_and_closes_do_not(tmp_path: Path):
    async def story(scene: Scene):
        refused = scene.executor.submit(planned())
        assert refused is not None
        assert refused.code == Unfit.NOT_READY
        assert scene.executor.submit(planned(OTHER, action=Action.SELL_TO_CLOSE)) is None

    tell(tmp_path, story, is_recovered=False)


def test_an_order_cancelled_before_its_turn_is_never_sent(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        scene.executor.cancel(SLOT, "changed their mind")
        await scene.pass_time(5)

        assert scene.order().state is State.UNSENT
        assert scene.broker.calls["place"] == 0

    tell(tmp_path, story)


def test_an_answer_that_does_not_come_holds_nothing_up(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned(OTHER))
        await scene.pass_time(1)
        scene.broker.answers["place"].append(anyio.Event())
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.executor.cancel(OTHER, "now")
        await scene.pass_time(1)

        assert scene.order().state is State.SENT
        assert scene.broker.calls["cancel"] == 1

    tell(tmp_path, story)


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_an_order_of_unknown_outcome_is_found_by_its_id_and_its_fills_booked_once(tmp_path: Path, is_cut_off: bool):
    async def story(scene: Scene):
        scene.broker.answers["place"].append(anyio.Event() if is_cut_off else LOST)
        scene.executor.submit(planned())
        await scene.pass_time(0.5)
        scene.broker.fill("1000", 2)
        if not is_cut_off:
            await scene.pass_time(3)
            assert scene.order().state is State.FILLED
            assert len(scene.told.effects(Book)) == 1

    async def after(scene: Scene):
        assert scene.order().state is State.FILLED
        assert scene.executor.ours == {"SPY": 2}
        assert scene.broker.calls["place"] == 1
        assert scene.executor.health.may_open

    broker = tell(tmp_path, story)
    tell(tmp_path, after, broker=broker)


def test_an_opening_that_never_arrived_is_absent_after_a_minute_and_never_resent(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.takes = False
        scene.broker.answers["place"].append(LOST)
        scene.executor.submit(planned())
        await scene.pass_time(60)
        assert scene.order().state is State.UNKNOWN
        assert scene.executor.slots[SLOT].could_fill == 2
        await scene.pass_time(60)

        assert scene.order().state is State.ABSENT
        refused = scene.executor.submit(planned(number=2))
        assert refused is not None
        assert refused.code == NoRoom.OPENING_NOT_RESENT
        assert scene.broker.calls["place"] == 1

    tell(tmp_path, story)


def test_a_close_that_never_arrived_may_be_tried_again_under_a_new_id(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.takes = False
        scene.broker.answers["place"].append(LOST)
        scene.executor.submit(planned(action=Action.SELL_TO_CLOSE))
        await scene.pass_time(30)
        assert scene.executor.reserved_closes("SPY") == 2
        assert scene.executor.submit(planned(number=2, action=Action.SELL_TO_CLOSE)) is not None
        await scene.pass_time(90)
        scene.broker.takes = True

        assert scene.executor.reserved_closes("SPY") == 0
        assert scene.executor.submit(planned(number=2, action=Action.SELL_TO_CLOSE)) is None

    tell(tmp_path, story)


def test_what_a_working_roll_closes_is_reserved_like_any_close(tmp_path: Path):
    """S-966."""

    async def story(scene: Scene):
        scene.broker.hold("SPY", 2)
        roll = planned()
        opened, closed = roll.order.legs[0], replace(roll.order.legs[0], symbol="QQQ", action=Action.SELL_TO_CLOSE)
        assert scene.executor.submit(replace(roll, order=replace(roll.order, legs=(closed, opened)))) is None
        await scene.pass_time(1)

        assert scene.executor.reserved_closes("QQQ") == 2
        assert scene.executor.reserved_closes("SPY") == 0

    tell(tmp_path, story)


def test_a_listing_with_a_part_missing_is_no_proof_of_absence(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.takes = False
        scene.broker.answers["place"].append(LOST)
        scene.broker.answers["orders_since"] = [NothingSent("broker_unanswered", "a page is missing")] * 100
        scene.executor.submit(planned())
        await scene.pass_time(300)

        assert scene.order().state is State.UNKNOWN
        assert "NotFound" not in scene.events()

    tell(tmp_path, story)


def test_an_order_that_moved_a_position_unseen_is_not_taken_for_absent(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.takes = False
        scene.broker.answers["place"].append(LOST)
        scene.broker.hold("SPY", 2)
        scene.executor.submit(planned())
        await scene.pass_time(300)

        assert scene.order().state is State.UNKNOWN
        assert scene.executor.health.restrictions[0].state is TradingState.REDUCING
        assert "SPY" in scene.executor.health.blocked

    tell(tmp_path, story)


def test_orders_of_unknown_outcome_share_their_listings(tmp_path: Path):
    async def story(scene: Scene):
        before = scene.broker.calls["live_orders"]
        scene.broker.answers["place"] = [LOST] * 8
        for number in range(8):
            scene.executor.submit(planned(f"{number:032x}"))
        await scene.pass_time(3)

        assert all(slot.attempts[0].state is State.WORKING for slot in scene.executor.slots.values())
        assert scene.broker.calls["live_orders"] - before <= 2

    tell(tmp_path, story)


def test_a_refused_order_says_why_and_gives_its_room_back(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.takes = False
        scene.broker.answers["place"].append(OrderRefused(("margin_check_failed",), "no"))
        scene.executor.submit(planned())
        await scene.pass_time(1)

        assert scene.order().state is State.REJECTED
        assert scene.order().codes == ("margin_check_failed",)
        assert scene.executor.slots[SLOT].could_fill == 0

    tell(tmp_path, story)


def test_a_cancel_for_which_there_are_no_messages_left_goes_when_there_are(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.broker.answers["cancel"].append(NothingSent("budget_spent", "none left", wait=20.0))
        scene.executor.cancel(SLOT, "now")
        await scene.pass_time(10)
        assert scene.broker.calls["cancel"] == 1
        await scene.pass_time(11)

        assert scene.broker.calls["cancel"] == 2
        assert scene.order().state is State.CANCEL_ASKED

    tell(tmp_path, story)


def test_a_kill_cancels_openings_first_of_all_and_leaves_closes(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        scene.executor.submit(planned(OTHER, action=Action.SELL_TO_CLOSE))
        await scene.pass_time(1)

        assert scene.executor.cancel_openings("kill") == (SLOT,)
        await scene.pass_time(1)
        assert ("cancel", Priority.KILL) in scene.broker.asked
        assert scene.order(OTHER).state is State.WORKING

    tell(tmp_path, story)


def test_a_kill_waits_for_no_cancel_that_waits_for_its_turn(tmp_path: Path):
    """S-967."""

    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.broker.answers["cancel"].append(NothingSent("budget_spent", "none left", wait=40.0))
        scene.executor.cancel(SLOT, "now")
        await scene.pass_time(1)
        scene.executor.cancel_openings("kill")
        await scene.pass_time(1)

        assert [each for each in scene.broker.asked if each[0] == "cancel"] == [
            ("cancel", Priority.CANCEL),
            ("cancel", Priority.KILL),
        ]
        assert scene.broker.orders["1000"].status is OrderStatus.CANCEL_REQUESTED

    tell(tmp_path, story)


@pytest.mark.parametrize("is_told", [False, True], ids=["ignored", "taken back"])
def test_a_cancel_that_was_accepted_and_came_to_nothing_is_asked_for_again(tmp_path: Path, is_told: bool):
    """S-967."""

    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.executor.cancel(SLOT, "now")
        await scene.pass_time(1 if is_told else 0.005)
        if is_told:
            scene.broker.change("1000", OrderStatus.LIVE)
            scene.broker.tell("1000")
            await scene.pass_time(1)
        else:
            scene.broker.change = lambda order_id, _: scene.broker.orders[order_id]
            await scene.pass_time(1)
            del scene.broker.change
            await scene.pass_time(6)

        assert scene.broker.calls["cancel"] == 2
        assert scene.broker.orders["1000"].status is OrderStatus.CANCEL_REQUESTED

    tell(tmp_path, story)


def test_an_accepted_cancel_without_news_is_looked_up(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        scene.executor.cancel(SLOT, "now")
        await scene.pass_time(1)
        scene.broker.change("1000", OrderStatus.CANCELLED)
        await scene.pass_time(6)

        assert scene.order().state is State.CANCELLED

    tell(tmp_path, story)


def test_a_working_order_gets_another_price_under_the_same_id(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        assert scene.executor.replace(SLOT, Decimal("1.10")) is None
        await scene.pass_time(1)

        assert [ticket.price for ticket in scene.order().tickets] == [Decimal("1.00"), Decimal("1.10")]
        assert scene.order().client_id == f"{SLOT}-1"
        scene.executor.cancel(SLOT, "now")
        refused = scene.executor.replace(SLOT, Decimal("1.20"))
        assert refused is not None
        assert refused.code == Unfit.NOT_WORKING

    tell(tmp_path, story)


def test_a_day_order_is_looked_up_once_its_session_has_ended(tmp_path: Path):
    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(timedelta(hours=6).total_seconds() - 30)  # 15:00 to 21:00 UTC, the close
        assert "DayEnded" not in scene.events()
        await scene.pass_time(120)

        assert scene.events().count("DayEnded") == 1

    tell(tmp_path, story)


def test_a_journal_that_cannot_be_synced_lets_nothing_go_out_but_cancels(tmp_path: Path):
    logs: list[FailingLog] = []

    def failing(log: TradeLog) -> FailingLog:
        logs.append(FailingLog(log))
        return logs[0]

    async def story(scene: Scene):
        scene.executor.submit(planned())
        await scene.pass_time(1)
        logs[0].fails_to_sync = logs[0].fails_to_write = JournalError("journal_fsync_failed", "the disk is gone")

        orders = planned(OTHER), planned(OTHER, action=Action.SELL_TO_CLOSE)
        refused = [scene.executor.submit(order) for order in orders]
        scene.executor.cancel(SLOT, "kill")
        await scene.pass_time(1)

        assert [each.code for each in refused if each] == [Unfit.JOURNAL, Unfit.JOURNAL]
        assert scene.executor.health.restrictions[0].state is TradingState.HALTED
        assert scene.broker.calls["place"] == 1
        assert scene.broker.orders["1000"].status is OrderStatus.CANCEL_REQUESTED

    tell(tmp_path, story, wrapped=failing)


def test_a_sync_that_fails_right_before_a_send_keeps_it_from_going_out(tmp_path: Path):
    logs: list[FailingLog] = []

    def failing(log: TradeLog) -> FailingLog:
        logs.append(FailingLog(log))
        return logs[0]

    async def story(scene: Scene):
        scene.executor.submit(planned())
        logs[0].fails_to_sync = JournalError("journal_fsync_failed", "the disk is gone")
        await scene.pass_time(1)

        assert scene.order().state is State.UNSENT
        assert scene.broker.calls["place"] == 0

    tell(tmp_path, story, wrapped=failing)


def test_a_full_disk_stops_openings_and_not_closes(tmp_path: Path):
    logs: list[FailingLog] = []

    def failing(log: TradeLog) -> FailingLog:
        logs.append(FailingLog(log))
        return logs[0]

    async def story(scene: Scene):
        logs[0].is_full = True
        refused = scene.executor.submit(planned())
        assert refused is not None
        assert refused.code == Unfit.REDUCING
        assert scene.executor.submit(planned(OTHER, action=Action.SELL_TO_CLOSE)) is None

    tell(tmp_path, story, wrapped=failing)


def test_the_same_anomaly_is_told_once(tmp_path: Path):
    async def story(scene: Scene):
        assert scene.broker.hear is not None
        for _ in range(3):
            scene.broker.hear(Anomaly(scene.clock.now(), "Order", "it has no legs"))

        assert scene.told.words.count("anomaly") == 1

    tell(tmp_path, story)


SHORT, BACK = Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE


@pytest.mark.parametrize(("first", "second"), [(Action.BUY_TO_OPEN, SHORT), (SHORT, Action.BUY_TO_OPEN)])
@pytest.mark.parametrize("is_filled", [False, True])
def test_nothing_opens_the_other_side_of_what_is_held_or_under_way(
    tmp_path: Path, first: Action, second: Action, is_filled: bool
):
    """S-962: a broker holds one side of a contract only, and what ends the other cannot be closed any more."""

    async def story(scene: Scene):
        scene.executor.submit(planned(action=first))
        await scene.pass_time(1)
        if is_filled:
            scene.broker.fill("1000", 2)
            scene.broker.tell("1000")
            await scene.pass_time(1)

        refused = scene.executor.submit(planned(OTHER, action=second))
        assert refused is not None
        assert refused.code == Unfit.OTHER_SIDE
        assert scene.executor.submit(planned(OTHER, action=first)) is None
        assert scene.executor.submit(planned("e" * 32, action=second, symbol="QQQ")) is None

    tell(tmp_path, story)


def test_the_other_side_may_open_once_the_one_is_closed(tmp_path: Path):
    """S-962."""

    async def story(scene: Scene):
        for number, each in enumerate((planned(action=SHORT), planned(OTHER, action=BACK))):
            assert scene.executor.submit(each) is None
            await scene.pass_time(1)
            assert scene.executor.submit(planned("e" * 32)).code == Unfit.OTHER_SIDE
            scene.broker.fill(f"{1000 + number}", 2)
            scene.broker.tell(f"{1000 + number}")
            await scene.pass_time(1)

        assert scene.executor.submit(planned("e" * 32)) is None

    tell(tmp_path, story)


def test_refused_credentials_end_the_account(tmp_path: Path):
    async def story(scene: Scene):
        scene.broker.answers["listen"].append(CredentialsRefused("credentials_refused", "who are you"))
        await scene.executor.recover()
        with pytest.raises(CredentialsRefused):
            await scene.executor.run()

        assert not scene.executor.health.is_ready

    tell(tmp_path, story, is_recovered=False)


def test_waiting_for_a_slot_that_is_not_there_is_an_error(tmp_path: Path):
    async def story(scene: Scene):
        with pytest.raises(KeyError):
            await scene.executor.until(SLOT, lambda _: True)

    tell(tmp_path, story)


def test_virtual_time_waits_for_nothing():
    async def main() -> None:
        await anyio.sleep(1_000_000)

    run_leaping(main())
