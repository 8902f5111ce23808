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
from engine.cli.pointing import mark_fields, point_at
from engine.cli.screen import out, print_json, visible
from engine.model.alert import Reading, Refusal


def parse(
    text: Annotated[str | None, typer.Argument(help="The message; read from standard input when left out.")] = None,
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

    Ends with status 1 when the text is refused.

    Example: signalbook parse "BTO SPY 602C 11/27 @ 1.25"
    """
    reader = shipped_reader() if playbook is None else load_one(playbook, DEFAULT_PLAYBOOKS).reader
    moment = at or SystemClock().now()
    if jsonl:
        raise typer.Exit(read_lines(reader, sys.stdin.buffer, sys.stdout, moment))
    said = sys.stdin.buffer.read().decode("utf-8", "replace") if text is None else text
    reading = reader.read(message_of(said, moment))
    if as_json:
        print_json(json_form(reading))
    else:
        _show(said, reading)
    if reading.refusal is not None:
        raise typer.Exit(ExitCode.FINDINGS)


def _show(text: str, reading: Reading) -> None:
    screen = out()
    if reading.refusal is not None:
        _show_refusal(text, reading.refusal)
        return
    places = [(found.place.start, found.place.end) for alert in reading.alerts for found in alert.found]
    screen.print(mark_fields(text, places, with_style=screen.is_terminal and not screen.no_color), soft_wrap=True)
    if not reading.alerts:
        screen.print("no alert in it")
    for number, alert in enumerate(reading.alerts, 1):
        screen.print()
        screen.print(alert_table(alert, f"alert {number}, read by {alert.pattern}"))


def _show_refusal(text: str, refusal: Refusal) -> None:
    screen = out()
    screen.print(Text.assemble(("refused", "bold red"), " ", (refusal.code, "bold"), f": {visible(refusal.reason)}"))
    if refusal.place is not None:
        screen.print(point_at(text, refusal.place.start, refusal.place.end), soft_wrap=True)
    else:
        screen.print(visible(text), soft_wrap=True)
    if refusal.nearest:
        screen.print(f"nearest pattern: {refusal.nearest}")
