"""`signalbook replay` says what was read, what was refused and why, and leaves a DuckDB file."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import CHANNEL, Run


def test_the_summary_answers_what_an_ops_person_asks_first(run: Run):
    """S-417, S-506."""
    result = run("replay", "archive.json", "--db", "runs/a.duckdb")

    assert result.exit_code == 0
    for title in ("what was read", "by reason", "by playbook", "by author", "lines no message reached"):
        assert title in result.stdout
    assert "order-shaped, but refused" in result.stdout
    assert "BTO SPY 602 11/27 @ 1.25" in result.stdout
    assert "run 1 in runs/a.duckdb" in result.stdout
    assert "signalbook decisions --db runs/a.duckdb --missed" in result.stdout
    assert result.stderr == ""


def test_json_counts_the_same(run: Run):
    """S-510."""
    summary = json.loads(run("replay", "archive.json", "--json").stdout)

    assert summary["counts"]["messages"] == 7
    assert (summary["alerts"], summary["approved"]) == (4, 3)
    assert {row["reason"]: row["outcomes"] for row in summary["reasons"]}["unknown_author"] == 1


def test_runs_are_added_to_one_file(run: Run):
    """S-415."""
    first, second = (json.loads(run("replay", "archive.json", "--json").stdout)["run_id"] for _ in range(2))

    assert (first, second) == (1, 2)


def test_a_stated_latency_makes_openings_late(run: Run):
    """S-310, S-412."""
    summary = json.loads(run("replay", "archive.json", "--latency", "1m", "--json").stdout)

    assert {row["reason"] for row in summary["reasons"]} >= {"too_late"}


def test_bad_playbooks_stop_it_before_anything_is_written(run: Run, desk: Path):
    """S-513, S-515."""
    (desk / "playbooks" / "other.yaml").write_text("signalbook: 1\nplaybook: other\n", encoding="utf-8")

    result = run("replay", "archive.json", "--db", "a.duckdb")

    assert result.exit_code == 3
    assert "playbooks/other.yaml" in result.stderr
    assert result.stdout == ""
    assert not (desk / "a.duckdb").exists()


def test_a_truncated_archive_is_a_coded_error_and_no_finished_run(run: Run, desk: Path):
    """S-404, S-513."""
    whole = (desk / "archive.json").read_bytes()
    (desk / "short.json").write_bytes(whole[: len(whole) // 2])

    result = run("replay", "short.json", "--db", "a.duckdb")

    assert result.exit_code == 4
    assert "what to do:" in result.stderr
    assert run("decisions", "--db", "a.duckdb").exit_code == 5


def test_an_archive_that_is_not_there_is_status_4(run: Run, desk: Path):
    """S-404."""
    result = run("replay", "gone.json", "--db", "a.duckdb")

    assert result.exit_code == 4
    assert "archive_not_found" in result.stderr
    assert not (desk / "a.duckdb").exists()


def test_a_file_that_is_no_database_is_status_5(run: Run, desk: Path):
    """S-416."""
    (desk / "a.duckdb").write_text("this is a text, and a rather long one at that " * 100, encoding="utf-8")

    result = run("replay", "archive.json", "--db", "a.duckdb")

    assert result.exit_code == 5
    assert "store_not_duckdb" in result.stderr


def test_channels_nobody_listens_to_are_named(run: Run, desk: Path):
    archive = (desk / "archive.json").read_text().replace(CHANNEL, "300000000000000003")
    (desk / "other.json").write_text(archive, encoding="utf-8")

    result = run("replay", "other.json")

    assert result.exit_code == 0
    assert "channels no playbook listens to" in result.stdout
    assert "300000000000000003" in result.stdout


def test_where_nobody_is_listened_to_the_authors_and_some_texts_are_shown(run: Run, desk: Path):
    archive = json.loads((desk / "archive.json").read_text())
    for number, message in enumerate(archive["messages"]):
        message["content"] = f"good morning {number}"
        message["author"] = {"id": "555000000000000005", "name": "stranger", "isBot": False}
    (desk / "other.json").write_text(json.dumps(archive), encoding="utf-8")

    result = run("replay", "other.json", "--db", "a.duckdb")

    assert result.exit_code == 0
    assert "authors no playbook listens to" in result.stdout
    assert "555000000000000005" in result.stdout
    assert "everything was ignored" in result.stdout
    assert "good morning 2" in result.stdout
    assert "signalbook decisions --db a.duckdb --chatter" in result.stdout


@pytest.mark.parametrize("name", ["archive.json", ":memory:", "md:foo", "s3://bucket/runs"])
def test_runs_are_never_written_to_what_is_no_file(run: Run, desk: Path, name: str):
    before = sorted(desk.iterdir())

    result = run("replay", "archive.json", "--db", name)

    assert result.exit_code == 5
    assert "store_not_duckdb" in result.stderr
    assert sorted(desk.iterdir()) == before


def test_what_is_assumed_can_be_said(run: Run):
    """S-424."""
    summary = json.loads(run("replay", "archive.json", "--assume", "net_liq=$25,000", "--json").stdout)

    assert ["net_liq", "the account is worth $25,000"] in summary["assumptions"]


def test_what_cannot_be_assumed_is_wrong_usage(run: Run):
    """S-424."""
    result = run("replay", "archive.json", "--assume", "net_lick=5")

    assert result.exit_code == 2
    assert "did you mean net_liq?" in " ".join(result.stderr.replace("│", " ").split())


def test_the_number_of_processes_changes_nothing(run: Run):
    """S-422."""
    alone, together = (
        json.loads(run("replay", "archive.json", "--processes", number, "--json").stdout) for number in ("1", "2")
    )

    assert alone | {"run_id": 2} == together
