"""Cards: alerts laid out as an embed or as "label: value" lines."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice

import re2

from engine.model.message import Embed, Message
from engine.model.reading import Anchor, CardField, CardRule, PatternRule, Source
from engine.parse.normalise import Normal, normalise, plain
from engine.parse.pattern import Hit, Match, compiled
from engine.parse.shapes import Shapes
from engine.parse.template import hints, number_groups, parse_template, strip_groups, template_regex

# Where a label may stand: at the start of a line, or behind a bar or a dot that divides one.
_LINE = r"(?:\A|\n|[|•·])[^\pL\pN\n]*"
_DIVIDERS = "|•·"
_MOST_DIVIDERS = 12
_MOST_LINES = 3
# Slots that hold values; the others tell which card it is.
_VALUES = ("description", "field")
_FEWEST_SLOTS = 4
# A label vouches for a ticker that would be a word elsewhere.
_VOUCHED = {"symbol": "named_symbol"}
_SEPARATOR = r"[\s:=|>~()$-]*"

Hits = tuple[Hit, ...]
Slot = tuple[str, Hits | None]


class CardPattern:
    """One card rule, matched against one message part."""

    def __init__(self, rule: PatternRule, card: CardRule, shapes: Shapes) -> None:
        self.rule = rule
        self._card = card
        self._shapes = shapes

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """
        Cheap patterns that all match every part this card can match: its title, and its labels.

        Words of its own in the title are enough: such a card is looked at also when a label is missing.
        """
        title = parse_template(self._card.title)[0] if self._card.title else ()
        said = hints(title, self._shapes) if title else ()
        labels = tuple(_label(field.label.text) for field in self._card.fields if field.is_required)
        is_known = any(not element.field for element in title)
        return tuple("(?i)" + hint for hint in (said if is_known else (*said, *labels))) or (r"(?s).",)

    @property
    def slots(self) -> int:
        """How many things the card asks for."""
        card = self._card
        given = (card.color, card.author, card.footer, card.content, card.title, card.description)
        return sum(slot is not None for slot in given) + sum(field.is_required for field in card.fields)

    def find(self, normal: Normal, message: Message) -> tuple[Match, ...]:
        """Return the card's one match in a part; none when a required slot is missing or does not read."""
        hits: list[Hit] = []
        for _, found in self._slots(normal, message):
            if found is None:
                return ()
            hits.extend(found)
        end = max((hit.end for hit in hits), default=0)
        outside = (normalise(text).text for _, source, text in self._elsewhere(normal, message) if source)
        return (Match(self.rule, normal, 0, end, 0, tuple(hits), tuple(outside)),)

    def missing(self, normal: Normal, message: Message) -> tuple[str, ...]:
        """Return the slots that keep the card from matching, as "title" or "field Entry"; empty when it matches."""
        return tuple(name for name, found in self._slots(normal, message) if found is None)

    def lacks_only(self, normal: Normal, message: Message) -> str:
        """
        Return the one value that keeps the card from matching, "" when it matches or lacks more.

        A card that says nothing but values is known when there are several; in plain text a card of two slots is not.
        """
        if self.slots < (_FEWEST_SLOTS if self._is_anonymous or not normal.part.startswith("embed") else 2):
            return ""
        lacking = ""
        for name, found in self._slots(normal, message):
            if found is None and (lacking or not name.startswith(_VALUES)):
                return ""
            lacking = name if found is None else lacking
        return lacking

    @property
    def _is_anonymous(self) -> bool:
        """Whether nothing but its values, or a colour that any card may have, tells it from others."""
        card = self._card
        return not any((card.author, card.footer, card.content, card.title))

    def _slots(self, normal: Normal, message: Message) -> Iterator[Slot]:
        card = self._card
        if card.color is not None:
            yield "color", () if embed_of(normal, message).color.lower() == card.color.text.lower() else None
        for name, source, text in self._elsewhere(normal, message):
            if source is not None:
                yield name, self._outside(source, text)
        if card.title is not None:
            yield "title", self._hits(rf"(?i)\A[^\pL\pN$/.\n]*{self._body(card.title)}", normal)
        if card.description is not None:
            prefix = "" if self.rule.anchored is Anchor.ANYWHERE else self._shapes.prefix
            yield "description", self._hits(f"(?i){prefix}{self._body(card.description)}", normal)
        for field in card.fields:
            yield f"field {field.label.text}", self._field(field, normal)

    def _elsewhere(self, normal: Normal, message: Message) -> tuple[tuple[str, Source | None, str], ...]:
        """Return the slots whose text is not part of the card's own: name, template and text."""
        card, embed = self._card, embed_of(normal, message)
        return (
            ("author", card.author, embed.author),
            ("footer", card.footer, embed.footer),
            ("content", card.content, message.content),
        )

    def _field(self, field: CardField, normal: Normal) -> Hits | None:
        """
        Read the value behind a label, wherever the label stands; two that differ are a contradiction later on.

        A figure behind "Label:" that does not read is never taken for missing.
        """
        label = compiled(rf"(?i){_LINE}{_label(field.label.text)}{_SEPARATOR}")
        is_there, hits, position = False, list[Hit](), 0
        while (match := label.search(normal.text, position)) is not None:
            found = self._value(field, normal.text, match.end())
            if found is None and _states_a_figure(match.group(), normal.text, match.end()):
                return None
            is_there = is_there or found is not None
            hits.extend(found or ())
            position = max(match.end() - 1, position + 1)
        return tuple(hits) if is_there or not field.is_required else None

    def _value(self, field: CardField, text: str, start: int) -> Hits | None:
        """Read a value that begins at a position; it ends with its line, at a divider, or a few lines on."""
        noise = strip_groups(self._shapes.noise)
        body = self._body(field.template, in_field=True)
        pattern, names = number_groups(rf"(?i)\A{body}(?:[\s+*.,!)(-]|{noise})*\z")
        for end in _ends(text, start):
            match = compiled(pattern).search(text[start:end])
            if match is not None:
                return tuple(
                    replace(hit, field=_VOUCHED.get(hit.field, hit.field), start=hit.start + start, end=hit.end + start)
                    for hit in _hits(match, names)
                )
        return None

    def _hits(self, pattern: str, normal: Normal) -> Hits | None:
        numbered, names = number_groups(pattern)
        match = compiled(numbered).search(normal.text)
        return tuple(_hits(match, names)) if match else None

    def _outside(self, source: Source, text: str) -> Hits | None:
        """Match a text that is not part of the card's own; what it says has no place in the part."""
        pattern, names = number_groups(f"(?i){self._body(source)}")
        match = compiled(pattern).search(normalise(text).text)
        return tuple(Hit(hit.field, hit.text, 0, 0) for hit in _hits(match, names)) if match else None

    def _body(self, source: Source, *, in_field: bool = False) -> str:
        elements, _ = parse_template(source)
        return template_regex(elements, self._shapes, any_order=self.rule.any_contract_order, labelled=in_field)


