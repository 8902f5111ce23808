"""
The reading half of the language: vocabulary, patterns and structures, as written and checked.

These values hold *source* (templates and expressions as text, with where they stand); what runs is
compiled from them beside the rulebook, so that equality and hashes never see a callable.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.model.alert import Action
from engine.model.instrument import Right
from engine.model.source import Span


@dataclass(frozen=True, slots=True)
class Source:
    """A template, regular expression, label or expression as written, and where."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Words:
    """
    The spellings of one value of one field.

    field: "action", "right", "expiry", "fraction", "size", "price", "stop", …
    value: what they mean, canonical ("buy_to_open", "call", "1/2", "lotto").
    spellings: as people write them; compared without regard to case.
    """

    field: str
    value: str
    spellings: tuple[str, ...]


class Anchor(StrEnum):
    """Where a template may begin: at the start of a sentence or line, of the whole text, or anywhere."""

    SEGMENT = "segment"
    MESSAGE = "message"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class CardField:
    """One "label: value" line or embed field of a card. template reads the value."""

    label: Source
    template: Source
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class CardRule:
    """
    How a card is recognised and read; absent slots are None and match anything.

    title, description, content, author, footer: templates over that text (author: of the embed).
    color: "#RRGGBB" of the embed, compared without regard to case.
    """

    title: Source | None = None
    description: Source | None = None
    content: Source | None = None
    author: Source | None = None
    footer: Source | None = None
    color: Source | None = None
    fields: tuple[CardField, ...] = ()


@dataclass(frozen=True, slots=True)
class PatternRule:
    """
    One pattern; exactly one of template, card, regex is given.

    anchored: where a template or regex may begin.
    any_contract_order: whether symbol, expiry and strike of {contract} may stand in any order.
    constants: fields the pattern itself states, canonical ("action", "buy_to_open").
    when: words or emoji, one of which must stand somewhere in the text; empty for none.
    unless: words or emoji that keep this pattern from matching when they stand anywhere in the text.
    ignore_guards: guards of the vocabulary ("condition") that do not stop this pattern.
    """

    name: str
    span: Span
    template: Source | None = None
    card: CardRule | None = None
    regex: Source | None = None
    anchored: Anchor = Anchor.SEGMENT
    any_contract_order: bool = True
    constants: tuple[tuple[str, str], ...] = ()
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    ignore_guards: tuple[str, ...] = ()

    @property
    def is_no_alert(self) -> bool:
        """Whether it says that what it matches is no alert, instead of reading one."""
        return ("action", "none") in self.constants


@dataclass(frozen=True, slots=True)
class StructureLeg:
    """
    One leg of a named structure.

    action: what the leg does when the structure is opened.
    rank: which of the strikes in the text it takes, 1 the lowest.
    right: None when the text must say it.
    """

    action: Action
    rank: int
    right: Right | None
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class StructureRule:
    """
    A multi-leg structure people call by name.

    spellings: its names. strikes: how many different strikes it takes.
    is_credit: whether opening it receives money; None when that depends on the verb.
    verb_decides: whether "sell" opens the reverse of these legs ("sell a straddle").
    equal_wings: whether all neighbouring strikes must lie equally far apart.
    max_width: widest distance of neighbouring strikes, in dollars; None for any.
    """

    name: str
    span: Span
    spellings: tuple[str, ...]
    legs: tuple[StructureLeg, ...]
    strikes: int
    is_credit: bool | None = None
    verb_decides: bool = False
    equal_wings: bool = False
    max_width: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReadRules:
    """
    Everything that decides how text becomes alerts, libraries merged in, own patterns first.

    not_symbols: capitals of words that are never a ticker unless written with "$".
    also_symbols: tickers that would otherwise be taken for words.
    reads_quotes: whether quoted and struck text and code blocks are read like the rest.
    """

    words: tuple[Words, ...] = ()
    patterns: tuple[PatternRule, ...] = ()
    structures: tuple[StructureRule, ...] = ()
    not_symbols: frozenset[str] = frozenset()
    also_symbols: frozenset[str] = frozenset()
    reads_quotes: bool = False
