"""A witness is written as SEQ:HASH and read back, or refused."""

import pytest

from engine.model.entry import GENESIS, Witness


@pytest.mark.parametrize(
    ("text", "seq"),
    [
        pytest.param(f"7:{GENESIS}", 7, id="plain"),
        pytest.param(f"{7:020}:{GENESIS}\n", 7, id="as the head has it"),
        pytest.param(f"0:{GENESIS}", 0, id="before the first"),
    ],
)
def test_a_witness_is_read(text: str, seq: int):
    witness = Witness.read(text)

    assert witness == (seq, GENESIS)
    assert Witness.read(str(witness)) == witness


def test_the_case_of_digits_plays_no_part():
    assert Witness.read("7:" + "AB" * 32) == (7, "ab" * 32)


@pytest.mark.parametrize(
    "text", ["", "7", ":", f":{GENESIS}", f"-1:{GENESIS}", f"٧:{GENESIS}", "7:" + "g" * 64, "7:00"]
)
def test_what_is_no_witness_is_refused(text: str):
    with pytest.raises(ValueError, match="is not SEQ:HASH"):
        Witness.read(text)
