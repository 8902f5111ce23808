"""Orders of several legs: written out leg by leg, called by name, or rolled from one contract to another."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import gcd

from engine.model.alert import Action, Asset, Leg
from engine.model.decision import Reason
from engine.model.instrument import Right
from engine.model.reading import StructureRule
from engine.parse.program import Program, compiled
from engine.parse.shapes import Shapes
from engine.parse.template import number_groups
from engine.parse.values import Flaw, read_quantity, read_strike, read_symbol
from engine.parse.vocabulary import Vocabulary

# Words that join two legs, where a symbol might stand.
_JOINING = frozenset({"AND", "VS", "X"})
SHARES_OF_AN_OPTION = 100
_SAYS_CLOSE = Program(r"(?i)^(?:stc|btc)$|clos")
_CLOSING = {Action.BUY_TO_OPEN: Action.SELL_TO_CLOSE, Action.SELL_TO_OPEN: Action.BUY_TO_CLOSE}
_AS_OPENING = {Action.SELL_TO_CLOSE: Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE: Action.BUY_TO_OPEN}
_AS_CLOSING = {Action.BUY_TO_OPEN: Action.BUY_TO_CLOSE, Action.SELL_TO_OPEN: Action.SELL_TO_CLOSE}
_REVERSE = {Action.BUY_TO_OPEN: Action.SELL_TO_OPEN, Action.SELL_TO_OPEN: Action.BUY_TO_OPEN}


@dataclass(frozen=True, slots=True)
class Legged:
    """Legs, and how many units of them their counts add up to (None when no leg says)."""

    legs: tuple[Leg, ...]
    quantity: int | None
    says_close: bool = False


@dataclass(frozen=True, slots=True)
class RawLeg:
    """One leg as written; None where it leaves a word to its neighbours."""

    action: Action | None
    symbol: str | None
    strike: Decimal | None
    right: Right | None
    expiry: str | None
    count: int | None
    is_stock: bool
    says_close: bool


class LegReader:
    """Splits the text of {legs} into legs."""

    def __init__(self, vocabulary: Vocabulary, shapes: Shapes, not_symbols: frozenset[str]) -> None:
        self._words = vocabulary
        self._not_symbols = not_symbols
        symbol = r"(?:(?P<symbol>[$#]?[A-Za-z]{1,6}(?:\.[A-Za-z])?)\s+)?"
        contract = rf"(?:{shapes.expiry}\s+)?{shapes.strike_right}(?:\s+{shapes.expiry})?"
        option = rf"(?:(?P<quantity>\d{{1,5}})\s*x?\s+)?{symbol}{contract}"
        share = vocabulary.any_of("unit", "share")
        owner = r"(?P<symbol>[$#]?[A-Za-z]{1,6})\b"
        shares = rf"(?P<shares>\d{{1,5}})\s+(?:{symbol}{share}(?:\s+of\s+{owner})?|{share}\s+{owner})"
        action = rf"(?:(?P<action>{vocabulary.any_of('action')})\s+)?"
        self._pattern, self._names = number_groups(rf"(?i){action}(?:{shares}|{option})")

    def split(self, text: str) -> tuple[RawLeg, ...] | Flaw:
        """Return the legs of a text in order."""
        out: list[RawLeg] = []
        for spans in compiled(self._pattern).finditer(text):
            named = zip(self._names, spans[1:], strict=True)
            fields = {name: text[start:end] for name, (start, end) in named if start < end}
            strike = read_strike(fields["strike"]) if "strike" in fields else None
            count = read_quantity(fields.get("shares") or fields.get("quantity") or "1")
            if isinstance(strike, Flaw):
                return strike
            if isinstance(count, Flaw):
                return count
            out.append(self._leg(fields, strike, count))
        return tuple(out)

    def _leg(self, fields: dict[str, str], strike: Decimal | None, count: int) -> RawLeg:
        symbol = read_symbol(fields["symbol"]) if "symbol" in fields else None
        meaning = self._words.meaning("action", fields.get("action", ""))
        right = self._words.meaning("right", fields.get("right", ""))
        return RawLeg(
            action=Action(meaning) if meaning else None,
            symbol=None if symbol in self._not_symbols | _JOINING else symbol,
            strike=strike,
            right=Right(right) if right else None,
            expiry=fields.get("expiry"),
            count=count if "quantity" in fields or "shares" in fields else None,
            is_stock="shares" in fields,
            says_close=_SAYS_CLOSE.holds(fields.get("action", "")),
        )


def as_stated(raw: tuple[RawLeg, ...], symbol: str | None, stated: str) -> tuple[RawLeg, ...]:
    """
    Return the legs with what is said outside of them.

    symbol: the underlying, None when only the legs name it. stated: the action the pattern states, "" for none: legs
    of an opening all open, those of a closing all close.
    """
    if symbol:
        raw = tuple(replace(leg, symbol=leg.symbol or symbol) for leg in raw)
    if not stated:
        return raw
    sense = _AS_OPENING if Action(stated).opens else _AS_CLOSING
    return tuple(replace(leg, action=sense.get(leg.action, leg.action) if leg.action else None) for leg in raw)


def join_legs(raw: tuple[RawLeg, ...], expiries: tuple[date | None, ...]) -> Legged | Flaw:
    """
    Return the legs with what each leaves unsaid taken from its neighbours.

    expiries: of each leg as read, None where it names none.
    """
    symbols = {leg.symbol for leg in raw if leg.symbol}
    if len(symbols) != 1 or raw[0].action is None:
        return Flaw(Reason.BAD_STRUCTURE, "the legs do not share one symbol and a first action")
    symbol, action = symbols.pop(), raw[0].action
    counts = _counts(raw)
    if isinstance(counts, Flaw):
        return counts
    unit = gcd(*counts)
    legs: list[Leg] = []
    for index, leg in enumerate(raw):
        action = leg.action or action
        asset = Asset.STOCK if leg.is_stock else Asset.OPTION
        expiry = None if leg.is_stock else _expiry(index, expiries)
        legs.append(Leg(action, symbol, asset, leg.strike, leg.right, expiry, counts[index] // unit))
    if len({leg.action.opens for leg in legs}) > 1 and not any(leg.says_close for leg in raw):
        if len(legs) == 2 and len({leg.right for leg in legs}) == 1:
            return Flaw(Reason.AMBIGUOUS, "a spread, or a roll? say STO, or STC")
        legs = [replace(leg, action=_AS_OPENING.get(leg.action, leg.action)) for leg in legs]
    flaw = _contradiction(legs)
    return flaw or Legged(
        tuple(legs),
        unit if any(leg.count for leg in raw if not leg.is_stock) else None,
        any(leg.says_close for leg in raw),
    )


def _counts(raw: tuple[RawLeg, ...]) -> tuple[int, ...] | Flaw:
    """Return how many of each leg, one where none is said; "5 SPY 600c / 605c" are five of both."""
    said = [leg.count for leg in raw if not leg.is_stock]
    shares = [leg.count for leg in raw if leg.is_stock]
    if said and said[0] and any(said[1:]) and not all(said):
        return Flaw(Reason.AMBIGUOUS, "some legs say how many and others do not")
    if not any(said) and any(count != SHARES_OF_AN_OPTION for count in shares):
        return Flaw(Reason.AMBIGUOUS, "how many options go with the shares?")
    shared = (said[0] if said else None) or 1
    return tuple(leg.count or shared for leg in raw)


def _expiry(index: int, expiries: tuple[date | None, ...]) -> date | None:
    before = [day for day in expiries[: index + 1] if day]
    after = [day for day in expiries[index:] if day]
    return before[-1] if before else after[0] if after else None


def _contradiction(legs: list[Leg]) -> Flaw | None:
    contracts = [(leg.asset, leg.strike, leg.right, leg.expiry) for leg in legs]
    if len(set(contracts)) != len(contracts):
        return Flaw(Reason.BAD_STRUCTURE, "two legs name the same contract")
    if len({(leg.action, leg.right) for leg in legs}) == 1 and len({leg.expiry for leg in legs}) == 1:
        return Flaw(Reason.BAD_STRUCTURE, "all legs are on one side: is this a spread, or several orders?")
    return None


def structure_legs(
    rule: StructureRule, symbol: str | None, strikes: tuple[Decimal, ...], right: Right | None, expiry: date | None
) -> tuple[Leg, ...] | Flaw:
    """Return the legs that open a named structure."""
    if len(strikes) != rule.strikes:
        return Flaw(
            Reason.BAD_STRUCTURE, f"a {rule.name} takes {rule.strikes} strike(s), the text names {len(strikes)}"
        )
    ranked = sorted(strikes)
    if _is_vertical(rule) and strikes[0] != ranked[rule.legs[0].rank - 1]:
        return Flaw(Reason.BAD_STRUCTURE, f"a {rule.name} is written the other way round: which leg is sold?")
    gaps = [high - low for low, high in pairwise(ranked)]
    if rule.equal_wings and len(set(gaps)) > 1:
        return Flaw(
            Reason.BAD_STRUCTURE,
            f"the strikes of a {rule.name} lie equally far apart, these {' and '.join(map(str, gaps))}",
        )
    if rule.max_width is not None and gaps and max(gaps) > rule.max_width:
        return Flaw(Reason.BAD_STRUCTURE, f"a {rule.name} is at most {rule.max_width} wide, this is {max(gaps)}")
    return tuple(
        Leg(leg.action, symbol, Asset.OPTION, ranked[leg.rank - 1], leg.right or right, expiry, leg.ratio)
        for leg in rule.legs
    )


def _is_vertical(rule: StructureRule) -> bool:
    """Verticals are written with the leg first that names them: the sold one of a credit, the bought one of a debit."""
    return rule.strikes == len(rule.legs) == 2 and len({leg.action for leg in rule.legs}) == 2


def reversed_legs(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """Return the legs with every buy a sell and every sell a buy."""
    return tuple(replace(leg, action=_REVERSE[leg.action]) for leg in legs)


def closing_legs(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """Return the legs that close what these open."""
    return tuple(replace(leg, action=_CLOSING[leg.action]) for leg in legs)
