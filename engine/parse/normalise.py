"""
Raw message text → the plain text that patterns read, every character traceable to where it came from.

Markdown marks, mentions, emoji, links and zero-width characters go; full-width letters become plain ones
(NFKC); quoted, struck and code text becomes a line break unless the playbook reads it. Nothing is reworded.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from engine.model.source import Place
from engine.parse.program import NOWHERE, Program

# Its only group; all else becomes a space.
_QUOTED_GROUP = 1
_QUOTED = r"((?s:```.*?(?:```|\z))|`[^`\n]+`|(?s:~~.+?~~)|(?m:^[ \t]*>>>(?s:.*))|(?m:^[ \t]*>[ \t]?[^\n]*$))"
_DROPPED = (
    r"(?:\]\([^()\s]*\))"
    r"|(?:https?://\S+|<@[!&]?\d+>|<#\d+>|</[^<>\n]{1,64}:\d+>|<t:-?\d+(?::[a-zA-Z])?>|<a?:\w{1,40}:\d+>"
    r"|:[a-zA-Z_][\w+-]{1,40}:|@(?:everyone|here)\b|@[A-Za-z][\w.-]{1,40}|\|\|)"
    r"|(?:\*{1,3}|_{2,3}|(?m:^[ \t]*#{1,3}[ \t]+)|(?m:^[ \t]*-#[ \t]+))"
)
_SPECIAL = Program(_QUOTED + "|" + _DROPPED)
_SPECIAL_READING_QUOTES = Program(r"(?:(?m:^[ \t]*>{1,3}[ \t]?)|~~|`{1,3})|" + _DROPPED)
# In every ASCII text that is not its own normal form one of these matches, whether quotes are read or not.
MAY_CHANGE = r"[`>\]<*#]|~~|__|\|\||@[A-Za-z]|:[A-Za-z_/]"
# Words after "@" that are a price, not a person.
_PRICE_WORDS = frozenset(
    {"market", "mkt", "open", "close", "mid", "ask", "bid", "breakeven", "entry", "limit", "the", "around", "be"}
)
_LOOKALIKES = str.maketrans(
    {
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "―": "-",
        "−": "-",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "→": ">",
        "؟": "?",
        "⁄": "/",
        "\xa0": " ",
        "\u2028": "\n",
        "\u2029": "\n",
        "\x0b": "\n",
        "\x0c": "\n",
    }
)
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\ufe0e\ufe0f\u20e3")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


_AS_IT_IS = ((0, 0, True),)


@dataclass(frozen=True, slots=True)
class Normal:
    """
    Text ready to be matched.

    text: what patterns see. part: name of the message part. raw: the text as posted.
    offsets: (position in text, position in raw, whether the run is copied one to one), ascending.
    quoted: raw stretches left out because they are quoted, struck or code.
    has_bidi: whether characters that turn the writing direction were found (what is seen is not what is stored).
    """

    part: str
    text: str
    raw: str
    offsets: tuple[tuple[int, int, bool], ...]
    quoted: tuple[tuple[int, int], ...] = ()
    has_bidi: bool = False

    def raw_start(self, position: int) -> int:
        """Return where the character at `position` of the text stands in the raw text."""
        index = bisect_right(self.offsets, (position, 1 << 60, True)) - 1
        start, raw, copied = self.offsets[index]
        return raw + position - start if copied else raw

    def place(self, start: int, end: int) -> Place:
        """Return the raw stretch the text between two positions came from; empty when start == end."""
        if self.offsets == _AS_IT_IS:
            return Place(self.part, start, end if end > start else start)
        first = self.raw_start(start)
        return Place(self.part, first, max(first, self.raw_start(end - 1) + 1) if end > start else first)


class _Builder:
    """Collects runs of text with their origin."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.offsets: list[tuple[int, int, bool]] = []
        self.length = 0
        self.has_bidi = False

    def copy(self, text: str, raw: int) -> None:
        """Append text that stands in the raw text just like this."""
        if text:
            self.offsets.append((self.length, raw, True))
            self.runs.append(text)
            self.length += len(text)

    def put(self, text: str, raw: int) -> None:
        """Append text that replaces one raw character or mark."""
        if text:
            self.offsets.append((self.length, raw, False))
            self.runs.append(text)
            self.length += len(text)

    def fold(self, text: str, raw: int) -> None:
        """Append text with full-width letters, emoji and odd spaces made plain."""
        if text.isascii():
            self.copy(text, raw)
            return
        start = 0
        for match in _NOT_ASCII.finditer(text):
            index = match.start()
            self.copy(text[start:index], raw + start)
            self._fold_char(match.group(), raw + index)
            start = index + 1
        self.copy(text[start:], raw + start)

    def _fold_char(self, char: str, raw: int) -> None:
        if char in _ZERO_WIDTH:
            return
        if char in _BIDI:
            self.has_bidi = True
            return
        self.put(_plain_char(char), raw)


@lru_cache(maxsize=4096)
def _plain_char(char: str) -> str:
    category = unicodedata.category(char)
    folded = unicodedata.normalize("NFKC", char).translate(_LOOKALIKES)
    # A small raised 2 is not a 2; only fractions written as one character are figures.
    made = char if category == "No" and "/" not in folded else folded
    if category in ("So", "Sk", "Cs", "Co", "Cn") and not made.isascii():
        made = " "
    return "".join(c if c >= " " or c in "\n\t" else " " for c in made)


def plain(words: str) -> str:
    """
    Return words of a playbook as a text shows them: letters and dashes made plain, emoji a space.

    >>> plain("Entry → ６００")
    'Entry > 600'
    """
    out = _Builder()
    out.fold(words, 0)
    return "".join(out.runs)


def as_it_is(text: str, part: str = "content") -> Normal:
    """Return the text of one message part that is in its normal form as it is posted."""
    return Normal(part, text, text, _AS_IT_IS)


def normalise(raw: str, part: str = "content", *, reads_quotes: bool = False) -> Normal:
    """Return the text of one message part as patterns see it."""
    safe = _whole(raw)
    special = _SPECIAL_READING_QUOTES if reads_quotes else _SPECIAL
    if safe.isascii() and not special.holds(safe):
        return as_it_is(raw, part)
    out = _Builder()
    quoted: list[tuple[int, int]] = []
    done = 0
    # All that is looked for is ASCII, and stands where it stands in a text that is ASCII throughout.
    for spans in special.finditer(safe.encode("ascii", "replace").decode("ascii")):
        start, end = spans[0]
        word = safe[start:end]
        if word[0] == "@" and word[1:].lower().rstrip(".-") in _PRICE_WORDS:
            continue
        out.fold(safe[done:start], done)
        done = end
        if not reads_quotes and spans[_QUOTED_GROUP] != NOWHERE:
            quoted.append((start, done))
            out.put("\n", start)
        else:
            out.put(" ", start)
    out.fold(safe[done:], done)
    return Normal(part, "".join(out.runs), raw, tuple(out.offsets) or _AS_IT_IS, tuple(quoted), out.has_bidi)


def _whole(raw: str) -> str:
    """Return the text with halves of characters, which cannot be encoded, replaced one for one."""
    if raw.isascii():
        return raw
    try:
        raw.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in raw)
    return raw
