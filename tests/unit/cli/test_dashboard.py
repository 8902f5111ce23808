"""`signalbook dashboard`, and the log of the journal kept, exported and made anew from the command line."""

import json
from pathlib import Path

import pytest

from engine.journal.dashboards import DASHBOARDS
from tests.unit.cli.conftest import Run

LIVE = Path("signalbook-data/signalbook.duckdb")


@pytest.fixture
def fed(run: Run) -> Run:
    """The command, after the archive was fed through the live path."""
    result = run("feed", "archive.json")
    assert result.exit_code == 0, result.output
    return run


def test_the_dashboards_are_listed(run: Run):
    """S-717."""
    listed = json.loads(run("dashboard", "--json").stdout)

    assert [each["name"] for each in listed] == list(DASHBOARDS)
    assert all(each["says"] in run("dashboard").stdout for each in listed)


@pytest.mark.parametrize("name", list(DASHBOARDS))
def test_each_is_a_table_and_json(replayed: Run, name: str):
    """S-717."""
    table, answer = replayed("dashboard", name), replayed("dashboard", name, "--json")

    assert table.exit_code == 0
    assert json.loads(answer.stdout)
    assert len(table.stdout.splitlines()) >= 3


def test_one_that_is_not_there_is_wrong_usage(run: Run):
    result = run("dashboard", "reason", "--json")

    assert result.exit_code == 2
    assert "did you mean reasons" in json.loads(result.stdout)["error"]["message"]


def test_what_was_fed_is_asked_for_by_live(fed: Run):
    """S-716."""
    rows = json.loads(fed("decisions", "--live", "--json").stdout)

    assert "BTO SPY 602C 11/27 @ 1.25" in {row["text"] for row in rows}
    assert json.loads(fed("dashboard", "symbols", "--live", "--json").stdout)


def test_the_log_is_made_anew(fed: Run):
    """S-711."""
    before = fed("decisions", "--live", "--json").stdout
    LIVE.unlink()

    result = fed("journal", "rebuild")

    assert result.exit_code == 0, result.output
    assert fed("decisions", "--live", "--json").stdout == before


def test_closed_days_are_exported_once(fed: Run):
    """S-715."""
    [done] = json.loads(fed("journal", "export", "--day", "2026-11-24", "--out", "out", "--json").stdout)

    assert done["of"] == "2026-11-24"
    assert (Path("out") / "2026-11-24" / "decisions.parquet").exists()
    assert fed("journal", "export", "--day", "24.11.").exit_code == 2


def test_old_runs_are_shown_before_they_are_dropped(fed: Run):
    """S-715."""
    assert fed("replay", "archive.json").exit_code == 0

    assert "no run is that old" in fed("journal", "retain").stdout
    assert fed("journal", "retain", "--older-than", "0s", "--dry-run").stdout.count("would be dropped") == 2
    assert fed("journal", "retain", "--older-than", "0s").stdout.count("exported and dropped") == 2
    assert json.loads(fed("decisions", "--live", "--json").stdout) == []
    assert "no run is that old" in fed("journal", "retain", "--older-than", "0s").stdout
    assert Path("signalbook-data/exports/runs/run-1/decisions.parquet").exists()
    assert fed("journal", "verify").exit_code == 0
