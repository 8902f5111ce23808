"""Texts of scalars as values."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.playbook.bound import Amount, BoundScalar
from engine.playbook.scalars import READERS, TYPE_READERS, NotRead
from engine.playbook.schema_source import read_schema

ALL = {**READERS, **TYPE_READERS}
DEFINITIONS = read_schema("scalars.schema.json")["$defs"]
SHAPED = sorted(
    (name, definition["format"], definition["pattern"])
    for name, definition in DEFINITIONS.items()
    if definition.get("format") in READERS and "pattern" in definition
)


def refusal(kind: str, text: str) -> tuple[str, str]:
    """Return why a text is refused and what was probably meant; nothing when it is read."""
    try:
        ALL[kind](text)
    except NotRead as problem:
        return problem.reason or "its shape", problem.nearest
    return "", ""


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("time-span", "30s", timedelta(seconds=30)),
        ("time-span", "500ms", timedelta(milliseconds=500)),
        ("time-span", "1h30m", timedelta(minutes=90)),
        ("time-span", "1d 2h", timedelta(hours=26)),
        ("percent", "2%", Decimal("0.02")),
        ("percent", "25 %", Decimal("0.25")),
        ("percent", "0.5%", Decimal("0.005")),
        ("signed-percent", "+10%", Decimal("0.1")),
        ("signed-percent", "-20%", Decimal("-0.2")),
        ("signed-percent", "5%", Decimal("0.05")),
        ("money", "$5,000", Decimal(5000)),
        ("money", "5000", Decimal(5000)),
        ("money", "$0.10", Decimal("0.1")),
        ("money", ".5", Decimal("0.5")),
        ("money", "$1,234,567.89", Decimal("1234567.89")),
        ("amount", "$0.10", Amount(Decimal("0.10"), is_share=False)),
        ("amount", "10%", Amount(Decimal("0.10"), is_share=True)),
        ("yes-no", "yes", True),
        ("yes-no", "False", False),
        ("clock-time", "9:30", time(9, 30)),
        ("clock-time", "15:05", time(15, 5)),
        ("date", "2026-11-27", date(2026, 11, 27)),
        ("moment", "2026-11-24 10:05 America/New_York", datetime(2026, 11, 24, 15, 5, tzinfo=UTC)),
        ("moment", "2026-07-24 9:05:30 America/New_York", datetime(2026, 7, 24, 13, 5, 30, tzinfo=UTC)),
        ("moment", "2026-11-24T10:05Z", datetime(2026, 11, 24, 10, 5, tzinfo=UTC)),
        ("moment", "2026-11-24 10:05:00-05:00", datetime(2026, 11, 24, 15, 5, tzinfo=UTC)),
        ("moment", "2026-11-01 01:30 -04:00", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("time-zone", "America/New_York", "America/New_York"),
        ("range", "0..7", (0, 7)),
        ("range", "5", (5, 5)),
        ("ticks", "+1", 1),
        ("ticks", "-3", -3),
        ("ladder-end", "cancel", "cancel"),
        ("ladder-end", "leave 2m then cancel", timedelta(minutes=2)),
        ("trigger", "bid", ("bid", timedelta())),
        ("trigger", "mid held 3s", ("mid", timedelta(seconds=3))),
        ("integer", "012", 12),
        ("number", "-1.50", Decimal("-1.50")),
    ],
)
def test_a_value_is_written_the_way_people_write_it(kind: str, text: str, value: BoundScalar):
    """S-103."""
    read = ALL[kind](text)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "text", "nearest", "reason"),
    [
        ("time-span", "10 minutes", "10m", ""),
        ("time-span", "10 Min.", "10m", ""),
        ("time-span", "5 seconds", "5s", ""),
        ("time-span", "250 millis", "250ms", ""),
        ("time-span", "10", "", ""),
        ("time-span", "1.5h", "", ""),
        ("time-span", "-5s", "", ""),
        ("percent", "2", "2%", ""),
        ("percent", "two", "", ""),
        ("percent", "-2%", "", ""),
        ("money", "5k", "$5,000", ""),
        ("money", "$5,00", "", ""),
        ("money", "US$ 5,000", "$5,000", ""),
        ("money", "100 dollars", "$100", ""),
        ("money", "-5", "", ""),
        ("money", "€5", "", ""),
        ("amount", "10 percent", "", ""),
        ("yes-no", "on", "yes", ""),
        ("yes-no", "NO", "no", ""),
        ("yes-no", "maybe", "", ""),
        ("clock-time", "9.30", "", ""),
        ("clock-time", "25:00", "", "there is no such time"),
        ("date", "27.11.2026", "", ""),
        ("date", "2026-02-30", "", "there is no such date"),
        ("moment", "tomorrow", "", ""),
        ("moment", "2026-11-24 10:05", "2026-11-24 10:05 America/New_York", "it names no time zone"),
        ("moment", "2026-11-24 10:05 America/Old_York", "", "there is no such time zone"),
        ("moment", "2026-11-24 10:05:61 UTC", "", "there is no such time"),
        ("moment", "2026-11-24 10:05+99:00", "", "there is no such offset from UTC"),
        ("moment", "2026-03-08 02:30 America/New_York", "", "the clocks skip this time"),
        (
            "moment",
            "2026-11-01 01:30 America/New_York",
            "",
            "the clocks show this time twice; write the offset from UTC instead of the zone",
        ),
        ("time-zone", "Mars/Olympus", "", "there is no such time zone"),
        ("range", "0-7", "0..7", ""),
        ("range", "0 to 7", "0..7", ""),
        ("range", "7..0", "0..7", "it ends before it begins"),
        ("ticks", "1.5", "", ""),
        ("ladder-end", "leave a while then cancel", "", ""),
        ("ladder-end", "market", "", ""),
        ("trigger", "bid held on", "", ""),
        ("trigger", "spread", "", ""),
        ("integer", "1,000", "1000", ""),
        ("integer", "1e3", "", ""),
        ("number", "1e3", "", ""),
        ("number", "NaN", "", ""),
    ],
)
def test_what_is_no_such_value_is_refused_with_what_was_probably_meant(kind: str, text: str, nearest: str, reason: str):
    with pytest.raises(NotRead) as caught:
        ALL[kind](text)

    assert (caught.value.nearest, caught.value.reason) == (nearest, reason)


@given(
    kind=st.sampled_from(sorted(ALL)),
    text=st.text(max_size=40) | st.text(alphabet="0123456789:.,-+%$ smhdZ/ATleavthnc", max_size=20),
)
def test_any_text_is_read_or_refused(kind: str, text: str):
    nearest = refusal(kind, text)[1]

    assert not nearest or refusal(kind, nearest) == ("", "")


@pytest.mark.parametrize(("name", "kind", "pattern"), SHAPED)
def test_the_pattern_editors_check_is_the_shape_that_is_read(name: str, kind: str, pattern: str):
    """Whatever fits the pattern is read, or refused for what it means and not for its shape."""

    @settings(max_examples=30)
    @given(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    def reads_or_means_nothing(text: str) -> None:
        assert refusal(kind, text.removesuffix("\n"))[0] != "its shape"

    reads_or_means_nothing()


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_money_is_exact(amount: Decimal):
    assert READERS["money"](f"${amount:,.2f}") == amount
