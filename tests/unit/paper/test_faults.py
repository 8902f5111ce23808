"""S-849, S-853: faults strike where they are scripted; a misspelt place is refused with the nearest there is."""

import pytest

from engine.paper.faults import Faults, NoSuchPlace, Slip, Trouble


def faults() -> Faults:
    made = Faults()
    made.requests = frozenset({"place_order", "dry_run_order", "token"})
    made.messages = frozenset({"Order", "AccountBalance"})
    return made


@pytest.mark.parametrize(
    ("kind", "where", "said"),
    [
        (Trouble.EMPTY, "dry_run", "no request is called 'dry_run': did you mean 'dry_run_order'?"),
        (Trouble.EMPTY, "Order", "no request is called 'Order'"),
        (Slip.LOSE, "order", "no message is called 'order': did you mean 'Order'?"),
        (Slip.LOSE, "zzz", "no message is called 'zzz': there are AccountBalance, Order"),
    ],
)
def test_a_place_there_is_none_of_is_refused(kind: Trouble | Slip, where: str, said: str):
    with pytest.raises(NoSuchPlace) as refused:
        faults().script(kind, where)

    assert said in str(refused.value)


def test_what_was_scripted_strikes_once_for_each_time():
    made = faults()
    made.script(Trouble.CUT, "place_order", times=2)
    made.script(Slip.LOSE)

    assert [made.trouble("dry_run_order"), made.trouble("place_order"), made.trouble("place_order")] == [
        None,
        Trouble.CUT,
        Trouble.CUT,
    ]
    assert made.trouble("place_order") is None
    assert [made.slip("Order"), made.slip("Order")] == [Slip.LOSE, None]
    assert made.struck == {Trouble.CUT: 2, Slip.LOSE: 1}


def test_no_trouble_has_the_word_of_a_slip():
    assert {*map(str, Trouble)}.isdisjoint(map(str, Slip))


def test_what_was_scripted_is_forgotten_when_told():
    made = faults()
    made.script(Trouble.CUT)
    made.clear()

    assert made.trouble("place_order") is None
