"""From an approved outcome to an intent."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.decide.decide import explain
from engine.decide.facts import Facts
from engine.decide.record import Record
from engine.decide.terms import Terms
from engine.model.alert import Alert, Asset, Leg, Reading
from engine.model.contract import Contract
from engine.model.desk import AccountKind
from engine.model.intent import Intent
from engine.model.limits import Strategy
from engine.model.order import InstrumentKind, PriceEffect
from engine.model.playbook import Playbook
from engine.model.position import Position
from engine.model.stages import Stage
from engine.plan.flow import Dropped
from engine.plan.ticket import Listed, ticket
from tests.unit.decide.known import AT, BTC, BTO, CLOSING, FACTS, MESSAGE, NOW, OPENING, STC, STO, leg
from tests.unit.plan.orders_known import C500, C505, contract, quote
from tests.unit.plan.staged import staged

SOON = NOW + timedelta(seconds=1)
HELD = Position("momentum", "301", "1", (leg(BTO),), Decimal(1), AT, quantity=3, account="main", is_assumed=False)
OF = {leg(BTO): contract(), leg(STC): contract(), leg(STO, "505"): contract(C505, "505")}
OF |= {leg(BTC, "505"): OF[leg(STO, "505")], leg(BTO, "505"): OF[leg(STO, "505")]}
QUOTES = {C500: quote(), C505: quote(C505, "0.60", "0.70")}
REAL = Listed(OF, QUOTES, AccountKind.PRODUCTION)
TRIED = replace(REAL, kind=AccountKind.SANDBOX)


@pytest.fixture
def terms(playbook: Playbook) -> Terms:
    kinds = frozenset({Strategy.LONG_OPTION, Strategy.DEBIT_VERTICAL})
    return Terms(replace(staged(playbook), allow=replace(playbook.allow, kinds=kinds)))


def record_of(terms: Terms, *alerts: Alert, **changes: Any) -> Record:  # noqa: ANN401
    facts: Facts = replace(FACTS, **{"stage": Stage.PRODUCTION, "positions": (HELD,), "assumed": (), **changes})
    return Record(MESSAGE, facts, explain(terms, MESSAGE, Reading(alerts), facts))


def made(terms: Terms, record: Record, listed: Listed = REAL, index: int = 0) -> Intent | Dropped:
    return ticket(record, record.decision.outcomes[index], terms, listed, SOON)


def test_an_opening_becomes_an_intent(terms: Terms):
    record = record_of(terms, OPENING)

    intent = made(terms, record)

    assert isinstance(intent, Intent), intent
    outcome = record.decision.outcomes[0]
    assert outcome.size is not None
    assert (intent.id, intent.account, intent.stage) == (outcome.intent_key, "main", Stage.PRODUCTION)
    assert (intent.price, intent.effect, intent.alert_price) == (Decimal("1.25"), PriceEffect.DEBIT, Decimal("1.25"))
    assert [(each.symbol, each.action, each.quantity) for each in intent.legs] == [(C500, BTO, outcome.size.quantity)]
    assert (intent.units, intent.risk, intent.is_opening) == (outcome.size.quantity, outcome.size.cost, True)
    assert (intent.at, intent.good_until) == (NOW, NOW + terms.playbook.listen.good_for)


@pytest.mark.parametrize(
    ("stage", "kind", "account", "quantity"),
    [
        (Stage.SANDBOX, AccountKind.SANDBOX, "cert", None),
        (Stage.CANARY, AccountKind.PRODUCTION, "main", 1),
        (Stage.PRODUCTION, AccountKind.PRODUCTION, "main", None),
    ],
)
def test_the_stage_says_which_account_and_how_much(
    terms: Terms, stage: Stage, kind: AccountKind, account: str, quantity: int | None
):
    record = record_of(terms, OPENING, stage=stage)

    intent = made(terms, record, replace(REAL, kind=kind))

    assert isinstance(intent, Intent), intent
    assert (intent.account, intent.stage) == (account, stage)
    assert quantity is None or intent.units == quantity


def code(found: Intent | Dropped) -> str:
    assert isinstance(found, Dropped)
    return found.code


def test_what_is_not_sent_says_why(terms: Terms):
    sound = record_of(terms, OPENING)
    outcome = sound.decision.outcomes[0]
    assumed = replace(sound, decision=replace(sound.decision, assumed=("quotes",)))

    def with_outcome(**changes: Any) -> Intent | Dropped:  # noqa: ANN401
        return ticket(sound, replace(outcome, **changes), terms, REAL, SOON)

    assert code(made(terms, record_of(terms, replace(OPENING, problems=()), restrictions=None))) == "not_approved"
    assert code(made(terms, assumed)) == "assumed"
    assert code(made(terms, record_of(terms, OPENING, stage=Stage.OBSERVE))) == "observes"
    assert code(made(terms, sound, TRIED)) == "wrong_account"
    assert code(with_outcome(size=None)) == "no_size"
    assert code(made(terms, sound, replace(REAL, contracts={}))) == "not_listed"
    assert code(ticket(sound, outcome, terms, REAL, SOON + timedelta(hours=1))) == "too_late"
    silent = replace(REAL, quotes={})
    unpriced = replace(outcome, alert=replace(OPENING, price=None))
    assert code(ticket(sound, unpriced, terms, silent, SOON)) == "no_price"


def test_no_stage_at_all_sends_no_opening(terms: Terms):
    record = record_of(terms, OPENING, stage=None)

    assert code(made(terms, record)) == "observes"


@pytest.mark.parametrize("stage", [Stage.OBSERVE, Stage.SANDBOX, Stage.PRODUCTION])
def test_a_close_goes_where_the_position_is_whatever_the_stage_is_by_now(terms: Terms, stage: Stage):
    record = record_of(terms, CLOSING, stage=stage)

    intent = made(terms, record)

    assert isinstance(intent, Intent), intent
    assert (record.decision.account, intent.account, intent.stage) == ("main", "main", Stage.PRODUCTION)
    assert (intent.price, intent.effect, intent.risk) == (Decimal("1.20"), PriceEffect.CREDIT, 0)
    assert (intent.units, intent.is_opening) == (3, False)


def test_a_close_of_what_was_tried_stays_in_the_sandbox(terms: Terms):
    record = record_of(terms, CLOSING, positions=(replace(HELD, account="cert"),))

    intent = made(terms, record, TRIED)

    assert isinstance(intent, Intent), intent
    assert (intent.account, intent.stage) == ("cert", Stage.SANDBOX)


def test_a_close_is_never_too_late(terms: Terms):
    record = record_of(terms, CLOSING)

    late = ticket(record, record.decision.outcomes[0], terms, REAL, SOON + timedelta(days=1))

    assert isinstance(late, Intent)


SPREAD = replace(OPENING, legs=(leg(BTO), leg(STO, "505")), price=Decimal("0.80"))
SPREAD_HELD = replace(HELD, legs=SPREAD.legs, is_credit=False)


def test_a_spread_is_paid_for_and_its_close_is_paid_to_us(terms: Terms):
    closing = replace(SPREAD, action=STC, legs=(leg(STC), leg(BTC, "505")), price=None)

    opened = made(terms, record_of(terms, SPREAD))
    closed = made(terms, record_of(terms, closing, positions=(SPREAD_HELD,)))

    assert isinstance(opened, Intent), opened
    assert isinstance(closed, Intent), closed
    assert (opened.price, opened.effect, opened.units) == (Decimal("0.70"), PriceEffect.DEBIT, opened.legs[0].quantity)
    assert (closed.price, closed.effect) == (Decimal("0.50"), PriceEffect.CREDIT)


def test_two_and_two_are_two_units_of_one_and_one(terms: Terms):
    legs = tuple(replace(each, ratio=2) for each in SPREAD.legs)
    record = record_of(terms, SPREAD)
    outcome = replace(record.decision.outcomes[0], alert=replace(SPREAD, legs=legs, price=Decimal("1.60")))
    listed = Listed({each: OF[replace(each, ratio=1)] for each in legs}, {}, AccountKind.PRODUCTION)

    intent = ticket(record, outcome, terms, listed, SOON)

    assert isinstance(intent, Intent), intent
    assert outcome.size is not None
    assert (intent.price, intent.units) == (Decimal("0.80"), 2 * outcome.size.quantity)


def test_shares_and_futures_have_intents_too(terms: Terms):
    share = Leg(STC, "SPY", Asset.STOCK)
    listed = Contract("SPY", InstrumentKind.EQUITY, "SPY")
    held = replace(HELD, legs=(replace(share, action=BTO),))
    record = record_of(terms, Alert(STC, "SPY", Asset.STOCK, (share,)), positions=(held,))

    intent = made(terms, record, Listed({share: listed}, {"SPY": quote("SPY", "500", "500.1")}, AccountKind.PRODUCTION))

    assert isinstance(intent, Intent), intent
    assert (intent.legs[0].kind, intent.price) == (InstrumentKind.EQUITY, Decimal(500))
