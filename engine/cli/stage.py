"""`signalbook stage`: how far versions of playbooks have come, who serves production, and changes to that."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from engine.adapters.clock import SystemClock
from engine.app.json_form import json_form
from engine.app.settings import Settings
from engine.app.stage_view import Candidate, VersionRow, candidate, found_version, version_rows
from engine.app.staging import StageAction, StageRequest, Staging, ask, read_staging
from engine.app.versions import Versions
from engine.cli.compare_tables import changed_table
from engine.cli.homes import existing_home
from engine.cli.issues import show_issues
from engine.cli.options import DEFAULT_PLAYBOOKS, HomeOption, JsonFlag, PlaybooksOption
from engine.cli.screen import err, out, print_json
from engine.model.stages import Stage
from engine.plan.loosening import mark_of
from engine.playbook.rulebook import load_rulebook

stage = typer.Typer(
    name="stage",
    help="Show how far versions of playbooks have come; promote, demote, agree to a looser desk.",
    no_args_is_help=True,
)

NameArgument = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="The playbook's name.")]
ByOption = Annotated[str, typer.Option("--by", help="Who does it: a name of desk.yaml.")]
SeenOption = Annotated[str, typer.Option("--seen", metavar="HASH", help="What you have looked at, as it was shown.")]
VersionOption = Annotated[
    str, typer.Option("--version", metavar="HASH", help="The beginning of a version's hash; else that of the file.")
]


class _Look:
    """What the commands look at: the files, the journal, and what follows of both."""

    def __init__(self, playbooks: Path, home: Path | None, *, of_any_desk: bool = False) -> None:
        self.places: Settings = existing_home(home)
        self.rulebook = load_rulebook([playbooks], runs_examples=False)
        show_issues(self.rulebook, err())
        self.staging, self.versions = self.read()
        if not of_any_desk:
            self.staging.must_be_home_of(self.rulebook)

    def read(self) -> tuple[Staging, Versions]:
        """Return stages and versions as the journal has them now."""
        return read_staging(self.places.journal, self.rulebook)

    def candidate(self, playbook: str, version: str) -> Candidate:
        """Return a version with what it changes."""
        content_hash = found_version(playbook, version, self.staging, self.rulebook)
        return candidate(playbook, content_hash, self.staging, self.versions, self.places.journal)

    def ask(self, request: StageRequest) -> None:
        """Have something done, and read the journal again."""
        ask(request, self.rulebook, self.places, SystemClock().now)
        self.staging, self.versions = self.read()

    def rows(self, playbook: str = "") -> tuple[VersionRow, ...]:
        """Return the versions of one playbook, or of all."""
        rows = version_rows(self.staging, self.rulebook, self.versions)
        return tuple(row for row in rows if playbook in ("", row.playbook))


@stage.command("list")
def list_versions(
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS, home: HomeOption = None, *, as_json: JsonFlag = False
) -> None:
    """
    List every version with its stage, what it has shown in the sandbox, and which one serves production.

    Example: signalbook stage list
    """
    look = _Look(playbooks, home)
    _, waiting = look.staging.desk(look.rulebook)
    if as_json:
        loosened = {"hash": mark_of(waiting) if waiting else "", "loosened": [str(each) for each in waiting]}
        print_json({"versions": [json_form(row) for row in look.rows()], "desk": loosened})
        return
    _show_rows(look.rows())
    if waiting:
        _show_waiting(look)


@stage.command()
def show(  # noqa: PLR0913 - one argument for each option
    playbook: NameArgument,
    version: VersionOption = "",
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    home: HomeOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Decisions shown at most.")] = 20,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Show what speaks for a version, and what it decides otherwise than the promoted one over the journal's messages.

    Both decide every message anew, under the usual assumptions of a replay. The hash at the end is what
    `promote --seen` takes: it changes as soon as one more decision differs.

    Example: signalbook stage show momentum-options
    """
    found = _Look(playbooks, home).candidate(playbook, version)
    if as_json:
        print_json(_candidate_json(found))
        return
    _show_rows((found.row,))
    screen = out()
    screen.print()
    screen.print(f"evidence: {found.row.lacks or 'enough for the next step'}", soft_wrap=True)
    if found.same is not None:
        same = found.same
        told = f"{same.compared:,} logged decisions derived again under this program, {same.different:,} differ"
        screen.print(f"other program: {told}", soft_wrap=True)
    diff = found.diff
    against = f"the promoted version {diff.old[:8]}" if diff.old else "no version: nothing is promoted"
    told = f"{len(diff.changed):,} decisions differ over {diff.messages:,} messages, against {against}"
    screen.print(told, soft_wrap=True)
    if diff.changed:
        screen.print(changed_table(diff.changed[:limit]))
    screen.print(f"seen it? --seen {diff.mark}", soft_wrap=True)


