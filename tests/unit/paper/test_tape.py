"""Recorded quotes are read from CSV and Parquet, and stand until the next."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.paper.quotes import Quote
from engine.paper.synthetic import SyntheticMarket
from engine.paper.tape import Tape, TapeError, TapeOver, read_tape
from tests.unit.paper.known import CALL, HIGHER, LISTING, OPEN, quote, seconds

FIRST = datetime(2023, 5, 11, 14, 15, 30, tzinfo=UTC)
QQQ = "QQQ   230512C00327000"
MARKS = f"timestamp,occ_symbol,mark\n1683814535,{QQQ},0.7\n1683814530,{QQQ},0.69\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "tape.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_marks_alone_are_both_sides(tmp_path: Path):
    tape = read_tape(written(tmp_path, MARKS))
    mark = Decimal("0.69")

    assert tape.quote(QQQ, FIRST) == Quote(FIRST, mark, mark, 100, 100, mark)
    assert tape.quote(QQQ, FIRST + seconds(60)).bid == Decimal("0.7")
    assert tape.quote(QQQ, FIRST - seconds(1)) is None
    assert tape.next_change((QQQ, CALL), FIRST) == FIRST + seconds(5)
    assert tape.next_change((QQQ,), FIRST + seconds(5)) is None


def test_an_empty_cell_is_a_missing_side(tmp_path: Path):
    text = f"timestamp,symbol,bid,ask,bid_size\n2026-11-23T10:00:00-05:00,{CALL},,0.05,7\n"

    assert read_tape(written(tmp_path, text)).quote(CALL, OPEN) == Quote(OPEN, None, Decimal("0.05"), 7, 100)


def test_parquet_reads_like_csv(tmp_path: Path):
    path = tmp_path / "tape.parquet"
    columns = {"timestamp": [FIRST, FIRST + seconds(5)], "symbol": [QQQ, QQQ], "bid": [0.68, None], "ask": [0.7, 0.71]}
    pq.write_table(pa.table(columns), path)
    tape = read_tape(path)

    assert tape.quote(QQQ, FIRST) == Quote(FIRST, Decimal("0.68"), Decimal("0.7"), 100, 100)
    assert tape.quote(QQQ, FIRST + seconds(9)).bid is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("timestamp,symbol,mark\nsoon,X,1\n", id="a time that is none"),
        pytest.param("timestamp,symbol,mark\n2026-11-23T10:00:00,X,1\n", id="a time without an offset"),
        pytest.param("timestamp,symbol,mark\n1683814535,X,much\n", id="a price that is none"),
        pytest.param("timestamp,symbol,mark\n1683814535,X,-1\n", id="a negative price"),
        pytest.param("timestamp,mark\n1683814535,1\n", id="no symbol"),
        pytest.param("timestamp,symbol,mark\n1683814535,,1\n", id="an empty symbol"),
        pytest.param("timestamp,symbol,price\n1683814535,X,1\n", id="no column of prices"),
        pytest.param("timestamp,symbol,mark,bid_size\n1683814535,X,1,-5\n", id="a negative size"),
        pytest.param("timestamp,symbol,mark,ask_size\n1683814535,X,1,inf\n", id="an endless size"),
        pytest.param("timestamp,symbol,mark,ask_size\n1683814535,X,1,1e99\n", id="a size beyond all reason"),
        pytest.param(f"timestamp,symbol,mark\n{'9' * 23},X,1\n", id="a time beyond all years"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, text: str):
    with pytest.raises(TapeError, match=r"row 1 of tape\.csv"):
        read_tape(written(tmp_path, text))


def test_a_column_that_is_missing_is_named_with_those_there_are(tmp_path: Path):
    with pytest.raises(TapeError, match="it has no column timestamp, but time;symbol;bid;ask"):
        read_tape(written(tmp_path, "time;symbol;bid;ask\n1;X;1;2\n"))


@pytest.mark.parametrize("text", ["", "timestamp,symbol,mark\n"])
def test_a_tape_without_a_row_is_none(tmp_path: Path, text: str):
    with pytest.raises(TapeError, match="no row"):
        read_tape(written(tmp_path, text))


@pytest.mark.parametrize("name", ["none.csv", "none.parquet", "broken.csv", "broken.parquet"])
def test_a_file_that_is_no_tape_is_an_error_of_its_own(tmp_path: Path, name: str):
    if name.startswith("broken"):
        (tmp_path / name).write_bytes(b"\xff\xfe\x00")

    with pytest.raises(TapeError, match=f"{name} cannot be read"):
        read_tape(tmp_path / name)


def test_quotes_are_added_in_order():
    tape = Tape()
    tape.add(CALL, quote("1", "2"))
    tape.add(CALL, quote("1.5", "2"))

    assert tape.quote(CALL, OPEN).bid == Decimal("1.5")
    with pytest.raises(TapeError, match="after one of"):
        tape.add(CALL, quote("1", "2", OPEN - seconds(1)))


def test_a_tape_takes_the_place_of_the_symbols_it_holds():
    """S-854."""
    tape, market = Tape(), SyntheticMarket(LISTING, seed=7)
    tape.add(CALL, quote("9", "10", OPEN + seconds(60)))
    both = TapeOver(tape, market)

    assert both.quote(CALL, OPEN) is None
    assert both.quote(CALL, OPEN + seconds(60)).bid == 9
    assert both.quote(HIGHER, OPEN) == market.quote(HIGHER, OPEN)
    assert both.greeks(CALL, OPEN) == market.greeks(CALL, OPEN)
    assert both.next_change([CALL], OPEN) == OPEN + seconds(60)
    assert both.next_change([CALL, HIGHER], OPEN) == market.next_change([HIGHER], OPEN)
    assert both.next_change([CALL], OPEN + seconds(60)) is None
