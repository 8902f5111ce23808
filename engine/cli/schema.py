"""`signalbook schema`: the JSON Schemas that editors complete and check YAML with."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.files import write_whole
from engine.cli.options import JsonFlag
from engine.cli.screen import out, print_json
from engine.playbook.schema_bundle import bundled_schema


class SchemaName(StrEnum):
    """A kind of file that has a schema."""

    PLAYBOOK = "playbook"
    DESK = "desk"
    LIBRARY = "library"
    EXPECT = "expect"


def schema(
    name: Annotated[SchemaName, typer.Argument(help="Which kind of file.")] = SchemaName.PLAYBOOK,
    file: Annotated[Path | None, typer.Option("--out", help="Write it to this file instead of stdout.")] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Print the JSON Schema of playbooks, desks, libraries or expectations, with all they refer to.

    Example: signalbook schema playbook --out playbook.schema.json
    """
    document = bundled_schema(name.value)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if file is not None:
        write_whole(file, text, replaces=True)
        out().print(f"wrote {file}", soft_wrap=True)
    elif as_json:
        print_json(document)
    else:
        out().print(text, end="", soft_wrap=True)
