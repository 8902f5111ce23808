"""`signalbook resume`."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.app.trading_state_file import TradingStateFile
from engine.cli.exit_code import ExitCode
from engine.journal.log import JournalLog
from engine.journal.reading import read_entries
from engine.journal.trade_log import JournalTradeLog, trade_entries
from engine.model.activity import Restriction, Scope, TradingState
from engine.plan.entries import ENGINE, Controlled, DeskChanged
from engine.playbook.rulebook import load_rulebook
from tests.unit.cli.conftest import Run
from tests.unit.cli.engines import Engine, running

ALL = Restriction(TradingState.REDUCING, Scope.ALL, "", "carol", "test")
MAIN = Restriction(TradingState.HALTED, Scope.ACCOUNT, "main", "carol", "test")
THROTTLE = Restriction(TradingState.REDUCING, Scope.PLAYBOOK, "momentum", ENGINE, "opened 5 times within 10 m")
DESK = Path(__file__).parents[2] / "playbooks" / "desk.yaml"


@pytest.fixture
def home(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(DESK, desk / "playbooks")
    monkeypatch.setenv("SIGNALBOOK_HOME", str(desk / "home"))
    return desk / "home"


def restrict(home: Path, *restrictions: Restriction) -> None:
    TradingStateFile(home / "trading-state.json").change(lambda _: restrictions, tightens=True)


def journal(home: Path, *restrictions: Restriction) -> None:
    with JournalLog.open(home / "journal", lambda: datetime.now(UTC)) as log:
        JournalTradeLog(log, "live").write(Controlled("kill", "carol", "test", restrictions))


def state(home: Path) -> tuple[Restriction, ...] | None:
    return TradingStateFile(home / "trading-state.json").restrictions()


def journaled(home: Path) -> Controlled:
    *_, last = (each.body for each in trade_entries(read_entries(home / "journal")))
    assert isinstance(last, Controlled)
    return last


def resume(run: Run, *arguments: str):
    return run("resume", "--why", "over", *arguments)


def test_the_running_engine_lifts(run: Run, home: Path):
    """S-884."""
    restrict(home, ALL)
    with running(Engine(), home) as engine:
        result = resume(run, "--scope", "all", "--by", "dave")

    assert result.exit_code == ExitCode.DONE, result.output
    assert engine.asked == [("resume", "all", "dave", "over")]
    assert "lifted: all reducing, by carol: test" in result.stdout
    assert "still in force: account main reducing, by carol: test" in result.stdout
    assert state(home) == (ALL,)


@pytest.mark.parametrize(
    ("in_file", "in_journal"),
    [
        pytest.param((ALL, MAIN), (), id="killed without an engine"),
        pytest.param((ALL, MAIN), (ALL, MAIN), id="both say it"),
        pytest.param((MAIN,), (ALL,), id="only the journal says it"),
    ],
)
def test_without_an_engine_journal_and_file_are_told(
    run: Run, home: Path, in_file: tuple[Restriction, ...], in_journal: tuple[Restriction, ...]
):
    """S-884."""
    restrict(home, *in_file)
    if in_journal:
        journal(home, *in_journal)

    result = resume(run, "--scope", "all", "--by", "dave", "--json")

    assert result.exit_code == ExitCode.DONE, result.output
    assert [each["scope"] for each in json.loads(result.stdout)["lifted"]] == ["all"]
    assert state(home) == (MAIN,)
    assert journaled(home) == Controlled("resume all", "dave", "over", (MAIN,))


@pytest.mark.parametrize(
    ("by", "has_desk", "code"),
    [
        pytest.param("mallory", True, ExitCode.FINDINGS, id="nobody of the desk"),
        pytest.param("mallory", False, ExitCode.DONE, id="the desk cannot be read"),
        pytest.param("carol", True, ExitCode.DONE, id="may control"),
    ],
)
def test_who_may_lift_what_a_person_has_set(run: Run, desk: Path, home: Path, by: str, code: int, *, has_desk: bool):
    """S-885."""
    restrict(home, ALL)
    if not has_desk:
        (desk / "playbooks" / "desk.yaml").write_text("people: [")

    result = resume(run, "--scope", "all", "--by", by)

    assert result.exit_code == code, result.output
    assert (state(home) == ()) is (code == ExitCode.DONE)


@pytest.mark.parametrize(
    ("by", "file", "code"),
    [
        pytest.param("eve", "more", ExitCode.FINDINGS, id="whom the file alone lets in"),
        pytest.param("mallory", "broken", ExitCode.FINDINGS, id="anybody, of a desk that cannot be read now"),
        pytest.param("dave", "broken", ExitCode.DONE, id="of the desk last in force"),
        pytest.param("eve", "other", ExitCode.FINDINGS, id="of another desk"),
        pytest.param("dave", "same", ExitCode.DONE, id="of the desk"),
    ],
)
def test_without_an_engine_the_desk_in_force_says_who_may_lift(
    run: Run,
    desk: Path,
    home: Path,
    by: str,
    file: str,
    code: int,
):
    """S-974."""
    place = desk / "playbooks" / "desk.yaml"
    agreed = load_rulebook([desk / "playbooks"], runs_examples=False).desk
    assert agreed is not None
    with JournalLog.open(home / "journal", lambda: datetime.now(UTC)) as log:
        JournalTradeLog(log, "live").write(DeskChanged(agreed, ENGINE))
    restrict(home, ALL)
    more = place.read_text().replace(
        "people:", 'people:\n  eve: {discord: "501234567890123499", permissions: [approve, control]}'
    )
    texts = {"more": more, "broken": "people: [", "other": more.replace("desk: ", "desk: not-"), "same": None}
    if texts[file]:
        place.write_text(texts[file] or "")

    result = resume(run, "--scope", "all", "--by", by)

    assert result.exit_code == code, result.output
    assert (state(home) == ()) is (code == ExitCode.DONE)


@pytest.mark.parametrize(("has_desk", "code"), [(True, ExitCode.DONE), (False, ExitCode.FINDINGS)])
def test_a_throttle_takes_a_person_the_desk_names(run: Run, desk: Path, home: Path, code: int, *, has_desk: bool):
    """S-885."""
    restrict(home, THROTTLE)
    if not has_desk:
        (desk / "playbooks" / "desk.yaml").write_text("people: [")

    result = resume(run, "--scope", "playbook:momentum", "--by", "dave")

    assert result.exit_code == code, result.output
    assert ("may_not_resume" in result.stderr) is not has_desk


def test_what_is_not_restricted_cannot_be_lifted(run: Run, home: Path):
    restrict(home, MAIN)

    result = resume(run, "--scope", "all", "--by", "dave", "--json")

    assert result.exit_code == ExitCode.FINDINGS
    assert json.loads(result.stdout)["error"]["code"] == "nothing_to_lift"
    assert state(home) == (MAIN,)


HOLDS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from engine.journal.log import JournalLog
with JournalLog.open(Path(sys.argv[1]), lambda: datetime.now(UTC)):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_while_another_process_writes_the_journal_nothing_is_lifted(run: Run, home: Path):
    """S-884."""
    restrict(home, ALL)
    command = [sys.executable, "-c", HOLDS, str(home / "journal")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        result = resume(run, "--scope", "all", "--by", "dave")
        process.kill()

    assert result.exit_code == ExitCode.JOURNAL
    assert "journal_busy" in result.stderr
    assert state(home) == (ALL,)


def test_who_and_why_must_be_said(run: Run, home: Path):
    assert run("resume", "--scope", "all").exit_code == ExitCode.USAGE
