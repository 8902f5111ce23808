"""Where two values of the engine differ, field by field."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Final

_MOST: Final = 200


def differing(one: object, other: object, at: str = "") -> Iterator[tuple[str, str, str]]:
    """
    Yield where two values differ, and what stands there in each, cut where it is long.

    >>> from engine.model.source import Place
    >>> list(differing((Place("content", 0, 3), 1), (Place("content", 0, 4), 1), "x"))
    [('x[0].end', '3', '4')]
    """
    if one == other:
        return
    if is_dataclass(one) and type(one) is type(other):
        for field in fields(one):
            yield from differing(getattr(one, field.name), getattr(other, field.name), f"{at}.{field.name}".lstrip("."))
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for index, (mine, its) in enumerate(zip(one, other, strict=True)):
            yield from differing(mine, its, f"{at}[{index}]")
    else:
        yield at, _shown(one), _shown(other)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"
