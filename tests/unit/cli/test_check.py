"""`signalbook check` shows all that is wrong, where, and what instead."""

import json
import re
from pathlib import Path

from engine.playbook.shipped import library_folder
from tests.unit.cli.conftest import Run
from tests.unit.playbook.texts import DESK


def test_good_playbooks_are_listed(run: Run):
    """S-501."""
    result = run("check")

    assert result.exit_code == 0
    assert "starter" in result.stdout
    assert "1 playbook can go live; 0 errors, 0 warnings" in result.stdout
    assert result.stderr == ""


def test_a_mistake_is_shown_with_its_line_a_caret_and_the_nearest_key(run: Run, desk: Path):
    """S-113, S-513."""
    file = desk / "playbooks" / "starter.yaml"
    file.write_text(file.read_text().replace("max_age:", "max_aeg:"), encoding="utf-8")

    result = run("check")

    assert result.exit_code == 3
    assert "playbooks/starter.yaml:14:3: unknown_key" in result.stdout
    assert "^^^^^^^" in result.stdout
    assert "'max_age'" in result.stdout


def test_a_bad_file_leaves_the_others_alone(run: Run, desk: Path):
    """S-121."""
    (desk / "playbooks" / "other.yaml").write_text("signalbook: 1\nplaybook: other\n", encoding="utf-8")

    result = run("check")

    assert result.exit_code == 3
    assert "1 playbook can go live" in result.stdout


def test_json_holds_playbooks_and_issues(run: Run, desk: Path):
    """S-510."""
    (desk / "playbooks" / "other.yaml").write_text("signalbook: 1\nplaybook: other\n", encoding="utf-8")

    result = run("check", "--json")

    answer = json.loads(result.stdout)
    assert [playbook["name"] for playbook in answer["playbooks"]] == ["starter"]
    assert {issue["file"] for issue in answer["issues"]} == {"playbooks/other.yaml"}
    assert all(issue["is_error"] for issue in answer["issues"])


def test_a_folder_that_vanished_is_an_error_not_a_crash(run: Run):
    """S-513."""
    result = run("check", "gone")

    assert result.exit_code == 3
    assert "unreadable_folder" in result.stdout


def test_placeholder_ids_are_warned_of(run: Run, desk: Path):
    run("new", "fresh")

    result = run("check", "playbooks/fresh.yaml")

    assert result.exit_code == 0
    assert "warning: placeholder_id: 100000000000000001" in result.stdout
    assert "1 playbook can go live; 0 errors, 2 warnings" in result.stdout


def test_a_desk_or_a_library_alone_is_ok(run: Run, desk: Path):
    (desk / "playbooks" / "desk.yaml").write_text(DESK, encoding="utf-8")
    (desk / "playbooks" / "lib").mkdir()
    library = desk / "playbooks" / "lib" / "us-options.yaml"
    library.write_text((library_folder() / "us-options.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    assert run("check", "playbooks/desk.yaml").stdout == "desk ok; 0 errors, 0 warnings\n"
    told = run("check", "playbooks/lib/us-options.yaml").stdout
    assert re.fullmatch(r"library ok, \d+ patterns?; 0 errors, 0 warnings\n", told)
