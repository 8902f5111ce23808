"""Fields picked out of a text → one alert, or the flaw that keeps it from being one."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

import re2

from engine.model.alert import Action, Alert, Asset, Found, Leg, Level, Problem
from engine.model.decision import Reason
from engine.model.instrument import Right
from engine.model.reading import ReadRules, StructureRule
from engine.parse.dates import Expiry, read_expiry
from engine.parse.legs import LegReader, closing_legs, join_legs, reversed_legs, structure_legs
from engine.parse.pattern import Hit, Match
from engine.parse.shapes import Shapes
from engine.parse.values import (
    Flaw,
    read_fraction,
    read_level,
    read_price,
    read_quantity,
    read_strike,
    read_strikes,
    read_symbol,
)
from engine.parse.vocabulary import Vocabulary, alternation

T = TypeVar("T")
_SHARE_OR_DATE = re2.compile(r"^(?:1/2|1/3|2/3|1/4|3/4)$")
_SIGN = re2.compile(r"(?:^|[\s@:=])-\$?$")
_DATE_LIKE = re2.compile(r"^\d{1,2}[/-]\d{1,2}$")
# Groups that only mark words as read.
_REMARKS = frozenset({"end", "stop_label", "target_label", "ignored", "text", "unit", "trail_only", "roll"})


class FlawFound(Exception):
    """Carries a flaw out of the readers of single fields."""

    def __init__(self, flaw: Flaw, hit: Hit | None = None) -> None:
        super().__init__(flaw.detail)
        self.flaw = flaw
        self.hit = hit


@dataclass(frozen=True)
class Grammar:
    """What one set of reading rules compiles to: its words, shapes and structures."""

    rules: ReadRules

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words."""
        return Vocabulary(self.rules.words)

    @cached_property
    def structures(self) -> dict[str, StructureRule]:
        """Named structures by every spelling, in small letters."""
        return {" ".join(name.lower().split()): rule for rule in reversed(self.rules.structures) for name in rule.spellings}

    @cached_property
    def shapes(self) -> Shapes:
        """The fragments of templates."""
        return Shapes(self.vocabulary, alternation(tuple(self.structures)))

    @cached_property
    def legs(self) -> LegReader:
        """The reader of legs written out."""
        return LegReader(self.vocabulary, self.shapes, self.rules.not_symbols)


