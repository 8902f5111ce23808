import json
import os
import signal
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import duckdb
import pytest

from engine.cli.exit_code import ExitCode
from tests.unit.cli.conftest import SAID, Run

HOME = Path("signalbook-data")


def lines(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def test_every_message_event_is_acknowledged_once_in_order(run: Run):
    result = run("feed", "archive.json", "--json")

    *acknowledged, summary = lines(result.stdout)
    assert result.exit_code == 0
    assert [row["seq"] for row in acknowledged] == list(range(3, 3 + len(SAID)))
    assert len({row["message_id"] for row in acknowledged}) == len(SAID)
    assert summary["is_whole"]
    assert summary["events"] == len(SAID)


def test_a_feed_decides_what_a_replay_decides(run: Run):
    """S-708."""
    replayed = run("replay", "archive.json")
    run("feed", "archive.json", "--json")

    assert replayed.exit_code == 0
    for table in ("decisions", "chatter", "closed_positions", "rulebook_texts"):
        assert rows(HOME / "signalbook.duckdb", table) == rows(HOME / "runs.duckdb", table) != [], table


def rows(database: Path, table: str) -> list[tuple[str, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        # Times come out as texts: fetching them with a zone takes a library more.
        found = connection.execute(f"select to_json(t)::varchar from {table} t order by all").fetchall()
        return [tuple(map(str, row)) for row in found]


def test_started_again_after_its_end_it_does_nothing(run: Run):
    run("feed", "archive.json")

    result = run("feed", "archive.json", "--json")

    (summary,) = lines(result.stdout)
    assert (summary["before"], summary["events"], summary["is_whole"]) == (len(SAID), len(SAID), True)


def test_restart_begins_a_new_run(run: Run):
    first = lines(run("feed", "archive.json", "--json").stdout)[-1]

    again = lines(run("feed", "archive.json", "--json", "--restart").stdout)

    assert again[-1]["run"] == f"{first['run']}.2"
    assert len(again) == len(SAID) + 1


def test_a_run_is_not_mixed_from_two_archives(run: Run, desk: Path):
    run("feed", "archive.json", "--run", "mine")
    other = desk / "other.json"
    other.write_bytes((desk / "archive.json").read_bytes() + b"\n")

    result = run("feed", "other.json", "--run", "mine")

    assert result.exit_code == ExitCode.FINDINGS
    assert "feed_differs" in result.stderr


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "inf", "nan"])
def test_a_speed_that_is_none_is_refused(run: Run, speed: str):
    result = run("feed", "archive.json", "--speed", speed)

    assert result.exit_code == ExitCode.USAGE


def test_what_cannot_be_assumed_is_refused(run: Run):
    result = run("feed", "archive.json", "--assume", "net_liq=plenty")

    assert result.exit_code == ExitCode.USAGE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_is_said(run: Run, tmp_path: Path):
    tmp_path.chmod(0o500)

    result = run("feed", "archive.json")

    tmp_path.chmod(0o700)
    assert result.exit_code == ExitCode.JOURNAL
    assert "journal_unwritable" in result.stderr


def test_a_home_that_is_no_folder_is_said(run: Run, desk: Path):
    (desk / "taken").write_text("")

    result = run("feed", "archive.json", "--home", "taken")

    assert result.exit_code == ExitCode.USAGE
    assert "--home is taken, which is not a folder" in result.stderr


def test_ctrl_c_ends_cleanly_and_the_next_start_goes_on(desk: Path, run: Run):
    """S-708: at real time the second message is a minute away."""
    command = [sys.executable, "-m", "engine.cli.main", "feed", "archive.json", "--speed", "1", "--json"]
    code = "from engine.cli.main import main; main()"
    process = Popen([sys.executable, "-c", code, *command[3:]], cwd=desk, stdout=PIPE, text=True)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())

    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)

    assert process.returncode == ExitCode.STOPPED
    assert not lines(rest)[-1]["is_whole"]
    after = lines(run("feed", "archive.json", "--json").stdout)
    assert first["message_id"] not in [row.get("message_id") for row in after]
    assert after[-1]["before"] == 1
    assert after[-1]["events"] == len(SAID)
