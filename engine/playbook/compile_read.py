"""The reading half of the language, compiled: vocabulary, structures, symbols and patterns of one file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.model.alert import Action
from engine.model.instrument import Right
from engine.model.reading import (
    Anchor,
    CardField,
    CardRule,
    PatternRule,
    ReadRules,
    Source,
    StructureLeg,
    StructureRule,
    Words,
)
from engine.model.source import Span
from engine.playbook.bound import Bound
from engine.playbook.section import Section, source_of, value_as

STRUCTURE: Final = "structure"
_ACTIONS: Final = {
    "BTO": Action.BUY_TO_OPEN,
    "STO": Action.SELL_TO_OPEN,
    "BTC": Action.BUY_TO_CLOSE,
    "STC": Action.SELL_TO_CLOSE,
}


@dataclass(frozen=True, slots=True)
class WrittenWord:
    """One spelling with where it stands. field: of the vocabulary, or STRUCTURE for the name of a structure."""

    field: str
    value: str
    spelling: str
    span: Span


def action_name(text: str) -> str:
    """
    Return the canonical name of an action.

    >>> action_name("BTO")
    'buy_to_open'
    """
    return _ACTIONS[text].value if text in _ACTIONS else text


def written_words(section: Section) -> Iterator[WrittenWord]:
    """Return every spelling of a file's vocabulary, in file order, and last those of its structures."""
    for field, bound in section.section("words").entries():
        if isinstance(bound.value, tuple):
            yield from _spellings(field, field, bound)
            continue
        for value, spellings in Section(bound, section.span).entries():
            yield from _spellings(field, action_name(value) if field == "action" else value, spellings)
    structures = section.section("structures")
    for name, bound in structures.entries():
        for item in Section(bound, structures.span).items("words"):
            yield WrittenWord(STRUCTURE, name, value_as(item, str), item.span)


def _spellings(field: str, value: str, bound: Bound) -> Iterator[WrittenWord]:
    for item in value_as(bound, tuple):
        yield WrittenWord(field, value, value_as(item, str), item.span)


def compile_reading(section: Section) -> ReadRules:
    """Return what one file says about reading, by itself."""
    spellings: dict[tuple[str, str], set[str]] = {}
    for word in written_words(section):
        if word.field != STRUCTURE:
            spellings.setdefault((word.field, word.value), set()).add(word.spelling)
    symbols = section.section("symbols")
    structures = section.section("structures")
    return ReadRules(
        words=tuple(Words(field, value, tuple(sorted(words))) for (field, value), words in sorted(spellings.items())),
        patterns=tuple(_pattern(pattern) for pattern in section.sections("patterns")),
        structures=tuple(_structure(name, structures, bound) for name, bound in structures.by_key()),
        not_symbols=frozenset(symbols.texts("never")),
        also_symbols=frozenset(symbols.texts("also")),
    )


def _structure(name: str, structures: Section, bound: Bound) -> StructureRule:
    rule = Section(bound, structures.span)
    legs = tuple(_leg(leg) for leg in rule.sections("legs"))
    opens = rule.text("opens")
    return StructureRule(
        name=name,
        span=structures.key_span(name),
        spellings=tuple(sorted(rule.texts("words"))),
        legs=legs,
        strikes=max(leg.rank for leg in legs),
        is_credit=None if not opens else opens == "credit",
        verb_decides=rule.flag("verb_decides", default=False),
        equal_wings=rule.flag("equal_wings", default=False),
        max_width=rule.amount_if_written("max_width"),
    )


def _leg(leg: Section) -> StructureLeg:
    is_bought = "buy" in leg
    action = Action.BUY_TO_OPEN if is_bought else Action.SELL_TO_OPEN
    right = Right(leg.text("right")) if "right" in leg else None
    return StructureLeg(action, leg.count("buy" if is_bought else "sell", 1), right, leg.count("ratio", 1))


def _pattern(pattern: Section) -> PatternRule:
    return PatternRule(
        name=pattern.text("name"),
        span=pattern.span_of("name"),
        template=pattern.source("match"),
        card=_card(pattern.section("card")),
        regex=pattern.source("regex"),
        anchored=pattern.choice("anchored", Anchor.SEGMENT),
        any_contract_order=pattern.text("contract_order", "any") == "any",
        constants=tuple(_constant(field, bound) for field, bound in pattern.section("set").by_key()),
        when=tuple(sorted(pattern.texts("when"))),
        unless=tuple(sorted(pattern.texts("unless"))),
        ignore_guards=tuple(sorted(pattern.texts("ignore_guards"))),
    )


def _constant(field: str, bound: Bound) -> tuple[str, str]:
    value = value_as(bound, str)
    return field, action_name(value) if field == "action" else value


def _card(card: Section) -> CardRule | None:
    if not card.is_written:
        return None
    fields = card.section("fields")
    return CardRule(
        title=card.source("title"),
        description=card.source("description"),
        content=card.source("content"),
        author=card.source("author"),
        footer=card.source("footer"),
        color=card.source("color"),
        fields=tuple(_card_field(label, fields.key_span(label), bound) for label, bound in fields.by_key()),
    )


def _card_field(label: str, span: Span, bound: Bound) -> CardField:
    is_required = not label.endswith("?")
    return CardField(Source(label.removesuffix("?"), span), source_of(bound), is_required)
