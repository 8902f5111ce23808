"""`signalbook new` writes a playbook that passes check, and overwrites nothing."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run


def test_a_new_playbook_passes_check(run: Run, desk: Path):
    """S-509."""
    (desk / "playbooks" / "starter.yaml").unlink()

    assert run("new", "night-desk").exit_code == 0

    checked = json.loads(run("check", "--json").stdout)
    assert {issue["code"] for issue in checked["issues"]} == {"placeholder_id"}
    assert not any(issue["is_error"] for issue in checked["issues"])
    assert [(each["name"], each["examples_passed"]) for each in checked["playbooks"]] == [("night-desk", 2)]


def test_a_file_that_is_there_stays_as_it_is(run: Run, desk: Path):
    """S-509, S-515."""
    before = (desk / "playbooks" / "starter.yaml").read_bytes()

    result = run("new", "starter")

    assert result.exit_code == 1
    assert "file_exists" in result.stderr
    assert (desk / "playbooks" / "starter.yaml").read_bytes() == before


def test_a_folder_that_cannot_be_made_leaves_nothing_behind(run: Run, desk: Path):
    """S-515."""
    result = run("new", "night", "--in", "archive.json/playbooks")

    assert result.exit_code == 1
    assert "cannot_write" in result.stderr
    assert sorted(path.name for path in desk.iterdir()) == ["archive.json", "playbooks"]


@pytest.mark.parametrize("name", ["Night Desk", "../night", "", "-x", "n" * 65])
def test_a_name_that_is_no_name_is_wrong_usage(run: Run, name: str):
    """S-513."""
    assert run("new", "--", name).exit_code == 2


def test_the_name_of_the_desk_is_taken(run: Run):
    """S-513."""
    assert run("new", "desk").exit_code == 2


def test_a_file_is_no_folder_to_write_to(run: Run):
    """S-513."""
    result = run("new", "night", "--in", "archive.json")

    assert result.exit_code == 2
    assert "is a file; name a folder" in result.stderr


def test_the_next_step_names_the_folder(run: Run):
    assert "signalbook check other" in run("new", "night", "--in", "other").stdout
