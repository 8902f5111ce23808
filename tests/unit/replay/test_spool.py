"""Events come back from the spool in the order they happened."""

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.replay.spool import Moment, Spool

moments = st.builds(
    Moment,
    at=st.sampled_from([0, 1, 2**50]),
    id=st.sampled_from([0, 5, 2**63 - 1]),
    event=st.integers(1, 2),
)


@settings(deadline=None)
@given(st.lists(st.tuples(moments, st.binary(max_size=8))))
def test_events_come_sorted_and_equal_ones_as_they_were_added(events: list[tuple[Moment, bytes]]):
    with Spool() as spool:
        for moment, body in events:
            spool.add(moment, body)

        assert list(spool.in_order()) == [body for _, body in sorted(events, key=lambda event: event[0])]
        assert len(spool) == len(events)
