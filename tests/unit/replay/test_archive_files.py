"""Which files make up which archive."""

import hashlib
from pathlib import Path

import pytest

from engine.model.errors import ArchiveError
from engine.model.run import ArchiveUsed
from engine.replay.archive_files import archive_used, archives_in


def lay(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def found(folder: Path, *names: str) -> list[tuple[str, list[str]]]:
    archives = archives_in(folder / name for name in names)
    return [(archive.name, [str(part.relative_to(folder)) for part in archive.parts]) for archive in archives]


@pytest.mark.parametrize(
    ("files", "named", "expected"),
    [
        pytest.param(["a.json"], ["a.json"], [("a.json", ["a.json"])], id="one file"),
        pytest.param(
            ["b.json", "a.csv"], ["b.json", "a.csv"], [("b.json", ["b.json"]), ("a.csv", ["a.csv"])], id="order kept"
        ),
        pytest.param(["x.data"], ["x.data"], [("x.data", ["x.data"])], id="a named file may be called anything"),
        pytest.param(
            ["x.json", "x [part 2].json", "x [part 10].json", *(f"x [part {n}].json" for n in range(3, 10))],
            ["."],
            [("x.json", ["x.json", *(f"x [part {n}].json" for n in range(2, 11))])],
            id="parts in the order of their numbers",
        ),
        pytest.param(
            ["x.json.zst", "x [part 2].json.gz"],
            ["x [part 2].json.gz", "x.json.zst"],
            [("x.json", ["x.json.zst", "x [part 2].json.gz"])],
            id="parts compressed differently",
        ),
        pytest.param(
            ["b/x.json", "a.json.zst", "c.csv.gz", "notes.txt", "e.jsonl", "a.json_Files/m.json"],
            ["."],
            [("a.json", ["a.json.zst"]), ("x.json", ["b/x.json"]), ("c.csv", ["c.csv.gz"])],
            id="a folder to its depth, without media and other files",
        ),
        pytest.param(
            ["a.json", "b.json"],
            ["b.json", ".", "a.json"],
            [("b.json", ["b.json"]), ("a.json", ["a.json"])],
            id="each once",
        ),
        pytest.param(
            ["a/x.json", "b/x [part 2].json", "b/x.json"],
            ["."],
            [("x.json", ["a/x.json"]), ("x.json", ["b/x.json", "b/x [part 2].json"])],
            id="names meet only within a folder",
        ),
    ],
)
def test_archives_in(tmp_path: Path, files: list[str], named: list[str], expected: list[tuple[str, list[str]]]):
    lay(tmp_path, *files)

    assert found(tmp_path, *named) == expected


@pytest.mark.parametrize(
    ("files", "named", "code", "says"),
    [
        pytest.param([], ["gone.json"], "archive_not_found", "gone.json", id="no such file"),
        pytest.param(["notes.txt"], ["."], "archive_not_found", "no archive", id="nothing in the folder"),
        pytest.param(
            ["x.json", "x [part 3].json"], ["."], "archive_part_missing", "part 2 of x.json", id="a part is missing"
        ),
        pytest.param(
            ["x [part 2].json"], ["."], "archive_part_missing", "part 1 of x.json", id="the first part is missing"
        ),
        pytest.param(
            ["x.json", "x.json.gz"], ["."], "archive_twice", "x.json and x.json.gz", id="plain and compressed"
        ),
    ],
)
def test_what_does_not_add_up_is_named(tmp_path: Path, files: list[str], named: list[str], code: str, says: str):
    lay(tmp_path, *files)

    with pytest.raises(ArchiveError, match=says) as caught:
        found(tmp_path, *named)

    assert caught.value.code == code
    assert caught.value.remedy


def test_an_archive_is_known_by_size_and_hash(tmp_path: Path):
    lay(tmp_path, "x.json", "x [part 2].json")

    [archive] = archives_in([tmp_path])

    assert archive.size == len("x.json") + len("x [part 2].json")
    assert archive_used(archive) == tuple(
        ArchiveUsed(name, len(name), hashlib.sha256(name.encode()).hexdigest())
        for name in ("x.json", "x [part 2].json")
    )
