"""`signalbook feed`: archived channels, message by message, through the live path."""

import json
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from engine.adapters.clock import SystemClock
from engine.app.feed import FeedSummary
from engine.app.feed import feed as run_feed
from engine.app.feed_run import FeedOptions
from engine.app.live import Acknowledged
from engine.app.pace import Timing
from engine.app.settings import settings
from engine.cli.arguments import read_span
from engine.cli.assume import AssumeOption, read_assumptions
from engine.cli.exit_code import ExitCode
from engine.cli.loading import load_whole
from engine.cli.options import DEFAULT_PLAYBOOKS, HomeOption, JsonFlag, PlaybooksOption
from engine.cli.progress import Counted, counted
from engine.cli.screen import err, out, print_json
from engine.cli.stopping import Stopping, until_stopped
from engine.model.decision import Verdict
from engine.replay.archive_files import archives_in

_FASTEST: Final = "max"
_WORDS: Final = ((Verdict.APPROVED, "approved"), (Verdict.DENIED, "refused"), (Verdict.IGNORED, "ignored"))


def _read_speed(text: str) -> float | None:
    if text == _FASTEST:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise typer.BadParameter(f"{text!r} is neither a number of times real time, such as 1 or 60, nor max")
    return speed


def feed(  # noqa: PLR0913 - one argument for each option
    archives: Annotated[list[Path], typer.Argument(help="Exports of channels: files or folders.")],
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    speed: Annotated[
        str, typer.Option(metavar="N", help="Times real time; max leaves no time between messages.")
    ] = _FASTEST,
    latency: Annotated[
        timedelta, typer.Option(parser=read_span, metavar="TIME", help="From posting to judging a message.")
    ] = timedelta(seconds=1),
    assume: AssumeOption = None,
    home: HomeOption = None,
    run: Annotated[str, typer.Option(help="The run's name; made of archives and assumptions when left out.")] = "",
    *,
    restart: Annotated[bool, typer.Option("--restart", help="Begin a new run where there is one already.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Send archived messages one by one through the live path: decided, journaled, acknowledged, logged.

    Started again, it goes on behind the last message in the journal. Ctrl-C ends it cleanly, with status 130. With
    --json each message is a line, written once its decisions are on disk.

    Example: signalbook feed examples/archives/indicator-bot-1.json.zst --speed 600
    """
    timing = Timing(SystemClock().now, time.monotonic, time.sleep, _read_speed(speed))
    rulebook = load_whole(playbooks)
    files = archives_in(archives)
    places = settings(home=home)
    options = FeedOptions(
        journal=places.journal,
        database=places.live,
        assumptions=read_assumptions(assume or ()),
        latency=latency,
        arguments=tuple(sys.argv[1:]),
        name=run,
        restarts=restart,
    )
    with until_stopped() as stopping, counted("messages") as report:
        summary = run_feed(rulebook, files, options, _Screen(report, stopping, is_json=as_json), timing)
    _show(summary, options, is_json=as_json)
    if summary.unsaved:
        raise typer.Exit(ExitCode.JOURNAL)
    if summary.is_behind:
        raise typer.Exit(ExitCode.STORE)
    if not summary.is_whole:
        raise typer.Exit(ExitCode.STOPPED)


class _Screen:
    """Who follows a feed on a terminal or in a pipe (see feed.Audience)."""

    def __init__(self, report: Counted, stopping: Stopping, *, is_json: bool) -> None:
        self._report = report
        self._stopping = stopping
        self._is_json = is_json

    def acknowledge(self, batch: Sequence[Acknowledged]) -> None:
        if self._is_json:
            typer.echo("\n".join(map(_line, batch)))

    def warn(self, sentence: str) -> None:
        err().print(Text.assemble(("attention", "bold yellow"), f": {sentence}"), soft_wrap=True)

    def progress(self, done: int, total: int) -> None:
        self._report(done, total)

    def wants_end(self) -> bool:
        return self._stopping.is_wanted


def _line(acknowledged: Acknowledged) -> str:
    message = acknowledged.records[0].message
    decisions = [
        {
            "playbook": record.decision.playbook,
            "decision_id": record.decision.decision_id,
            "verdicts": [[outcome.verdict.value, outcome.reason.value] for outcome in record.decision.outcomes],
        }
        for record in acknowledged.records
    ]
    row = {"seq": acknowledged.entry.seq, "message_id": message.id, "event": message.event, "decisions": decisions}
    return json.dumps(row)


def _show(summary: FeedSummary, options: FeedOptions, *, is_json: bool) -> None:
    if is_json:
        print_json(_fields(summary))
        return
    screen, tally = out(), summary.tally
    table = Table(show_edge=False, pad_edge=False)
    for column, side in (("verdict", "left"), ("reason", "left"), ("count", "right")):
        table.add_column(column, justify="right" if side == "right" else "left")
    for verdict, reason, number in tally.reasons():
        table.add_row(verdict.value, reason.value, f"{number:,}")
    screen.print(table)
    screen.print()
    new = tally.events - summary.before
    counts = ", ".join(f"{tally.count(verdict):,} {word}" for verdict, word in _WORDS)
    screen.print(f"{tally.events:,} message events decided, {new:,} of them now: {counts}", soft_wrap=True)
    assumed = "; ".join(sentence for _, sentence in options.assumptions.sentences(options.latency))
    screen.print(f"assumed: {assumed}", soft_wrap=True)
    screen.print(f"run {summary.run}, {_state(summary)}", soft_wrap=True)
    screen.print(f"journal {options.journal}, up to entry {summary.last:,}", soft_wrap=True)
    screen.print(f"look further: signalbook decisions --db {options.database}", soft_wrap=True)


def _state(summary: FeedSummary) -> str:
    if summary.is_whole:
        return "whole"
    if summary.unsaved:
        return f"{summary.unsaved:,} message events wait for room on the disk; make some and start again"
    return "stopped; the same command goes on"


def _fields(summary: FeedSummary) -> dict[str, object]:
    return {
        "run": summary.run,
        "is_whole": summary.is_whole,
        "before": summary.before,
        "events": summary.tally.events,
        "verdicts": {verdict.value: summary.tally.count(verdict) for verdict in Verdict},
        "reasons": [[verdict.value, reason.value, number] for verdict, reason, number in summary.tally.reasons()],
        "last": summary.last,
        "unsaved": summary.unsaved,
        "is_behind": summary.is_behind,
    }
