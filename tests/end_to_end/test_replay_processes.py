"""The shipped archives replay to the same bytes, however they are stored and whoever reads them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.app.json_form import json_form
from engine.journal.store import DuckStore
from engine.playbook.rulebook import Rulebook, load_rulebook
from engine.replay.archive_convert import convert
from engine.replay.archive_files import ArchiveFile, archives_in
from engine.replay.run import ReplayOptions, replay

ARCHIVES = archives_in([Path("examples/archives")])
Result = tuple[bytes, bytes, str]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook([Path("playbooks")], runs_examples=False)


@contextmanager
def opened(folder: Path) -> Iterator[DuckStore]:
    with DuckStore(folder / "runs.duckdb", lambda: datetime(2026, 1, 1, tzinfo=UTC)) as store:
        yield store


def replayed(folder: Path, rulebook: Rulebook, archives: tuple[ArchiveFile, ...], processes: int) -> Result:
    """Return decisions and chatter as Parquet, and the summary, without the names of the files."""
    folder.mkdir()
    with opened(folder) as store:
        summary = replay(rulebook, archives, store, ReplayOptions("0", processes=processes), lambda read: None)
        store.export_run(summary.run_id, folder)
    told = json.dumps(json_form(replace(summary, archives=())))
    return (folder / "decisions.parquet").read_bytes(), (folder / "chatter.parquet").read_bytes(), told


def test_the_result_does_not_depend_on_processes_or_on_how_archives_are_stored(tmp_path: Path, rulebook: Rulebook):
    """S-421, S-422, S-426."""
    list(convert(ARCHIVES, tmp_path / "parquet"))

    alone = replayed(tmp_path / "1", rulebook, ARCHIVES, 1)

    assert replayed(tmp_path / "2", rulebook, tuple(reversed(ARCHIVES)), 2) == alone
    assert replayed(tmp_path / "4", rulebook, archives_in([tmp_path / "parquet"]), 4) == alone
