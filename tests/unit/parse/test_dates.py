"""Expiries are read in every form people write them, against the day of the message and never against today."""

from datetime import date, timedelta

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from engine.parse.calendar import is_session
from engine.parse.dates import NAMED, NUMERIC, RELATIVE, Expiry, read_expiry, year_and_month
from tests.unit.parse.small import seen_texts

MONDAY = "2026-01-05"
days = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1/16", "2026-01-16", id="month and day"),
        pytest.param("01/16", "2026-01-16", id="with a leading zero"),
        pytest.param("1-16", "2026-01-16", id="with a dash"),
        pytest.param("1/16/26", "2026-01-16", id="with a short year"),
        pytest.param("01/16/2026", "2026-01-16", id="with a long year"),
        pytest.param("1.16.26", "2026-01-16", id="with dots, then always with a year"),
        pytest.param("2026-01-16", "2026-01-16", id="year first"),
        pytest.param("2026/1/16", "2026-01-16", id="year first, with slashes"),
        pytest.param("16 Jan", "2026-01-16", id="day and month"),
        pytest.param("16Jan26", "2026-01-16", id="day, month and year in one"),
        pytest.param("16-JAN-2026", "2026-01-16", id="as brokers print it"),
        pytest.param("Jan 16", "2026-01-16", id="month and day by name"),
        pytest.param("jan16", "2026-01-16", id="without a space"),
        pytest.param("January 16th, 2026", "2026-01-16", id="written out"),
        pytest.param("Jan 16 '26", "2026-01-16", id="with an apostrophe for the century"),
        pytest.param("sept 18", "2026-09-18", id="a month of four letters"),
        pytest.param("Jan 2027", "2027-01-15", id="a month and a year mean its standard expiry"),
        pytest.param("20260116", "2026-01-16", id="in one figure"),
        pytest.param("jan opex", "2026-01-16", id="a month's standard expiry by name"),
        pytest.param("jun'26", "2026-06-18", id="a month and a short year; the third Friday is a holiday"),
    ],
)
def test_written_dates(text: str, expected: str):
    """S-224."""
    assert read_expiry(text, None, day(MONDAY)) == Expiry(day(expected))
    assert re2.fullmatch(rf"(?i)(?:{NUMERIC}|{NAMED})", text) is not None


@pytest.mark.parametrize(
    ("posted", "text", "meaning", "expected"),
    [
        pytest.param(MONDAY, "0dte", "0dte", MONDAY, id="the day itself"),
        pytest.param(MONDAY, "1dte", None, "2026-01-06", id="one day to expiry: the next session"),
        pytest.param("2026-01-09", "1 dte", None, "2026-01-12", id="one day to expiry on a Friday"),
        pytest.param(MONDAY, "4-dte", None, "2026-01-09", id="more days to expiry are calendar days"),
        pytest.param("2026-01-09", "tomorrow", "tomorrow", "2026-01-12", id="tomorrow on a Friday"),
        pytest.param(MONDAY, "weekly", "this_week", "2026-01-09", id="this week's Friday"),
        pytest.param("2026-03-31", "weekly", "this_week", "2026-04-02", id="the session before a holiday"),
        pytest.param(MONDAY, "next week", "next_week", "2026-01-16", id="the week after"),
        pytest.param(MONDAY, "monthly", "this_month", "2026-01-16", id="the third Friday"),
        pytest.param("2026-01-20", "monthly", "this_month", "2026-02-20", id="the third Friday is past"),
        pytest.param("2026-01-20", "jan monthly", None, "2027-01-15", id="a month whose third Friday is past"),
        pytest.param("2026-12-20", "next month", "next_month", "2027-01-15", id="over the end of the year"),
        pytest.param(MONDAY, "friday", None, "2026-01-09", id="a weekday is the next one"),
        pytest.param(MONDAY, "Mon", None, MONDAY, id="today's weekday is today"),
        pytest.param(MONDAY, "this thurs", None, "2026-01-08", id="this one"),
        pytest.param(MONDAY, "next friday", None, "2026-01-16", id="the one of next week"),
        pytest.param("2026-01-09", "next monday", None, "2026-01-12", id="already in next week"),
        pytest.param("2026-01-11", "next wed", None, "2026-01-14", id="said on a Sunday"),
    ],
)
def test_dates_that_are_named(posted: str, text: str, meaning: str | None, expected: str):
    """S-224."""
    assert read_expiry(text, meaning, day(posted)) == Expiry(day(expected))
    assert meaning or re2.fullmatch(rf"(?i)(?:{RELATIVE}|{NAMED})", text)


@pytest.mark.parametrize(
    ("posted", "text", "expected"),
    [
        pytest.param("2025-12-30", "1/2", "2026-01-02", id="over the end of the year"),
        pytest.param("2026-01-05", "12/18", "2026-12-18", id="the end of the message's own year"),
        pytest.param("2019-06-03", "6/21", "2019-06-21", id="the year of an old message is its own"),
        pytest.param("2026-06-10", "6/5", "2026-06-05", id="just past: expired, not next year's"),
        pytest.param("2026-01-05", "12/31", "2025-12-31", id="just past, over the end of the year"),
        pytest.param("2026-06-20", "6/5", "2027-06-05", id="long past: next year's"),
        pytest.param("2027-06-01", "2/29", "2028-02-29", id="a leap day ahead"),
        pytest.param("2028-03-01", "2/29", "2028-02-29", id="a leap day just past"),
    ],
)
def test_the_year_rolls_from_the_message(posted: str, text: str, expected: str):
    """S-225."""
    assert read_expiry(text, None, day(posted)).day == day(expected)


