"""Runs as Parquet: the same decisions give the same bytes."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from engine.decide.record import Record
from engine.journal.store import DuckStore
from engine.model.chatter import ChatterBatch
from engine.model.decision import Outcome
from engine.model.run import RunCounts, RunStart

Make = Callable[..., Record]
START = RunStart("1.0")
NOON = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)


def batch(numbers: Iterable[int]) -> ChatterBatch:
    ids = list(numbers)
    columns = {
        "message_id": pa.array([1191500000000000000 + number for number in ids], pa.int64()),
        "author_id": pa.array([300 + number % 3 for number in ids], pa.int64()),
        "posted_at": pa.array([NOON] * len(ids), pa.timestamp("us", "UTC")),
    }
    return ChatterBatch("momentum", "100", pa.table(columns))


def exported(store: DuckStore, run_id: int, folder: Path) -> dict[str, bytes]:
    store.export_run(run_id, folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_two_runs_that_decided_the_same_give_the_same_bytes(
    tmp_path: Path, clock: Callable[[], datetime], decided: Make, approved: Outcome
):
    records = [decided(number, approved) for number in range(3_000)]

    with DuckStore(tmp_path / "runs.duckdb", clock) as store:
        with store.run(START) as writer:
            writer.write(records)
            writer.write_chatter(batch(range(5_000)))
            writer.write_authors({"300": "ann", "301": "bob"})
            writer.finish(RunCounts())
        with store.run(START) as writer:
            writer.write_authors({"301": "bob"})
            writer.write_chatter(batch(range(2_500, 5_000)))
            writer.write(reversed(records))
            writer.write_chatter(batch(range(2_500)))
            writer.write_authors({"300": "ann"})
            writer.finish(RunCounts())

        first, second = exported(store, 1, tmp_path / "one"), exported(store, 2, tmp_path / "two")

    assert sorted(first) == ["chatter.parquet", "decisions.parquet"]
    assert first == second


def test_every_row_is_in_the_files(
    tmp_path: Path, clock: Callable[[], datetime], decided: Make, approved: Outcome, chatter: Outcome
):
    with DuckStore(tmp_path / "runs.duckdb", clock) as store:
        with store.run(START) as writer:
            writer.write([decided(1, approved), decided(2, chatter, author_id="302", author_name="Bob")])
            writer.write_chatter(batch([3]))
            writer.finish(RunCounts())

        store.export_run(1, tmp_path / "it's here")

    with duckdb.connect() as connection:
        files = [str(tmp_path / "it's here" / name) for name in ("decisions.parquet", "chatter.parquet")]
        read = [connection.read_parquet(file) for file in files]
        assert read[0].select("message_id, symbol, verdict").fetchall() == [("1191500000000000001", "SPY", "approved")]
        assert read[1].select("message_id, author_name").order("message_id").fetchall() == [
            (1191500000000000002, "Bob"),
            (1191500000000000003, ""),
        ]
        assert "run_id" not in read[0].columns + read[1].columns


@pytest.mark.parametrize("size", [1, 40_000])
def test_chatter_in_columns_is_chatter(tmp_path: Path, clock: Callable[[], datetime], size: int):
    with DuckStore(tmp_path / "runs.duckdb", clock) as store:
        with store.run(START) as writer:
            writer.write_chatter(batch(range(size)))
            writer.write_authors({"300": "ann", "300x": "nobody"})
            writer.write_authors({"300": "another"})
            writer.finish(RunCounts())
        [row] = store.log().decision(1, "1191500000000000000")

    assert (row.playbook, row.channel_id, row.author_name, row.posted_at) == ("momentum", "100", "ann", NOON)  # type: ignore[union-attr]
