"""Orders that hang together: OCO, OTO, OTOCO."""

from decimal import Decimal

import pytest

from engine.paper.answers import Placed, PlacedComplex, Rejected
from engine.paper.conduct import Conduct
from engine.paper.exchange import Exchange
from engine.paper.orders import ComplexOrder, ComplexRequest, OrderRequest, Terms
from engine.paper.tape import Tape
from engine.paper.words import Action, ComplexType, Effect, OrderType, Status, TimeInForce
from tests.unit.paper.known import (
    ACCOUNT,
    CALL,
    OPEN,
    exchange,
    leg,
    limit,
    placed,
    quote,
    request,
    seconds,
    selling,
    statuses,
    tape,
)

LATER = OPEN + seconds(60)
STOP = request(leg(action=Action.SELL_TO_CLOSE), terms=Terms(OrderType.STOP, stop_trigger=Decimal("0.50")))
PAIR = (selling(price="2.00"), STOP)
OCO = ComplexRequest(ComplexType.OCO, PAIR)
RESTING = request(terms=limit("0.90"))


def moving(*marks: tuple[float, str, str]) -> Tape:
    market = tape()
    for at, bid, ask in marks:
        market.add(CALL, quote(bid, ask, OPEN + seconds(at)))
    return market


def taken(made: Exchange, asked: ComplexRequest) -> ComplexOrder:
    answer = made.place_complex(ACCOUNT, asked, OPEN)
    assert isinstance(answer, PlacedComplex), answer
    return answer.order


def states(made: Exchange, complex_id: int) -> list[Status]:
    found = made.complex_order(ACCOUNT, complex_id, LATER)
    assert found is not None
    return [order.status for order in found.children()]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        pytest.param((5, "2.00", "2.10"), [Status.FILLED, Status.CANCELLED], id="the profit is reached"),
        pytest.param((5, "0.40", "0.50"), [Status.CANCELLED, Status.FILLED], id="the stop is reached"),
        pytest.param((5, "1.00", "1.10"), [Status.LIVE, Status.LIVE], id="neither is"),
    ],
)
def test_one_of_a_pair_cancels_the_other(move: tuple[float, str, str], expected: list[Status]):
    made = exchange(market=moving(move))
    placed(made, request())

    assert states(made, taken(made, OCO).id) == expected
    assert sum(each.quantity for each in made.positions(ACCOUNT, LATER)) == (1 if expected[0] is Status.LIVE else 0)


def test_children_wait_for_the_trigger():
    made = exchange(market=moving((5, "0.85", "0.90"), (10, "2.00", "2.10")))
    group = taken(made, ComplexRequest(ComplexType.OTOCO, PAIR, RESTING))
    waiting = made.complex_order(ACCOUNT, group.id, OPEN)

    assert waiting is not None
    assert [order.status for order in waiting.children()] == [Status.LIVE, Status.CONTINGENT, Status.CONTINGENT]
    assert [order.complex_tag for order in waiting.children()] == [
        "OTOCO::trigger-order",
        "OTOCO::oco-1-order",
        "OTOCO::oco-2-order",
    ]
    assert states(made, group.id) == [Status.FILLED, Status.FILLED, Status.CANCELLED]


def test_children_end_with_a_trigger_that_does_not_fill():
    made = exchange()
    group = taken(made, ComplexRequest(ComplexType.OTO, (selling(price="2.00"),), RESTING))
    assert group.trigger is not None
    made.cancel(ACCOUNT, group.trigger.id, OPEN)

    assert states(made, group.id) == [Status.CANCELLED, Status.CANCELLED]


def test_a_replaced_trigger_still_sets_its_children_going():
    made = exchange(Conduct(), moving((90, "2.00", "2.10")))
    group = taken(made, ComplexRequest(ComplexType.OTO, (selling(price="3.00"),), RESTING))
    assert group.trigger is not None
    made.replace(ACCOUNT, group.trigger.id, limit("1.05"), OPEN + seconds(20))

    assert states(made, group.id) == [Status.FILLED, Status.LIVE]


