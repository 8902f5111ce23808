"""The facts right before an order is sent, in the form decisions rest on."""

from engine.app.live_facts import relied_on
from engine.decide.gathering import Known
from engine.decide.record import Record
from engine.model.decision import Outcome
from engine.model.intent import Intent
from engine.model.market import AccountState, ListedOption, Market, Quote
from engine.model.order import InstrumentKind
from engine.plan.validation import SendFacts

_OPTIONS = (InstrumentKind.EQUITY_OPTION, InstrumentKind.FUTURE_OPTION)


def known_now(intent: Intent, record: Record, outcome: Outcome, facts: SendFacts) -> Known:
    """Return what is known of account, market and trading states when the order of an outcome is to be sent."""
    decided = record.facts.about(outcome.index).market
    market = _market(intent, decided, facts)
    funds = facts.funds
    account = None if funds is None else AccountState(intent.account, funds.net_liq, funds.derivative_buying_power)
    return Known(
        now=facts.now,
        content_hash=intent.content_hash,
        market=lambda _: market,
        account=account,
        restrictions=facts.restrictions,
        own_author_ids=record.facts.own_author_ids,
    )


def _market(intent: Intent, decided: Market | None, facts: SendFacts) -> Market:
    symbol = "" if decided is None else decided.symbol
    margin = None if decided is None else decided.margin  # asked for at the decision, seconds ago
    options = tuple(_options(intent, facts))
    if options:
        return Market(symbol, None if decided is None else decided.quote, options, margin)
    return Market(symbol, _quote(intent.legs[0].symbol, facts), None, margin)


def _options(intent: Intent, facts: SendFacts) -> list[ListedOption]:
    found = []
    for leg in intent.legs:
        contract = facts.contracts.get(leg.symbol)
        if contract is None or contract.kind not in _OPTIONS:
            continue
        if contract.expiry is not None and contract.strike is not None and contract.right is not None:
            quote = _quote(leg.symbol, facts)
            found.append(ListedOption(contract.expiry, contract.strike, contract.right, quote=quote))
    return found


def _quote(symbol: str, facts: SendFacts) -> Quote | None:
    found = facts.quotes.get(symbol)
    return None if found is None else relied_on(found)
