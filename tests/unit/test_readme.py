"""What the README shows is what the commands print."""

import os
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.main import app

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
CUT = "…"
WRITES = os.environ.get("SIGNALBOOK_GOLDEN") == "write"


def printed(command: str) -> list[str]:
    """Return what a `signalbook` command prints, line by line."""
    result = CliRunner().invoke(app, shlex.split(command)[1:])
    return [line.rstrip() for line in result.output.rstrip("\n").split("\n")]


def renewed(block: str) -> str:
    """Return a block with the outputs its commands have now, each cut where the block cuts it with "…"."""
    lines: list[str] = []
    for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE)[1:]:
        command, *shown = part.rstrip("\n").split("\n")
        output = printed(command.removeprefix("$ "))
        if shown and shown[-1] == CUT:
            output = [*output[: len(shown) - 1], CUT]
        lines += [command, *output, ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def test_every_output_is_the_real_one(monkeypatch: pytest.MonkeyPatch):
    """S-615."""
    monkeypatch.chdir(ROOT)
    text = README.read_text(encoding="utf-8")

    real = BLOCK.sub(lambda found: f"```console\n{renewed(found[1])}```", text)

    if WRITES:
        README.write_text(real, encoding="utf-8")
        text = real
    assert text == real, "run: make golden"


def test_the_set_up_is_two_commands():
    """S-605."""
    text = README.read_text(encoding="utf-8")

    assert "\nmake demo\n" in text
    assert "\nmake test\n" in text
