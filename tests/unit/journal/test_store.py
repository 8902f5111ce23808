"""Writing runs: exactly, whole or marked as not whole, whatever happens."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from engine.decide.record import Record
from engine.journal.queries import open_runs
from engine.journal.store import DuckStore
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.errors import InvariantBroken, StoreError
from engine.model.position import Closed
from engine.model.run import ArchiveUsed, BadRow, PatternHits, PlaybookVersion, RunCounts, RunStart, RunStatus

Make = Callable[..., Record]
Clock = Callable[[], datetime]

START = RunStart("1.0")


def statuses(path: Path) -> list[tuple[int, RunStatus, str]]:
    with open_runs(path) as log:
        return [(run.run_id, run.status, run.error) for run in log.runs()]


def rows(path: Path, query: str) -> list[Any]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_run_keeps_what_it_started_from_and_how_it_ended(tmp_path: Path, clock: Clock):
    start = RunStart(
        engine_version="1.0",
        arguments=("replay", "a b.json"),
        assumptions=(("positions", "filled at the alert's price"),),
        archives=(ArchiveUsed("a b.json", 5, "ab" * 32),),
        playbooks=(PlaybookVersion("momentum", "c0ffee", "momentum.yaml", "signalbook: 1\n"),),
    )
    counts = RunCounts(messages=9, unwatched=3, bad_rows=1, skipped_system=2)
    path = tmp_path / "runs.duckdb"

    with DuckStore(path, clock) as store, store.run(start) as writer:
        writer.finish(counts)

    with open_runs(path) as log:
        run = log.run()
    assert (run.arguments, run.assumptions, run.archives) == (start.arguments, start.assumptions, start.archives)
    assert (run.status, run.counts, run.started_at, run.finished_at) == (RunStatus.FINISHED, counts, clock(), clock())
    assert rows(path, "from playbook_versions") == [(1, "momentum", "c0ffee", "momentum.yaml", "signalbook: 1\n")]


def test_chatter_is_kept_without_its_text(
    tmp_path: Path, clock: Clock, decided: Make, chatter: Outcome, approved: Outcome
):
    path = tmp_path / "runs.duckdb"
    refused = replace(chatter, verdict=Verdict.DENIED, reason=Reason.TOO_LONG)
    missed = replace(chatter, reason=Reason.NO_PATTERN, is_order_shaped=True)

    with DuckStore(path, clock) as store, store.run(START) as writer:
        writer.write(decided(n, outcome) for n, outcome in enumerate([chatter, approved, refused, missed]))
        writer.finish(RunCounts())

    assert rows(path, "select reason from chatter") == [("not_an_alert",)]
    assert rows(path, "select reason from decisions order by message_id") == [
        ("approved",),
        ("too_long",),
        ("no_pattern",),
    ]
    assert rows(path, "select count(*), count(distinct message_id) from all_decisions") == [(4, 4)]


def test_numbers_too_large_for_a_column_are_exact_in_the_whole_alert(
    tmp_path: Path, clock: Clock, decided: Make, approved: Outcome
):
    path = tmp_path / "runs.duckdb"
    assert approved.alert is not None
    alert = replace(approved.alert, price=Decimal("1e12"), quantity=2**63, fraction=Decimal(1) / 3)

    with DuckStore(path, clock) as store, store.run(START) as writer:
        writer.write([decided(1, replace(approved, alert=alert))])
        writer.finish(RunCounts())

    assert rows(path, "select price, quantity, fraction from alerts") == [(None, None, Decimal("0.333333"))]
    with open_runs(path) as log:
        [decision] = log.decision(1, decided(1).decision.message_id)
    assert isinstance(decision, Decision)
    assert decision.outcomes[0].alert == alert


def test_bad_rows_and_pattern_hits_are_kept(tmp_path: Path, clock: Clock):
    path = tmp_path / "runs.duckdb"

    with DuckStore(path, clock) as store, store.run(START) as writer:
        writer.write_bad_rows([BadRow(7, "no_author", "it has no author", "a.json")])
        writer.write_pattern_hits([PatternHits("momentum", "entry", 3), PatternHits("momentum", "card", 0)])
        writer.finish(RunCounts())

    assert rows(path, "from bad_rows") == [(1, "a.json", 7, "no_author", "it has no author")]
    assert rows(path, "from pattern_hits") == [(1, "momentum", "entry", 3), (1, "momentum", "card", 0)]


def test_the_rulebook_and_what_was_closed_are_kept(tmp_path: Path, clock: Clock):
    path = tmp_path / "runs.duckdb"
    files = (("b.yaml", "second"), ("a.yaml", "first"))
    closed = Closed(
        "momentum",
        "301",
        "SPY",
        "SPY 602C 11/27",
        "11",
        clock(),
        "12",
        clock(),
        8,
        Decimal("1.25"),
        Decimal(2),
        Decimal(600),
    )
    unknown = Closed("momentum", "301", "SPY", "SPY 602C 11/27", "13", clock(), "", clock(), is_expired=True)

    with DuckStore(path, clock) as store, store.run(replace(START, texts=files)) as writer:
        writer.write_closed([closed, unknown])
        writer.finish(RunCounts())

    with open_runs(path) as log:
        assert tuple(log.texts(1).items()) == files
    query = "select symbol, closed_by, quantity, profit, is_expired, is_assumed from closed_positions"
    assert rows(path, query) == [("SPY", "12", 8, Decimal(600), False, True), ("SPY", "", None, None, True, True)]


def test_runs_of_one_file_are_numbered_on(tmp_path: Path, clock: Clock):
    path = tmp_path / "runs.duckdb"
    for expected in (1, 2, 3):
        with DuckStore(path, clock) as store, store.run(START) as writer:
            assert writer.run_id == expected
            writer.finish(RunCounts())

    assert statuses(path) == [(number, RunStatus.FINISHED, "") for number in (3, 2, 1)]


def test_what_was_written_can_be_read_before_the_file_is_closed(
    tmp_path: Path, clock: Clock, decided: Make, approved: Outcome
):
    with DuckStore(tmp_path / "runs.duckdb", clock) as store:
        with store.run(START) as writer:
            writer.write([decided(1, approved)])
            writer.finish(RunCounts(1))

        assert len(store.log().decisions(1)) == 1


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        pytest.param(lambda: ValueError("a bug"), RunStatus.FAILED, "a bug", id="an error"),
        pytest.param(ValueError, RunStatus.FAILED, "ValueError", id="an error without words"),
        pytest.param(KeyboardInterrupt, RunStatus.INTERRUPTED, "stopped by hand", id="Ctrl-C"),
        pytest.param(SystemExit, RunStatus.FAILED, "SystemExit", id="an exit"),
    ],
)
def test_a_run_that_ends_early_is_marked_and_not_taken_for_whole(
    tmp_path: Path,
    clock: Clock,
    decided: Make,
    approved: Outcome,
    error: Callable[[], BaseException],
    status: RunStatus,
    says: str,
):
    path = tmp_path / "runs.duckdb"

    def write_and_fail(store: DuckStore) -> None:
        with store.run(START) as writer:
            writer.write(decided(n, approved) for n in range(3_000))
            raise error()

    with DuckStore(path, clock) as store, pytest.raises(type(error())):
        write_and_fail(store)

    assert statuses(path) == [(1, status, says)]
    assert rows(path, "select count(*) from all_decisions") == [(0,)]
    with open_runs(path) as log, pytest.raises(StoreError, match="no finished run"):
        log.run()


def test_a_run_that_is_not_finished_by_its_writer_has_failed(tmp_path: Path, clock: Clock):
    path = tmp_path / "runs.duckdb"

    with DuckStore(path, clock) as store, store.run(START):
        pass

    assert statuses(path) == [(1, RunStatus.FAILED, "ended without being finished")]


def test_nothing_is_written_after_the_end(tmp_path: Path, clock: Clock, decided: Make, approved: Outcome):
    with DuckStore(tmp_path / "runs.duckdb", clock) as store, store.run(START) as writer:
        writer.finish(RunCounts())

        with pytest.raises(InvariantBroken, match="run 1 has ended"):
            writer.write([decided(1, approved)])


def test_a_row_that_cannot_be_stored_fails_the_run_and_not_the_file(
    tmp_path: Path, clock: Clock, decided: Make, approved: Outcome
):
    path = tmp_path / "runs.duckdb"

    def write(store: DuckStore, text: str) -> None:
        with store.run(START) as writer:
            writer.write([decided(1, approved, text=text)])
            writer.finish(RunCounts())

    with DuckStore(path, clock) as store:
        with pytest.raises(StoreError):
            write(store, "half \ud83d")
        write(store, "whole")

    assert [(number, status) for number, status, _ in statuses(path)] == [
        (2, RunStatus.FINISHED),
        (1, RunStatus.FAILED),
    ]


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from engine.decide.facts import Facts
from engine.decide.record import Record
from engine.journal.store import DuckStore
from engine.model.decision import Decision, Outcome, Reason, Verdict
from engine.model.message import Author, Message
from engine.model.run import RunCounts, RunStart
noon = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)
refused = Outcome(0, Verdict.DENIED, Reason.TOO_LONG, "", nearest="x" * 2_000)
def decisions(count):
    for n in range(count):
        decision = Decision(str(n), "p", "h", str(n), 1, "1", "2", "ann", noon, noon, str(n) * 500, (refused,))
        yield Record(Message(str(n), "1", Author("2", "ann"), noon), Facts(noon, "h"), decision)
store = DuckStore(Path(sys.argv[1]), lambda: noon)
with store.run(RunStart("1.0")) as writer:
    writer.write(decisions(10))
    writer.finish(RunCounts(10))
"""
WAIT = """
with store.run(RunStart("1.0")) as writer:
    writer.write(decisions(9_000))
    print("writing", flush=True)
    sys.stdin.readline()
"""
FILL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    with store.run(RunStart("1.0")) as writer:
        writer.write(decisions(100_000))
