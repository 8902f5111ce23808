"""`signalbook check`: are the playbooks right, and if not, where and what instead?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.cli.exit_code import ExitCode
from engine.cli.issues import issue_json, show_issues
from engine.cli.options import DEFAULT_PLAYBOOKS, JsonFlag
from engine.cli.screen import out, print_json
from engine.playbook.rulebook import LivePlaybook, Rulebook, load_rulebook

_SHORT_HASH = 12


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders or files of playbooks; ./playbooks when left out.")
    ] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Load playbooks, run their examples, and show everything that is wrong with them.

    Ends with status 3 when there is an error; warnings alone are fine.

    Example: signalbook check playbooks
    """
    rulebook = load_rulebook(paths or [DEFAULT_PLAYBOOKS])
    if as_json:
        playbooks = [_playbook_json(live) for live in rulebook.playbooks]
        print_json({"playbooks": playbooks, "issues": [issue_json(issue) for issue in rulebook.issues]})
    else:
        _show(rulebook, paths or [])
    if any(issue.is_error for issue in rulebook.issues):
        raise typer.Exit(ExitCode.PLAYBOOKS)


def _show(rulebook: Rulebook, paths: list[Path]) -> None:
    screen = out()
    show_issues(rulebook, screen)
    if rulebook.playbooks:
        screen.print(_table(rulebook.playbooks))
        screen.print()
    errors = sum(issue.is_error for issue in rulebook.issues)
    counts = (_count(errors, "error", "errors"), _count(len(rulebook.issues) - errors, "warning", "warnings"))
    told = _leaned_on(rulebook, paths) if not errors else ()
    if rulebook.playbooks or not told:
        told = (*told, f"{_count(len(rulebook.playbooks), 'playbook can', 'playbooks can')} go live")
    screen.print(f"{', '.join(told)}; {', '.join(counts)}", soft_wrap=True)


def _leaned_on(rulebook: Rulebook, paths: list[Path]) -> tuple[str, ...]:
    """Return what to say of the desk and the libraries that were asked for by file."""
    files = {path.as_posix() for path in paths}
    desk = ("desk ok",) if rulebook.desk is not None and rulebook.desk.span.file in files else ()
    libraries = (library for library in rulebook.libraries if library.span.file in files)
    return (*desk, *(f"library ok, {_count(len(each.rules.patterns), 'pattern', 'patterns')}" for each in libraries))


def _table(playbooks: tuple[LivePlaybook, ...]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("playbook", style="bold")
    for column in ("file", "hash"):
        table.add_column(column, overflow="fold")
    for column in ("channels", "authors", "patterns", "examples passed"):
        table.add_column(column, justify="right")
    for live in playbooks:
        playbook = live.playbook
        counted = (playbook.listen.channels, playbook.listen.authors, playbook.read.patterns, playbook.examples)
        figures = (str(len(each)) for each in counted)
        table.add_row(playbook.name, playbook.file, live.content_hash[:_SHORT_HASH], *figures)
    return table


def _playbook_json(live: LivePlaybook) -> dict[str, object]:
    playbook = live.playbook
    return {
        "name": playbook.name,
        "file": playbook.file,
        "content_hash": live.content_hash,
        "channels": [channel.id for channel in playbook.listen.channels],
        "authors": [author.id for author in playbook.listen.authors],
        "patterns": len(playbook.read.patterns),
        "examples_passed": len(playbook.examples),
    }


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
