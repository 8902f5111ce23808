"""Fields picked out of a text → one alert, or the flaw that keeps it from being one."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from engine.model.alert import Action, Alert, Asset, Leg, Level
from engine.model.decision import Reason
from engine.model.instrument import Right
from engine.model.reading import StructureRule
from engine.parse.dates import Expiry
from engine.parse.fields import Fields, FlawFound
from engine.parse.grammar import Grammar
from engine.parse.legs import as_stated, closing_legs, join_legs, reversed_legs, structure_legs
from engine.parse.pattern import Hit, Match
from engine.parse.program import Program
from engine.parse.values import Flaw, read_price, read_strikes

_SHARES_OR_DATES = frozenset({"1/2", "1/3", "2/3", "1/4", "3/4"})
# Remarks about an option that is the only one of its order.
_OF_ONE_LEG = ("covered call", "cash secured", "csp", "poor man", "pmcc", "wheel", "protective", "married")
_DATE_LIKE = Program(r"^\d{1,2}[/-]\d{1,2}$")


@dataclass(frozen=True, slots=True)
class _Order:
    """What an alert trades, before prices, counts and levels are read."""

    action: Action
    symbol: str | None
    asset: Asset | None
    legs: tuple[Leg, ...]
    structure: str = ""
    is_credit: bool | None = None
    quantity: int | None = None


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
    structure = fields.structure()
    return _structured(fields, action, structure) if structure else _single(fields, action)


def _single(fields: Fields, action: Action) -> Alert:
    future = fields.word("future")
    strike, right, expiry = fields.strike(), fields.right(), fields.expiry()
    symbol = future.text.upper() if future else fields.symbol()
    asset = _asset(fields, action, symbol, is_option=strike is not None or right is not None)
    if asset is Asset.FUTURE and symbol:
        symbol = f"/{symbol.lstrip('/')}"
    _refuse_doubtful(fields, action, is_option=asset is Asset.OPTION, has_symbol=symbol is not None)
    if asset in (Asset.STOCK, Asset.FUTURE):
        if action.opens and (expiry or fields.problems):
            raise FlawFound(Flaw(Reason.NO_RIGHT, "an expiry, but neither strike nor right"))
        expiry = None
    legs = (Leg(action, symbol, asset, strike, right, expiry),) if asset else ()
    if action is Action.UPDATE and asset is not Asset.OPTION:
        legs = ()
    return _finished(fields, _Order(action, symbol, asset, legs))


def _refuse_doubtful(fields: Fields, action: Action, *, is_option: bool, has_symbol: bool) -> None:
    """Refuse words that may mean one thing or another."""
    if action is Action.SELL_TO_CLOSE and (written := _written_against(fields)):
        raise FlawFound(Flaw(Reason.AMBIGUOUS, f"{written.text!r}: a new short, or an exit? say STO, or STC"), written)
    if action.closes and not has_symbol and any(hit.text == "ALL" for hit in fields.all("close_all", "fraction")):
        raise FlawFound(Flaw(Reason.NOT_A_SYMBOL, "'ALL': the ticker, or all of it? write $ALL, or 'all'"))
    if action.closes and _may_be_share(fields):
        raise FlawFound(Flaw(Reason.AMBIGUOUS, "a date or a part of the position? write the year, or 'of position'"))
    if is_option and action.opens and (named := _structure_beside(fields)):
        raise FlawFound(Flaw(Reason.BAD_STRUCTURE, f"one leg beside {named.text!r}: where are the others?"), named)


def _structure_beside(fields: Fields) -> Hit | None:
    """Return the name of a structure that stands in the same line as a single leg."""
    text, end = fields.match.normal.text, fields.match.end
    beside = (hit for hit in fields.all("remark") if "\n" not in text[end : hit.start])
    return next((hit for hit in beside if not hit.text.lower().startswith(_OF_ONE_LEG)), None)


def _written_against(fields: Fields) -> Hit | None:
    """Return the words that make a sale an option written against shares or cash."""
    starts = ("covered", "cash secured", "csp", "poor man", "pmcc", "wheel")
    return next((hit for hit in fields.all("remark") if hit.text.lower().startswith(starts)), None)


def _asset(fields: Fields, action: Action, symbol: str | None, *, is_option: bool) -> Asset | None:
    """Return the class of the instrument; None for a close or a stop move that leaves it open."""
    if is_option:
        asset: Asset | None = Asset.OPTION
    elif symbol and symbol.startswith("/"):
        asset = Asset.FUTURE
    else:
        asset = Asset.STOCK if fields.names_shares() else None
    stated = fields.constant("asset")
    if stated and asset not in (None, Asset(stated)):
        raise FlawFound(Flaw(Reason.AMBIGUOUS, f"the pattern is about {stated}, the text about {asset}"))
    if stated:
        return Asset(stated)
    return Asset.STOCK if asset is None and action.opens else asset


def _may_be_share(fields: Fields) -> bool:
    dates = fields.all("expiry", "late_expiry")
    return len(dates) == 1 and dates[0].text in _SHARES_OR_DATES and not fields.all("fraction", "close_all")


def _legged(fields: Fields) -> Alert:
    text = fields.all("legs")[0]
    raw = fields.grammar.legs.split(text.text)
    if isinstance(raw, Flaw):
        raise FlawFound(raw, text)
    expiries = [fields.day(Hit("expiry", leg.expiry, 0, 0)) if leg.expiry else Expiry(None) for leg in raw]
    fields.problems.extend(expiry.problem for expiry in dict.fromkeys(expiries) if expiry.problem)
    stated = fields.constant("action")
    joined = join_legs(as_stated(raw, fields.symbol(), stated), tuple(expiry.day for expiry in expiries))
    if isinstance(joined, Flaw):
        raise FlawFound(joined, text)
    late = fields.expiry()
    named = {leg.expiry for leg in joined.legs if leg.expiry}
    if late and named and late not in named:
        raise FlawFound(Flaw(Reason.AMBIGUOUS, f"an expiry of its own, {late}, stands behind legs that have theirs"))
    legs = tuple(
        replace(leg, expiry=late) if leg.asset is Asset.OPTION and not leg.expiry else leg for leg in joined.legs
    )
    if fields.is_credit() and not any(leg.action.buys or leg.action.opens for leg in legs) and not joined.says_close:
        legs = tuple(replace(leg, action=Action.SELL_TO_OPEN) for leg in legs)
    action = Action(stated) if stated else _net_action(legs, is_credit=fields.is_credit())
    return _finished(fields, _Order(action, legs[0].symbol, Asset.OPTION, legs, "legs", quantity=joined.quantity))


def _net_action(legs: tuple[Leg, ...], *, is_credit: bool | None) -> Action:
    """One word for an order of several legs: by its net price when the text says it, else by its first opening leg."""
    opening = next((leg.action for leg in legs if leg.action.opens), None)
    if opening is None:
        return legs[0].action
    if is_credit is None:
        return opening
    return Action.SELL_TO_OPEN if is_credit else Action.BUY_TO_OPEN


def _structured(fields: Fields, action: Action, rule: StructureRule) -> Alert:
    hit = fields.word("structure")
    symbol, right, expiry = fields.symbol(), fields.right(), fields.expiry()
    strikes = _strikes(fields)
    says_credit = fields.is_credit()
    sells = action in (Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE)
    is_credit = sells if rule.verb_decides else rule.is_credit
    if says_credit is not None and is_credit is not None and says_credit != is_credit and action.opens:
        raise FlawFound(
            Flaw(Reason.BAD_STRUCTURE, f"a {rule.name} is not opened for a {'credit' if says_credit else 'debit'}"), hit
        )
    legs: tuple[Leg, ...] = ()
    if strikes or action.opens:
        lettered = _lettered(fields, strikes)
        rights = {each for _, each in lettered}
        built = structure_legs(rule, symbol, strikes, right or (rights.pop() if len(rights) == 1 else None), expiry)
        if isinstance(built, Flaw):
            raise FlawFound(built, hit)
        said = lettered | {(leg.strike, right) for leg in built if right}
        if not said <= {(leg.strike, leg.right) for leg in built}:
            raise FlawFound(Flaw(Reason.BAD_STRUCTURE, f"the calls and puts are not those of a {rule.name}"), hit)
        legs = reversed_legs(built) if rule.verb_decides and sells else built
    if action.closes:
        named = Action.BUY_TO_CLOSE if is_credit else Action.SELL_TO_CLOSE
        return _finished(fields, _Order(named, symbol, Asset.OPTION, closing_legs(legs), rule.name))
    named = Action.SELL_TO_OPEN if is_credit else Action.BUY_TO_OPEN
    return _finished(fields, _Order(named, symbol, Asset.OPTION, legs, rule.name, is_credit=is_credit))


def _lettered(fields: Fields, strikes: tuple[Decimal, ...]) -> set[tuple[Decimal | None, Right]]:
    """Return the strikes that carry a letter ("7390c/7395c"), each with the right it stands for."""
    pieces = [
        piece.strip()[-1:].lower() for hit in fields.all("strikes") for piece in hit.text.replace("-", "/").split("/")
    ]
    return {
        (strike, Right.CALL if letter == "c" else Right.PUT)
        for letter, strike in zip((piece.strip()[-1:].lower() for piece in pieces), strikes, strict=False)
        if letter in ("c", "p")
    }


def _strikes(fields: Fields) -> tuple[Decimal, ...]:
    """Return the strikes of a named structure, checked against a stated width ("10W")."""
    hits = fields.all("strikes")
    if not hits:
        strike = fields.strike()
        return (strike,) if strike is not None else ()
    strikes = read_strikes(hits[0].text)
    if isinstance(strikes, Flaw):
        raise FlawFound(strikes, hits[0])
    if _DATE_LIKE.holds(hits[0].text) and not fields.all("expiry", "late_expiry"):
        raise FlawFound(Flaw(Reason.BAD_STRUCTURE, f"{hits[0].text!r} may be a date"), hits[0])
    ranked = sorted(strikes)
    for hit in fields.all("width"):
        if any(high - low != int(hit.text) for low, high in pairwise(ranked)):
            raise FlawFound(Flaw(Reason.BAD_STRUCTURE, f"{hits[0].text} is not {hit.text} wide"), hit)
    return strikes


def _rolled(fields: Fields) -> Alert:
    symbol = fields.symbol("from_symbol") or fields.symbol()
    old = Leg(
        Action.SELL_TO_CLOSE,
        symbol,
        Asset.OPTION,
        fields.strike("from_"),
        fields.right("from_"),
        fields.expiry("from_"),
    )
    new = Leg(Action.BUY_TO_OPEN, fields.symbol() or symbol, Asset.OPTION, fields.strike() or old.strike)
    new = replace(new, right=fields.right() or old.right, expiry=fields.expiry() or old.expiry)
    if new.symbol != old.symbol or (new.strike, new.right, new.expiry) == (old.strike, old.right, old.expiry):
        raise FlawFound(Flaw(Reason.BAD_STRUCTURE, "a roll leads from one contract to another of the same symbol"))
    return _finished(fields, _Order(Action.BUY_TO_OPEN, symbol, Asset.OPTION, (old, new), "roll"))


def _finished(fields: Fields, order: _Order) -> Alert:
    price, high = fields.price()
    stops = fields.levels("stop")
    if len(stops) > 1:
        raise FlawFound(Flaw(Reason.AMBIGUOUS, "the text names more than one stop"), fields.all("stop")[-1])
    quantity = fields.quantity()
    if quantity and order.asset is Asset.OPTION and fields.names_shares():
        raise FlawFound(Flaw(Reason.BAD_QUANTITY, f"{quantity} shares of an option"), fields.all("quantity")[0])
    if quantity and order.quantity and quantity != order.quantity:
        raise FlawFound(Flaw(Reason.AMBIGUOUS, f"{order.quantity} by its legs, {quantity} by the text"))
    return Alert(
        order.action,
        order.symbol,
        order.asset,
        order.legs,
        price=price,
        price_high=high,
        is_market=price is None and fields.is_market(),
        is_credit=fields.is_credit() if order.is_credit is None else order.is_credit,
        quantity=quantity if quantity is not None else order.quantity,
        fraction=fields.fraction() if order.action.closes else None,
        is_part=order.action.closes and fields.is_part(),
        stop=stops[0] if stops else _unlabelled_stop(fields),
        targets=fields.levels("target"),
        size_tags=fields.tags(),
        structure=order.structure,
        pattern=fields.match.rule.name,
        problems=tuple(dict.fromkeys(fields.problems)) if fields.problems else (),
        found=fields.found(),
    )


def _unlabelled_stop(fields: Fields) -> Level | None:
    """Return a trailing stop ("TS 20%"), or the stop that the pattern itself states."""
    hits = fields.all("trail_only")
    if not hits:
        return Level(words=constant) if (constant := fields.constant("stop")) else None
    percent = read_price("".join(char for char in hits[0].text if char.isdigit() or char == "."))
    return Level(percent=percent, trail=percent) if isinstance(percent, Decimal) else None
