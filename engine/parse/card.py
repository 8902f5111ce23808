"""Cards: alerts laid out as an embed or as "label: value" lines."""

from dataclasses import replace
from functools import cached_property

import re2

from engine.model.message import Message
from engine.model.reading import CardField, CardRule, PatternRule, Source
from engine.parse.normalise import Normal, normalise
from engine.parse.pattern import Hit, Match, compiled
from engine.parse.shapes import Shapes
from engine.parse.template import number_groups, parse_template, strip_groups, template_regex

_LINE = r"(?:\A|\n|\|)[^\pL\pN\n]*"
# A label vouches for a ticker that would be a word elsewhere.
_VOUCHED = {"symbol": "named_symbol"}
_SEPARATOR = r"[\s:=|>~()-]*"


class CardPattern:
    """One card rule, matched against one message part."""

    def __init__(self, rule: PatternRule, card: CardRule, shapes: Shapes) -> None:
        self.rule = rule
        self._card = card
        self._shapes = shapes

    @cached_property
    def hint(self) -> str:
        """A cheap pattern, without groups, that matches every part this card can match."""
        if self._card.title is not None:
            return "(?i)" + strip_groups(self._body(self._card.title))
        for field in self._card.fields:
            if field.is_required:
                return "(?i)" + _label(field.label.text)
        return r"(?s)."

    @property
    def slots(self) -> int:
        """How many things the card asks for."""
        card = self._card
        given = (card.color, card.author, card.footer, card.content, card.title, card.description)
        return sum(slot is not None for slot in given) + sum(field.is_required for field in card.fields)

    def find(self, normal: Normal, message: Message) -> tuple[Match, ...]:
        """Return the card's one match in a part; none when a required slot is missing or does not read."""
        return self._find(normal, message) or ()

    def missing(self, normal: Normal, message: Message) -> str:
        """Return the first slot that keeps the card from matching, "" when it matches."""
        for name, found in self._slots(normal, message):
            if found is None:
                return name
        return ""

    def _find(self, normal: Normal, message: Message) -> tuple[Match, ...] | None:
        hits: list[Hit] = []
        for _, found in self._slots(normal, message):
            if found is None:
                return None
            hits.extend(found)
        end = max((hit.end for hit in hits), default=0)
        return (Match(self.rule, normal, 0, end, 0, tuple(hits)),)

    def _slots(self, normal: Normal, message: Message) -> list[tuple[str, tuple[Hit, ...] | None]]:
        card, embed = self._card, self._embed(normal, message)
        slots: list[tuple[str, tuple[Hit, ...] | None]] = []
        if card.color is not None:
            slots.append(("color", () if embed.lower_color == card.color.text.lower() else None))
        if card.author is not None:
            slots.append(("author", self._elsewhere(card.author, embed.author)))
        if card.footer is not None:
            slots.append(("footer", self._elsewhere(card.footer, embed.footer)))
        if card.content is not None:
            slots.append(("content", self._elsewhere(card.content, message.content)))
        if card.title is not None:
            slots.append(("title", self._hits(rf"(?i)\A[^\pL\pN$/.\n]*{self._body(card.title)}", normal)))
        if card.description is not None:
            slots.append(
                ("description", self._hits(f"(?i){self._shapes.prefix}{self._body(card.description)}", normal))
            )
        slots.extend((f"field {field.label.text}", self._field(field, normal)) for field in card.fields)
        return slots

    def _field(self, field: CardField, normal: Normal) -> tuple[Hit, ...] | None:
        value = self._body(field.template)
        rest = rf"(?:[\s+*.,!)(-]|{strip_groups(self._shapes.noise)})*(?:\n|\||\z)"
        pattern, names = number_groups(rf"(?i){_LINE}{_label(field.label.text)}{_SEPARATOR}{value}{rest}")
        hits: list[Hit] = []
        position, program = 0, compiled(pattern)
        while (match := program.search(normal.text, position)) is not None:
            hits.extend(replace(hit, field=_VOUCHED.get(hit.field, hit.field)) for hit in _hits(match, names))
            position = max(match.end() - 1, position + 1)
        if hits or not field.is_required:
            return tuple(hits)
        return () if not names and program.search(normal.text) else None

    def _hits(self, pattern: str, normal: Normal) -> tuple[Hit, ...] | None:
        numbered, names = number_groups(pattern)
        match = compiled(numbered).search(normal.text)
        return tuple(_hits(match, names)) if match else None

    def _elsewhere(self, source: Source, text: str) -> tuple[Hit, ...] | None:
        """Match a text that is not part of the card's own; what it says has no place in the part."""
        pattern, names = number_groups(f"(?i){self._body(source)}")
        match = compiled(pattern).search(normalise(text).text)
        return tuple(Hit(hit.field, hit.text, 0, 0) for hit in _hits(match, names)) if match else None

    def _body(self, source: Source) -> str:
        elements, _ = parse_template(source)
        return template_regex(elements, self._shapes, any_order=self.rule.any_contract_order, any_case=True)

    @staticmethod
    def _embed(normal: Normal, message: Message) -> "_Look":
        number = normal.part.removeprefix("embed ")
        if not number.isdigit():
            return _Look("", "", "")
        embed = message.embeds[int(number) - 1]
        return _Look(embed.color.lower(), embed.author, embed.footer)


class _Look:
    """What an embed shows besides its texts."""

    def __init__(self, color: str, author: str, footer: str) -> None:
        self.lower_color = color
        self.author = author
        self.footer = footer


def _label(text: str) -> str:
    """Return the pattern of a label; "A|B" stands for either."""
    names = (r"\s+".join(re2.escape(word) for word in name.split()) for name in text.split("|"))
    return rf"(?:{'|'.join(names)})(?:[^\pL\pN]|\z)"


def _hits(match: object, names: tuple[str, ...]) -> list[Hit]:
    out = []
    for index, name in enumerate(names, 1):
        first, last = match.span(index)  # type: ignore[attr-defined]
        if first >= 0:
            out.append(Hit(name, match.group(index), first, last))  # type: ignore[attr-defined]
    return out