@pytest.mark.parametrize(
    ("text", "meaning", "expected", "problem"),
    [
        pytest.param("2/30", None, None, "bad_date", id="no such day"),
        pytest.param("13/1", None, None, "bad_date", id="no such month"),
        pytest.param("2/29", None, None, "bad_date", id="no leap day within a year"),
        pytest.param("2/29/2027", None, None, "bad_date", id="no leap year"),
        pytest.param("0000-01-01", None, None, "bad_date", id="no such year"),
        pytest.param("31 sep", None, None, "bad_date", id="no such day by name"),
        pytest.param("99999999999/1", None, None, "bad_date", id="numbers no calendar holds"),
        pytest.param("soon", None, None, "bad_date", id="no date at all"),
        pytest.param("", None, None, "bad_date", id="nothing"),
        pytest.param("leaps", "leap", None, "bad_date", id="a word whose meaning is unknown"),
        pytest.param("1/2/2026", None, "2026-01-02", "expired", id="before the message"),
        pytest.param("1/17/2026", None, "2026-01-17", "not_a_session", id="a Saturday"),
        pytest.param("thu 1/16", None, None, "bad_date", id="a day that is no Thursday"),
        pytest.param("fri 1/9", None, "2026-01-09", "", id="a Friday that is one"),
        pytest.param("4/3/2026", None, "2026-04-03", "not_a_session", id="Good Friday"),
        pytest.param("5dte", None, "2026-01-10", "not_a_session", id="so many days ahead is a Saturday"),
    ],
)
def test_what_is_wrong_with_a_date_is_said(text: str, meaning: str | None, expected: str | None, problem: str):
    """S-226."""
    expiry = read_expiry(text, meaning, day(MONDAY))

    assert (expiry.day, expiry.problem.code if expiry.problem else "") == (expected and day(expected), problem)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("exp 11/27 @ 1", "11/27", id="a date"),
        pytest.param("11/27/26", "11/27/26", id="its year is part of it"),
        pytest.param("27 nov 2026", "27 nov 2026", id="by name"),
        pytest.param("decline", "", id="a word that begins like a month"),
        pytest.param("1.25", "", id="a price"),
    ],
)
def test_dates_inside_a_text(text: str, expected: str):
    match = re2.search(rf"(?i)\b(?:{NUMERIC}|{NAMED})", text)

    assert (match.group() if match else "") == expected


@given(text=seen_texts, meaning=st.sampled_from([None, "0dte", "this_week", "next_month", "leap"]), posted=days)
def test_any_text_is_a_day_or_a_problem(text: str, meaning: str | None, posted: date):
    expiry = read_expiry(text, meaning, posted)

    if expiry.day is None:
        assert expiry.problem is not None
        assert expiry.problem.code == "bad_date"


date_shaped = st.from_regex(r"\A[0-9]{1,4}[/.-][0-9]{1,2}(?:[/.-][0-9]{1,4})?\Z") | st.from_regex(
    r"\A(?:[0-9]{1,2} ?)?(?:jan|feb|mar|sept|dec)[' ]?[0-9]{1,4}(?:,? [0-9]{2,4})?\Z"
)


@given(text=date_shaped, posted=days)
def test_a_problem_says_what_the_calendar_says(text: str, posted: date):
    """S-226."""
    expiry = read_expiry(text, None, posted)

    problem = expiry.problem.code if expiry.problem else ""
    if expiry.day is None:
        assert problem == "bad_date"
    elif expiry.day < posted:
        assert problem == "expired"
    else:
        assert problem == ("" if is_session(expiry.day) else "not_a_session")


@given(posted=days, expiry=days, shape=st.sampled_from(["{0.month}/{0.day}", "{0:%b} {0.day}", "{0.day}{0:%B}"]))
def test_a_date_without_a_year_lies_near_the_message(posted: date, expiry: date, shape: str):
    """S-225."""
    read = read_expiry(shape.format(expiry), None, posted).day

    if read is None:
        assert (expiry.month, expiry.day) == (2, 29)
    else:
        assert (read.month, read.day) == (expiry.month, expiry.day)
        assert posted - timedelta(days=14) <= read <= posted + timedelta(days=352)


full_dates = ["{:%Y-%m-%d}", "{:%m/%d/%Y}", "{0.month}/{0.day}/{0:%y}", "{:%d %b %Y}", "{:%B} {0.day}, {0:%Y}"]


@given(posted=days, expiry=days, shape=st.sampled_from(full_dates))
def test_a_date_with_its_year_means_that_day_whenever_it_is_posted(posted: date, expiry: date, shape: str):
    written = shape.replace("{:%B}", "{0:%B}").format(expiry)

    assert read_expiry(written, None, posted).day == expiry


@given(posted=days, meaning=st.sampled_from(["0dte", "tomorrow", "this_week", "next_week", "this_month", "next_month"]))
def test_a_named_expiry_is_never_past_and_at_most_two_months_away(posted: date, meaning: str):
    expiry = read_expiry("words", meaning, posted)

    assert expiry.day is not None
    assert posted <= expiry.day <= posted + timedelta(days=70)
    assert meaning == "0dte" or expiry.problem is None


@given(st.integers(2000 * 12, 2100 * 12))
def test_months_are_counted_from_year_nought(months: int):
    year, month = year_and_month(months)

    assert (year * 12 + month - 1, 1 <= month <= 12) == (months, True)
