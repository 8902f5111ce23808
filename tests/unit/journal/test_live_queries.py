"""A file that one process holds answers the questions of another."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from engine.decide.record import Record
from engine.journal.database import open_database
from engine.journal.live_queries import SocketRows, readable, socket_path
from engine.journal.queries import open_runs
from engine.journal.sql_rows import FileRows
from engine.journal.store import DuckStore
from engine.model.decision import Outcome
from engine.model.errors import StoreError
from engine.model.run import RunCounts, RunStart

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")

ASK = """
import sys
from pathlib import Path
from engine.journal.queries import open_runs
with open_runs(Path(sys.argv[1])) as log:
    run = log.run()
    [row] = log.decisions(run.run_id)
    [record] = log.records(run.run_id)
    print(run.status, row.symbol, record.decision.message_id == row.message_id)
"""
HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from engine.journal.store import DuckStore
store = DuckStore(Path(sys.argv[1]), lambda: datetime(2024, 1, 2, tzinfo=UTC))
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def path(
    tmp_path: Path, clock: Callable[[], datetime], decided: Callable[..., Record], approved: Outcome
) -> Iterator[Path]:
    """A file this process holds, with one run of one decision."""
    path = tmp_path / "runs.duckdb"
    with DuckStore(path, clock) as store:
        with store.run(RunStart("1.0")) as writer:
            writer.write([decided(1, approved)])
            writer.finish(RunCounts(1))
        yield path


def refusal(path: Path, sql: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        SocketRows(path).query(sql, {})
    return caught.value


def test_another_process_asks_while_this_one_writes(path: Path):
    """S-716."""
    asked = subprocess.run([sys.executable, "-c", ASK, str(path)], capture_output=True, text=True, check=False)

    assert asked.stderr == ""
    assert asked.stdout == "finished SPY True\n"


def test_the_answers_are_those_of_the_file(path: Path):
    question = "select run_id, status, counts.x, null, 1.5::double, true from runs, (select {'x': 'a'} as counts)"

    assert SocketRows(path).query(question, {}) == [(1, "finished", "a", None, 1.5, True)]


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("delete from decisions", id="a change"),
        pytest.param("drop table bad_rows", id="a removal"),
        pytest.param("select 1; drop table bad_rows", id="a change behind a question"),
        pytest.param("copy decisions to 'x.csv'", id="a file"),
        pytest.param("pragma database_size", id="a pragma"),
        pytest.param("set memory_limit = '1GB'", id="a setting"),
        pytest.param("", id="nothing"),
        pytest.param(
            "with added as (insert into pattern_hits values (1, 'p', 'x', 1) returning 1) select * from added",
            id="a change within a question",
        ),
    ],
)
def test_nothing_but_a_question_is_answered(path: Path, sql: str):
    """S-716."""
    assert refusal(path, sql).code == "store_failed"
    assert SocketRows(path).query("select count(*) from bad_rows", {}) == [(0,)]
    assert SocketRows(path).query("select count(*) from pattern_hits", {}) == [(0,)]


def test_a_question_that_fails_says_why_and_the_next_is_answered(path: Path):
    assert "nowhere" in refusal(path, "from nowhere").message
    assert SocketRows(path).query("select $a + 1", {"a": 1}) == [(2,)]


def test_what_is_no_question_is_no_harm(path: Path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(socket_path(path)))
        client.sendall(b"\x00\x00\x00\x02\xff\xff")

    assert SocketRows(path).query("select 1", {}) == [(1,)]


def test_the_socket_is_its_owners_and_goes_with_the_file(tmp_path: Path, clock: Callable[[], datetime]):
    """S-716."""
    path = tmp_path / "runs.duckdb"
    with DuckStore(path, clock):
        assert stat.S_IMODE(socket_path(path).stat().st_mode) == 0o600

    assert not socket_path(path).exists()


def test_a_file_nobody_holds_is_opened(tmp_path: Path):
    path = tmp_path / "runs.duckdb"
    open_database(path).close()

    with readable(path) as rows:
        assert isinstance(rows, FileRows)


def test_the_socket_of_a_killed_process_is_in_nobodys_way(tmp_path: Path, clock: Callable[[], datetime]):
    """S-716."""
    path = tmp_path / "runs.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()

    assert socket_path(path).exists()
    with readable(path) as rows:
        assert isinstance(rows, FileRows)
    with DuckStore(path, clock):
        assert SocketRows(path).query("select 1", {}) == [(1,)]


def test_a_file_that_is_held_and_does_not_answer_is_busy(tmp_path: Path):
    path = tmp_path / "runs.duckdb"
    with open_database(path), pytest.raises(StoreError) as caught, open_runs(path):
        pass

    assert caught.value.code == "store_busy"


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs a way round a limit of the kernel")
def test_a_long_path_is_no_obstacle(tmp_path: Path, clock: Callable[[], datetime]):
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()

    with DuckStore(folder / "runs.duckdb", clock):
        assert SocketRows(folder / "runs.duckdb").query("select 1", {}) == [(1,)]
