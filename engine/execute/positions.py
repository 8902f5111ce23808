"""What an account should hold: what our fills add up to, and what is known to be there without them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Final

from engine.execute.slots import Slots
from engine.model.order import OrderLeg

_ZERO: Final = Decimal(0)
_MOST: Final = 8

Traded = tuple[datetime, str, Decimal]
"""When, of what, and how much it added to the position."""


class Positions:
    """Positions of one account by symbol: contracts or shares, negative for short."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._besides: dict[str, Decimal] = {}

    def expected(self, symbol: str) -> Decimal:
        """Return what should be held of a symbol."""
        return self._slots.ours.get(symbol, _ZERO) + self._besides.get(symbol, _ZERO)

    def is_other_side(self, leg: OrderLeg) -> bool:
        """Return whether the other side of what a leg opens is held, or can still be opened by an order under way."""
        held = self.expected(leg.symbol)
        opening = (each for order in self._slots.unsettled() if order.could_fill for each in order.order.legs)
        under_way = any(
            each.symbol == leg.symbol and each.action.opens and each.action.buys is not leg.action.buys
            for each in opening
        )
        return under_way or (held < 0 if leg.action.buys else held > 0)

    def agree(self, held: Mapping[str, Decimal], symbols: Iterable[str]) -> bool:
        """Return whether the broker holds just what should be, in every one of some symbols."""
        return all(held.get(symbol, _ZERO) == self.expected(symbol) for symbol in symbols)

    def differences(self, held: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Return how much more the broker holds than should be, where it is not the same."""
        symbols = {*held, *self._slots.ours, *self._besides}
        found = {symbol: held.get(symbol, _ZERO) - self.expected(symbol) for symbol in symbols}
        return {symbol: found[symbol] for symbol in sorted(found) if found[symbol]}

    def level(self, symbol: str, held: Decimal) -> None:
        """Take what the broker holds for right: the rest is not of our orders."""
        self._besides[symbol] = held - self._slots.ours.get(symbol, _ZERO)

    def own(self, symbol: str, held: Decimal) -> None:
        """Take a position for ours that no fill we know makes any more."""
        self._slots.own(symbol, held)

    def start_anew(self) -> None:
        """Begin anew with nothing held."""
        self._slots.forget_positions()
        self._besides.clear()

    def ours_since_forgotten(self, held: Mapping[str, Decimal], by_hand: Iterable[Traded]) -> dict[str, Decimal] | None:
        """
        Return what is ours of what is held, where that is just what was traded since some moment; None where not.

        by_hand: what others traded in the account.
        """
        traded = [(each, True) for each in self._slots.traded_by_us] + [(each, False) for each in by_hand]
        wanted = {symbol: quantity for symbol, quantity in held.items() if quantity}
        everything: dict[str, Decimal] = defaultdict(Decimal)
        ours: dict[str, Decimal] = defaultdict(Decimal)
        if not wanted:
            return {}
        for (_, symbol, quantity), is_ours in sorted(traded, reverse=True):
            everything[symbol] += quantity
            ours[symbol] += quantity if is_ours else _ZERO
            if {name: total for name, total in everything.items() if total} == wanted:
                return {name: total for name, total in ours.items() if total}
        return None


def explains(quantities: Sequence[Decimal], difference: Decimal) -> bool:
    """
    Return whether some of some quantities, each added or taken away, make a difference.

    >>> explains([Decimal(10), Decimal(20)], Decimal(10)), explains([Decimal(3)], Decimal(-2))
    (True, False)
    """
    signs = (_ZERO, Decimal(1), Decimal(-1))
    few = quantities[-_MOST:]
    return any(
        sum((sign * each for sign, each in zip(chosen, few, strict=True)), _ZERO) == difference
        for chosen in product(signs, repeat=len(few))
    )
