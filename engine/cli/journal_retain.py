"""`signalbook journal retain`: old replays and feeds exported and dropped."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from engine.adapters.clock import SystemClock
from engine.app.settings import Settings
from engine.cli.arguments import read_span
from engine.cli.homes import existing_home
from engine.cli.options import HomeOption
from engine.cli.screen import out
from engine.journal.log import JournalLog
from engine.journal.retention import Kept, drop_runs, old_runs
from engine.journal.run_rows import RunRow
from engine.model.errors import StoreError


def retain(
    older_than: Annotated[
        timedelta, typer.Option(parser=read_span, metavar="TIME", help="How long runs are kept after their end.")
    ] = timedelta(days=30),
    folder: Annotated[Path | None, typer.Option("--out", help="The folder they are exported to.")] = None,
    home: HomeOption = None,
    *,
    is_rehearsal: Annotated[bool, typer.Option("--dry-run", help="Only say which runs would be dropped.")] = False,
) -> None:
    """
    Export replays and feeds that ended long ago, and drop their rows; live runs stay.

    Nothing is dropped that was not exported and read again, and the journal says what was. Nobody may be writing
    journal or log. Example: signalbook journal retain --older-than 60d --dry-run
    """
    here, clock = existing_home(home), SystemClock()
    before = clock.now() - older_than
    chosen = [(kept, runs) for kept in _files(here) if (runs := old_runs(kept, before))]
    if not chosen:
        out().print("no run is that old")
    for kept, runs in chosen:
        if is_rehearsal:
            _show(kept, runs, "would be dropped")
            continue
        with JournalLog.open(here.journal, clock.now) as log:
            drop_runs(kept, runs, log, folder or here.exports)
        _show(kept, runs, "exported and dropped")


def _files(here: Settings) -> tuple[Kept, ...]:
    files = (Kept(here.store), Kept(here.live, here.journal))
    found = tuple(kept for kept in files if kept.path.exists())
    if not found:
        message = f"neither {here.store.name} nor {here.live.name} is in {here.home}"
        raise StoreError("store_not_found", message, "replay or trade first, or check the path")
    return found


def _show(kept: Kept, runs: tuple[RunRow, ...], what: str) -> None:
    for run in runs:
        out().print(f"{kept.path}: run {run.run_id} of {run.started_at:%Y-%m-%d} {what}", soft_wrap=True)
