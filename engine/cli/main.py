"""The `signalbook` command: every subcommand in one list, and the outermost edge of the program."""

import sys
import traceback
from importlib.metadata import version
from typing import Annotated

import typer

from engine.cli.check import check
from engine.cli.decisions import decisions
from engine.cli.diff import diff
from engine.cli.exit_code import ExitCode
from engine.cli.explain import explain
from engine.cli.group import CodedGroup
from engine.cli.new import new
from engine.cli.parse import parse
from engine.cli.replay import replay
from engine.cli.schema import schema
from engine.cli.screen import err, out

_EPILOG = (
    "Exit status: 0 done · 1 findings (a text refused, versions that differ) · 2 wrong usage · "
    "3 bad playbooks, or an example that fails · 4 unreadable archive · 5 store unusable · 70 a bug."
)

app = typer.Typer(
    name="signalbook",
    cls=CodedGroup,
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


for _command in (check, parse, explain, replay, decisions, diff, schema, new):
    app.command()(_command)


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 - the library calls it with the value of the flag
    if is_wanted:
        out().print(f"signalbook {version('signalbook')}")
        raise typer.Exit


@app.callback()
def signalbook(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Read trade alerts through YAML playbooks, and say what became of each and why."""


def main() -> None:
    """Run the command and end the process with its exit code."""
    try:
        app()
    except Exception:  # noqa: BLE001 - the outermost edge: a bug gets its own exit code, with its traceback
        err().print(traceback.format_exc(), soft_wrap=True)
        err().print("error bug: this is a fault of signalbook, not of your files; please report the lines above")
        sys.exit(ExitCode.BUG)
