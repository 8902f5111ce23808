"""What a JSON value is made of, and where one lacks what another has."""

import re
from collections.abc import Iterator, Mapping

NUMBER = re.compile(r"-?\d+(\.\d+)?|NaN")


def kind_of(value: object) -> str:
    """Return what kind of value it is; money, which is written as text, is a kind of its own."""
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else "truth"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "money" if NUMBER.fullmatch(value) else "text"
    return "object" if isinstance(value, Mapping) else "list"


def gaps(recorded: object, ours: object, place: str = "") -> Iterator[str]:
    """
    Yield what the recorded value has and ours has not, or has otherwise.

    Of a list, what all its recorded elements share must be in each of ours, and what some of them have in some.
    """
    if recorded is None:
        return
    if kind_of(recorded) != kind_of(ours):
        yield f"{place}: {kind_of(recorded)} is {kind_of(ours)}"
    elif isinstance(recorded, Mapping) and isinstance(ours, Mapping):
        yield from (
            f"{place}/{key} is missing" for key, value in recorded.items() if value is not None and key not in ours
        )
        for key in recorded.keys() & ours.keys():
            yield from gaps(recorded[key], ours[key], f"{place}/{key}")
    elif isinstance(recorded, list) and isinstance(ours, list) and recorded and ours:
        common = _common(recorded)
        for element in ours:
            yield from gaps(common, element, f"{place}[]")
        yield from _never_shown(recorded, ours, f"{place}[]")


def _never_shown(recorded: list[object], ours: list[object], place: str) -> Iterator[str]:
    """Yield what some recorded elements of a list have, and none of ours has so."""
    rows = [each for each in recorded if isinstance(each, Mapping)]
    rare = {key: row[key] for row in rows for key in row if not all(key in other for other in rows)}
    shown = [each for each in ours if isinstance(each, Mapping)]
    for key, value in rare.items():
        found = [set(gaps(value, each[key], f"{place}/{key}")) for each in shown if key in each]
        if not found:
            yield f"{place}/{key} is in none"
        elif all(found):
            yield from found[0]


def _common(elements: list[object]) -> object:
    first = elements[0]
    if not isinstance(first, Mapping):
        return first
    others = [each for each in elements if isinstance(each, Mapping)]
    return {key: value for key, value in first.items() if all(key in each for each in others)}
