"""
What guards openings never traps a position.

Every limit there is stands at its tightest, every fact is missing or bad in turn, and a close that nothing
else is wrong with still passes.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.decide import decide
from engine.decide.facts import AlertFacts, Facts
from engine.decide.gates import GATES
from engine.decide.question import Answer, AppliesTo, Gate, Question, failed
from engine.decide.terms import Terms
from engine.model.activity import Activity, History, SimilarOpening
from engine.model.alert import Action, Alert, Asset, Reading
from engine.model.decision import GateStatus, Reason, Verdict
from engine.model.desk import HouseCollar, Repeats
from engine.model.ladder import AlertStop, PricePoint, StopRule, Trigger
from engine.model.limits import (
    Allow,
    AmountLimit,
    Cooldown,
    CountLimit,
    Counts,
    DuplicateRule,
    ExpiryRule,
    PriceCollar,
    SymbolRule,
    UndefinedRisk,
)  # fmt: skip
from engine.model.market import AccountState, ListedOption, Market, Quote
from engine.model.playbook import Playbook
from engine.model.rule import RefuseRule
from tests.unit.decide.known import (
    AT,
    CLOSING,
    FRIDAY,
    HELD,
    HOUSE,
    HOUSE_LINE,
    LINE,
    MESSAGE,
    NOW,
    OPENING,
    STC,
    leg,
)  # fmt: skip

NOTHING = Decimal(0)
NONE_LEFT = Counts(0, 0, NOTHING, LINE)
LOST = Activity(open_positions=99, openings=99, profit=Decimal(-99_999), over_mid=Decimal(99_999))
DULL = Activity(open_positions=None, profit=None)
SAME = SimilarOpening(NOW, "momentum", "301", "899", "", "1 buy SPY option 2026-01-09 500 call")
WORST = History(LOST, LOST, LOST, LOST, LOST, LOST, 99, NOW, (SAME,) * 9)


@pytest.fixture(scope="session")
def tightest(playbook: Playbook) -> Terms:
    """A playbook and a desk all of whose limits refuse every opening."""
    risk = replace(
        playbook.risk,
        symbols=SymbolRule(frozenset({"QQQ"}), frozenset({"SPY"}), LINE),
        session=replace(playbook.risk.session, not_before_open=timedelta(hours=9)),
        expiry=ExpiryRule(300, 300, LINE),
        max_open_positions=CountLimit(0, LINE),
        max_orders_per_day=CountLimit(0, LINE),
        max_daily_loss=AmountLimit(NOTHING, LINE),
        per_symbol=NONE_LEFT,
        per_author=NONE_LEFT,
        price_collar=PriceCollar(NOTHING, NOTHING, LINE),
        max_spread=AmountLimit(NOTHING, LINE),
        duplicates=DuplicateRule(timedelta(days=9), LINE),
        cooldown=Cooldown(1, timedelta(days=9), LINE),
    )
    house = replace(
        HOUSE,
        max_order_value=NOTHING,
        max_contracts=0,
        max_shares=0,
        max_size=NOTHING,
        max_open_positions=0,
        max_orders_per_day=0,
        max_daily_loss=NOTHING,
        per_symbol=NONE_LEFT,
        per_author=NONE_LEFT,
        price_collar=HouseCollar(NOTHING, NOTHING, NOTHING, HOUSE_LINE),
        max_spread=NOTHING,
        duplicate_window=timedelta(days=9),
        repeats=Repeats(1, timedelta(days=9), LINE),
    )
    stop = StopRule((AlertStop(LINE),), True, Trigger(PricePoint.BID, timedelta(0)), LINE)
    refuses_all = replace(
        playbook,
        enabled=False,
        risk=risk,
        allow=Allow(frozenset(), UndefinedRisk.NEVER, LINE),
        size=replace(playbook.size, percent=NOTHING, most_contracts=0, most_cost=NOTHING),
        exits=replace(playbook.exits, stop=stop),
        open_ladder=replace(playbook.open_ladder, too_good=NOTHING),
        listen=replace(playbook.listen, authors=(replace(playbook.listen.authors[0], may_open=False),)),
    )
    return Terms(refuses_all, (RefuseRule("never", "yes", LINE, lambda values: True),), house)


quotes = st.builds(Quote, st.just(AT), *[st.none() | st.sampled_from([NOTHING, Decimal(1), Decimal(9999)])] * 3)
options = st.builds(
    ListedOption,
    st.just(FRIDAY),
    st.just(Decimal(500)),
    st.just(OPENING.legs[0].right),  # type: ignore[arg-type]
    quote=st.none() | quotes,
)
markets = st.builds(
    Market,
    st.just("SPY"),
    st.none() | quotes,
    st.none() | st.lists(options, max_size=2).map(tuple),
    st.none() | st.sampled_from([NOTHING, Decimal(-1)]),
)
accounts = st.builds(AccountState, st.just("main"), *[st.none() | st.sampled_from([NOTHING, Decimal(-5)])] * 2)
histories = st.sampled_from([WORST, History(), History(DULL, DULL, DULL, DULL, DULL, DULL)])
bad_facts = st.builds(
    Facts,
    now=st.sampled_from([NOW, NOW + timedelta(minutes=9), NOW - timedelta(hours=9)]),
    content_hash=st.just("abc"),
    positions=st.none() | st.just((HELD,)) | st.just((replace(HELD, quantity=3),)),
    account=st.none() | accounts,
    restrictions=st.none() | st.just(()),
    alerts=st.just(()) | st.builds(AlertFacts, st.none() | markets, st.none() | histories).map(lambda one: (one,)),
    assumed=st.lists(st.sampled_from(["quotes", "contract"]), unique=True).map(tuple),
)
closes = st.sampled_from(
    [
        CLOSING,
        replace(CLOSING, price=Decimal("0.01")),
        replace(CLOSING, fraction=Decimal("0.5")),
        replace(CLOSING, quantity=99),
        replace(CLOSING, is_market=True),
        replace(CLOSING, action=Action.UPDATE, legs=(leg(Action.UPDATE),)),
    ]
)


@given(bad_facts, closes)
def test_a_close_that_is_otherwise_fine_is_never_refused(tightest: Terms, facts: Facts, close: Alert):
    """S-306, S-319."""
    (outcome,) = decide(tightest, MESSAGE, Reading((close,)), facts).outcomes

    answers = {result.gate: result for result in outcome.gates}
    assert outcome.verdict is Verdict.APPROVED, outcome.detail
    for gate in GATES:
        if gate.applies_to is AppliesTo.OPENS:
            assert answers[gate.name].status is GateStatus.NOT_APPLICABLE


@given(bad_facts)
def test_the_same_terms_refuse_every_opening(tightest: Terms, facts: Facts):
    (outcome,) = decide(tightest, MESSAGE, Reading((OPENING,)), facts).outcomes

    assert outcome.verdict is Verdict.DENIED


def test_every_gate_for_openings_alone_refuses_the_opening_it_is_meant_for(tightest: Terms):
    """So that none of them passes the close above only because it passes everything."""
    market = Market("SPY", chain=(ListedOption(FRIDAY, Decimal(500), OPENING.legs[0].right, quote=_quote("1", "9")),))  # type: ignore[arg-type]
    facts = Facts(NOW, "abc", (HELD,), account=AccountState("main"), alerts=(AlertFacts(market, WORST),))

    (outcome,) = decide(tightest, MESSAGE, Reading((OPENING,)), facts).outcomes

    silent = {result.gate for result in outcome.gates if result.code is None}
    opens = {gate.name for gate in GATES if gate.applies_to is AppliesTo.OPENS}
    assert silent & opens == {"contract", "too_good"}  # an incomplete contract and a bargain are told elsewhere


def _quote(bid: str, ask: str) -> Quote:
    return Quote(AT, Decimal(bid), Decimal(ask))


@given(
    st.sampled_from(Reason),
    st.sampled_from([AppliesTo.OPENS, AppliesTo.CLOSES, AppliesTo.BOTH]),
    st.booleans(),
    st.booleans(),
)
def test_only_what_it_applies_to_is_asked(code: Reason, applies_to: AppliesTo, opens: bool, closes: bool):
    def refuse(question: Question) -> Answer:
        return failed(code, "never")

    gate = Gate("never", applies_to, refuse)

    asked = gate.applies(opens=opens, closes=closes)

    assert asked == {AppliesTo.OPENS: opens, AppliesTo.CLOSES: closes, AppliesTo.BOTH: True}[applies_to]
    assert gate.spared.status is GateStatus.NOT_APPLICABLE


HOLIDAY = datetime.combine(date(2026, 1, 1), NOW.timetz())


@pytest.mark.parametrize("now", [HOLIDAY, NOW.replace(hour=3), NOW + timedelta(days=5)])
def test_a_close_passes_when_the_market_is_closed(tightest: Terms, now: datetime):
    message = replace(MESSAGE, at=now)
    held = replace(HELD, legs=(replace(HELD.legs[0], asset=Asset.STOCK, strike=None, right=None, expiry=None),))
    close = Alert(STC, "SPY", Asset.STOCK)

    (outcome,) = decide(tightest, message, Reading((close,)), Facts(now, "abc", (held,))).outcomes

    assert outcome.verdict is Verdict.APPROVED