@stage.command()
def promote(  # noqa: PLR0913 - one argument for each option
    playbook: NameArgument,
    to: Annotated[Stage, typer.Option("--to", help="canary or production.")],
    by: ByOption,
    seen: SeenOption = "",
    version: VersionOption = "",
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    home: HomeOption = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Raise a version by one step, once it has shown enough in the sandbox and you have seen what it changes.

    Example: signalbook stage promote momentum-options --to canary --by carol --seen 3f9a0c11d2e4
    """
    look = _Look(playbooks, home)
    found = look.candidate(playbook, version)
    look.ask(
        StageRequest(
            StageAction.PROMOTE,
            by,
            playbook,
            found.live.content_hash,
            to=to.value,
            seen=seen,
            diff=found.diff.mark,
            is_same=found.same is not None and found.same.is_same,
        )
    )
    _done(look, playbook, as_json=as_json)


@stage.command()
def demote(  # noqa: PLR0913 - one argument for each option
    playbook: NameArgument,
    by: ByOption,
    why: Annotated[str, typer.Option("--why", help="One sentence; it is kept.")],
    version: VersionOption = "",
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    home: HomeOption = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Take a playbook out of production at once: every version that serves it, or one.

    Openings stop; positions stay as they are, and closes and exits go on. Trades on in the sandbox.

    Example: signalbook stage demote momentum-options --by dave --why "reads strikes wrongly"
    """
    look = _Look(playbooks, home, of_any_desk=True)  # nothing shall be in the way of less
    content_hash = found_version(playbook, version, look.staging, look.rulebook) if version else ""
    look.ask(StageRequest(StageAction.DEMOTE, by, playbook, content_hash, why=why))
    _done(look, playbook, as_json=as_json)


@stage.command()
def loosen(
    by: ByOption,
    seen: SeenOption = "",
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    home: HomeOption = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Ask for what desk.yaml loosens to be in force, or agree to it as the second person.

    Until then the stricter of old and new holds. The second person says with --seen what they agree to.

    Example: signalbook stage loosen --by carol --seen 0d94ba77c1f2
    """
    look = _Look(playbooks, home)
    look.ask(StageRequest(StageAction.LOOSEN, by, seen=seen))
    _, waiting = look.staging.desk(look.rulebook)
    if as_json:
        print_json({"hash": mark_of(waiting) if waiting else "", "loosened": [str(each) for each in waiting]})
    elif waiting:
        _show_waiting(look)
    else:
        out().print("the desk file is in force as it stands", soft_wrap=True)


def _done(look: _Look, playbook: str, *, as_json: bool) -> None:
    rows = look.rows(playbook)
    if as_json:
        print_json({"versions": [json_form(row) for row in rows]})
    else:
        _show_rows(rows)


def _candidate_json(found: Candidate) -> dict[str, object]:
    diff = found.diff
    return {
        "version": json_form(found.row),
        "same": json_form(found.same),
        "diff": {
            "hash": diff.mark,
            "old": diff.old,
            "new": diff.new,
            "messages": diff.messages,
            "decisions": [json_form(each) for each in diff.changed],
        },
    }


def _show_rows(rows: tuple[VersionRow, ...]) -> None:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("playbook", "version", "stage", "serves", "sandbox", "by"):
        table.add_column(column, overflow="fold")
    for row in rows:
        mark = " (file)" if row.is_newest else ""
        passed = f"{row.contracts} contracts on {row.days} days"
        table.add_row(row.playbook, f"{row.content_hash[:8]}{mark}", row.stage.value, _serves(row), passed, row.by)
    out().print(table)


def _serves(row: VersionRow) -> str:
    """Return which part a version has in production; a canary whose openings are used up has none left."""
    if row.serves != "canary":
        return row.serves
    if not row.openings_left:
        return "no more: a person decides"
    return f"canary, {row.openings_left} opening{'' if row.openings_left == 1 else 's'} left"


def _show_waiting(look: _Look) -> None:
    _, waiting = look.staging.desk(look.rulebook)
    asked, screen = look.staging.desk_state.asked, out()
    mark = mark_of(waiting)
    is_asked = asked is not None and asked.mark == mark
    by = f"{asked.by} has asked, a second person agrees" if asked is not None and is_asked else "nobody has asked yet"
    screen.print()
    screen.print(Text(f"the desk file loosens what is not in force ({by}):", "bold"), soft_wrap=True)
    for each in waiting:
        screen.print(f"  {each}", soft_wrap=True)
    screen.print(f"signalbook stage loosen --by NAME --seen {mark}", soft_wrap=True)