class Fields:
    """The hits of one alert, by field; every reader takes what it needs and refuses contradictions."""

    def __init__(self, grammar: Grammar, match: Match, tail: tuple[Hit, ...], posted: date) -> None:
        self.grammar = grammar
        self.match = match
        self.posted = posted
        self.hits = (*match.hits, *tail)
        self.problems: list[Problem] = []
        self._constants = dict(match.rule.constants)

    def all(self, *names: str) -> list[Hit]:
        """Return the hits of some fields, in the order they were picked out."""
        return [hit for hit in self.hits if hit.field in names]

    def word(self, name: str) -> Hit | None:
        """Return the one hit of a field; constants of the pattern stand in where the text has none."""
        hits = self.all(name)
        if hits:
            return hits[0]
        return Hit(name, self._constants[name], 0, 0) if name in self._constants else None

    def action(self) -> Action:
        """Return what the alert asks for."""
        meanings = {self._action_meaning(hit.text) for hit in self.all("action")}
        if not meanings and (constant := self._constants.get("action")):
            meanings = {self._action_meaning(constant)}
        if len(meanings) != 1 or None in meanings:
            raise FlawFound(Flaw(Reason.AMBIGUOUS, "the text names more than one action" if meanings else "the text names no action"))
        return Action(str(meanings.pop()))

    def _action_meaning(self, text: str) -> str | None:
        return text if text in tuple(Action) else self.grammar.vocabulary.meaning("action", text)

    def symbol(self, name: str = "symbol") -> str | None:
        """Return the ticker in capitals."""
        names: set[str] = set()
        for hit in self.all(name) or [found for found in [self.word(name)] if found]:
            symbol = read_symbol(hit.text)
            rules = self.grammar.rules
            if symbol in rules.not_symbols and symbol not in rules.also_symbols and not hit.text.startswith("$"):
                raise FlawFound(Flaw(Reason.NOT_A_SYMBOL, f"{hit.text!r} is a word, not a ticker, unless written ${symbol}"), hit)
            names.add(symbol)
        return self._one(names, name)

    def strike(self, prefix: str = "") -> Decimal | None:
        """Return the strike in dollars."""
        found = {self._sound(read_strike(hit.text), hit) for hit in self.all(f"{prefix}strike")}
        found |= {self._sound(read_strike(hit.text, in_thousandths=True), hit) for hit in self.all(f"{prefix}occ_strike")}
        return self._one(found, "strike")

    def right(self, prefix: str = "") -> Right | None:
        """Return the right."""
        hits = self.all(f"{prefix}right") or [hit for hit in [self.word(f"{prefix}right")] if hit]
        meanings = {self.grammar.vocabulary.meaning("right", hit.text) or hit.text for hit in hits}
        meaning = self._one(meanings, "right")
        return Right(meaning) if meaning else None

    def expiry(self, prefix: str = "") -> date | None:
        """Return the expiry; impossible and past days are noted as problems."""
        hits = self.all(f"{prefix}expiry", f"{prefix}compact_expiry") or [hit for hit in [self.word(f"{prefix}expiry")] if hit]
        hits = hits if prefix else [*hits, *self.all("late_expiry")]
        expiries = {self.day(hit) for hit in hits}
        if len(expiries) > 1:
            raise FlawFound(Flaw(Reason.AMBIGUOUS, f"the text names several expiries: {', '.join(hit.text for hit in hits)}"), hits[-1])
        if not expiries:
            return None
        expiry = expiries.pop()
        if expiry.problem:
            self.problems.append(expiry.problem)
        return expiry.day

    def day(self, hit: Hit) -> Expiry:
        """Read one expiry against the day of the message."""
        text = hit.text
        if hit.field.endswith("compact_expiry"):
            text = f"20{text[:2]}-{text[2:4]}-{text[4:]}"
        meaning = self.grammar.vocabulary.meaning("expiry", text)
        return read_expiry(text, meaning, self.posted)

    def price(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the limit price and, of a range, its far end."""
        hits = self.all("price", "late_price") or ([] if self.all("market") else self.all("average_price"))
        prices = set()
        for hit in hits:
            if _SIGN.search(self.match.normal.text[max(0, hit.start - 4) : hit.start]):
                raise FlawFound(Flaw(Reason.BAD_PRICE, f"-{hit.text} is below zero"), hit)
            prices.add(self._sound(read_price(hit.text), hit))
        high = self._one({self._sound(read_price(hit.text), hit) for hit in self.all("price_high")}, "price")
        return self._one(prices, "price"), high

    def quantity(self) -> int | None:
        """Return the count of contracts or shares."""
        for hit in self.all("quantity"):
            if self.match.normal.text[max(0, hit.start - 1) : hit.start] == "-":
                raise FlawFound(Flaw(Reason.BAD_QUANTITY, f"-{hit.text} is below one"), hit)
        return self._one({self._sound(read_quantity(hit.text), hit) for hit in self.all("quantity")}, "quantity")

    def fraction(self) -> Decimal | None:
        """Return the part of the position a closing alert names."""
        words = self.grammar.vocabulary
        found = {self._sound(read_fraction(hit.text, words.meaning("fraction", hit.text)), hit) for hit in self.all("fraction")}
        if self.all("close_all") or any(words.meaning("close_all", hit.text) for hit in self.all("action")):
            found.add(Decimal(1))
        return self._one(found, "fraction")

    def is_part(self) -> bool:
        """Return whether the text says it closes a part without saying how much."""
        words = self.grammar.vocabulary
        return bool(self.all("part")) or any(words.meaning("part", hit.text) for hit in self.all("action"))

    def levels(self, name: str) -> tuple[Level, ...]:
        """Return the stops or targets named, each once, in order."""
        words = self.grammar.vocabulary
        trails = {hit.start: hit.text for hit in self.all("trail")}
        out: list[Level] = []
        for hit in self.all(name):
            trail = next((text for start, text in trails.items() if 0 <= start - hit.end < 12), None)
            level = self._sound(read_level(hit.text, trail, is_breakeven=words.meaning("breakeven", hit.text) is not None), hit)
            if level not in out:
                out.append(level)
        return tuple(out)

    def is_credit(self) -> bool | None:
        """Return whether the text calls the net price a credit; None when it says nothing."""
        meaning = self._one({self.grammar.vocabulary.meaning("credit", hit.text) for hit in self.all("credit")}, "credit or debit")
        return None if meaning is None else meaning == "credit"

    def found(self) -> tuple[Found, ...]:
        """Return where each field stands in the raw text."""
        normal = self.match.normal
        out = []
        for hit in self.hits:
            if hit.field not in _REMARKS and hit.end > hit.start:
                place = normal.place(hit.start, hit.end)
                out.append(Found(hit.field.removeprefix("late_"), normal.raw[place.start : place.end], place))
        return tuple(out)

    def _sound(self, value: T | Flaw, hit: Hit) -> T:
        if isinstance(value, Flaw):
            raise FlawFound(value, hit)
        return value

    def _one(self, values: set[T], name: str) -> T | None:
        if len(values) > 1:
            raise FlawFound(Flaw(Reason.AMBIGUOUS, f"the text names more than one {name}: {', '.join(sorted(map(str, values)))}"))
        return values.pop() if values else None


def build(grammar: Grammar, match: Match, tail: tuple[Hit, ...], posted: date) -> Alert:
    """
    Return the alert a match and what follows it say.

    posted: the day of the message in New York.
    Raises: FlawFound when a field does not read, or two contradict each other.
    """
    fields = Fields(grammar, match, tail, posted)
    if fields.all("roll"):
        return _rolled(fields)
    if fields.all("legs"):
        return _legged(fields)
    action = fields.action()
    if fields.word("structure"):
        return _structured(fields, action)
    return _single(fields, action)


def _single(fields: Fields, action: Action) -> Alert:
    future = fields.word("future")
    strike, right, expiry = fields.strike(), fields.right(), fields.expiry()
    symbol = future.text.upper() if future else fields.symbol()
    if strike is not None or right is not None:
        asset: Asset | None = Asset.OPTION
    elif future:
        asset = Asset.FUTURE
    elif action.opens or _names_shares(fields):
        asset = Asset.STOCK
    else:
        asset = None
    if action.closes and _may_be_share(fields):
        raise FlawFound(Flaw(Reason.AMBIGUOUS, "a date or a part of the position? write the year, or 'of position'"))
    legs = (Leg(action, symbol, asset, strike, right, expiry),) if asset and action is not Action.UPDATE else ()
    if asset is Asset.OPTION and action is Action.UPDATE:
        legs = (Leg(action, symbol, asset, strike, right, expiry),)
    return _finished(fields, Alert(action, symbol, asset, legs))


def _names_shares(fields: Fields) -> bool:
    words = fields.grammar.vocabulary
    return any(words.meaning("unit", hit.text) == "share" for hit in fields.all("unit"))


def _may_be_share(fields: Fields) -> bool:
    dates = fields.all("expiry", "late_expiry")
    return len(dates) == 1 and bool(_SHARE_OR_DATE.search(dates[0].text)) and not fields.all("fraction", "close_all")


def _legged(fields: Fields) -> Alert:
    text = fields.all("legs")[0]
    raw = fields.grammar.legs.split(text.text)
    if isinstance(raw, Flaw):
        raise FlawFound(raw, text)
    expiries = [fields.day(Hit("expiry", leg.expiry, 0, 0)) if leg.expiry else Expiry(None) for leg in raw]
    fields.problems.extend(expiry.problem for expiry in dict.fromkeys(expiries) if expiry.problem)
    joined = join_legs(raw, tuple(expiry.day for expiry in expiries))
    if isinstance(joined, Flaw):
        raise FlawFound(joined, text)
    late = fields.expiry()
    legs = tuple(replace(leg, expiry=late) if leg.asset is Asset.OPTION and not leg.expiry else leg for leg in joined.legs)
    alert = Alert(_net_action(legs, fields.is_credit()), legs[0].symbol, Asset.OPTION, legs, structure="legs")
    return _finished(fields, replace(alert, quantity=joined.quantity))


def _net_action(legs: tuple[Leg, ...], is_credit: bool | None) -> Action:
    """One word for an order of several legs: by its net price when the text says it, else by its first opening leg."""
    opening = next((leg.action for leg in legs if leg.action.opens), None)
    if opening is None:
        return legs[0].action
    if is_credit is None:
        return opening
    return Action.SELL_TO_OPEN if is_credit else Action.BUY_TO_OPEN


def _structured(fields: Fields, action: Action) -> Alert:
    hit = fields.word("structure")
    assert hit is not None  # noqa: S101  the caller looked
    rule = fields.grammar.structures[" ".join(hit.text.lower().split())]
    symbol, right, expiry = fields.symbol(), fields.right(), fields.expiry()
    strikes = _strikes(fields)
    says_credit = fields.is_credit()
    sells = action in (Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE)
    is_credit = sells if rule.verb_decides else rule.is_credit
    if says_credit is not None and is_credit is not None and says_credit != is_credit and action.opens:
        raise FlawFound(Flaw(Reason.BAD_STRUCTURE, f"a {rule.name} is not opened for a {'credit' if says_credit else 'debit'}"), hit)
    legs: tuple[Leg, ...] = ()
    if strikes:
        built = structure_legs(rule, symbol, strikes, right, expiry)
        if isinstance(built, Flaw):
            raise FlawFound(built, hit)
        legs = reversed_legs(built) if rule.verb_decides and sells else built
    if action.closes:
        named = Action.BUY_TO_CLOSE if is_credit else Action.SELL_TO_CLOSE
        return _finished(fields, Alert(named, symbol, Asset.OPTION, closing_legs(legs), structure=rule.name))
    named = Action.SELL_TO_OPEN if is_credit else Action.BUY_TO_OPEN
    return _finished(fields, replace(Alert(named, symbol, Asset.OPTION, legs, structure=rule.name), is_credit=is_credit))


def _strikes(fields: Fields) -> tuple[Decimal, ...]:
    """Return the strikes of a named structure, checked against a stated width ("10W")."""
    hits = fields.all("strikes")
    if not hits:
        strike = fields.strike()
        return (strike,) if strike is not None else ()
    strikes = read_strikes(hits[0].text)
    if isinstance(strikes, Flaw):
        raise FlawFound(strikes, hits[0])
    if _DATE_LIKE.search(hits[0].text) and not fields.all("expiry", "late_expiry"):
        raise FlawFound(Flaw(Reason.BAD_STRUCTURE, f"{hits[0].text!r} may be a date"), hits[0])
    ranked = sorted(strikes)
    for hit in fields.all("width"):
        if any(high - low != int(hit.text) for low, high in zip(ranked, ranked[1:], strict=False)):
            raise FlawFound(Flaw(Reason.BAD_STRUCTURE, f"{hits[0].text} is not {hit.text} wide"), hit)
    return strikes


def _rolled(fields: Fields) -> Alert:
    symbol = fields.symbol("from_symbol") or fields.symbol()
    old = Leg(Action.SELL_TO_CLOSE, symbol, Asset.OPTION, fields.strike("from_"), fields.right("from_"), fields.expiry("from_"))
    new = Leg(
        Action.BUY_TO_OPEN, fields.symbol() or symbol, Asset.OPTION, fields.strike() or old.strike, fields.right() or old.right,
        fields.expiry() or old.expiry,
    )  # fmt: skip
    if new.symbol != old.symbol or (new.strike, new.right, new.expiry) == (old.strike, old.right, old.expiry):
        raise FlawFound(Flaw(Reason.BAD_STRUCTURE, "a roll leads from one contract to another of the same symbol"))
    return _finished(fields, Alert(Action.BUY_TO_OPEN, symbol, Asset.OPTION, (old, new), structure="roll"))


def _finished(fields: Fields, alert: Alert) -> Alert:
    price, high = fields.price()
    stops = fields.levels("stop")
    if len(stops) > 1:
        raise FlawFound(Flaw(Reason.AMBIGUOUS, "the text names more than one stop"), fields.all("stop")[-1])
    words = fields.grammar.vocabulary
    tags = dict.fromkeys(words.meaning("size", hit.text) or hit.text for hit in fields.all("size"))
    quantity = fields.quantity()
    return replace(
        alert,
        price=price,
        price_high=high,
        is_market=price is None and bool(fields.all("market")),
        is_credit=fields.is_credit() if alert.is_credit is None else alert.is_credit,
        quantity=quantity if quantity is not None else alert.quantity,
        fraction=fields.fraction() if alert.action.closes else None,
        is_part=alert.action.closes and fields.is_part(),
        stop=stops[0] if stops else _trailing_stop(fields),
        targets=fields.levels("target"),
        size_tags=tuple(tags),
        pattern=fields.match.rule.name,
        problems=tuple(dict.fromkeys(fields.problems)),
        found=fields.found(),
    )


def _trailing_stop(fields: Fields) -> Level | None:
    hits = fields.all("trail_only")
    if not hits:
        return None
    percent = read_price("".join(char for char in hits[0].text if char.isdigit() or char == "."))
    return Level(percent=percent, trail=percent) if isinstance(percent, Decimal) else None
