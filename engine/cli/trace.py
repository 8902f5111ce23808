"""`signalbook trace`: the whole way of one message, from the decision to the end of its orders, with times."""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from engine.app.contract_text import price_text, short_legs
from engine.app.json_form import json_form
from engine.app.settings import settings
from engine.app.trace import IntentTrace, MessageTrace, Tone, TraceStep
from engine.app.trace import trace as way_of
from engine.cli.group import CommandFailed
from engine.cli.options import HomeOption, JsonFlag
from engine.cli.screen import out, print_json, visible
from engine.journal.live_queries import readable
from engine.journal.trade_answers import CheckSeen, OutcomeSeen
from engine.journal.trade_queries import TradeQueries

_TONES = {Tone.GOOD: "green", Tone.BAD: "bold red", Tone.ODD: "yellow", Tone.PLAIN: "", Tone.QUIET: "dim"}
_PLACES = {"decision": "cyan", "sandbox": "magenta", "mirror": "magenta", "approval": "yellow", "checks": "blue"}
_PRODUCTION, _END = "bold", "dim"
_CHECKS = {"passed": ("✓", "green"), "failed": ("✗", "bold red"), "not_run": ("?", "yellow")}
_NO_CHECK = ("–", "dim")


def trace(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="A message's id, an intent's, or an order's client id.")],
    database: Annotated[Path | None, typer.Option("--db", help="The DuckDB file made of the journal.")] = None,
    home: HomeOption = None,
    *,
    shows_all: Annotated[bool, typer.Option("--all", help="Also reports that told nothing new.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Show the whole way of one message: decided, proven in the sandbox, approved, checked, sent, filled, ended.

    Times are milliseconds since the message was taken in, and since the step before. Works while the engine runs.

    Example: signalbook trace 1442549871206400000
    """
    places = settings() if home is None else replace(settings(), home=home)
    with readable(database or places.live) as rows:
        found = way_of(TradeQueries(rows), wanted)
    if found is None:
        remedy = "signalbook orders and signalbook decisions --live list what there is"
        raise CommandFailed("trace_not_found", f"the log holds no decision and no order of {wanted}", remedy)
    if as_json:
        print_json(_as_json(found))
    else:
        _show(found, shows_all=shows_all)


def _show(found: MessageTrace, *, shows_all: bool) -> None:
    screen = out()
    for line in _head(found):
        screen.print(line, soft_wrap=True)
    for outcome in found.outcomes:
        if outcome.verdict != "approved" or not found.intents:
            screen.print(_verdict(outcome), soft_wrap=True)
    for intent in found.intents:
        screen.print()
        screen.print(_title(intent), soft_wrap=True)
        screen.print(_table(intent, shows_all=shows_all))
        screen.print(_sums(intent), soft_wrap=True)


def _head(found: MessageTrace) -> Iterator[Text]:
    if not found.outcomes:
        yield Text(f"message {found.message_id}; its decisions are not in the log any more", "bold")
        return
    said = found.outcomes[0]
    yield Text(f"message {found.message_id} of {visible(said.author_name)} ({said.author_id})", "bold")
    yield Text(f"posted {said.posted_at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + "Z", "dim")
    yield Text(visible(said.text))


def _verdict(outcome: OutcomeSeen) -> Text:
    is_approved = outcome.verdict == "approved"
    words = outcome.verdict if is_approved else f"{outcome.verdict} {outcome.reason}"
    why = "; no order was made of it" if is_approved else f": {visible(outcome.detail)}"
    return Text.assemble(f"{outcome.playbook} ", (words, "green" if is_approved else "bold red"), why)


def _title(intent: IntentTrace) -> Text:
    trade = intent.trade
    average = f" at {price_text(trade.average_price)}" if trade.average_price is not None else ""
    filled = f" {trade.filled} of {trade.units}{average}" if trade.filled else ""
    filled += f": {visible(trade.why)}" if trade.state == "dropped" and trade.why else ""
    style = {"filled": "bold green", "dropped": "bold red", "rejected": "bold red"}.get(trade.state, "bold yellow")
    return Text.assemble(
        (f"{trade.playbook} · {trade.stage} · {trade.account}: ", "bold"),
        f"{short_legs(trade.legs)} @ {price_text(trade.price)} → ",
        (f"{trade.state.replace('_', ' ')}{filled}", style),
    )


def _table(intent: IntentTrace, *, shows_all: bool) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("ms", justify="right", no_wrap=True)
    table.add_column("+ms", justify="right", style="dim", no_wrap=True)
    for column in ("where", "what", "detail"):
        table.add_column(column, overflow="fold")
    before = 0
    for step in intent.steps:
        if step.tone is Tone.QUIET and not shows_all:
            continue
        style = _TONES[step.tone]
        cells = (_place(step), Text(step.what, style), Text(visible(step.detail), _END if not style else ""))
        table.add_row(_ms(step.us), _ms(step.us - before), *cells)
        for check in step.checks:
            table.add_row("", "", "", *_check(check))
        before = step.us
    return table


def _place(step: TraceStep) -> Text:
    style = _PLACES.get(step.where, _PRODUCTION if step.where == "production" else _END)
    return Text(f"{step.where} {step.account}" if step.account else step.where, style)


def _check(check: CheckSeen) -> tuple[Text, Text]:
    mark, style = _CHECKS.get(check.status, _NO_CHECK)
    code = f"{check.code}: " if check.code else ""
    words = f"{code}{visible(check.detail)}" if check.detail or code else check.status.replace("_", " ")
    return Text(f"  {mark} {check.name}", style), Text(words.removesuffix(": "), _END)


def _sums(intent: IntentTrace) -> Text:
    since = "" if intent.is_from_intake else ", counted from when its decision was journaled"
    parts = [f"{name} {_ms(us)}" for name, us in intent.spans]
    return Text(f"ms: {' · '.join(parts)}{since}", _END)


def _ms(us: int) -> str:
    return f"{us / 1000:,.1f}"


def _as_json(found: MessageTrace) -> dict[str, object]:
    return {
        "message_id": found.message_id,
        "outcomes": [json_form(outcome) for outcome in found.outcomes],
        "intents": [_intent_json(intent) for intent in found.intents],
    }


def _intent_json(intent: IntentTrace) -> dict[str, object]:
    return {
        "trade": json_form(intent.trade),
        "began_at": json_form(intent.began_at),
        "is_from_intake": intent.is_from_intake,
        "spans_ms": {name: us / 1000 for name, us in intent.spans},
        "steps": [_step_json(step) for step in intent.steps],
    }


def _step_json(step: TraceStep) -> dict[str, object]:
    told = {field.name: json_form(getattr(step, field.name)) for field in fields(step) if field.name != "us"}
    return {"ms": step.us / 1000, **told}
