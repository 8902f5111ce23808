"""`signalbook decisions`: what was decided in a replay, as a list or one message with its whole trace."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from engine.app.as_example import example_text
from engine.app.contract_text import price_text
from engine.app.earlier import rests_on
from engine.app.json_form import json_form
from engine.cli.alert_table import alert_table
from engine.cli.gate_table import gate_table, verdict_line
from engine.cli.group import CommandFailed
from engine.cli.homes import command_there, log_of
from engine.cli.loading import did_you_mean, loaded_playbooks
from engine.cli.options import DEFAULT_PLAYBOOKS, HomeOption, JsonFlag, LiveFlag, PlaybooksOption
from engine.cli.screen import err, out, print_json, visible
from engine.cli.summary_tables import shortened
from engine.journal.queries import NameColumn, RunLog, open_runs
from engine.journal.run_rows import ChatterRow, DecisionFilter, DecisionRow
from engine.journal.trade_answers import TradeRow
from engine.model.decision import Decision, Reason, Verdict
from engine.model.playbook import Playbook

_MARKS = {"approved": "green", "denied": "red", "ignored": "dim"}
_REFUSED = "refused"
_MOST_NAMED = 20
_PLAYBOOK: tuple[NameColumn, ...] = ("playbook",)
_Orders = Mapping[tuple[str, int], TradeRow]  # by decision and alert
_AUTHOR: tuple[NameColumn, ...] = ("author_name", "author_id")


def decisions(  # noqa: PLR0913 - one argument for each option
    wanted: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A message's id, or a decision's: show it with its trace.")
    ] = None,
    database: Annotated[Path | None, typer.Option("--db", help="The DuckDB file.")] = None,
    home: HomeOption = None,
    run: Annotated[int | None, typer.Option(help="The run's number; the newest finished one when left out.")] = None,
    playbook: Annotated[str | None, typer.Option(help="Only of this playbook.")] = None,
    author: Annotated[str | None, typer.Option(help="Only of this author: name or id.")] = None,
    verdict: Annotated[str | None, typer.Option(help="Only approved, denied (or: refused) or ignored.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with this reason, or this code of a rule.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only of this symbol.")] = None,
    text: Annotated[str | None, typer.Option(help="Only messages that hold this text.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    *,
    missed: Annotated[bool, typer.Option("--missed", help="Only what looks like an order but was refused.")] = False,
    is_live: LiveFlag = False,
    chatter: Annotated[bool, typer.Option("--chatter", help="Also what was ignored as no alert.")] = False,
    as_example: Annotated[
        bool, typer.Option("--as-example", help="Write the message as a YAML example, ready to paste.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    List what a replay or a feed decided, newest first, or show one message with every gate's answer.

    Examples: signalbook decisions --missed · signalbook decisions 1105872609649623040 --as-example
    """
    if as_example and wanted is None:
        raise typer.BadParameter("say which message: signalbook decisions ID --as-example", param_hint="--as-example")
    verdict = Verdict.DENIED if verdict == _REFUSED else verdict
    narrowed = DecisionFilter(playbook, author, verdict, reason, symbol, text, missed, chatter, limit)
    with open_runs(log_of(home, database, is_live=is_live)) as log:
        number = log.run(run).run_id
        if wanted is None:
            _check_choices(narrowed, log, number)
            rows = log.decisions(number, narrowed)
            words = "decisions ID" if run is None else f"decisions ID --run {run}"
            _list(rows, log, command_there(words, home, database, is_live=is_live), is_json=as_json)
            return
        found = _found(log, number, wanted)
        if as_example:
            _show_examples(found, loaded_playbooks(playbooks), log, number)
        elif as_json:
            print_json([json_form(each) for each in found])
        else:
            _show_all(found, log, command_there(f"trace {found[0].message_id}", home, database))


def _found(log: RunLog, number: int, wanted: str) -> tuple[Decision | ChatterRow, ...]:
    found = log.decision(number, wanted)
    if not found:
        remedy = "signalbook decisions lists them; ids of ignored messages are shown with --chatter"
        raise CommandFailed("decision_not_found", f"run {number} holds no message or decision {wanted}", remedy)
    return found


def _orders(log: RunLog, decisions: Sequence[str]) -> _Orders:
    trades = log.trading.trades_of([decision for decision in decisions if decision])
    return {(trade.decision_id, trade.alert_index): trade for trade in trades}


def _list(rows: tuple[DecisionRow, ...], log: RunLog, further: str, *, is_json: bool) -> None:
    orders = _orders(log, [row.decision_id for row in rows])
    if is_json:
        print_json([_row_json(row, orders) for row in rows])
        return
    table = Table(show_edge=False, pad_edge=False)
    for column in ("message", "posted (UTC)", "playbook", "author", "verdict", *(["order"] if orders else []), "text"):
        table.add_column(column, overflow="fold")
    for row in rows:
        style = _MARKS.get(row.verdict, "")
        told = row.verdict if row.verdict == "approved" else f"{row.verdict} {row.rule or row.reason}"
        author, posted = visible(row.author_name), f"{row.posted_at:%Y-%m-%d %H:%M:%S}"
        trade = orders.get((row.decision_id, row.alert_index))
        order = [_order_text(trade) if trade else ""] if orders else []
        table.add_row(row.message_id, posted, row.playbook, author, Text(told, style), *order, shortened(row.text))
    out().print(table)
    err().print(f"{len(rows)} shown; {further} shows one with its trace", style="dim", soft_wrap=True)


