"""Playbooks as commands need them: a whole rulebook, or one playbook of it."""

from collections.abc import Iterable
from pathlib import Path

from engine.cli.group import CommandFailed
from engine.cli.issues import show_issues
from engine.cli.screen import err
from engine.model.desk import Desk
from engine.model.errors import PlaybookError
from engine.model.nearest import nearest
from engine.model.playbook import Playbook
from engine.parse.reader import Reader
from engine.playbook.effective import Hasher
from engine.playbook.files import FileKind, SourceFile, kind_of
from engine.playbook.loader import under_desk
from engine.playbook.rulebook import LivePlaybook, Rulebook, load_rulebook, load_version
from engine.playbook.shipped_rules import shipped_rules


def load_whole(path: Path) -> Rulebook:
    """
    Return a rulebook without errors; its warnings are shown on stderr.

    Raises: PlaybookError, after every issue has been shown.
    """
    rulebook = load_rulebook([path])
    show_issues(rulebook, err())
    if any(issue.is_error for issue in rulebook.issues):
        raise PlaybookError(tuple(issue for issue in rulebook.issues if issue.is_error))
    return rulebook


def load_one(file_or_name: str, folder: Path) -> LivePlaybook:
    """
    Return one playbook: a file, or the name of one in a folder.

    Errors elsewhere do not matter, as long as this one loads.
    Raises: PlaybookError, CommandFailed.
    """
    is_file = _is_file(file_or_name)
    rulebook = load_rulebook([Path(file_or_name) if is_file else folder])
    found = rulebook.playbooks[:1] if is_file else tuple(filter(None, [rulebook.named(file_or_name)]))
    if found:
        return found[0]
    _refuse_errors(rulebook)
    raise _is_something_else(file_or_name, rulebook) if is_file else _unknown(file_or_name, folder, rulebook)


def load_versions(old: Path, new: Path, folder: Path) -> tuple[LivePlaybook, LivePlaybook]:
    """
    Return two versions of a playbook to compare: files, or names of playbooks in a folder.

    Files need no desk, and their examples are not run.
    Raises: PlaybookError, CommandFailed.
    """
    return _version(old, new, folder), _version(new, old, folder)


def replayable(
    versions: tuple[LivePlaybook, LivePlaybook], files: tuple[Path, Path], folder: Path
) -> tuple[Rulebook, Rulebook]:
    """
    Return two versions each as a rulebook of its own, to replay them.

    files: what the versions were loaded from. Each is decided under the desk beside it, or the other's where
    there is none beside it.
    """
    places = (file if _is_file(str(file)) else folder for file in files)
    first, second = (load_rulebook([place], runs_examples=False).desk for place in places)
    old, new = versions
    return _alone(old, first or second), _alone(new, second or first)


def have_unlike_limits(rulebooks: tuple[Rulebook, Rulebook]) -> bool:
    """Return whether the desks of two rulebooks set other limits."""
    hasher = Hasher()
    old, new = (hasher.digest(rulebook.desk.limits) if rulebook.desk else "" for rulebook in rulebooks)
    return old != new


def _alone(live: LivePlaybook, desk: Desk | None) -> Rulebook:
    return Rulebook(desk, (under_desk(live, desk),), ())


def _version(version: Path, other: Path, folder: Path) -> LivePlaybook:
    if not _is_file(str(version)):
        return load_one(str(version), folder)
    rulebook = load_version(version, other.parent)
    if rulebook.playbooks:
        return rulebook.playbooks[0]
    _refuse_errors(rulebook)
    raise _is_something_else(str(version), rulebook)


def _is_file(file_or_name: str) -> bool:
    return file_or_name.endswith((".yaml", ".yml")) or Path(file_or_name).is_file()


def _refuse_errors(rulebook: Rulebook) -> None:
    """Show the issues of a playbook that cannot be had; raises PlaybookError when there are errors among them."""
    show_issues(rulebook, err())
    errors = tuple(issue for issue in rulebook.issues if issue.is_error)
    if errors:
        raise PlaybookError(errors)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """
    Return the end of a sentence that offers the nearest known name; "" when none is alike.

    >>> did_you_mean("flow", ["flow-bot", "alice"])
    '; did you mean flow-bot?'
    """
    found = nearest(name, known)
    return f"; did you mean {found}?" if found else ""


def _is_something_else(file: str, rulebook: Rulebook) -> CommandFailed:
    path = Path(file)
    kind = kind_of(rulebook.texts.get(path.as_posix(), ""), SourceFile(path, FileKind.PLAYBOOK))
    what = f"is a {kind.value}, not a playbook" if kind is not FileKind.PLAYBOOK else "holds no playbook"
    return CommandFailed("not_a_playbook", f"{file} {what}", "name the file of a playbook")


def _unknown(name: str, folder: Path, rulebook: Rulebook) -> CommandFailed:
    known = [live.playbook.name for live in rulebook.playbooks]
    remedy = f"name a file, or one of: {', '.join(known) or 'none'}"
    message = f"there is no playbook {name} in {folder}{did_you_mean(name, known)}"
    return CommandFailed("playbook_not_found", message, remedy)


def shipped_reader() -> Reader:
    """Return a reader of the shipped US libraries."""
    return Reader(shipped_rules())


def loaded_playbooks(path: Path) -> dict[str, Playbook]:
    """Return the playbooks by name, as far as they load; their examples are not run."""
    rulebook = load_rulebook([path], runs_examples=False)
    return {live.playbook.name: live.playbook for live in rulebook.playbooks}
