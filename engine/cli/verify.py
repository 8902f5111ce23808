"""`signalbook verify`: is the log as it was written, and does every decision in it come out again?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from engine.app.derive import Difference
from engine.app.json_form import json_form
from engine.app.settings import Settings, settings
from engine.app.verify import Derived, VerifiedJournal, verify_journal
from engine.app.verify_run import VerifiedRun, verify_run
from engine.cli.exit_code import ExitCode
from engine.cli.homes import existing_home
from engine.cli.options import HomeOption, JsonFlag
from engine.cli.progress import counted
from engine.cli.screen import out, print_json, visible
from engine.journal.queries import open_runs
from engine.model.errors import JournalError

_SHOWN: Final = 20


def verify(
    home: HomeOption = None,
    database: Annotated[Path | None, typer.Option("--db", help="Check a run of this DuckDB file instead.")] = None,
    run: Annotated[int | None, typer.Option(help="The run's number; the newest whole one when left out.")] = None,
    archives: Annotated[
        list[Path] | None, typer.Option(help="Where the run's archives are now, if not where they were read from.")
    ] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Check that the log is as it was written, and derive every decision in it again.

    Without --db: the journal, and the newest replay. Messages that say nothing are read from the run's archives again.
    Ends with status 1 when an entry was changed, when a decision of this very engine comes out otherwise, is missing or
    is there again, or when some could not be derived. What another engine decided may differ: that is listed as
    "engine changed", with status 0.

    Example: signalbook verify --db runs/demo.duckdb
    """
    places = existing_home(home) if database is None else settings(home=home)
    found: list[VerifiedJournal | VerifiedRun] = []
    if database is None and run is None and places.journal.is_dir():
        with counted("entries") as report:
            found.append(verify_journal(places.journal, report))
    if database is not None or run is not None or places.store.is_file():
        found.append(_run(database or places.store, run, archives or ()))
    if not found:
        remedy = "replay or feed an archive first, or name a file with --db"
        raise JournalError("journal_not_found", f"there is no journal and no replay in {places.home}", remedy)
    if as_json:
        print_json([_fields(each) for each in found])
    else:
        for each in found:
            _show(each, places)
    if not all(each.is_sound for each in found):
        raise typer.Exit(ExitCode.FINDINGS)


def _run(database: Path, run: int | None, archives: Sequence[Path]) -> VerifiedRun:
    with open_runs(database) as log, counted("decisions") as report:
        return verify_run(log, run, archives, report)


def _show(found: VerifiedJournal | VerifiedRun, places: Settings) -> None:
    screen = out()
    if isinstance(found, VerifiedJournal):
        screen.print(f"journal {places.journal}", style="bold", soft_wrap=True)
        for problem in found.chain.problems:
            screen.print(
                f"  {problem.fault}: {problem.segment}, entry {problem.seq}: {problem.message}", soft_wrap=True
            )
        whole = f"entries 1 to {found.chain.last.seq:,} are whole and follow from one another"
        screen.print(f"  {whole if found.chain.ok else 'not as it was written'}", soft_wrap=True)
    else:
        screen.print(f"run {found.run.run_id}, {found.run.kind}, {found.run.status}", style="bold", soft_wrap=True)
        for name in found.missing_archives:
            screen.print(f"  archive {name} is not there as it was; name where it is with --archives", soft_wrap=True)
    _show_derived(found.derived)
    screen.print()


def _show_derived(derived: Derived) -> None:
    screen = out()
    counts = [f"{derived.equal:,} equal", f"{derived.different:,} different"]
    counts += [f"{derived.engine_changed:,} different where the engine has changed"] if derived.engine_changed else []
    counts += [f"{derived.not_derived:,} not re-derived"] if derived.not_derived else []
    screen.print(f"  decisions derived again: {', '.join(counts)}", soft_wrap=True)
    for title, places in (("different", derived.differences), ("engine changed", derived.differences_of_another)):
        if places:
            screen.print(_table(title, places))


def _table(title: str, places: Sequence[Difference]) -> Table:
    more = f" (the first {_SHOWN} places)" if len(places) > _SHOWN else ""
    table = Table(title=title + more, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for column in ("message", "playbook", "field", "logged", "derived"):
        table.add_column(column, overflow="fold")
    for each in places[:_SHOWN]:
        table.add_row(each.message_id, each.playbook, each.field, visible(each.logged), visible(each.derived))
    return table


def _fields(found: VerifiedJournal | VerifiedRun) -> dict[str, object]:
    derived = json_form(found.derived)
    if isinstance(found, VerifiedJournal):
        chain = {"ok": found.chain.ok, "last": found.chain.last.seq, "unwitnessed": found.chain.unwitnessed}
        problems = [json_form(problem) for problem in found.chain.problems]
        return {"journal": chain | {"problems": problems}, "derived": derived, "is_sound": found.is_sound}
    run = {"run_id": found.run.run_id, "missing_archives": list(found.missing_archives)}
    return {"run": run, "derived": derived, "is_sound": found.is_sound}
