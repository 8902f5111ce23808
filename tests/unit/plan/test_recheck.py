"""The gates asked again right before the send."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.decide.book import Book, Fills
from engine.decide.decide import decide
from engine.decide.facts import Facts
from engine.decide.gates import GATES
from engine.decide.gathering import Known, gather, gather_again
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.alert import Alert, Reading
from engine.model.check import Check, CheckStatus
from engine.model.limits import AmountLimit, CountLimit
from engine.model.market import AccountState, ListedOption, Market, Quote
from engine.model.message import Message
from engine.model.playbook import Playbook
from engine.model.stages import Stage
from engine.plan.recheck import CHANGING, recheck
from tests.unit.decide.known import AT, BTO, CLOSING, FRIDAY, LINE, MESSAGE, NOW, OPENING, leg
from tests.unit.plan.staged import staged

LATER = NOW + timedelta(seconds=20)
FUNDS = AccountState("main", Decimal(100_000), Decimal(100_000))


def market(bid: str = "1.20", ask: str = "1.30") -> Market:
    quote = Quote(NOW, Decimal(bid), Decimal(ask))
    right = leg(BTO).right
    assert right is not None
    return Market("SPY", chain=tuple(ListedOption(FRIDAY, Decimal(each), right, quote=quote) for each in (500, 505)))


class World:
    """A book, a playbook, and what is known besides."""

    def __init__(self, playbook: Playbook) -> None:
        self.terms = Terms(staged(playbook)).at(Stage.PRODUCTION)
        self.book = Book(Fills.BOOKED)
        self.restrictions: tuple[Restriction, ...] | None = ()
        self.market: Market | None = market()
        self.number = 0

    def known(self, **changes: object) -> Known:
        return replace(Known(NOW, "abc", lambda alert: self.market, FUNDS, self.restrictions), **changes)  # type: ignore[arg-type]

    def decide(self, alert: Alert = OPENING) -> Record:
        self.number += 1
        message: Message = replace(MESSAGE, id=str(self.number), at=AT)
        reading = Reading((alert,))
        facts = gather(self.book, self.terms, message, reading, self.known())
        record = Record(message, facts, decide(self.terms, message, reading, facts))
        self.book.record(record, self.terms)
        return record

    def facts_now(self, record: Record) -> Facts:
        known = self.known(now=LATER)
        return gather_again(self.book, self.terms, record, record.decision.outcomes[0], known)

    def recheck(self, record: Record) -> dict[str, Check]:
        found = recheck(self.terms, record, record.decision.outcomes[0], self.facts_now(record))
        return {each.name: each for each in found}

    def blocked(self, record: Record) -> list[tuple[str, str]]:
        return [(name, each.code) for name, each in self.recheck(record).items() if each.blocks]


@pytest.fixture
def world(playbook: Playbook) -> World:
    return World(playbook)


def limited(world: World, **risk: object) -> World:
    playbook = world.terms.playbook
    risk_now = replace(playbook.risk, **risk)  # type: ignore[arg-type]
    world.terms = replace(world.terms, playbook=replace(playbook, risk=risk_now))
    return world


def test_nothing_stands_against_what_is_as_it_was(world: World):
    record = world.decide()

    assert world.blocked(record) == []
    assert list(world.recheck(record)) == [f"recheck_{gate.name}" for gate in GATES if gate.name in CHANGING]
    assert len(world.recheck(record)) == len(CHANGING)


def test_an_opening_that_reached_its_limit_does_not_refuse_itself(world: World):
    limited(world, max_open_positions=CountLimit(1, LINE), max_orders_per_day=CountLimit(1, LINE))
    first = world.decide()
    second = world.decide(replace(OPENING, legs=(leg(BTO, "505"),)))

    assert world.blocked(first) == []
    assert second.decision.outcomes[0].reason.value == "too_many_positions"


def test_a_limit_that_was_tightened_since_refuses(world: World):
    first, second = world.decide(), world.decide(replace(OPENING, legs=(leg(BTO, "505"),)))
    limited(world, max_open_positions=CountLimit(1, LINE))

    assert world.blocked(first) == world.blocked(second) == [("recheck_counts", "too_many_positions")]


def test_a_loss_made_since_refuses(world: World):
    limited(world, max_daily_loss=AmountLimit(Decimal(50), LINE))
    held = world.decide()
    world.book.filled(held.decision.outcomes[0].intent_key, 2, Decimal("1.25"), NOW)
    world.book.released(held.decision.outcomes[0].intent_key)
    waiting = world.decide(replace(OPENING, legs=(leg(BTO, "505"),)))
    close = world.decide(CLOSING)
    world.book.filled(close.decision.outcomes[0].intent_key, 2, Decimal("-0.25"), NOW)

    assert world.blocked(waiting) == [("recheck_losses", "daily_loss")]


def test_a_market_that_moved_away_refuses(world: World):
    limited(world, max_spread=AmountLimit(Decimal("0.20"), LINE))
    record = world.decide()
    world.market = market("0.50", "1.30")

    assert world.blocked(record) == [("recheck_spread", "spread_too_wide")]
    world.market = None
    assert world.blocked(record) == [("recheck_spread", "quote_unknown")]
    assert world.recheck(record)["recheck_spread"].status is CheckStatus.NOT_RUN


def test_a_playbook_switched_off_since_refuses_openings(world: World):
    record = world.decide()
    world.terms = replace(world.terms, playbook=replace(world.terms.playbook, enabled=False))

    assert world.blocked(record) == [("recheck_enabled", "disabled")]


@pytest.mark.parametrize(
    ("state", "code"), [(TradingState.REDUCING, "trading_reduced"), (TradingState.HALTED, "trading_halted")]
)
def test_a_trading_state_set_since_refuses(world: World, state: TradingState, code: str):
    record = world.decide()
    world.restrictions = (Restriction(state, Scope.ACCOUNT, "main", "dave", "a look"),)

    assert world.blocked(record) == [("recheck_trading_state", code)]


def test_a_close_is_stopped_by_a_halt_alone(world: World):
    limited(world, max_open_positions=CountLimit(1, LINE), max_spread=AmountLimit(Decimal("0.01"), LINE))
    world.market = market("1.25", "1.25")
    held = world.decide()
    world.book.filled(held.decision.outcomes[0].intent_key, 2, Decimal("1.25"), NOW)
    close = world.decide(CLOSING)
    world.market, world.restrictions = None, None

    assert world.blocked(close) == []
    world.restrictions = (Restriction(TradingState.HALTED, Scope.ALL, "", "dave", "a look"),)
    assert world.blocked(close) == [("recheck_trading_state", "trading_halted")]
