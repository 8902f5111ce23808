from decimal import Decimal

import pytest

from engine.paper.order_reading import read_complex, read_order, read_terms
from engine.paper.orders import ComplexRequest, LegRequest, OrderRequest, Terms
from engine.paper.routing import Refusal
from engine.paper.words import Action, ComplexType, Effect, InstrumentType, OrderType, TimeInForce

# As the SDK sends it, keys of somebody else's service and all.
SENT = {
    "time-in-force": "Day",
    "source": "tastyware/tastytrade:v13.2.3",
    "legs": [{"instrument-type": "Equity", "symbol": "AAPL", "action": "Buy to Open", "quantity": 5}],
    "external-identifier": "alert-1:0",
    "advanced-instructions": {"strict-position-effect-validation": True},
    "behavior": "immediate",
    "order-type": "Limit",
    "price": "2.50",
    "price-effect": "Debit",
}
READ = OrderRequest(
    legs=(LegRequest(InstrumentType.EQUITY, "AAPL", Action.BUY_TO_OPEN, Decimal(5)),),
    terms=Terms(OrderType.LIMIT, TimeInForce.DAY, Decimal("2.50"), Effect.DEBIT),
    external_identifier="alert-1:0",
    source="tastyware/tastytrade:v13.2.3",
    is_strict=True,
)


def test_what_the_sdk_sends_is_read():
    assert read_order(SENT) == READ


def test_a_quantity_may_be_text():
    legs = [SENT["legs"][0] | {"quantity": "5"}]  # type: ignore[operator]

    assert read_order(SENT | {"legs": legs}) == READ


def test_a_complex_order_holds_orders():
    body = {"type": "OTO", "trigger-order": SENT, "orders": [SENT]}

    assert read_complex(body) == ComplexRequest(ComplexType.OTO, (READ,), READ)


@pytest.mark.parametrize(
    ("change", "domain"),
    [
        ({"order-type": "Guess"}, "order-type"),
        ({"time-in-force": "Never"}, "time-in-force"),
        ({"price": "much"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price-effect": "debit"}, "price-effect"),
        ({"gtc-date": "soon"}, "gtc-date"),
        ({"legs": "AAPL"}, "legs"),
        ({"legs": [{}]}, "symbol"),
        ({"legs": [{"symbol": "AAPL", "instrument-type": "Equity"}]}, "action"),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, object], domain: str):
    """S-844."""
    with pytest.raises(Refusal) as refusal:
        read_order(SENT | change)

    assert (refusal.value.status, refusal.value.errors[0]["domain"]) == (400, domain)


def test_a_replacement_has_no_legs():
    assert read_terms({key: value for key, value in SENT.items() if key != "legs"}) == READ.terms
