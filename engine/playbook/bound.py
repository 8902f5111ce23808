"""What a YAML text means once a schema has given its scalars their types."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from engine.model.source import Span


@dataclass(frozen=True, slots=True)
class Amount:
    """
    Dollars per share, or a share of something.

    number: dollars, or with is_share the share itself (0.1 is 10 %).
    """

    number: Decimal
    is_share: bool


BoundScalar = (
    str | int | bool | Decimal | timedelta | time | date | datetime | Amount | tuple[int, int] | tuple[str, timedelta]
)
BoundValue: TypeAlias = "BoundScalar | dict[str, Bound] | tuple[Bound, ...]"


@dataclass(frozen=True, slots=True)
class Bound:
    """
    One value of a file, typed, and where it stands.

    value: a scalar by its place in the schema; a dict by key, in file order; a tuple of items.
    span: of the value. key_span: of its key; None for items of a list and for the whole file.
    is_whole: False when something in it was wrong and is left out; do not compile such a value.
    """

    value: BoundValue
    span: Span
    key_span: Span | None = None
    is_whole: bool = True
