"""What the README shows is what the commands print."""

import os
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.main import app
from tests.console import renewed

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
WRITES = os.environ.get("SIGNALBOOK_GOLDEN") == "write"


def printed(command: str) -> list[str]:
    """Return what a `signalbook` command prints, line by line."""
    result = CliRunner().invoke(app, shlex.split(command)[1:])
    return [line.rstrip() for line in result.output.rstrip("\n").split("\n")]


def test_every_output_is_the_real_one(monkeypatch: pytest.MonkeyPatch):
    """S-615."""
    monkeypatch.chdir(ROOT)
    text = README.read_text(encoding="utf-8")

    real = BLOCK.sub(lambda found: f"```console\n{renewed(found[1], printed)}```", text)

    if WRITES:
        README.write_text(real, encoding="utf-8")
        text = real
    assert text == real, "run: make golden"


def test_the_set_up_is_two_commands():
    """S-605."""
    text = README.read_text(encoding="utf-8")

    assert "\nmake demo\n" in text
    assert "\nmake test\n" in text
