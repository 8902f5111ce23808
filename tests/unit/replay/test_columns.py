"""Columns hold what message by message would have been read, or there are none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.replay.archive_message import Channel, RawAuthor, RawMessage, Unreadable, message_of, snowflake_at
from engine.replay.columns import columns_of
from engine.replay.event_time import microseconds

CHANNEL = Channel("100", "alerts")
GENUINE = "1105872609649623040"
TIME = "2023-05-10T11:02:56.26-04:00"

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.integers(2 * 86_400, 110 * 365 * 86_400).flatmap(
    lambda second: zones.map(lambda zone: datetime.fromtimestamp(second, zone))
)
stamps = st.one_of(
    moments.map(lambda moment: moment.isoformat(timespec="milliseconds")),
    moments.map(datetime.isoformat),
    st.from_regex(
        r"(19|20)\d\d-[01]\d-[0-3]\d[T ]\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?(Z|[+-]\d\d(:?\d\d)?)?", fullmatch=True
    ),
    st.text(max_size=8),
)
ids = st.one_of(
    st.integers(0, 2**64).map(str),
    moments.map(lambda moment: snowflake_at(max(moment, datetime(2015, 1, 2, tzinfo=UTC)), 7)),
    st.text("0123456789 +-xe.", max_size=20),
)


@settings(deadline=None)
@given(ids, ids, stamps)
@example(GENUINE, "5", TIME)
@example(GENUINE, "5", "2023-05-10T11:02:56.2609-04:00")
@example(GENUINE, "5", "2023-05-10T15:02:57.260+00:00")
@example("0", "0", "2023-05-10T11:02:56Z")
@example("007", "5", TIME)
@example("0x1F", "5", TIME)
@example(GENUINE, "-5", TIME)
@example(GENUINE, "5", "9999-12-31T23:59:59-14:00")
@example(GENUINE, "5", "0000-01-01T00:00:00Z")
@example(GENUINE, "5", "2023-05-10T11:02:56+24:00")
@example(GENUINE, "5", "2023-05-10T11:02:60Z")
def test_columns_say_what_the_message_would(message_id: str, author_id: str, stamp: str):
    columns = columns_of([message_id], [author_id], [stamp])

    if columns is None:
        return
    message = message_of(RawMessage(message_id, timestamp=stamp, author=RawAuthor(author_id, "ann")), CHANNEL)
    assert [columns.ids[0].as_py(), columns.authors[0].as_py()] == [int(message.id), int(message.author.id)]
    assert (str(columns.ids[0]), str(columns.authors[0])) == (message.id, message.author.id)
    assert columns.times[0].as_py() == microseconds(message.at)


def test_the_usual_layout_is_never_refused():
    columns = columns_of([GENUINE] * 2, ["5", "6"], [TIME, "2023-05-10T15:02:56.26+00:00"])

    assert columns is not None
    assert len(columns) == 2


@pytest.mark.parametrize(
    ("message_id", "author_id", "stamp"),
    [
        pytest.param(None, "5", TIME, id="no id"),
        pytest.param(GENUINE, 5, TIME, id="an id that is a number in the file"),
        pytest.param(GENUINE, "5", None, id="no time"),
        pytest.param("9" * 19, "5", TIME, id="an id of more than 63 bits"),
    ],
)
def test_one_odd_value_refuses_the_block(message_id: object, author_id: object, stamp: object):
    assert columns_of([GENUINE, message_id], ["5", author_id], [TIME, stamp]) is None


def test_what_cannot_be_a_message_has_no_columns():
    raw = RawMessage("x", timestamp=TIME, author=RawAuthor("5", "ann"))

    with pytest.raises(Unreadable):
        message_of(raw, CHANNEL)
    assert columns_of(["x"], ["5"], [TIME]) is None
