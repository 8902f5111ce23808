"""Random orders through executors, the real adapter and an exchange at its worst; `make soak` plays many more."""

import pytest

from tests.contract.hostile_orders import Tally, play


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_order_is_sent_twice_lost_or_overfilled_whatever_goes_wrong(seed: int):
    tally = play(seed, steps=120, per_episode=120, tally=Tally())

    assert tally.steps == 120
    assert tally.placed > 10
    assert tally.fills > 5
