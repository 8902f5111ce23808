"""Messages to the broker are rationed, the urgent ones last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.budget import Budget
from engine.model.order import Priority

KILL, CANCEL, EXIT, LOOK, ENTRY = Priority


@pytest.mark.parametrize(
    ("spent_before", "priority", "expected"),
    [
        pytest.param(0, ENTRY, 0.0, id="the first goes"),
        pytest.param(5, ENTRY, 0.0, id="the last share of entries goes"),
        pytest.param(6, ENTRY, 60.0, id="beyond it an entry waits"),
        pytest.param(6, LOOK, 0.0, id="while a look still goes"),
        pytest.param(7, LOOK, 60.0, id="until its share is gone"),
        pytest.param(7, EXIT, 0.0, id="while an exit still goes"),
        pytest.param(8, EXIT, 60.0, id="until its share is gone too"),
        pytest.param(8, CANCEL, 0.0, id="while a cancel still goes"),
        pytest.param(9, CANCEL, 60.0, id="until only kill has any left"),
        pytest.param(9, KILL, 0.0, id="which takes the last"),
        pytest.param(10, KILL, 60.0, id="and waits when there is none"),
    ],
)
def test_who_goes_without_first(spent_before: int, priority: Priority, expected: float):
    budget = Budget(10)
    for _ in range(spent_before):
        assert budget.spend(KILL, 100.0) == 0.0

    assert budget.spend(priority, 100.0) == expected


def test_a_token_comes_back_a_minute_after_it_was_spent():
    budget = Budget(2)

    assert [budget.spend(KILL, at) for at in (0.0, 30.0, 59.0, 60.0, 60.0, 90.0)] == [0.0, 0.0, 1.0, 0.0, 30.0, 0.0]


def test_the_wait_of_an_entry_is_until_its_own_share_is_free():
    budget = Budget(10)
    for at in range(8):
        budget.spend(KILL, float(at))

    assert budget.spend(ENTRY, 10.0) == 52.0
    assert budget.spend(ENTRY, 62.0) == 0.0


asks = st.lists(st.tuples(st.floats(0, 5), st.sampled_from(Priority)), max_size=200)


@given(size=st.integers(1, 30), asks=asks)
def test_no_minute_sees_more_than_there_are(size: int, asks: list[tuple[float, Priority]]):
    budget = Budget(size)
    now = 0.0
    spent: list[float] = []
    for later, priority in asks:
        now += later
        wait = budget.spend(priority, now)
        assert 0.0 <= wait <= 60.0
        if wait == 0.0:
            spent.append(now)

    assert all(sum(at <= each < at + 60.0 for each in spent) <= size for at in spent)


@given(size=st.integers(1, 100))
def test_the_more_urgent_never_has_less(size: int):
    shares = [Budget(size).share(priority) for priority in Priority]

    assert shares == sorted(shares, reverse=True)
    assert shares[0] == size
    assert shares[-1] >= 1
