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


def read_lines(reader: Reader, lines: Iterable[bytes], output: TextIO, now: datetime) -> ExitCode:
    """
    Read {"text", "at"} lines and write what each says, in the short shape of `alert_json`.

    now: the time of lines without "at". A line that cannot be read is answered by a refusal with
    the code "bad_line", and the whole ends with status 1.
    """
    code = ExitCode.DONE
    for line in lines:
        reading = _reading(reader, line, now)
        if reading.refusal is not None and reading.refusal.code == BAD_LINE:
            code = ExitCode.FINDINGS
        output.write(json.dumps(reading_json(reading)) + "\n")
    output.flush()
    return code


def message_of(text: str, at: datetime) -> Message:
    """Return a message that says this text; who posted it and where plays no part in reading."""
    return Message(id="0", channel_id="0", author=Author("0", ""), at=at, content=text)


def _reading(reader: Reader, line: bytes, now: datetime) -> Reading:
    try:
        row = json.loads(line)
        text, at = row["text"], row.get("at")
        moment = now if at is None else read_at(at)
    except (ValueError, LookupError, TypeError, AttributeError, typer.BadParameter) as error:
        return Reading(refusal=Refusal(BAD_LINE, f"is not a JSON object with text and at: {error}"))
    if not isinstance(text, str):
        return Reading(refusal=Refusal(BAD_LINE, "text is not a text"))
    return reader.read(message_of(text, moment))
