"""`signalbook archive`: commands about archived channels."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.app.json_form import json_form
from engine.cli.options import JsonFlag
from engine.cli.screen import out, print_json
from engine.replay.archive_convert import Converted
from engine.replay.archive_convert import convert as run_convert
from engine.replay.archive_files import archives_in

archive = typer.Typer(name="archive", help="Convert archived channels to Parquet.", no_args_is_help=True)


@archive.callback()
def about() -> None:
    """Convert archived channels to Parquet."""


@archive.command()
def convert(
    exports: Annotated[list[Path], typer.Argument(metavar="EXPORT...", help="Exports of channels: files or folders.")],
    target: Annotated[
        Path, typer.Option("--out", metavar="DIR|FILE.parquet", help="A folder, or one file that takes everything.")
    ],
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Write exports as Parquet, which replays read faster and which takes a fraction of the room.

    Example: signalbook archive convert examples/archives --out archives
    """
    made = tuple(run_convert(archives_in(exports), target))
    if as_json:
        print_json(json_form(made))
        return
    out().print(_table(made))


def _table(made: tuple[Converted, ...]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("file", "from", "messages", "no message", "bytes before", "bytes"):
        table.add_column(column, justify="left" if column in ("file", "from") else "right", overflow="fold")
    for each in made:
        counts = (each.messages, each.bad_rows, each.size_before, each.size)
        table.add_row(str(each.file), ", ".join(each.archives), *(f"{count:,}" for count in counts))
    return table
