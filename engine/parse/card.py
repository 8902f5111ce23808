"""Cards: alerts laid out as an embed or as "label: value" lines."""

from collections.abc import Iterator
from enum import Enum, auto
from functools import cached_property, lru_cache
from itertools import islice

import re2

from engine.model.message import Embed, Message
from engine.model.reading import Anchor, CardField, CardRule, PatternRule, Source
from engine.parse.fitting import Fitting
from engine.parse.normalise import Normal, normalise, plain
from engine.parse.pattern import Hit, Match
from engine.parse.program import compiled, compiled_short
from engine.parse.shapes import Shapes
from engine.parse.template import hints, number_groups, parse_template, template_regex

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

# Of so many kinds of texts a card remembers what its slots look like for them.
_MOST_WRITTEN = 512

Hits = tuple[Hit, ...]
Slot = tuple[str, Hits | None]


class _Place(Enum):
    """What the text is that a slot's template reads."""

    TITLE = auto()
    DESCRIPTION = auto()
    VALUE = auto()
    OUTSIDE = auto()


class CardPattern:
    """One card rule, matched against one message part."""

    def __init__(self, rule: PatternRule, card: CardRule, fitting: Fitting) -> None:
        self.rule = rule
        self._card = card
        self._fitting = fitting
        self._written = lru_cache(maxsize=_MOST_WRITTEN)(self._write)

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """
        Cheap patterns that all match every part this card can match: its title, and its labels.

        Words of its own in the title are enough: such a card is looked at also when a label is missing.
        """
        title = parse_template(self._card.title)[0] if self._card.title else ()
        said = hints(title, self._fitting.whole) if title else ()
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
            yield "title", self._hits(_Place.TITLE, card.title, normal.text)
        if card.description is not None:
            yield "description", self._hits(_Place.DESCRIPTION, card.description, normal.text)
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
        label = compiled(_line_of(field.label.text))
        is_there, hits, position = False, list[Hit](), 0
        text = normal.text
        while (spans := label.search(text, min(position, len(text)))) is not None:
            first, end = spans[0]
            found = self._value(field, text, end)
            if found is None and _states_a_figure(text[first:end], text, end):
                return None
            is_there = is_there or found is not None
            hits.extend(found or ())
            position = max(end - 1, position + 1)
        return tuple(hits) if is_there or not field.is_required else None

    def _value(self, field: CardField, text: str, start: int) -> Hits | None:
        """Read a value that begins at a position; it ends with its line, at a divider, or a few lines on."""
        for end in _ends(text, start):
            hits = self._hits(_Place.VALUE, field.template, text[start:end])
            if hits is not None:
                return tuple(
                    Hit(_VOUCHED.get(hit.field, hit.field), hit.text, hit.start + start, hit.end + start)
                    for hit in hits
                )
        return None

    def _hits(self, place: _Place, template: Source, text: str) -> Hits | None:
        """Match the template of a slot in the text it belongs to."""
        shapes = self._fitting.shapes(text)
        pattern, names = self._written(place, template, shapes)
        spans = compiled_short(pattern, for_ascii=shapes.is_ascii).search(text)
        if spans is None:
            return None
        named = zip(names, spans[1:], strict=True)
        return tuple(Hit(name, text[first:last], first, last) for name, (first, last) in named if first >= 0)

    def _outside(self, template: Source, text: str) -> Hits | None:
        """Match a text that is not part of the card's own; what it says has no place in the part."""
        hits = self._hits(_Place.OUTSIDE, template, normalise(text).text)
        return None if hits is None else tuple(Hit(hit.field, hit.text, 0, 0) for hit in hits)

    def _write(self, place: _Place, template: Source, shapes: Shapes) -> tuple[str, tuple[str, ...]]:
        """Return the pattern of a slot, and the fields of its groups."""
        before, behind = "", ""
        if place is _Place.TITLE:
            before = r"\A[^\pL\pN$/.\n]*"
        elif place is _Place.DESCRIPTION and self.rule.anchored is not Anchor.ANYWHERE:
            before = shapes.prefix
        elif place is _Place.VALUE:
            before, behind = r"\A", rf"(?:[\s+*.,!)(-]|{shapes.noise})*\z"
        in_field, any_order = place is _Place.VALUE, self.rule.any_contract_order
        body = template_regex(parse_template(template)[0], shapes, any_order=any_order, labelled=in_field)
        return number_groups(f"(?i){before}{body}{behind}")


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


@lru_cache(maxsize=1024)
def _line_of(label: str) -> str:
    """Return the pattern of a label where one may stand, and of what divides it from its value."""
    return rf"(?i){_LINE}{_label(label)}{_SEPARATOR}"


def _label(text: str) -> str:
    """Return the pattern of a label; "A|B" stands for either. Markdown around it is not seen."""
    names = (plain(name).strip("*_~` ").split() for name in text.split("|"))
    either = "|".join(r"\s+".join(re2.escape(word) for word in name) for name in names if name)
    return rf"(?:{either})(?:[^\pL\pN]|\z)"
