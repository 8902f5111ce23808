"""Whoever reads archives, the same is found in the same order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from engine.model.errors import ArchiveError
from engine.playbook.rulebook import Rulebook, load_rulebook
from engine.replay.archive_files import archives_in
from engine.replay.archive_format import Format
from engine.replay.reading import FoundPiece, read
from engine.replay.stretches import stretches_of
from engine.replay.tasks import Task, tasks_of

Make = Callable[..., dict[str, Any]]
Export = Callable[..., bytes]

SIZE = 8_000
NO_IDS = pa.array([], pa.int64())
CHANNEL = {"id": "1255265167113978008", "type": "GuildTextChat", "name": "momentum"}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook([Path("playbooks")], runs_examples=False)


def laid(folder: Path, exported: Make, export: Export, *, damage: Callable[[bytes], bytes] = bytes) -> Path:
    alice = {"id": "301234567890123456", "name": "alice"}
    messages = [
        exported(id=str(number), content="BTO SPY 602C 11/27 @ 1.25" if number % 20 == 7 else "gm", author=alice)
        for number in range(150)
    ]
    messages[60] = exported(author=None)
    messages[120] = exported(type="GuildMemberJoin")
    file = folder / "x.json"
    file.write_bytes(damage(export(messages, indent=2, channel=CHANNEL)))
    return file


def stretched(file: Path) -> tuple[Task, ...]:
    return tuple(Task(file, Format.JSON, stretch) for stretch in stretches_of(file, SIZE))


def ids(found: list[FoundPiece]) -> list[int]:
    chatter = [number for each in found for number in each.piece.columns.ids.to_pylist()]
    return sorted(chatter + [event.moment.id for each in found for event in each.piece.events])


def bad_rows(found: list[FoundPiece]) -> list[tuple[int, str]]:
    return [(each.first + row.index, row.code) for each in found for row in each.piece.bad_rows]


def test_stretches_find_what_the_whole_file_does(tmp_path: Path, exported: Make, export: Export, rulebook: Rulebook):
    file = laid(tmp_path, exported, export)

    parts = list(read(stretched(file), rulebook, NO_IDS, 1))
    whole = list(read(tasks_of(archives_in([file])), rulebook, NO_IDS, 1))

    assert len(parts) > 5
    assert ids(parts) == ids(whole)
    assert bad_rows(parts) == bad_rows(whole) == [(60, "no_author")]
    assert sum(each.piece.skipped for each in parts) == 1
    assert max(each.piece.position for each in parts) == max(each.piece.position for each in whole)


def test_several_processes_find_the_same_in_the_same_order(
    tmp_path: Path, exported: Make, export: Export, rulebook: Rulebook
):
    tasks = stretched(laid(tmp_path, exported, export))

    alone, together = (list(read(tasks, rulebook, NO_IDS, processes)) for processes in (1, 3))

    assert alone == together


@pytest.mark.parametrize("processes", [1, 2])
def test_where_the_layout_misleads_the_rest_is_read_by_its_brackets(
    tmp_path: Path, exported: Make, export: Export, rulebook: Rulebook, processes: int
):
    def mislead(text: bytes) -> bytes:
        return text.replace(b'"id": "90",', b'"x": [\n  ],\n      "id": "90",', 1)

    file = laid(tmp_path, exported, export, damage=mislead)

    found = list(read(stretched(file), rulebook, NO_IDS, processes))

    assert ids(found) == sorted(set(range(150)) - {60, 120})
    assert bad_rows(found) == [(60, "no_author")]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_fault_is_told_as_it_is_of_a_whole_file(
    tmp_path: Path, exported: Make, export: Export, rulebook: Rulebook, processes: int
):
    file = laid(tmp_path, exported, export, damage=lambda text: text[: len(text) * 2 // 3])
    found = []

    with pytest.raises(ArchiveError, match=r"x\.json ends too early, after \d+ whole messages") as caught:
        found.extend(read(stretched(file), rulebook, NO_IDS, processes))

    assert caught.value.code == "archive_truncated"


def test_an_archive_that_stops_being_readable_ends_every_process(
    tmp_path: Path, exported: Make, export: Export, rulebook: Rulebook
):
    file = laid(tmp_path, exported, export)
    tasks = (*tasks_of(archives_in([file])), Task(tmp_path / "gone.json", Format.JSON))

    with pytest.raises(ArchiveError, match="there is no file"):
        list(read(tasks, rulebook, NO_IDS, 2))
