"""Playbooks as commands need them: a whole rulebook, or one playbook of it."""

from pathlib import Path

from engine.cli.group import CommandFailed
from engine.cli.issues import show_issues
from engine.cli.screen import err
from engine.model.errors import PlaybookError
from engine.parse.reader import Reader
from engine.playbook.rulebook import LivePlaybook, Rulebook, load_rulebook
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
    is_file = file_or_name.endswith((".yaml", ".yml")) or Path(file_or_name).is_file()
    rulebook = load_rulebook([Path(file_or_name) if is_file else folder])
    found = rulebook.playbooks[:1] if is_file else tuple(filter(None, [rulebook.named(file_or_name)]))
    if found:
        return found[0]
    show_issues(rulebook, err())
    errors = tuple(issue for issue in rulebook.issues if issue.is_error)
    if errors:
        raise PlaybookError(errors)
    known = ", ".join(live.playbook.name for live in rulebook.playbooks) or "none"
    remedy = f"name a file, or one of: {known}"
    raise CommandFailed("playbook_not_found", f"there is no playbook {file_or_name} in {folder}", remedy)


def shipped_reader() -> Reader:
    """Return a reader of the shipped US libraries."""
    return Reader(shipped_rules())


def author_names(path: Path) -> dict[tuple[str, str], str]:
    """Return (playbook, Discord id) → the author's name in the playbook; empty where nothing loads."""
    rulebook = load_rulebook([path], runs_examples=False)
    return {
        (live.playbook.name, author.id): author.name
        for live in rulebook.playbooks
        for author in live.playbook.listen.authors
    }
