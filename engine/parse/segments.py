"""Sentences and lines of a text, and the words that make one something other than an alert."""

from dataclasses import dataclass
from typing import Any

import re2

from engine.model.decision import Reason
from engine.parse.pattern import compiled
from engine.parse.vocabulary import Vocabulary

_BREAK = re2.compile(r"\n|[!?]+|;\s|\.(?:\s|\z)|\.{2,}")
# Guards looked for in the sentence or line of the alert, and those that count wherever they stand in the text.
_NEAR = {
    "question": Reason.QUESTION,
    "negation": Reason.NEGATION,
    "condition": Reason.CONDITION,
    "hearsay": Reason.HEARSAY,
}
_FAR = {"plan": Reason.CONDITION, "correction": Reason.LEFTOVER}


@dataclass(frozen=True, slots=True)
class Guarded:
    """Words that keep a text from being an alert. code: the refusal; start, end: where they stand."""

    guard: str
    code: Reason
    start: int
    end: int


def segment_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the sentence or line that holds a stretch of text, its closing marks included."""
    first, last = 0, len(text)
    for match in _BREAK.finditer(text):
        if match.end() <= start:
            first = match.end()
        elif match.start() >= end:
            last = match.end()
            break
    return first, last


class Guards:
    """The guard words of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._harmless = "(?i)" + vocabulary.any_of("guard", "harmless")
        self._near = {name: "(?i)" + vocabulary.any_of("guard", name) for name in _NEAR}
        self._far = {name: "(?i)" + vocabulary.any_of("guard", name) for name in _FAR}

    def first(self, text: str, segment: tuple[int, int], unless: tuple[str, ...]) -> Guarded | None:
        """Return the first guard that holds for an alert of a segment, guards named in `unless` left out."""
        start, end = segment
        clear = compiled(self._harmless).sub(_blank, text) if self._has_harmless(text) else text
        if "question" not in unless and "?" in clear[start:end]:
            mark = clear.index("?", start)
            return Guarded("question", Reason.QUESTION, mark, mark + 1)
        for name, code in _NEAR.items():
            if name not in unless and (match := compiled(self._near[name]).search(clear[start:end])):
                return Guarded(name, code, match.start() + start, match.end() + start)
        for name, code in _FAR.items():
            if name not in unless and (match := compiled(self._far[name]).search(clear)):
                return Guarded(name, code, match.start(), match.end())
        return None

    def _has_harmless(self, text: str) -> bool:
        return compiled(self._harmless).search(text) is not None


def _blank(match: Any) -> str:  # noqa: ANN401  google-re2 carries no types
    return "\x01" * len(match.group())
