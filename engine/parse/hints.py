"""One pass over a text for the hints of any number of patterns."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from engine.parse.normalise import MAY_CHANGE
from engine.parse.program import ProgramSet

# Of so many combinations of hints a set remembers the patterns.
_MOST_KEPT = 4096


class HintSet:
    """
    Which of many patterns a text may match, at a cost that does not grow with their number.

    Each pattern brings hints that must all hold. Equal hints of different patterns are matched once, and
    a pattern is looked at only where the hint it shares with the fewest others holds.
    """

    def __init__(self, hints: Sequence[tuple[str, ...]]) -> None:
        shared = Counter(hint for needed in hints for hint in set(needed))
        numbers = {hint: number for number, hint in enumerate(shared)}
        # By its rarest hint, each pattern with all the hints it needs; nothing needs the last of the set.
        self._owners: list[list[tuple[int, frozenset[int]]]] = [[] for _ in (*numbers, MAY_CHANGE)]
        for index, needed in enumerate(hints):
            rarest = min(needed, key=lambda hint: (shared[hint], -len(hint)))
            self._owners[numbers[rarest]].append((index, frozenset(numbers[hint] for hint in needed)))
        self._set = ProgramSet((*numbers, MAY_CHANGE))

        self._changes = len(numbers)
        self._found = lru_cache(maxsize=_MOST_KEPT)(self._find)

    def match(self, text: str) -> tuple[int, ...]:
        """Return the indices of the patterns whose hints all hold for a text in its normal form, ascending."""
        held = self._set.match(text)
        return self._found(tuple(sorted(held))) if held else ()

    def look(self, raw: str) -> tuple[int, ...] | None:
        """Return the same for a text as it is posted; None where it may not be in its normal form."""
        if not raw.isascii():
            return None
        held = self._set.match(raw)
        if not held:
            return ()
        return None if self._changes in held else self._found(tuple(sorted(held)))

    def _find(self, held: tuple[int, ...]) -> tuple[int, ...]:
        held_ones = frozenset(held)
        return tuple(sorted(index for hint in held for index, needed in self._owners[hint] if needed <= held_ones))


@lru_cache(maxsize=512)
def hint_set(hints: tuple[tuple[str, ...], ...]) -> HintSet:
    """Return the set of some hints; equal ones of different playbooks share it."""
    return HintSet(hints)
