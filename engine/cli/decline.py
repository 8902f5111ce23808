"""`signalbook decline`: a person's no to an opening."""

from typing import Annotated

import typer

from engine.app.control_client import ControlClient
from engine.cli.approve import said
from engine.cli.homes import existing_home
from engine.cli.options import HomeOption, JsonFlag


def decline(
    order: Annotated[str, typer.Argument(metavar="ID", help="Of the order, or a beginning no other has.")],
    by: Annotated[str, typer.Option(help="Who says no: a name of the desk.")],
    why: Annotated[str, typer.Option(help="The reason, kept in the journal.")],
    home: HomeOption = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Decline an order that waits for a person; nothing is sent for it.

    Example: signalbook decline 3f9a --by dave --why "too late"
    """
    answer = ControlClient(existing_home(home).control).ask("decline", id=order, by=by, why=why)
    said(answer, f"declined by {by}: {why}", is_json=as_json)
