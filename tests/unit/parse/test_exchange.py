"""Closures and early closes, against what the exchanges published."""

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.exchange import SATURDAY, Exchange, closed_days, early_closes

NYSE, CME = Exchange.NYSE, Exchange.CME


def days(year: int, text: str) -> list[date]:
    return [date.fromisoformat(f"{year}-{each}") for each in text.split()]


@pytest.mark.parametrize(
    ("year", "closed"),
    [
        pytest.param(
            2012, "01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25", id="two days of a hurricane"
        ),
        pytest.param(
            2015, "01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25", id="Independence Day observed on Friday"
        ),
        pytest.param(2016, "01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26", id="Christmas observed on Monday"),
        pytest.param(2017, "01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25", id="New Year observed on Monday"),
        pytest.param(2018, "01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25", id="a day of mourning"),
        pytest.param(2019, "01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25", id="2019"),
        pytest.param(2020, "01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25", id="2020"),
        pytest.param(2021, "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24", id="no Juneteenth yet"),
        pytest.param(2022, "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26", id="New Year's Day on Saturday"),
        pytest.param(2023, "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25", id="New Year on Sunday"),
        pytest.param(2024, "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25", id="a leap year"),
        pytest.param(2025, "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25", id="mourning again"),
        pytest.param(2026, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25", id="2026"),
        pytest.param(2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24", id="2027"),
    ],
)
def test_the_stock_exchanges_were_closed_on_the_days_they_published(year: int, closed: str):
    """S-325."""
    assert sorted(closed_days(NYSE, year)) == days(year, closed)


@pytest.mark.parametrize(
    ("year", "early"),
    [
        pytest.param(2015, "11-27 12-24", id="July 3 is the holiday itself, and July 2 a whole day"),
        pytest.param(2016, "11-25", id="July 4 on a Monday, Christmas Eve on a Saturday"),
        pytest.param(2017, "07-03 11-24", id="July 4 on a Tuesday"),
        pytest.param(2018, "07-03 11-23 12-24", id="all three"),
        pytest.param(2019, "07-03 11-29 12-24", id="July 4 on a Thursday"),
        pytest.param(2020, "11-27 12-24", id="July 4 on a Saturday: July 3 is closed"),
        pytest.param(2021, "11-26", id="July 4 on a Sunday: July 2 is a whole day; Christmas Eve is closed"),
        pytest.param(2022, "11-25", id="July 4 on a Monday, Christmas on a Sunday"),
        pytest.param(2023, "07-03 11-24", id="Christmas on a Monday"),
        pytest.param(2024, "07-03 11-29 12-24", id="2024"),
        pytest.param(2025, "07-03 11-28 12-24", id="July 4 on a Friday"),
        pytest.param(2026, "11-27 12-24", id="July 4 on a Saturday again"),
        pytest.param(2027, "11-26", id="Christmas Eve is closed"),
    ],
)
def test_the_stock_exchanges_closed_early_on_the_days_they_published(year: int, early: str):
    """S-325."""
    assert sorted(early_closes(NYSE, year)) == days(year, early)


def test_futures_trade_on_most_holidays_of_the_stock_exchanges_for_half_a_day():
    assert sorted(closed_days(CME, 2026)) == days(2026, "01-01 04-03 11-26 12-25")
    assert sorted(early_closes(CME, 2026)) == days(2026, "01-19 02-16 05-25 06-19 07-03 09-07 11-27 12-24")


def test_a_year_the_package_does_not_know_has_no_closures():
    assert closed_days(NYSE, 2101) == early_closes(NYSE, 2101) == closed_days(NYSE, 1) == frozenset()


@given(st.sampled_from(Exchange), st.integers(1990, 2100))
def test_no_day_is_closed_and_short_or_on_a_weekend(exchange: Exchange, year: int):
    closed, early = closed_days(exchange, year), early_closes(exchange, year)

    assert not closed & early
    assert all(day.year == year and day.weekday() < SATURDAY for day in closed | early)


def test_the_calendars_of_countries_are_not_loaded():
    code = (
        "import sys; import engine.parse.calendar as calendar; from datetime import date;"
        "assert 'holidays' not in sys.modules; calendar.is_session(date(2026, 1, 5));"
        "print(any(name.startswith('holidays.countries') for name in sys.modules))"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout == "False\n"
