"""What kind of position opening legs make, and whether its loss has a bound."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from engine.model.alert import Alert, Asset, Leg
from engine.model.instrument import OPTION_MULTIPLIER, Right
from engine.model.limits import Strategy

# Kinds that need the words that allow undefined risk, whatever their legs are.
UNDEFINED_RISK: Final = frozenset(
    {Strategy.SHORT_OPTION, Strategy.SHORT_STRADDLE, Strategy.SHORT_STRANGLE, Strategy.SHORT_STOCK}
)
_RECEIVING: Final = UNDEFINED_RISK | {Strategy.CREDIT_VERTICAL, Strategy.CASH_SECURED_PUT}
_PAYING: Final = frozenset({Strategy.LONG_OPTION, Strategy.STOCK, Strategy.DEBIT_VERTICAL})
_COVERED: Final = frozenset({Strategy.LONG_OPTION, Strategy.STOCK, Strategy.FUTURE, Strategy.CASH_SECURED_PUT})
_IRON: Final = frozenset({Strategy.IRON_BUTTERFLY, Strategy.IRON_CONDOR})
_BY_MIDDLE: Final = frozenset({Strategy.BUTTERFLY, Strategy.CONDOR}) | _IRON  # what is sold in the middle says it

Strategies = tuple[Strategy, ...]


def strategies_of(legs: Sequence[Leg]) -> Strategies:
    """
    Return the kinds that opening legs may be taken for, the one that risks least first; empty when they are none.

    A sold put is cash-secured where a playbook allows that, and a short option elsewhere; all others are one kind.
    Strikes and expiries that are not known yet make several legs no kind.
    """
    if len(legs) == 1:
        return _single(legs[0])
    if any(leg.asset is Asset.FUTURE for leg in legs) or len({leg.symbol for leg in legs}) > 1:
        return ()
    shares = [leg for leg in legs if leg.asset is Asset.STOCK]
    options = [leg for leg in legs if leg.asset is Asset.OPTION]
    if any(leg.strike is None or leg.right is None for leg in options):
        return ()
    if shares:
        return _with_shares(shares, options)
    found = _OF_OPTIONS.get(len(options))
    kind = found(options) if found else None
    return () if kind is None else (kind,)


def chosen_strategy(kinds: Strategies, allowed: frozenset[Strategy]) -> Strategy | None:
    """Return the first of the kinds that is allowed, else the first; None when there is none."""
    return next((kind for kind in kinds if kind in allowed), kinds[0] if kinds else None)


def has_undefined_risk(kind: Strategy, legs: Sequence[Leg]) -> bool:
    """Return whether a loss has no bound but zero or the sky: something sold is not covered by something bought."""
    if kind in _COVERED:
        return False
    return kind in UNDEFINED_RISK or any(_is_uncovered(legs, right) for right in Right)


def receives(kind: Strategy, alert: Alert) -> bool:
    """Return whether opening it receives the price: as its kind does, else as the alert says; else it pays."""
    if kind in _RECEIVING:
        return True
    if kind is Strategy.FUTURE:
        return not any(leg.action.buys for leg in alert.legs if leg.action.opens)
    if kind in _BY_MIDDLE and alert.is_credit is None:
        middle = sorted([leg for leg in alert.legs if leg.action.opens], key=_strike)[1]
        return middle.action.buys is not (kind in _IRON)
    return alert.is_credit is True and kind not in _PAYING


def _single(leg: Leg) -> Strategies:
    if leg.asset is Asset.FUTURE:
        return (Strategy.FUTURE,)
    if leg.asset is Asset.STOCK:
        return (Strategy.STOCK if leg.action.buys else Strategy.SHORT_STOCK,)
    if leg.action.buys:
        return (Strategy.LONG_OPTION,)
    if leg.right is Right.PUT:
        return (Strategy.CASH_SECURED_PUT, Strategy.SHORT_OPTION)
    return (Strategy.SHORT_OPTION,)


def _with_shares(shares: list[Leg], options: list[Leg]) -> Strategies:
    """A call sold against shares, or a put bought besides; nothing else with shares is known."""
    if len(shares) != 1 or not shares[0].action.buys or len({leg.right for leg in options}) != len(options):
        return ()
    if any(shares[0].ratio != leg.ratio * OPTION_MULTIPLIER for leg in options):
        return ()
    if any(leg.action.buys is (leg.right is Right.CALL) for leg in options):
        return ()
    rights = {leg.right for leg in options}
    if rights == {Right.CALL}:
        return (Strategy.COVERED_CALL,)
    return (Strategy.COLLAR,) if rights == set(Right) else ()


def _of_two(legs: list[Leg]) -> Strategy | None:
    one, other = legs
    if one.right is not other.right:
        return _of_call_and_put(one, other)
    if one.action.buys is other.action.buys:
        return None
    if one.ratio != other.ratio:
        return Strategy.RATIO if one.expiry == other.expiry else None
    if one.expiry != other.expiry:
        return Strategy.CALENDAR if one.strike == other.strike else Strategy.DIAGONAL
    bought, sold = (one, other) if one.action.buys else (other, one)
    is_debit = (_strike(bought) < _strike(sold)) is (one.right is Right.CALL)
    return Strategy.DEBIT_VERTICAL if is_debit else Strategy.CREDIT_VERTICAL


def _of_call_and_put(one: Leg, other: Leg) -> Strategy | None:
    if one.action.buys is not other.action.buys or one.ratio != other.ratio or one.expiry != other.expiry:
        return None
    if one.strike == other.strike:
        return Strategy.STRADDLE if one.action.buys else Strategy.SHORT_STRADDLE
    return Strategy.STRANGLE if one.action.buys else Strategy.SHORT_STRANGLE


def _of_three(legs: list[Leg]) -> Strategy | None:
    low, middle, high = sorted(legs, key=_strike)
    is_one = len({leg.right for leg in legs}) == len({leg.expiry for leg in legs}) == 1
    is_between = low.action is high.action and middle.action is not low.action and _are_apart(low, middle, high)
    if is_one and is_between and low.ratio == high.ratio and middle.ratio == 2 * low.ratio:
        return Strategy.BUTTERFLY
    return None


def _of_four(legs: list[Leg]) -> Strategy | None:
    first, second, third, fourth = sorted(legs, key=lambda leg: (_strike(leg), leg.right is Right.CALL))
    if len({leg.expiry for leg in legs}) > 1 or len({leg.ratio for leg in legs}) > 1:
        return None
    if first.action is not fourth.action or second.action is not third.action or first.action is second.action:
        return None
    if not _are_apart(first, second) or not _are_apart(third, fourth):
        return None
    if len({leg.right for leg in legs}) == 1:
        return Strategy.CONDOR if _are_apart(second, third) else None
    if [leg.right for leg in (first, second, third, fourth)] != [Right.PUT, Right.PUT, Right.CALL, Right.CALL]:
        return None
    return Strategy.IRON_CONDOR if _are_apart(second, third) else Strategy.IRON_BUTTERFLY


_OF_OPTIONS: Final = {2: _of_two, 3: _of_three, 4: _of_four}


def _are_apart(*legs: Leg) -> bool:
    return len({leg.strike for leg in legs}) == len(legs)


def _strike(leg: Leg) -> Decimal:
    return Decimal(0) if leg.strike is None else leg.strike


def _is_uncovered(legs: Sequence[Leg], right: Right) -> bool:
    """Return whether more is sold of one right than is bought of it, or longer than what covers it lives."""
    of_right = [leg for leg in legs if leg.asset is Asset.OPTION and leg.right is right]
    shares = sum(leg.ratio // OPTION_MULTIPLIER for leg in legs if leg.asset is Asset.STOCK and leg.action.buys)
    cover = shares if right is Right.CALL else 0
    for leg in sorted(of_right, key=_lives_longest_first):
        cover += leg.ratio if leg.action.buys else -leg.ratio
        if cover < 0:
            return True
    return False


def _lives_longest_first(leg: Leg) -> tuple[int, bool]:
    """Of one expiry, what is bought comes first."""
    return -(leg.expiry.toordinal() if leg.expiry else 0), not leg.action.buys
