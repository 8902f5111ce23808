"""Whole archives: parts, direction, progress, memory, and the real ones that are shipped."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.model.errors import ArchiveError
from engine.model.message import Message
from engine.model.run import BadRow
from engine.replay.archive import is_reversed, read_archive, read_oldest_first
from engine.replay.archive_files import ArchiveFile, archives_in
from engine.replay.archive_message import snowflake_at, snowflake_time
from engine.replay.archive_tally import ReadTally

Make = Callable[..., dict[str, Any]]
Export = Callable[..., bytes]

SHIPPED = Path(__file__).parents[3] / "examples" / "archives"
FIRST = 1105872609649623040


def at_second(exported: Make, second: int) -> dict[str, Any]:
    at = snowflake_time(str(FIRST)).replace(microsecond=0, second=second % 60, minute=second // 60)
    return exported(id=snowflake_at(at, 0), timestamp=at.isoformat(), content=str(second))


def lay(folder: Path, export: Export, exported: Make, *parts: list[int]) -> ArchiveFile:
    for number, seconds in enumerate(parts, 1):
        name = "x.json" if number == 1 else f"x [part {number}].json"
        (folder / name).write_bytes(export([at_second(exported, second) for second in seconds]))
    [archive] = archives_in([folder])
    return archive


def contents(archive: ArchiveFile) -> list[str]:
    return [row.content if isinstance(row, Message) else row.code for row in read_oldest_first(archive)]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param([[1, 2, 3]], False, id="oldest first"),
        pytest.param([[3, 2, 1]], True, id="newest first"),
        pytest.param([[3, 2], [1]], True, id="newest first, in parts"),
        pytest.param([[2], [1]], True, id="newest first, one message a part"),
        pytest.param([[1]], False, id="one message"),
        pytest.param([[]], False, id="no message"),
        pytest.param([[1, 5, 4, 6, 7]], False, id="one out of order"),
    ],
)
def test_is_reversed(tmp_path: Path, exported: Make, export: Export, parts: list[list[int]], expected: bool):
    assert is_reversed(lay(tmp_path, export, exported, *parts)) is expected


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([[1, 2, 3, 4, 5, 6]], id="one file"),
        pytest.param([[1, 2], [3, 4], [5, 6]], id="in parts"),
        pytest.param([[6, 5, 4, 3, 2, 1]], id="reversed"),
        pytest.param([[6, 5], [4, 3], [2, 1]], id="reversed, in parts"),
    ],
)
def test_messages_come_oldest_first(tmp_path: Path, exported: Make, export: Export, parts: list[list[int]]):
    assert contents(lay(tmp_path, export, exported, *parts)) == list("123456")


def test_a_reversed_export_keeps_its_bad_rows(tmp_path: Path, exported: Make, export: Export):
    rows = [at_second(exported, 3), exported(author=None), at_second(exported, 1)]
    (tmp_path / "x.json").write_bytes(export(rows))

    found = list(read_oldest_first(archives_in([tmp_path])[0]))

    assert [type(row) for row in found] == [Message, BadRow, Message]
    assert found[1] == BadRow(1, "no_author", "it has no author with an id", "x.json")


def test_a_broken_reversed_export_yields_nothing(tmp_path: Path, exported: Make, export: Export):
    archive = lay(tmp_path, export, exported, [3, 2, 1])
    archive.parts[0].write_bytes(archive.parts[0].read_bytes()[:-40])
    rows = []

    with pytest.raises(ArchiveError, match="ends too early"):
        rows.extend(read_oldest_first(archive))

    assert rows == []


def test_progress_ends_at_the_size_of_the_files_however_they_are_read(tmp_path: Path, exported: Make, export: Export):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes(export([at_second(exported, second) for second in range(9)]))
    archives, tally = archives_in([tmp_path]), ReadTally()

    by_turns = zip(*(read_archive(archive.parts[0], tally) for archive in archives), strict=True)

    assert sum(1 for _ in by_turns) == 9
    assert tally == ReadTally(sum(archive.size for archive in archives), messages=18)


@pytest.mark.parametrize(
    ("name", "messages", "authors", "last"),
    [
        ("analysts-2023", 10_732, 246, "STC 2 PLTR 20.5C 11/24/23 @ 0.51"),
        (
            "indicator-bot-1",
            2_181,
            1,
            "**Exit Alert** on NVDA  Momentum weakening at 2025-11-11T20:50:00Z | Price: $193.345",
        ),
        ("indicator-bot-2", 884, 1, "🔥 CALL Alert confirmed on SPX at 2025-11-11T20:55:01Z | Price: 6851.66"),
        (
            "indicator-bot-3",
            2_491,
            1,
            "**Exit Alert** on PLTR  Momentum weakening at 2025-11-11T21:00:02Z | Price: $190.98",
        ),
    ],
)
def test_the_shipped_archives_are_whole(name: str, messages: int, authors: int, last: str):
    rows = [row for row in read_archive(SHIPPED / f"{name}.json.zst") if isinstance(row, Message)]

    assert (len(rows), len({row.author.id for row in rows}), rows[-1].content) == (messages, authors, last)


MEASURE = """
import resource, sys
from pathlib import Path
from engine.replay.archive import read_oldest_first
from engine.replay.archive_files import archives_in
[archive] = archives_in([Path(sys.argv[1])])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in read_oldest_first(archive))
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")
@pytest.mark.parametrize("layout", [{"indent": 2}, {"indent": None}, {"indent": 2, "reverse": True}])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, exported: Make, export: Export, layout: dict[str, Any]):
    # 32 MB and more; held as a whole it would be 100 MB.
    seconds = range(400)
    messages = [at_second(exported, second) for second in (reversed(seconds) if layout.pop("reverse", 0) else seconds)]
    text = export([message | {"content": "x" * 1_000} for message in messages], **layout)
    start = text.index(b"[", text.index(b'"messages":')) + 1
    body, after = text[start : text.rindex(b"]")], text[text.rindex(b"]") :]
    (tmp_path / "x.json").write_bytes(text[:start] + b",".join([body] * 50) + after)

    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "x.json")], capture_output=True, text=True, check=True
    )

    count, megabytes = map(int, done.stdout.split())
    assert count == 400 * 50
    assert megabytes < 40
