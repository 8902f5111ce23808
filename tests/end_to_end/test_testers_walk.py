"""The tester's walk-through, done exactly as it is written: every command run, every output compared."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console import renewed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "testers.md"
STEP = re.compile(r"^```(console|diff)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
WRITES = os.environ.get("SIGNALBOOK_GOLDEN") == "write"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what ships, and the command in reach."""
    shutil.copytree(ROOT / "playbooks", tmp_path / "playbooks")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def printed(command: str, folder: Path) -> list[str]:
    """Return what a command of the shell prints, line by line."""
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    run = subprocess.run(command, shell=True, cwd=folder, text=True, check=False, **both)
    return [line.rstrip() for line in run.stdout.rstrip("\n").split("\n")] if run.stdout else []


def edit(change: str, folder: Path) -> None:
    """Make the edit that a diff shows; each hunk wherever its lines stand."""
    head, *hunks = re.split(r"^@@.*\n", change, flags=re.MULTILINE)
    file = folder / head.split()[-1]
    text = file.read_text(encoding="utf-8")
    for hunk in hunks:
        before, after = (list(_side(hunk, sign)) for sign in "-+")
        assert "\n".join(before) in text, hunk
        text = text.replace("\n".join(before), "\n".join(after))
    file.write_text(text, encoding="utf-8")


def _side(hunk: str, sign: str) -> Iterator[str]:
    return (row[1:] for row in hunk.rstrip("\n").split("\n") if row[:1] in (" ", sign))


def test_every_step_does_what_the_page_says(desk: Path):
    """S-417, S-430, S-507."""

    def step(found: re.Match[str]) -> str:
        if found[1] == "diff":
            edit(found[2], desk)
            return found[0]
        return f"```console\n{renewed(found[2], lambda command: printed(command, desk))}```"

    text = PAGE.read_text(encoding="utf-8")

    real = STEP.sub(step, text)

    if WRITES:
        PAGE.write_text(real, encoding="utf-8")
        text = real
    assert text == real, "run: make golden"
