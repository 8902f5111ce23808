"""Exports become Parquet archives, whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.model.errors import ArchiveError
from engine.replay.archive import read_archive
from engine.replay.archive_convert import convert
from engine.replay.archive_files import archives_in

Make = Callable[..., dict[str, Any]]
Export = Callable[..., bytes]


@pytest.fixture
def exports(tmp_path: Path, exported: Make, export: Export) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    join = exported(type="GuildMemberJoin")
    (folder / "a.json").write_bytes(export([exported(id="1"), exported(id=None), join]))
    (folder / "b.json").write_bytes(export([exported(id="2", content="gm")]))
    return folder


def test_a_folder_takes_one_file_for_each_archive(exports: Path, tmp_path: Path):
    archives, out = archives_in([exports]), tmp_path / "deep" / "out"

    made = list(convert(archives, out))

    assert [(each.file.name, each.messages, each.bad_rows, each.skipped_system) for each in made] == [
        ("a.parquet", 1, 1, 1),
        ("b.parquet", 1, 0, 0),
    ]
    assert [each.size for each in made] == [file.stat().st_size for file in sorted(out.iterdir())]
    assert list(read_archive(out / "b.parquet")) == list(read_archive(exports / "b.json"))
    assert [archive.name for archive in archives_in([out])] == ["a.parquet", "b.parquet"]


def test_one_file_takes_everything(exports: Path, tmp_path: Path):
    (made,) = convert(archives_in([exports]), tmp_path / "all.parquet")

    assert (made.archives, made.messages) == (("a.json", "b.json"), 2)


def test_nothing_is_replaced(exports: Path, tmp_path: Path):
    file = tmp_path / "all.parquet"
    file.write_text("mine")

    with pytest.raises(ArchiveError, match="is there already"):
        list(convert(archives_in([exports]), file))

    assert file.read_text() == "mine"


def test_a_broken_export_leaves_nothing(exports: Path, tmp_path: Path):
    (exports / "b.json").write_bytes((exports / "b.json").read_bytes()[:-30])

    with pytest.raises(ArchiveError, match="ends too early"):
        list(convert(archives_in([exports]), tmp_path / "all.parquet"))

    assert [file.name for file in tmp_path.iterdir()] == ["exports"]


def test_two_archives_of_one_name_do_not_overwrite_each_other(exports: Path, tmp_path: Path):
    (exports / "deep").mkdir()
    (exports / "b.json").rename(exports / "deep" / "a.json")

    with pytest.raises(ArchiveError, match=r"two archives would become a\.parquet"):
        list(convert(archives_in([exports]), tmp_path / "out"))


def test_a_place_that_cannot_be_written_is_told(exports: Path, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(ArchiveError) as caught:
        list(convert(archives_in([exports]), tmp_path / "file" / "out"))

    assert caught.value.code == "archive_unwritable"
