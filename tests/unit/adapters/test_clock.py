"""The clock."""

from datetime import UTC, timedelta

from engine.adapters.clock import SystemClock


def test_time_is_aware_utc_and_goes_on():
    first, second = SystemClock().now(), SystemClock().now()

    assert first.tzinfo is UTC
    assert timedelta(0) <= second - first < timedelta(minutes=1)
