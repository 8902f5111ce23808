"""The command as a process: what goes to which stream, colours, and how it ends."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from engine.app.settings import SettingsError
from engine.cli import main as entry
from engine.cli.exit_code import ExitCode
from engine.cli.group import CommandFailed, exit_code_of
from engine.cli.lazy import LazyCommand
from engine.cli.main import COMMANDS
from engine.model.errors import (
    ArchiveError,
    CredentialsRefused,
    EngineError,
    InvariantBroken,
    OutcomeUnknown,
    PlaybookError,
    StoreError,
)
from tests.unit.cli.conftest import Run

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]")
COMMAND = Path(sys.executable).with_name("signalbook")


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # pytest's own surroundings must not decide about colour
    clean = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    return subprocess.run(
        [COMMAND, *arguments], env=clean | environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PlaybookError(()), ExitCode.PLAYBOOKS),
        (ArchiveError("truncated", "ends too soon"), ExitCode.ARCHIVE),
        (StoreError("store_busy", "is in use"), ExitCode.STORE),
        (OutcomeUnknown("sent, and no answer"), ExitCode.BROKER),
        (CredentialsRefused("credentials_refused", "three times"), ExitCode.CREDENTIALS),
        (SettingsError("bad_setting", "is no folder"), ExitCode.USAGE),
        (CommandFailed("file_exists", "is there"), ExitCode.FINDINGS),
        (InvariantBroken("cannot be"), ExitCode.BUG),
        (EngineError("whatever"), ExitCode.BUG),
    ],
)
def test_every_kind_of_error_has_its_exit_code(error: EngineError, code: ExitCode):
    """S-513."""
    assert exit_code_of(error) is code


def test_help_names_every_command_and_the_exit_codes(run: Run):
    """S-513."""
    result = run("--help")

    assert result.exit_code == 0
    for command in ("check", "parse", "explain", "replay", "decisions", "diff", "schema", "new"):
        assert re.search(rf"^│ {command} ", result.stdout, flags=re.MULTILINE)
    assert "70 a bug" in result.stdout


def test_an_unknown_command_is_wrong_usage(run: Run):
    """S-513."""
    assert run("pares").exit_code == 2


def test_a_bug_has_its_own_exit_code_and_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """S-513."""

    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(entry, "app", broken)

    with pytest.raises(SystemExit) as ended:
        entry.main()

    assert ended.value.code == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_version_is_shown():
    result = process("--version")

    assert result.returncode == 0
    assert re.fullmatch(r"signalbook \d+\.\d+\.\d+\n", result.stdout)


def test_colour_is_shown_when_forced_and_never_with_no_color():
    """S-512."""
    words = ("parse", "BTO SPY 602 11/27 @ 1.25", "--at", "2026-11-24T15:05:00Z")

    assert COLOUR.search(process(*words, FORCE_COLOR="1").stdout)
    assert not COLOUR.search(process(*words, FORCE_COLOR="1", NO_COLOR="1").stdout)
    assert "\x1b" not in process(*words).stdout


def test_errors_go_to_stderr_and_results_to_stdout(tmp_path: Path):
    """S-511, S-514."""
    result = process("decisions", "--db", str(tmp_path / "gone.duckdb"))

    assert result.returncode == 5
    assert result.stdout == ""
    assert re.match(r"error store_not_found: .+\n  what to do: .+\n", result.stderr)


def test_a_file_another_process_writes_to_is_named_with_its_holder(replayed: Run, desk: Path):
    """S-416, S-513."""
    database = desk / "signalbook-data" / "runs.duckdb"

    with duckdb.connect(database):
        result = process("decisions", "--db", str(database))

    assert result.returncode == 5
    assert f"process {os.getpid()}" in result.stderr


def test_a_setting_that_cannot_be_used_is_wrong_usage(desk: Path):
    """S-513."""
    result = process("decisions", SIGNALBOOK_HOME=str(desk / "archive.json"))

    assert result.returncode == 2
    assert "bad_setting" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("replay",),
        ("replay", "archive.json", "--latency", "soon"),
        ("replay", "archive.json", "--limit", "0"),
        ("explain", "starter"),
        ("decisions", "--limit", "many"),
        ("diff", "one.yaml"),
        ("parse", "BTO", "--at", "yesterday"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2_and_says_so_on_stderr(run: Run, words: tuple[str, ...]):
    """S-511, S-513."""
    result = run(*words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_list_of_commands_says_what_each_says_of_itself(command: LazyCommand):
    real = command.real()

    assert real.name == command.name
    assert command.help == " ".join(real.help.split("\n\n")[0].split())


@pytest.mark.parametrize(
    ("words", "spared"),
    [
        pytest.param(("--help",), ("duckdb", "pyarrow", "msgspec", "re2", "yaml"), id="help"),
        pytest.param(("parse", "good morning"), ("duckdb", "pyarrow", "msgspec", "holidays"), id="parse"),
    ],
)
def test_a_command_does_not_load_what_only_others_need(words: tuple[str, ...], spared: tuple[str, ...]):
    code = (
        f"import sys; from engine.cli.main import app; app({list(words)}, standalone_mode=False); print(*sys.modules)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(spared) & set(result.stdout.splitlines()[-1].split()) == set()
