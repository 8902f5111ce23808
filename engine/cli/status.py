"""`signalbook status`: how trading stands."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from engine.app.control_client import ControlClient
from engine.app.control_words import ControlError
from engine.app.json_form import json_form
from engine.app.settings import Settings
from engine.cli.exit_code import ExitCode
from engine.cli.homes import command_there, existing_home
from engine.cli.options import HomeOption, JsonFlag
from engine.cli.screen import err, out, print_json, visible

PatienceOption = Annotated[float, typer.Option("--patience", min=0.1, help="Seconds the engine has to answer.")]
_SHORT: int = 12


def status(home: HomeOption = None, patience: PatienceOption = 5.0, *, as_json: JsonFlag = False) -> None:
    """
    Show how trading stands: states, accounts, open orders, stages, journal.

    Without an engine, or with one that hangs, it is what the journal and the file of trading states tell: an order
    may have moved since. Status 9 then.

    Example: signalbook status
    """
    places = existing_home(home)
    found, problem = _asked(places, patience)
    if as_json:
        print_json({"engine": problem or "running", **found})
    else:
        _show(found, problem, command_there("approve --list", home))
    if problem:
        raise typer.Exit(ExitCode.ENGINE)


def _asked(places: Settings, patience: float) -> tuple[dict[str, Any], str]:
    """Return what the engine says, or what it left, and why it does not say it."""
    try:
        return ControlClient(places.control, patience).ask("status"), ""
    except ControlError as error:
        from engine.app.status_left import status_left  # slow, and wanted only here

        left: Any = json_form(status_left(places, is_held=error.code == "engine_hung"))
        return left, error.message


def _show(found: dict[str, Any], problem: str, approve: str) -> None:
    screen = out()
    if problem:
        err().print(Text.assemble(("attention", "bold yellow"), f": {visible(problem)}"), soft_wrap=True)
        screen.print("what its journal and files tell; orders may have moved since", soft_wrap=True)
    else:
        screen.print(f"the engine runs since {found['since']}", soft_wrap=True)
    _show_states(found.get("in_force"))
    for title, columns in _TABLES.items():
        rows = found.get(title, [])
        if rows:
            screen.print()
            screen.print(_table(rows, columns))
    if not found.get("orders"):
        screen.print("no order is under way")
    if found.get("waiting"):
        screen.print(f"{found['waiting']} wait for a person: {approve}", soft_wrap=True)
    screen.print(_log(found), soft_wrap=True)
    for each in found.get("problems", []):
        err().print(Text.assemble(("attention", "bold yellow"), f": {visible(each)}"), soft_wrap=True)


def _show_states(in_force: list[dict[str, str]] | None) -> None:
    screen = out()
    if in_force is None:
        screen.print(Text("trading states cannot be read: nothing may open", style="bold red"))
    elif not in_force:
        screen.print("trading is active everywhere")
    for each in in_force or ():
        of = f" {each['of']}" if each["of"] else ""
        line = f"{each['scope']}{of}: {each['state']}, by {each['by']}: {each['why']}"
        screen.print(Text(visible(line), style="bold red"), soft_wrap=True)


_TABLES = {
    "accounts": ("alias", "environment", "is_ready", "why"),
    "orders": ("account", "id", "what", "state", "opens"),
    "stages": ("playbook", "content_hash", "stage"),
}
_WORDS = {True: "yes", False: "no", None: "not known"}
_HEADINGS = {
    "alias": "account", "is_ready": "ready", "id": "order", "opens": "opens", "content_hash": "version",
}  # fmt: skip


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(_HEADINGS.get(column, column), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(column, row.get(column)) for column in columns))
    return table


def _cell(column: str, value: object) -> str:
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return visible(str(value)[:_SHORT] if column == "content_hash" else str(value))


def _log(found: dict[str, Any]) -> str:
    journal, database = found.get("journal", {}), found.get("database", {})
    seq, projected = journal.get("seq", 0), database.get("seq")
    said = f"journal: {seq:,} entries"
    if journal.get("can_open") is False:
        said += ", and no room for openings"
    if database.get("problem"):
        return f"{said}; DuckDB file: {visible(database['problem'])}"
    if projected is None:
        return f"{said}; no DuckDB file"
    return f"{said}; DuckDB file: {'level' if projected >= seq else f'{seq - projected:,} entries behind'}"
