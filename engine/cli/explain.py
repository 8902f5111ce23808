"""`signalbook explain`: every gate and every pattern for one message, whether or not an earlier one failed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from engine.adapters.clock import SystemClock
from engine.app.explain import Explanation, Said, explain_message
from engine.app.json_form import json_form
from engine.cli.alert_table import alert_table
from engine.cli.arguments import AtOption, read_embed, read_span
from engine.cli.exit_code import ExitCode
from engine.cli.gate_table import gate_table, verdict_line
from engine.cli.loading import did_you_mean, load_one
from engine.cli.options import DEFAULT_PLAYBOOKS, JsonFlag, PlaybooksOption
from engine.cli.pointing import mark_alerts, point_at
from engine.cli.screen import out, place_of, print_json, visible
from engine.model.decision import Verdict
from engine.model.message import Embed, Message, parts_of
from engine.model.source import Place
from engine.parse.trace import PatternTrace

_NEAREST_SHOWN = 6


def explain(  # noqa: PLR0913 - one argument for each option
    playbook: Annotated[str, typer.Argument(help="A playbook's file, or its name.")],
    text: Annotated[str, typer.Argument(help="The message; left out when it is all in a card.")] = "",
    by: Annotated[str, typer.Option(help="Who says it: name or id; the playbook's first author when left out.")] = "",
    channel: Annotated[str, typer.Option(help="Where: name or id; its first channel when left out.")] = "",
    at: AtOption = None,
    late: Annotated[
        timedelta, typer.Option(parser=read_span, metavar="TIME", help="How long after posting it is judged.")
    ] = timedelta(0),
    after: Annotated[
        list[str] | None, typer.Option(help="A message the same author posted before; may be given more than once.")
    ] = None,
    embed: Annotated[
        list[Embed] | None,
        typer.Option(parser=read_embed, metavar="JSON", help="A card of the message; may be given more than once."),
    ] = None,
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    *,
    shows_all: Annotated[bool, typer.Option("--all", help="Show every pattern, not only the nearest.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Explain what a playbook makes of a message: every gate, every pattern, the nearest miss.

    Ends with status 1 when an alert in it is refused.

    Example: signalbook explain momentum-options "BTO SPY 602C 11/27 @ 1.25" --by alice
    """
    if not text and not embed:
        raise typer.BadParameter("write a message, or give its card with --embed", param_hint="TEXT")
    moment: datetime = at or SystemClock().now()
    said = Said(text, moment, tuple(embed or ()), by, channel, late, tuple(after or ()))
    live = load_one(playbook, playbooks)
    listen = live.playbook.listen
    _check_name("author", by, [(author.id, author.name) for author in listen.authors], live.playbook.name)
    _check_name("channel", channel, [(each.id, each.name) for each in listen.channels], live.playbook.name)
    explanation = explain_message(live, said)
    if as_json:
        print_json(json_form(explanation))
    else:
        _show(explanation, most=None if shows_all else _NEAREST_SHOWN)
    if any(outcome.verdict is Verdict.DENIED for outcome in explanation.decision.outcomes):
        raise typer.Exit(ExitCode.FINDINGS)


def _check_name(what: str, given: str, known: Iterable[tuple[str, str]], playbook: str) -> None:
    """A name must be known; an id may be a stranger's."""
    names = [name for _, name in known]
    if not given or given.isdigit() or given in names:
        return
    hint = did_you_mean(given, names) or f"; one of {', '.join(names[:_NEAREST_SHOWN])}, or an id"
    option = "--by" if what == "author" else "--channel"
    raise typer.BadParameter(f"no {what} {given!r} in {playbook}{hint}", param_hint=option)


def _show(explanation: Explanation, *, most: int | None) -> None:
    screen = out()
    decision, message = explanation.decision, explanation.message
    posted = f"{message.author.name} in {message.channel_name or message.channel_id} at {message.at:%Y-%m-%d %H:%M:%SZ}"
    screen.print(Text.assemble((decision.playbook, "bold"), f" hears {visible(posted)}"), soft_wrap=True)
    _show_marked(explanation)
    for outcome in decision.outcomes:
        screen.print()
        screen.print(verdict_line(outcome), soft_wrap=True)
        if outcome.place is not None:
            screen.print(_pointed(message, outcome.place), soft_wrap=True)
        if outcome.alert is not None:
            screen.print(alert_table(outcome.alert, ""))
        screen.print()
        screen.print(gate_table(outcome.gates))
    screen.print()
    screen.print(_pattern_table(explanation.patterns[:most]))
    if most is not None and len(explanation.patterns) > most:
        screen.print(f"the nearest {most} of {len(explanation.patterns)} patterns; --all shows the others")
    _show_nearest(message, explanation.patterns)


def _show_marked(explanation: Explanation) -> None:
    """Underline what the alerts were read from, in every part of the message that holds some of it."""
    alerts = [outcome.alert for outcome in explanation.decision.outcomes if outcome.alert is not None]
    read = {found.place.part for alert in alerts for found in alert.found}
    for part in parts_of(explanation.message):
        if part.name in read:
            out().print()
            out().print(mark_alerts(part.text, alerts, part.name), soft_wrap=True)


def _pattern_table(patterns: Sequence[PatternTrace]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("pattern", "part", "came", "then expected", "written"):
        table.add_column(column, overflow="fold")
    for row in patterns:
        came = Text("matched", "green") if row.is_match else Text(f"{row.reached} of {row.pieces}", "dim")
        table.add_row(row.pattern, row.part, came, row.expected, Text(place_of(row.span), "dim"))
    return table


def _show_nearest(message: Message, patterns: Sequence[PatternTrace]) -> None:
    """Point at where the nearest pattern stopped, when none matched."""
    nearest = next((row for row in patterns if row.place is not None), None)
    if nearest is None or nearest.place is None or nearest.is_match:
        return
    screen = out()
    screen.print()
    screen.print(f"nearest miss: {nearest.pattern}, which expected {nearest.expected} here", soft_wrap=True)
    screen.print(_pointed(message, nearest.place), soft_wrap=True)


def _pointed(message: Message, place: Place) -> Text:
    text = next((part.text for part in parts_of(message) if part.name == place.part), "")
    return point_at(text, place.start, place.end)
