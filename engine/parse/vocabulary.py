"""The words of a playbook as regular expressions, and what each spelling means."""

from functools import lru_cache

import re2

from engine.model.reading import Words


class Vocabulary:
    """All words of one set of reading rules, looked up by field."""

    def __init__(self, words: tuple[Words, ...]) -> None:
        self._meanings: dict[str, dict[str, str]] = {}
        self._spellings: dict[tuple[str, ...], tuple[str, ...]] = {}
        for entry in words:
            meanings = self._meanings.setdefault(entry.field, {})
            for spelling in entry.spellings:
                meanings.setdefault(_folded(spelling), entry.value)

    def meaning(self, field: str, text: str) -> str | None:
        """Return the canonical value a spelling stands for, None when it is not a word of the field."""
        return self._meanings.get(field, {}).get(_folded(text))

    def spellings(self, field: str, *values: str) -> tuple[str, ...]:
        """Return the spellings of a field (of the given values only, when any are given)."""
        known = self._spellings.get((field, *values))
        if known is None:
            meanings = self._meanings.get(field, {})
            known = tuple(word for word, value in meanings.items() if not values or value in values)
            self._spellings[(field, *values)] = known
        return known

    def all_spellings(self) -> tuple[str, ...]:
        """Return the spellings of every field."""
        return tuple(word for meanings in self._meanings.values() for word in meanings)

    def any_of(self, field: str, *values: str) -> str:
        """Return a pattern, without groups, for any spelling; one that never matches when there is none."""
        return alternation(self.spellings(field, *values))

    def behind_number(self, field: str, *values: str) -> str:
        """Return a pattern for any spelling that may also follow a figure without a space ("450c")."""
        return alternation(self.spellings(field, *values), before=False)

    def before_number(self, field: str, *values: str) -> str:
        """Return a pattern for any spelling that a figure may follow without a space ("TP1")."""
        return alternation(self.spellings(field, *values), behind=False)


NEVER = r"[^\s\S]"


def either(*patterns: str) -> str:
    """Return a pattern that matches wherever one of some does, the first that can; those that never match left out."""
    able = [pattern for pattern in patterns if pattern != NEVER]
    return f"(?:{'|'.join(able)})" if able else NEVER


def behind(pattern: str, *others: str) -> str:
    """Return patterns one behind another; one that never matches when one of them does not."""
    return NEVER if NEVER in (pattern, *others) else "".join((pattern, *others))


def optional(pattern: str) -> str:
    """Return a pattern that need not be there."""
    return "" if pattern == NEVER else f"(?:{pattern})?"


def group(name: str, pattern: str) -> str:
    """Return a pattern whose group has a name."""
    return NEVER if pattern == NEVER else f"(?P<{name}>{pattern})"


@lru_cache(maxsize=4096)
def alternation(spellings: tuple[str, ...], *, before: bool = True, behind: bool = True) -> str:
    """
    Return a pattern, without groups, that matches any of the spellings as whole words, longest first.

    before, behind: whether a word must begin, and end, there.

    >>> alternation(("all out", "at"))
    '(?:\\\\ball\\\\s+out\\\\b|\\\\bat\\\\b)'
    """
    if not spellings:
        return NEVER
    return (
        "(?:"
        + "|".join(
            _word(word, before=before, behind=behind)
            for word in sorted(set(spellings), key=lambda word: (-len(word), word))
        )
        + ")"
    )


def _word(spelling: str, *, before: bool, behind: bool) -> str:
    words = r"\s+".join(re2.escape(word) for word in spelling.split())
    start = r"\b" if spelling[0].isalnum() and spelling[0].isascii() and before else ""
    end = r"\b" if spelling[-1].isalnum() and spelling[-1].isascii() and behind else ""
    return start + words + end


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return " ".join(text.lower().split())
