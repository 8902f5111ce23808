"""A small good playbook as text, and what it leans on."""

from collections.abc import Callable
from pathlib import Path

from engine.playbook.loader import LivePlaybook

GOLDEN = Path(__file__).parents[2] / "golden"
LIBRARIES = tuple(sorted((GOLDEN / "lib").glob("*.yaml")))
BASE = """\
signalbook: 1
playbook: base
listen:
  channels: {"1255265167113978008": {name: momentum}}
  authors: {"301234567890123456": {name: alice, may: [open, close]}}
read: {use: [us-options]}
"""
DESK = (GOLDEN / "bad_playbooks" / "playbooks" / "desk.yaml").read_text(encoding="utf-8")

Load = Callable[[str], LivePlaybook]


def reading(read: str) -> str:
    """Return the small playbook with another `read` section."""
    return BASE.replace("{use: [us-options]}", read)
