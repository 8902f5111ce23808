"""Pattern libraries, and how a playbook's own words and patterns join those it uses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

from engine.model.errors import Issue
from engine.model.nearest import nearest
from engine.model.reading import ReadRules, Source, Words
from engine.model.source import Span
from engine.playbook.compile_read import WrittenWord

_Meanings = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Library:
    """
    One library. rules: what it says, by itself. words: the same vocabulary with where it is written.

    uses: names of the libraries it builds on, with where they are written.
    is_shipped: it came with Signalbook rather than from beside the playbooks.
    """

    name: str
    span: Span
    rules: ReadRules
    words: tuple[WrittenWord, ...]
    uses: tuple[Source, ...] = ()
    is_shipped: bool = False


@dataclass(frozen=True, slots=True)
class _Joined:
    """Libraries used together. meanings: (field, folded spelling) → value."""

    rules: ReadRules
    meanings: _Meanings
    clashes: tuple[Issue, ...]


class Libraries:
    """
    All libraries known to one load. Joining the same ones again costs nothing.

    broken: names of libraries that are there but have errors.
    """

    def __init__(self, libraries: Iterable[Library], broken: Iterable[str] = ()) -> None:
        self._broken = frozenset(broken)
        self._by_name = {library.name: library for library in libraries}
        self._joined: dict[tuple[str, ...], _Joined] = {}
        self._plain: dict[tuple[tuple[str, ...], bool], ReadRules] = {}

    def unknown(self, name: str, span: Span) -> Issue | None:
        """Return the issue of a library that does not exist, None when it does."""
        if name in self._by_name:
            return None
        if name in self._broken:
            message = f"the library {name!r} has errors of its own"
            return Issue("broken_library", message, span, "a library without errors")
        expected = "one of " + ", ".join(sorted(self._by_name)) if self._by_name else "a library in lib/"
        return Issue("unknown_library", f"there is no library {name!r}", span, expected, nearest(name, self._by_name))

    def clashes(self, names: tuple[str, ...], own: Iterable[WrittenWord]) -> tuple[Issue, ...]:
        """Return the issues of spellings with two meanings, among the libraries and with a playbook's own words."""
        joined = self._join(names)
        meanings = dict(joined.meanings)
        return (*joined.clashes, *_clashes(meanings, own))

    def join(self, names: tuple[str, ...], own: ReadRules, *, reads_quotes: bool) -> ReadRules:
        """
        Return a playbook's rules with those of its libraries: own patterns first, words added.

        Playbooks without rules of their own share one value, so that what is compiled from it is shared.
        """
        if own == ReadRules():
            key = (names, reads_quotes)
            if key not in self._plain:
                self._plain[key] = replace(self._join(names).rules, reads_quotes=reads_quotes)
            return self._plain[key]
        return replace(_both(own, self._join(names).rules), reads_quotes=reads_quotes)

    def _join(self, names: tuple[str, ...]) -> _Joined:
        if names not in self._joined:
            used = self.used_by(names)
            meanings: _Meanings = {}
            clashes = tuple(issue for library in used for issue in _clashes(meanings, library.words))
            rules = reduce(_both, (library.rules for library in used), ReadRules())
            self._joined[names] = _Joined(rules, meanings, clashes)
        return self._joined[names]

    def used_by(self, names: tuple[str, ...]) -> list[Library]:
        """Return the libraries of these names and those they build on, each once, the more particular first."""
        used: dict[str, Library] = {}
        waiting = list(reversed(names))
        while waiting:
            library = self._by_name.get(waiting.pop())
            if library is not None and library.name not in used:
                used[library.name] = library
                waiting.extend(source.text for source in reversed(library.uses))
        return list(used.values())


def _clashes(meanings: _Meanings, words: Iterable[WrittenWord]) -> tuple[Issue, ...]:
    issues = []
    for word in words:
        key = (word.field, " ".join(word.spelling.casefold().split()))
        known = meanings.setdefault(key, word.value)
        if known != word.value:
            message = f"{word.spelling!r} already means {word.field} {known!r}, it cannot mean {word.value!r} too"
            issues.append(Issue("word_clash", message, word.span, "one meaning for each spelling of a field"))
    return tuple(issues)


def _both(first: ReadRules, second: ReadRules) -> ReadRules:
    return ReadRules(
        words=_joined_words(first.words, second.words),
        patterns=first.patterns + second.patterns,
        structures=first.structures + second.structures,
        not_symbols=(first.not_symbols | second.not_symbols) - first.also_symbols,
        also_symbols=(first.also_symbols | second.also_symbols) - first.not_symbols,
        reads_quotes=first.reads_quotes,
    )


def _joined_words(first: tuple[Words, ...], second: tuple[Words, ...]) -> tuple[Words, ...]:
    if not first:
        return second
    more: Mapping[tuple[str, str], Words] = {(words.field, words.value): words for words in first}
    joined = [_extended(words, more.get((words.field, words.value))) for words in second]
    known = {(words.field, words.value) for words in second}
    added = (words for words in first if (words.field, words.value) not in known)
    return tuple(sorted((*joined, *added), key=lambda words: (words.field, words.value)))


def _extended(words: Words, more: Words | None) -> Words:
    if more is None:
        return words
    return replace(words, spellings=tuple(sorted({*words.spellings, *more.spellings})))
