"""An approved outcome, what is listed and the market → the intent of one limit order, or why nothing is to be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from math import gcd
from typing import Final

from engine.decide.assumed import is_closed_by
from engine.decide.pricing import order_price
from engine.decide.record import Record
from engine.decide.strategies import chosen_strategy, receives, strategies_of
from engine.decide.terms import Terms
from engine.lifecycle.counting import units_of
from engine.model.alert import Alert, Leg
from engine.model.contract import Contract
from engine.model.decision import Outcome, Size, Verdict
from engine.model.desk import AccountKind
from engine.model.intent import Intent
from engine.model.live_quote import LiveQuote
from engine.model.order import OrderLeg, PriceEffect
from engine.model.stages import Stage
from engine.parse.exits import describe
from engine.plan.flow import Dropped
from engine.plan.limit_price import Priced, Prices, closing_price, opening_price, quote_of

_DEBIT, _CREDIT = PriceEffect.DEBIT, PriceEffect.CREDIT
_ZERO: Final = Decimal(0)
_OBSERVES: Final = "the playbook only observes here"


@dataclass(frozen=True, slots=True)
class Listed:
    """
    What a ticket is made of.

    contracts: by the legs of the outcome's alert. quotes: by the symbol orders write. kind: of the account that the
    outcome is for (`Decision.account_of`).
    """

    contracts: Mapping[Leg, Contract]
    quotes: Mapping[str, LiveQuote]
    kind: AccountKind


def ticket(record: Record, outcome: Outcome, terms: Terms, listed: Listed, now: datetime) -> Intent | Dropped:
    """
    Return what an approved outcome asks of its account, or why nothing is sent for it.

    terms: the version that decided; its stage is the record's (`facts.stage`). A close goes to the account of the
    position it closes, whatever the stage is by now. Id of the intent: the outcome's intent key. good_until: the
    playbook's `good_for` after the decision's time. Codes of what is dropped: not_approved, assumed, observes,
    wrong_account, no_size, not_listed, no_price, too_late.
    """
    terms, alert, size = terms.at(record.facts.stage), outcome.alert, outcome.size
    stage = _not_sent(record, outcome, listed) or _stage(record, outcome, terms, listed.kind)
    if isinstance(stage, Dropped) or alert is None or size is None:
        return stage if isinstance(stage, Dropped) else Dropped("no_size", "how much is meant is not known")
    draft = _draft(record, outcome, (alert, size, stage), listed.contracts)
    good_until = draft.at + terms.playbook.listen.good_for
    if draft.is_opening and now > good_until:
        return Dropped("too_late", f"it was good until {good_until:%H:%M:%S} UTC")
    priced = _priced(record, draft, alert, (terms, Prices(_by_symbol(listed), listed.quotes)))
    if priced is None:
        return Dropped("no_price", "neither the alert nor the market names a price")
    return replace(draft, price=priced.price, effect=priced.effect, good_until=good_until)


def _not_sent(record: Record, outcome: Outcome, listed: Listed) -> Dropped | None:
    if outcome.verdict is not Verdict.APPROVED or not outcome.intent_key:
        return Dropped("not_approved", f"it was {outcome.verdict.value}: {outcome.reason.value}")
    if record.decision.assumed:
        return Dropped("assumed", f"it rests on what was assumed: {', '.join(record.decision.assumed)}")
    if not record.decision.account_of(outcome):
        return Dropped("observes", _OBSERVES)
    legs = () if outcome.alert is None else outcome.alert.legs
    missing = next((leg for leg in legs if leg not in listed.contracts), None)
    if missing is not None:
        return Dropped("not_listed", f"which contract {describe((missing,))} is was not found out")
    return None


def _stage(record: Record, outcome: Outcome, terms: Terms, kind: AccountKind) -> Stage | Dropped:
    """Return the stage an order goes by; a close goes by that of its account."""
    is_opening = outcome.alert is not None and any(leg.action.opens for leg in outcome.alert.legs)
    if not is_opening:
        return Stage.PRODUCTION if kind is AccountKind.PRODUCTION else Stage.SANDBOX
    stage, account = terms.stage, record.decision.account_of(outcome)
    if stage in (None, Stage.OBSERVE):
        return Dropped("observes", _OBSERVES)
    if stage.is_real is not (kind is AccountKind.PRODUCTION) or account != terms.account:
        return Dropped("wrong_account", f"account {account} is no account for the stage {stage.value}")
    return stage


def _draft(
    record: Record, outcome: Outcome, asked: tuple[Alert, Size, Stage], contracts: Mapping[Leg, Contract]
) -> Intent:
    """Return the intent without its price."""
    decision, (alert, size, stage) = record.decision, asked
    legs = tuple(_leg(leg, contracts[leg], size.quantity) for leg in alert.legs)
    is_opening = any(leg.action.opens for leg in legs)
    return Intent(
        id=outcome.intent_key,
        intent_key=outcome.intent_key,
        decision_id=decision.decision_id,
        alert_index=outcome.index,
        playbook=decision.playbook,
        content_hash=decision.content_hash,
        stage=stage,
        message_id=decision.message_id,
        event=decision.event,
        channel_id=decision.channel_id,
        author_id=decision.author_id,
        account=decision.account_of(outcome),
        is_opening=is_opening,
        legs=legs,
        units=units_of(legs),
        price=None,
        effect=None,
        alert_price=_of_broker(alert.price, alert),
        risk=size.cost if is_opening else _ZERO,
        at=decision.now,
        good_until=decision.now,
        parent_channel_id=record.message.parent_channel_id,
    )


def _leg(leg: Leg, contract: Contract, units: int) -> OrderLeg:
    return OrderLeg(contract.symbol, contract.kind, leg.action, leg.ratio * units)


def _of_broker(price: Decimal | None, alert: Alert) -> Decimal | None:
    """Return the price of the broker's unit: two and two of a spread are two units of one and one."""
    return price if price is None or len(alert.legs) == 1 else price / gcd(*(leg.ratio for leg in alert.legs))


