"""`signalbook parse`: what a text says, without deciding anything about it."""

import sys
from typing import Annotated

import typer
from rich.text import Text

from engine.adapters.clock import SystemClock
from engine.app.json_form import json_form
from engine.cli.alert_table import alert_table
from engine.cli.arguments import AtOption
from engine.cli.exit_code import ExitCode
from engine.cli.json_lines import message_of, read_lines
from engine.cli.loading import load_one, shipped_reader
from engine.cli.options import DEFAULT_PLAYBOOKS, JsonFlag
from engine.cli.pointing import mark_alerts, point_at
from engine.cli.screen import beginning, err, out, print_json, visible
from engine.model.alert import Alert, Problem, Reading, Refusal


def parse(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]", help="The message; read from standard input when left out.")
    ] = None,
    playbook: Annotated[
        str | None, typer.Option(help="A playbook's file or name; the shipped US libraries when left out.")
    ] = None,
    at: AtOption = None,
    *,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read {"text", "at"} lines from standard input, write one line for each.')
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Show what a text says: its alerts and where each field stands, or why there is none.

    Ends with status 1 when the text, or an alert in it, is or will be refused.

    Example: signalbook parse "BTO SPY 602C 11/27 @ 1.25"
    """
    if words and len(words) > 1:
        raise typer.BadParameter(f"{len(words)} texts; put the message in quotes", param_hint="TEXT")
    text = words[0] if words else None
    if jsonl and (text is not None or as_json):
        sentence = "--jsonl reads its messages from standard input and answers in JSON"
        raise typer.BadParameter(f"{sentence}: leave out TEXT and --json", param_hint="--jsonl")
    reader = shipped_reader() if playbook is None else load_one(playbook, DEFAULT_PLAYBOOKS).reader
    moment = at or SystemClock().now()
    if jsonl:
        raise typer.Exit(read_lines(reader, sys.stdin.buffer, sys.stdout, moment))
    said = _standard_input() if text is None else text
    reading = reader.read(message_of(said, moment))
    if as_json:
        print_json(json_form(reading))
    else:
        _show(said, reading)
    if reading.refusal is not None or any(map(impossible, reading.alerts)):
        raise typer.Exit(ExitCode.FINDINGS)


def impossible(alert: Alert) -> tuple[Problem, ...]:
    """Return why an alert will be refused whatever a playbook says; an exit is judged by what is open instead."""
    return alert.problems if any(leg.action.opens for leg in alert.legs) else ()


def _standard_input() -> str:
    if sys.stdin.isatty():
        err().print("reading standard input, end with Ctrl-D", style="dim")
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _show(text: str, reading: Reading) -> None:
    screen = out()
    if reading.refusal is not None:
        _show_refusal(text, reading.refusal)
        return
    for alert in reading.alerts:
        _show_impossible(text, alert)
    screen.print(mark_alerts(text, reading.alerts), soft_wrap=True)
    if not reading.alerts:
        screen.print("no alert in it")
    for number, alert in enumerate(reading.alerts, 1):
        screen.print()
        screen.print(alert_table(alert, f"alert {number}, read by {alert.pattern}"))


def _show_impossible(text: str, alert: Alert) -> None:
    screen = out()
    place = next((found.place for found in alert.found if found.field.endswith("expiry")), None)
    for problem in impossible(alert):
        told = f"{problem.code}: {visible(problem.detail)}"
        screen.print(Text.assemble(("will be refused", "bold red"), f": {told}"), soft_wrap=True)
        if place is not None:
            screen.print(point_at(text, place.start, place.end), soft_wrap=True)
            screen.print()


def _show_refusal(text: str, refusal: Refusal) -> None:
    screen = out()
    screen.print(Text.assemble(("refused", "bold red"), " ", (refusal.code, "bold"), f": {visible(refusal.reason)}"))
    if refusal.place is not None:
        screen.print(point_at(text, refusal.place.start, refusal.place.end), soft_wrap=True)
    else:
        screen.print(visible(beginning(text)), soft_wrap=True)
    if refusal.nearest:
        screen.print(f"nearest pattern: {refusal.nearest}")
