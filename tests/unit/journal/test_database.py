"""Opening the file: made, brought up to date, or refused with a reason."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest

from engine.journal.database import open_database
from engine.model.errors import StoreError

HOLD = """
import sys
from pathlib import Path
from engine.journal.database import open_database
connection = open_database(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
"""


def sql(path: Path, script: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(script)


def fault(path: Path, *, read_only: bool = False) -> StoreError:
    with pytest.raises(StoreError) as caught:
        open_database(path, read_only=read_only)
    return caught.value


def test_a_new_file_has_all_tables_and_opens_again(tmp_path: Path):
    path = tmp_path / "runs.duckdb"
    open_database(path).close()

    with open_database(path, read_only=True) as connection:
        tables = "select table_name from duckdb_tables() where database_name = 'log' order by 1"
        names = connection.execute(tables).fetchall()
        versions = connection.execute("select version from schema_version").fetchall()

    assert [name for (name,) in names] == [
        "account_events",
        "authors",
        "bad_rows",
        "chatter",
        "checks",
        "closed_positions",
        "control_actions",
        "decisions",
        "dropped_runs",
        "fills",
        "flow_events",
        "intents",
        "journal_position",
        "journaled_decisions",
        "order_events",
        "orders",
        "pattern_hits",
        "playbook_versions",
        "refuse",
        "rulebook_texts",
        "run_ends",
        "run_starts",
        "schema_version",
        "stage_changes",
        "test_results",
    ]
    assert versions == [(1,), (2,), (3,), (4,)]


def text_file(path: Path) -> None:
    path.write_text("hello")


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def folder(path: Path) -> None:
    path.mkdir()


def others_tables(path: Path) -> None:
    sql(path, "create table customers (name varchar)")


def newer_tables(path: Path) -> None:
    open_database(path).close()
    sql(path, "insert into schema_version values (999)")


def json_file(path: Path) -> None:
    path.write_text('{"messages": []}')


def parquet_file(path: Path) -> None:
    with duckdb.connect() as connection:
        connection.sql("select 1 as a").write_parquet(str(path))


def cut_in_its_header(path: Path) -> None:
    cut(path, 4096)


def cut_in_its_rows(path: Path) -> None:
    cut(path, -1)


def cut(path: Path, size: int) -> None:
    open_database(path).close()
    path.write_bytes(path.read_bytes()[:size])


def with_a_lost_last_block(path: Path) -> None:
    # The block at the end holds rows that are not read when the file is opened.
    with open_database(path) as connection:
        rows = "select 1, 'file', range, 'code', md5(range::varchar) from range(100000)"
        connection.execute(f"insert into bad_rows {rows}")
    for number in range(3):
        sql(path, f"insert into run_ends values ({number}, now(), 'failed', '', 0, 0, 0, 0)")
    path.write_bytes(path.read_bytes()[: -(1 << 18)])


def overwritten(path: Path) -> None:
    open_database(path).close()
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 200_000)


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        pytest.param(text_file, "store_not_duckdb", "not a DuckDB file", id="a text file"),
        pytest.param(empty_file, "store_not_duckdb", "not a DuckDB file", id="an empty file"),
        pytest.param(json_file, "store_not_duckdb", "not a DuckDB file", id="JSON"),
        pytest.param(parquet_file, "store_not_duckdb", "not a DuckDB file", id="Parquet"),
        pytest.param(cut_in_its_header, "store_damaged", "ends too early", id="cut in its header"),
        pytest.param(cut_in_its_rows, "store_damaged", "ends too early", id="cut in its rows"),
        pytest.param(with_a_lost_last_block, "store_damaged", "ends too early", id="a lost last block"),
        pytest.param(folder, "store_not_duckdb", "is a folder", id="a folder"),
        pytest.param(others_tables, "store_foreign", "customers", id="somebody else's tables"),
        pytest.param(newer_tables, "store_too_new", "version 999", id="tables of a newer version"),
        pytest.param(overwritten, "store_damaged", "is damaged", id="overwritten"),
    ],
)
def test_a_file_that_cannot_be_used_is_left_alone(tmp_path: Path, make: Callable[[Path], None], code: str, says: str):
    path = tmp_path / "runs.duckdb"
    make(path)
    before = path.read_bytes() if path.is_file() else b""

    error = fault(path)

    assert error.code == code
    assert says in error.message
    assert error.remedy
    assert before == (path.read_bytes() if path.is_file() else b"")


@pytest.mark.parametrize("suffix", ["json", "csv", "parquet"])
def test_what_duckdb_would_open_in_memory_is_refused_by_its_content(tmp_path: Path, suffix: str):
    path = tmp_path / f"existing.{suffix}"
    path.write_text("a,b\n1,2\n")

    assert fault(path).code == "store_not_duckdb"


@pytest.mark.parametrize("name", [":memory:", ":memory:runs", "md:runs", "s3://bucket/runs", "sqlite:runs.db"])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_name_that_is_no_file_is_refused(name: str, *, read_only: bool):
    assert fault(Path(name), read_only=read_only).code == "store_not_duckdb"


def test_a_device_is_no_database():
    assert fault(Path("/dev/null")).code == "store_not_duckdb"


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path):
    path = tmp_path / "runs.duckdb"
    first = files("engine.journal") / "migrations" / "0001_replay_runs.sql"
    sql(path, f"{first.read_text('utf-8')}; insert into schema_version values (1)")
    sql(path, "insert into run_starts values (1, '2024-01-02 17:00:00+00', '0', '[]', '[]', '[]')")

    assert fault(path, read_only=True).code == "store_too_old"
    open_database(path).close()

    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select started_at from runs").fetchall() == [(datetime(2024, 1, 2, 17),)]  # noqa: DTZ001


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    assert fault(tmp_path / "gone" / "runs.duckdb").code == "store_unwritable"


def test_a_place_that_is_no_folder_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")

    assert fault(tmp_path / "file" / "runs.duckdb").code == "store_unwritable"


def test_reading_makes_no_file(tmp_path: Path):
    error = fault(tmp_path / "runs.duckdb", read_only=True)

    assert error.code == "store_not_found"
    assert list(tmp_path.iterdir()) == []


def test_reading_does_not_bring_an_old_file_up_to_date(tmp_path: Path):
    path = tmp_path / "runs.duckdb"
    sql(path, "create table schema_version (version integer)")

    assert fault(path, read_only=True).code == "store_too_old"


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_another_process_writes_is_busy_and_the_process_named(tmp_path: Path, *, read_only: bool):
    path = tmp_path / "runs.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"

        error = fault(path, read_only=read_only)

        holder.communicate("\n")

    assert error.code == "store_busy"
    assert f"process {holder.pid}" in error.message
    open_database(path).close()


@pytest.mark.parametrize(
    "table",
    [
        "run_starts",
        "run_ends",
        "playbook_versions",
        "rulebook_texts",
        "decisions",
        "chatter",
        "authors",
        "closed_positions",
        "bad_rows",
        "pattern_hits",
        "dropped_runs",
    ],
)
@pytest.mark.parametrize("change", ["update {} set run_id = 2", "delete from {}", "truncate {}"])
def test_rows_can_neither_be_changed_nor_removed(tmp_path: Path, table: str, change: str):
    with (
        open_database(tmp_path / "runs.duckdb") as connection,
        pytest.raises(duckdb.ConstraintException, match="rows_are_never_changed"),
    ):
        connection.execute(change.format(table))
