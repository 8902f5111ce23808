import json
from pathlib import Path

import duckdb

from engine.cli.exit_code import ExitCode
from tests.unit.cli.conftest import SAID, Run

HOME = Path("signalbook-data")


def verified(run: Run, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    result = run("verify", "--json", *arguments)
    return result.exit_code, json.loads(result.stdout)


def test_nothing_to_verify_is_said(run: Run):
    HOME.mkdir()

    result = run("verify")

    assert result.exit_code == ExitCode.JOURNAL
    assert "journal_not_found: there is no journal and no replay" in result.stderr


def test_every_decision_of_a_replay_comes_out_again(replayed: Run):
    code, [found] = verified(replayed, "--archives", "archive.json")

    assert code == 0
    assert counts(found) == (len(SAID), 0, 0, 0)


def test_every_decision_of_a_feed_comes_out_again(run: Run):
    run("feed", "archive.json")

    code, [found] = verified(run)

    assert code == 0
    assert counts(found) == (len(SAID), 0, 0, 0)
    assert found["journal"]["ok"]


def counts(found: dict[str, object]) -> tuple[int, ...]:
    derived = found["derived"]
    return tuple(derived[name] for name in ("equal", "different", "engine_changed", "not_derived"))


def test_chatter_whose_archive_is_gone_is_said_to_be_not_derived(replayed: Run, desk: Path):
    (desk / "archive.json").rename(desk / "elsewhere.json")

    code, [gone] = verified(replayed)
    _, [found] = verified(replayed, "--archives", "elsewhere.json")

    assert code == ExitCode.FINDINGS
    assert gone["run"]["missing_archives"] == ["archive.json"]
    assert counts(gone)[3] > 0
    assert counts(found) == (len(SAID), 0, 0, 0)


def test_an_archive_that_is_not_the_same_any_more_does_not_count(replayed: Run, desk: Path):
    archive = desk / "archive.json"
    archive.write_text(archive.read_text().replace("good morning", "BTO SPY 602C 11/27 @ 1.25"))

    _, [found] = verified(replayed, "--archives", "archive.json")

    assert found["run"]["missing_archives"] == ["archive.json"]


def test_an_altered_decision_is_found(replayed: Run):
    alter(
        HOME / "runs.duckdb",
        "update decisions set outcome = replace(outcome, 'every gate passed', 'fine') where verdict = 'approved'",
    )

    result = replayed("verify")

    assert result.exit_code == ExitCode.FINDINGS
    assert "outcomes[0].detail" in result.stdout


def test_an_altered_message_is_found(replayed: Run):
    alter(HOME / "runs.duckdb", "update decisions set message = replace(message, '1.25', '1.26')")

    assert replayed("verify").exit_code == ExitCode.FINDINGS


def test_altered_chatter_is_found(replayed: Run):
    alter(HOME / "runs.duckdb", "delete from chatter where message_id = (select min(message_id) from chatter)")

    assert replayed("verify", "--archives", "archive.json").exit_code == ExitCode.FINDINGS


def test_what_another_engine_decided_may_differ(replayed: Run):
    alter(HOME / "runs.duckdb", "update run_starts set engine_version = '0.0.1'")
    alter(HOME / "runs.duckdb", "update decisions set outcome = replace(outcome, 'every gate passed', 'fine')")

    result = replayed("verify", "--archives", "archive.json")

    assert result.exit_code == 0
    assert "engine changed" in result.stdout


def test_an_altered_journal_is_found(run: Run):
    run("feed", "archive.json")
    segment = HOME / "journal" / "000001.log"
    segment.write_bytes(segment.read_bytes().replace(b"good morning", b"good evening"))

    code, [found] = verified(run)

    assert code == ExitCode.FINDINGS
    assert not found["journal"]["ok"]


def test_a_run_that_came_through_the_journal_is_verified_there(run: Run):
    run("feed", "archive.json")

    result = run("verify", "--db", str(HOME / "signalbook.duckdb"))

    assert result.exit_code == ExitCode.FINDINGS
    assert "run_of_journal" in result.stderr


def alter(database: Path, statement: str) -> None:
    """Change rows as somebody would who takes the guards away first."""
    table = statement.split()[2 if statement.startswith("delete") else 1]
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for guard in ("kept", "stay"):
            connection.execute(f"drop trigger if exists {table}_{guard} on {table}")
        connection.execute(statement)
