"""`signalbook decline`: a person's no to an opening."""

from dataclasses import replace
from typing import Annotated

import typer

from engine.app.control_client import ControlClient
from engine.app.settings import settings
from engine.cli.approve import said
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
    places = settings() if home is None else replace(settings(), home=home)
    answer = ControlClient(places.control).ask("decline", id=order, by=by, why=why)
    said(answer, f"declined by {by}: {why}", is_json=as_json)
