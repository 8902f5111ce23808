"""
Shapes cut down to what one text can hold.

Of a pattern, what cannot match anywhere in a text may be left out without changing what the pattern matches
there. A text holds few of a vocabulary's words, so that programs become a twentieth of their size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Final

from engine.model.reading import Words
from engine.parse.dates import MONTHS, RELATIVE, WEEKDAY, named
from engine.parse.program import ProgramSet
from engine.parse.shapes import Limits, Shapes
from engine.parse.sketch import Sketches
from engine.parse.template import strip_groups
from engine.parse.vocabulary import Vocabulary, alternation

# Fields whose words are left out where a text has none of them.
_WORDS: Final = frozenset(
    {"action", "noise", "size", "remark", "roll", "expiry", "expiry_label", "quantity_label", "entry", "at"}
    | {"fraction", "close_all", "part", "price", "credit", "breakeven"}
)
# The same, of fields whose words may touch a figure before or behind them.
_BEHIND_NUMBERS: Final = frozenset({"unit", "trail"})
_BEFORE_NUMBERS: Final = frozenset({"stop", "target"})
# One letter often enough, it stays: nearly all texts that are looked at have one.
_RIGHT: Final = "right"
_MOST_KEPT = 512

Held = tuple[int, ...]


class Fitting:
    """
    Finds the shapes that fit a text.

    words, structures: of the vocabulary, and the names of structures.
    whole: the shapes that fit every text. sketches: those that match wherever they do, and cost little.
    """

    def __init__(self, words: tuple[Words, ...], structures: Sequence[str]) -> None:
        self._shaping = tuple(entry for entry in words if _is_cut(entry.field) or entry.field == _RIGHT)
        self._structures = tuple(structures)
        vocabulary = Vocabulary(words)
        self.whole = Shapes(vocabulary, alternation(self._structures))
        self.sketches = Sketches(vocabulary, alternation(self._structures))
        # What a text is asked for: words by field and spelling, structures, months, weekdays, ways of contracts.
        self._spelled = tuple(_spelled(words))
        self._made = lru_cache(maxsize=_MOST_KEPT)(self._make)
        self._last = ("", self.whole)

    def shapes(self, text: str) -> Shapes:
        """Return shapes that match in a text, and nowhere else, what those of the vocabulary do."""
        last, shapes = self._last
        if text != last:
            shapes = self._made(tuple(sorted(self._set.match(text))), is_ascii=text.isascii())
            self._last = (text, shapes)
        return shapes

    @cached_property
    def _set(self) -> ProgramSet:
        words = (_pattern(field, spelling) for field, spelling in self._spelled)
        structures = (alternation((name,)) for name in self._structures)
        ways = map(strip_groups, self.whole.ways(self.sketches.gap))
        told = (*words, *structures, *(named((month,)) for month in range(len(MONTHS))), f"{RELATIVE}|{WEEKDAY}", *ways)
        return ProgramSet(tuple(f"(?i){pattern}" for pattern in told))

    def _make(self, held: Held, *, is_ascii: bool) -> Shapes:
        names = len(self._spelled)
        dates = names + len(self._structures)
        days = dates + len(MONTHS)
        kept = {self._spelled[number] for number in held if number < names}
        structures = tuple(self._structures[number - names] for number in held if names <= number < dates)
        months = tuple(number - dates for number in held if dates <= number < days)
        ways = frozenset(number - days - 1 for number in held if number > days)
        limits = Limits(ways, months, has_days=days in held, is_ascii=is_ascii)
        words = tuple(_only(entry, kept) if _is_cut(entry.field) else entry for entry in self._shaping)
        return Shapes(Vocabulary(words), alternation(structures), limits)


def _is_cut(field: str) -> bool:
    return field in _WORDS or field in _BEHIND_NUMBERS or field in _BEFORE_NUMBERS


def _spelled(words: tuple[Words, ...]) -> Iterator[tuple[str, str]]:
    pairs = ((entry.field, spelling) for entry in words for spelling in entry.spellings)
    return (pair for pair in dict.fromkeys(pairs) if _is_cut(pair[0]))


def _only(entry: Words, kept: set[tuple[str, str]]) -> Words:
    return replace(entry, spellings=tuple(word for word in entry.spellings if (entry.field, word) in kept))


def _pattern(field: str, spelling: str) -> str:
    return alternation((spelling,), before=field not in _BEHIND_NUMBERS, behind=field not in _BEFORE_NUMBERS)