except Exception as error:
    print(error.code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")
def test_a_killed_run_is_never_taken_for_a_finished_one(tmp_path: Path, clock: Clock):
    path = tmp_path / "runs.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER + WAIT, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)

    assert statuses(path) == [(2, RunStatus.UNFINISHED, ""), (1, RunStatus.FINISHED, "")]
    assert rows(path, "select run_id, count(*) from all_decisions group by all") == [(1, 10)]
    with DuckStore(path, clock) as store, store.run(START) as writer:
        writer.finish(RunCounts())
        assert writer.run_id == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")
def test_a_full_disk_fails_the_run_and_keeps_the_others(tmp_path: Path):
    path = tmp_path / "runs.duckdb"

    done = subprocess.run([sys.executable, "-c", WRITER + FILL, str(path)], capture_output=True, text=True, check=False)

    assert done.stdout == "store_disk_full\n"
    assert [(number, status.value) for number, status, _ in statuses(path)][1] == (1, "finished")
    assert rows(path, "select run_id, count(*) from all_decisions group by all") == [(1, 10)]


def unlinked(path: Path) -> None:
    path.unlink()


def without_its_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def replaced(path: Path) -> None:
    path.rename(path.with_name("other.duckdb"))
    path.write_bytes(b"")


@pytest.mark.parametrize("vanish", [unlinked, without_its_folder, replaced])
def test_a_file_that_is_gone_at_the_end_of_a_run_is_an_error(tmp_path: Path, clock: Clock, vanish: Callable[..., None]):
    path = tmp_path / "runs" / "runs.duckdb"
    path.parent.mkdir()

    def finish_without_the_file(store: DuckStore) -> None:
        with store.run(START) as writer:
            vanish(path)
            writer.finish(RunCounts())

    with DuckStore(path, clock) as store, pytest.raises(StoreError) as caught:
        finish_without_the_file(store)

    assert caught.value.code == "store_gone"


@pytest.mark.parametrize("view", ["runs", "outcomes", "all_decisions"])
def test_the_views_can_be_fetched_by_plain_python(
    tmp_path: Path, clock: Clock, decided: Make, chatter: Outcome, approved: Outcome, view: str
):
    path = tmp_path / "runs.duckdb"
    with DuckStore(path, clock) as store, store.run(START) as writer:
        writer.write([decided(0, chatter), decided(1, approved)])
        writer.finish(RunCounts())

    column = "started_at" if view == "runs" else "posted_at"
    query = f"select * exclude {column}, {column} from {view} order by {column} limit 1"
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'America/New_York'")
        [row] = connection.execute(query).fetchall()

    assert row[-1] == clock().replace(tzinfo=None)
