"""Every recorded answer against what the exchange answers, and both against the SDK's models."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tastytrade.account import Account, AccountBalance, CurrentPosition, MarginReport, TradingStatus, Transaction
from tastytrade.instruments import Equity, Future, FutureProduct, NestedOptionChain
from tastytrade.market_data import MarketData
from tastytrade.market_sessions import MarketSession
from tastytrade.order import (
    PlacedComplexOrderResponse,
    PlacedOrder,
    PlacedOrderResponse,
    UnplacedComplexOrder,
    UnplacedOrder,
)

from tests.contract.reach import Way, World, tell
from tests.contract.shapes import gaps

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
    Case("equities", "/instruments/equities", _all(Equity), inside=True),
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
        # Options are listed by chain here.
        allowed=frozenset({"/items[]/option-products is missing"}),
    ),
    Case("nested-chain", "/option-chains/SPY/nested", _all(NestedOptionChain), inside=True),
    Case(
        "market-data",
        "/market-data/by-type?equity=AAPL",
        _all(MarketData),
        # The ranges of a year and of a day are not kept.
        allowed=frozenset({"/data/items[]/year-low-price is missing", "/data/items[]/year-high-price is missing"}),
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_the_shape_of_its_recording(case: Case):
    """S-842."""

    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            await session._client.post(f"{ACCOUNT}/orders", json=MARKET)
            world.pass_time(10)
            answer = await _ask(session._client, case)
            recorded = json.loads((PAYLOADS / f"{case.name}.json").read_text(encoding="utf-8"))
            ours = answer["data"] if case.inside else answer
            assert set(gaps(recorded, ours)) == case.allowed
            case.parse(answer["data"])

    tell(story, Way.IN_PROCESS)


async def _ask(client: httpx2.AsyncClient, case: Case) -> dict[str, Any]:
    answer = await (client.get(case.path) if case.body is None else client.post(case.path, json=case.body))
    assert answer.status_code == (200 if case.body is None else 201), answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("name", "kind", "allowed"),
    [
        # Users are numbers in the documents; the SDK cannot read a number. A market order may skip Live.
        ("streamed-order", "Order", {"/data/user-id: number is money", "/data/live-at is missing"}),
        ("streamed-routed-order", "Order", {"/data/user-id: number is money"}),
        ("streamed-balance", "AccountBalance", set()),
        # Quantities of positions come as numbers and as text, and so do multipliers.
        (
            "streamed-position",
            "CurrentPosition",
            {
                "/data/multiplier: number is money",
                "/data/quantity: money is number",
                "/data/restricted-quantity: money is number",
            },
        ),
    ],
)
def test_a_streamed_message_has_the_shape_of_its_recording(name: str, kind: str, allowed: set[str]):
    """S-842."""

    async def story(world: World) -> None:
        listener = world.production.hub.join()
        listener.accounts.add("5WT00001")
        async with world.session() as session:
            await session.refresh()
            await session._client.post(f"{ACCOUNT}/orders", json=MARKET)
            world.pass_time(10)
        said = [listener.messages.get_nowait() for _ in range(listener.messages.qsize())]
        ours = [json.loads(json.dumps(message)) for message in said if message and message["type"] == kind][-1]
        recorded = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
        assert set(gaps(recorded, ours)) == allowed

    tell(story, Way.IN_PROCESS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("connected", {"action": "connect", "value": ["5WT00001"]}),
        ("not-connected", {"action": "quote-alerts-subscribe"}),
    ],
)
def test_a_reply_of_the_stream_has_the_shape_of_its_recording(name: str, message: dict[str, object]):
    async def story(world: World) -> None:
        async with world.session() as session, httpx2.AsyncClient(transport=world.transport) as client:
            await session.refresh()
            async with client.websocket("wss://streamer.tastyworks.com") as stream:
                await stream.send_json(message | {"auth-token": f"Bearer {session.session_token}"})
                reply = await stream.receive_json()
        recorded = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
        assert set(gaps(recorded, reply)) <= {"/value is missing"}  # the real success lacks it too

    tell(story, Way.IN_PROCESS)


def test_a_refusal_has_the_shape_of_its_recording():
    """S-844."""

    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            forbidden = await session._client.get("/accounts/5WX00001/positions")
            refused = await session._client.post(f"{ACCOUNT}/orders", json=MARKET | {"time-in-force": "GTC"})
        recorded = json.loads((PAYLOADS / "errors.json").read_text(encoding="utf-8"))
        assert forbidden.json() == recorded[0]
        assert refused.json() == recorded[2]

    tell(story, Way.IN_PROCESS)


def test_every_recording_is_compared():
    compared = {case.name for case in CASES} | {"connected", "not-connected", "errors"}
    compared |= {"streamed-order", "streamed-routed-order", "streamed-balance", "streamed-position"}

    assert {path.stem for path in PAYLOADS.glob("*.json")} == compared
