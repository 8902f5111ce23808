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


def test_over_archives_the_decisions_that_differ_are_shown(run: Run, desk: Path):
    """S-430."""
    new = edited(desk, "may: [open, close]", "may: [close]")

    result = run("diff", "playbooks/starter.yaml", str(new), "--archive", "archive.json", "--html", "diff.html")

    assert result.exit_code == 1, result.output
    assert "may_not_open" in result.stdout
    assert "assumed, because a replay cannot know it" in result.stdout
    page = (desk / "diff.html").read_text("utf-8")
    assert "BTO SPY 602C 11/27 @ 1.25" in page
    assert "may_not_open" in page
    assert "listen.authors" in page


def test_over_archives_versions_that_decide_alike_do_not_differ_whatever_their_hash(run: Run, desk: Path):
    """S-430."""
    new = edited(desk, "close: 10m", "close: 20m")

    result = run("diff", "playbooks/starter.yaml", str(new), "--archive", "archive.json", "--json")

    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["old_hash"] != answer["new_hash"]
    assert answer["counts"] == {"appears": 0, "vanishes": 0, "changes": 0}
    assert answer["decisions"] == []


def test_json_holds_every_decision_that_differs_with_sizes_of_both(run: Run, desk: Path):
    """S-430."""
    new = edited(desk, "may: [open, close]", "may: [close]")

    answer = json.loads(run("diff", "playbooks/starter.yaml", str(new), "--archive", "archive.json", "--json").stdout)

    first = answer["decisions"][0]
    assert (first["kind"], first["old"]["verdict"], first["new"]["reason"]) == ("changes", "approved", "may_not_open")
    assert first["old"]["quantity"] == 2
    assert answer["old"]["opened"] == 1
    assert answer["new"]["opened"] == 0


def test_each_version_is_decided_under_the_desk_beside_it(run: Run, desk: Path):
    """S-430."""
    (desk / "before").mkdir()
    for folder, limits in (("playbooks", ""), ("before", "limits: {max_order_value: '$1'}\n")):
        (desk / folder / "desk.yaml").write_text(f"signalbook: 1\ndesk: a-desk\n{limits}", encoding="utf-8")
    (desk / "before" / "old.yaml").write_text((desk / "playbooks" / "starter.yaml").read_text("utf-8"), "utf-8")

    result = run("diff", "before/old.yaml", "playbooks/starter.yaml", "--archive", "archive.json")

    assert result.exit_code == 1, result.output
    assert "the desks beside the two files differ" in result.stderr
    assert "too_small" in result.stdout


def test_a_page_needs_archives(run: Run, desk: Path):
    result = run("diff", "playbooks/starter.yaml", str(edited(desk, "owner: ops", "owner: x")), "--html", "a.html")

    assert result.exit_code == 2
