"""Units of an order and of its fills."""

import pytest

from engine.lifecycle.counting import complete_units, touched_units, units_of, units_placed
from tests.unit.lifecycle.orders import HIGHER_CALL, a_fill, legs


@pytest.mark.parametrize(
    ("near", "far", "complete", "touched"),
    [
        pytest.param(0, 0, 0, 0, id="nothing"),
        pytest.param(2, 4, 2, 2, id="both legs alike"),
        pytest.param(2, 0, 0, 2, id="the first leg's fills come first"),
        pytest.param(2, 3, 1, 2, id="a part of a unit touches it"),
        pytest.param(6, 12, 6, 6, id="more than ordered"),
    ],
)
def test_units_of_fills(near: int, far: int, complete: int, touched: int):
    fills = (a_fill(near), a_fill(far, "f2", HIGHER_CALL))
    spread = legs(5, is_spread=True)

    assert (complete_units(spread, fills), touched_units(spread, fills)) == (complete, touched)


def test_fills_of_another_symbol_count_for_nothing():
    assert complete_units(legs(5), (a_fill(5, symbol="QQQ"),)) == 0


def test_units_of_legs():
    assert (units_of(legs(5, is_spread=True)), units_of(())) == (5, 0)


def test_the_broker_s_legs_are_counted_in_our_units():
    spread = legs(5, is_spread=True)

    assert units_placed(spread, legs(3, is_spread=True)) == 3
    assert units_placed(spread, ()) == 5
    assert units_placed(legs(4), legs(4)) == 4
