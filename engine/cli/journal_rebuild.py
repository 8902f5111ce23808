"""`signalbook journal rebuild`: the queryable log, made anew from the journal."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.homes import existing_home
from engine.cli.options import HomeOption
from engine.cli.screen import out
from engine.journal.projection import rebuild


def rebuild_log(
    folder: Annotated[Path | None, typer.Option("--folder", help="The folder of the journal.")] = None,
    database: Annotated[Path | None, typer.Option("--db", help="The DuckDB file made of it.")] = None,
    home: HomeOption = None,
) -> None:
    """
    Make the DuckDB file anew from the journal, and put it in the place of the one that is there.

    Nobody may be writing the file. Runs that were dropped stay dropped.
    """
    path = database or existing_home(home).live
    position = rebuild(folder or existing_home(home).journal, path)
    out().print(f"{path} made anew, up to entry {position.seq}", soft_wrap=True)
