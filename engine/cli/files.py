"""Files the command writes: whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from engine.cli.group import CommandFailed


def write_whole(file: Path, text: str, *, replaces: bool) -> None:
    """
    Write a file through a temporary one beside it, so that nobody sees half of it.

    replaces: whether a file that is there already may be replaced.
    Raises: CommandFailed; the file is then as it was.
    """
    if not replaces and file.exists():
        raise CommandFailed("file_exists", f"{file} is there already", "choose another name, or remove the file first")
    beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        remedy = "check that the folder exists and may be written to"
        raise CommandFailed("cannot_write", f"{file} cannot be written: {error.strerror}", remedy) from error
