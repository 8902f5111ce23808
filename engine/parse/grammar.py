"""What one vocabulary compiles to, shared by every playbook that has the same."""

from functools import cached_property, lru_cache

from engine.model.reading import PatternRule, ReadRules, StructureRule, Words
from engine.parse.card import CardPattern
from engine.parse.fitting import Fitting
from engine.parse.legs import LegReader
from engine.parse.pattern import TextPattern
from engine.parse.segments import Guards
from engine.parse.shapes import Shapes
from engine.parse.tail import Tail, tail_of
from engine.parse.template import strip_groups
from engine.parse.vocabulary import Vocabulary

Pattern = TextPattern | CardPattern
_OCC = r"\d{6}[CP]\d{8}\b"
_STRIKE_LINE = r"(?:\A|[\n|•·])[^\pL\n]*strike\b[^\d\n]{0,12}\d"


class Grammar:
    """Words, shapes, structures and the patterns made of them; each part is compiled when first needed."""

    def __init__(self, rules: ReadRules) -> None:
        self.not_symbols = rules.not_symbols
        self.also_symbols = rules.also_symbols
        self._structures = rules.structures
        self._words = rules.words
        self._patterns: dict[PatternRule, Pattern] = {}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words."""
        return Vocabulary(self._words)

    @cached_property
    def structures(self) -> dict[str, StructureRule]:
        """Named structures by every spelling, in small letters."""
        return {" ".join(name.lower().split()): rule for rule in reversed(self._structures) for name in rule.spellings}

    @cached_property
    def shapes(self) -> Shapes:
        """The fragments of templates."""
        return self.fitting.whole

    @cached_property
    def fitting(self) -> Fitting:
        """The same fragments, cut down to what a text can hold."""
        return Fitting(self._words, tuple(self.structures))

    @cached_property
    def legs(self) -> LegReader:
        """The reader of legs written out."""
        return LegReader(self.vocabulary, self.shapes, self.not_symbols)

    @cached_property
    def guards(self) -> Guards:
        """The words that keep a text from being an alert."""
        return Guards(self.vocabulary)

    @cached_property
    def tail(self) -> Tail:
        """The reader of what follows an alert."""
        return tail_of(self.vocabulary, self.shapes)

    @cached_property
    def contract_shape(self) -> str:
        """A pattern, without groups, for contract-like text, also as cards and brokers write it."""
        barred = rf"\d\s?[|•·]\s?{self.vocabulary.any_of('right')}"
        return f"(?i)(?:{strip_groups(self.shapes.strike_right)}|{barred}|{_OCC}|{_STRIKE_LINE})"

    @cached_property
    def order_words(self) -> str:
        """A pattern, without groups, for what makes contract-like text an order: an action or a labelled price."""
        words = self.vocabulary
        price = strip_groups(self.shapes.fragment("at_price"))
        return rf"(?i){words.any_of('action')}|{words.any_of('roll')}|{price}"

    @cached_property
    def opening_words(self) -> str:
        """A pattern, without groups, for words that open something."""
        return "(?i)" + self.vocabulary.any_of("action", "buy_to_open", "sell_to_open")

    @cached_property
    def no_right(self) -> str:
        """A pattern, without groups, for an action, a symbol, a strike and a date without call or put."""
        shapes = self.shapes
        quantity = f"(?:{shapes.fragment('quantity')}{shapes.gap})?"
        start = f"(?i){shapes.prefix}{shapes.fragment('action')}{shapes.gap}{quantity}"
        strike, expiry = shapes.fragment("strike"), shapes.expiry
        either = rf"(?:{strike}\s+{expiry}|{expiry}\s+{strike}(?:\s|\z))"
        return strip_groups(f"{start}{shapes.fragment('symbol')}{shapes.gap}{either}")

    @cached_property
    def share_order(self) -> str:
        """A pattern whose one group is the ticker of an order for shares: an action, a ticker, a labelled price."""
        shapes = self.shapes
        start = (
            f"(?i){shapes.prefix}{shapes.fragment('action')}{shapes.gap}(?:{shapes.fragment('quantity')}{shapes.gap})?"
        )
        whole = f"{start}{shapes.fragment('symbol')}{shapes.gap}{shapes.fragment('at_price')}"
        return strip_groups(whole.replace("(?P<symbol>", "\x00")).replace("\x00", "(")

    @property
    def share_hints(self) -> tuple[str, ...]:
        """Cheap patterns that all match wherever `share_order` does."""
        price = strip_groups(self.shapes.fragment("at_price"))
        return (f"(?i){price}", "(?i)" + self.vocabulary.any_of("action"))

    @cached_property
    def right_of(self) -> dict[str, str]:
        """The canonical right of every spelling."""
        words = self.vocabulary
        return {spelling: str(words.meaning("right", spelling)) for spelling in words.spellings("right")}

    def pattern(self, rule: PatternRule) -> Pattern:
        """Return a pattern, the same one for the same rule."""
        if rule not in self._patterns:
            card = rule.card
            made = CardPattern(rule, card, self.fitting) if card else TextPattern(rule, self.fitting)
            self._patterns[rule] = made
        return self._patterns[rule]


def grammar_of(rules: ReadRules) -> Grammar:
    """Return the grammar of some rules; rules with equal words, structures and symbols share one."""
    return _grammar(rules.words, rules.structures, rules.not_symbols, rules.also_symbols)


@lru_cache(maxsize=512)
def _grammar(
    words: tuple[Words, ...],
    structures: tuple[StructureRule, ...],
    not_symbols: frozenset[str],
    also_symbols: frozenset[str],
) -> Grammar:
    return Grammar(ReadRules(words=words, structures=structures, not_symbols=not_symbols, also_symbols=also_symbols))
