"""S-851: an exchange's time begins where it is told, passes as fast as it is told, and can be advanced."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from engine.paper.clock import PaperClock

HERE = datetime(2026, 3, 1, 12, tzinfo=UTC)
THERE = datetime(2026, 11, 24, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Watch:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = HERE

    def now(self) -> datetime:
        return self.at


@pytest.mark.parametrize(
    ("speed", "passed"), [(1.0, MINUTE), (60.0, 60 * MINUTE), (0.5, MINUTE / 2), (0.0, 0 * MINUTE)]
)
def test_time_passes_at_its_speed(speed: float, passed: timedelta):
    watch = Watch()
    clock = PaperClock(watch, THERE, speed)
    watch.at += MINUTE

    assert clock.now() == THERE + passed
    clock.advance(MINUTE)
    assert clock.now() == THERE + passed + MINUTE


def test_it_shows_the_base_clocks_time_unless_told_otherwise():
    assert PaperClock(Watch()).now() == HERE


def test_at_speed_nothing_a_sleep_takes_only_time_there():
    clock = PaperClock(Watch(), THERE, speed=0)
    asyncio.run(clock.sleep(3600))

    assert clock.now() == THERE + timedelta(hours=1)


@pytest.mark.parametrize(("speed", "here"), [(1.0, 2.0), (4.0, 0.5), (0.0, 0.0)])
def test_a_wait_there_is_shorter_here_the_faster_time_passes(speed: float, here: float):
    assert PaperClock(Watch(), speed=speed).real_seconds(2.0) == here


def test_time_does_not_run_backwards():
    with pytest.raises(ValueError, match="does not run"):
        PaperClock(Watch(), speed=-1)
