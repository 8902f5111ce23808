"""
Every bad playbook, desk, library and folder here is refused with exactly the text beside it.

After a wanted change of wording run `make golden`, and read the difference before committing it.
"""

import os
import re
from pathlib import Path

import pytest

from engine.playbook.render import render_all
from engine.playbook.rulebook import Rulebook, load_rulebook

HERE = Path(__file__).parent
BAD = HERE / "bad_playbooks"
LIBRARIES = tuple(sorted((HERE / "lib").glob("*.yaml")))
WRITES = os.environ.get("SIGNALBOOK_GOLDEN") == "write"
FILES = sorted(
    path.relative_to(BAD)
    for folder in ("playbooks", "desks", "libraries")
    for path in (BAD / folder).glob("*.yaml")
    if path.name != "desk.yaml"
)
FOLDERS = sorted(path.relative_to(BAD) for path in (BAD / "folders").iterdir() if path.is_dir())
_CODE = re.compile(r'(?:Issue|unknown|_fail|_repeated|_report|_issue|findings\.add)\(\s*"([a-z][a-z0-9_]+)"')
_SHOWN = re.compile(r"^\S+: (?:warning: )?([a-z0-9_]+): ", re.MULTILINE)
NOT_AS_FILES = {
    "bad_constant",  # the schema refuses it first; check_rules also guards rules built by hand
    "file_too_large",
    "unreadable_file",
}


def load(path: Path) -> Rulebook:
    return load_rulebook([path], shipped=LIBRARIES)


@pytest.mark.parametrize("path", [*FILES, *FOLDERS], ids=lambda path: str(path.with_suffix("")))
def test_bad_files_are_refused_with_exactly_this_text(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(BAD)
    golden = Path(f"{path.with_suffix('')}.txt")

    rulebook = load(path)

    text = render_all(rulebook.issues, rulebook.texts) + "\n"
    if WRITES:
        golden.write_text(text, encoding="utf-8")
    assert any(issue.is_error for issue in rulebook.issues)
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_text_belongs_to_a_file():
    texts = {path.relative_to(BAD).with_suffix("") for path in BAD.glob("*/*.txt")}

    assert texts == {path.with_suffix("") for path in (*FILES, *FOLDERS)}


def test_every_code_of_the_compiler_is_shown_by_a_bad_file():
    engine = HERE.parents[1] / "engine"
    sources = [*(engine / "playbook").glob("*.py"), engine / "parse" / "check.py", engine / "parse" / "template.py"]
    known = {code for source in sources for code in _CODE.findall(source.read_text(encoding="utf-8"))}
    shown = {code for text in BAD.glob("*/*.txt") for code in _SHOWN.findall(text.read_text(encoding="utf-8"))}

    assert known - shown == NOT_AS_FILES


def test_there_are_at_least_sixty():
    assert len(FILES) + len(FOLDERS) >= 60


def test_a_folder_that_is_gone_is_an_issue(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(BAD)

    rulebook = load(Path("folders/gone"))

    assert render_all(rulebook.issues, rulebook.texts) == (
        "folders/gone: unreadable_folder: there is no such folder\n"
        "     = expected: a folder of playbooks, or a playbook"
    )
    assert rulebook.playbooks == ()


@pytest.mark.parametrize("path", [LIBRARIES[0].relative_to(HERE), Path("bad_playbooks/playbooks/desk.yaml")], ids=str)
def test_what_the_bad_files_lean_on_is_good(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(HERE)

    assert load(path).issues == ()
