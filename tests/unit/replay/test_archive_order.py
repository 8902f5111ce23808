"""The messages of archives one by one, in the order they were posted."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from engine.model.errors import ArchiveError
from engine.model.message import Message
from engine.model.run import BadRow
from engine.replay.archive_files import archives_in
from engine.replay.archive_message import snowflake_at, snowflake_time
from engine.replay.archive_order import in_time_order
from engine.replay.archive_tally import ReadTally

Make = Callable[..., dict[str, Any]]
Export = Callable[..., bytes]

FIRST = 1105872609649623040


def at_second(exported: Make, second: int) -> dict[str, Any]:
    at = snowflake_time(str(FIRST)).replace(microsecond=0, second=second)
    return exported(id=snowflake_at(at, 0), timestamp=at.isoformat(), content=str(second))


def lay(folder: Path, export: Export, exported: Make, name: str, seconds: Iterable[int]) -> None:
    (folder / name).write_bytes(export([at_second(exported, second) for second in seconds]))


def contents(folder: Path, read: ReadTally) -> list[str]:
    return [row.content if isinstance(row, Message) else row.code for row in in_time_order(archives_in([folder]), read)]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"x.json": [1, 2, 3, 4, 5, 6]}, id="one file"),
        pytest.param({"x.json": [1, 2], "x [part 2].json": [3, 4, 5, 6]}, id="in parts"),
        pytest.param({"x.json": [6, 5, 4, 3, 2, 1]}, id="newest first"),
        pytest.param({"x.json": [6, 5, 4], "x [part 2].json": [3, 2, 1]}, id="newest first, in parts"),
        pytest.param({"x.json": [1, 5, 3], "y.json": [2, 6, 4]}, id="out of order, in two archives"),
        pytest.param({"x.json": [1, 2, 3, 4], "y.json": [3, 4, 5, 6]}, id="some in both archives"),
    ],
)
def test_messages_come_once_and_oldest_first(
    tmp_path: Path, exported: Make, export: Export, files: dict[str, list[int]]
):
    for name, seconds in files.items():
        lay(tmp_path, export, exported, name, seconds)
    read = ReadTally()

    assert contents(tmp_path, read) == list("123456")
    assert read.messages == 6


def test_bad_rows_follow_what_they_stood_behind(tmp_path: Path, exported: Make, export: Export):
    (tmp_path / "x.json").write_bytes(export([at_second(exported, 3), exported(author=None), at_second(exported, 1)]))

    found = list(in_time_order(archives_in([tmp_path]), ReadTally()))

    assert [type(row) for row in found] == [Message, Message, BadRow]
    assert found[2] == BadRow(1, "no_author", "it has no author with an id", "x.json")


def test_a_broken_archive_yields_nothing(tmp_path: Path, exported: Make, export: Export):
    lay(tmp_path, export, exported, "x.json", [1, 2, 3])
    file = tmp_path / "x.json"
    file.write_bytes(file.read_bytes()[:-40])
    rows: list[object] = []

    with pytest.raises(ArchiveError, match="ends too early"):
        rows.extend(in_time_order(archives_in([tmp_path]), ReadTally()))

    assert rows == []
