"""`signalbook new`: a starter playbook that passes `signalbook check`."""

import re
import shlex
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.files import write_whole
from engine.cli.options import DEFAULT_PLAYBOOKS, JsonFlag
from engine.cli.screen import out, print_json

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RESERVED = frozenset({"desk"})


def starter_text(name: str) -> str:
    """Return the text of a new playbook of this name."""
    return resources.files("engine.cli").joinpath("starter.yaml").read_text(encoding="utf-8").replace("STARTER", name)


def new(
    name: Annotated[str, typer.Argument(help="The playbook's name: small letters, digits, - and _.")],
    folder: Annotated[Path, typer.Option("--in", help="The folder to write it to.")] = DEFAULT_PLAYBOOKS,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Write a starter playbook to NAME.yaml; an existing file is never overwritten.

    Example: signalbook new momentum-options
    """
    if not _NAME.fullmatch(name):
        sentence = "use small letters, digits, - and _, beginning with a letter or digit"
        raise typer.BadParameter(sentence, param_hint="NAME")
    if name in _RESERVED:
        raise typer.BadParameter(f"{name!r} names the file of the {name}, not a playbook", param_hint="NAME")
    if folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is a file; name a folder", param_hint="--in")
    file = folder / f"{name}.yaml"
    write_whole(file, starter_text(name), replaces=False)
    if as_json:
        print_json({"file": str(file)})
        return
    out().print(f"wrote {file}", soft_wrap=True)
    command = "signalbook check" if folder == DEFAULT_PLAYBOOKS else f"signalbook check {shlex.quote(str(folder))}"
    out().print(f"next: put in your channel and author ids, then run: {command}", soft_wrap=True)
