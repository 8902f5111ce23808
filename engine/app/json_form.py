"""Any frozen value of the engine as JSON, every field present, for programs that read `--json`."""

from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.model.source import Span

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


def json_form(value: object) -> Json:
    """
    Return a value as what JSON can hold.

    Shape: a dataclass is an object with all its fields; decimals are texts in plain digits, times
    ISO texts, durations texts in seconds, spans "file:line:column".
    Raises: TypeError for a value of any other kind.
    """
    if value is None or type(value) in (str, int, bool):
        return value  # type: ignore[return-value]
    if isinstance(value, tuple | list | frozenset):
        return [json_form(item) for item in (sorted(value) if isinstance(value, frozenset) else value)]
    if isinstance(value, Span):
        return str(value)
    if is_dataclass(value):
        return {field.name: json_form(getattr(value, field.name)) for field in fields(value)}
    return _scalar(value)


def decimal_text(value: Decimal | None) -> str | None:
    """
    Return a number in plain digits, never with an exponent.

    >>> decimal_text(Decimal("7E+3"))
    '7000'
    """
    return None if value is None else format(value, "f")


def _scalar(value: Any) -> Json:  # noqa: ANN401
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
