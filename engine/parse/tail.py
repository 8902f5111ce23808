"""
What may follow an alert in its own words: stops, targets, tags, quantities, late prices and dates.

These fields stand in any order and often in later lines, so they are picked out of what a pattern left
over instead of being written into every pattern.
"""

from dataclasses import dataclass

from engine.parse.dates import NAMED, NUMERIC
from engine.parse.pattern import Hit
from engine.parse.program import BLANK, compiled
from engine.parse.shapes import NUMBER, NUMBER_END, PERCENT, PROPER, Shapes
from engine.parse.template import number_groups
from engine.parse.vocabulary import Vocabulary

_PERCENT = r"(?:[+-]\s?)?\d{1,5}(?:\.\d{1,3})?\s?%"

# What holds no field, whatever the words of a playbook.
_NOTHING = f" \t\n{BLANK}"


@dataclass(frozen=True, slots=True)
class Tail:
    """Reads what an alert's pattern left over. Every alternative of its program is one field or remark."""

    opening: str
    closing: str

    def scan(self, text: str, start: int, end: int, *, closes: bool) -> tuple[Hit, ...]:
        """Return the fields between two positions of a text, from left to right."""
        if not text[start:end].strip(_NOTHING):
            return ()
        pattern, names = number_groups(self.closing if closes else self.opening)
        called = ("read", *names)
        return tuple(
            Hit(name, text[first + start : last + start], first + start, last + start)
            for spans in compiled(pattern).finditer(text[start:end])
            for name, (first, last) in zip(called, spans, strict=True)
            if first >= 0
        )


def tail_of(vocabulary: Vocabulary, shapes: Shapes) -> Tail:
    """Return the tail reader of a vocabulary."""
    words = vocabulary.any_of
    price = rf"\$?\s?(?P<late_price>{NUMBER}){NUMBER_END}"
    average = rf"\$?\s?(?P<average_price>{NUMBER}){NUMBER_END}"
    shared = [
        rf"(?P<stop_label>{shapes.level('stop')})",
        rf"(?P<target_label>{shapes.level('target')})",
        rf"(?P<trail_only>{words('trail')}\s*[:=]?\s*\d{{1,3}}(?:\.\d+)?\s?%)",
        rf"\bfrom\s+\$?{NUMBER}\s*(?:to|-|>|at|@)\s*{price}",
        rf"{words('average')}\s*[:=@]?\s*{average}",
        rf"{words('credit')}\s*(?:of|:|@)?\s*{price}",
        rf"\$?\s?(?P<late_price>{NUMBER})\s+(?P<credit>{words('credit')})",
        rf"(?P<ignored>\b\d{{1,4}}\s?%?\s+{words('left')})",
        rf"(?P<ignored>{words('ignore')}\s*[:=]?\s*[+-]?\$?\s?(?:{PROPER}\b|{words('fraction')}|{NUMBER}\s?%?))",
        rf"{words('quantity_label')}\s*[:=]?\s*(?P<fraction>{PERCENT}|{PROPER}\b)",
        rf"{words('quantity_label')}\s*[:=]?\s*(?P<quantity>\d{{1,6}})(?:\z|[\s,;)|\]]|\.(?:\s|\z))",
        r"\bx\s?(?P<quantity>\d{1,5})\b",
        r"\b(?P<quantity>\d{1,5})\s?x\b",
        rf"\b(?P<quantity>\d{{1,6}})\s*(?P<unit>{vocabulary.behind_number('unit')})",
        rf"(?:{words('expiry_label')}\.?\s*[:=]?\s*)(?P<expiry>{NUMERIC}|{NAMED}|{words('expiry')})",
        rf"(?P<remark>{words('remark')})",
        rf"(?P<size>{words('size')})",
        rf"(?P<credit>{words('credit')})",
    ]
    exits = words("action", "sell_to_close", "buy_to_close")
    of_position = rf"(?:of\s+)?(?:(?:the|my|our)\s+)?(?:{words('unit')}|pos|positions?)"
    more = r"(?:\s+(?:here|some|more|this|it|most|half|price))?"
    closing = [
        rf"(?P<close_all>{words('close_all')})",
        rf"(?:{words('part')}|{exits}){more}\s*(?::|{shapes.at})\s*{price}",
        rf"(?P<part>{words('part')})",
        rf"(?P<fraction>{words('fraction')}|{PROPER}\b)",
        rf"\b(?P<fraction>\d{{1,3}}\s?(?:%|percent|pct))[ \t]+(?:off|{of_position})\b",
        rf"(?P<ignored>\+\s?\$\s?{NUMBER}(?:\s?(?:per|each|/)\s?\w*)?)",
    ]
    last = [
        rf"{shapes.entry}\s*[:=@]?\s*{price}",
        rf"(?P<late_expiry>\b(?:{NUMERIC})\b|\b(?:{NAMED})|{words('expiry')})",
        rf"(?P<percent>{_PERCENT})",
    ]
    return Tail(
        "(?i)" + "|".join(shared + last), "(?i)" + "|".join(shared[:4] + closing[:2] + shared[4:] + closing[2:] + last)
    )
