"""Trading days, against the exchanges' published calendars."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.calendar import (
    is_session,
    last_session,
    market_date,
    month_expiry,
    next_session,
    next_week_expiry,
    week_expiry,
)

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("today", "this_week", "next_week"),
    [
        pytest.param("2026-01-05", "2026-01-09", "2026-01-16", id="Monday"),
        pytest.param("2026-01-09", "2026-01-09", "2026-01-16", id="Friday is its own week's expiry"),
        pytest.param("2026-01-10", "2026-01-16", "2026-01-23", id="Saturday belongs to the next week"),
        pytest.param("2026-03-31", "2026-04-02", "2026-04-10", id="Good Friday moves it to Thursday"),
        pytest.param("2026-04-03", "2026-04-10", "2026-04-17", id="on Good Friday itself the week is over"),
        pytest.param("2026-03-25", "2026-03-27", "2026-04-02", id="the next week's is moved"),
    ],
)
def test_weekly_expiries(today: str, this_week: str, next_week: str):
    assert (week_expiry(day(today)), next_week_expiry(day(today))) == (day(this_week), day(next_week))


def test_a_monthly_expiry_on_a_holiday_is_the_session_before():
    assert month_expiry(2019, 4) == day("2019-04-18")
    assert month_expiry(2026, 1) == day("2026-01-16")


def test_the_market_day_is_that_of_new_york():
    assert market_date(datetime(2026, 7, 2, 3, 59, tzinfo=UTC)) == day("2026-07-01")
    assert market_date(datetime(2026, 7, 2, 4, 0, tzinfo=UTC)) == day("2026-07-02")


@given(days)
def test_expiries_are_sessions_not_before_the_day_and_within_two_weeks(today: date):
    for expiry in (week_expiry(today), next_week_expiry(today)):
        assert is_session(expiry)
        assert today <= expiry <= today + timedelta(days=16)

    assert week_expiry(today) < next_week_expiry(today)


@given(days)
def test_sessions_are_never_more_than_four_days_apart(today: date):
    assert last_session(today) <= today <= next_session(today) <= last_session(today) + timedelta(days=5)
