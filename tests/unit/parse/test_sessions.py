"""Trading hours, in New York time: whole and half days, futures, index options, changes of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.alert import Asset
from engine.model.limits import Hours
from engine.parse.calendar import NEW_YORK, is_session
from engine.parse.sessions import INDEXES, Session, last_trade, next_session_of, session_at, session_of

OPTION, STOCK, FUTURE = Asset.OPTION, Asset.STOCK, Asset.FUTURE
instruments = st.sampled_from([(OPTION, "SPY"), (OPTION, "SPX"), (STOCK, "AAPL"), (FUTURE, "/ES"), (OPTION, "/ES")])
moments = st.integers(1_420_070_400, 2_082_758_399).map(lambda second: datetime.fromtimestamp(second, UTC))  # 2015–2035


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def shown(session: Session | None) -> str:
    """A session as "open – close" in New York time."""
    if session is None:
        return "closed"
    return " – ".join(f"{each.astimezone(NEW_YORK):%m-%d %H:%M}" for each in (session.open, session.close))


@pytest.mark.parametrize(
    ("asset", "symbol", "day", "regular", "extended"),
    [
        pytest.param(
            STOCK, "AAPL", "2026-01-05", "01-05 09:30 – 01-05 16:00", "01-05 07:00 – 01-05 20:00", id="a whole day"
        ),
        pytest.param(
            STOCK, "AAPL", "2026-11-27", "11-27 09:30 – 11-27 13:00", "11-27 07:00 – 11-27 17:00", id="a half day"
        ),
        pytest.param(
            OPTION, "SPY", "2026-01-05", "01-05 09:30 – 01-05 16:00", "01-05 09:30 – 01-05 16:00", id="an option"
        ),
        pytest.param(
            OPTION, "SPY", "2026-12-24", "12-24 09:30 – 12-24 13:00", "12-24 09:30 – 12-24 13:00", id="on Christmas Eve"
        ),
        pytest.param(
            OPTION, "SPX", "2026-01-05", "01-05 09:30 – 01-05 16:15", "01-05 09:30 – 01-05 16:15", id="an index option"
        ),
        pytest.param(
            OPTION, "SPX", "2026-11-27", "11-27 09:30 – 11-27 13:15", "11-27 09:30 – 11-27 13:15", id="on a half day"
        ),
        pytest.param(STOCK, "AAPL", "2026-07-03", "closed", "closed", id="July 4 on a Saturday is kept on Friday"),
        pytest.param(
            STOCK, "AAPL", "2026-07-02", "07-02 09:30 – 07-02 16:00", "07-02 07:00 – 07-02 20:00", id="the day before"
        ),
        pytest.param(
            OPTION, "SPY", "2028-07-03", "07-03 09:30 – 07-03 13:00", "07-03 09:30 – 07-03 13:00", id="July 3, Monday"
        ),
        pytest.param(
            OPTION, "SPY", "2027-07-02", "07-02 09:30 – 07-02 16:00", "07-02 09:30 – 07-02 16:00", id="July 4, Sunday"
        ),
        pytest.param(OPTION, "SPY", "2026-01-10", "closed", "closed", id="Saturday"),
        pytest.param(OPTION, "SPX", "2026-04-03", "closed", "closed", id="Good Friday"),
        pytest.param(
            FUTURE, "/ES", "2026-01-06", "01-05 18:00 – 01-06 17:00", "01-05 18:00 – 01-06 17:00", id="a future"
        ),
        pytest.param(
            FUTURE, "/ES", "2026-01-05", "01-04 18:00 – 01-05 17:00", "01-04 18:00 – 01-05 17:00", id="from Sunday on"
        ),
        pytest.param(
            OPTION, "/ES", "2026-01-06", "01-05 18:00 – 01-06 17:00", "01-05 18:00 – 01-06 17:00", id="option on one"
        ),
        pytest.param(
            FUTURE, "/ES", "2026-05-25", "05-24 18:00 – 05-25 13:00", "05-24 18:00 – 05-25 13:00", id="Memorial Day"
        ),
        pytest.param(FUTURE, "/ES", "2026-12-25", "closed", "closed", id="Christmas of futures"),
        pytest.param(FUTURE, "/ES", "2026-01-10", "closed", "closed", id="a future on Saturday"),
    ],
)
def test_hours_of_a_day(asset: Asset, symbol: str, day: str, regular: str, extended: str):
    """S-325."""
    on = date.fromisoformat(day)

    assert shown(session_of(asset, symbol, on)) == regular
    assert shown(session_of(asset, symbol, on, Hours.EXTENDED)) == extended


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        pytest.param("2026-03-06", "14:30", "21:00", id="the Friday before summer time"),
        pytest.param("2026-03-09", "13:30", "20:00", id="the Monday after it began"),
        pytest.param("2026-10-30", "13:30", "20:00", id="the Friday before it ends"),
        pytest.param("2026-11-02", "14:30", "21:00", id="the Monday after"),
    ],
)
def test_hours_follow_the_clocks_of_new_york(day: str, opens: str, closes: str):
    session = session_of(OPTION, "SPY", date.fromisoformat(day))

    assert session == Session(
        datetime.fromisoformat(f"{day}T{opens}+00:00"), datetime.fromisoformat(f"{day}T{closes}+00:00")
    )


@pytest.mark.parametrize(
    ("monday", "opens"),
    [
        pytest.param("2026-03-09", "2026-03-08T22:00+00:00", id="clocks went forward that Sunday morning"),
        pytest.param("2026-11-02", "2026-11-01T23:00+00:00", id="clocks went back"),
    ],
)
def test_futures_open_at_six_on_the_evening_of_a_change_of_the_clock(monday: str, opens: str):
    session = session_of(FUTURE, "/ES", date.fromisoformat(monday))

    assert session is not None
    assert session.open == datetime.fromisoformat(opens)
    assert session.close - session.open == timedelta(hours=23)


@pytest.mark.parametrize(
    ("asset", "symbol", "moment", "hours", "expected"),
    [
        pytest.param(OPTION, "SPY", "2026-01-05 09:29:59", Hours.REGULAR, "closed", id="a second too early"),
        pytest.param(OPTION, "SPY", "2026-01-05 09:30:00", Hours.REGULAR, "01-05 09:30 – 01-05 16:00", id="the open"),
        pytest.param(
            OPTION, "SPY", "2026-01-05 15:59:59", Hours.REGULAR, "01-05 09:30 – 01-05 16:00", id="a second left"
        ),
        pytest.param(OPTION, "SPY", "2026-01-05 16:00:00", Hours.REGULAR, "closed", id="the close"),
        pytest.param(
            OPTION, "SPXW", "2026-01-05 16:14:59", Hours.REGULAR, "01-05 09:30 – 01-05 16:15", id="the index goes on"
        ),
        pytest.param(STOCK, "SPX", "2026-01-05 16:05:00", Hours.REGULAR, "closed", id="only its options do"),
        pytest.param(OPTION, "SPY", "2026-11-27 13:00:00", Hours.REGULAR, "closed", id="the close of a half day"),
        pytest.param(
            STOCK, "AAPL", "2026-01-05 07:00:00", Hours.EXTENDED, "01-05 07:00 – 01-05 20:00", id="the extended open"
        ),
        pytest.param(STOCK, "AAPL", "2026-01-05 20:00:00", Hours.EXTENDED, "closed", id="the extended close"),
        pytest.param(OPTION, "SPY", "2026-01-05 08:00:00", Hours.EXTENDED, "closed", id="options are not extended"),
        pytest.param(FUTURE, "/ES", "2026-01-05 17:00:00", Hours.REGULAR, "closed", id="the daily break begins"),
        pytest.param(FUTURE, "/ES", "2026-01-05 17:59:59", Hours.REGULAR, "closed", id="and lasts"),
        pytest.param(
            FUTURE, "/ES", "2026-01-05 18:00:00", Hours.REGULAR, "01-05 18:00 – 01-06 17:00", id="until it ends"
        ),
        pytest.param(
            FUTURE, "/ES", "2026-01-06 02:00:00", Hours.REGULAR, "01-05 18:00 – 01-06 17:00", id="futures at night"
        ),
        pytest.param(FUTURE, "/ES", "2026-01-09 18:00:00", Hours.REGULAR, "closed", id="Friday evening"),
        pytest.param(FUTURE, "/ES", "2026-01-11 17:59:59", Hours.REGULAR, "closed", id="Sunday afternoon"),
        pytest.param(
            FUTURE, "/ES", "2026-01-11 18:00:00", Hours.REGULAR, "01-11 18:00 – 01-12 17:00", id="Sunday evening"
        ),
        pytest.param(FUTURE, "/ES", "2026-01-19 13:00:00", Hours.REGULAR, "closed", id="a holiday's afternoon"),
        pytest.param(
            FUTURE, "/ES", "2026-01-19 18:00:00", Hours.REGULAR, "01-19 18:00 – 01-20 17:00", id="a holiday's evening"
        ),
        pytest.param(FUTURE, "/ES", "2026-04-02 18:00:00", Hours.REGULAR, "closed", id="the eve of Good Friday"),
        pytest.param(
            FUTURE, "/ES", "2026-11-26 18:00:00", Hours.REGULAR, "11-26 18:00 – 11-27 13:00", id="Thanksgiving evening"
        ),
    ],
)
def test_the_session_a_moment_lies_in(asset: Asset, symbol: str, moment: str, hours: Hours, expected: str):
    assert shown(session_at(asset, symbol, new_york(moment), hours)) == expected


@pytest.mark.parametrize(
    ("asset", "symbol", "moment", "expected"),
    [
        pytest.param(OPTION, "SPY", "2026-01-05 09:29:59", "01-05 09:30 – 01-05 16:00", id="today"),
        pytest.param(OPTION, "SPY", "2026-01-05 09:30:00", "01-06 09:30 – 01-06 16:00", id="the one that runs is not"),
        pytest.param(OPTION, "SPY", "2026-04-02 16:00:00", "04-06 09:30 – 04-06 16:00", id="over a long weekend"),
        pytest.param(FUTURE, "/ES", "2026-01-09 17:00:00", "01-11 18:00 – 01-12 17:00", id="over a weekend of futures"),
        pytest.param(FUTURE, "/ES", "2026-01-05 17:30:00", "01-05 18:00 – 01-06 17:00", id="over the daily break"),
    ],
)
def test_the_next_session(asset: Asset, symbol: str, moment: str, expected: str):
    assert shown(next_session_of(asset, symbol, new_york(moment))) == expected


@pytest.mark.parametrize(
    ("symbol", "expiry", "expected"),
    [
        pytest.param("SPY", "2026-01-09", "2026-01-09 16:00", id="an option on a fund"),
        pytest.param("SPXW", "2026-01-09", "2026-01-09 16:00", id="an index option, on its last day like stocks"),
        pytest.param("SPXW", "2026-11-27", "2026-11-27 13:00", id="a half day"),
        pytest.param("/ES", "2026-01-09", "2026-01-09 17:00", id="an option on a future"),
        pytest.param("SPY", "2026-04-03", None, id="Good Friday"),
        pytest.param("SPY", "2026-01-10", None, id="Saturday"),
    ],
)
def test_when_an_option_stops_trading(symbol: str, expiry: str, expected: str | None):
    assert last_trade(symbol, date.fromisoformat(expiry)) == (None if expected is None else new_york(expected))


@given(instruments, moments, st.sampled_from(Hours))
def test_a_moment_lies_in_the_session_found_for_it_and_before_the_next(
    instrument: tuple[Asset, str], moment: datetime, hours: Hours
):
    found, following = session_at(*instrument, moment, hours), next_session_of(*instrument, moment, hours)

    assert following.open > moment
    assert following.open.tzinfo is following.close.tzinfo is UTC
    if found is not None:
        assert found.open <= moment < found.close <= following.open
    assert session_at(*instrument, following.open, hours) == following


@given(instruments, moments)
def test_a_regular_session_lies_within_the_extended_one(instrument: tuple[Asset, str], moment: datetime):
    day = moment.date()
    regular, extended = session_of(*instrument, day), session_of(*instrument, day, Hours.EXTENDED)

    assert (regular is None) == (extended is None)
    if regular is not None and extended is not None:
        assert extended.open <= regular.open < regular.close <= extended.close


@given(st.sampled_from(["SPY", *INDEXES]), moments)
def test_options_trade_on_sessions_only_and_stop_by_the_close(symbol: str, moment: datetime):
    session, last = session_of(OPTION, symbol, moment.date()), last_trade(symbol, moment.date())

    assert (session is None) == (last is None) == (not is_session(moment.date()))
    if session is not None and last is not None:
        assert session.open < last <= session.close
