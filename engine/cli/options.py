"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Answer in JSON on stdout.")]
PlaybooksOption = Annotated[Path, typer.Option("--playbooks", help="Folder or file of playbooks.")]
HomeOption = Annotated[
    Path | None, typer.Option("--home", help="The folder of the journal and the DuckDB files; else SIGNALBOOK_HOME.")
]
LiveFlag = Annotated[
    bool, typer.Option("--live", help="The log of the journal, of feeds and live runs, instead of that of replays.")
]
DatabaseOption = Annotated[Path, typer.Option("--db", help="The DuckDB file.")]

DEFAULT_PLAYBOOKS = Path("playbooks")
DEFAULT_DATABASE = Path("runs/replay.duckdb")