def test_one_of_a_pair_can_be_replaced_and_the_pair_still_closes_once():
    """S-971."""
    made = exchange(market=moving((30, "3.00", "3.10"), (40, "0.40", "0.45")))
    placed(made, request())
    made.advance(OPEN + seconds(1))
    group = made.place_complex(ACCOUNT, OCO, OPEN + seconds(5))
    assert isinstance(group, PlacedComplex), group
    profit = group.order.orders[0]

    answer = made.replace(ACCOUNT, profit.id, limit("2.50", Effect.CREDIT), OPEN + seconds(20))

    assert isinstance(answer, Placed), answer
    assert states(made, group.order.id) == [Status.FILLED, Status.CANCELLED]
    assert [each.quantity for each in made.positions(ACCOUNT, LATER)] == [0]
    too_much = made.place(ACCOUNT, selling(), LATER)
    assert isinstance(too_much, Placed)
    assert [notice.code for notice in too_much.warnings] == ["closing_with_no_position"]


def test_cancelling_the_whole_cancels_every_part():
    made = exchange()
    placed(made, request())
    group = taken(made, OCO)
    made.advance(OPEN)
    answer = made.cancel_complex(ACCOUNT, group.id, OPEN)

    assert isinstance(answer, ComplexOrder)
    assert states(made, group.id) == [Status.CANCELLED, Status.CANCELLED]
    assert made.cancel_complex(ACCOUNT, 99, OPEN) == Rejected("record_not_found", "there is no order 99")
    assert [each.id for each in made.complex_orders(ACCOUNT, LATER)] == [group.id]


def test_a_pair_closes_a_position_once():
    made = exchange()
    placed(made, request())

    taken(made, OCO)
    refused = made.place(ACCOUNT, selling(), OPEN)
    assert isinstance(refused, Rejected)
    assert [each.code for each in refused.problems] == ["cannot_close_against_more_than_existing_position"]


def test_a_dry_run_numbers_the_children_and_takes_nothing():
    made = exchange()
    answer = made.dry_run_complex(ACCOUNT, OCO, OPEN)

    assert isinstance(answer, PlacedComplex)
    assert [order.preflight_id for order in answer.order.orders] == [0, 1]
    assert {order.status for order in answer.order.orders} == {Status.CONTINGENT}
    assert [each.code for each in answer.warnings] == ["closing_with_no_position"]
    assert made.orders(ACCOUNT, OPEN) == ()


def test_every_change_of_a_part_says_the_whole():
    made = exchange()
    group = taken(made, ComplexRequest(ComplexType.OTO, (selling(price="2.00"),), RESTING))
    events = made.advance(LATER)
    whole = [event.subject for event in events if isinstance(event.subject, ComplexOrder)]

    assert group.trigger is not None
    assert statuses(events, group.trigger.id) == ["Contingent", "Routed", "In Flight", "Live"]
    assert [each.trigger.status for each in whole if each.trigger is not None][-1] is Status.LIVE


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param(
            ComplexRequest(ComplexType.OCO, (selling(), selling(price="2"))),
            "invalid_oco_order_type_combo",
            id="two limits",
        ),
        pytest.param(
            ComplexRequest(ComplexType.OCO, (request(selling().legs[0], terms=Terms(OrderType.MARKET)), STOP)),
            "invalid_oco_order_type_combo",
            id="a market order",
        ),
        pytest.param(ComplexRequest(ComplexType.OCO, (STOP,)), "invalid_complex_order", id="one alone"),
        pytest.param(ComplexRequest(ComplexType.OTO, PAIR), "invalid_complex_order", id="no trigger"),
        pytest.param(ComplexRequest(ComplexType.PAIRS, PAIR), "complex_order_type_not_supported", id="a ratio"),
        pytest.param(
            ComplexRequest(ComplexType.OTO, (OrderRequest((), limit("1")),), RESTING),
            "invalid_leg_count",
            id="a bad child",
        ),
    ],
)
def test_refused_by_code(asked: ComplexRequest, code: str):
    made = exchange()
    placed(made, request(leg(quantity=2)))
    answer = made.place_complex(ACCOUNT, asked, OPEN)

    assert isinstance(answer, Rejected)
    assert code in {problem.code for problem in answer.problems}


def test_times_in_force_may_differ():
    made = exchange()
    placed(made, request())
    lasting = request(
        leg(action=Action.SELL_TO_CLOSE), terms=Terms(OrderType.STOP, TimeInForce.GTC, stop_trigger=Decimal("0.5"))
    )

    assert states(made, taken(made, ComplexRequest(ComplexType.OCO, (PAIR[0], lasting))).id) == [Status.LIVE] * 2
