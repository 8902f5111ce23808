"""`signalbook replay`: archived channels through the playbooks, into a DuckDB file."""

import os
import sys
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.style import Style
from rich.text import Text

from engine.adapters.clock import SystemClock
from engine.app.json_form import json_form
from engine.app.settings import settings
from engine.cli.arguments import read_span
from engine.cli.assume import AssumeOption, read_assumptions
from engine.cli.exit_code import ExitCode
from engine.cli.loading import load_whole
from engine.cli.options import DEFAULT_PLAYBOOKS, JsonFlag, PlaybooksOption
from engine.cli.outputs import Outputs, Wanted, results_table
from engine.cli.progress import progress_bar
from engine.cli.screen import err, out, print_json
from engine.cli.summary_tables import summary_tables
from engine.journal.database import check_place
from engine.journal.store import DuckStore
from engine.model.errors import StoreError
from engine.replay.archive_files import archives_in
from engine.replay.observed import ObservedStore
from engine.replay.run import ReplayOptions, usual_processes
from engine.replay.run import replay as run_replay
from engine.replay.summary import ReplaySummary

LatencyOption = Annotated[
    timedelta, typer.Option(parser=read_span, metavar="TIME", help="From posting to judging a message.")
]
ProcessesOption = Annotated[
    int | None, typer.Option(min=1, help="How many processes read; what comes out does not depend on it.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="A folder for decisions and chatter (Parquet), summary and report.")
]
ExpectOption = Annotated[
    Path | None, typer.Option("--expect", help="A file of what must come of it; status 1 when it does not.")
]
WriteExpectOption = Annotated[
    Path | None, typer.Option("--write-expect", help="Write what came of it as a file for --expect.")
]


def replay(  # noqa: PLR0913 - one argument for each option
    archives: Annotated[list[Path], typer.Argument(help="Exports of channels: files or folders.")],
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    database: Annotated[Path | None, typer.Option("--db", help="The DuckDB file the run is added to.")] = None,
    latency: LatencyOption = timedelta(seconds=1),
    assume: AssumeOption = None,
    processes: ProcessesOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows of each table at most.")] = 20,
    folder: OutOption = None,
    expect: ExpectOption = None,
    write_expect: WriteExpectOption = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write what --expect found as JUnit XML.")] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Replay archived channels, and say what was read, what was refused and why.

    Fills are assumed at the alert's price. Every decision is kept in the DuckDB file.

    Example: signalbook replay examples/archives --playbooks playbooks
    """
    rulebook = load_whole(playbooks)
    if junit is not None and expect is None:
        raise typer.BadParameter("say what is expected: --expect FILE", param_hint="--junit")
    outputs = Outputs(Wanted(folder, expect, write_expect, junit), rulebook)
    files = archives_in(archives)
    path = database or settings().store
    check_place(path)
    _make_folder(path.parent)
    options = ReplayOptions(
        version("signalbook"),
        tuple(sys.argv[1:]),
        latency,
        assumptions=read_assumptions(assume or ()),
        processes=processes or usual_processes(files, os.cpu_count() or 1),
    )
    with DuckStore(path, SystemClock().now) as store, progress_bar(files) as report:
        summary = run_replay(rulebook, files, ObservedStore(store, outputs.observers), options, report)
        outputs.write(summary, store, look_further(summary, path))
    _show(summary, path, limit, is_json=as_json)
    _show_outputs(outputs, is_json=as_json)
    if outputs.has_failed:
        raise typer.Exit(ExitCode.FINDINGS)


def _show(summary: ReplaySummary, path: Path, limit: int, *, is_json: bool) -> None:
    if is_json:
        print_json({"database": str(path), **_fields(summary)})
        return
    screen = out()
    for table in summary_tables(summary, limit):
        screen.print(table)
        screen.print()
    screen.print(f"run {summary.run_id} in {path}", soft_wrap=True)
    for name, command in zip(("look further:", "or in SQL:   "), look_further(summary, path), strict=True):
        screen.print(f"{name} {command}", soft_wrap=True)


def look_further(summary: ReplaySummary, path: Path) -> tuple[str, str]:
    """Return a command and a query that show more of a run in a DuckDB file."""
    flag = "--chatter" if summary.ignored_samples else "--missed"
    query = f"select reason, count(*) from all_decisions where run_id = {summary.run_id} group by all order by 2 desc"
    return f"signalbook decisions --db {path} {flag}", query


def _show_outputs(outputs: Outputs, *, is_json: bool) -> None:
    screen = err() if is_json else out()
    if outputs.report is not None:
        link = Style(link=outputs.report.absolute().as_uri())
        screen.print(Text.assemble("report:       ", (str(outputs.report), link)), soft_wrap=True)
    for file in outputs.written:
        screen.print(f"wrote         {file}", soft_wrap=True)
    if outputs.results:
        screen.print()
        screen.print(results_table(outputs.results))


def _fields(summary: ReplaySummary) -> dict[str, object]:
    fields = json_form(summary)
    return dict(fields) if isinstance(fields, dict) else {}


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {folder} cannot be made: {error.strerror}"
        raise StoreError("store_unwritable", message, "name a file elsewhere with --db") from error
