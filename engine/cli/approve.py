"""`signalbook approve`: a person's yes to an opening."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from engine.app.control_client import ControlClient
from engine.cli.homes import existing_home
from engine.cli.options import HomeOption, JsonFlag
from engine.cli.screen import out, print_json, visible

_ENOUGH: Final = 8
"""Digits of an id that tell it from others, and can be typed."""


def approve(
    order: Annotated[str, typer.Argument(metavar="[ID]", help="Of the order, or a beginning no other has.")] = "",
    by: Annotated[str, typer.Option(help="Who says yes: a name of the desk, and never the alert's author.")] = "",
    home: HomeOption = None,
    *,
    lists: Annotated[bool, typer.Option("--list", help="Show the orders that wait.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Approve an order that waits for a person, or list those that wait.

    Needs the running engine, which checks who may, and whether there is still time.

    Example: signalbook approve 3f9a --by dave
    """
    if lists is bool(order):
        raise typer.BadParameter("name an order, or --list")
    if order and not by:
        raise typer.BadParameter("--by NAME: say who approves it")
    client = ControlClient(existing_home(home).control)
    if lists:
        answer = client.ask("waiting")
        _show(answer, is_json=as_json)
        return
    said(client.ask("approve", id=order, by=by), f"approved by {by}", is_json=as_json)


def said(answer: dict[str, Any], sentence: str, *, is_json: bool) -> None:
    """Print the engine's answer to a yes or a no."""
    if is_json:
        print_json(answer)
    else:
        out().print(visible(f"{answer.get('id', '')} {sentence}".strip()), soft_wrap=True)


def _show(answer: dict[str, Any], *, is_json: bool) -> None:
    if is_json:
        print_json(answer)
        return
    orders = answer.get("waiting", [])
    out().print(_waiting_table(orders) if orders else "no order waits for a person")


def _waiting_table(orders: Iterable[dict[str, Any]]) -> Table:
    """Return a table of orders that wait for a person (see ControlHandler.waiting)."""
    table = Table(show_edge=False, pad_edge=False)
    for column in ("id", "playbook", "author", "alert", "order", "risk", "why", "who may", "until"):
        table.add_column(column, overflow="fold")
    for order in orders:
        price = f" @ {order['price']}" if order["price"] else ""
        cells = (
            str(order["id"])[:_ENOUGH],
            *(str(order[name]) for name in ("playbook", "author", "alert")),
            f"{order['what']}{price}",
            f"${Decimal(order['risk']):,.2f}",
            str(order["why"]),
            ", ".join(order["by"]),
            _time(order["until"]),
        )
        table.add_row(*map(visible, cells))
    return table


def _time(text: str) -> str:
    """Return a time of the engine's as people read it, to the second."""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%H:%M:%S} UTC" if text else ""
