"""What looks like an order and is talk about one: each row was read as an order by some version of some reader."""

import pytest

from engine.model.decision import Reason
from tests.corpus.rows import message_of
from tests.corpus.shipped import shipped_reader


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("Trades today:\nBTO SPY 690c @ 1.20", Reason.CONDITION, id="under a heading of past trades"),
        pytest.param("Today's watchlist\nBTO NVDA 190C 1/16 @ 2.15", Reason.CONDITION, id="under a heading of plans"),
        pytest.param("BTO SPY 690c @ 1.20\nSTC SPY 690c @ 1.80", Reason.HEARSAY, id="in and out of one contract"),
        pytest.param("Short AAPL 190C 12/18 is a bad idea", Reason.HEARSAY, id="an opinion"),
        pytest.param("Long NVDA 190C with the whole room", Reason.LEFTOVER, id="prose behind an entry without a price"),
        pytest.param("STC SPY 690C 12/18 2.10 to 3.10", Reason.AMBIGUOUS, id="two prices on an exit"),
        pytest.param("SOLD QCOM 12/18 180C $3.10 50%", Reason.AMBIGUOUS, id="a bare percentage on an exit"),
        pytest.param("SELL AAPL 250C 12/18 @ 1.10 covered call", Reason.AMBIGUOUS, id="a call written, not sold off"),
        pytest.param("STC ALL 210c 12/18 @ 2.22", Reason.NOT_A_SYMBOL, id="all of it, or Allstate"),
        pytest.param("SOLD a few AMD 285C 12/18 $2.20", Reason.VAGUE_FRACTION, id="a few"),
        pytest.param("OPENED: SPX CCS 7390/85 $1.25 x3", Reason.BAD_STRUCTURE, id="a spread the other way round"),
        pytest.param("BTO SPY 690C 12/18 @ 2.10 (paper)", Reason.NEGATION, id="on paper"),
    ],
)
def test_talk_is_refused(text: str, code: Reason):
    """S-205: with a code that says why."""
    reading = shipped_reader().read(message_of(text))

    assert reading.alerts == ()
    assert reading.refusal is not None
    assert reading.refusal.code == code


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("still in SPX 7060C 12/18 $4.05", id="what is held"),
        pytest.param("I'm still in SPX 6970C", id="what is held, without a price"),
    ],
)
def test_what_is_held_is_no_entry(text: str):
    """S-205."""
    assert shipped_reader().read(message_of(text)).alerts == ()
