import pytest

from engine.playbook.spelling import nearest


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("max_contract", "max_contracts", id="a letter is missing"),
        pytest.param("Percent", "percent", id="capitals do not matter"),
        pytest.param("max-contracts", "max_contracts", id="a dash for an underscore"),
        pytest.param("zzz", "", id="nothing is alike"),
    ],
)
def test_nearest(word: str, expected: str):
    assert nearest(word, ["max_contracts", "percent"]) == expected
