"""`signalbook orders`: what was sent, or was to be, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from engine.app.contract_text import price_text, short_legs
from engine.app.json_form import json_form
from engine.cli.arguments import read_at
from engine.cli.group import CommandFailed
from engine.cli.homes import command_there, existing_home
from engine.cli.loading import did_you_mean
from engine.cli.options import HomeOption, JsonFlag
from engine.cli.screen import err, out, print_json, visible
from engine.journal.live_queries import readable
from engine.journal.trade_answers import OrderFilter, OrderRow
from engine.journal.trade_queries import TradeQueries
from engine.lifecycle.states import OPEN, PENDING, State
from engine.model.order import PriceEffect
from engine.plan.entries import Role

_STYLES = {
    **dict.fromkeys(OPEN, "cyan"),
    **dict.fromkeys(PENDING, "yellow"),
    State.FILLED: "green",
    State.UNKNOWN: "bold yellow",
    State.REJECTED: "bold red",
    State.CANCELLED: "dim",
    State.EXPIRED: "dim",
    State.UNSENT: "red",
    State.ABSENT: "red",
}


def _read_state(text: str) -> str:
    if text not in tuple(State):
        raise typer.BadParameter(f"there is no state {text!r}{did_you_mean(text, tuple(State))}; see docs/lifecycle.md")
    return text


def orders(  # noqa: PLR0913 - one argument for each option
    database: Annotated[Path | None, typer.Option("--db", help="The DuckDB file made of the journal.")] = None,
    home: HomeOption = None,
    account: Annotated[str | None, typer.Option(help="Only of this account, by its alias.")] = None,
    playbook: Annotated[str | None, typer.Option(help="Only of this playbook.")] = None,
    state: Annotated[
        str | None, typer.Option(parser=_read_state, metavar="STATE", help="Only in this state: docs/lifecycle.md.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(parser=read_at, metavar="TIME", help="Only those planned from then on.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    *,
    is_open: Annotated[bool, typer.Option("--open", help="Only those that have not come to their end.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    List orders, newest first, those of the sandbox too, with what became of each.

    Works while the engine runs. Examples: signalbook orders --open · signalbook orders --account main --state unknown
    """
    wanted = OrderFilter(account, playbook, state, since, is_open, limit)
    with readable(database or existing_home(home).live) as rows:
        queries = TradeQueries(rows)
        _check_names(queries, wanted)
        found = queries.orders(wanted)
    if as_json:
        print_json([json_form(row) for row in found])
    else:
        _show(found, command_there("trace MESSAGE", home, database))


def _show(rows: Sequence[OrderRow], further: str) -> None:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("planned (UTC)", no_wrap=True)
    for column in ("account", "playbook", "order"):
        table.add_column(column, overflow="fold")
    table.add_column("filled", justify="right", no_wrap=True)
    for column in ("state", "message"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(
            f"{row.planned_at:%m-%d %H:%M:%S}",
            row.account if row.role == Role.TRADE else f"{row.account} {row.role}",
            row.playbook,
            _order(row),
            _filled(row),
            Text(row.state.replace("_", " "), _STYLES.get(State(row.state), "")),
            row.message_id,
        )
    out().print(table)
    is_open = sum(not State(row.state).is_over for row in rows)
    told = f"{len(rows)} shown, {is_open} of them open; {further} shows the way of one"
    err().print(told, style="dim", soft_wrap=True)


def _filled(row: OrderRow) -> str:
    at = "" if row.average_price is None else f" @ {price_text(row.average_price)}"
    return f"{row.filled}/{row.units}{at}"


def _order(row: OrderRow) -> Text:
    """A line for each leg, the price behind the last, and why it is where it is below."""
    legs = "\n".join(short_legs((leg,)) for leg in row.legs)
    price = f" @ {price_text(row.price)}{' credit' if row.effect == PriceEffect.CREDIT else ''}"
    return Text.assemble(legs, price, (f"\n{visible(row.why)}" if row.why else "", "dim"))


def _check_names(queries: TradeQueries, wanted: OrderFilter) -> None:
    """A name that no order bears is a typing mistake, not an empty list."""
    for what, given in (("account", wanted.account), ("playbook", wanted.playbook)):
        known = queries.names(what) if given is not None else ()
        if given is not None and given not in known:
            sentence = f"there are no orders of {what} {given}{did_you_mean(given, known)}"
            raise CommandFailed("not_in_orders", sentence, f"those there are: {', '.join(known) or 'none'}")
