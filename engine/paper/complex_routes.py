"""Requests about complex orders."""

from typing import Final

from engine.paper.answers import PlacedComplex, Rejected
from engine.paper.hours import trading_day
from engine.paper.order_reading import read_complex
from engine.paper.order_views import complex_json, placed_complex_json
from engine.paper.orders import ComplexOrder
from engine.paper.paging import page
from engine.paper.routing import CREATED, Answer, Call, Route, not_found, refusal_of
from engine.paper.wire import items

_PER_PAGE: Final = 10


def _place(call: Call) -> Answer:
    account, request = call.trading_account, read_complex(call.body)
    return _placed(call.venue.exchange.place_complex(account, request, call.now))


def _dry_run(call: Call) -> Answer:
    return _placed(call.venue.exchange.dry_run_complex(call.trading_account, read_complex(call.body), call.now))


def _placed(placed: PlacedComplex | Rejected) -> Answer:
    if isinstance(placed, Rejected):
        raise refusal_of(placed)
    return Answer(placed_complex_json(placed), CREATED)


def _get(call: Call) -> Answer:
    order = call.venue.exchange.complex_order(call.account, call.number, call.now)
    if order is None:
        raise not_found(f"complex order {call.number}")
    return Answer(complex_json(order))


def _cancel(call: Call) -> Answer:
    order = call.venue.exchange.cancel_complex(call.trading_account, call.number, call.now)
    if isinstance(order, Rejected):
        raise refusal_of(order)
    return Answer(complex_json(order))


def _live(call: Call) -> Answer:
    orders = call.venue.exchange.complex_orders(call.account, call.now)
    return Answer(items(complex_json(order) for order in orders if _is_shown(order, call)))


def _is_shown(order: ComplexOrder, call: Call) -> bool:
    today = trading_day(call.now)
    return any(not each.status.is_final or trading_day(each.updated_at) == today for each in order.children())


def _search(call: Call) -> Answer:
    orders = call.venue.exchange.complex_orders(call.account, call.now)
    return page(call, [complex_json(order) for order in orders], _PER_PAGE)


_ORDERS: Final = "/accounts/{account}/complex-orders"
COMPLEX_ROUTES: Final = (
    Route("place_complex_order", "POST", _ORDERS, _place),
    Route("dry_run_complex_order", "POST", f"{_ORDERS}/dry-run", _dry_run),
    Route("search_complex_orders", "GET", _ORDERS, _search),
    Route("live_complex_orders", "GET", f"{_ORDERS}/live", _live),
    Route("get_complex_order", "GET", f"{_ORDERS}/{{id}}", _get),
    Route("cancel_complex_order", "DELETE", f"{_ORDERS}/{{id}}", _cancel),
)
