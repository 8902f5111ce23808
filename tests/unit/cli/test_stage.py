"""`signalbook stage`: what it shows, what it asks for, and how it ends."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.cli.exit_code import ExitCode
from engine.cli.main import app
from engine.journal.entry_bodies import RulebookTexts, encoded, rulebook_hash
from engine.journal.log import JournalLog
from engine.journal.trade_log import JournalTradeLog
from engine.model.entry import EntryKind
from engine.model.stages import Stage
from engine.plan.entries import ENGINE, DeskChanged, FlowHappened, Intended
from engine.plan.flow import Ended
from engine.playbook.rulebook import Rulebook, load_rulebook
from tests.unit.plan.staged import DESK_TEXT, PLAYBOOK_TEXT, intent

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a playbook, a desk, and a journal in which the playbook has passed the sandbox."""
    folder = tmp_path / "playbooks"
    folder.mkdir()
    (folder / "momentum.yaml").write_text(PLAYBOOK_TEXT, encoding="utf-8")
    (folder / "desk.yaml").write_text(DESK_TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGNALBOOK_HOME", str(tmp_path / "data"))
    book = load_rulebook([folder])
    version = book.playbooks[0].content_hash
    for day in (2, 3, 4):
        name = f"run{day}"
        run = intent(name, version, Stage.SANDBOX, f"SPY {day}")
        write(book, datetime(2026, 11, day, 16, tzinfo=UTC), Intended(run), FlowHappened(name, Ended("filled", 1, 0)))
    return tmp_path


def write(book: Rulebook, at: datetime, *bodies: Intended | FlowHappened | DeskChanged) -> None:
    """Write a journal as an engine would."""
    with JournalLog.open(Path("data/journal"), lambda: at) as log:
        texts = RulebookTexts(rulebook_hash(book.texts), tuple(book.texts.items()))
        log.append(EntryKind.TEXTS, "live", encoded(texts))
        for body in bodies:
            JournalTradeLog(log, "live").write(body)


@pytest.fixture
def run(home: Path) -> Run:
    """Run the command as its users do."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["stage", *arguments])

    return invoke


def answer(result: Result) -> dict:
    """The JSON a command answers with."""
    found: dict = json.loads(result.stdout)
    return found


def seen(run: Run) -> str:
    """The hash `show` ends with."""
    mark: str = answer(run("show", "momentum", "--json"))["diff"]["hash"]
    return mark


def test_the_list_says_where_every_version_is(run: Run):
    """S-871."""
    result = run("list")

    assert result.exit_code == 0, result.output
    assert "momentum" in result.stdout
    assert "sandbox" in result.stdout
    assert "3 contracts on 3 days" in result.stdout


def test_a_version_is_shown_with_evidence_diff_and_the_hash_to_confirm(run: Run):
    """S-871."""
    result = run("show", "momentum")

    assert result.exit_code == 0, result.output
    assert "evidence: enough for the next step" in result.stdout
    assert "0 decisions differ over 0 messages, against no version: nothing is promoted" in result.stdout
    assert f"--seen {seen(run)}" in result.stdout


def test_a_version_goes_to_canary_by_who_may_and_has_looked(run: Run):
    """S-871."""
    blind = run("promote", "momentum", "--to", "canary", "--by", "carol")
    stranger = run("promote", "momentum", "--to", "canary", "--by", "dave", "--seen", seen(run))
    done = run("promote", "momentum", "--to", "canary", "--by", "carol", "--seen", seen(run), "--json")

    assert (blind.exit_code, stranger.exit_code) == (ExitCode.FINDINGS, ExitCode.FINDINGS)
    assert "error diff_not_seen: what it changes has to be seen\n" in blind.stderr
    assert "what to do: signalbook stage show momentum ends with the hash for --seen" in blind.stderr
    assert seen(run) not in blind.stderr
    assert "error may_not_promote: dave may not promote" in stranger.stderr
    assert done.exit_code == 0, done.output
    (row,) = answer(done)["versions"]
    assert (row["stage"], row["serves"], row["openings_left"], row["by"]) == ("canary", "canary", 1, "carol")


def test_production_does_not_follow_before_the_canary_is_done(run: Run):
    run("promote", "momentum", "--to", "canary", "--by", "carol", "--seen", seen(run))

    result = run("promote", "momentum", "--to", "production", "--by", "carol", "--seen", seen(run), "--json")

    assert result.exit_code == ExitCode.FINDINGS
    assert answer(result)["error"]["code"] == "canary_not_done"


def test_a_playbook_is_demoted_also_without_its_file(run: Run, home: Path):
    """S-864, S-871."""
    run("promote", "momentum", "--to", "canary", "--by", "carol", "--seen", seen(run))
    (home / "playbooks" / "momentum.yaml").unlink()

    result = run("demote", "momentum", "--by", "dave", "--why", "gone")

    assert result.exit_code == 0, result.output
    assert "canary" not in result.stdout
    again = run("demote", "momentum", "--by", "dave", "--why", "gone")
    assert "error not_promoted: no version of momentum is in production" in again.stderr


def test_a_looser_desk_is_listed_and_takes_two(run: Run, home: Path):
    """S-868, S-871."""
    book = load_rulebook([home / "playbooks"])
    assert book.desk is not None
    write(book, datetime(2026, 11, 5, 16, tzinfo=UTC), DeskChanged(book.desk, ENGINE))
    (home / "playbooks" / "desk.yaml").write_text(DESK_TEXT.replace("20}", "50}"), encoding="utf-8")

    listed = run("list")
    first = run("loosen", "--by", "dave", "--json")
    same = run("loosen", "--by", "dave", "--seen", answer(first)["hash"])
    second = run("loosen", "--by", "carol", "--seen", answer(first)["hash"])

    assert "limits.max_contracts: 20 → 50" in listed.stdout
    assert "nobody has asked yet" in listed.stdout
    assert answer(first)["loosened"] == ["limits.max_contracts: 20 → 50"]
    assert "error second_person_needed: dave has asked for it" in same.stderr
    assert "the desk file is in force as it stands" in second.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("show", "other"), "playbook_not_found", id="no such playbook"),
        pytest.param(("show", "momentum", "--version", "zz"), "unknown_version", id="no such version"),
        pytest.param(("promote", "momentum", "--to", "sandbox", "--by", "carol"), "not_a_step", id="no promotion"),
        pytest.param(("loosen", "--by", "carol"), "nothing_to_loosen", id="nothing looser"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_code(run: Run, arguments: tuple[str, ...], code: str):
    result = run(*arguments)

    assert result.exit_code == ExitCode.FINDINGS
    assert f"error {code}: " in result.stderr


def test_a_stage_that_is_none_is_wrong_usage(run: Run):
    assert run("promote", "momentum", "--to", "prod", "--by", "carol").exit_code == ExitCode.USAGE


def test_while_another_process_writes_the_journal_nothing_changes(run: Run):
    mark = seen(run)
    with JournalLog.open(Path("data/journal"), lambda: datetime(2026, 11, 6, tzinfo=UTC)):
        result = run("promote", "momentum", "--to", "canary", "--by", "carol", "--seen", mark)

    assert result.exit_code == ExitCode.JOURNAL
    assert "journal_busy" in result.stderr


def test_without_anything_the_list_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGNALBOOK_HOME", str(tmp_path / "data"))
    for folder in ("playbooks", "data"):
        (tmp_path / folder).mkdir()

    result = CliRunner().invoke(app, ["stage", "list", "--json"])

    assert result.exit_code == 0, result.output
    assert answer(result) == {"versions": [], "desk": {"hash": "", "loosened": []}}


def test_files_of_another_desk_show_and_change_nothing_but_for_a_demotion(home: Path, run: Run):
    """S-940."""
    run("promote", "momentum", "--to", "canary", "--by", "carol", "--seen", seen(run))
    book = load_rulebook([home / "playbooks"])
    assert book.desk is not None
    write(book, datetime(2026, 11, 5, 16, tzinfo=UTC), DeskChanged(book.desk, ENGINE))
    other = DESK_TEXT.replace("desk: test", "desk: another")
    (home / "playbooks" / "desk.yaml").write_text(other, encoding="utf-8")

    refused = [run("list"), run("show", "momentum"), run("loosen", "--by", "carol", "--seen", "x")]

    assert [each.exit_code for each in refused] == [ExitCode.FINDINGS] * 3
    assert all("error other_desk: this home is of the desk test" in each.stderr for each in refused)
    assert run("demote", "momentum", "--by", "dave", "--why", "wrong").exit_code == 0
