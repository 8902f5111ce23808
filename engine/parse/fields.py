"""The fields picked out of a text, read as values; contradictions are refused."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from engine.model.alert import Action, Found, Level, Problem
from engine.model.decision import Reason
from engine.model.instrument import Right
from engine.model.reading import StructureRule
from engine.parse.dates import Expiry, read_expiry
from engine.parse.grammar import Grammar
from engine.parse.pattern import Hit, Match
from engine.parse.program import Program
from engine.parse.shapes import NUMBER
from engine.parse.values import (
    Flaw,
    read_fraction,
    read_level,
    read_price,
    read_quantity,
    read_strike,
    read_symbol,
)

T = TypeVar("T")
_PLURAL = Program(r"^[A-Z]{2,5}s$")
_SIGN = Program(r"(?:^|[\s@:=])-\$?$")
_REACHED = Program(r"(?i)\s*(?:was\s+)?(?:hit|reached|met|done|filled|achieved)\b")
_LEVEL = Program(rf"{NUMBER}(?:\s?%)?")
# Figures that are whole: what stands beside them must not go on with the number.
_FIGURES = frozenset(
    {"strike", "price", "late_price", "average_price", "price_high", "quantity", "expiry", "late_expiry", "fraction"}
    | {"from_strike", "from_expiry"}
)
_ACTIONS, _RIGHTS = frozenset(map(str, Action)), frozenset(map(str, Right))
_DIGITS = frozenset("0123456789")
_INSIDE_NUMBERS = frozenset(".,/")
_MAY_GO_ON = _DIGITS | _INSIDE_NUMBERS
# Words around an alert: in small letters they are no ticker, though NOW is one.
_FILLERS = ("noise", "size", "remark", "ignore", "at", "part", "fraction")
# Groups that only mark words as read.
_REMARKS = frozenset(
    {"end", "percent", "remark", "read", "stop_label", "target_label", "ignored", "text", "unit", "trail_only", "roll"}
)


_GAIN = Program(r"(?i)[(+-]\s*%|\b(?:up|gain|profit|for|at)\s*%|%\s*\)|%\s*(?:gain|profit|winner|up|roi|return)")


def _may_be_share(text: str) -> bool:
    digits = text.strip().rstrip("%").strip()
    return digits.replace(".", "", 1).isdigit() and 0 < float(digits) <= 100


@lru_cache(maxsize=4096)
def _expiry(text: str, meaning: str | None, posted: date) -> Expiry:
    return read_expiry(text, meaning, posted)


class FlawFound(Exception):
    """Carries a flaw out of the readers of single fields."""

    def __init__(self, flaw: Flaw, hit: Hit | None = None) -> None:
        super().__init__(flaw.detail)
        self.flaw = flaw
        self.hit = hit


class Fields:
    """The hits of one alert, by field; every reader takes what it needs and refuses contradictions."""

    def __init__(self, grammar: Grammar, match: Match, tail: tuple[Hit, ...], posted: date) -> None:
        self.grammar = grammar
        self.match = match
        self.posted = posted
        self.hits = (*match.hits, *tail)
        self._by_field: dict[str, list[Hit]] = {}
        for hit in self.hits:
            self._by_field.setdefault(hit.field, []).append(hit)
        self.problems: list[Problem] = []
        self._constants = dict(match.rule.constants)
        self._refuse_split_figures()

    def _refuse_split_figures(self) -> None:
        text = self.match.normal.text
        for hit in self.hits:
            if hit.field not in _FIGURES or hit.end <= hit.start:
                continue
            if text[hit.end : hit.end + 1] not in _MAY_GO_ON and text[hit.start - 1 : hit.start] not in _MAY_GO_ON:
                continue
            before, behind = text[max(0, hit.start - 2) : hit.start][::-1], text[hit.end : hit.end + 2]
            begins_inside = hit.text[0].isdigit() and _goes_on(before)
            if begins_inside or (hit.text[-1].isdigit() and _goes_on(behind)):
                raise FlawFound(Flaw(Reason.LEFTOVER, f"{hit.text!r} is only a part of a longer figure"), hit)

    def all(self, *names: str) -> list[Hit]:
        """Return the hits of some fields, in the order they were picked out."""
        if len(names) == 1:
            return self._by_field.get(names[0], [])
        if self._by_field.keys().isdisjoint(names):
            return []
        return [hit for hit in self.hits if hit.field in names]

    def word(self, name: str) -> Hit | None:
        """Return the one hit of a field; constants of the pattern stand in where the text has none."""
        hits = self.all(name)
        if hits:
            return hits[0]
        return Hit(name, self._constants[name], 0, 0) if name in self._constants else None

    def constant(self, name: str) -> str:
        """Return what the pattern itself states of a field; "" when it states nothing."""
        return self._constants.get(name, "")

    def is_market(self) -> bool:
        """Return whether the text, or the pattern, means the market price."""
        return bool(self.all("market")) or self.constant("price") == "market"

    def tags(self) -> tuple[str, ...]:
        """Return the size tags named, each once, in order; that of the pattern last."""
        named = [self.grammar.vocabulary.meaning("size", hit.text) or hit.text for hit in self.all("size")]
        if not named and "size" not in self._constants:
            return ()
        return tuple(dict.fromkeys(filter(None, (*named, self.constant("size")))))

    def action(self) -> Action:
        """Return what the alert asks for."""
        meanings = {self._action_meaning(hit.text) for hit in self.all("action")}
        if not meanings and (constant := self._constants.get("action")):
            meanings = {self._action_meaning(constant)}
        if len(meanings) != 1 or None in meanings:
            raise FlawFound(
                Flaw(
                    Reason.AMBIGUOUS, "the text names more than one action" if meanings else "the text names no action"
                )
            )
        return Action(str(meanings.pop()))

    def _action_meaning(self, text: str) -> str | None:
        return text if text in _ACTIONS else self.grammar.vocabulary.meaning("action", text)

    def symbol(self, name: str = "symbol") -> str | None:
        """Return the ticker in capitals."""
        names = {read_symbol(hit.text) for hit in self.all(f"named_{name}")}
        for hit in self.all(name) or [found for found in [self.word(name)] if found and not names]:
            symbol = read_symbol(hit.text)
            if not hit.text.startswith("$") and self._is_word(symbol, hit.text):
                detail = f"{hit.text!r} is not taken for a ticker unless written ${symbol}"
                raise FlawFound(Flaw(Reason.NOT_A_SYMBOL, detail), hit)
            names.add(symbol)
        return self._one(names, name)

    def _is_word(self, symbol: str, text: str) -> bool:
        """Whether it is rather a word, a plural or a currency pair than the ticker of a US security."""
        if symbol in self.grammar.also_symbols:
            return False
        is_filler = not text.isupper() and any(self.grammar.vocabulary.meaning(field, text) for field in _FILLERS)
        is_long = len(symbol.partition(".")[0]) > 5
        is_plural = text.endswith("s") and _PLURAL.holds(text)
        return is_filler or is_long or is_plural or symbol in self.grammar.not_symbols

    def strike(self, prefix: str = "") -> Decimal | None:
        """Return the strike in dollars."""
        hits = self.all(f"{prefix}strike", f"{prefix}occ_strike")
        hits = hits or [hit for hit in [self.word(f"{prefix}strike")] if hit]
        found = {self._sound(read_strike(hit.text, in_thousandths="occ" in hit.field), hit) for hit in hits}
        return self._one(found, "strike")

    def right(self, prefix: str = "") -> Right | None:
        """Return the right."""
        hits = self.all(f"{prefix}right") or [hit for hit in [self.word(f"{prefix}right")] if hit]
        return self._one({self._right_of(hit) for hit in hits}, "right")

    def _right_of(self, hit: Hit) -> Right:
        meaning = self.grammar.vocabulary.meaning("right", hit.text) or hit.text.lower()
        if meaning not in _RIGHTS:
            raise FlawFound(Flaw(Reason.NO_RIGHT, f"{hit.text!r} is neither call nor put"), hit)
        return Right(meaning)

    def structure(self) -> StructureRule | None:
        """Return the named structure: by one of its spellings, or by its own name when the pattern states it."""
        hit = self.word("structure")
        if hit is None:
            return None
        known = self.grammar.structures
        named = known.get(" ".join(hit.text.lower().split()))
        rule = named or next((rule for rule in known.values() if rule.name == hit.text), None)
        if rule is None:
            raise FlawFound(Flaw(Reason.BAD_STRUCTURE, f"{hit.text!r} is no structure"), hit)
        return rule

    def expiry(self, prefix: str = "") -> date | None:
        """Return the expiry; impossible and past days are noted as problems."""
        hits = self.all(f"{prefix}expiry", f"{prefix}compact_expiry") or [
            hit for hit in [self.word(f"{prefix}expiry")] if hit
        ]
        hits = hits if prefix else [*hits, *self.all("late_expiry")]
        expiries = {self.day(hit) for hit in hits}
        if len(expiries) > 1:
            raise FlawFound(
                Flaw(Reason.AMBIGUOUS, f"the text names several expiries: {', '.join(hit.text for hit in hits)}"),
                hits[-1],
            )
        if not expiries:
            return None
        expiry = expiries.pop()
        if expiry.problem:
            self.problems.append(expiry.problem)
        return expiry.day

    def day(self, hit: Hit) -> Expiry:
        """Read one expiry against the day of the message."""
        text = hit.text
        before = self.match.normal.text[max(0, hit.start - 4) : hit.start].lower() if hit.end else ""
        if text[:1].isdigit() and before.endswith("-") and text.lower().endswith("dte"):
            return Expiry(None, Problem("bad_date", f"-{text} lies before the message"))
        if text[:1].isalpha() and before.endswith(" on ") and self.action().closes:
            raise FlawFound(Flaw(Reason.AMBIGUOUS, f"{text!r}: the day of the exit, or the expiry?"), hit)
        if hit.field.endswith("compact_expiry"):
            text = f"20{text[:2]}-{text[2:4]}-{text[4:]}"
        meaning = text if text == self.constant("expiry") else self.grammar.vocabulary.meaning("expiry", text)
        return _expiry(text, meaning, self.posted)

    def price(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the limit price and, of a range, its far end."""
        hits = self.all("price", "late_price") or ([] if self.all("market") else self.all("average_price"))
        prices = set()
        for hit in hits:
            before = self.match.normal.text[max(0, hit.start - 4) : hit.start]
            if "-" in before and _SIGN.holds(before):
                raise FlawFound(Flaw(Reason.BAD_PRICE, f"-{hit.text} is below zero"), hit)
            prices.add(self._sound(read_price(hit.text), hit))
        high = self._one({self._sound(read_price(hit.text), hit) for hit in self.all("price_high")}, "price")
        if high is not None and self.closes:
            raise FlawFound(
                Flaw(Reason.AMBIGUOUS, "two prices on an exit: the entry's and its own?"), self.all("price_high")[0]
            )
        return self._one(prices, "price"), high

    def quantity(self) -> int | None:
        """Return the count of contracts or shares; "SOLD -1" is how brokers count what was sold."""
        for hit in self.all("quantity"):
            has_sign = self.match.normal.text[max(0, hit.start - 1) : hit.start] == "-"
            if has_sign and (self.all("legs", "roll") or self.action().buys):
                raise FlawFound(Flaw(Reason.BAD_QUANTITY, f"-{hit.text} is below one"), hit)
        return self._one({self._sound(read_quantity(hit.text), hit) for hit in self.all("quantity")}, "quantity")

    def fraction(self) -> Decimal | None:
        """Return the part of the position a closing alert names; figures say more than "last" or "rest"."""
        words = self.grammar.vocabulary
        self._refuse_bare_percent()
        hits = self.all("fraction")
        figures = [hit for hit in hits if words.meaning("fraction", hit.text) != "1"]
        found = {
            self._sound(read_fraction(hit.text, words.meaning("fraction", hit.text)), hit) for hit in figures or hits
        }
        if self.all("close_all") or any(words.meaning("close_all", hit.text) for hit in self.all("action")):
            found.add(Decimal(1))
        if not found and (constant := self.constant("fraction")):
            found.add(self._sound(read_fraction(constant, None), Hit("fraction", constant, 0, 0)))
        return self._one(found, "fraction")

    def _refuse_bare_percent(self) -> None:
        """Behind an exit "50%" may be a share or a gain; a sign, brackets or a word for it make it a gain."""
        text = self.match.normal.text
        for hit in self.all("percent"):
            around = text[max(0, hit.start - 12) : hit.start] + "%" + text[hit.end : hit.end + 12]
            is_next = not text[self.match.end : hit.start].strip(" ,;@-|")
            if is_next and _may_be_share(hit.text) and not _GAIN.holds(around):
                raise FlawFound(Flaw(Reason.AMBIGUOUS, f"{hit.text!r}: a share of the position, or a gain?"), hit)

    @property
    def closes(self) -> bool:
        """Whether the alert's action takes from a position."""
        if self.all("legs", "roll"):
            return False
        meanings = {self._action_meaning(hit.text) for hit in self.all("action")} or {self.constant("action")}
        return bool(meanings & {Action.SELL_TO_CLOSE, Action.BUY_TO_CLOSE})

    def is_part(self) -> bool:
        """Return whether the text says it closes a part without saying how much."""
        words = self.grammar.vocabulary
        return bool(self.all("part")) or any(words.meaning("part", hit.text) for hit in self.all("action"))

    def names_shares(self) -> bool:
        """Return whether the quantity is one of shares."""
        words = self.grammar.vocabulary
        return any(words.meaning("unit", hit.text) == "share" for hit in self.all("unit"))

    def levels(self, name: str) -> tuple[Level, ...]:
        """Return the stops or targets named, each once, in order."""
        if not self.all(name):
            return ()
        words = self.grammar.vocabulary
        trails = {hit.start: hit.text for hit in self.all("trail")}
        out: list[Level] = []
        for hit in self.all(name):
            if name == "target" and self._numbers_a_target(hit):
                continue
            trail = next((text for start, text in trails.items() if 0 <= start - hit.end < 12), None)
            is_breakeven = words.meaning("breakeven", hit.text) is not None
            for text in (hit.text,) if is_breakeven else _each_level(hit.text):
                level = self._sound(read_level(text, trail, is_breakeven=is_breakeven), hit)
                if level not in out:
                    out.append(level)
        return tuple(out)

    def _numbers_a_target(self, hit: Hit) -> bool:
        """Whether a digit says which target it is, not at what price ("TP1 hit")."""
        text = self.match.normal.text
        is_digit = len(hit.text) == 1 and hit.end > hit.start
        return is_digit and (text[hit.start - 1].isalpha() or _REACHED.match(text[hit.end :]) is not None)

    def is_credit(self) -> bool | None:
        """Return whether the text calls the net price a credit; None when it says nothing."""
        meaning = self._one(
            {self.grammar.vocabulary.meaning("credit", hit.text) for hit in self.all("credit")}, "credit or debit"
        )
        meaning = meaning or self.constant("credit")
        return meaning == "credit" if meaning else None

    def found(self) -> tuple[Found, ...]:
        """Return where each field stands in the raw text."""
        normal = self.match.normal
        kept = [hit for hit in self.hits if hit.field not in _REMARKS and hit.end > hit.start]
        places = [normal.place(hit.start, hit.end) for hit in kept]
        raw = [normal.raw[place.start : place.end] for place in places]
        names = [hit.field.removeprefix("late_") for hit in kept]
        return tuple(map(Found, names, raw, places))

    def _sound(self, value: T | Flaw, hit: Hit) -> T:
        if isinstance(value, Flaw):
            raise FlawFound(value, hit)
        return value

    def _one(self, values: set[T], name: str) -> T | None:
        if len(values) > 1:
            raise FlawFound(
                Flaw(Reason.AMBIGUOUS, f"the text names more than one {name}: {', '.join(sorted(map(str, values)))}")
            )
        return values.pop() if values else None


def _goes_on(beside: str) -> bool:
    """Whether the characters beside a figure, the nearest first, go on with it."""
    return beside[:1] in _DIGITS or (beside[:1] in _INSIDE_NUMBERS and beside[1:] in _DIGITS)


def _each_level(text: str) -> list[str]:
    """Return the levels of "1.60 / 2.00 / 2.50"; a percent sign at the end holds for all of them."""
    levels = [text[slice(*spans[0])] for spans in _LEVEL.finditer(text)] or [text]
    return [f"{level.rstrip('% ')}%" for level in levels] if text.rstrip().endswith("%") else levels
