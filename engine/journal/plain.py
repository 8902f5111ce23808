"""Frozen values as what JSON can hold, and back, exactly."""

import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, cast, get_args, get_origin, get_type_hints

Plain = dict[str, "Plain"] | list["Plain"] | str | int | bool | None
T = TypeVar("T")
_AS_THEY_ARE: Final = frozenset({str, int, bool, NoneType})
_AS_TEXT: Final = (StrEnum, Decimal, date)
json_text: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_text(value: object) -> str:
    """
    Return a value, or a tuple of values, as JSON text.

    Shape: a dataclass is an object without the fields that are at their default; decimals and
    dates are texts.
    """
    return json_text(plain(value))


def plain(value: Any) -> Plain:  # noqa: ANN401
    """Return a value made of dataclasses, tuples, decimals, dates and enums as JSON would hold it."""
    kind: Any = type(value)
    if kind in _AS_THEY_ARE:
        return cast("Plain", value)
    if kind is tuple:
        return [plain(item) for item in value]
    if isinstance(value, _AS_TEXT):
        return str(value)
    return plain_fields(value)


def plain_fields(value: Any) -> dict[str, Plain]:  # noqa: ANN401
    """Return the fields of a dataclass that are not at their default, by name."""
    kind: Any = type(value)
    return {name: plain(item) for name, default in _fields(kind) if (item := getattr(value, name)) != default}


def from_text(kind: type[T], text: str) -> T:
    """Return the value of a type that `as_text` wrote."""
    made: T = _made(kind, json.loads(text))
    return made


def tuple_from_text(kind: type[T], text: str) -> tuple[T, ...]:
    """Return the tuple of values of a type that `as_text` wrote."""
    return tuple(_made(kind, item) for item in json.loads(text))


# The type of a field, and JSON: both are whatever they are.
def _made(kind: Any, value: Any) -> Any:  # noqa: ANN401
    if get_origin(kind) is UnionType:
        return None if value is None else _made(_only_choice(kind), value)
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        return _made_dataclass(kind, value)
    if kind is date:
        return date.fromisoformat(value)
    return kind(value)


def _made_dataclass(kind: Any, value: dict[str, Any]) -> Any:  # noqa: ANN401
    hints = _hints(kind)
    return kind(**{name: _made(hints[name], item) for name, item in value.items()})


def _only_choice(union: Any) -> Any:  # noqa: ANN401
    (choice,) = (choice for choice in get_args(union) if choice is not NoneType)
    return choice


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@lru_cache
def _fields(kind: Any) -> tuple[tuple[str, object], ...]:  # noqa: ANN401
    return tuple((field.name, field.default) for field in fields(kind))
