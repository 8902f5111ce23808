"""`signalbook journal`: commands about the append-only log, every one in one list."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from engine.app.json_form import json_form
from engine.cli.exit_code import ExitCode
from engine.cli.homes import existing_home
from engine.cli.journal_export import export
from engine.cli.journal_rebuild import rebuild_log
from engine.cli.journal_retain import retain
from engine.cli.options import HomeOption, JsonFlag
from engine.cli.screen import out, print_json, visible
from engine.journal.reading import last_witness, read_entries
from engine.journal.verify_log import Problem, Verdict, verify
from engine.journal.verify_trades import TradeProblem, verify_trades
from engine.model.entry import Witness

journal = typer.Typer(name="journal", help="Check the journal, and keep a witness of it.", no_args_is_help=True)

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="The folder of the journal; that of the home when left out.")
]


def _read_witness(text: str) -> Witness:
    try:
        return Witness.read(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


WitnessOption = Annotated[
    Witness | None,
    typer.Option(
        "--witness", parser=_read_witness, metavar="SEQ:HASH", help="What `journal head` printed once, kept elsewhere."
    ),
]


def verify_journal(
    folder: FolderOption = None,
    home: HomeOption = None,
    witness: WitnessOption = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Check every entry: its checksum, its number, that it follows from the one before; and what witnesses say.

    Where all that is so, also that what is about trading can be read and belongs together: every event to an order,
    every order to an intent.

    Another process may be writing. Ends with 1 when something is not as it was written, 6 when there is nothing to
    check. Example: signalbook journal verify --witness 4711:9f86d0…
    """
    place = folder or existing_home(home).journal
    verdict = verify(place, witness)
    trades = verify_trades(read_entries(place)) if verdict.ok else ()
    if as_json:
        print_json(_verdict_json(verdict, trades))
    else:
        _show(verdict, trades)
    raise typer.Exit(ExitCode.DONE if verdict.ok and not trades else ExitCode.FINDINGS)


def head(folder: FolderOption = None, home: HomeOption = None, *, as_json: JsonFlag = False) -> None:
    """
    Print SEQ:HASH of the last entry on disk: post it where nobody who can write the journal can change it.

    `signalbook journal verify --witness SEQ:HASH` proves later that nothing up to that entry was changed.
    """
    witness = last_witness(folder or existing_home(home).journal)
    if as_json:
        print_json(witness._asdict())
    else:
        out().print(str(witness), soft_wrap=True)


def _show(verdict: Verdict, trades: tuple[TradeProblem, ...]) -> None:
    screen = out()
    for problem in verdict.problems:
        screen.print(Text.assemble((str(problem.fault), "bold red"), f" {_told(problem)}"), soft_wrap=True)
    for trade in trades:
        what = f" entry {trade.seq}: {visible(trade.message)}"
        screen.print(Text.assemble((str(trade.fault), "bold red"), what), soft_wrap=True)
    for line in _lines(verdict):
        screen.print(line, soft_wrap=True)


def _told(problem: Problem) -> str:
    return f"{problem.segment}, byte {problem.offset}, entry {problem.seq}: {problem.message}"


def _lines(verdict: Verdict) -> list[str]:
    last = verdict.last.seq
    lines = [f"{len(verdict.problems)} problem(s); the last whole entry is {last}"]
    if verdict.ok:
        lines = [f"ok: entries 1 to {last} are whole and follow from one another" if last else "ok: no entry yet"]
    if verdict.given:
        lines.append(f"up to entry {verdict.given} it is what the witness has seen")
    if verdict.head > verdict.given:
        lines.append(
            f"up to entry {verdict.head} it is what the journal's own head says, which whoever writes it can change"
        )
    if verdict.unwitnessed:
        have = "has" if verdict.unwitnessed == 1 else "have"
        lines.append(
            f"{verdict.unwitnessed} at the end {have} no witness: what was cut off or rewritten there is unseen"
        )
    if verdict.torn_bytes:
        lines.append(f"{verdict.torn_bytes} bytes behind the last entry: cut short by a crash, or being written now")
    return lines


def _verdict_json(verdict: Verdict, trades: tuple[TradeProblem, ...]) -> dict[str, object]:
    return {
        "ok": verdict.ok and not trades,
        "last": verdict.last._asdict(),
        "head": verdict.head,
        "given": verdict.given,
        "unwitnessed": verdict.unwitnessed,
        "torn_bytes": verdict.torn_bytes,
        "problems": [json_form(problem) for problem in verdict.problems],
        "trade_problems": [json_form(problem) for problem in trades],
    }


# Every command of the group, by its name.
COMMANDS = (
    ("verify", verify_journal),
    ("head", head),
    ("rebuild", rebuild_log),
    ("export", export),
    ("retain", retain),
)

for _name, _command in COMMANDS:
    journal.command(_name)(_command)