def _row_json(row: DecisionRow, orders: _Orders) -> object:
    form, trade = json_form(row), orders.get((row.decision_id, row.alert_index))
    return {**form, "order": json_form(trade)} if trade and isinstance(form, dict) else form


def _order_text(trade: TradeRow) -> str:
    filled = f" {trade.filled}/{trade.units}" if trade.filled else ""
    average = f" @ {price_text(trade.average_price)}" if trade.average_price is not None else ""
    return f"{trade.state.replace('_', ' ')}{filled}{average}"


def _show_all(found: tuple[Decision | ChatterRow, ...], log: RunLog, trace: str) -> None:
    orders = _orders(log, [each.decision_id for each in found if isinstance(each, Decision)])
    for each in found:
        if isinstance(each, Decision):
            _show(each, orders, trace)
        else:
            told = f"{each.playbook} ignored message {each.message_id} of {visible(each.author_name)}: {each.reason}"
            out().print(f"{told}; the text of chatter is not kept", soft_wrap=True)


def _show(decision: Decision, orders: _Orders, trace: str) -> None:
    screen = out()
    event = "" if decision.event == 1 else f", event {decision.event}"
    head = f"message {decision.message_id}{event} of {visible(decision.author_name)} ({decision.author_id})"
    screen.print(Text(head, "bold"), soft_wrap=True)
    screen.print(f"posted {decision.at:%Y-%m-%d %H:%M:%SZ}, judged {decision.now:%Y-%m-%d %H:%M:%SZ}", soft_wrap=True)
    screen.print(f"{decision.playbook} {decision.content_hash}, decision {decision.decision_id}", soft_wrap=True)
    if decision.assumed:
        screen.print(f"assumed: {', '.join(decision.assumed)}", soft_wrap=True)
    screen.print()
    screen.print(visible(decision.text), soft_wrap=True)
    for outcome in decision.outcomes:
        screen.print()
        screen.print(verdict_line(outcome), soft_wrap=True)
        if trade := orders.get((decision.decision_id, outcome.index)):
            screen.print(f"order: {_order_text(trade)}; {trace} shows its way", soft_wrap=True)
        if outcome.alert is not None:
            screen.print(alert_table(outcome.alert, ""))
        screen.print()
        screen.print(gate_table(outcome.gates))
    screen.print()


def _show_examples(
    found: tuple[Decision | ChatterRow, ...], playbooks: Mapping[str, Playbook], log: RunLog, run_id: int
) -> None:
    whole = [each for each in found if isinstance(each, Decision)]
    if not whole:
        raise CommandFailed("text_not_kept", "the text of chatter is not kept", "take the text from the archive")
    for decision in whole:
        playbook = playbooks.get(decision.playbook)
        earlier = rests_on(decision, log, run_id, playbook) if playbook else ()
        out().print(example_text(decision, _name_of(decision, playbook), earlier), soft_wrap=True, end="")


def _name_of(decision: Decision, playbook: Playbook | None) -> str:
    """The author's name in the playbook, or as posted."""
    authors = playbook.listen.authors if playbook else ()
    return next((author.name for author in authors if author.id == decision.author_id), decision.author_name)


def _check_choices(narrowed: DecisionFilter, log: RunLog, run_id: int) -> None:
    """A name that is nowhere in the run is a typing mistake, not an empty list."""
    if narrowed.verdict is not None and narrowed.verdict not in tuple(Verdict):
        raise _wrong("--verdict", narrowed.verdict, [*Verdict, _REFUSED])
    codes = [*Reason, *log.names(run_id, "rule")] if narrowed.reason is not None else []
    if narrowed.reason is not None and narrowed.reason not in codes:
        raise _wrong("--reason", narrowed.reason, codes)
    for what, given, columns in (("playbook", narrowed.playbook, _PLAYBOOK), ("author", narrowed.author, _AUTHOR)):
        known = [name for column in columns for name in log.names(run_id, column)] if given is not None else []
        if given is not None and given.casefold() not in map(str.casefold, known):
            sentence = f"run {run_id} holds no {what} {given}{did_you_mean(given, known)}"
            shown = ", ".join(map(visible, known[:_MOST_NAMED])) or "none"
            raise CommandFailed("not_in_run", sentence, f"those there are: {shown}")


def _wrong(option: str, given: str, known: Sequence[str]) -> typer.BadParameter:
    hint = did_you_mean(given, known) or (f"; one of {', '.join(known)}" if len(known) < _MOST_NAMED else "")
    return typer.BadParameter(f"there is no {given!r}{hint or '; docs/reasons.md lists them'}", param_hint=option)
