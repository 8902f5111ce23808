"""When openings may be sent, and how far away their expiry may be."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.facts import Facts
from engine.decide.question import Answer, Question
from engine.decide.sessions import expiry, session
from engine.decide.terms import Terms
from engine.model.alert import Action, Alert, Asset, Leg, Reading
from engine.model.decision import GateStatus, Reason
from engine.model.instrument import Right
from engine.model.limits import ExpiryRule, Hours, SessionRule
from engine.model.message import Author, Message
from engine.model.playbook import Playbook
from engine.model.source import Span
from engine.parse.calendar import NEW_YORK, is_session, market_date

LINE = Span("desk/momentum.yaml", 52, 5, 52, 40)
RULE = SessionRule(Hours.REGULAR, None, None, timedelta(0), timedelta(0), LINE)
ANY_EXPIRY = ExpiryRule(0, None, LINE)
BTO, STC = Action.BUY_TO_OPEN, Action.SELL_TO_CLOSE
STARTS, ENDS = time(9, 45), time(15, 30)


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def option(symbol: str | None = "SPY", expires: str | None = "2026-01-09", action: Action = BTO) -> Leg:
    day = None if expires is None else date.fromisoformat(expires)
    return Leg(action, symbol, Asset.OPTION, Decimal(500), Right.CALL, day)


def question(
    playbook: Playbook,
    now: datetime,
    *legs: Leg,
    rule: SessionRule = RULE,
    days: ExpiryRule = ANY_EXPIRY,
    zone: str = "America/New_York",
    assumed: tuple[str, ...] = (),
) -> Question:
    limited = replace(playbook, risk=replace(playbook.risk, session=rule, expiry=days))
    alert = Alert(BTO, legs[0].symbol if legs else "SPY", Asset.OPTION, legs)
    message = Message("900", "100", Author("301", "alice"), now, "BTO")
    facts = Facts(now=now, content_hash="abc", assumed=assumed)
    opening = tuple(leg for leg in legs if leg.action.opens)
    return Question(
        Terms(limited, time_zone=zone), message, Reading((alert,)), facts, alert=alert, opens=True, opening=opening
    )


def verdict(answer: Answer) -> Reason | GateStatus:
    return answer.code or answer.status


PASSED = GateStatus.PASSED


@pytest.mark.parametrize(
    ("now", "leg", "rule", "expected"),
    [
        pytest.param("2026-01-05 10:00", option(), RULE, PASSED, id="in the morning"),
        pytest.param("2026-01-05 09:29:59", option(), RULE, Reason.MARKET_CLOSED, id="before the open"),
        pytest.param("2026-01-05 16:00", option(), RULE, Reason.MARKET_CLOSED, id="at the close"),
        pytest.param("2026-01-10 12:00", option(), RULE, Reason.MARKET_CLOSED, id="a weekend"),
        pytest.param("2026-04-03 12:00", option(), RULE, Reason.MARKET_CLOSED, id="a holiday"),
        pytest.param("2026-11-27 12:59", option(), RULE, PASSED, id="the morning of a half day"),
        pytest.param("2026-11-27 13:00", option(), RULE, Reason.MARKET_CLOSED, id="the afternoon of a half day"),
        pytest.param("2026-01-05 16:10", option("SPX"), RULE, PASSED, id="an index option goes on"),
        pytest.param("2026-01-05 20:00", Leg(BTO, "/ES", Asset.FUTURE), RULE, PASSED, id="a future at night"),
        pytest.param("2026-01-05 17:30", Leg(BTO, "/ES", Asset.FUTURE), RULE, Reason.MARKET_CLOSED, id="in its break"),
        pytest.param("2026-01-05 08:00", Leg(BTO, "AAPL", Asset.STOCK), RULE, Reason.MARKET_CLOSED, id="stock early"),
        pytest.param(
            "2026-01-05 08:00",
            Leg(BTO, "AAPL", Asset.STOCK),
            replace(RULE, hours=Hours.EXTENDED),
            PASSED,
            id="stock in extended hours",
        ),
        pytest.param(
            "2026-01-05 09:31:59",
            option(),
            replace(RULE, not_before_open=timedelta(minutes=2)),
            Reason.TOO_EARLY_IN_SESSION,
            id="too soon after the open",
        ),
        pytest.param(
            "2026-01-05 09:32", option(), replace(RULE, not_before_open=timedelta(minutes=2)), PASSED, id="soon enough"
        ),
        pytest.param(
            "2026-01-05 15:58:59",
            option(),
            replace(RULE, stop_before_close=timedelta(minutes=1)),
            PASSED,
            id="early enough before the close",
        ),
        pytest.param(
            "2026-01-05 15:59",
            option(),
            replace(RULE, stop_before_close=timedelta(minutes=1)),
            Reason.TOO_LATE_IN_SESSION,
            id="too soon before the close",
        ),
        pytest.param(
            "2026-12-24 12:45",
            option(),
            replace(RULE, stop_before_close=timedelta(minutes=15)),
            Reason.TOO_LATE_IN_SESSION,
            id="too soon before the close of a half day",
        ),
        pytest.param(
            "2026-01-05 09:44:59", option(), replace(RULE, starts=STARTS), Reason.TOO_EARLY_IN_SESSION, id="before from"
        ),
        pytest.param("2026-01-05 09:45", option(), replace(RULE, starts=STARTS), PASSED, id="at from"),
        pytest.param("2026-01-05 15:30", option(), replace(RULE, ends=ENDS), PASSED, id="at to"),
        pytest.param(
            "2026-01-05 15:30:01", option(), replace(RULE, ends=ENDS), Reason.TOO_LATE_IN_SESSION, id="after to"
        ),
    ],
)
def test_openings_wait_for_their_session(
    playbook: Playbook, now: str, leg: Leg, rule: SessionRule, expected: Reason | GateStatus
):
    """S-325."""
    answer = session(question(playbook, new_york(now), leg, rule=rule))

    assert (verdict(answer), answer.span) == (expected, None if expected is PASSED else LINE)


def test_times_of_day_are_of_the_desk(playbook: Playbook):
    rule = replace(RULE, starts=time(14, 45), ends=time(20, 30))

    def at(now: str) -> Reason | GateStatus:
        return verdict(session(question(playbook, new_york(now), option(), rule=rule, zone="Europe/London")))

    assert at("2026-01-05 09:44:59") is Reason.TOO_EARLY_IN_SESSION
    assert at("2026-01-05 09:45:00") is PASSED
    # London's clocks change two weeks after New York's.
    assert at("2026-03-10 10:44:59") is Reason.TOO_EARLY_IN_SESSION
    assert at("2026-03-10 10:45:00") is PASSED


def test_what_is_closed_says_when_it_opens(playbook: Playbook):
    answer = session(question(playbook, new_york("2026-04-02 16:00"), option()))

    assert answer.detail == (
        "SPY has no regular hours at Thu 2026-04-02 16:00:00 New York; the next begin Mon 2026-04-06 09:30:00 New York"
    )


def test_all_legs_must_trade(playbook: Playbook):
    shares = Leg(BTO, "AAPL", Asset.STOCK, ratio=100)
    early = replace(RULE, hours=Hours.EXTENDED)

    asked = question(playbook, new_york("2026-01-05 08:00"), shares, option("AAPL"), rule=early)

    assert verdict(session(asked)) is Reason.MARKET_CLOSED


def test_the_closing_leg_of_a_roll_is_not_asked(playbook: Playbook):
    asked = question(playbook, new_york("2026-01-05 10:00"), option(expires="2026-01-02", action=STC), option())

    assert (verdict(session(asked)), verdict(expiry(asked))) == (PASSED, PASSED)


@pytest.mark.parametrize("legs", [pytest.param((), id="no leg"), pytest.param((option(None),), id="no symbol")])
def test_what_is_not_known_could_not_be_asked_for_its_hours(playbook: Playbook, legs: tuple[Leg, ...]):
    answer = session(question(playbook, new_york("2026-01-05 10:00"), *legs))

    assert (answer.status, answer.code) == (GateStatus.COULD_NOT_RUN, Reason.INCOMPLETE_CONTRACT)


@pytest.mark.parametrize(
    ("now", "leg", "days", "expected"),
    [
        pytest.param("2026-01-05 10:00", option(), ANY_EXPIRY, PASSED, id="no limit but today"),
        pytest.param("2026-01-05 10:00", option(), ExpiryRule(4, 4, LINE), PASSED, id="both ends are included"),
        pytest.param("2026-01-05 10:00", option(), ExpiryRule(5, None, LINE), Reason.EXPIRES_TOO_SOON, id="too soon"),
        pytest.param("2026-01-05 10:00", option(), ExpiryRule(0, 3, LINE), Reason.EXPIRES_TOO_LATE, id="too late"),
        pytest.param("2026-01-09 15:59:59", option(), ANY_EXPIRY, PASSED, id="0 days, a second before the close"),
        pytest.param("2026-01-09 16:00", option(), ANY_EXPIRY, Reason.EXPIRED, id="0 days, at the close"),
        pytest.param("2026-01-09 16:05", option("SPX"), ANY_EXPIRY, Reason.EXPIRED, id="an index option stops as well"),
        pytest.param("2026-01-08 16:05", option("SPX"), ANY_EXPIRY, PASSED, id="but only on its last day"),
        pytest.param(
            "2026-11-27 13:00", option(expires="2026-11-27"), ANY_EXPIRY, Reason.EXPIRED, id="the close of a half day"
        ),
        pytest.param("2026-01-12 10:00", option(), ANY_EXPIRY, Reason.EXPIRED, id="days ago"),
        pytest.param(
            "2026-01-05 10:00", option(expires="2026-01-10"), ANY_EXPIRY, Reason.NOT_A_SESSION, id="on a Saturday"
        ),
        pytest.param(
            "2026-01-09 16:05", option("/ES"), ANY_EXPIRY, PASSED, id="an option on a future goes on until its close"
        ),
        pytest.param(
            "2026-01-08 23:59", option(), ExpiryRule(1, None, LINE), PASSED, id="the day is that of New York: Thursday"
        ),
        pytest.param(
            "2026-01-09 00:00", option(), ExpiryRule(1, None, LINE), Reason.EXPIRES_TOO_SOON, id="Friday there"
        ),
        pytest.param(
            "2026-01-05 10:00", Leg(BTO, "AAPL", Asset.STOCK), ANY_EXPIRY, GateStatus.NOT_APPLICABLE, id="stock"
        ),
        pytest.param("2026-01-05 10:00", option(expires=None), ANY_EXPIRY, Reason.INCOMPLETE_CONTRACT, id="unsaid"),
    ],
)
def test_openings_expire_within_the_days_allowed(
    playbook: Playbook, now: str, leg: Leg, days: ExpiryRule, expected: Reason | GateStatus
):
    """S-325."""
    assert verdict(expiry(question(playbook, new_york(now), leg, days=days))) == expected


def test_every_leg_of_a_calendar_is_within_the_days(playbook: Playbook):
    near, far = option(expires="2026-01-09"), option(expires="2026-02-20")

    def judged(days: ExpiryRule) -> Reason | GateStatus:
        return verdict(expiry(question(playbook, new_york("2026-01-05 10:00"), near, far, days=days)))

    assert judged(ExpiryRule(5, 60, LINE)) is Reason.EXPIRES_TOO_SOON
    assert judged(ExpiryRule(0, 30, LINE)) is Reason.EXPIRES_TOO_LATE
    assert judged(ExpiryRule(0, 60, LINE)) is PASSED


def test_an_unknown_expiry_denies_unless_the_contract_is_assumed_away(playbook: Playbook):
    now = new_york("2026-01-05 10:00")
    unsaid = option(expires=None)

    assert expiry(question(playbook, now, unsaid)).status is GateStatus.COULD_NOT_RUN
    assert expiry(question(playbook, now, unsaid, assumed=("contract",))).status is GateStatus.NOT_APPLICABLE


@given(st.integers(1_420_070_400, 2_082_758_399), st.integers(0, 360), st.integers(0, 360))
def test_an_option_is_only_opened_within_nine_thirty_and_four_on_a_session(
    playbook: Playbook, second: int, minutes_after: int, minutes_before: int
):
    now = datetime.fromtimestamp(second, UTC)
    rule = replace(
        RULE, not_before_open=timedelta(minutes=minutes_after), stop_before_close=timedelta(minutes=minutes_before)
    )

    answer = session(question(playbook, now, option(), rule=rule))

    local = now.astimezone(NEW_YORK)
    seconds = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    if answer.status is PASSED:
        assert is_session(market_date(now))
        assert timedelta(hours=9, minutes=30) + rule.not_before_open <= seconds
        assert seconds < timedelta(hours=16) - rule.stop_before_close


@given(st.integers(1_420_070_400, 2_082_758_399), st.integers(-5, 400), st.integers(0, 30), st.integers(0, 365))
def test_what_passes_expires_within_the_days(playbook: Playbook, second: int, ahead: int, least: int, most: int):
    now = datetime.fromtimestamp(second, UTC)
    expires = market_date(now) + timedelta(days=ahead)

    answer = expiry(question(playbook, now, option(expires=expires.isoformat()), days=ExpiryRule(least, most, LINE)))

    is_within = least <= ahead <= most and is_session(expires)
    assert answer.status is not PASSED or is_within
    assert answer.status is PASSED or not is_within or ahead == 0
