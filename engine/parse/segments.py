"""Sentences and lines of a text, and the words that make one something other than an alert."""

import re
from dataclasses import dataclass

from engine.model.decision import Reason
from engine.parse.program import Program, compiled
from engine.parse.vocabulary import Vocabulary

_MAY_BREAK = re.compile(r"[\n!?;]|\.(?![0-9])")
_BREAK = Program(r"\n|[!?]+|;\s|\.(?:\s|\z)|\.{2,}")
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
    if _MAY_BREAK.search(text) is None:
        return first, last
    for spans in _BREAK.finditer(text):
        begins, ends = spans[0]
        if ends <= start:
            first = ends
        elif begins >= end:
            last = ends
            break
    return first, last


class Guards:
    """The guard words of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._harmless = "(?i)" + vocabulary.any_of("guard", "harmless")
        self._any = "(?i)" + vocabulary.any_of("guard", "harmless", *_NEAR, *_FAR)
        self._near = {name: "(?i)" + vocabulary.any_of("guard", name) for name in _NEAR}
        self._far = {name: "(?i)" + vocabulary.any_of("guard", name) for name in _FAR}

    def first(self, text: str, segment: tuple[int, int], unless: tuple[str, ...]) -> Guarded | None:
        """Return the first guard that holds for an alert of a segment, guards named in `unless` left out."""
        start, end = segment
        # Whether any of them holds is asked of each text; which one of them does, of few.
        is_guarded, part = compiled(self._any).holds, text[start:end]
        if "?" not in part and not is_guarded(text) and (part == text or not is_guarded(part)):
            return None
        clear = compiled(self._harmless).blanked(text)
        if "question" not in unless and "?" in clear[start:end]:
            mark = clear.index("?", start)
            return Guarded("question", Reason.QUESTION, mark, mark + 1)
        for name, code in _NEAR.items():
            if name not in unless and (spans := compiled(self._near[name]).search(clear[start:end])):
                return Guarded(name, code, spans[0][0] + start, spans[0][1] + start)
        for name, code in _FAR.items():
            if name not in unless and (spans := compiled(self._far[name]).search(clear)):
                return Guarded(name, code, *spans[0])
        return None
