"""Checks of what is traded: listed, alive, standard, open to openings, in its trading hours, its quote sound."""

from engine.model.alert import Asset
from engine.model.contract import Contract
from engine.model.live_quote import QuoteFlaw
from engine.model.order import InstrumentKind
from engine.parse.sessions import session_at
from engine.plan.checking import PASSED, Answer, Case, failed, not_applicable, not_run

_ASSETS = {
    InstrumentKind.EQUITY: Asset.STOCK,
    InstrumentKind.EQUITY_OPTION: Asset.OPTION,
    InstrumentKind.FUTURE: Asset.FUTURE,
    InstrumentKind.FUTURE_OPTION: Asset.OPTION,
}
_FUTURES = (InstrumentKind.FUTURE, InstrumentKind.FUTURE_OPTION)


def listed(case: Case) -> Answer:
    """Every leg is listed, active and not past its last trade."""
    for leg in case.order.legs:
        contract = case.facts.contracts.get(leg.symbol)
        if contract is None:
            return not_run("contract_unknown", f"whether {leg.symbol} is listed is not known")
        if contract.kind is not leg.kind:
            return failed("contract_differs", f"{leg.symbol} is no {leg.kind.value} but {contract.kind.value}")
        if contract.is_active is False:
            return failed("contract_inactive", f"{leg.symbol} is not active")
        if contract.last_trade_at is not None and case.facts.now >= contract.last_trade_at:
            return failed(
                "contract_expired", f"trading in {leg.symbol} ended {contract.last_trade_at:%Y-%m-%d %H:%M} UTC"
            )
    unknown = next((leg for leg in case.order.legs if case.facts.contracts[leg.symbol].is_active is None), None)
    if unknown is not None:
        return not_run("contract_state_unknown", f"whether {unknown.symbol} is active is not known")
    return PASSED


def standard(case: Case) -> Answer:
    """No option that was adjusted is opened."""
    adjusted = next((leg for leg, contract in case.opened() if not contract.is_standard), None)
    return PASSED if adjusted is None else failed("contract_adjusted", f"{adjusted.symbol} was adjusted")


def halted(case: Case) -> Answer:
    """Nothing that is halted is opened."""
    for leg, contract in case.opened():
        is_halted = _is_halted(case, contract)
        if is_halted:
            return failed("contract_halted", f"trading in {leg.symbol} is halted")
        # Of futures nothing says so; they are halted with their session, and the dry run refuses them.
        if is_halted is None and leg.kind not in _FUTURES:
            return not_run("halt_unknown", f"whether {leg.symbol} is halted is not known")
    return PASSED


def closing_only(case: Case) -> Answer:
    """Nothing is opened that the broker lets be closed only."""
    for leg, contract in case.opened():
        if contract.is_closing_only:
            return failed("contract_closing_only", f"{leg.symbol} may only be closed")
        if contract.is_closing_only is None:
            return not_run("contract_state_unknown", f"whether {leg.symbol} may be opened is not known")
    return PASSED


def session(case: Case) -> Answer:
    """What is opened trades now: an order outside of the hours would wait for the next ones."""
    for leg, contract in case.opened():
        asset = _ASSETS.get(leg.kind, Asset.STOCK)
        if session_at(asset, contract.underlying or leg.symbol, case.facts.now) is None:
            return failed(
                "market_closed", f"{leg.symbol} has no regular hours at {case.facts.now:%Y-%m-%d %H:%M:%S} UTC"
            )
    return PASSED


def quotes(case: Case) -> Answer:
    """The market of what is opened is known, and to be relied on."""
    facts = case.facts
    if not facts.has_quotes and not case.intent.stage.is_real:
        return not_applicable("there is no source of quotes, and the sandbox trades without one")
    for leg in case.order.legs:
        found = facts.quotes.get(leg.symbol)
        flaws = (QuoteFlaw.MISSING,) if found is None else found.flaws
        if flaws:
            lag = "" if found is None or found.lag is None else f", {found.lag.total_seconds():.1f} s late"
            return not_run(flaws[0].value, f"the quote of {leg.symbol} is of no use{lag}")
    return PASSED


def _is_halted(case: Case, contract: Contract) -> bool | None:
    quote = case.facts.quotes.get(contract.symbol)
    said = (contract.is_halted, None if quote is None else quote.is_halted)
    return True if True in said else None if said == (None, None) else False
