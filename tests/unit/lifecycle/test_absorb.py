"""What the broker shows comes in any order, and more than once."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.lifecycle import events as e
from engine.lifecycle.order_state import OrderState
from engine.lifecycle.states import State
from engine.model.order import OrderStatus, PlacedOrder
from tests.unit.lifecycle.orders import NOW, a_fill, after, an_order, placed, replacing, sent

ORDER = an_order()
FILLS = (a_fill(3), a_fill(3, "f2"), a_fill(4, "f3"))


def _filled() -> list[PlacedOrder]:
    shown = [
        placed(ORDER, OrderStatus.RECEIVED),
        placed(ORDER, OrderStatus.ROUTED),
        placed(ORDER),
        placed(ORDER, fills=FILLS[:1]),
        placed(ORDER, fills=FILLS[:2]),
        placed(ORDER, OrderStatus.FILLED, fills=FILLS[:2]),
        placed(ORDER, OrderStatus.FILLED, fills=FILLS),
    ]
    return [replace(one, updated_at=NOW + timedelta(milliseconds=n)) for n, one in enumerate(shown)]


def _replaced_and_cancelled() -> list[PlacedOrder]:
    new = replacing(placed(ORDER, name="B2"), "B1")
    return [
        placed(ORDER),
        replace(placed(ORDER, OrderStatus.REPLACE_REQUESTED), replaced_by="B2"),
        replace(new, status=OrderStatus.CONTINGENT),
        replace(placed(ORDER, OrderStatus.CANCELLED), replaced_by="B2"),
        new,
        replace(new, status=OrderStatus.CANCEL_REQUESTED),
        replace(new, status=OrderStatus.CANCELLED),
    ]


def _end(shown: list[PlacedOrder]) -> OrderState:
    return after(sent(), *[e.Reported(one) for one in shown])


@given(st.data())
def test_a_filled_order_is_filled_whatever_the_order_of_the_reports(data: st.DataObject):
    """S-804."""
    reports = data.draw(st.permutations(_filled() + _filled()[:4]))

    order = _end(reports)

    assert (order.state, order.filled, order.is_settled) == (State.FILLED, 10, True)
    assert {fill.id for fill in order.fills} == {"f1", "f2", "f3"}
    assert len(order.fills) == 3


@given(st.data())
def test_a_replaced_and_cancelled_order_is_cancelled_whatever_the_order_of_the_reports(data: st.DataObject):
    """S-811."""
    reports = data.draw(st.permutations(_replaced_and_cancelled()))

    order = _end(reports)

    assert (order.state, order.filled, order.could_fill) == (State.CANCELLED, 0, 10)
    assert set(order.order_ids) == {"B1", "B2"}


def test_an_end_is_never_taken_back():
    order = _end([placed(ORDER, OrderStatus.CANCELLED), placed(ORDER)])

    assert (order.state, order.status) == (State.CANCELLED, OrderStatus.CANCELLED)


def test_a_later_report_may_say_that_a_cancel_was_dropped():
    asked = replace(placed(ORDER, OrderStatus.CANCEL_REQUESTED), updated_at=NOW)
    live = replace(placed(ORDER), updated_at=NOW + timedelta(seconds=1))

    assert _end([asked, live]).status is OrderStatus.LIVE
    assert _end([live, asked]).status is OrderStatus.LIVE
