"""The stricter of two versions: whatever either forbids is forbidden."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.decide.facts import AlertFacts, Facts
from engine.model.activity import Activity, History, SimilarOpening
from engine.model.alert import Alert
from engine.model.decision import Outcome, Reason, Verdict
from engine.model.errors import InvariantBroken
from engine.model.limits import (
    AlertQuantity,
    AmountLimit,
    Cooldown,
    CountLimit,
    Counts,
    DuplicateRule,
    ExpiryRule,
    Hours,
    PriceCollar,
    SessionRule,
    SizeBase,
    SizeBasis,
    Strategy,
    SymbolRule,
    UndefinedRisk,
)
from engine.model.listen import AuthorKind, Forwards
from engine.model.market import AccountState, ListedOption, Market, Quote
from engine.model.message import Author, Message
from engine.model.playbook import Playbook
from engine.model.stages import Approval, OnTimeout, OnUnavailable, SandboxEach, SandboxPass
from engine.plan.stricter import NOBODY, stricter
from tests.unit.decide.known import AT, CLOSING, FACTS, FRIDAY, LINE, MESSAGE, OPENING, leg, outcome_of
from tests.unit.plan.staged import staged


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


shares = st.sampled_from([Decimal(text) for text in ("0.001", "0.005", "0.01", "0.02", "0.05")])
dollars = st.sampled_from([Decimal(number) for number in (100, 130, 500, 1_000, 5_000)])
numbers = st.integers(0, 4)
spans = st.sampled_from([timedelta(0), timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=3)])
counts = st.builds(Counts, maybe(numbers), maybe(numbers), maybe(dollars), st.just(LINE))
symbols = st.frozensets(st.sampled_from(["SPY", "QQQ", "SPX", "SPXW"]), max_size=2)
clocks = st.sampled_from([time(9, 45), time(10, 0), time(10, 30), time(15, 0)])
tags = st.sampled_from(
    [(), (("lotto", Decimal("0.25")),), (("lotto", Decimal(2)), ("half", Decimal("0.5"))), (("half", Decimal(2)),)]
)
pairs = st.dictionaries(st.sampled_from(["SPY", "SPX", "SPXW"]), shares, min_size=1, max_size=2).map(
    lambda chosen: tuple(chosen.items())
)
RISK: dict[str, st.SearchStrategy[object]] = {
    "symbols": st.builds(SymbolRule, maybe(symbols.map(lambda some: some | {"SPX"})), symbols, st.just(LINE)),
    "session": st.builds(
        SessionRule, st.sampled_from(Hours), maybe(clocks), maybe(clocks), spans, spans, st.just(LINE)
    ),
    "expiry": st.builds(ExpiryRule, st.integers(3, 5), maybe(st.integers(3, 9)), st.just(LINE)),
    "max_open_positions": st.builds(CountLimit, numbers, st.just(LINE)),
    "max_orders_per_day": st.builds(CountLimit, numbers, st.just(LINE)),
    "max_daily_loss": st.builds(AmountLimit, dollars, st.just(LINE)),
    "per_symbol": counts,
    "per_author": counts,
    "price_collar": st.builds(PriceCollar, maybe(shares), maybe(shares), st.just(LINE)),
    "max_spread": st.builds(AmountLimit, shares, st.just(LINE)),
    "duplicates": st.builds(DuplicateRule, spans, st.just(LINE)),
    "cooldown": st.builds(Cooldown, st.integers(1, 3), spans, st.just(LINE)),
}
SIZE: dict[str, st.SearchStrategy[object]] = {
    "percent": maybe(shares),
    "of": st.sampled_from([SizeBase.NET_LIQ, SizeBase.BUYING_POWER, Decimal(100_000), Decimal(20_000)]),
    "basis": st.just(SizeBasis.BUYING_POWER),
    "tags": tags,
    "by_symbol": pairs,
    "alert_quantity": st.sampled_from(AlertQuantity),
    "most_contracts": st.integers(1, 9),
    "most_cost": dollars,
}
AUTHOR: dict[str, st.SearchStrategy[object]] = {
    "may_open": st.just(False),
    "may_close": st.just(False),
    "kind": st.sampled_from(AuthorKind),
    "allocation": shares,
}
LISTEN: dict[str, st.SearchStrategy[object]] = {
    "forwards": st.sampled_from(Forwards),
    "good_for": st.just(timedelta(minutes=1)),
    "channels": st.just(()),
    "authors": st.just(()),
    "max_age": st.just(timedelta(seconds=1)),
}
OTHER: dict[str, st.SearchStrategy[object]] = {
    "enabled": st.just(False),
    "kinds": st.just(frozenset({Strategy.STOCK})),
    "too_good": st.just(Decimal("0.3")),
}
CHANGES = [
    *(("size", name) for name in SIZE for _ in range(2)),
    *(("risk", name) for name in RISK),
    *(("author", name) for name in AUTHOR),
    *(("author", "allocation") for _ in range(3)),
    *(("listen", name) for name in LISTEN),
    *(("other", name) for name in OTHER),
]
TABLES = {"size": SIZE, "risk": RISK, "author": AUTHOR, "listen": LISTEN, "other": OTHER}


@st.composite
def versions(draw: st.DrawFn, base: Playbook, about: tuple[str, str] | None = None) -> Playbook:
    """A version that differs from the usual one in a few things; about: in this one, or not at all."""
    wanted = (
        st.lists(st.sampled_from(CHANGES), max_size=4) if about is None else st.sampled_from([[], [about], [about]])
    )
    changes = [(section, name, draw(TABLES[section][name])) for section, name in draw(wanted)]
    return changed(base, *changes)


def changed(base: Playbook, *changes: tuple[str, str, object]) -> Playbook:
    """The usual version with other values."""
    # Something always bounds the size: without any bound an opening is refused as not understood, not as too large.
    size = replace(base.size, most_contracts=50)
    version = replace(base, size=size, listen=replace(base.listen, forwards=Forwards.READ))
    own: dict[str, object] = {}
    for section, name, value in changes:
        if section == "author":
            own[name] = value
        else:
            version = _changed(version, section, name, value)
    # As files are compiled: who has no share of his own has the playbook's.
    alice = replace(base.listen.authors[0], **{"allocation": version.size.percent, **own})  # type: ignore[arg-type]
    authors = tuple(
        alice if rule.id == alice.id else replace(rule, allocation=version.size.percent)
        for rule in version.listen.authors
    )
    return replace(version, listen=replace(version.listen, authors=authors))


def _changed(version: Playbook, section: str, name: str, value: object) -> Playbook:
    match section, name:
        case "listen", "max_age":
            value = replace(version.listen.max_age, open=value)  # type: ignore[arg-type]
        case "other", "enabled":
            return replace(version, enabled=False)
        case "other", "kinds":
            return replace(version, allow=replace(version.allow, kinds=value))  # type: ignore[arg-type]
        case "other", "too_good":
            return replace(version, open_ladder=replace(version.open_ladder, too_good=value))  # type: ignore[arg-type]
    return replace(version, **{section: replace(getattr(version, section), **{name: value})})


@st.composite
def cases(draw: st.DrawFn) -> tuple[Alert, Message, Facts]:
    """An opening with the facts about it."""
    alert = replace(
        OPENING,
        symbol=draw(st.sampled_from(["SPY", "SPY", "SPXW", "SPX", "QQQ"])),
        quantity=draw(maybe(st.integers(1, 6))),
        size_tags=draw(st.sampled_from([(), (), ("lotto",), ("half", "lotto")])),
    )
    alert = replace(alert, legs=(replace(leg(expiry=FRIDAY), symbol=alert.symbol),))
    activity = st.builds(Activity, numbers, numbers, st.sampled_from([Decimal(0), Decimal(-200), Decimal(-2_000)]))
    similar = SimilarOpening(AT - timedelta(minutes=20), "momentum", "301", "899", "", _contract(alert))
    history = History(
        draw(activity),
        draw(activity),
        draw(activity),
        losses_in_a_row=draw(numbers),
        last_loss_at=draw(maybe(st.just(AT - timedelta(minutes=10)))),
        similar=draw(st.sampled_from([(), (), (similar,)])),
    )
    now = AT + draw(st.sampled_from([timedelta(seconds=2), timedelta(seconds=2), timedelta(seconds=20)]))
    ask = draw(st.sampled_from([Decimal("1.25"), Decimal("1.27"), Decimal("1.30")]))
    option = ListedOption(FRIDAY, Decimal(500), alert.legs[0].right, quote=Quote(now, Decimal("1.24"), ask))  # type: ignore[arg-type]
    market = Market(str(alert.symbol), Quote(now, Decimal(500), Decimal("500.1")), (option,))
    facts = replace(
        FACTS,
        now=now,
        account=AccountState("main", Decimal(50_000), draw(st.sampled_from([Decimal(20_000), Decimal(100_000)]))),
        alerts=(AlertFacts(market, history),),
        assumed=(),
    )
    forwarded = draw(st.sampled_from([False, False, False, True]))
    return alert, replace(MESSAGE, is_forward=forwarded), facts


def _contract(alert: Alert) -> str:
    from engine.decide.ids import contract_key

    return contract_key(alert.legs)


def units(outcome: Outcome) -> int:
    """How much may be opened."""
    return outcome.size.quantity if outcome.verdict is Verdict.APPROVED and outcome.size is not None else 0


@pytest.mark.parametrize("about", sorted(set(CHANGES)), ids=".".join)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_stricter_of_each_rule_holds(playbook: Playbook, about: tuple[str, str], data: st.DataObject):
    """S-866."""
    one, other = data.draw(versions(playbook, about)), data.draw(versions(playbook, about))
    alert, message, facts = data.draw(cases())

    allowed = units(outcome_of(stricter(one, other), alert, message, facts))

    assert allowed <= min(units(outcome_of(version, alert, message, facts)) for version in (one, other))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_either_version_forbids_is_forbidden(playbook: Playbook, data: st.DataObject):
    """S-866."""
    one, other = data.draw(versions(playbook)), data.draw(versions(playbook))
    alert, message, facts = data.draw(cases())

    allowed = units(outcome_of(stricter(one, other), alert, message, facts))

    assert allowed <= min(units(outcome_of(version, alert, message, facts)) for version in (one, other))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_version_is_as_strict_as_itself(playbook: Playbook, data: st.DataObject):
    one = data.draw(versions(playbook))
    alert, message, facts = data.draw(cases())

    assert units(outcome_of(stricter(one, one), alert, message, facts)) == units(outcome_of(one, alert, message, facts))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_limit_on_openings_stands_against_a_close(playbook: Playbook, data: st.DataObject):
    """S-866: a close is refused only where one of the versions does not hear its author or channel."""
    one, other = data.draw(versions(playbook)), data.draw(versions(playbook))
    _, message, facts = data.draw(cases())
    close = [outcome_of(version, CLOSING, message, facts) for version in (one, other)]
    assume(all(outcome.verdict is Verdict.APPROVED for outcome in close))

    assert outcome_of(stricter(one, other), CLOSING, message, facts).verdict is Verdict.APPROVED


def test_without_a_file_nothing_opens_and_everything_closes(playbook: Playbook):
    """S-866."""
    gone = stricter(playbook, None)

    assert outcome_of(gone, OPENING).reason is Reason.DISABLED
    assert outcome_of(gone, CLOSING).verdict is Verdict.APPROVED


@pytest.mark.parametrize(
    ("change", "quantity"),
    [
        pytest.param(lambda size: replace(size, percent=Decimal("0.005")), 4, id="half the size"),
        pytest.param(lambda size: replace(size, percent=Decimal("0.05")), 8, id="five times the size"),
        pytest.param(lambda size: replace(size, most_contracts=3), 3, id="at most three"),
        pytest.param(lambda size: replace(size, of=SizeBase.NET_LIQ), 0, id="of something else: not to be compared"),
        pytest.param(lambda size: replace(size, basis=SizeBasis.BUYING_POWER), 0, id="counted otherwise"),
    ],
)
def test_the_smaller_size_counts_at_once(playbook: Playbook, change: Callable, quantity: int):
    """S-866."""
    listen = replace(
        playbook.listen,
        authors=tuple(replace(rule, allocation=Decimal("0.01")) for rule in playbook.listen.authors),
    )
    base = replace(playbook, listen=listen)
    size = change(playbook.size)
    authors = tuple(replace(rule, allocation=size.percent) for rule in listen.authors)
    newest = replace(base, size=size, listen=replace(listen, authors=authors))

    assert units(outcome_of(stricter(base, newest), OPENING)) == quantity


def test_an_authors_own_share_counts_beside_a_symbols_also_when_it_equals_the_merged_percentage(playbook: Playbook):
    """The author's own 0.5 % bounds SPY in the promoted version; the newest version's percentage is 0.5 % as well."""
    symbol = ("size", "by_symbol", (("SPY", Decimal("0.05")),))
    promoted = changed(playbook, symbol, ("author", "allocation", Decimal("0.005")))
    newest = changed(playbook, symbol, ("size", "percent", Decimal("0.005")))

    assert [units(outcome_of(version, OPENING)) for version in (promoted, newest)] == [4, 40]
    assert units(outcome_of(stricter(promoted, newest), OPENING)) == 4


def test_a_tag_one_version_does_not_know_leaves_the_usual_size(playbook: Playbook):
    doubled = changed(playbook, ("size", "tags", (("lotto", Decimal(2)),)))
    lotto = replace(OPENING, size_tags=("lotto",))

    assert units(outcome_of(doubled, lotto)) == 16
    assert units(outcome_of(stricter(doubled, changed(playbook)), lotto)) == 8
    assert units(outcome_of(stricter(changed(playbook), doubled), lotto)) == 8


def test_another_author_of_the_newest_version_is_nobody_yet(playbook: Playbook):
    eve = replace(playbook.listen.authors[0], id="309", name="eve")
    newest = replace(playbook, listen=replace(playbook.listen, authors=(*playbook.listen.authors, eve)))

    outcome = outcome_of(stricter(playbook, newest), OPENING, replace(MESSAGE, author=Author("309", "eve")))

    assert outcome.reason is Reason.UNKNOWN_AUTHOR


def test_what_the_sandbox_and_approvals_ask_is_the_stricter_too(playbook: Playbook):
    one, other = staged(playbook), staged(playbook)
    approval = Approval(Decimal(500), ("carol",), timedelta(minutes=2), OnTimeout.ASK_AGAIN, LINE, LINE)
    stages = other.stages
    assert stages.sandbox is not None
    assert stages.production is not None
    other = replace(
        other,
        stages=replace(
            stages,
            sandbox=replace(stages.sandbox, passes_at=SandboxPass.FILLED, on_unavailable=OnUnavailable.DRY_RUN),
            production=replace(stages.production, approval=approval),
        ),
    )

    both = stricter(one, other).stages

    assert both.production is not None
    assert both.production.approval == approval
    assert both.sandbox is not None
    assert both.sandbox.passes_at is SandboxPass.FILLED
    assert both.sandbox.each is SandboxEach.OPENS
    # What is left to the desk may be stricter than what is said: nobody knows here.
    assert both.sandbox.on_unavailable is OnUnavailable.BLOCK


def test_two_lists_of_approvers_without_a_common_name_leave_nobody(playbook: Playbook):
    def asking(name: str) -> Playbook:
        base = staged(playbook)
        assert base.stages.production is not None
        approval = Approval(Decimal(0), (name,), timedelta(minutes=2), OnTimeout.REFUSE, LINE, LINE)
        return replace(base, stages=replace(base.stages, production=replace(base.stages.production, approval=approval)))

    both = stricter(asking("carol"), asking("erin")).stages.production

    assert both is not None
    assert both.approval is not None
    assert both.approval.by == (NOBODY,)


def test_a_newest_version_without_production_stops_openings(playbook: Playbook):
    newest = replace(staged(playbook), stages=replace(staged(playbook).stages, production=None))

    both = stricter(staged(playbook), newest)

    assert not both.enabled
    assert both.stages.production == staged(playbook).stages.production


def test_undefined_risk_is_refused_where_either_refuses_it(playbook: Playbook):
    loose = replace(playbook, allow=replace(playbook.allow, undefined_risk=UndefinedRisk.ALLOWED))

    assert stricter(loose, playbook).allow.undefined_risk is UndefinedRisk.NEVER
    assert stricter(loose, loose).allow.undefined_risk is UndefinedRisk.ALLOWED


def test_versions_of_other_playbooks_are_not_compared(playbook: Playbook):
    with pytest.raises(InvariantBroken):
        stricter(playbook, replace(playbook, name="other"))


def test_the_session_is_the_shorter(playbook: Playbook):
    def session(hours: Hours, starts: time | None, ends: time, minutes: tuple[int, int]) -> Playbook:
        after, before = (timedelta(minutes=number) for number in minutes)
        rule = SessionRule(hours, starts, ends, after, before, LINE)
        return replace(playbook, risk=replace(playbook.risk, session=rule))

    early = session(Hours.EXTENDED, time(9, 45), time(15, 0), (5, 1))
    late = session(Hours.REGULAR, time(10, 30), time(15, 30), (2, 10))
    both = SessionRule(Hours.REGULAR, time(10, 30), time(15, 0), timedelta(minutes=5), timedelta(minutes=10), LINE)

    assert stricter(early, late).risk.session == stricter(late, early).risk.session == both


def test_the_longer_window_and_pause_hold_whichever_version_they_are_of(playbook: Playbook):
    def limited(window: int, losses: int, pause: int) -> Playbook:
        cooldown = Cooldown(losses, timedelta(minutes=pause), LINE)
        duplicates = DuplicateRule(timedelta(minutes=window), LINE)
        return replace(playbook, risk=replace(playbook.risk, duplicates=duplicates, cooldown=cooldown))

    one, other = limited(5, 3, 60), limited(30, 2, 10)

    for both in (stricter(one, other).risk, stricter(other, one).risk):
        assert both.duplicates.window == timedelta(minutes=30)
        assert both.cooldown == Cooldown(2, timedelta(minutes=60), LINE)


def test_who_may_not_close_in_one_version_does_not_close(playbook: Playbook):
    silent = changed(playbook, ("author", "may_close", False))

    for both in (stricter(playbook, silent), stricter(silent, playbook)):
        assert outcome_of(both, CLOSING).reason is Reason.MAY_NOT_CLOSE
