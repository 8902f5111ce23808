"""How `--assume` is read: what a replay or feed takes for granted."""

from collections.abc import Sequence
from typing import Annotated

import typer

from engine.replay.assumptions import Assumptions, assumptions_of

AssumeOption = Annotated[
    list[str] | None,
    typer.Option("--assume", metavar="NAME=VALUE", help="What an archive cannot say: net_liq=25000; or nothing."),
]


def read_assumptions(written: Sequence[str]) -> Assumptions:
    """
    Return what `--assume` says, beginning with the usual.

    Raises: typer.BadParameter.
    """
    try:
        return assumptions_of(written)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--assume") from error
