"""One rule for every command about a home that is not there, or does not hold yet what the command needs."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from engine.cli.exit_code import ExitCode
from engine.cli.lazy import LazyCommand
from engine.cli.main import app
from tests.unit.cli.conftest import Run

DESK = Path(__file__).parents[2] / "playbooks" / "desk.yaml"
BEGIN_A_HOME = {"trade", "feed", "certify"}
# By command: how it is called besides, and how it ends in an empty home.
ENDS = {
    "orders": ([], ExitCode.STORE),
    "trace": (["1"], ExitCode.STORE),
    "decisions": ([], ExitCode.STORE),
    "dashboard": (["reasons"], ExitCode.STORE),
    "verify": ([], ExitCode.JOURNAL),
    "journal verify": ([], ExitCode.JOURNAL),
    "journal head": ([], ExitCode.JOURNAL),
    "journal rebuild": ([], ExitCode.JOURNAL),
    "journal export": ([], ExitCode.JOURNAL),
    "journal retain": ([], ExitCode.STORE),
    "status": ([], ExitCode.ENGINE),
    "approve": (["--list"], ExitCode.ENGINE),
    "decline": (["3f9a", "--by", "dave", "--why", "late"], ExitCode.ENGINE),
    "kill": (["--within", "1s"], ExitCode.ENGINE),
    "resume": (["--scope", "all", "--by", "dave", "--why", "over"], ExitCode.FINDINGS),
    "stage list": ([], ExitCode.DONE),
    "stage show": (["starter"], ExitCode.DONE),
    "stage promote": (["starter", "--to", "canary", "--by", "carol"], ExitCode.FINDINGS),
    "stage demote": (["starter", "--by", "carol", "--why", "late"], ExitCode.FINDINGS),
    "stage loosen": (["--by", "carol"], ExitCode.FINDINGS),
}
WRITES = {"kill", "stage promote", "stage demote", "stage loosen"}  # into a folder that is there
TABLE = [pytest.param(name, *how, id=name) for name, how in ENDS.items()]


@pytest.fixture(autouse=True)
def folder(desk: Path) -> Path:
    shutil.copy(DESK, desk / "playbooks")
    return desk


def with_a_home() -> Iterator[str]:
    """Yield every command that takes --home."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        real = command.real() if isinstance(command, LazyCommand) else command
        parts = real.commands.items() if isinstance(real, TyperGroup) else [("", real)]
        yield from (f"{name} {part}".strip() for part, each in parts if takes_home(each))


def takes_home(command: TyperCommand) -> bool:
    return any("--home" in parameter.opts for parameter in command.params)


def test_every_command_about_a_home_is_in_the_table():
    """S-951."""
    assert set(with_a_home()) - BEGIN_A_HOME == set(ENDS)


@pytest.mark.parametrize(("command", "arguments", "in_an_empty_one"), TABLE)
def test_a_home_that_is_not_there_is_status_1_and_is_not_made(
    run: Run, command: str, arguments: list[str], in_an_empty_one: ExitCode
):
    """S-948."""
    result = run(*command.split(), *arguments, "--home", "nowhere")

    assert result.exit_code == ExitCode.FINDINGS, result.output
    assert "home_not_found: there is no folder nowhere" in result.stderr
    assert not Path("nowhere").exists()


@pytest.mark.parametrize(("command", "arguments", "status"), TABLE)
def test_what_a_home_does_not_hold_yet_decides_the_status(
    run: Run, command: str, arguments: list[str], status: ExitCode
):
    """S-948."""
    Path("home").mkdir()

    result = run(*command.split(), *arguments, "--home", "home")

    assert result.exit_code == status, result.output
    assert [path.name for path in Path("home").iterdir()] == [] or command in WRITES


@pytest.mark.parametrize(("command", "arguments", "in_an_empty_one"), TABLE)
def test_a_home_that_is_a_file_is_wrong_usage(run: Run, command: str, arguments: list[str], in_an_empty_one: ExitCode):
    """S-948."""
    result = run(*command.split(), *arguments, "--home", "archive.json")

    assert result.exit_code == ExitCode.USAGE, result.output
    assert "--home is archive.json, which is not a folder" in result.stderr


def test_the_home_that_is_named_wins_over_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch):
    """S-951."""
    run("feed", "archive.json", "--home", "home")
    monkeypatch.setenv("SIGNALBOOK_HOME", "archive.json")

    for command in ("decisions --live", "dashboard reasons --live", "verify", "journal verify", "journal head"):
        result = run(*command.split(), "--home", "home")
        assert result.exit_code == ExitCode.DONE, result.output


def test_a_file_that_is_named_needs_no_home(run: Run):
    """S-951."""
    run("feed", "archive.json", "--home", "home")

    for command in ("decisions", "dashboard reasons", "orders"):
        result = run(*command.split(), "--db", "home/signalbook.duckdb", "--home", "nowhere")
        assert result.exit_code == ExitCode.DONE, result.output
    for command in ("verify", "head"):
        result = run("journal", command, "--folder", "home/journal", "--home", "nowhere")
        assert result.exit_code == ExitCode.DONE, result.output


@pytest.mark.parametrize("command", ["decisions", "dashboard reasons"])
def test_where_a_home_holds_the_other_log_its_option_is_named(run: Run, command: str):
    """S-951."""
    run("feed", "archive.json", "--home", "fed")
    run("replay", "archive.json", "--db", "replayed/runs.duckdb")

    fed = run(*command.split(), "--home", "fed", "--json")
    replayed = run(*command.split(), "--home", "replayed", "--live", "--json")

    assert (fed.exit_code, replayed.exit_code) == (ExitCode.STORE, ExitCode.STORE)
    assert "add --live" in json.loads(fed.stdout)["error"]["remedy"]
    assert "leave --live out" in json.loads(replayed.stdout)["error"]["remedy"]
