"""One pass over a text for the hints of any number of patterns."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import re2

from engine.parse.pattern import quiet_options

# The hints of ten thousand patterns fit; what a set really takes is far less.
_MOST_BYTES = 1 << 30


class HintSet:
    """
    Which of many patterns a text may match, at a cost that does not grow with their number.

    Each pattern brings hints that must all hold. Equal hints of different patterns are matched once, and
    a pattern is looked at only where the hint it shares with the fewest others holds.
    """

    def __init__(self, hints: Sequence[tuple[str, ...]]) -> None:
        shared = Counter(hint for needed in hints for hint in set(needed))
        numbers = {hint: number for number, hint in enumerate(shared)}
        # By its rarest hint, each pattern with all the hints it needs.
        self._owners: list[list[tuple[int, frozenset[int]]]] = [[] for _ in numbers]
        for index, needed in enumerate(hints):
            rarest = min(needed, key=lambda hint: (shared[hint], -len(hint)))
            self._owners[numbers[rarest]].append((index, frozenset(numbers[hint] for hint in needed)))
        self._set = re2.Set.SearchSet(quiet_options(_MOST_BYTES))
        for hint in numbers:
            self._set.Add(hint)
        if numbers:
            self._set.Compile()

    def match(self, text: str) -> list[int]:
        """Return the indices of the patterns whose hints all hold for a text, ascending."""
        if not self._owners:
            return []
        held = frozenset(self._set.Match(text) or ())
        return sorted(index for hint in held for index, needed in self._owners[hint] if needed <= held)


@lru_cache(maxsize=512)
def hint_set(hints: tuple[tuple[str, ...], ...]) -> HintSet:
    """Return the set of some hints; equal ones of different playbooks share it."""
    return HintSet(hints)
