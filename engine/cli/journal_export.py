"""`signalbook journal export`: closed days as Parquet files."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from engine.adapters.clock import SystemClock
from engine.app.json_form import json_form
from engine.cli.homes import existing_home
from engine.cli.options import HomeOption, JsonFlag
from engine.cli.screen import out, print_json
from engine.journal.log import JournalLog
from engine.journal.reading import last_witness
from engine.journal.retention import days_to_export, export_days
from engine.journal.retention_bodies import Exported


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day such as 2026-11-24") from error


def export(
    day: Annotated[
        date | None,
        typer.Option(parser=_read_day, metavar="DAY", help="Only this day; all closed ones not exported yet without."),
    ] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="The folder that gets a folder for each day.")] = None,
    home: HomeOption = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Write the decisions of closed days, in UTC, as Parquet files, a folder for each day, and read them again.

    The journal says what was exported, with the hash of every file. Nobody may be writing journal or log.
    Example: signalbook journal export --out /mnt/archive
    """
    here, clock = existing_home(home), SystemClock()
    last_witness(here.journal)  # to open a journal that is not there would make one
    with JournalLog.open(here.journal, clock.now) as log:
        days = days_to_export(here.live, here.journal, clock.now().date()) if day is None else (day,)
        done = export_days(here.live, log, folder or here.exports / "days", days)
    if as_json:
        print_json([json_form(each) for each in done])
    else:
        _show(done)


def _show(done: tuple[Exported, ...]) -> None:
    for each in done:
        told = ", ".join(f"{file.rows} rows in {file.name}" for file in each.files)
        out().print(f"{each.of}: {told}; in {each.folder}", soft_wrap=True)
    if not done:
        out().print("no closed day that is not exported")
