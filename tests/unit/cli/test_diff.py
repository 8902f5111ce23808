"""`signalbook diff` names the keys touched, and whether they make it another version."""

import json
from pathlib import Path

from tests.unit.cli.conftest import Run


def edited(desk: Path, old: str, new: str) -> Path:
    text = (desk / "playbooks" / "starter.yaml").read_text()
    assert old in text
    (desk / "new.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return desk / "new.yaml"


def test_a_touched_key_is_named_and_changes_the_hash(run: Run, desk: Path):
    """S-143, S-508."""
    result = run("diff", "playbooks/starter.yaml", str(edited(desk, "close: 10m", "close: 20m")), "--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    touched = [(change["path"], change["changes_hash"]) for change in answer["changes"]]
    assert touched == [("listen.max_age.close", True)]
    assert answer["old_hash"] != answer["new_hash"]


def test_what_is_for_people_only_keeps_the_hash(run: Run, desk: Path):
    """S-142, S-508."""
    result = run("diff", "playbooks/starter.yaml", str(edited(desk, "owner: ops", "owner: night-desk")))

    assert result.exit_code == 0
    assert "owner" in result.stdout
    assert "same content hash" in result.stdout


def test_comments_and_spacing_touch_nothing(run: Run, desk: Path):
    """S-142."""
    result = run("diff", "playbooks/starter.yaml", str(edited(desk, "owner: ops", "owner:    ops  # at night too")))

    assert result.exit_code == 0
    assert "no key touched" in result.stdout


def test_a_version_that_does_not_load_cannot_be_compared(run: Run, desk: Path):
    """S-513."""
    result = run("diff", "playbooks/starter.yaml", str(edited(desk, "owner: ops", "owner: [ops]")))

    assert result.exit_code == 3
    assert result.stdout == ""


def test_an_old_version_elsewhere_needs_no_desk_and_no_passing_example(run: Run, desk: Path):
    """S-143: the keys are compared whatever the desk and the examples say."""
    old = desk / "before" / "old.yaml"
    old.parent.mkdir()
    text = (desk / "playbooks" / "starter.yaml").read_text(encoding="utf-8").replace("strike: 602,", "strike: 999,")
    old.write_text(f"{text}\nstages: {{sandbox: {{account: cert}}}}\n", encoding="utf-8")

    result = run("diff", str(old), "playbooks/starter.yaml", "--json")

    assert result.exit_code == 1, result.output
    paths = [change["path"] for change in json.loads(result.stdout)["changes"]]
    assert "stages" in paths
    assert any(path.startswith("examples") for path in paths)


def test_libraries_beside_the_new_version_count_for_the_old_one(run: Run, desk: Path):
    (desk / "playbooks" / "lib").mkdir()
    library = 'signalbook: 1\nlibrary: mine\npatterns: [{name: own, match: "{action} {contract} now"}]\n'
    (desk / "playbooks" / "lib" / "mine.yaml").write_text(library, encoding="utf-8")
    new = desk / "playbooks" / "starter.yaml"
    new.write_text(new.read_text().replace("use: [us-options]", "use: [us-options, mine]"), encoding="utf-8")
    old = desk / "old.yaml"
    old.write_text(new.read_text().replace("close: 10m", "close: 20m"), encoding="utf-8")

    result = run("diff", "old.yaml", "playbooks/starter.yaml", "--json")

    assert [change["path"] for change in json.loads(result.stdout)["changes"]] == ["listen.max_age.close"]
