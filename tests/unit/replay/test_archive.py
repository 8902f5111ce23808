"""Whole archives: progress, memory, and the real ones that are shipped."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.model.message import Message
from engine.replay.archive import read_archive
from engine.replay.archive_files import archives_in
from engine.replay.archive_message import snowflake_at, snowflake_time
from engine.replay.archive_tally import ReadTally

Make = Callable[..., dict[str, Any]]
Export = Callable[..., bytes]

SHIPPED = Path(__file__).parents[3] / "examples" / "archives"
FIRST = 1105872609649623040


def at_second(exported: Make, second: int) -> dict[str, Any]:
    at = snowflake_time(str(FIRST)).replace(microsecond=0, second=second % 60, minute=second // 60)
    return exported(id=snowflake_at(at, 0), timestamp=at.isoformat(), content=str(second))


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
from engine.replay.archive import read_archive
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in read_archive(Path(sys.argv[1])))
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")
@pytest.mark.parametrize("layout", [{"indent": 2}, {"indent": None}])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, exported: Make, export: Export, layout: dict[str, Any]):
    # 32 MB and more; held as a whole it would be 100 MB.
    messages = [at_second(exported, second) for second in range(400)]
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
