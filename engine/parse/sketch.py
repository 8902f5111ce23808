"""
Sketches: patterns that match wherever a template does, and cost little.

Of words a sketch knows how they begin, of figures that there is one, and of what stands between them nothing; what it
keeps is their order. That tells most of a library's templates from a text.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Final

import re2

from engine.model.reading import Anchor
from engine.parse.dates import MONTHS, NUMERIC
from engine.parse.program import ProgramSet
from engine.parse.shapes import PERCENT, PROPER, SEGMENT_START, Shapes
from engine.parse.template import Element, literal, strip_groups, template_regex
from engine.parse.vocabulary import NEVER, Vocabulary

# What stands between fields: letters, and the signs of a gap.
_SIGNS: Final = ",:|=()[]\"'*~/-"
_NUMBER: Final = r"[.\d][\d.,]*"
_MONTHS: Final = "(?:" + "|".join(MONTHS) + r")[a-z.]*"
_DAYS: Final = r"mon|tue|wed|thu|fri|this|next"
_DATE: Final = rf"{NUMERIC}|\d+[\s-]?dte|{_DAYS}|(?:\d+[a-z]*[\s-]?)?{_MONTHS}(?:[\s,'-]*\d+[a-z]*){{0,2}}"
_NUMBER_END: Final = r"(?s:.)?"
_BEGINNING: Final = 3
# So many sketches share one pass. More would make it remember combinations of them without end.
_TOGETHER: Final = 10
_MOST_KEPT: Final = 1024

_Plan = tuple[tuple[int, ...], tuple[tuple[ProgramSet, dict[int, int]], ...]]


class Sketches(Shapes):
    """Fragments that match wherever those of a vocabulary do, and wherever more stands between them."""

    def __init__(self, vocabulary: Vocabulary, structures: str) -> None:
        super().__init__(vocabulary, structures)
        self.gap = self.some_gap = wide_gap(vocabulary)
        self.prefix = self._wide_prefix()
        self.right_of_strike = self.gap + self.right

    def sketch(self, elements: Sequence[Element], anchored: Anchor) -> str:
        """Return the sketch of a template; "" of one with words of its own, whose hints are sketch enough."""
        if not elements or any(literal(element.word) for element in elements):
            return ""
        prefix = {Anchor.SEGMENT: self.prefix, Anchor.MESSAGE: self.prefix, Anchor.ANYWHERE: ""}[anchored]
        return "(?i)" + prefix + strip_groups(template_regex(tuple(elements), self))

    def contract(self, *, any_order: bool) -> str:
        """Return a pattern that matches wherever a contract stands, in whatever order."""
        fields = ("size", "noise", "expiry", "expiry_label", "right")
        words = "".join(word for field in fields for word in self._words.spellings(field))
        parts = rf"[A-Za-z0-9\s{_escaped_chars({*_SIGNS, '$', '#', '.', *words})}]*"
        return f"{parts}{self.right_hint}{parts}"

    def fragment(self, field: str, *, any_order: bool = True) -> str:
        """Return a pattern that matches wherever a field does."""
        return self._known.get(field) or super().fragment(field, any_order=any_order)

    @cached_property
    def _known(self) -> dict[str, str]:
        gap = self.gap
        priced = rf"\$?\s?(?:{_NUMBER}\s?\$?(?:\s?(?:-|to)\s?\$?{_NUMBER})?{_NUMBER_END}|{self._begun('price')})"
        label = self._begun("at", "entry")
        count = rf"{gap}\+?\d+(?:\s+of\s+\d+)?{gap}"
        leg = rf"(?s:.*)(?:\d\s?{self._words.behind_number('right')}|{self._words.any_of('unit', 'share')})"
        return {
            "action": self._begun("action"),
            "open": self._begun("action", values=("buy_to_open", "sell_to_open")),
            "close": self._begun("action", values=("sell_to_close", "buy_to_close")),
            **{field: self._begun(field) for field in ("roll", "size", "credit", "unit")},
            **{field: rf"{self._begun(field)}(?s:.*)" for field in ("stop", "target")},
            "quantity": count,
            "units": count,
            "fraction": rf"{gap}(?:{self._begun('close_all', 'part', 'fraction')}|{PROPER}|{PERCENT}){gap}",
            "strike": rf"\$?{_NUMBER}",
            "strikes": r"\$?\d[\d.,/cp$\s-]*(?s:.)?",
            "expiry": rf"{gap}(?:{_DATE}|{self._begun('expiry')}){gap}",
            "at_price": rf"(?:{label}|\$){priced}",
            "price": rf"(?:{label})?{priced}",
            "legs": rf"{self._begun('action')}{leg}{leg}(?s:.*)",
            "end": rf"(?:[^\d]|{gap})*(?:\n|\z)",
        }

    def _begun(self, *fields: str, values: tuple[str, ...] = ()) -> str:
        """Return a pattern for the beginnings of all words of some fields, and for what may follow them."""
        words = (word for field in fields for word in self._words.spellings(field, *values))
        begun = sorted({_beginning(word) for word in words})
        return f"(?:{'|'.join(begun)}){self.gap}" if begun else NEVER

    def _wide_prefix(self) -> str:
        """Return a pattern for what may stand before an alert: the beginnings of words, and any sign."""
        fields = ("size", "noise", "remark", "roll")
        words = {word for field in fields for spelling in self._words.spellings(field) for word in spelling.split()}
        begun = "|".join(sorted(map(_beginning, words)))
        sign = r"[^A-Za-z0-9_$/.#@\n]|\[[^\]\n]{0,40}\]|#[A-Za-z]\w*"
        return rf"{SEGMENT_START}(?:{sign}" + (rf"|(?:{begun})[A-Za-z']*)*" if begun else ")*")


def wide_gap(vocabulary: Vocabulary) -> str:
    """Return a pattern for all that may stand between two fields, and more: letters instead of words."""
    words = [word for field in ("size", "noise") for word in vocabulary.spellings(field)]
    letters = {char for word in vocabulary.all_spellings() for char in word if char.isalpha() and not char.isascii()}
    odd = sorted({_escaped(word) for word in words if not _is_plain(word)})
    return "|".join((rf"(?:[A-Za-z\s{_escaped_chars({*_SIGNS, *letters})}]", *odd)) + ")*"


def _is_plain(word: str) -> bool:
    return all(char.isalpha() or char.isspace() or char in _SIGNS for char in word)


def _beginning(word: str) -> str:
    start = r"\b" if word[0].isascii() and word[0].isalnum() else ""
    return start + (re2.escape(word.split()[0][:_BEGINNING]) if _is_plain(word) else _escaped(word))


def _escaped_chars(chars: set[str]) -> str:
    return "".join(re2.escape(char) for char in sorted(chars) if not char.isspace())


def _escaped(word: str) -> str:
    return r"\s+".join(map(re2.escape, word.split()))


class SketchSet:
    """Which of some patterns a text may match, by their sketches; those without one it always may."""

    def __init__(self, sketches: Sequence[str]) -> None:
        self._count = len(sketches)
        sketched = [index for index, sketch in enumerate(sketches) if sketch]
        self._places: dict[int, tuple[int, int]] = {}
        self._sets: list[ProgramSet] = []
        for number, chunk in enumerate(batched(sketched, _TOGETHER)):
            self._places |= {index: (number, place) for place, index in enumerate(chunk)}
            self._sets.append(_set_of(tuple(sketches[index] for index in chunk)))
        self._planned = lru_cache(maxsize=_MOST_KEPT)(self._plan)

    def possible(self, text: str, indices: tuple[int, ...]) -> list[int]:
        """Return those of some patterns, ascending, that a text may match; numbers of no pattern are left out."""
        out, asked = self._planned(indices)
        found = [*out]
        for together, places in asked:
            found += [places[place] for place in together.match(text) if place in places]
        found.sort()
        return found

    def _plan(self, indices: tuple[int, ...]) -> _Plan:
        """Return the patterns that have no sketch, and what the sketches of the others stand in, by their places."""
        asked: dict[int, dict[int, int]] = {}
        known = [index for index in indices if index < self._count]
        for index in known:
            if index in self._places:
                number, place = self._places[index]
                asked.setdefault(number, {})[place] = index
        unsketched = tuple(index for index in known if index not in self._places)
        return unsketched, tuple((self._sets[number], places) for number, places in asked.items())


def batched(indices: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Yield the indices in stretches of at most a size."""
    for start in range(0, len(indices), size):
        yield indices[start : start + size]


@lru_cache(maxsize=256)
def _set_of(sketches: tuple[str, ...]) -> ProgramSet:
    return ProgramSet(sketches)
