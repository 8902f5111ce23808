"""A desk of one playbook and one small archive, and the command run in its folder."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.cli.main import app
from engine.cli.new import starter_text

CHANNEL, ALICE, STRANGER = "1255265167113978008", "301234567890123456", "200000000000000009"
SAID = (
    ("BTO SPY 602C 11/27 @ 1.25", ALICE),
    ("good morning everybody", ALICE),
    ("should I BTO SPY 602C?", ALICE),
    ("BTO SPY 602 11/27 @ 1.25", ALICE),
    ("BTO QQQ 500C 11/27 @ 2.00", STRANGER),
    ("sold half SPY 602C @ 1.90", ALICE),
    ("STC SPY 602C 11/27 @ 2.10", ALICE),
)
FIRST_ID = 1442549871206400000  # 2025-11-24

Run = Callable[..., Result]


def message(number: int, text: str, author: str) -> dict[str, object]:
    """One message as DiscordChatExporter writes it, a minute after the one before."""
    return {
        "id": str(FIRST_ID + (number << 22)),
        "type": "Default",
        "timestamp": f"2026-11-24T10:{number:02}:00-05:00",
        "timestampEdited": None,
        "content": text,
        "author": {"id": author, "name": "alice" if author == ALICE else "mallory", "isBot": False},
        "attachments": [],
        "embeds": [],
    }


def own_ids(starter: str) -> str:
    """Return a starter with its placeholder ids filled in; two contracts, so that half can be sold."""
    starter = starter.replace("contracts: 1", "contracts: 2")
    return starter.replace("100000000000000001", CHANNEL).replace("200000000000000001", ALICE)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: playbooks/starter.yaml and archive.json."""
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "starter.yaml").write_text(own_ids(starter_text("starter")), encoding="utf-8")
    archive = {
        "guild": {"id": "1", "name": "desk"},
        "channel": {"id": CHANNEL, "name": "alerts"},
        "messages": [message(number, text, author) for number, (text, author) in enumerate(SAID)],
    }
    (tmp_path / "archive.json").write_text(json.dumps(archive), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(desk: Path) -> Run:
    """Run the command as its users do."""

    def invoke(*arguments: str, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(app, arguments, input=stdin)

    return invoke


@pytest.fixture
def replayed(run: Run) -> Run:
    """The same, after the archive was replayed once."""
    result = run("replay", "archive.json")
    assert result.exit_code == 0, result.output
    return run
