"""`signalbook journal` checks the log and prints a witness of it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.cli.main import app
from engine.journal.log import JournalLog
from engine.model.entry import Entry, EntryKind

NOON = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)


@pytest.fixture
def entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """A journal of three entries where commands look for it."""
    monkeypatch.setenv("SIGNALBOOK_HOME", str(tmp_path / "home"))
    with JournalLog.open(tmp_path / "home" / "journal", lambda: NOON) as log:
        return [log.append(EntryKind.DECIDED, "feed", b"{}") for _ in range(3)]


def journal(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["journal", *arguments])


def damaged(tmp_path: Path) -> None:
    path = tmp_path / "home" / "journal" / "000001.log"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)


def test_a_whole_journal_ends_with_0(entries: list[Entry]):
    result = journal("verify")

    assert result.exit_code == 0
    assert "ok: entries 1 to 3 are whole" in result.stdout
    assert "up to entry 3 it is what the journal's own head says" in result.stdout


def test_the_head_is_a_witness_for_later(entries: list[Entry]):
    printed = journal("head").stdout.strip()
    result = journal("verify", "--witness", printed)

    assert printed == f"3:{entries[-1].hash}"
    assert json.loads(journal("head", "--json").stdout) == {"seq": 3, "hash": entries[-1].hash}
    assert result.exit_code == 0
    assert "up to entry 3 it is what the witness has seen" in result.stdout


def test_a_problem_is_named_and_ends_with_1(entries: list[Entry], tmp_path: Path):
    damaged(tmp_path)

    result = journal("verify")
    answer = json.loads(journal("verify", "--json").stdout)

    assert result.exit_code == 1
    assert "not_whole 000001.log, byte 60, entry 1: entry 1 is not as written" in result.stdout
    assert (answer["ok"], answer["last"]["seq"], answer["unwitnessed"]) == (False, 3, 0)
    assert [(each["fault"], each["seq"], each["offset"]) for each in answer["problems"]] == [("not_whole", 1, 60)]


def test_entries_nobody_has_seen_are_told(entries: list[Entry], tmp_path: Path):
    (tmp_path / "home" / "journal" / "head").unlink()

    result = journal("verify", "--witness", f"2:{entries[1].hash}")

    assert result.exit_code == 0
    assert "1 at the end has no witness" in result.stdout
    assert "3 at the end have no witness" in journal("verify").stdout


def test_another_folder_can_be_named(entries: list[Entry], tmp_path: Path):
    JournalLog.open(tmp_path / "other", lambda: NOON).close()

    assert "ok: no entry yet" in journal("verify", "--folder", str(tmp_path / "other")).stdout


@pytest.mark.parametrize("command", ["verify", "head"])
def test_a_folder_without_a_journal_ends_with_6(command: str, tmp_path: Path):
    result = journal(command, "--folder", str(tmp_path))

    assert result.exit_code == 6
    assert "journal_not_found" in result.stderr
    assert "what to do" in result.stderr


@pytest.mark.parametrize("witness", ["7", "x:y", "7:beef", "-1:" + "0" * 64])
def test_a_witness_that_is_none_is_wrong_usage(witness: str):
    result = journal("verify", "--witness", witness)

    assert result.exit_code == 2
    assert "SEQ:HASH" in result.stderr
