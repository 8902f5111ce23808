"""Requests about the customer and the accounts."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from engine.paper.account_views import account_json, customer_json, owned_account_json, status_json
from engine.paper.holding_views import balance_json, position_json, transaction_json
from engine.paper.holdings import Position, Transaction
from engine.paper.order_reading import read_day
from engine.paper.paging import page
from engine.paper.routing import CREATED, Answer, Call, Route, not_found
from engine.paper.wire import items, with_effect

_PER_PAGE: Final = 250


def _validate(call: Call) -> Answer:
    return Answer({"email": "paper@example.com", "username": "paper"}, CREATED)


def _customer(call: Call) -> Answer:
    return Answer(customer_json())


def _accounts(call: Call) -> Answer:
    exchange = call.venue.exchange
    return Answer(items(owned_account_json(exchange.trading_status(account)) for account in exchange.accounts))


def _account(call: Call) -> Answer:
    return Answer(account_json(call.venue.exchange.trading_status(call.account)))


def _status(call: Call) -> Answer:
    return Answer(status_json(call.venue.exchange.trading_status(call.account)))


def _balance(call: Call) -> Answer:
    return Answer(balance_json(call.venue.exchange.balance(call.account, call.now)))


def _balances(call: Call) -> Answer:
    return Answer(items([balance_json(call.venue.exchange.balance(call.account, call.now))]))


def _positions(call: Call) -> Answer:
    has_marks = call.one("include-marks") == "true"
    positions = call.venue.exchange.positions(call.account, call.now)
    return Answer(items(position_json(each, has_marks=has_marks) for each in _chosen(call, positions)))


def _chosen(call: Call, positions: Iterable[Position]) -> list[Position]:
    underlyings = call.every("underlying-symbol")
    shows_closed = call.one("include-closed-positions") == "true"
    return [
        position
        for position in positions
        if (position.quantity or shows_closed)
        and (not underlyings or position.underlying in underlyings)
        and call.one("symbol", position.symbol) == position.symbol
        and call.one("instrument-type", position.instrument_type) == position.instrument_type
    ]


def _transactions(call: Call) -> Answer:
    rows = [row for row in call.venue.exchange.transactions(call.account, call.now) if _is_asked_for(call, row)]
    if call.one("sort", "Desc") == "Asc":
        rows = rows[::-1]
    return page(call, [transaction_json(row) for row in rows], _PER_PAGE)


def _is_asked_for(call: Call, row: Transaction) -> bool:
    types = (*call.every("types"), *call.every("type"))
    first, last = (read_day(name, call.one(name)) for name in ("start-date", "end-date"))
    return (
        (not types or row.type in types)
        and call.one("symbol", row.symbol) == row.symbol
        and call.one("underlying-symbol", row.underlying) == row.underlying
        and (first is None or row.transaction_date >= first)
        and (last is None or row.transaction_date < last + timedelta(days=1))
    )


def _transaction(call: Call) -> Answer:
    for row in call.venue.exchange.transactions(call.account, call.now):
        if row.id == call.number:
            return Answer(transaction_json(row))
    raise not_found(f"transaction {call.number}")


def _total_fees(call: Call) -> Answer:
    day = read_day("date", call.one("date"))
    rows = call.venue.exchange.transactions(call.account, call.now)
    total = sum((row.fees.total for row in rows if day in (None, row.transaction_date)), Decimal(0))
    return Answer(with_effect("total-fees", -total))


_ACCOUNT: Final = "/accounts/{account}"
ACCOUNT_ROUTES: Final = (
    Route("validate_session", "POST", "/sessions/validate", _validate),
    Route("customer", "GET", "/customers/me", _customer),
    Route("accounts", "GET", "/customers/me/accounts", _accounts),
    Route("account", "GET", "/customers/me/accounts/{account}", _account),
    Route("trading_status", "GET", f"{_ACCOUNT}/trading-status", _status),
    Route("balances", "GET", f"{_ACCOUNT}/balances", _balances),
    Route("balance", "GET", f"{_ACCOUNT}/balances/{{currency}}", _balance),
    Route("positions", "GET", f"{_ACCOUNT}/positions", _positions),
    Route("transactions", "GET", f"{_ACCOUNT}/transactions", _transactions),
    Route("total_fees", "GET", f"{_ACCOUNT}/transactions/total-fees", _total_fees),
    Route("transaction", "GET", f"{_ACCOUNT}/transactions/{{id}}", _transaction),
)
