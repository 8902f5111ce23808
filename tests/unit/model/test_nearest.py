"""A name that is not one is answered with the valid name most like it, or with none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.nearest import nearest

FIELDS = ("max_contracts", "symbol", "strike", "strikes", "price")
names = st.text(max_size=8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("simbol", "symbol", id="one letter wrong"),
        pytest.param("strikes ", "strikes", id="a space too many"),
        pytest.param("strike", "strike", id="a valid name is its own nearest"),
        pytest.param("prise", "price", id="sounds alike"),
        pytest.param("quantity", "", id="nothing is like it"),
        pytest.param("", "", id="no name"),
        pytest.param("max-contract", "max_contracts", id="a dash for an underscore, and a letter missing"),
        pytest.param("Price", "price", id="capitals do not matter"),
    ],
)
def test_the_nearest_name(name: str, expected: str):
    assert nearest(name, FIELDS) == expected


@given(name=names, valid=st.sets(names))
def test_what_is_suggested_is_always_valid(name: str, valid: set[str]):
    suggested = nearest(name, valid)

    assert suggested in valid | {""}
    if name in valid:
        assert suggested == name
