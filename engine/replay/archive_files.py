"""Which files make up which archive: folders, compressed files, exports split into parts."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.model.errors import ArchiveError
from engine.model.run import ArchiveUsed

_ENDINGS: Final = re.compile(
    r"(?P<stem>.+?)(?: \[part (?P<part>\d+)\])?(?P<format>\.(?:json|csv|parquet))(?:\.(?:gz|zst))?"
)
_MEDIA_FOLDER: Final = "_Files"


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """
    One export, in one file or several.

    name: of its first part, without "[part N]" and compression. parts: in the order they were
    written. size: bytes on disk of all parts.
    """

    name: str
    parts: tuple[Path, ...]
    size: int


def archives_in(paths: Iterable[Path]) -> tuple[ArchiveFile, ...]:
    """
    Return the archives that files and folders name, each once, in the order they are first named.

    Folders are searched to their depth, in order of names, without the media the exporter puts in
    folders of its own. Files that are named are taken whatever they are called.
    Raises: ArchiveError: a file is not there, a folder holds no archive, a part of a split export
    is missing or there twice.
    """
    groups: dict[Path, dict[int, Path]] = {}
    for path in dict.fromkeys(_expanded(paths)):
        group, part = _group_and_part(path)
        parts = groups.setdefault(group, {})
        if part in parts:
            message = f"{parts[part].name} and {path.name} are the same archive"
            raise ArchiveError("archive_twice", message, "name one of them, or move the other elsewhere")
        parts[part] = path
    return tuple(_archive(group, parts) for group, parts in groups.items())


def archive_used(archive: ArchiveFile) -> tuple[ArchiveUsed, ...]:
    """Return name, size and SHA-256 of each of its files."""
    return tuple(ArchiveUsed(part.name, part.stat().st_size, _sha256(part)) for part in archive.parts)


def _expanded(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        elif path.exists():
            yield path.resolve()
        else:
            raise ArchiveError("archive_not_found", f"there is no file or folder {path}", "check the path")


def _in_folder(folder: Path) -> list[Path]:
    found = [
        file.resolve()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and _ENDINGS.fullmatch(file.name) and not _is_media(file.relative_to(folder))
    ]
    if not found:
        remedy = "archives are called *.json, *.csv or *.parquet, also compressed: *.json.gz, *.json.zst"
        raise ArchiveError("archive_not_found", f"there is no archive in {folder}", remedy)
    return found


def _is_media(file: Path) -> bool:
    return any(parent.name.endswith(_MEDIA_FOLDER) for parent in file.parents)


def _group_and_part(path: Path) -> tuple[Path, int]:
    named = _ENDINGS.fullmatch(path.name)
    if named is None:
        return path, 1
    return path.parent / (named["stem"] + named["format"]), int(named["part"] or 1)


def _archive(group: Path, parts: dict[int, Path]) -> ArchiveFile:
    for expected, number in enumerate(sorted(parts), 1):
        if number != expected:
            message = f"part {expected} of {group.name} is missing, part {number} is there"
            remedy = "put it beside the others; to read one part alone, rename it"
            raise ArchiveError("archive_part_missing", message, remedy)
    files = tuple(parts[number] for number in sorted(parts))
    return ArchiveFile(group.name, files, sum(file.stat().st_size for file in files))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
