"""`signalbook approve` and `signalbook decline`."""

import json
from pathlib import Path

import pytest

from engine.cli.exit_code import ExitCode
from tests.unit.cli.conftest import Run
from tests.unit.cli.engines import WAITING, Engine, running


@pytest.fixture
def home(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNALBOOK_HOME", str(desk / "home"))
    return desk / "home"


def test_a_yes_and_a_no_reach_the_engine(run: Run, home: Path):
    """S-893."""
    with running(Engine(), home) as engine:
        approved = run("approve", "3f", "--by", "dave")
        declined = run("decline", "3f", "--by", "dave", "--why", "too late")

    assert (approved.exit_code, approved.stdout) == (ExitCode.DONE, "3f9a approved by dave\n")
    assert (declined.exit_code, declined.stdout) == (ExitCode.DONE, "3f9a declined by dave: too late\n")
    assert engine.asked == [("approve", "3f", "dave"), ("decline", "3f", "dave", "too late")]


def test_the_engines_no_is_told_with_its_remedy(run: Run, home: Path):
    """S-893."""
    with running(Engine(), home) as engine:
        result = run("approve", "3f", "--by", "alice")

    assert (result.exit_code, engine.asked) == (ExitCode.FINDINGS, [])
    assert "error may_not_approve: alice wrote the alert" in result.stderr
    assert "what to do: ask dave" in result.stderr


def test_what_waits_is_listed(run: Run, home: Path):
    """S-893."""
    with running(Engine(), home):
        shown, asked = run("approve", "--list"), run("approve", "--list", "--json")

    words = (
        "3f9a",
        "momentum",
        "alice",
        "BTO 5 SPY @ 670",
        "BTO 5 SPY @ 669.5",
        "$3,347.50",
        "above $5,000",
        "carol, dave",
        "17:02:00",
    )
    seen = "".join(character for character in shown.stdout if character not in " \n│")
    assert [word for word in words if word.replace(" ", "") not in seen] == []
    assert json.loads(asked.stdout) == {"waiting": [WAITING]}


@pytest.mark.parametrize("arguments", [(), ("3f",), ("3f", "--list"), ("--by", "dave")])
def test_an_order_and_a_name_must_be_said(run: Run, home: Path, arguments: tuple[str, ...]):
    assert run("approve", *arguments).exit_code == ExitCode.USAGE


def test_without_an_engine_nobody_approves(run: Run, home: Path):
    """S-893."""
    home.mkdir()

    result = run("approve", "3f", "--by", "dave", "--json")

    assert result.exit_code == ExitCode.ENGINE
    assert json.loads(result.stdout)["error"]["code"] == "engine_not_running"
