"""`signalbook diff`: the keys two versions of a playbook differ in, and whether that makes it another one."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.app.json_form import json_form
from engine.cli.exit_code import ExitCode
from engine.cli.loading import load_versions
from engine.cli.options import DEFAULT_PLAYBOOKS, JsonFlag
from engine.cli.screen import out, print_json
from engine.playbook.diff import Change
from engine.playbook.diff import diff as changes_between

OldFile = Annotated[Path, typer.Argument(help="The playbook's file before.")]
NewFile = Annotated[Path, typer.Argument(help="The playbook's file now.")]


def diff(old: OldFile, new: NewFile, *, as_json: JsonFlag = False) -> None:
    """
    Show the keys two versions of a playbook differ in, and which of them change its content hash.

    Neither a desk nor passing examples are needed for it; libraries are looked for beside both files.
    A version with another hash has to earn its stage again. Ends with status 1 when the hash differs.

    Example: signalbook diff before.yaml playbooks/analysts.yaml
    """
    before, after = load_versions(old, new, DEFAULT_PLAYBOOKS)
    changes = changes_between(before, after)
    hashes = (before.content_hash, after.content_hash)
    if as_json:
        print_json({"old_hash": hashes[0], "new_hash": hashes[1], "changes": [json_form(change) for change in changes]})
    else:
        _show(changes, hashes)
    if hashes[0] != hashes[1]:
        raise typer.Exit(ExitCode.FINDINGS)


def _show(changes: tuple[Change, ...], hashes: tuple[str, str]) -> None:
    screen = out()
    if changes:
        table = Table(show_edge=False, pad_edge=False)
        for column in ("key", "before", "now", "changes the hash"):
            table.add_column(column, overflow="fold")
        for change in changes:
            table.add_row(change.path, change.old or "–", change.new or "–", "yes" if change.changes_hash else "no")
        screen.print(table)
        screen.print()
    is_same = hashes[0] == hashes[1]
    told = f"same content hash {hashes[0]}" if is_same else f"content hash {hashes[0]} → {hashes[1]}"
    screen.print(told if changes else f"no key touched; {told}", soft_wrap=True)
