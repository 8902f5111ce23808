"""The gates of the market's price."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.facts import Facts
from engine.decide.terms import Terms
from engine.model.activity import Activity, History
from engine.model.alert import Alert
from engine.model.decision import GateStatus, Reason
from engine.model.desk import HouseCollar
from engine.model.limits import AmountLimit, PriceCollar, Strategy, UndefinedRisk
from engine.model.market import ListedOption, Market, Quote
from engine.model.playbook import ContractDefault, Playbook, StrikeChoice
from tests.unit.decide.known import (
    AT,
    CLOSING,
    FRIDAY,
    HOUSE,
    HOUSE_LINE,
    LINE,
    OPENING,
    STO,
    answer,
    knowing,
    leg,
    outcome_of,
    outcomes_of,
)  # fmt: skip

SOLD = replace(OPENING, action=STO, legs=(leg(STO),))


def quoted(bid: str, ask: str) -> Facts:
    """The usual facts, with real quotes of the contract of OPENING."""
    quote = Quote(AT, Decimal(bid), Decimal(ask))
    right = OPENING.legs[0].right
    assert right is not None
    return knowing(
        market=Market("SPY", chain=(ListedOption(FRIDAY, Decimal(500), right, quote=quote),), margin=Decimal(500))
    )


def collared(playbook: Playbook, from_alert: str | None = None, from_mid: str | None = None) -> Playbook:
    shares = (None if share is None else Decimal(share) for share in (from_alert, from_mid))
    return limited(playbook, price_collar=PriceCollar(*shares, LINE))


def limited(playbook: Playbook, **risk: Any) -> Playbook:  # noqa: ANN401
    """The playbook with other risk limits; selling is allowed."""
    allow = replace(playbook.allow, kinds=frozenset(Strategy), undefined_risk=UndefinedRisk.ALLOWED)
    return replace(playbook, risk=replace(playbook.risk, **risk), allow=allow)


def housed(playbook: Playbook, **limits: Any) -> Terms:  # noqa: ANN401
    return Terms(playbook, (), replace(HOUSE, **limits))


@pytest.mark.parametrize(
    ("alert", "bid", "ask", "reason"),
    [
        pytest.param(OPENING, "1.20", "1.37", Reason.APPROVED, id="the ask is a little above the alert"),
        pytest.param(OPENING, "1.20", "1.38", Reason.BEYOND_COLLAR, id="the market has run away"),
        pytest.param(OPENING, "0.20", "0.30", Reason.APPROVED, id="cheaper is not further away"),
        pytest.param(SOLD, "1.13", "1.30", Reason.APPROVED, id="sold a little below the alert"),
        pytest.param(SOLD, "1.12", "1.30", Reason.BEYOND_COLLAR, id="sold too far below"),
        pytest.param(
            replace(OPENING, price_high=Decimal("1.50")),
            "1.50",
            "1.65",
            Reason.APPROVED,
            id="from the dear end of a range",
        ),
        pytest.param(
            replace(OPENING, price=None), "1.20", "9.00", Reason.APPROVED, id="at market there is nothing to compare"
        ),
    ],
)
def test_the_price_stays_near_the_alerts(playbook: Playbook, alert: Alert, bid: str, ask: str, reason: Reason):
    assert outcome_of(collared(playbook, from_alert="0.10"), alert, facts=quoted(bid, ask)).reason is reason


@pytest.mark.parametrize(
    ("alert", "bid", "ask", "reason"),
    [
        pytest.param(OPENING, "1.00", "1.20", Reason.APPROVED, id="above the mid by less than 15 %"),
        pytest.param(OPENING, "0.90", "1.20", Reason.BEYOND_COLLAR, id="too far above"),
        pytest.param(OPENING, "1.50", "1.70", Reason.BEYOND_COLLAR, id="too far below, either way counts"),
        pytest.param(replace(OPENING, price=None), "1.00", "1.30", Reason.APPROVED, id="at market: the ask"),
        pytest.param(replace(OPENING, price=None), "0.80", "1.30", Reason.BEYOND_COLLAR, id="at market: the ask, far"),
    ],
)
def test_the_price_stays_near_the_mid(playbook: Playbook, alert: Alert, bid: str, ask: str, reason: Reason):
    assert outcome_of(collared(playbook, from_mid="0.15"), alert, facts=quoted(bid, ask)).reason is reason


@pytest.mark.parametrize(
    ("bid", "ask", "reason"),
    [
        pytest.param("0.90", "1.10", Reason.APPROVED, id="exactly as wide as it may be"),
        pytest.param("0.89", "1.10", Reason.SPREAD_TOO_WIDE, id="wider"),
    ],
)
def test_the_spread(playbook: Playbook, bid: str, ask: str, reason: Reason):
    narrow = AmountLimit(Decimal("0.20"), LINE)

    assert outcome_of(limited(playbook, max_spread=narrow), OPENING, facts=quoted(bid, ask)).reason is reason
    assert outcome_of(housed(playbook, max_spread=narrow.most), OPENING, facts=quoted(bid, ask)).reason is reason


@pytest.mark.parametrize(
    ("alert", "bid", "ask", "reason"),
    [
        pytest.param(OPENING, "0.80", "0.88", Reason.APPROVED, id="29.6 % better"),
        pytest.param(OPENING, "0.80", "0.875", Reason.TOO_GOOD, id="30 % better"),
        pytest.param(SOLD, "1.60", "1.70", Reason.APPROVED, id="sold 28 % better"),
        pytest.param(SOLD, "1.70", "1.80", Reason.TOO_GOOD, id="sold 36 % better"),
        pytest.param(replace(OPENING, price=None), "0.10", "0.20", Reason.APPROVED, id="at market nothing is too good"),
    ],
)
def test_too_good_to_be_true(playbook: Playbook, alert: Alert, bid: str, ask: str, reason: Reason):
    ladder = replace(playbook.open_ladder, too_good=Decimal("0.30"))

    assert outcome_of(replace(limited(playbook), open_ladder=ladder), alert, facts=quoted(bid, ask)).reason is reason


@pytest.mark.parametrize(
    ("collar", "bid", "ask", "reason"),
    [
        pytest.param(
            HouseCollar(Decimal("0.1"), None, None, HOUSE_LINE), "1.2", "1.4", Reason.BEYOND_COLLAR, id="alert"
        ),
        pytest.param(HouseCollar(None, Decimal("0.1"), None, HOUSE_LINE), "0.9", "1.1", Reason.BEYOND_COLLAR, id="mid"),
        pytest.param(
            HouseCollar(None, None, Decimal(100), HOUSE_LINE), "1.15", "1.25", Reason.APPROVED, id="$40 today"
        ),
        pytest.param(HouseCollar(None, None, Decimal(39), HOUSE_LINE), "1.15", "1.25", Reason.COLLAR_SPENT, id="over"),
    ],
)
def test_the_houses_collar(playbook: Playbook, collar: HouseCollar, bid: str, ask: str, reason: Reason):
    outcome = outcome_of(housed(playbook, price_collar=collar), OPENING, facts=quoted(bid, ask))

    assert (outcome.reason, outcome.span) == (reason, HOUSE_LINE if reason is not Reason.APPROVED else None)


def test_the_day_counts_for_what_is_paid_beyond_the_mid(playbook: Playbook):
    terms = housed(playbook, price_collar=HouseCollar(None, None, Decimal(100), HOUSE_LINE))
    facts = replace(quoted("1.15", "1.25"), alerts=())
    about = quoted("1.15", "1.25").alerts[0]
    spent = replace(about, history=History(house=Activity(over_mid=Decimal("60.01"))))

    assert outcome_of(terms, OPENING, facts=replace(facts, alerts=(spent,))).reason is Reason.COLLAR_SPENT
    assert outcome_of(terms, OPENING, facts=replace(facts, alerts=(replace(about, history=None),))).reason in (
        Reason.HISTORY_UNKNOWN,
    )


def test_alerts_before_it_in_the_same_message_count_for_the_day(playbook: Playbook):
    terms = housed(playbook, price_collar=HouseCollar(None, None, Decimal(60), HOUSE_LINE))
    other = replace(OPENING, legs=(leg(strike="505"),))
    right = OPENING.legs[0].right
    assert right is not None
    quote = Quote(AT, Decimal("1.15"), Decimal("1.25"))
    chain = tuple(ListedOption(FRIDAY, Decimal(strike), right, quote=quote) for strike in (500, 505))

    outcomes = outcomes_of(terms, (OPENING, other), facts=knowing(market=Market("SPY", chain=chain)))

    assert [outcome.reason for outcome in outcomes] == [Reason.APPROVED, Reason.COLLAR_SPENT]


def test_an_alert_for_nothing_is_refused_not_compared(playbook: Playbook):
    free = replace(OPENING, price=Decimal(0))

    assert outcome_of(playbook, free, facts=quoted("1.20", "1.30")).reason is Reason.IMPOSSIBLE_PRICE


LIMITS = [
    pytest.param({"price_collar": PriceCollar(Decimal(1), None, LINE)}, {}, "price_collar", id="collar"),
    pytest.param({"max_spread": AmountLimit(Decimal(1), LINE)}, {}, "spread", id="spread"),
    pytest.param({}, {"price_collar": HouseCollar(None, Decimal(1), None, HOUSE_LINE)}, "house", id="house collar"),
    pytest.param({}, {"max_spread": Decimal(1)}, "house", id="house spread"),
    pytest.param({}, {"price_collar": HouseCollar(None, None, Decimal(1), HOUSE_LINE)}, "house", id="per day"),
]


@pytest.mark.parametrize(("risk", "limits", "gate"), LIMITS)
def test_a_limit_without_a_quote_denies(playbook: Playbook, risk: dict[str, Any], limits: dict[str, Any], gate: str):
    terms = housed(limited(playbook, **risk), **limits)

    outcome = outcome_of(terms, OPENING, facts=knowing(assumed=()))

    assert (outcome.reason, answer(outcome, gate).status) == (Reason.QUOTE_UNKNOWN, GateStatus.COULD_NOT_RUN)
    assert outcome_of(terms, OPENING).reason is Reason.APPROVED  # with quotes assumed at the alert's price
    assert answer(outcome_of(terms, CLOSING, facts=knowing(assumed=())), gate).status is GateStatus.NOT_APPLICABLE


@pytest.mark.parametrize(("risk", "limits", "gate"), LIMITS[:-1])
def test_a_contract_assumed_away_has_no_price_to_judge(
    playbook: Playbook, risk: dict[str, Any], limits: dict[str, Any], gate: str
):
    chosen = ContractDefault(0, 7, StrikeChoice.ATM, Decimal(0), LINE)
    choosing = replace(limited(playbook, **risk), defaults=replace(playbook.defaults, contract=chosen))
    signal = replace(OPENING, legs=(leg(strike=None, expiry=None),), price=None)

    outcome = outcome_of(housed(choosing, **limits), signal, facts=knowing(assumed=("quotes", "contract")))

    assert (outcome.reason, answer(outcome, gate).status) == (Reason.APPROVED, GateStatus.NOT_APPLICABLE)
