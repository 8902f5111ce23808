"""Orders that are sent later, and those that end at a time of their own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.paper.answers import Rejected
from engine.paper.orders import Terms
from engine.paper.words import Status
from tests.unit.paper.known import ACCOUNT, OPEN, exchange, limit, placed, request, seconds, statuses

HOUR = timedelta(hours=1)


def test_an_order_is_not_sent_before_its_time():
    made = exchange()
    order = placed(made, request(terms=replace(limit("1.05"), route_after=OPEN + HOUR)))

    assert order.status is Status.CONTINGENT
    assert statuses(made.advance(OPEN + HOUR - seconds(1)), order.id) == ["Contingent"]
    said = statuses(made.advance(OPEN + HOUR + seconds(10)), order.id)
    assert said == ["Routed", "In Flight", "Live", "Filled"]


def test_an_order_that_is_sent_tomorrow_works_tomorrow():
    made = exchange()
    order = placed(made, request(terms=replace(limit("0.50"), route_after=OPEN + timedelta(days=1))))
    made.advance(OPEN + timedelta(days=1, hours=1))

    assert made.order(ACCOUNT, order.id, OPEN).status is Status.LIVE


def test_an_order_is_cancelled_at_its_time():
    made = exchange()
    order = placed(made, request(terms=replace(limit("0.50"), cancel_at=OPEN + HOUR)))
    made.advance(OPEN + HOUR - seconds(1))
    before = made.order(ACCOUNT, order.id, OPEN)
    made.advance(OPEN + HOUR + seconds(1))
    after = made.order(ACCOUNT, order.id, OPEN)

    assert (before.status, after.status) == (Status.LIVE, Status.CANCELLED)
    assert after.cancelled_at == OPEN + HOUR


def test_an_order_that_filled_is_not_cancelled_by_its_rule():
    made = exchange()
    order = placed(made, request(terms=replace(limit("1.05"), cancel_at=OPEN + HOUR)))
    made.advance(OPEN + 2 * HOUR)

    assert made.order(ACCOUNT, order.id, OPEN).status is Status.FILLED


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (replace(limit("1.05"), has_conditions=True), "order_conditions_not_supported"),
        (replace(limit("1.05"), route_after=OPEN + HOUR, cancel_at=OPEN + HOUR), "invalid_order_rule"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(terms: Terms, code: str):
    answer = exchange().place(ACCOUNT, request(terms=terms), OPEN)

    assert isinstance(answer, Rejected)
    assert [problem.code for problem in answer.problems] == [code]