def embed_of(normal: Normal, message: Message) -> Embed:
    """Return the embed a part is the text of; an empty one for the content."""
    number = normal.part.removeprefix("embed ")
    return message.embeds[int(number) - 1] if number.isdigit() else Embed()


def _states_a_figure(label: str, text: str, start: int) -> bool:
    value = text[start : next(_line_ends(text, start))]
    return any(mark in label[1:] for mark in ":=>") and any(char.isdigit() for char in value)


def _ends(text: str, start: int) -> Iterator[int]:
    """Yield where a value that begins at a position may end, the likeliest first."""
    lines = list(islice(_line_ends(text, start), _MOST_LINES))
    yield lines[0]
    dividers = [at for at in range(start, lines[0]) if text[at] in _DIVIDERS]
    yield from reversed(dividers[:_MOST_DIVIDERS])
    yield from lines[1:]


def _line_ends(text: str, start: int) -> Iterator[int]:
    while True:
        end = text.find("\n", start)
        if end < 0:
            yield len(text)
            return
        yield end
        start = end + 1


def _label(text: str) -> str:
    """Return the pattern of a label; "A|B" stands for either. Markdown around it is not seen."""
    names = (plain(name).strip("*_~` ").split() for name in text.split("|"))
    either = "|".join(r"\s+".join(re2.escape(word) for word in name) for name in names if name)
    return rf"(?:{either})(?:[^\pL\pN]|\z)"


def _hits(match: object, names: tuple[str, ...]) -> list[Hit]:
    out = []
    for index, name in enumerate(names, 1):
        first, last = match.span(index)  # type: ignore[attr-defined]
        if first >= 0:
            out.append(Hit(name, match.group(index), first, last))  # type: ignore[attr-defined]
    return out
