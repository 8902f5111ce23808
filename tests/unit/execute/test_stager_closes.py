"""How closes get on: waiting for nobody, never more than is held, each reserved before the next is looked at."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import anyio
import pytest

from engine.execute.account_health import AccountHealth
from engine.lifecycle.events import NotFound
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.alert import Action
from engine.model.order import PriceEffect
from engine.model.stages import Stage
from engine.plan.entries import Role
from engine.plan.flow import Ended
from tests.unit.execute.staging_world import NEED, SYMBOL, Goes, World, close_of, intent_of, play, rest

ID = "0" * 32


def _holding(world: World, quantity: int = 2, ours: int = 2) -> None:
    world.main.hold(quantity)
    world.rules.ours = ours


def test_a_close_goes_to_its_account_at_once_and_is_mirrored():
    async def story(world: World):
        _holding(world)
        world.rules.need = NEED
        world.main.goes[Role.TRADE] = Goes.FILLED
        async with world.running():
            world.stager.take(close_of())
            await rest()

            sent, mirrored = world.main.planned[0].order, world.cert.planned[0].order
            assert world.sent(Role.TRADE) == [("main", f"{ID}-1")]
            assert world.sent(Role.MIRROR) == [("cert", f"{ID}m-1")]
            assert [(leg.action, leg.quantity) for leg in sent.legs] == [(Action.SELL_TO_CLOSE, 2)]
            assert mirrored.legs == sent.legs
            assert (sent.price, sent.effect) == (Decimal("1.20"), PriceEffect.CREDIT)
            assert world.told.steps == ["checked", "submitted", "ended"]

    play(story)


def test_a_close_does_not_wait_for_a_sandbox_that_never_answers():
    async def story(world: World):
        _holding(world)
        world.cert.health = AccountHealth(is_ready=False)
        world.cert.goes[Role.MIRROR] = Goes.NOWHERE
        world.main.goes[Role.TRADE] = Goes.FILLED
        async with world.running():
            world.stager.take(close_of())
            await rest()

            assert world.flow().ended == Ended("filled", 2, 0)

    play(story)


def test_a_close_of_what_was_opened_in_the_sandbox_goes_there_and_has_no_mirror():
    async def story(world: World):
        world.cert.hold(2)
        async with world.running():
            world.stager.take(close_of(stage=Stage.SANDBOX, account="cert"))
            await rest()

            assert world.sent(Role.TRADE) == [("cert", f"{ID}-1")]
            assert world.sent(Role.MIRROR) == []
            assert world.main.planned == []

    play(story)


def test_a_mirror_takes_nothing_from_a_version_that_trades_in_the_sandbox():
    async def story(world: World):
        _holding(world)
        world.cert.goes[Role.TRADE] = Goes.FILLED
        async with world.running():
            world.stager.take(intent_of(id="1" * 32, content_hash="new", stage=Stage.SANDBOX, account="cert"))
            await rest()
            world.cert.hold(2)
            world.stager.take(close_of())
            await rest()

            assert world.sent(Role.TRADE) == [("cert", f"{'1' * 32}-1"), ("main", f"{ID}-1")]
            assert world.sent(Role.MIRROR) == []

    play(story)


def test_a_mirror_takes_nothing_from_a_probe_that_is_still_to_be_flattened():
    async def story(world: World):
        _holding(world)
        world.cert.goes |= {Role.PROBE: Goes.FILLED, Role.UNWIND: Goes.NOWHERE}
        async with world.running():
            world.stager.take(intent_of(id="1" * 32))
            await rest()
            world.cert.hold(2)
            world.stager.take(close_of())
            await rest()

            assert world.sent(Role.UNWIND) == [("cert", f"{'1' * 32}u-1")]
            assert world.sent(Role.MIRROR) == []

    play(story)


@pytest.mark.parametrize(("ours", "theirs", "sent"), [(2, 2, 2), (1, 2, 1), (2, 1, 1), (5, 5, 2), (None, 2, 2)])
def test_a_close_is_never_more_than_we_and_the_broker_hold(ours: int | None, theirs: int, sent: int):
    async def story(world: World):
        world.main.hold(theirs)
        world.rules.ours = ours
        async with world.running():
            world.stager.take(close_of())
            await world.pass_time(6)

            assert [p.order.legs[0].quantity for p in world.main.planned] == [sent]

    play(story)


@pytest.mark.parametrize(("ours", "theirs"), [(0, 2), (2, 0)])
def test_a_close_of_nothing_is_dropped(ours: int, theirs: int):
    async def story(world: World):
        _holding(world, theirs, ours)
        async with world.running():
            world.stager.take(close_of())
            await world.pass_time(6)

            assert world.flow().dropped.code == "nothing_to_close"
            assert world.main.planned == []

    play(story)


def test_a_close_waits_a_little_for_a_position_that_is_not_booked_yet():
    async def story(world: World):
        _holding(world, 0)
        async with world.running():
            world.stager.take(close_of())
            await world.pass_time(2)
            before = world.sent(Role.TRADE)
            world.main.hold(2)
            await world.pass_time(1)

            assert before == []
            assert len(world.sent(Role.TRADE)) == 1

    play(story)


def test_two_closes_of_one_position_never_close_more_than_it():
    async def story(world: World):
        _holding(world, 3, 3)
        world.brokers["main"].answers = anyio.Event()
        async with world.running():
            world.stager.take(close_of())
            world.stager.take(close_of(id="1" * 32))
            await rest()
            world.brokers["main"].answers.set()
            await rest()

            assert [p.order.legs[0].quantity for p in world.main.planned] == [2, 1]
            assert world.main.reserved_closes(SYMBOL) == 3

    play(story)


def test_a_close_that_rests_takes_nothing_from_the_position_of_another_playbook_or_author():
    """S-966."""

    async def story(world: World):
        _holding(world, 6, 2)
        world.main.goes[Role.TRADE] = Goes.LIVE
        async with world.running():
            world.stager.take(close_of())
            await rest()
            world.stager.take(close_of(id="1" * 32, playbook="swing"))
            world.stager.take(close_of(id="2" * 32, author_id="302"))
            await world.pass_time(6)
            world.stager.take(close_of(id="3" * 32))
            await world.pass_time(6)

            assert [p.order.legs[0].quantity for p in world.main.planned] == [2, 2, 2]
            assert world.flow("3" * 32).dropped.code == "nothing_to_close"

    play(story)


def test_a_close_waits_a_little_for_the_fill_of_one_before_it_that_the_position_shows_already():
    async def story(world: World):
        _holding(world)
        world.main.goes[Role.TRADE] = Goes.LIVE
        one = {"legs": (replace(close_of().legs[0], quantity=1),), "units": 1}
        async with world.running():
            world.stager.take(close_of(**one))
            await rest()
            world.main.hold(1)
            world.stager.take(close_of(id="1" * 32, **one))
            await world.pass_time(1)
            world.main.fill(f"{ID}-1")
            world.rules.ours = 1
            await world.pass_time(1)

            assert world.sent(Role.TRADE) == [("main", f"{ID}-1"), ("main", f"{'1' * 32}-1")]

    play(story)


def test_a_close_whose_size_changed_is_asked_about_again():
    async def story(world: World):
        _holding(world, 3, 3)
        world.brokers["main"].answers = anyio.Event()
        async with world.running():
            world.stager.take(close_of())
            world.stager.take(close_of(id="1" * 32))
            await rest()
            world.brokers["main"].answers.set()
            await rest()

            assert [o.legs[0].quantity for o in world.brokers["main"].asked] == [2, 2, 1]
            assert [p.order for p in world.main.planned] == [
                world.brokers["main"].asked[0],
                world.brokers["main"].asked[2],
            ]

    play(story)


def test_a_close_goes_though_its_time_is_over_and_its_dry_run_unanswered():
    async def story(world: World):
        _holding(world)
        world.brokers["main"].answers = anyio.Event()
        async with world.running():
            world.stager.take(close_of(good_until=world.clock.now() - timedelta(hours=1)))
            await world.pass_time(30)

            assert world.sent(Role.TRADE) == [("main", f"{ID}-1")]

    play(story)


def test_a_close_goes_while_openings_are_not_let_in():
    async def story(world: World):
        _holding(world)
        world.rules.in_force = (Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "news"),)
        world.main.health = AccountHealth(is_ready=False, blocked=frozenset({SYMBOL}))
        async with world.running():
            world.stager.take(close_of())
            await world.pass_time(6)

            assert world.sent(Role.TRADE) == [("main", f"{ID}-1")]

    play(story)


def test_a_close_that_never_reached_the_broker_is_tried_again_under_a_new_id():
    async def story(world: World):
        _holding(world)
        world.main.goes[Role.TRADE] = Goes.UNKNOWN
        async with world.running():
            world.stager.take(close_of())
            await rest()
            for _ in range(8):
                world.main.tell(f"{ID}-1", NotFound(is_position_unchanged=True))
                await world.pass_time(10)
            world.main.goes[Role.TRADE] = Goes.FILLED
            world.main.fill(f"{ID}-2")
            await rest()

            assert world.sent(Role.TRADE) == [("main", f"{ID}-1"), ("main", f"{ID}-2")]
            assert world.flow().ended == Ended("filled", 2, 0)

    play(story)


def test_a_close_is_tried_less_and_less_often_and_not_for_ever():
    async def story(world: World):
        _holding(world)
        world.main.goes[Role.TRADE] = Goes.UNSENT
        async with world.running():
            world.stager.take(close_of())
            await world.pass_time(20)
            assert len(world.sent(Role.TRADE)) == 5
            await world.pass_time(900)

            assert len(world.sent(Role.TRADE)) == 20
            assert world.flow().ended == Ended("unsent", 0, 2)
            assert any("never reached the broker" in warning for warning in world.told.warnings)

    play(story)


def test_a_close_in_an_account_that_is_gone_after_a_restart_ends_nothing_else():
    async def story(world: World):
        _holding(world)
        world.main.goes[Role.TRADE] = Goes.LIVE
        async with world.running():
            world.stager.take(close_of())
            await rest()
        again = World(tuple(world.log.entries))
        del again.desks["main"]
        async with again.running():
            await again.pass_time(5)

            assert again.flow().ended is None
            assert any("main cannot be reached" in warning for warning in again.told.warnings)

    play(story)


def test_a_close_the_broker_refused_is_over():
    async def story(world: World):
        _holding(world)
        world.main.goes[Role.TRADE] = Goes.REJECTED
        async with world.running():
            world.stager.take(close_of())
            await world.pass_time(10)

            assert world.flow().ended == Ended("rejected", 0, 2)
            assert len(world.sent(Role.TRADE)) == 1

    play(story)


def test_a_close_goes_into_the_reserve_of_a_full_disk():
    async def story(world: World):
        _holding(world)
        world.log.is_full = True
        async with world.running():
            world.stager.take(close_of())
            await rest()

            assert world.sent(Role.TRADE) == [("main", f"{ID}-1")]

    play(story)


def test_a_close_is_not_given_up():
    async def story(world: World):
        _holding(world)
        world.brokers["main"].answers = anyio.Event()
        async with world.running():
            world.stager.take(close_of())
            await rest()
            world.stager.drop(ID, "killed", "carol pulled the plug")
            world.brokers["main"].answers.set()
            await rest()

            assert world.flow().dropped is None
            assert len(world.sent(Role.TRADE)) == 1

    play(story)


def test_a_close_begun_anew_at_any_entry_of_the_journal_is_sent_once():
    async def story(world: World):
        _holding(world)
        world.main.goes[Role.TRADE] = Goes.FILLED
        async with world.running():
            world.stager.take(close_of())
            await rest()
        entries = tuple(world.log.entries)
        for count in range(1, len(entries) + 1):
            again = World(entries[:count])
            _holding(again)
            again.main.goes[Role.TRADE] = Goes.FILLED
            again.main.recover()
            again.cert.recover()
            async with again.running():
                await again.pass_time(10)

            assert again.main.slots[ID].filled == 2, count
            assert again.flow().ended == Ended("filled", 2, 0), count
            assert len(again.sent(Role.MIRROR)) <= 1, count

    play(story)
