"""Timers do each thing once, when it is due, and the later asked-for in place of the earlier."""

from datetime import timedelta

import anyio

from engine.execute.timers import Timers
from tests.contract.virtual_time import LoopClock, run_leaping
from tests.unit.execute.memory_broker import BEGAN


def test_what_is_due_is_done_in_its_order_and_only_once():
    async def story() -> None:
        clock = LoopClock(BEGAN)
        timers, done = Timers(clock), []
        for name, seconds in (("b", 20), ("a", 10), ("c", 30), ("d", 5)):
            timers.set(name, BEGAN + timedelta(seconds=seconds), lambda name=name: done.append(name))
        timers.set("a", BEGAN + timedelta(seconds=25), lambda: done.append("a, later"))
        timers.drop("d")
        async with anyio.create_task_group() as group:
            group.start_soon(timers.run)
            await anyio.sleep(22)
            assert done == ["b"]
            timers.set("soon", clock.now(), lambda: done.append("soon"))
            await anyio.sleep(100)
            group.cancel_scope.cancel()

        assert done == ["b", "soon", "a, later", "c"]
        assert timers.next_at is None

    run_leaping(story())


def test_what_is_done_may_ask_for_more():
    async def story() -> None:
        timers, done = Timers(LoopClock(BEGAN)), []

        def again() -> None:
            done.append("once")
            if len(done) < 3:
                timers.set("again", BEGAN, again)

        timers.set("again", BEGAN, again)
        assert timers.fire() == 3

    run_leaping(story())
