"""The `signalbook` command: every subcommand in one list, and the outermost edge of the program."""

import sys
import traceback
from typing import Annotated, Any, Final

import typer

from engine.cli.exit_code import ExitCode
from engine.cli.group import CodedGroup
from engine.cli.lazy import LazyCommand
from engine.cli.screen import err, out

COMMANDS: Final = (
    LazyCommand("check", "Load playbooks, run their examples, and show everything that is wrong with them."),
    LazyCommand("parse", "Show what a text says: its alerts and where each field stands, or why there is none."),
    LazyCommand("explain", "Explain what a playbook makes of a message: every gate, every pattern, the nearest miss."),
    LazyCommand("replay", "Replay archived channels, and say what was read, what was refused and why."),
    LazyCommand(
        "feed", "Send archived messages one by one through the live path: decided, journaled, acknowledged, logged."
    ),
    LazyCommand(
        "trade",
        "Carry messages all the way: decided, proven in the sandbox, approved, checked, sent, followed to their ends.",
    ),
    LazyCommand("verify", "Check that the log is as it was written, and derive every decision in it again."),
    LazyCommand("archive", "Convert archived channels to Parquet."),
    LazyCommand(
        "decisions", "List what a replay or a feed decided, newest first, or show one message with every gate's answer."
    ),
    LazyCommand("orders", "List orders, newest first, those of the sandbox too, with what became of each."),
    LazyCommand(
        "trace",
        "Show the whole way of one message: decided, proven in the sandbox, approved, checked, sent, filled, ended.",
    ),
    LazyCommand(
        "dashboard",
        "Answer a question a desk asks often, from the log of a replay or of a feed, also while it is written.",
    ),
    LazyCommand(
        "diff", "Show the keys two versions of a playbook differ in, and which of them change its content hash."
    ),
    LazyCommand(
        "schema", "Print the JSON Schema of playbooks, desks, libraries or expectations, with all they refer to."
    ),
    LazyCommand("new", "Write a starter playbook to NAME.yaml; an existing file is never overwritten."),
    LazyCommand("journal", "Check the journal, and keep a witness of it."),
    LazyCommand("kill", "Stop openings: nothing new is sent, and what may still open a position is cancelled."),
    LazyCommand(
        "resume", "Lift what a kill, or the engine itself, has restricted, for exactly the place it was said for."
    ),
    LazyCommand("status", "Show how trading stands: states, accounts, open orders, stages, journal."),
    LazyCommand("approve", "Approve an order that waits for a person, or list those that wait."),
    LazyCommand("decline", "Decline an order that waits for a person; nothing is sent for it."),
    LazyCommand("stage", "Show how far versions of playbooks have come; promote, demote, agree to a looser desk."),
    LazyCommand(
        "paper", "Serve a local sandbox and a local production to the unpatched tastytrade SDK, until stopped."
    ),
    LazyCommand(
        "certify",
        "Probe the broker with the desk's own credentials: the sandbox in full, production read-only and by dry run.",
    ),
)
_EPILOG = (
    "Exit status: 0 done · 1 findings (a text refused, versions that differ) · 2 wrong usage · "
    "3 bad playbooks, or an example that fails · 4 unreadable archive · 5 store unusable · 6 journal unusable · "
    "7 broker · 8 credentials · 9 no engine runs, or it does not answer · 70 a bug · 130 stopped by hand."
)


class AllCommands(CodedGroup):
    """The group of all commands, none of them imported yet."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - the library's own signature
        super().__init__(**settings)
        for command in COMMANDS:
            self.add_command(command)


app = typer.Typer(
    name="signalbook",
    cls=AllCommands,
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 - the library calls it with the value of the flag
    if is_wanted:
        from importlib import metadata  # slow, and wanted only here

        out().print(f"signalbook {metadata.version('signalbook')}")
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
