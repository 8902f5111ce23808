"""How much one alert may trade."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decide.sizing import closing_size
from engine.decide.terms import Terms
from engine.model.alert import Action, Alert, Asset, Leg
from engine.model.decision import GateStatus, Reason, Size, Verdict
from engine.model.desk import HouseLimits
from engine.model.limits import AlertQuantity, SizeBase, SizeBasis, Strategy, UndefinedRisk
from engine.model.market import AccountState, ListedOption, Market, Quote
from engine.model.playbook import Playbook
from tests.unit.decide.known import (
    ACCOUNT,
    AT,
    CLOSING,
    FRIDAY,
    HELD,
    HOUSE,
    OPENING,
    ROLL,
    STO,
    answer,
    knowing,
    outcome_of,
    outcomes_of,
)  # fmt: skip
from tests.unit.decide.test_strategies import IRON_CONDOR, buy, sell, shares

Sized = Callable[..., Terms]


@pytest.fixture
def sized(playbook: Playbook) -> Sized:
    """Terms of a playbook that allows everything, with another `size` and other house limits."""

    def terms(house: HouseLimits | None = None, allocation: str | None = None, **size: Any) -> Terms:  # noqa: ANN401
        usual = {"percent": None, "of": SizeBase.NET_LIQ, **size}
        author = replace(playbook.listen.authors[0], allocation=None if allocation is None else Decimal(allocation))
        listen = replace(playbook.listen, authors=(author, *playbook.listen.authors[1:]))
        allow = replace(playbook.allow, kinds=frozenset(Strategy), undefined_risk=UndefinedRisk.ALLOWED)
        return Terms(replace(playbook, listen=listen, allow=allow, size=replace(playbook.size, **usual)), (), house)

    return terms


@pytest.mark.parametrize(
    ("size", "quantity", "bound_by"),
    [
        pytest.param({"percent": "0.01"}, 8, "size.percent", id="1 % of $100,000 buys 8 at $125"),
        pytest.param({"percent": "0.0125"}, 10, "size.percent", id="exactly ten"),
        pytest.param({"percent": "0.0124999"}, 9, "size.percent", id="a cent short of ten"),
        pytest.param({"percent": "0.01", "of": Decimal(50_000)}, 4, "size.percent", id="of a fixed amount"),
        pytest.param({"percent": "0.01", "allocation": "0.005"}, 4, "allocation of the author", id="the author's less"),
        pytest.param({"percent": "0.01", "allocation": "0.05"}, 8, "size.percent", id="the author's more"),
        pytest.param({"allocation": "0.05"}, 40, "allocation of the author", id="only the author's"),
        pytest.param({"percent": "0.01", "by_symbol": (("SPY", "0.02"),)}, 16, "size.by_symbol", id="its symbol's"),
        pytest.param({"percent": "0.01", "by_symbol": (("QQQ", "0.02"),)}, 8, "size.percent", id="another symbol's"),
        pytest.param({"percent": "0.01", "most_contracts": 3}, 3, "size.at_most.contracts", id="contracts"),
        pytest.param({"percent": "0.01", "most_cost": "600"}, 4, "size.at_most.cost", id="cost"),
        pytest.param({"most_contracts": 8, "most_cost": "1000"}, 8, "size.at_most.contracts", id="the first of equals"),
    ],
)
def test_the_smallest_limit_wins_rounded_down(sized: Sized, size: dict[str, Any], quantity: int, bound_by: str):
    """S-321."""
    outcome = outcome_of(sized(**as_numbers(size)), OPENING)

    assert outcome.size == Size(quantity, Decimal(125), Decimal("1.25"), bound_by)


def as_numbers(size: dict[str, Any]) -> dict[str, Any]:
    """Shares and dollars as Decimal; texts keep the table short."""
    return {
        name: tuple((symbol, Decimal(share)) for symbol, share in value)
        if isinstance(value, tuple)
        else Decimal(value)
        if isinstance(value, str) and name != "allocation"
        else value
        for name, value in size.items()
    }


@pytest.mark.parametrize(
    ("tags", "size", "quantity"),
    [
        pytest.param(("lotto",), {"percent": Decimal("0.01")}, 2, id="a quarter of the usual"),
        pytest.param(("lotto", "half"), {"percent": Decimal("0.01")}, 2, id="the smallest of several"),
        pytest.param(("heavy",), {"percent": Decimal("0.01")}, 16, id="twice the usual"),
        pytest.param(("heavy",), {"percent": Decimal("0.01"), "most_contracts": 10}, 10, id="but never above a cap"),
        pytest.param(("lotto",), {"most_contracts": 10}, 2, id="a quarter of the cap, where the cap is the usual size"),
        pytest.param(("other",), {"percent": Decimal("0.01")}, 8, id="a tag without a share"),
    ],
)
def test_tags_are_shares_of_the_usual_size(sized: Sized, tags: tuple[str, ...], size: dict[str, Any], quantity: int):
    shares_of = (("lotto", Decimal("0.25")), ("half", Decimal("0.5")), ("heavy", Decimal(2)))

    outcome = outcome_of(sized(tags=shares_of, **size), replace(OPENING, size_tags=tags))

    assert outcome.size is not None
    assert outcome.size.quantity == quantity


@pytest.mark.parametrize(
    ("mode", "asked", "reason", "quantity"),
    [
        (AlertQuantity.AT_MOST, 3, Reason.APPROVED, 3),
        (AlertQuantity.AT_MOST, 30, Reason.APPROVED, 8),
        (AlertQuantity.EXACT, 3, Reason.APPROVED, 3),
        (AlertQuantity.EXACT, 8, Reason.APPROVED, 8),
        (AlertQuantity.EXACT, 9, Reason.QUANTITY_OVER_LIMIT, None),
        (AlertQuantity.EXACT, None, Reason.APPROVED, 8),
        (AlertQuantity.IGNORE, 3, Reason.APPROVED, 8),
    ],
)
def test_the_quantity_of_the_alert(
    sized: Sized, mode: AlertQuantity, asked: int | None, reason: Reason, quantity: int | None
):
    outcome = outcome_of(sized(percent=Decimal("0.01"), alert_quantity=mode), replace(OPENING, quantity=asked))

    assert (outcome.reason, outcome.size and outcome.size.quantity) == (reason, quantity)


SPREAD = Alert(STO, "SPY", Asset.OPTION, (sell("100"), buy("105")), price=Decimal("1.50"))
STOCK = Alert(Action.BUY_TO_OPEN, "SPY", Asset.STOCK, (shares(ratio=1),), price=Decimal(50))
FUTURE = Alert(Action.BUY_TO_OPEN, "/MES", Asset.FUTURE, (Leg(Action.BUY_TO_OPEN, "/MES", Asset.FUTURE),))
CONDOR = replace(SPREAD, legs=IRON_CONDOR, price=Decimal(2))
COVERED = replace(STOCK, asset=Asset.OPTION, legs=(shares(), sell("105")), price=Decimal(98))
SHORT = replace(SPREAD, legs=(sell("100"),))
PUT = replace(SPREAD, legs=(sell("100", "put"),))
CALENDAR = replace(SPREAD, action=Action.BUY_TO_OPEN, legs=(buy("100", expiry=FRIDAY.replace(day=30)), sell("100")))


@pytest.mark.parametrize(
    ("alert", "margin", "unit_cost"),
    [
        pytest.param(OPENING, None, "125", id="the premium of a bought option"),
        pytest.param(replace(OPENING, price_high=Decimal("1.40")), None, "140", id="the dear end of a range"),
        pytest.param(STOCK, None, "50", id="the price of a share"),
        pytest.param(SPREAD, None, "350", id="width less credit"),
        pytest.param(replace(SPREAD, legs=(buy("100"), sell("105"))), None, "150", id="the debit"),
        pytest.param(CONDOR, None, "300", id="one wing less the credit"),
        pytest.param(CALENDAR, None, "150", id="the debit of a calendar"),
        pytest.param(COVERED, None, "9800", id="what shares and call cost together"),
        pytest.param(PUT, None, "9850", id="a put secured by cash: the strike less the credit"),
        pytest.param(FUTURE, "1500", "1500", id="the margin of a future"),
        pytest.param(SHORT, "4000", "4000", id="the margin of what has no bound"),
    ],
)
def test_what_one_counts_as(sized: Sized, alert: Alert, margin: str | None, unit_cost: str):
    """S-322."""
    facts = knowing(market=Market(alert.symbol or "", margin=None if margin is None else Decimal(margin)))
    facts = replace(facts, assumed=("quotes",), now=AT)

    size = outcome_of(sized(percent=Decimal("0.5")), alert, facts=facts).size

    assert size is not None
    assert size.unit_cost == Decimal(unit_cost)
    assert size.quantity == int(50_000 // Decimal(unit_cost))


@pytest.mark.parametrize(
    ("alert", "facts", "detail"),
    [
        pytest.param(
            OPENING, {"account": None}, "size.percent needs the account's net_liq, not known", id="no account"
        ),
        pytest.param(
            OPENING,
            {"account": AccountState("main")},
            "size.percent needs the account's net_liq, not known",
            id="an account that says nothing",
        ),
        pytest.param(FUTURE, {}, "the margin of one future is not known", id="no margin"),
        pytest.param(SHORT, {}, "the margin of one short_option is not known", id="no margin of what has no bound"),
        pytest.param(
            replace(OPENING, price=None, is_market=True),
            {},
            "neither the alert nor the market says a price",
            id="at market, and no quote",
        ),
    ],
)
def test_what_is_not_known_denies(sized: Sized, alert: Alert, facts: dict[str, Any], detail: str):
    outcome = outcome_of(sized(percent=Decimal("0.01")), alert, facts=knowing(**facts))

    assert (outcome.verdict, outcome.reason, outcome.detail) == (Verdict.DENIED, Reason.SIZE_UNKNOWN, detail)
    assert answer(outcome, "size").status is GateStatus.COULD_NOT_RUN


def test_where_nothing_bounds_the_size_nothing_is_opened(sized: Sized):
    assert outcome_of(sized(), OPENING).detail == "nothing bounds how much may be opened"


def test_at_market_the_quote_says_what_one_costs(sized: Sized):
    option = ListedOption(FRIDAY, Decimal(500), OPENING.legs[0].right or "", quote=Quote(AT, Decimal(2), Decimal(3)))  # type: ignore[arg-type]
    facts = knowing(market=Market("SPY", chain=(option,)))

    size = outcome_of(sized(percent=Decimal("0.01")), replace(OPENING, price=None, is_market=True), facts=facts).size

    assert size == Size(3, Decimal(300), Decimal(3), "size.percent")


def test_the_brokers_figure_is_asked_for_what_is_sold(sized: Sized):
    terms = sized(percent=Decimal("0.01"), basis=SizeBasis.BUYING_POWER)
    facts = replace(knowing(market=Market("SPY", margin=Decimal(500))), assumed=("quotes",))

    assert outcome_of(terms, SPREAD).reason is Reason.SIZE_UNKNOWN
    assert outcome_of(terms, SPREAD, facts=facts).size == Size(2, Decimal(500), Decimal("1.50"), "size.percent")
    assert outcome_of(terms, OPENING).size == Size(8, Decimal(125), Decimal("1.25"), "size.percent")


@pytest.mark.parametrize(
    ("alert", "size", "detail"),
    [
        pytest.param(
            OPENING,
            {"percent": Decimal("0.001")},
            "0 contracts: one would cost $125.00, size.percent allows $100.00",
            id="by money",
        ),
        pytest.param(
            OPENING,
            {"most_contracts": 2, "tags": (("lotto", Decimal("0.25")),)},
            "0 contracts: one would cost $125.00, size.at_most.contracts allows 0",
            id="by number",
        ),
        pytest.param(
            STOCK,
            {"most_cost": Decimal(20)},
            "0 shares: one would cost $50.00, size.at_most.cost allows $20.00",
            id="shares",
        ),
    ],
)
def test_nothing_is_refused_and_says_what_one_would_cost(sized: Sized, alert: Alert, size: dict[str, Any], detail: str):
    """S-323."""
    outcome = outcome_of(sized(**size), replace(alert, size_tags=("lotto",)))

    assert (outcome.reason, outcome.detail) == (Reason.TOO_SMALL, detail)


@pytest.mark.parametrize(
    "alert",
    [
        pytest.param(replace(SPREAD, price=Decimal(5)), id="a credit as wide as the spread could not lose"),
        pytest.param(replace(SPREAD, legs=(buy("100"), sell("105")), price=Decimal(5)), id="a debit no win covers"),
        pytest.param(replace(PUT, price=Decimal(120)), id="more for a put than it could cost"),
    ],
)
def test_a_price_that_cannot_be_is_refused(sized: Sized, alert: Alert):
    assert outcome_of(sized(percent=Decimal("0.1")), alert).reason is Reason.IMPOSSIBLE_PRICE


@pytest.mark.parametrize(
    ("alert", "limits", "quantity", "bound_by"),
    [
        (OPENING, {"max_order_value": Decimal(1000)}, 8, "limits.max_order_value"),
        (OPENING, {"max_contracts": 5}, 5, "limits.max_contracts"),
        (replace(SPREAD, legs=(buy("95"), sell("100", ratio=2), buy("105"))), {"max_contracts": 5}, 2,
         "limits.max_contracts"),
        (STOCK, {"max_contracts": 5}, 1000, "size.percent"),
        (STOCK, {"max_shares": 70}, 70, "limits.max_shares"),
        (COVERED, {"max_shares": 250}, 2, "limits.max_shares"),
        (OPENING, {"max_size": Decimal("0.02")}, 16, "limits.max_size"),
    ],
)  # fmt: skip
def test_the_houses_limits(sized: Sized, alert: Alert, limits: dict[str, Any], quantity: int, bound_by: str):
    outcome = outcome_of(sized(house=replace(HOUSE, **limits), percent=Decimal("0.5")), alert)

    assert outcome.size is not None
    assert (outcome.size.quantity, outcome.size.bound_by) == (quantity, bound_by)


@pytest.mark.parametrize(
    ("legs", "price", "structure", "quantity"),
    [
        pytest.param((buy("480"), buy("520", "put")), "40.10", "strangle", 2, id="paid $4,010 to lose $10"),
        pytest.param((sell("500"), buy("505")), "4.95", "vertical", 20, id="received $495 to lose $5"),
    ],
)
def test_an_order_is_worth_what_is_paid_or_received_where_that_is_more_than_it_can_lose(
    sized: Sized, legs: tuple[Leg, ...], price: str, structure: str, quantity: int
):
    terms = sized(house=replace(HOUSE, max_order_value=Decimal(10_000)), percent=Decimal("0.5"))
    alert = replace(OPENING, action=legs[0].action, legs=legs, price=Decimal(price), structure=structure)

    outcome = outcome_of(terms, alert)

    assert outcome.size is not None
    assert (outcome.size.quantity, outcome.size.bound_by) == (quantity, "limits.max_order_value")


@pytest.mark.parametrize(("symbol", "quantity"), [("SPX", 4), ("SPXW", 4), ("SPY", 8)])
def test_the_share_of_a_symbol_is_that_of_its_roots(sized: Sized, symbol: str, quantity: int):
    terms = sized(percent=Decimal("0.01"), by_symbol=(("SPX", Decimal("0.005")),))
    alert = replace(OPENING, symbol=symbol, legs=(replace(OPENING.legs[0], symbol=symbol),))

    outcome = outcome_of(terms, alert)

    assert outcome.size is not None
    assert outcome.size.quantity == quantity


def test_without_the_account_the_houses_share_denies(sized: Sized):
    terms = sized(house=replace(HOUSE, max_size=Decimal("0.02")), most_contracts=1)

    assert outcome_of(terms, OPENING, facts=knowing(account=None)).detail == "limits.max_size needs net_liq, not known"


def test_alerts_of_one_message_share_the_buying_power(sized: Sized):
    terms = sized(percent=Decimal(1), of=SizeBase.BUYING_POWER)
    other = replace(OPENING, legs=(replace(OPENING.legs[0], strike=Decimal(505)),))
    facts = knowing(account=replace(ACCOUNT, buying_power=Decimal(1000)))

    sizes = [outcome.size and outcome.size.quantity for outcome in outcomes_of(terms, (OPENING, other), facts=facts)]

    assert sizes == [8, None]


@pytest.mark.parametrize(
    ("held", "alert", "expected"),
    [
        pytest.param(8, CLOSING, (8, "position"), id="all"),
        pytest.param(8, replace(CLOSING, fraction=Decimal("0.5")), (4, "fraction"), id="half"),
        pytest.param(5, replace(CLOSING, fraction=Decimal("0.5")), (2, "fraction"), id="half of five, rounded down"),
        pytest.param(1, replace(CLOSING, fraction=Decimal("0.25")), (1, "fraction"), id="at least one"),
        pytest.param(8, replace(CLOSING, quantity=3), (3, "alert quantity"), id="three"),
        pytest.param(2, replace(CLOSING, quantity=3), (2, "position"), id="never more than is open"),
        pytest.param(None, CLOSING, None, id="how much is open is not known"),
        pytest.param(8, replace(CLOSING, action=Action.UPDATE), None, id="a stop move trades nothing"),
    ],
)
def test_what_a_close_takes(held: int | None, alert: Alert, expected: tuple[int, str] | None):
    size = closing_size(alert, replace(HELD, quantity=held))

    assert (None if size is None else (size.quantity, size.bound_by)) == expected
    assert size is None or size.unit_cost == 0


def test_a_close_of_an_unknown_position_has_no_size():
    assert closing_size(CLOSING, None) is None


def test_a_roll_opens_no_more_than_it_closes(sized: Sized):
    facts = knowing(positions=(replace(HELD, quantity=3),))

    assert outcome_of(sized(percent=Decimal("0.01")), ROLL, facts=facts).size == Size(
        3, Decimal(50), Decimal("0.50"), "position"
    )


money = st.decimals(Decimal("0.01"), Decimal(5000), places=2)


@given(
    price=st.decimals(Decimal("0.01"), Decimal(50), places=2),
    net_liq=money,
    percent=st.decimals(Decimal("0.001"), Decimal(1), places=3),
    caps=st.tuples(st.integers(1, 20), money),
    asked=st.none() | st.integers(1, 50),
)
def test_no_limit_is_ever_passed(
    playbook: Playbook, price: Decimal, net_liq: Decimal, percent: Decimal, caps: tuple[int, Decimal], asked: int | None
):
    size_rule = replace(playbook.size, percent=percent, of=SizeBase.NET_LIQ, most_contracts=caps[0], most_cost=caps[1])
    listen = replace(playbook.listen, authors=(replace(playbook.listen.authors[0], allocation=None),))
    terms = Terms(replace(playbook, size=size_rule, listen=listen))
    facts = knowing(account=AccountState("main", net_liq))

    outcome = outcome_of(terms, replace(OPENING, price=price, quantity=asked), facts=facts)

    if outcome.size is None:
        assert outcome.reason is Reason.TOO_SMALL
        return
    assert 1 <= outcome.size.quantity <= min(caps[0], asked or caps[0])
    assert outcome.size.cost == outcome.size.quantity * price * 100 <= min(net_liq * percent, caps[1])
    more = outcome.size.quantity + 1
    fits = more * price * 100 <= min(net_liq * percent, caps[1]) and more <= min(caps[0], asked or caps[0])
    assert not fits