def _priced(record: Record, draft: Intent, alert: Alert, known: tuple[Terms, Prices]) -> Priced | None:
    prices = known[1]
    effect = _effect(record, draft, alert, known)
    if effect is None:
        return None
    if not draft.is_opening:
        return closing_price(draft.legs, draft.alert_price, effect, prices)
    worst = _of_broker(order_price(alert, None, receives=effect is _CREDIT), alert)
    return opening_price(draft.legs, worst, effect, prices)


def _effect(record: Record, draft: Intent, alert: Alert, known: tuple[Terms, Prices]) -> PriceEffect | None:
    """Return whether the price is paid or received; None for a roll of which neither the alert nor the market says."""
    terms, prices = known
    if len(draft.legs) == 1:
        return _DEBIT if draft.legs[0].action.buys else _CREDIT
    if not draft.is_opening:
        return _of_close(record, draft, alert)
    opening = tuple(leg for leg in alert.legs if leg.action.opens)
    if len(opening) == len(alert.legs):
        kind = chosen_strategy(strategies_of(opening), terms.playbook.allow.kinds)
        return None if kind is None else _CREDIT if receives(kind, alert) else _DEBIT
    if alert.is_credit is not None:
        return _CREDIT if alert.is_credit else _DEBIT
    quote = quote_of(draft.legs, prices, receives=False)
    return None if quote is None else _CREDIT if quote.mid < 0 else _DEBIT


def _of_close(record: Record, draft: Intent, alert: Alert) -> PriceEffect:
    held = (each for each in record.facts.positions or () if is_closed_by(alert.legs, each))
    position = next((each for each in held if each.account == draft.account), None)
    was_credit = position.is_credit if position is not None else alert.is_credit is False
    return _DEBIT if was_credit else _CREDIT


def _by_symbol(listed: Listed) -> dict[str, Contract]:
    return {contract.symbol: contract for contract in listed.contracts.values()}
