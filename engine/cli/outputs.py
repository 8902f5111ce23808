"""What a replay leaves beside the DuckDB file: a folder of results, and expectations held against it or written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.app.expect_text import expectations_text
from engine.app.json_form import json_form
from engine.cli.files import write_whole
from engine.cli.screen import err, visible
from engine.model.errors import PlaybookError
from engine.playbook.render import render
from engine.playbook.rulebook import Rulebook
from engine.replay.expect import Checked, Checker
from engine.replay.expectations import Expectations, read_expectations
from engine.replay.happened import Happened
from engine.replay.junit import junit_xml
from engine.replay.observed import Observer
from engine.replay.report import report_page
from engine.replay.summary import ReplaySummary


class Exports(Protocol):
    """A store whose runs can be exported."""

    def export_run(self, run_id: int, folder: Path) -> None:
        """Write the decisions and the chatter of a run as Parquet into a folder."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; None: it is not."""

    folder: Path | None = None
    expect: Path | None = None
    write_expect: Path | None = None
    junit: Path | None = None


class Outputs:
    """
    The outputs of one replay, made ready before it and written after it.

    Raises: PlaybookError, when expectations are wrong, after every issue has been shown.
    """

    def __init__(self, wanted: Wanted, rulebook: Rulebook) -> None:
        self._wanted = wanted
        self._expected = None if wanted.expect is None else _expectations(wanted.expect, rulebook)
        self._checker = None if self._expected is None else Checker(self._expected, rulebook)
        self._happened = None if wanted.write_expect is None else Happened()
        self.results: tuple[Checked, ...] = ()

    @property
    def observers(self) -> tuple[Observer, ...]:
        """Those who must see the decisions."""
        return tuple(observer for observer in (self._checker, self._happened) if observer is not None)

    @property
    def has_failed(self) -> bool:
        """Whether something was not as expected; known after `write`."""
        return any(not each.is_met for each in self.results)

    @property
    def report(self) -> Path | None:
        """Where the HTML report is; None when none is asked for."""
        return None if self._wanted.folder is None else self._wanted.folder / "report.html"

    @property
    def written(self) -> tuple[Path, ...]:
        """The single files that are asked for."""
        return tuple(file for file in (self._wanted.write_expect, self._wanted.junit) if file is not None)

    def write(self, summary: ReplaySummary, store: Exports, commands: Sequence[str]) -> None:
        """
        Write all that is asked for. commands: to look further with, for the report.

        Raises: CommandFailed, StoreError.
        """
        if self._wanted.folder is not None and self.report is not None:
            write_whole(self._wanted.folder / "summary.json", summary_text(summary), replaces=True)
            write_whole(self.report, report_page(summary, commands), replaces=True)
            store.export_run(summary.run_id, self._wanted.folder)
        if self._happened is not None and self._wanted.write_expect is not None:
            names = ", ".join(archive.name for archive in summary.archives)
            write_whole(self._wanted.write_expect, expectations_text(self._happened, names), replaces=False)
        if self._checker is not None and self._expected is not None:
            self.results = self._checker.results()
            if self._wanted.junit is not None:
                write_whole(self._wanted.junit, junit_xml(self._expected.about, self.results), replaces=True)


def summary_text(summary: ReplaySummary) -> str:
    """Return a summary as JSON that is the same for every replay of the same: without the number of the run."""
    fields = json_form(summary)
    kept = {name: value for name, value in fields.items() if name != "run_id"} if isinstance(fields, dict) else {}
    return json.dumps(kept, indent=2, ensure_ascii=False) + "\n"


def results_table(results: Sequence[Checked]) -> RenderableType:
    """Return what was expected and what was; only what was not met, when something was not."""
    failed = [each for each in results if not each.is_met]
    if not failed:
        return Text(f"all {len(results)} expectations are met", "bold green")
    table = Table(show_edge=False, pad_edge=False)
    for column in ("expectation", "expected", "was", "line"):
        table.add_column(column, overflow="fold")
    for each in failed:
        table.add_row(visible(each.name), visible(each.wanted), visible(each.was), each.place)
    details = [f"{each.place}: {visible(detail)}" for each in failed for detail in each.details]
    return Group(Text(f"{len(failed)} of {len(results)} expectations are not met", "bold red"), table, *details)


def _expectations(path: Path, rulebook: Rulebook) -> Expectations:
    read = read_expectations(path, rulebook)
    for issue in read.issues:
        err().print(render(issue, read.text), soft_wrap=True)
    if read.expectations is None:
        raise PlaybookError(tuple(issue for issue in read.issues if issue.is_error))
    return read.expectations
