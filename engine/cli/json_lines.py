"""Messages and readings as JSON lines: one line out for each line in, whatever it holds."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TextIO

import typer

from engine.app.alert_json import reading_json
from engine.cli.arguments import read_at
from engine.cli.exit_code import ExitCode
from engine.model.alert import Reading, Refusal
from engine.model.message import Author, Message
from engine.parse.reader import Reader

BAD_LINE: Final = "bad_line"


class _BadLine(Exception):
    """Why a line holds no message."""


def read_lines(reader: Reader, lines: Iterable[bytes], output: TextIO, now: datetime) -> ExitCode:
    """
    Read {"text", "at"} lines and write what each says, in the short shape of `alert_json`.

    now: the time of lines without "at" (or with null). A line that cannot be read is answered by a refusal with
    the code "bad_line", and the whole ends with status 1.
    """
    code = ExitCode.DONE
    for number, line in enumerate(lines, 1):
        try:
            reading = reader.read(_message(line, now))
        except _BadLine as error:
            reading = Reading(refusal=Refusal(BAD_LINE, f"line {number}: {error}"))
            code = ExitCode.FINDINGS
        output.write(json.dumps(reading_json(reading)) + "\n")
    output.flush()
    return code


def message_of(text: str, at: datetime) -> Message:
    """Return a message that says this text; who posted it and where plays no part in reading."""
    return Message(id="0", channel_id="0", author=Author("0", ""), at=at, content=text)


def _message(line: bytes, now: datetime) -> Message:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _BadLine("not JSON") from error
    if not isinstance(row, dict):
        raise _BadLine('not an object such as {"text": "…", "at": "…"}')
    if "text" not in row:
        raise _BadLine("'text' is missing")
    text, at = row["text"], row.get("at")
    if not isinstance(text, str):
        raise _BadLine("'text' is not a text")
    if at is None:
        return message_of(text, now)
    if not isinstance(at, str):
        raise _BadLine("'at' is not a text")
    try:
        return message_of(text, read_at(at))
    except typer.BadParameter as error:
        raise _BadLine(f"'at': {error}") from error
