"""Days are gathered so that a plot has room for them, none left out."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.replay.periods import Period, all_periods, period_for

days = st.lists(st.dates(date(2015, 1, 1), date(2030, 1, 1)), min_size=1)


@given(days)
def test_every_day_lies_in_a_period_and_none_repeats(given_days: list[date]):
    period = period_for(given_days)

    periods = all_periods(given_days, period)

    assert {period.start(day) for day in given_days} <= set(periods)
    assert list(periods) == sorted(set(periods))
    assert len(periods) <= 200


def test_the_shortest_period_that_fits_is_taken():
    start = date(2026, 1, 1)

    lengths = [period_for([start, start + timedelta(days=length)]) for length in (10, 100, 1000)]

    assert lengths == [Period.DAY, Period.WEEK, Period.MONTH]


def test_no_days_are_no_periods():
    assert all_periods([], period_for([])) == ()
