"""Requests about orders."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from engine.paper.answers import Placed, Rejected
from engine.paper.hours import start_of
from engine.paper.order_reading import read_day, read_moment, read_order, read_terms
from engine.paper.order_views import order_json, placed_json
from engine.paper.orders import Order
from engine.paper.paging import page
from engine.paper.routing import (
    BAD_REQUEST,
    CREATED,
    FORBIDDEN,
    Answer,
    Call,
    Refusal,
    Route,
    bad_value,
    not_found,
    refusal_of,
)
from engine.paper.wire import items

_NEWEST: Final = "20261012"  # from this version on a search says from when, and live orders come in pages
_PER_PAGE: Final = 10
_LIVE_PER_PAGE: Final = 100
_MOST_LIVE: Final = 200


def _place(call: Call) -> Answer:
    account, request = call.trading_account, read_order(call.body)
    return _placed(call.venue.exchange.place(account, request, call.now))


def _dry_run(call: Call) -> Answer:
    return _placed(call.venue.exchange.dry_run(call.trading_account, read_order(call.body), call.now))


def _placed(placed: Placed | Rejected) -> Answer:
    if isinstance(placed, Rejected):
        raise refusal_of(placed)
    return Answer(placed_json(placed), CREATED)


def _get(call: Call) -> Answer:
    order = call.venue.exchange.order(call.account, call.number, call.now)
    if order is None:
        raise not_found(f"order {call.number}")
    return Answer(order_json(order))


def _cancel(call: Call) -> Answer:
    order = call.venue.exchange.cancel(call.trading_account, call.number, call.now)
    if isinstance(order, Rejected):
        raise refusal_of(order)
    return Answer(order_json(order))


def _replace(call: Call) -> Answer:
    """Answer with the new order itself, as the broker does, and not as it answers a new one."""
    account, number, terms = call.trading_account, call.number, read_terms(call.body)
    placed = call.venue.exchange.replace(account, number, terms, call.now)
    if isinstance(placed, Rejected):
        raise refusal_of(placed)
    return Answer(order_json(placed.order))


def _dry_run_replace(call: Call) -> Answer:
    terms = read_terms(call.body)
    return _placed(call.venue.exchange.dry_run_replace(call.trading_account, call.number, terms, call.now))


def _live(call: Call) -> Answer:
    orders = call.venue.exchange.live_orders(call.account, call.now)
    return Answer(items(order_json(order) for order in _chosen(call, orders)))


def _search(call: Call) -> Answer:
    return _page_of(call, _chosen(call, call.venue.exchange.orders(call.account, call.now)))


def _page_of(call: Call, found: list[Order]) -> Answer:
    if call.version >= _NEWEST and not (call.one("start-date") or call.one("start-at")):
        raise Refusal(BAD_REQUEST, "validation_error", "start-date or start-at is required")
    if call.one("sort", "Desc") == "Asc":
        found = found[::-1]
    return page(call, [order_json(order) for order in found], _PER_PAGE)


def _live_of_customer(call: Call) -> Answer:
    rows = [order_json(order) for order in _of_accounts(call, call.venue.exchange.live_orders)]
    return page(call, rows, _LIVE_PER_PAGE, _MOST_LIVE) if call.version >= _NEWEST else Answer(items(rows))


def _search_of_customer(call: Call) -> Answer:
    return _page_of(call, _of_accounts(call, call.venue.exchange.orders))


def _of_accounts(call: Call, orders_of: Callable[[str, datetime], Sequence[Order]]) -> list[Order]:
    """Return the orders of every account the query names, the newest first."""
    accounts = call.every("account-numbers")
    if not accounts:
        raise bad_value("account-numbers", "is missing")
    if not set(accounts) <= set(call.venue.exchange.accounts) or call.names["customer"] != "me":
        raise Refusal(FORBIDDEN, "not_permitted", "User not permitted access")
    found = [order for account in accounts for order in _chosen(call, orders_of(account, call.now))]
    return sorted(found, key=_newest_first)


def _newest_first(order: Order) -> int:
    return -order.id


def _chosen(call: Call, orders: Sequence[Order]) -> list[Order]:
    statuses = set(call.every("status"))
    first, last = _bounds(call)
    return [
        order
        for order in orders
        if (not statuses or order.status.value in statuses)
        and call.one("underlying-symbol", order.underlying) == order.underlying
        and call.one("futures-symbol", order.underlying) == order.underlying
        and call.one("underlying-instrument-type", order.underlying_type) == order.underlying_type
        and (first is None or order.received_at >= first)
        and (last is None or order.received_at < last)
    ]


def _bounds(call: Call) -> tuple[datetime | None, datetime | None]:
    start, end = (read_moment(name, call.one(name)) for name in ("start-at", "end-at"))
    first, last = (read_day(name, call.one(name)) for name in ("start-date", "end-date"))
    if start is None and first is not None:
        start = start_of(first)
    if end is None and last is not None:
        end = start_of(last + timedelta(days=1))
    return start, end


_ORDERS: Final = "/accounts/{account}/orders"
ORDER_ROUTES: Final = (
    Route("place_order", "POST", _ORDERS, _place),
    Route("dry_run_order", "POST", f"{_ORDERS}/dry-run", _dry_run),
    Route("search_orders", "GET", _ORDERS, _search),
    Route("search_customer_orders", "GET", "/customers/{customer}/orders", _search_of_customer),
    Route("live_customer_orders", "GET", "/customers/{customer}/orders/live", _live_of_customer),
    Route("live_orders", "GET", f"{_ORDERS}/live", _live),
    Route("get_order", "GET", f"{_ORDERS}/{{id}}", _get),
    Route("cancel_order", "DELETE", f"{_ORDERS}/{{id}}", _cancel),
    Route("replace_order", "PUT", f"{_ORDERS}/{{id}}", _replace),
    Route("edit_order", "PATCH", f"{_ORDERS}/{{id}}", _replace),
    Route("dry_run_replace", "POST", f"{_ORDERS}/{{id}}/dry-run", _dry_run_replace),
)
