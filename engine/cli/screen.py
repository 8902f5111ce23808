"""Where output goes: results to stdout, errors and progress to stderr, JSON without colour."""

import json
from pathlib import Path

from rich.console import Console

from engine.model.source import Span

_WIDTH_OF_FILES = 120
_MOST_SHOWN = 200


def out() -> Console:
    """Return the console of stdout; text is shown as it is, never read as markup."""
    return _console(to_stderr=False)


def err() -> Console:
    """Return the console of stderr."""
    return _console(to_stderr=True)


def print_json(value: object) -> None:
    """Print one JSON document on one line of stdout."""
    out().print(json.dumps(value), soft_wrap=True)


def visible(text: str) -> str:
    """
    Return a text a terminal cannot act on, character for character as long as before.

    Control characters become their pictures; marks that reorder text, and what is not text, a
    replacement character.

    >>> visible("BTO" + chr(27) + "[2J")
    'BTO␛[2J'
    """
    return "".join(_picture(character) for character in text)


def beginning(text: str) -> str:
    """Return the first characters of a text, with "…" where more follow."""
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


def place_of(span: Span | None) -> str:
    """Return "file:line:column", the file relative to the working folder where it lies below it; "" for None."""
    if span is None:
        return ""
    path = Path(span.file)
    is_below = path.is_absolute() and path.is_relative_to(Path.cwd())
    shown = path.relative_to(Path.cwd()).as_posix() if is_below else span.file
    return f"{shown}:{span.line}:{span.column}"


def _picture(character: str) -> str:
    code = ord(character)
    if character in "\n\t" or 32 <= code < 127:
        return character
    if code < 32:
        return chr(0x2400 + code)
    if 127 <= code < 160 or 0xD800 <= code < 0xE000 or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069:
        return "\ufffd"
    return character


def _console(*, to_stderr: bool) -> Console:
    console = Console(stderr=to_stderr, markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_FILES)
    return console
