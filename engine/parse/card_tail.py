"""What the rest of a card says, where a label the card does not name stands before it."""

from typing import Final

import re2

from engine.model.decision import Reason
from engine.parse.fields import FlawFound
from engine.parse.pattern import Hit, Match
from engine.parse.values import Flaw

# What may be a rating or a remark behind any other label ("Risk: 2/10"): what it would be taken for, and the field.
_DOUBTFUL: Final = {
    "late_expiry": ("an expiry", "expiry"),
    "fraction": ("a part of the position", "fraction"),
    "part": ("a part of the position", "fraction"),
    "close_all": ("a part of the position", "fraction"),
}
_SAME: Final = {"part": "fraction", "close_all": "fraction", "compact_expiry": "expiry"}
_LABEL = re2.compile(r"(?:\A|[|•·])[^\pL|•·]*(\pL[^:=>|•·]{0,30}?)\s*[:=>][^|•·]*\z")


def trusted(match: Match, tail: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """
    Return what the rest of a card adds to what its slots say.

    A date or a share behind a label that the card does not name adds nothing when the card has read one itself.
    Raises: FlawFound when it has not.
    """
    text = match.normal.text
    said = {_SAME.get(hit.field, hit.field) for hit in match.hits} | {name for name, _ in match.rule.constants}
    out: list[Hit] = []
    for hit in tail:
        label = _label_before(text, hit.start) if hit.field in _DOUBTFUL else ""
        if not label:
            out.append(hit)
            continue
        what, field = _DOUBTFUL[hit.field]
        if field not in said:
            detail = f"{hit.text!r} behind {label!r} may be {what}: name the label in the card, as {{{field}}} or {{text}}"
            raise FlawFound(Flaw(Reason.LEFTOVER, detail), hit)
    return tuple(out)


def _label_before(text: str, position: int) -> str:
    """Return the label of the line, or of the stretch between dividers, that a position lies in; "" for none."""
    match = _LABEL.search(text[text.rfind("\n", 0, position) + 1 : position])
    return str(match.group(1)) if match else ""
