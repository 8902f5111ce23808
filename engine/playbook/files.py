"""Which files make a rulebook, and of what kind each is."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.model.errors import Issue
from engine.model.source import Span

_DESK: Final = "desk"
_LIBRARIES: Final = "lib"
_KIND: Final = re.compile(r"^(desk|library|playbook)[ ]*:", re.MULTILINE)
_ENDINGS: Final = frozenset({".yaml", ".yml"})


class FileKind(StrEnum):
    """What a file holds; the name of its schema."""

    DESK = "desk"
    LIBRARY = "library"
    PLAYBOOK = "playbook"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to load. kind: what it should be, by where it lies. is_shipped: it came with Signalbook."""

    path: Path
    kind: FileKind
    is_shipped: bool = False

    @property
    def name(self) -> str:
        """What issues call it."""
        return self.path.as_posix()


def find_files(paths: Sequence[Path], shipped: Iterable[Path]) -> tuple[tuple[SourceFile, ...], tuple[Issue, ...]]:
    """
    Return the files of a rulebook, desk first, then libraries, then playbooks, and what cannot be found.

    paths: folders, or single files, which are loaded with the desk and the libraries beside them.
    shipped: the libraries that came with Signalbook.
    """
    issues: list[Issue] = []
    libraries = (SourceFile(path, FileKind.LIBRARY, is_shipped=True) for path in shipped)
    found = {library.path.resolve(): library for library in libraries}
    for file in _asked_for(paths, issues):
        place = file.path.resolve()
        known = found.get(place)
        found[place] = replace(file, is_shipped=known is not None and known.is_shipped)
    order = list(FileKind)
    files = sorted(found.values(), key=lambda file: (order.index(file.kind), not file.is_shipped, file.name))
    return tuple(files), tuple(issues)


def kind_of(text: str, file: SourceFile) -> FileKind:
    """Return what a file holds: what its first line with the name of a kind says, else what its place says."""
    said = _KIND.search(text)
    return FileKind(said[1]) if said else file.kind


def file_at(path: Path) -> SourceFile:
    """Return a file to load, of the kind its place says."""
    return SourceFile(path, _kind_by_place(path))


def _asked_for(paths: Sequence[Path], issues: list[Issue]) -> Iterator[SourceFile]:
    leaned_on: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            files = tuple(files_in(path))
            if not any(file.kind is FileKind.PLAYBOOK for file in files):
                issues.append(_issue("no_playbooks", "the folder holds no playbook", path, "at least one .yaml file"))
            yield from files
        elif path.is_file():
            file = file_at(path)
            leaned_on[path.parent.parent if file.kind is FileKind.LIBRARY else path.parent] = None
            yield file
        else:
            what = "file" if path.suffix in _ENDINGS else "folder"
            message = f"there is no such {what}"
            issues.append(_issue(f"unreadable_{what}", message, path, "a folder of playbooks, or a playbook"))
    for folder in leaned_on:
        yield from (file for file in files_in(folder) if file.kind is not FileKind.PLAYBOOK)


def files_in(folder: Path) -> Iterator[SourceFile]:
    """Yield the files of a folder of playbooks, and of its lib/."""
    for path in (*_yaml_files(folder), *_yaml_files(folder / _LIBRARIES)):
        yield file_at(path)


def _yaml_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.suffix in _ENDINGS and not path.name.startswith(".") and path.is_file():
                yield path


def _kind_by_place(path: Path) -> FileKind:
    if path.stem == _DESK:
        return FileKind.DESK
    return FileKind.LIBRARY if path.parent.name == _LIBRARIES else FileKind.PLAYBOOK


def _issue(code: str, message: str, path: Path, expected: str) -> Issue:
    return Issue(code, message, Span(path.as_posix(), 1, 1, 1, 1), expected)
