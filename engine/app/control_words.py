"""What a second process and the running engine say to each other: JSON, one line each way."""

import json
from collections.abc import Mapping
from typing import Any, Final

from engine.model.errors import CodedError

PROTOCOL: Final = 1
LONGEST_LINE: Final = 4 * 1024 * 1024
Answer = Mapping[str, object]
"""What JSON can hold."""


class ControlError(CodedError):
    """The engine was not asked, or did not do what it was asked for."""


class EngineNotRunning(ControlError):
    """No engine runs on this folder: nothing was done."""


class EngineHung(ControlError):
    """An engine is there and does not answer: what was asked may have been done or not."""


class ControlRefused(ControlError):
    """The engine answered, and did nothing."""


class BadRequest(ControlError):
    """A request that is none."""

    def __init__(self, why: str) -> None:
        super().__init__("bad_request", why, "use the same version of signalbook on both sides")


def line_of(row: Answer) -> bytes:
    """Return a request or an answer as a line."""
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def row_of(line: bytes) -> dict[str, Any]:
    """Return the object a line holds. Raises: BadRequest."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRequest("the line is no JSON") from error
    if not isinstance(row, dict):
        raise BadRequest("the line is no object")
    return row


def text_in(row: Mapping[str, object], name: str) -> str:
    """Return a text a request must have. Raises: BadRequest."""
    value = row.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"{name!r} is missing, or no text")
    return value
