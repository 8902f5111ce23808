"""`signalbook replay`: archived channels through the playbooks, into a DuckDB file."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from engine.adapters.clock import SystemClock
from engine.app.json_form import json_form
from engine.app.settings import settings
from engine.cli.arguments import read_span
from engine.cli.loading import load_whole
from engine.cli.options import DEFAULT_PLAYBOOKS, JsonFlag, PlaybooksOption
from engine.cli.screen import err, out, print_json
from engine.cli.summary_tables import summary_tables
from engine.journal.database import check_place
from engine.journal.store import DuckStore
from engine.model.errors import StoreError
from engine.replay.archive_files import ArchiveFile, archives_in
from engine.replay.archive_tally import ReadTally
from engine.replay.run import Progress as Report
from engine.replay.run import ReplayOptions
from engine.replay.run import replay as run_replay
from engine.replay.summary import ReplaySummary


def replay(  # noqa: PLR0913 - one argument for each option
    archives: Annotated[list[Path], typer.Argument(help="Exports of channels: files or folders.")],
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    database: Annotated[Path | None, typer.Option("--db", help="The DuckDB file the run is added to.")] = None,
    latency: Annotated[
        timedelta, typer.Option(parser=read_span, metavar="TIME", help="From posting to judging a message.")
    ] = timedelta(seconds=1),
    limit: Annotated[int, typer.Option(min=1, help="Rows of each table at most.")] = 20,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Replay archived channels, and say what was read, what was refused and why.

    Fills are assumed at the alert's price. Every decision is kept in the DuckDB file.

    Example: signalbook replay examples/archives --playbooks playbooks
    """
    rulebook = load_whole(playbooks)
    files = archives_in(archives)
    path = database or settings().store
    check_place(path)
    _make_folder(path.parent)
    options = ReplayOptions(version("signalbook"), tuple(sys.argv[1:]), latency)
    with DuckStore(path, SystemClock().now) as store, _progress_bar(files) as report:
        summary = run_replay(rulebook, files, store, options, report)
    _show(summary, path, limit, is_json=as_json)


def _show(summary: ReplaySummary, path: Path, limit: int, *, is_json: bool) -> None:
    if is_json:
        print_json({"database": str(path), **_fields(summary)})
        return
    screen = out()
    for table in summary_tables(summary, limit):
        screen.print(table)
        screen.print()
    screen.print(f"run {summary.run_id} in {path}", soft_wrap=True)
    flag = "--chatter" if summary.ignored_samples else "--missed"
    screen.print(f"look further: signalbook decisions --db {path} {flag}", soft_wrap=True)
    query = f"select reason, count(*) from all_decisions where run_id = {summary.run_id} group by all order by 2 desc"
    screen.print(f"or in SQL:    {query}", soft_wrap=True)


def _fields(summary: ReplaySummary) -> dict[str, object]:
    fields = json_form(summary)
    return dict(fields) if isinstance(fields, dict) else {}


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {folder} cannot be made: {error.strerror}"
        raise StoreError("store_unwritable", message, "name a file elsewhere with --db") from error


@contextmanager
def _progress_bar(files: Sequence[ArchiveFile]) -> Iterator[Report]:
    """Show how far the reading has come, on stderr and on terminals only."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    screen = err()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("reading", total=sum(file.size for file in files))

        def report(read: ReadTally) -> None:
            progress.update(task, completed=read.bytes_read, description=f"{read.messages:,} messages")

        yield report
