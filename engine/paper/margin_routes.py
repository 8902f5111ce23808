"""Requests about margin and the sizes an account may trade."""

from typing import Final

from engine.paper.answers import Rejected
from engine.paper.holding_views import requirements_json
from engine.paper.margin_views import Report, margin_dry_run_json, position_limit_json
from engine.paper.order_reading import read_order
from engine.paper.routing import Answer, Call, Route, refusal_of


def _requirements(call: Call) -> Answer:
    exchange = call.venue.exchange
    return Answer(requirements_json(exchange.trading_status(call.account), exchange.balance(call.account, call.now)))


def _dry_run(call: Call) -> Answer:
    account, exchange = call.account, call.venue.exchange
    placed = exchange.dry_run(account, read_order(call.body), call.now)
    if isinstance(placed, Rejected):
        raise refusal_of(placed)
    underlying = placed.order.underlying
    quote = exchange.quotes.quote(underlying, call.now)
    report = Report(
        underlying=underlying,
        tied=exchange.tied(account, underlying, call.now),
        price=None if quote is None else quote.mark,
        positions=tuple(each for each in exchange.positions(account, call.now) if each.underlying == underlying),
        at=call.now,
    )
    working = [
        order
        for order in exchange.live_orders(account, call.now)
        if order.underlying == underlying and not order.status.is_final
    ]
    return Answer(margin_dry_run_json(placed, report, working))


def _position_limit(call: Call) -> Answer:
    return Answer(position_limit_json(call.account))


_MARGIN: Final = "/margin/accounts/{account}"
MARGIN_ROUTES: Final = (
    Route("margin_requirements", "GET", f"{_MARGIN}/requirements", _requirements),
    Route("dry_run_margin", "POST", f"{_MARGIN}/dry-run", _dry_run),
    Route("position_limit", "GET", "/accounts/{account}/position-limit", _position_limit),
)
