"""One price for an order, whatever its legs."""

from decimal import Decimal

import pytest

from engine.decide.pricing import OrderQuote, assumed_quote, multiplier_of, order_price, order_quote, over_mid
from engine.model.alert import Alert, Asset, Leg
from engine.model.decision import Size
from engine.model.market import ListedOption, Market, Quote
from tests.unit.decide.known import AT, BTO, OPENING
from tests.unit.decide.test_strategies import buy, sell, shares


def listed(leg: Leg, bid: str | None, ask: str | None) -> ListedOption:
    assert leg.expiry is not None
    assert leg.strike is not None
    assert leg.right is not None
    quote = Quote(AT, None if bid is None else Decimal(bid), None if ask is None else Decimal(ask))
    return ListedOption(leg.expiry, leg.strike, leg.right, quote=quote)


NEAR, FAR = buy("100"), buy("105")
CHAIN = (listed(NEAR, "2", "2.20"), listed(FAR, "1", "1.10"))
MARKET = Market("SPY", Quote(AT, Decimal("99.00"), Decimal("99.10")), CHAIN)


@pytest.mark.parametrize(
    ("legs", "receives", "natural", "mid", "spread"),
    [
        pytest.param((NEAR,), False, "2.20", "2.10", "0.20", id="bought at the ask"),
        pytest.param((sell("100"),), True, "2", "2.10", "0.20", id="sold at the bid"),
        pytest.param((NEAR, sell("105")), False, "1.20", "1.05", "0.30", id="a debit: both spreads are crossed"),
        pytest.param((sell("100"), FAR), True, "0.90", "1.05", "0.30", id="a credit"),
        pytest.param((shares(ratio=1),), False, "99.10", "99.05", "0.10", id="shares"),
        pytest.param((shares(), sell("105")), False, "98.10", "98.00", "0.20", id="shares beside an option"),
    ],
)
def test_the_quote_of_an_order(legs: tuple[Leg, ...], receives: bool, natural: str, mid: str, spread: str):
    expected = OrderQuote(Decimal(natural), Decimal(mid), Decimal(spread), receives)

    assert order_quote(legs, MARKET, receives=receives) == expected


@pytest.mark.parametrize(
    "market",
    [
        pytest.param(None, id="no market"),
        pytest.param(Market("SPY"), id="no chain"),
        pytest.param(Market("SPY", chain=(listed(FAR, "1", "1.10"),)), id="not listed"),
        pytest.param(Market("SPY", chain=(listed(NEAR, None, "2.20"),)), id="no bid"),
        pytest.param(Market("SPY", chain=(listed(NEAR, "2", None),)), id="no ask"),
        pytest.param(Market("SPY", chain=(listed(NEAR, "0", "0"),)), id="nobody trades it"),
        pytest.param(Market("SPY", chain=(listed(NEAR, "2.20", "2"),)), id="bid and ask are crossed"),
        pytest.param(Market("SPY", chain=(listed(NEAR, "-1", "2"),)), id="a negative bid"),
    ],
)
def test_without_two_sides_that_can_be_there_is_no_quote(market: Market | None):
    assert order_quote((NEAR,), market, receives=False) is None


def test_an_assumed_quote_is_the_alerts_own_price():
    price = Decimal("1.25")

    assert assumed_quote(OPENING, receives=False) == OrderQuote(price, price, Decimal(0))
    assert assumed_quote(Alert(BTO, "SPY", Asset.OPTION, is_market=True), receives=False) is None


def test_an_order_is_priced_at_the_worst_the_alert_names():
    quote = OrderQuote(Decimal(3), Decimal(2), Decimal(2))
    ranged = Alert(BTO, "SPY", Asset.OPTION, price=Decimal(1), price_high=Decimal("1.50"))

    assert order_price(ranged, quote, receives=False) == Decimal("1.50")
    assert order_price(ranged, quote, receives=True) == Decimal(1)
    assert order_price(Alert(BTO, "SPY", Asset.OPTION), quote, receives=False) == Decimal(3)
    assert order_price(Alert(BTO, "SPY", Asset.OPTION), None, receives=False) is None


@pytest.mark.parametrize(
    ("legs", "multiplier"),
    [
        ((NEAR,), 100),
        ((shares(ratio=1),), 1),
        ((shares(), sell("105")), 100),
        ((Leg(BTO, "/MES", Asset.FUTURE),), 5),
        ((Leg(BTO, "/XYZ", Asset.FUTURE),), None),
    ],
)
def test_what_a_point_is_worth(legs: tuple[Leg, ...], multiplier: int | None):
    assert multiplier_of(legs) == multiplier


@pytest.mark.parametrize(
    ("price", "receives", "dollars"), [("1.30", False, 60), ("1.00", False, 0), ("1.00", True, 60)]
)
def test_what_is_paid_beyond_the_mid(price: str, receives: bool, dollars: int):
    quote = OrderQuote(Decimal("1.30"), Decimal("1.10" if not receives else "1.20"), Decimal("0.40"), receives)

    assert over_mid(Size(3, Decimal(130), Decimal(price), "x"), quote, (NEAR,)) == dollars
