"""All playbooks of a desk, loaded from their files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.model.desk import Desk
from engine.model.errors import Issue
from engine.playbook.bound import Bound
from engine.playbook.checks import in_file_order, same_name
from engine.playbook.effective import Hasher
from engine.playbook.files import FileKind, SourceFile, file_at, files_in, find_files, kind_of
from engine.playbook.libraries import Libraries, Library
from engine.playbook.loader import LivePlaybook, Load, PlaybookLoader, bind_file, has_errors, load_desk, load_library
from engine.playbook.section import Section
from engine.playbook.shipped import library_files
from engine.playbook.yaml_tree import read_text, read_yaml

__all__ = ["LivePlaybook", "Rulebook", "load_rulebook", "load_texts", "load_version"]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """
    Everything a set of files says, at one moment.

    desk: None when there is none, or it is wrong. playbooks: those without errors, by file.
    issues: of all files, in file order, warnings too. texts: file → its text, for pointing at issues.
    libraries: those without errors of their own, shipped ones too.
    """

    desk: Desk | None
    playbooks: tuple[LivePlaybook, ...]
    issues: tuple[Issue, ...]
    texts: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    libraries: tuple[Library, ...] = field(default=(), compare=False, repr=False)

    def by_channel(self, channel_id: str, parent_channel_id: str = "") -> tuple[LivePlaybook, ...]:
        """Return the playbooks that hear a channel, or the thread of one."""
        heard = ((live, live.playbook.listen.channel(channel_id, parent_channel_id)) for live in self.playbooks)
        return tuple(live for live, channel in heard if channel is not None)

    def named(self, name: str) -> LivePlaybook | None:
        """Return a playbook by name, None when there is none without errors."""
        return next((live for live in self.playbooks if live.playbook.name == name), None)


def load_rulebook(
    paths: Sequence[Path], *, shipped: Iterable[Path] | None = None, runs_examples: bool = True
) -> Rulebook:
    """
    Load folders of playbooks, or single files with the desk and libraries beside them.

    A file with errors leaves out its playbook, and what depends on it; everything else loads.
    shipped: pattern libraries to use in place of those that came with Signalbook.
    """
    files, issues = find_files(paths, library_files() if shipped is None else shipped)
    loading = _Loading(issues)
    for file in files:
        loading.read(file)
    return loading.rulebook(runs_examples=runs_examples)


def load_texts(texts: Mapping[str, str]) -> Rulebook:
    """
    Load again what a rulebook's `texts` hold, in their order: without a disk, and without running examples.

    The libraries are those among the texts, whatever came with this version, and so decisions of another one
    can be derived again.
    """
    loading = _Loading(())
    for name, text in texts.items():
        loading.take(file_at(Path(name)), text)
    return loading.rulebook(runs_examples=False)


def load_version(file: Path, beside: Path, *, shipped: Iterable[Path] | None = None) -> Rulebook:
    """
    Load one playbook only to compare it: without a desk, without running its examples.

    beside: another folder whose libraries count where the file's own has none of that name.
    The rulebook's issues are those of the file itself.
    """
    own, issues = find_files([file], library_files() if shipped is None else shipped)
    known = {source.path.resolve() for source in own}
    folder = (source for source in files_in(beside) if source.path.resolve() not in known)
    loading = _Loading(issues)
    for source in (*own, *folder):
        if source.kind is FileKind.LIBRARY or source.path == file:
            loading.read(source)
    playbooks = loading.playbooks(PlaybookLoader(None, loading.libraries()).compiled)
    own_issues = tuple(issue for issue in loading.in_order() if issue.span.file == file.as_posix())
    return Rulebook(None, playbooks, own_issues, loading.texts)


class _Loading:
    """One load: the files read so far, and everything wrong with them."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.texts: dict[str, str] = {}
        self.sound_libraries: list[Library] = []
        self._issues = list(issues)
        self._files: dict[FileKind, list[SourceFile]] = {kind: [] for kind in FileKind}

    def read(self, file: SourceFile) -> None:
        """Read the text of one file."""
        text = read_text(file.path, file.name)
        if isinstance(text, Issue):
            self._issues.append(text)
            self._files[file.kind].append(file)
        else:
            self.take(file, text)

    def take(self, file: SourceFile, text: str) -> None:
        """Take in one file, whose text is known."""
        self.texts[file.name] = text
        self._files[kind_of(text, file)].append(file)

    def rulebook(self, *, runs_examples: bool) -> Rulebook:
        """Return what the files taken in say."""
        desk = self.desk()
        loader = PlaybookLoader(desk, self.libraries(), runs_examples=runs_examples)
        playbooks = self.playbooks(loader.load)
        return Rulebook(desk, playbooks, self.in_order(), self.texts, tuple(self.sound_libraries))

    def _bound(self, kind: FileKind) -> Iterator[tuple[SourceFile, Bound | None]]:
        """Yield the files of a kind as checked trees, one at a time; None for a file that is not whole."""
        for file in self._files[kind]:
            if file.name not in self.texts:
                yield file, None
                continue
            node, issues = read_yaml(self.texts[file.name], file.name)
            bound, shape_issues = bind_file(node, kind.value)
            self._issues += [*issues, *shape_issues]
            yield file, None if has_errors(issues) else bound

    def desk(self) -> Desk | None:
        """Return the desk; with two of them neither counts."""
        found = tuple(self._bound(FileKind.DESK))
        for _, second in found[1:]:
            if second is not None:
                message = f"{found[0][0].name} is a desk too"
                span = Section(second, second.span).span_of("desk")
                self._issues.append(Issue("second_desk", message, span, "one desk; until then none counts"))
        bound = found[0][1] if len(found) == 1 else None
        if bound is None:
            return None
        desk, issues = load_desk(bound)
        self._issues += issues
        return None if has_errors(issues) else desk

    def libraries(self) -> Libraries:
        """Return the libraries; of two with one name only the first counts, and the second is an issue."""
        loaded: dict[str, Library] = {}
        broken: set[str] = set()
        for file, bound in self._bound(FileKind.LIBRARY):
            if bound is None:
                broken.add(file.path.stem)
                continue
            library, issues = load_library(bound, is_shipped=file.is_shipped)
            self._issues += issues
            if has_errors(issues):
                broken.add(library.name)
                continue
            self.sound_libraries.append(library)
            first = loaded.setdefault(library.name, library)
            if first is not library and not _is_copy(library, first):
                self._issues.append(_same_library(library, first))
        return self._with_all_they_use(loaded, broken - set(loaded))

    def _with_all_they_use(self, loaded: dict[str, Library], broken: set[str]) -> Libraries:
        """Leave out libraries that build on what is missing or broken, until none does."""
        libraries = Libraries(loaded.values(), broken)
        missing = [
            (library.name, issue)
            for library in loaded.values()
            for source in library.uses
            if (issue := libraries.unknown(source.text, source.span))
        ]
        if not missing:
            return libraries
        self._issues += [issue for _, issue in missing]
        names = {name for name, _ in missing}
        kept = {name: library for name, library in loaded.items() if name not in names}
        return self._with_all_they_use(kept, broken | names)

    def playbooks(self, load: Load) -> tuple[LivePlaybook, ...]:
        """Return the playbooks without errors; of two with one name neither goes live."""
        live: list[LivePlaybook] = []
        for file, bound in self._bound(FileKind.PLAYBOOK):
            if bound is not None:
                playbook, issues = load(bound, self.texts[file.name])
                self._issues += issues
                live += [playbook] if playbook is not None else []
        clashes = tuple(same_name(each.playbook for each in live))
        self._issues += clashes
        taken = {name for clash in clashes for name in _names_at(clash, live)}
        return tuple(each for each in live if each.playbook.name not in taken)

    def in_order(self) -> tuple[Issue, ...]:
        """Return all issues: files in the order they were read, each from top to bottom."""
        by_file: dict[str, list[Issue]] = {name: [] for name in self.texts}
        for issue in self._issues:
            by_file.setdefault(issue.span.file, []).append(issue)
        return tuple(issue for issues in by_file.values() for issue in in_file_order(issues))


def _same_library(library: Library, first: Library) -> Issue:
    origin = "a library that came with Signalbook" if first.is_shipped else first.span.file
    message = f"{origin} is called {library.name!r} too"
    expected = "a name of its own"
    if first.is_shipped:
        message += ", and says something else"
        expected = "delete it, it comes with Signalbook, or give it a name of its own"
    return Issue("library_clash", message, library.span, expected)


def _is_copy(library: Library, first: Library) -> bool:
    """Whether a library says what the shipped one of its name says: whoever copies the folder changes nothing."""
    if not first.is_shipped or [each.text for each in library.uses] != [each.text for each in first.uses]:
        return False
    hasher = Hasher()
    return hasher.digest(library.rules) == hasher.digest(first.rules)


def _names_at(clash: Issue, live: list[LivePlaybook]) -> set[str]:
    return {each.playbook.name for each in live if each.playbook.span == clash.span}
