"""Playbooks as files, for tests of everything between text and decision."""

from pathlib import Path

import pytest

from engine.playbook.loader import LivePlaybook
from engine.playbook.rulebook import load_rulebook
from tests.unit.playbook.texts import DESK, LIBRARIES, Load


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that makes a live playbook of a text, beside a desk and a small library."""

    def live(text: str) -> LivePlaybook:
        (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
        file = tmp_path / "book.yaml"
        file.write_text(text, encoding="utf-8")
        rulebook = load_rulebook([file], shipped=LIBRARIES)
        assert [issue for issue in rulebook.issues if issue.is_error] == []
        return rulebook.playbooks[0]

    return live
