"""`signalbook diff`: what two versions of a playbook say, and with archives decide, differently."""

import sys
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from engine.app.json_form import json_form
from engine.cli.arguments import read_span
from engine.cli.assume import AssumeOption, read_assumptions
from engine.cli.compare_tables import compare_json, compare_tables
from engine.cli.exit_code import ExitCode
from engine.cli.files import write_whole
from engine.cli.loading import have_unlike_limits, load_versions, replayable
from engine.cli.options import DEFAULT_PLAYBOOKS, JsonFlag
from engine.cli.progress import progress_bar
from engine.cli.screen import beginning, err, out, print_json
from engine.playbook.diff import Change
from engine.playbook.diff import diff as changes_between
from engine.playbook.loader import LivePlaybook
from engine.replay.archive_files import archives_in
from engine.replay.compare import Comparison
from engine.replay.compare_page import compare_page
from engine.replay.compare_runs import compare_versions
from engine.replay.run import ReplayOptions

OldFile = Annotated[Path, typer.Argument(help="The playbook's file before.")]
NewFile = Annotated[Path, typer.Argument(help="The playbook's file now.")]


def diff(  # noqa: PLR0913 - one argument for each option
    old: OldFile,
    new: NewFile,
    archives: Annotated[
        list[Path] | None, typer.Option("--archive", help="Also replay both over this export; may be given often.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--html", help="Write the decisions that differ as a page.")] = None,
    latency: Annotated[
        timedelta, typer.Option(parser=read_span, metavar="TIME", help="From posting to judging a message.")
    ] = timedelta(seconds=1),
    assume: AssumeOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Decisions shown at most.")] = 20,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Show the keys two versions of a playbook differ in, and which of them change its content hash.

    Neither a desk nor passing examples are needed for it; libraries are looked for beside both files.
    A version with another hash has to earn its stage again. Ends with status 1 when the hash differs.
    With archives both versions are replayed, and what they decide differently is shown: what appears, vanishes or
    changes, with sizes and prices. It then ends with status 1 when a decision differs.

    Example: signalbook diff before.yaml playbooks/analysts.yaml --archive examples/archives --html diff.html
    """
    if page is not None and not archives:
        raise typer.BadParameter("say what to replay: --archive PATH", param_hint="--html")
    versions = load_versions(old, new, DEFAULT_PLAYBOOKS)
    changes = changes_between(*versions)
    compared = None
    if archives:
        files = archives_in(archives)
        options = ReplayOptions(
            version("signalbook"), tuple(sys.argv[1:]), latency, assumptions=read_assumptions(assume or ())
        )
        rulebooks = replayable(versions, (old, new), DEFAULT_PLAYBOOKS)
        if have_unlike_limits(rulebooks):
            err().print("note: the desks beside the two files differ; each version is decided under its own")
        with progress_bar(files) as report:
            compared = compare_versions(rulebooks, files, options, report)
        if page is not None:
            write_whole(page, compare_page(compared, changes), replaces=True)
    _show(versions, changes, compared, limit if not as_json else None)
    if page is not None:
        (err() if as_json else out()).print(f"page: {page}", soft_wrap=True)
    if _differ(versions, compared):
        raise typer.Exit(ExitCode.FINDINGS)


def _differ(versions: tuple[LivePlaybook, LivePlaybook], compared: Comparison | None) -> bool:
    if compared is not None:
        return bool(compared.changed)
    return versions[0].content_hash != versions[1].content_hash


def _show(
    versions: tuple[LivePlaybook, LivePlaybook],
    changes: tuple[Change, ...],
    compared: Comparison | None,
    limit: int | None,
) -> None:
    """Show it all; limit: decisions at most, None for everything as JSON."""
    hashes = (versions[0].content_hash, versions[1].content_hash)
    if limit is None:
        told = {"old_hash": hashes[0], "new_hash": hashes[1], "changes": [json_form(change) for change in changes]}
        print_json(told if compared is None else told | compare_json(compared))
        return
    _show_changes(changes, hashes)
    if compared is not None:
        out().print()
        for table in compare_tables(compared, limit):
            out().print(table, soft_wrap=isinstance(table, Text))


def _show_changes(changes: tuple[Change, ...], hashes: tuple[str, str]) -> None:
    screen = out()
    if changes:
        table = Table(show_edge=False, pad_edge=False)
        for column in ("key", "before", "now", "changes the hash"):
            table.add_column(column, overflow="fold")
        for change in changes:
            old, new = beginning(change.old) or "–", beginning(change.new) or "–"
            table.add_row(change.path, old, new, "yes" if change.changes_hash else "no")
        screen.print(table)
        screen.print()
    is_same = hashes[0] == hashes[1]
    told = f"same content hash {hashes[0]}" if is_same else f"content hash {hashes[0]} → {hashes[1]}"
    screen.print(told if changes else f"no key touched; {told}", soft_wrap=True)
