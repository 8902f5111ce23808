"""Dates and shares that stand behind a label nobody named: "Risk: 2/10" is no part of a position."""

from typing import Final

from engine.model.decision import Reason
from engine.parse.fields import FlawFound
from engine.parse.pattern import Hit, Match
from engine.parse.program import Program
from engine.parse.values import Flaw
from engine.parse.vocabulary import Vocabulary

# What may be a rating or a remark behind any label: what it would be taken for, and the field.
_DOUBTFUL: Final = {
    "late_expiry": ("an expiry", "expiry"),
    "fraction": ("a part of the position", "fraction"),
    "part": ("a part of the position", "fraction"),
    "close_all": ("a part of the position", "fraction"),
}
_SAME: Final = {"part": "fraction", "close_all": "fraction", "compact_expiry": "expiry"}
_LABEL = Program(r"(?:\A|[|•·])[^\pL|•·]*(\pL[^:=>|•·]{0,30}?)\s*[:=>][^|•·]*\z")


def trusted(match: Match, tail: tuple[Hit, ...], words: Vocabulary) -> tuple[Hit, ...]:
    """
    Return what the rest of a text adds to what its pattern read.

    A date or a share behind a label that means neither a size nor anything the card names adds nothing when the
    pattern has read one itself. Of a line of text, only what stands in later lines is looked at.
    Raises: FlawFound when it has not.
    """
    if not any(hit.field in _DOUBTFUL for hit in tail):
        return tail
    text = match.normal.text
    said = {_SAME.get(hit.field, hit.field) for hit in match.hits} | {name for name, _ in match.rule.constants}
    out: list[Hit] = []
    for hit in tail:
        label = _label_before(text, hit.start) if hit.field in _DOUBTFUL and _is_apart(match, hit) else ""
        if not label or words.meaning("quantity_label", label):
            out.append(hit)
            continue
        what, field = _DOUBTFUL[hit.field]
        if field not in said:
            remedy = f"name the label in a card, as {{{field}}} or {{text}}"
            detail = f"{hit.text!r} behind {label!r} may be {what}: {remedy}"
            raise FlawFound(Flaw(Reason.LEFTOVER, detail), hit)
    return tuple(out)


def _is_apart(match: Match, hit: Hit) -> bool:
    return match.rule.card is not None or "\n" in match.normal.text[match.end : hit.start]


def _label_before(text: str, position: int) -> str:
    """Return the label of the line, or of the stretch between dividers, that a position lies in; "" for none."""
    before = text[text.rfind("\n", 0, position) + 1 : position]
    spans = _LABEL.search(before)
    return before[slice(*spans[1])] if spans else ""
