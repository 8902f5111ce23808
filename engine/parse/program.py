"""
RE2 programs: linear in the text, whatever the pattern.

google-re2's own module encodes, counts characters and builds objects on every call, which costs ten
times what a short search does; here that happens once, and only for texts that need it.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import re2
from re2 import _re2

Span = tuple[int, int]
# Where a match and each of its groups stand, in characters: (start, end), (-1, -1) for a group without a part in it.
Spans = list[Span]
NOWHERE = (-1, -1)
# What a blanked stretch is filled with: no pattern takes it for anything.
BLANK = "\x01"

_ANYWHERE = _re2.RE2.Anchor.UNANCHORED
_AT_START = _re2.RE2.Anchor.ANCHOR_START
# Bytes a program and what it caches may take: the first that will do.
_BYTES = (2 << 20, 16 << 20, 64 << 20)
_LEAST_SET_BYTES, _MOST_SET_BYTES = 16 << 20, 1 << 30
# RE2 does without its cache, and is slow, when forty of the largest states there can be do not fit.
_BYTES_PER_STEP = 40 * 4 * 3 // 2
# Programs are kept while they are in use; one for a kind of short texts takes some 60 kB.
_MOST_PROGRAMS = 1024
# Of a text of so many characters RE2 finds the groups of an anchored match without a cache.
_SHORT = 500


class Program:
    """
    One compiled pattern. Positions are of characters, unless a method says otherwise.

    for_ascii: whether it will see ASCII texts only, for which programs are smaller.
    names: of its groups, in order, "" for one without.
    Raises: re2.error: it is no pattern of RE2.
    """

    __slots__ = ("_match", "names")

    def __init__(self, source: str, *, for_ascii: bool = False) -> None:
        for most_bytes in _BYTES:
            program = _re2.RE2(source.encode(), quiet_options(most_bytes, for_ascii=for_ascii))
            if program.ok() and program.ProgramSize() * _BYTES_PER_STEP < most_bytes:
                break
        if not program.ok():
            raise re2.error(program.error())
        self._match = program.Match
        named = {index: name.decode() for name, index in program.NamedCapturingGroups()}
        self.names = tuple(named.get(index, "") for index in range(1, program.NumberOfCapturingGroups() + 1))

    def search(self, text: str, start: int = 0) -> Spans | None:
        """Return the first match that begins at a position or later."""
        data = text.encode()
        if len(data) == len(text):
            spans: Spans = self._match(_ANYWHERE, data, start, len(data))
            return None if spans[0] == NOWHERE else spans
        return next(self._each(data, len(text[:start].encode()), start), None)

    def match(self, text: str, start: int = 0) -> Spans | None:
        """Return the match that begins at a position."""
        data = text.encode()
        is_ascii = len(data) == len(text)
        first = start if is_ascii else len(text[:start].encode())
        spans: Spans = self._match(_AT_START, data, first, len(data))
        if spans[0] == NOWHERE:
            return None
        return spans if is_ascii else _in_characters(spans, data, (first, start))

    def holds(self, text: str) -> bool:
        """Return whether it matches anywhere."""
        data = text.encode()
        return bool(self._match(_ANYWHERE, data, 0, len(data))[0] != NOWHERE)

    def finditer(self, text: str) -> Iterator[Spans]:
        """Yield the matches from left to right, none overlapping another."""
        data = text.encode()
        if len(data) != len(text):
            yield from self._each(data, 0, 0)
            return
        position, end = 0, len(data)
        while position <= end:
            spans: Spans = self._match(_ANYWHERE, data, position, end)
            if spans[0] == NOWHERE:
                return
            yield spans
            position = max(spans[0][1], position + 1)

    def blanked(self, text: str) -> str:
        """Return the text with every match blanked out, every place kept."""
        spans = [spans[0] for spans in self.finditer(text)]
        return masked(text, spans) if spans else text

    def _each(self, data: bytes, position: int, start: int) -> Iterator[Spans]:
        """Yield the matches in a text of several bytes a character; `position` is the byte `start` stands at."""
        known = (position, start)
        while position <= len(data):
            spans: Spans = self._match(_ANYWHERE, data, position, len(data))
            if spans[0] == NOWHERE:
                return
            found = _in_characters(spans, data, known)
            known = (spans[0][0], found[0][0])
            yield found
            position = spans[0][1] if spans[0][1] > position else _next_character(data, position)


class ShortProgram:
    """
    A compiled pattern that mostly searches short texts, of which it may keep many.

    It looks for the first match as RE2 does for anchored patterns: without a cache, which for short texts takes more
    memory than the pattern itself.
    """

    __slots__ = ("_for_ascii", "_match", "_source")

    def __init__(self, source: str, *, for_ascii: bool) -> None:
        self._source = source
        self._for_ascii = for_ascii
        self._match = Program(f"(?s:.*?)({source})", for_ascii=for_ascii).match

    def search(self, text: str, start: int = 0) -> Spans | None:
        """Return the first match that begins at a position or later."""
        if len(text) > _SHORT:
            return compiled(self._source, for_ascii=self._for_ascii).search(text, start)
        spans = self._match(text, start)
        return None if spans is None else spans[1:]


def _in_characters(spans: Spans, data: bytes, known: Span) -> Spans:
    """Return spans of bytes as spans of characters; `known` is one byte before them all and its character."""
    byte, character = known
    characters = {-1: -1}
    for offset in sorted({offset for span in spans for offset in span if offset >= 0}):
        character += len(data[byte:offset].decode())
        byte = offset
        characters[offset] = character
    return [(characters[start], characters[end]) for start, end in spans]


def _next_character(data: bytes, position: int) -> int:
    position += 1
    while position < len(data) and data[position] & 0xC0 == 0x80:
        position += 1
    return position


def masked(text: str, spans: Iterable[Span]) -> str:
    """Return the text with some stretches blanked out, every place kept."""
    if text.isascii():
        data = bytearray(text, "ascii")
        for start, end in spans:
            data[start:end] = b"\x01" * (end - start)
        return data.decode("ascii")
    chars = list(text)
    for start, end in spans:
        chars[start:end] = BLANK * (end - start)
    return "".join(chars)


class ProgramSet:
    """Many patterns searched for in one pass: which of them match a text anywhere."""

    __slots__ = ("_match",)

    def __init__(self, sources: Sequence[str]) -> None:
        self._match = _compiled_set(sources) if sources else _nothing

    def match(self, text: str) -> list[int]:
        """Return the indices of the patterns that match, in no order."""
        found: list[int] = self._match(text.encode())
        return found


def _compiled_set(sources: Sequence[str]) -> Any:  # noqa: ANN401  google-re2 carries no types
    """RE2 refuses a set whose memory may not do for every text; the least that does is what it gets."""
    most_bytes = _LEAST_SET_BYTES
    while True:
        patterns = _re2.Set(_ANYWHERE, quiet_options(most_bytes))
        for source in sources:
            if patterns.Add(source.encode()) < 0:
                raise re2.error(f"failed to add {source!r} to a set")
        if patterns.Compile():
            return patterns.Match
        most_bytes *= 4
        if most_bytes > _MOST_SET_BYTES:
            raise re2.error("failed to compile a set")


def _nothing(_: bytes) -> list[int]:
    return []


@lru_cache(maxsize=_MOST_PROGRAMS)
def compiled(source: str, *, for_ascii: bool = False) -> Program:
    """Return a compiled pattern; equal patterns of different playbooks are compiled once."""
    return Program(source, for_ascii=for_ascii)


@lru_cache(maxsize=_MOST_PROGRAMS)
def compiled_short(source: str, *, for_ascii: bool) -> ShortProgram:
    """Return a compiled pattern for short texts."""
    return ShortProgram(source, for_ascii=for_ascii)


def quiet_options(most_bytes: int, *, for_ascii: bool = False) -> Any:  # noqa: ANN401
    """Return options for RE2 that let a program take some memory, and keep RE2 from writing to stderr."""
    options = re2.Options()
    options.max_mem = most_bytes
    options.log_errors = False
    if for_ascii:
        options.encoding = re2.Options.Encoding.LATIN1
    return options
