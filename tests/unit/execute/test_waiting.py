"""Waiting for a time of the clock."""

import asyncio
from datetime import timedelta

import anyio
import pytest

from engine.execute.waiting import Sleeping, within
from engine.model.errors import NothingSent
from tests.unit.execute.staging_world import NOW, HandClock, rest


def test_work_that_ends_in_time_gives_its_result():
    async def story():
        clock = HandClock()

        async def work() -> str:
            await clock.until(NOW + timedelta(seconds=1))
            return "done"

        results: list[str | None] = []

        async def wait() -> None:
            results.append(await within(clock, NOW + timedelta(seconds=2), work))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await rest()
            clock.advance(1)
        assert results == ["done"]

    asyncio.run(story())


def test_work_that_takes_longer_is_cancelled():
    async def story():
        clock, results = HandClock(), []

        async def wait() -> None:
            results.append(await within(clock, NOW + timedelta(seconds=2), anyio.sleep_forever))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await rest()
            clock.advance(2)
        assert results == [None]

    asyncio.run(story())


def test_an_error_of_the_work_comes_out_as_itself():
    async def fail() -> None:
        raise NothingSent("budget_spent", "no messages left")

    async def story():
        with pytest.raises(NothingSent):
            await within(HandClock(), NOW + timedelta(seconds=2), fail)

    asyncio.run(story())


def test_without_a_limit_it_waits_as_long_as_it_takes():
    async def work() -> int:
        return 7

    async def story():
        assert await within(HandClock(), None, work) == 7

    asyncio.run(story())


def test_a_time_that_is_there_already_is_not_waited_for():
    async def story():
        await Sleeping(HandClock()).until(NOW)

    asyncio.run(story())
