"""The recorded answers of the broker: which request of ours is answered like each, and why some are like none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from tastytrade.account import Account, AccountBalance, CurrentPosition, MarginReport, TradingStatus, Transaction
from tastytrade.instruments import (
    Cryptocurrency,
    Equity,
    Future,
    FutureProduct,
    NestedFutureOptionChain,
    NestedOptionChain,
    QuantityDecimalPrecision,
)
from tastytrade.market_data import MarketData
from tastytrade.market_sessions import MarketSession
from tastytrade.order import (
    PlacedComplexOrderResponse,
    PlacedOrder,
    PlacedOrderResponse,
    UnplacedComplexOrder,
    UnplacedOrder,
)

PAYLOADS = Path(__file__).parent / "payloads"
ACCOUNT = "/accounts/5WT00001"
SHARE = {"instrument-type": "Equity", "symbol": "AAPL", "action": "Buy to Open", "quantity": 1}
MARKET = {"order-type": "Market", "time-in-force": "Day", "legs": [SHARE]}
LIMIT = {"order-type": "Limit", "time-in-force": "Day", "price": "1.00", "price-effect": "Debit", "legs": [SHARE]}
PROFIT = {
    "order-type": "Limit",
    "time-in-force": "GTC",
    "price": "99999.00",
    "price-effect": "Credit",
    "legs": [SHARE | {"symbol": "SPY", "action": "Sell to Close"}],
}
STOP = {
    "order-type": "Stop",
    "time-in-force": "GTC",
    "stop-trigger": "1.00",
    "legs": [SHARE | {"symbol": "SPY", "action": "Sell to Close"}],
}
Parse = Callable[[Any], object]


def _all(model: Callable[..., object]) -> Parse:
    return lambda data: [model(**each) for each in data["items"]]


@dataclass(frozen=True)
class Case:
    """
    One recording and the request that is answered like it.

    inside: whether the recording is only what stands below `data`. allowed: gaps there are, for a reason.
    """

    name: str
    path: str
    parse: Parse
    body: dict[str, object] | None = None
    inside: bool = False
    status: int = 201
    allowed: frozenset[str] = field(default_factory=frozenset)


CASES = [
    Case(
        "accounts",
        "/customers/me/accounts",
        lambda data: [Account(**each["account"]) for each in data["items"]],
        inside=True,
    ),
    Case("balance", f"{ACCOUNT}/balances/USD", lambda data: AccountBalance(**data)),
    Case("trading-status", f"{ACCOUNT}/trading-status", lambda data: TradingStatus(**data)),
    # Quantities of positions come as numbers and as text, and so do multipliers.
    Case(
        "positions",
        f"{ACCOUNT}/positions",
        _all(CurrentPosition),
        allowed=frozenset({"/data/items[]/multiplier: number is money"}),
    ),
    # The recording has no row of money put in, which is about no instrument.
    Case(
        "transactions",
        f"{ACCOUNT}/transactions",
        _all(Transaction),
        allowed=frozenset(
            {
                "/api-version is missing",
                "/data/items[]/underlying-symbol is missing",
                "/data/items[]/symbol is missing",
                "/data/items[]/instrument-type is missing",
            }
        ),
    ),
    # Nobody asks for the groups of a margin report.
    Case("requirements", "/margin/accounts/5WT00001/requirements", lambda data: MarginReport(**data)),
    Case("margin-dry-run", "/margin/accounts/5WT00001/dry-run", lambda data: data, LIMIT, status=200),
    # The number of a share at its clearing house, which one of the recorded three has.
    Case(
        "equities",
        "/instruments/equities",
        _all(Equity),
        inside=True,
        allowed=frozenset({"/items[]/cusip is in none"}),
    ),
    # Codes of the clearing house are figures for cattle and letters for indexes.
    Case(
        "futures",
        "/instruments/futures?product-code[]=ES",
        _all(Future),
        inside=True,
        allowed=frozenset(
            {
                "/items[]/future-product/clearing-code: money is text",
                "/items[]/future-product/clearport-code: money is text",
            }
        ),
    ),
    Case(
        "future-products",
        "/instruments/future-products",
        _all(FutureProduct),
        inside=True,
        # What an index behind a future is called elsewhere, which two of the recorded ones say.
        allowed=frozenset({"/items[]/underlying-description is in none", "/items[]/underlying-identifier is in none"}),
    ),
    Case(
        "nested-future-chain",
        "/futures-option-chains/ES/nested",
        lambda data: NestedFutureOptionChain(**data),
        inside=True,
        # It is documented, not recorded; a tick has a symbol only where it is of a spread.
        allowed=frozenset({"/option-chains[]/expirations[]/tick-sizes[]/symbol is in none"}),
    ),
    Case("instrument-search", "/instruments/search?query=E", lambda data: data, inside=True),
    Case("cryptocurrencies", "/instruments/cryptocurrencies", _all(Cryptocurrency), inside=True),
    Case("precisions", "/instruments/quantity-decimal-precisions", _all(QuantityDecimalPrecision), inside=True),
    Case("nested-chain", "/option-chains/SPY/nested", _all(NestedOptionChain), inside=True),
    Case(
        "market-data",
        "/market-data/by-type?equity=AAPL",
        _all(MarketData),
        # What is known of a company is not kept; nothing closes here before its last quote.
        allowed=frozenset(
            f"/data/items[]/{key} is in none" for key in ("beta", "dividend-amount", "dividend-frequency", "close")
        ),
    ),
    Case("session", "/market-time/equities/sessions/current", lambda data: MarketSession(**data), inside=True),
    Case("quote-token", "/api-quote-tokens", lambda data: data),
    Case("placed", f"{ACCOUNT}/orders", lambda data: PlacedOrderResponse[PlacedOrder](**data), MARKET),
    Case(
        "dry-run",
        f"{ACCOUNT}/orders/dry-run",
        lambda data: PlacedOrderResponse[UnplacedOrder](**data),
        LIMIT,
        allowed=frozenset({"/api-version is missing"}),
    ),
    Case(
        "dry-run-complex",
        f"{ACCOUNT}/complex-orders/dry-run",
        lambda data: PlacedComplexOrderResponse[UnplacedComplexOrder](**data),
        {"type": "OCO", "orders": [PROFIT, STOP]},
        inside=True,
        # The recording counts up an id of dry runs.
        allowed=frozenset({"/complex-order/orders[]/complex-order-id is missing"}),
    ),
]

STREAMED = {
    # Users are numbers in the documents; the SDK cannot read a number. A market order may skip Live.
    "streamed-order": ("Order", {"/data/user-id: number is money", "/data/live-at is missing"}),
    "streamed-routed-order": ("Order", {"/data/user-id: number is money"}),
    "streamed-balance": ("AccountBalance", set()),
    # Quantities of positions come as numbers and as text, and so do multipliers.
    "streamed-position": (
        "CurrentPosition",
        {
            "/data/multiplier: number is money",
            "/data/quantity: money is number",
            "/data/restricted-quantity: money is number",
        },
    ),
}
REPLIES: dict[str, dict[str, object]] = {
    "connected": {"action": "connect", "value": ["5WT00001"]},
    "not-connected": {"action": "quote-alerts-subscribe"},
}
# What was recorded of the broker and has no file here.
NOT_REPRODUCED = {
    "a session opened by user name and password": "switched off for this API since February 2026",
    "a session refused to a user name": "likewise; refusals have the shape of errors.json",
    "a streamed public watchlist": "the exchange keeps no watchlists and says nothing of any",
    "a streamed quote alert": "the exchange keeps no alerts; the engine watches quotes itself",
}


async def ask(client: httpx2.AsyncClient, case: Case) -> dict[str, Any]:
    """Return the whole answer to the request of a case."""
    answer = await (client.get(case.path) if case.body is None else client.post(case.path, json=case.body))
    assert answer.status_code == (200 if case.body is None else case.status), answer.text
    return answer.json()
