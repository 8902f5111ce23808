"""
Exits and stop moves → the open position they mean.

People close with less than they open with: "all out", "sold half SPY", a reply, a strike without a
ticker. What is meant must be the one position of the same author that fits; two that fit are a refusal.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.model.alert import Action, Alert, Asset, Leg, Refusal
from engine.model.decision import Reason
from engine.model.instrument import Right
from engine.model.message import Message, parts_of
from engine.model.position import Position
from engine.parse.legs import closing_legs

# Words that say which way an exit trades; any other closing word ("out", "trim") takes the position's side.
DIRECTED: Final = frozenset(
    {"stc", "btc", "sell", "sells", "selling", "sold", "buy", "buys", "buying", "bought"}
    | {"cover", "covers", "covering", "covered"}
)

# Option roots that share an underlying: authors write either.
UNDERLYING: Final = {"SPXW": "SPX", "NDXP": "NDX", "RUTW": "RUT", "VIXW": "VIX"}

_WORD: Final = re.compile(r"[A-Za-z]+")

Positions = tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class _Search:
    """What the narrowing steps look at."""

    alert: Alert
    own: Positions
    message: Message
    not_symbols: frozenset[str]


def needs_position(alert: Alert) -> bool:
    """Return whether an alert means something that is already open: a close, a stop move, a roll."""
    return not alert.action.opens or any(leg.action.closes for leg in alert.legs)


def names_contract(alert: Alert) -> bool:
    """Return whether the closing side of an alert says all a broker needs to know what is closed."""
    legs = _asked(alert)
    if alert.asset in (Asset.STOCK, Asset.FUTURE):
        return alert.symbol is not None
    return bool(legs) and all(leg.symbol and leg.strike and leg.right and leg.expiry for leg in legs)


def resolve(
    alert: Alert, positions: Sequence[Position], message: Message, not_symbols: frozenset[str] = frozenset()
) -> Alert | Refusal:
    """
    Return the alert with the contract of the one open position it means, or why that is not clear.

    positions: what is open; only those of the message's own author count.
    not_symbols: capitals of words that are never taken for a ticker in lower case.
    The fraction is left as it is: it is of the position as it is now.
    """
    fits = fitting(alert, positions, message, not_symbols)
    if isinstance(fits, Refusal):
        return fits
    if not fits:
        own = tuple(position for position in positions if position.author_id == message.author.id)
        return _refusal(Reason.NO_OPEN_POSITION, _nothing_open(alert, own))
    if len(fits) > 1:
        return _refusal(Reason.AMBIGUOUS_POSITION, f"fits {len(fits)} open positions: {_names(fits)}")
    return _completed(alert, fits[0])


def fitting(
    alert: Alert, positions: Sequence[Position], message: Message, not_symbols: frozenset[str] = frozenset()
) -> Positions | Refusal:
    """Return every position an exit or a stop move fits, arguments as of `resolve`; or why what it says cannot be."""
    own = tuple(position for position in positions if position.author_id == message.author.id)
    search = _Search(alert, own, message, not_symbols)
    fits = tuple(position for position in own if _fits(alert, position))
    for narrow in (_by_reply, _by_word, _by_direction):
        narrowed = narrow(search, fits)
        if isinstance(narrowed, Refusal):
            return narrowed
        fits = narrowed
    return fits


def describe(legs: Sequence[Leg]) -> str:
    """
    Return legs the way people write them, strikes and expiries left out where unknown.

    >>> describe([Leg(Action.BUY_TO_OPEN, "SPY", Asset.STOCK)])
    'SPY'
    """
    return " / ".join(_name(leg) for leg in legs)


def _name(leg: Leg) -> str:
    right = "" if leg.right is None else "C" if leg.right is Right.CALL else "P"
    strike = "" if leg.strike is None else f"{leg.strike:f}"
    expiry = "" if leg.expiry is None else leg.expiry.isoformat()
    return " ".join(word for word in (leg.symbol or "?", strike + right, expiry) if word)


def _asked(alert: Alert) -> tuple[Leg, ...]:
    """Return the legs that mean something open: all but those a roll opens."""
    return tuple(leg for leg in alert.legs if not leg.action.opens)


def _says_contract(alert: Alert) -> bool:
    return any(leg.strike or leg.right or leg.expiry for leg in _asked(alert))


def _is_bare(alert: Alert) -> bool:
    return alert.symbol is None and not _says_contract(alert)


def _fits(alert: Alert, position: Position) -> bool:
    if alert.asset is not None and alert.asset is not position.asset:
        return False
    if alert.symbol is not None and not _same_underlying(alert.symbol, position.symbol):
        return False
    if not _says_contract(alert):
        return not alert.structure or alert.structure == position.structure or _is_roll(alert)
    asked = _asked(alert)
    return len(asked) == len(position.legs) and _pair_up(asked, position.legs)


def _pair_up(asked: Sequence[Leg], held: Sequence[Leg]) -> bool:
    """Return whether every leg asked for is one of those held, those that say most chosen first."""
    left = list(held)
    for leg in sorted(asked, key=lambda leg: sum(part is None for part in (leg.strike, leg.right, leg.expiry))):
        match = next((other for other in left if _same_leg(leg, other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _same_leg(asked: Leg, held: Leg) -> bool:
    return (
        (asked.symbol is None or _same_underlying(asked.symbol, held.symbol))
        and asked.strike in (None, held.strike)
        and asked.right in (None, held.right)
        and asked.expiry in (None, held.expiry)
        and asked.ratio == held.ratio
    )


def _same_underlying(one: str, other: str | None) -> bool:
    return other is not None and UNDERLYING.get(one, one) == UNDERLYING.get(other, other)


def _by_reply(search: _Search, fits: Positions) -> Positions | Refusal:
    """Prefer the position whose message is answered; text and answer must not disagree."""
    alert, answers = search.alert, search.message.reply_to
    if not answers:
        return fits
    answered = next((position for position in search.own if answers in position.messages), None)
    if answered is None:
        if not _is_bare(alert):
            return fits
        return _refusal(Reason.NO_OPEN_POSITION, "answers a message that has no open position, and names none itself")
    if answered in fits:
        return (answered,)
    if _says_contract(alert):
        return fits
    reason = f"answers the message of {describe(answered.legs)}, but does not fit it"
    return _refusal(Reason.AMBIGUOUS_POSITION, reason)


def _by_word(search: _Search, fits: Positions) -> Positions | Refusal:
    """Let a ticker in lower case choose: "out of tsla" names TSLA when that is open."""
    if not _is_bare(search.alert):
        return fits
    words = _words_of(search.message, search.alert) - search.not_symbols
    named = {position.symbol for position in search.own if position.symbol in words}
    if not named:
        return fits
    chosen = tuple(position for position in fits if position.symbol in named)
    if len(named) > 1 or not chosen:
        return _refusal(Reason.AMBIGUOUS_POSITION, f"the text also names {', '.join(sorted(filter(None, named)))}")
    return chosen


def _words_of(message: Message, alert: Alert) -> frozenset[str]:
    """Return the capitals of all words of the message that no field was read from."""
    words: set[str] = set()
    for part in parts_of(message):
        taken = [found.place for found in alert.found if found.place.part == part.name]
        words.update(
            match[0].upper()
            for match in _WORD.finditer(part.text)
            if not any(place.start < match.end() and match.start() < place.end for place in taken)
        )
    return frozenset(words)


def _by_direction(search: _Search, fits: Positions) -> Positions | Refusal:
    """Keep the positions an exit can close as worded; a word without a side closes longs and shorts."""
    alert = search.alert
    if alert.action is Action.UPDATE or not _is_directed(alert):
        return fits
    agreeing = tuple(position for position in fits if _is_opposite(alert, position))
    if fits and not agreeing:
        side = alert.action.value.replace("_", " ")
        reason = f"says {side}, but what is open is the other way round: {_names(fits)}"
        return _refusal(Reason.AMBIGUOUS_POSITION, reason)
    return agreeing


def _is_directed(alert: Alert) -> bool:
    """Return whether the words themselves say which way to trade, so that it must not be turned."""
    asked = _asked(alert)
    if len(asked) < 2 and _side(alert) is not Action.SELL_TO_CLOSE:
        return True
    words = (word for found in alert.found if found.field == "action" for word in _WORD.findall(found.text.lower()))
    return any(word in DIRECTED for word in words)


def _side(alert: Alert) -> Action:
    """Return how the closing side trades; the action of a roll is that of what it opens."""
    asked = _asked(alert)
    return asked[0].action if asked else alert.action


def _is_opposite(alert: Alert, position: Position) -> bool:
    asked = _asked(alert)
    if len(position.legs) > 1 and len(asked) != len(position.legs):
        return True  # the text names the underlying only; the legs say how to close it
    if len(asked) < 2:
        return _side(alert).buys is not position.legs[0].action.buys
    closing = closing_legs(position.legs)
    return all(any(_same_leg(leg, other) and leg.action is other.action for other in closing) for leg in asked)


def _completed(alert: Alert, position: Position) -> Alert:
    if _is_roll(alert):
        return _rolled(alert, position)
    if alert.action is Action.UPDATE:
        legs = tuple(replace(leg, action=Action.UPDATE) for leg in position.legs)
        action = Action.UPDATE
    else:
        legs = closing_legs(position.legs)
        action = legs[0].action if len(legs) == 1 else alert.action
    structure = alert.structure or position.structure
    return replace(alert, action=action, symbol=position.symbol, asset=position.asset, legs=legs, structure=structure)


def _is_roll(alert: Alert) -> bool:
    return any(leg.action.opens for leg in alert.legs)


def _rolled(alert: Alert, position: Position) -> Alert:
    """What a roll opens is on the side of what it closes: a short stays short."""
    opened = tuple(leg for leg in alert.legs if leg.action.opens)
    action = alert.action
    if len(position.legs) == len(opened) == 1:
        action = position.legs[0].action
        opened = (replace(opened[0], action=action),)
    return replace(alert, action=action, symbol=position.symbol, legs=closing_legs(position.legs) + opened)


def _nothing_open(alert: Alert, own: Sequence[Position]) -> str:
    wanted = describe(_asked(alert)) if _says_contract(alert) else alert.symbol or alert.structure or "anything"
    held = _names(own) if own else "nothing"
    return f"means {wanted}, but the author has {held} open"


def _names(positions: Iterable[Position]) -> str:
    """Name up to five positions, so that a reason stays one sentence."""
    names = [describe(position.legs) for position in positions]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _refusal(code: Reason, reason: str) -> Refusal:
    return Refusal(code.value, reason, is_order_shaped=True)
