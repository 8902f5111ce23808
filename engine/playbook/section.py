"""A mapping of a checked file, read key by key into plain values; the schema has vouched for every type."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from engine.model.errors import InvariantBroken
from engine.model.reading import Source
from engine.model.source import Span
from engine.playbook.bound import Amount, Bound

Choice = TypeVar("Choice", bound=StrEnum)
Kind = TypeVar("Kind")


def value_as(bound: Bound, kind: type[Kind]) -> Kind:
    """
    Return a bound value, known to be of this type.

    Raises: InvariantBroken when the schema let another type through.
    """
    if not isinstance(bound.value, kind):
        raise InvariantBroken(f"{bound.span}: the schema let {bound.value!r} through where {kind.__name__} is read")
    return bound.value


def texts_of(bound: Bound) -> tuple[str, ...]:
    """Return a list of texts."""
    return tuple(value_as(item, str) for item in value_as(bound, tuple))


def amount_of(bound: Bound) -> tuple[Decimal | None, Decimal | None]:
    """Return an amount as (dollars, share of 1), one of which is None."""
    amount = value_as(bound, Amount)
    return (None, amount.number) if amount.is_share else (amount.number, None)


def source_of(bound: Bound) -> Source:
    """Return a text with where it stands."""
    return Source(value_as(bound, str), bound.span)


class Section:
    """
    One mapping, or the absence of one, which reads as empty.

    span: of the mapping; of what surrounds it when it is absent.
    """

    def __init__(self, bound: Bound | None, surroundings: Span) -> None:
        self.is_written = bound is not None
        self.span = bound.span if bound else surroundings
        self._values: dict[str, Bound] = value_as(bound, dict) if bound else {}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> Bound | None:
        """Return what stands at a key, None when nothing does."""
        return self._values.get(key)

    def entries(self) -> Iterator[tuple[str, Bound]]:
        """Return every key with its value, in file order."""
        return iter(self._values.items())

    def at(self, *path: str) -> Span:
        """Return where the value at a path of keys stands; the innermost that is written when it is absent."""
        section = self
        for key in path[:-1]:
            section = section.section(key)
        return section.span_of(path[-1])

    def section(self, key: str) -> "Section":
        """Return the mapping at a key."""
        return Section(self._values.get(key), self.span)

    def sections(self, key: str) -> tuple["Section", ...]:
        """Return the list of mappings at a key."""
        return tuple(Section(item, self.span) for item in self.items(key))

    def items(self, key: str) -> tuple[Bound, ...]:
        """Return the list at a key, empty when it is absent."""
        bound = self._values.get(key)
        return value_as(bound, tuple) if bound else ()

    def by_key(self) -> tuple[tuple[str, Bound], ...]:
        """Return every key with its value, sorted by key: the order keys are written in means nothing."""
        return tuple(sorted(self._values.items(), key=lambda entry: entry[0]))

    def span_of(self, key: str) -> Span:
        """Return where the value of a key stands; the section when it is absent."""
        bound = self._values.get(key)
        return bound.span if bound else self.span

    def key_span(self, key: str) -> Span:
        """Return where a key itself stands; the section when it is absent."""
        bound = self._values.get(key)
        return (bound.key_span or bound.span) if bound else self.span

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        return self._read(key, str) if key in self else default

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when it is absent."""
        bound = self._values.get(key)
        return texts_of(bound) if bound else ()

    def source(self, key: str) -> Source | None:
        """Return a text with where it stands; None when it is absent."""
        bound = self._values.get(key)
        return source_of(bound) if bound else None

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a yes or no."""
        return self._read(key, bool) if key in self else default

    def choice(self, key: str, default: Choice) -> Choice:
        """Return one of the choices that `default` is one of."""
        return type(default)(self._read(key, str)) if key in self else default

    def count(self, key: str, default: int) -> int:
        """Return a whole number."""
        return self._read(key, int) if key in self else default

    def count_if_written(self, key: str) -> int | None:
        """Return a whole number; None when it is absent."""
        return self._read(key, int) if key in self else None

    def amount(self, key: str, default: Decimal) -> Decimal:
        """Return dollars, or a percentage as a share of 1."""
        return self._read(key, Decimal) if key in self else default

    def amount_if_written(self, key: str) -> Decimal | None:
        """Return dollars, or a percentage as a share of 1; None when it is absent."""
        return self._read(key, Decimal) if key in self else None

    def duration(self, key: str, default: timedelta) -> timedelta:
        """Return a length of time."""
        return self._read(key, timedelta) if key in self else default

    def time_if_written(self, key: str) -> time | None:
        """Return a time of day; None when it is absent."""
        return self._read(key, time) if key in self else None

    def range(self, key: str) -> tuple[int, int]:
        """Return the two ends of a range."""
        first, last = self._read(key, tuple)
        return int(first), int(last)

    def moment(self, key: str) -> datetime:
        """Return a moment, aware UTC."""
        return self._read(key, datetime)

    def _read(self, key: str, kind: type[Kind]) -> Kind:
        return value_as(self._values[key], kind)
