"""A message is new once in its channel, however archives overlap."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.replay.known_ids import KnownIds

batches = st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.integers(0, 30), max_size=8)), max_size=8)


@settings(deadline=None)
@given(batches)
def test_an_id_is_new_the_first_time_only(batches: list[tuple[str, list[int]]]):
    seen: set[tuple[str, int]] = set()
    with KnownIds() as known:
        for channel, ids in batches:
            is_new = known.take(channel, pa.array(ids, pa.int64()))

            for place, number in enumerate(ids):
                assert (is_new is None or is_new[place].as_py()) is ((channel, number) not in seen)
                seen.add((channel, number))


def test_what_comes_in_order_is_never_read_back():
    with KnownIds() as known:
        taken = [known.take("a", pa.array(range(start, start + 10), pa.int64())) for start in range(0, 1000, 10)]

    assert taken == [None] * 100
