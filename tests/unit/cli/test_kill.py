"""`signalbook kill`; what --direct does at the broker is in tests/end_to_end/test_kill_direct.py."""

import json
import socket
from pathlib import Path

import pytest

from engine.app.trading_state_file import TradingStateFile
from engine.cli.exit_code import ExitCode
from engine.model.activity import Restriction, Scope, TradingState
from tests.unit.cli.conftest import Run
from tests.unit.cli.engines import ORDER, STOP, Engine, running


@pytest.fixture
def home(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNALBOOK_HOME", str(desk / "home"))
    return desk / "home"


def state(home: Path) -> tuple[Restriction, ...] | None:
    return TradingStateFile(home / "trading-state.json").restrictions()


def test_the_engine_cancels_and_the_command_waits_until_it_has(run: Run, home: Path):
    """S-889."""
    with running(Engine([dict(ORDER), dict(STOP)], looks=2), home) as engine:
        result = run("kill", "--by", "carol", "--why", "quotes look wrong")

    assert result.exit_code == ExitCode.DONE, result.output
    assert engine.asked == [("kill", "all", "reducing", "carol", "quotes look wrong")]
    assert state(home) == (Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "quotes look wrong"),)
    assert "all: reducing, no openings; cancels, stops and closes go on" in result.stdout
    assert "the engine cancels 3f9a in main: buy_to_open 5 SPY" in result.stdout
    assert result.stdout.endswith("no opening can fill any more\n")


def test_an_opening_that_is_not_confirmed_as_cancelled_is_no_success(run: Run, home: Path):
    """S-889."""
    with running(Engine([dict(ORDER)], looks=None), home):
        result = run("kill", "--within", "100ms", "--json")

    said = json.loads(result.stdout)
    assert (result.exit_code, said["is_clear"], said["has_engine"]) == (ExitCode.FINDINGS, False, True)
    assert said["problems"] == ["not confirmed as cancelled after 0.1 s: 3f9a-1"]


def test_openings_elsewhere_are_not_waited_for(run: Run, home: Path):
    """S-889."""
    with running(Engine([{**ORDER, "account": "other", "id": "5555-1"}], looks=None), home) as engine:
        engine.orders[0]["opens"] = False
        engine.orders.append({**ORDER, "account": "other", "id": "6666-1", "state": "filled"})
        result = run("kill", "--scope", "account:main", "--halt", "--json")

    assert result.exit_code == ExitCode.DONE, result.output
    assert json.loads(result.stdout)["set"]["state"] == "halted"
    assert engine.asked[0][:3] == ("kill", "account:main", "halted")


def test_what_the_engine_could_not_write_down_is_told(run: Run, home: Path):
    with running(Engine(problems=["the reserve is used up"]), home):
        result = run("kill")

    assert result.exit_code == ExitCode.DONE
    assert "attention: the reserve is used up" in result.stderr


def test_an_opening_in_an_account_the_engine_cannot_reach_is_no_success(run: Run, home: Path):
    """S-975."""
    with running(Engine(unreachable=["account main is out of reach, and 3f9a may still fill there"]), home):
        result = run("kill")

    assert result.exit_code == ExitCode.FINDINGS
    assert "attention: account main is out of reach" in result.stderr
    assert "OPENINGS MAY STILL BE LIVE: signalbook kill --direct cancels them" in result.stderr


@pytest.mark.parametrize("is_left", [False, True], ids=["no socket", "the socket of a dead one"])
def test_without_an_engine_the_state_is_written_and_openings_may_be_live(run: Run, home: Path, *, is_left: bool):
    """S-889."""
    home.mkdir()
    if is_left:
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(home / "control.sock"))

    result = run("kill", "--scope", "playbook:momentum")

    assert result.exit_code == ExitCode.ENGINE
    assert [(each.scope, each.of) for each in state(home) or ()] == [(Scope.PLAYBOOK, "momentum")]
    assert "engine_not_running" in result.stderr
    assert "OPENINGS MAY STILL BE LIVE: signalbook kill --direct cancels them" in result.stderr


def test_a_state_that_cannot_be_written_does_not_keep_the_engine_from_being_asked(run: Run, home: Path):
    """S-889."""
    with running(Engine(), home) as engine:
        (home / "trading-state.json").mkdir()
        result = run("kill", "--json")

    said = json.loads(result.stdout)
    assert (result.exit_code, len(engine.asked)) == (ExitCode.DONE, 1)
    assert "state_unwritable" in said["problems"][0]


def test_a_second_kill_without_halt_leaves_a_halt_in_force(run: Run, home: Path):
    """S-880."""
    home.mkdir()

    run("kill", "--halt", "--by", "carol")
    run("kill", "--by", "carol")

    assert [each.state for each in state(home) or ()] == [TradingState.HALTED]


def test_in_a_home_that_is_not_there_nothing_is_written_and_nothing_promised(run: Run, home: Path):
    """S-948."""
    result, as_json = run("kill"), run("kill", "--json")

    said = json.loads(as_json.stdout)
    assert (result.exit_code, result.stdout) == (ExitCode.FINDINGS, "")
    assert (said["is_clear"], said["in_force"]) == (False, [])
    assert f"home_not_found: there is no folder {home}" in result.stderr
    assert "OPENINGS MAY STILL BE LIVE" in result.stderr
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scope", "main"], "is none of all, account:ALIAS"),
        (["--direct", "--scope", "author:1"], "--direct takes all or account:ALIAS"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_written(run: Run, home: Path, arguments: list[str], message: str):
    result = run("kill", *arguments)

    assert result.exit_code == ExitCode.USAGE
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert not home.exists()
