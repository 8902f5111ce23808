"""One pass over a text for the hints of any number of patterns."""

from collections.abc import Sequence
from functools import lru_cache

import re2

from engine.parse.pattern import OPTIONS


class HintSet:
    """
    Which of many cheap patterns a text holds, at a cost that does not grow with their number.

    Equal hints of different patterns are matched once.
    """

    def __init__(self, hints: Sequence[str]) -> None:
        owners: dict[str, list[int]] = {}
        for index, hint in enumerate(hints):
            owners.setdefault(hint, []).append(index)
        self._owners = tuple(tuple(indices) for indices in owners.values())
        self._set = re2.Set.SearchSet(OPTIONS)
        for hint in owners:
            self._set.Add(hint)
        if owners:
            self._set.Compile()

    def match(self, text: str) -> list[int]:
        """Return the indices of the hints that hold for a text, ascending."""
        if not self._owners:
            return []
        held = self._set.Match(text)
        return sorted(index for hint in held for index in self._owners[hint]) if held else []


@lru_cache(maxsize=512)
def hint_set(hints: tuple[str, ...]) -> HintSet:
    """Return the set of some hints; equal ones of different playbooks share it."""
    return HintSet(hints)
