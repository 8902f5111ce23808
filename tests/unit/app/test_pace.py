from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from engine.app.pace import Pace, Timing

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def paced(clock: Clock, speed: float | None) -> Pace:
    return Pace(Timing(lambda: AT, lambda: clock.seconds, clock.sleep, speed))


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        pytest.param(1.0, 60.0, id="real time"),
        pytest.param(60.0, 1.0, id="sixty times as fast"),
        pytest.param(0.5, 120.0, id="half as fast"),
        pytest.param(None, 0.0, id="as fast as it goes"),
    ],
)
def test_messages_follow_each_other_at_the_speed_asked_for(speed: float | None, expected: float):
    clock = Clock()
    pace = paced(clock, speed)

    assert pace.wait(AT, lambda: False)
    assert pace.wait(AT + timedelta(minutes=1), lambda: False)

    assert clock.seconds == pytest.approx(expected)


def test_what_was_missed_is_made_up_for():
    clock = Clock()
    pace = paced(clock, 1.0)
    pace.wait(AT, lambda: False)
    clock.seconds = 90.0

    pace.wait(AT + timedelta(seconds=60), lambda: False)
    pace.wait(AT + timedelta(seconds=100), lambda: False)

    assert sum(clock.slept) == pytest.approx(10.0)


def test_a_long_wait_ends_soon_after_somebody_wants_the_end():
    clock = Clock()
    pace = paced(clock, 1.0)
    pace.wait(AT, lambda: False)

    is_due = pace.wait(AT + timedelta(hours=1), lambda: clock.seconds > 1.0)

    assert not is_due
    assert clock.seconds < 1.2
