"""`signalbook trace`: the whole way of one message, from the decision to the end of its orders, with times."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from engine.app.contract_text import price_text, short_legs
from engine.app.ignored import Ignored
from engine.app.json_form import json_form
from engine.app.trace import IntentTrace, MessageTrace, Tone, TraceStep
from engine.app.trace import trace as way_of
from engine.cli.group import CommandFailed
from engine.cli.homes import existing_home
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
_AMONG: Final = 500
_OFFERED: Final = 3
_LIKE: Final = 0.85
"""How much of an id must be as it was written: of Discord's 19 digits, all but two or three."""
_BEGINNING: Final = 4


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

    Times are milliseconds since the message was taken in, and since the step before. Of a message that says nothing:
    when it was read, by which playbooks, and why nothing was found in it. Works while the engine runs.

    Example: signalbook trace 1442549871206400000
    """
    journal = existing_home(home).journal if database is None or home is not None else None
    with readable(database or existing_home(home).live) as rows:
        queries = TradeQueries(rows)
        found = way_of(queries, wanted, journal)
        if found is None:
            raise _not_found(queries, wanted)
    if as_json:
        print_json(_as_json(found))
    else:
        _show(found, shows_all=shows_all)


def _not_found(queries: TradeQueries, wanted: str) -> CommandFailed:
    """Return what to say of an id the log does not hold, with the ids that are like it, else the newest."""
    known = queries.newest_messages(_AMONG)
    begun = [each for each in known if len(wanted) >= _BEGINNING and each.startswith(wanted)]
    like = begun[:_OFFERED] or get_close_matches(wanted, known, _OFFERED, _LIKE)
    message = f"the log holds nothing of {wanted}: no message that a playbook heard, no intent and no order"
    ids = (
        f"did you mean {' or '.join(like)}?"
        if like
        else f"the newest messages: {', '.join(known[:_OFFERED]) or 'none'}"
    )
    remedy = f"{ids}; signalbook orders and signalbook decisions --live --chatter list them"
    return CommandFailed("trace_not_found", message, remedy)


def _show(found: MessageTrace, *, shows_all: bool) -> None:
    screen = out()
    for line in _head(found):
        screen.print(line, soft_wrap=True)
    for outcome in found.outcomes:
        if outcome.verdict != "approved" or not found.intents:
            screen.print(_verdict(outcome), soft_wrap=True)
    for ignored in found.ignored:
        screen.print(_nothing(ignored), soft_wrap=True)
    for intent in found.intents:
        screen.print()
        screen.print(_title(intent), soft_wrap=True)
        screen.print(_table(intent, shows_all=shows_all))
        screen.print(_sums(intent), soft_wrap=True)


def _head(found: MessageTrace) -> Iterator[Text]:
    said = found.outcomes[0] if found.outcomes else next(iter(found.ignored), None)
    if said is None:
        yield Text(f"message {found.message_id}; its decisions are not in the log any more", "bold")
        return
    yield Text(f"message {found.message_id} of {visible(said.author_name)} ({said.author_id})", "bold")
    yield Text(f"posted {_moment(said.posted_at)}", "dim")
    if said.text:
        yield Text(visible(said.text))
    else:
        is_kept = not isinstance(said, Ignored) or said.read_at is not None
        yield Text("without any text" if is_kept else "its text is in the journal only", "dim")


def _nothing(ignored: Ignored) -> Text:
    event = "" if ignored.event == 1 else f"event {ignored.event}, "
    why = f"{ignored.reason}{f': {visible(ignored.detail)}' if ignored.detail else ''}"
    return Text.assemble(f"{ignored.playbook} ", ("ignored", "dim"), f" {why} ({event}{_read_at(ignored)})")


def _read_at(ignored: Ignored) -> str:
    if ignored.read_at is None:
        return "when it was read, only the journal says: --home"
    later = (ignored.read_at - ignored.posted_at) / timedelta(milliseconds=1)
    return f"read {_moment(ignored.read_at)}, {later:,.0f} ms after it was posted"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + "Z"


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
        "ignored": [json_form(ignored) for ignored in found.ignored],
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
