"""`signalbook dashboard`: named questions to the log, as tables."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.cli.arguments import read_at
from engine.cli.homes import log_of
from engine.cli.loading import did_you_mean
from engine.cli.options import HomeOption, JsonFlag, LiveFlag
from engine.cli.screen import err, out, print_json, visible
from engine.journal.dashboards import DASHBOARDS, Dashboard, DashboardAnswer, ask
from engine.journal.live_queries import readable
from engine.journal.queries import RunLog

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _read_name(text: str) -> Dashboard:
    if text not in DASHBOARDS:
        known = ", ".join(DASHBOARDS)
        raise typer.BadParameter(
            f"there is no dashboard {text!r}{did_you_mean(text, list(DASHBOARDS))}; one of {known}"
        )
    return DASHBOARDS[text]


def dashboard(  # noqa: PLR0913 - one argument for each option
    name: Annotated[
        Dashboard | None, typer.Argument(parser=_read_name, metavar="NAME", help="Which; a list of them without.")
    ] = None,
    database: Annotated[Path | None, typer.Option("--db", help="The DuckDB file.")] = None,
    home: HomeOption = None,
    run: Annotated[int | None, typer.Option(help="The run's number; the newest that counts when left out.")] = None,
    since: Annotated[
        datetime | None, typer.Option(parser=read_at, metavar="TIME", help="Only what was posted from then on.")
    ] = None,
    *,
    is_live: LiveFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Answer a question a desk asks often, from the log of a replay or of a feed, also while it is written.

    Examples: signalbook dashboard · signalbook dashboard reasons · signalbook dashboard missed --live
    """
    if name is None:
        _list(is_json=as_json)
        return
    path = log_of(home, database, is_live=is_live)
    with readable(path) as rows:
        answer = ask(rows, name, RunLog(rows, path).run(run).run_id, since or _EVER)
    if as_json:
        print_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
    else:
        _show(name, answer)


def _list(*, is_json: bool) -> None:
    if is_json:
        print_json([{"name": each.name, "says": each.says} for each in DASHBOARDS.values()])
        return
    table = Table("dashboard", "says", show_edge=False, pad_edge=False)
    for each in DASHBOARDS.values():
        table.add_row(each.name, each.says)
    out().print(table)


def _show(asked: Dashboard, answer: DashboardAnswer) -> None:
    table = Table(show_edge=False, pad_edge=False)
    is_number = [
        all(isinstance(row[index], int | float) for row in answer.rows) for index in range(len(answer.columns))
    ]
    for column, is_right in zip(answer.columns, is_number, strict=True):
        table.add_column(column.replace("_", " "), justify="right" if is_right else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*map(_cell, row))
    out().print(table)
    err().print(f"{asked.says} {len(answer.rows)} rows", style="dim")


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if isinstance(value, float) else visible(str(value))
