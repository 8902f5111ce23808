"""What the parts of a condition compute: typed closures, exact arithmetic, filters."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from jinja2 import nodes

from engine.model.rule import RuleName, ValueKind

Values = Mapping[str, object]
Run = Callable[[Values], object]

ARITHMETIC: Final = Context(prec=28)
_NUMBER, _TEXT, _YES_NO = ValueKind.NUMBER, ValueKind.TEXT, ValueKind.YES_NO
SUMS: Final[Mapping[type[nodes.Expr], tuple[str, Callable[[Decimal, Decimal], Decimal]]]] = {
    nodes.Add: ("+", ARITHMETIC.add),
    nodes.Sub: ("-", ARITHMETIC.subtract),
    nodes.Mul: ("*", ARITHMETIC.multiply),
    nodes.Div: ("/", ARITHMETIC.divide),
}
ORDER: Final[Mapping[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "eq": ("==", operator.eq),
    "ne": ("!=", operator.ne),
    "lt": ("<", operator.lt),
    "lteq": ("<=", operator.le),
    "gt": (">", operator.gt),
    "gteq": (">=", operator.ge),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A part of a condition. kind: None when an issue already says what is wrong with it."""

    kind: ValueKind | None
    run: Run
    name: RuleName | None = None
    constant: object = None


BROKEN: Final = Typed(None, lambda values: None)


def decimal_of(value: object) -> Decimal:
    """
    Return a number of an alert as Decimal.

    Raises: TypeError when it is not a number: the names of conditions and their values disagree.
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    raise TypeError(f"{value!r} is not a number")


def is_date(value: object) -> bool:
    """Return whether a constant is a text that reads as a date."""
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def as_dates(typed: Typed, other: Typed) -> Typed:
    """Return a text beside a date as a date; everything else as it is."""
    if other.kind is ValueKind.DATE and isinstance(typed.constant, str) and is_date(typed.constant):
        day = date.fromisoformat(typed.constant)
        return Typed(ValueKind.DATE, lambda values: day)
    return typed


def _round(value: object, digits: int) -> Decimal:
    return decimal_of(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, ARITHMETIC)


FILTERS: Final[Mapping[str, tuple[tuple[ValueKind, ...], ValueKind, Callable[[object, int], object]]]] = {
    "abs": ((_NUMBER,), _NUMBER, lambda value, _: abs(decimal_of(value))),
    "round": ((_NUMBER,), _NUMBER, _round),
    "lower": ((_TEXT,), _TEXT, lambda value, _: str(value).lower()),
    "upper": ((_TEXT,), _TEXT, lambda value, _: str(value).upper()),
    "length": (
        (_TEXT, ValueKind.TEXTS),
        _NUMBER,
        lambda value, _: Decimal(len(value)),  # type: ignore[arg-type]
    ),
}
