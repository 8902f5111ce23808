"""Positions made of real fills: what orders under way have filled, and what they may still fill."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from engine.decide.assumed import is_closed_by, less, opened
from engine.decide.holdings import Holdings, Owner
from engine.decide.results import Result, closed_at, price_of
from engine.decide.scopes import scopes_of
from engine.decide.tallies import Tallies
from engine.decide.underway import OrdersUnderway, Underway
from engine.model.activity import Activity
from engine.model.alert import Leg
from engine.model.position import Position

_Filled = tuple[int, Decimal | None]  # units, and what one of them took, negative when it brought money


class BookedOrders:
    """
    The orders of approved outcomes, and the positions they make.

    A position counts as open, once, while any of it is held or an order that opens it is under way.
    """

    def __init__(self, holdings: Holdings, tallies: Tallies) -> None:
        self._holdings = holdings
        self._tallies = tallies
        self._orders = OrdersUnderway()
        self._counted: set[tuple[Owner, tuple[Leg, ...]]] = set()

    def begin(self, key: str, order: Underway) -> None:
        """Reserve what an approved order may fill; one that is known already is passed over."""
        if self._orders.get(key) is not None:
            return
        self._orders.add(key, order)
        if order.closing:
            before = self._holdings.of_same(order.owner, order.closing)
            self._holdings.change(order.owner, before, tuple(_followed(each, order) for each in before))
        if order.new is not None:
            self._recount(order.owner, order.new, order.day)

    def fill(self, key: str, filled: _Filled, at: datetime, today: date) -> tuple[Result, ...]:
        """Take in what an order has filled in all; return what that closed."""
        order = self._orders.get(key)
        if order is None:
            return ()
        more, cost = order.fill(*filled)
        if not more:
            return ()
        if order.closing and order.new is not None:
            cost = None  # the price of a roll is of two things, and so says nothing of either
        results = tuple(self._take(order, (more, cost), at, today)) if order.closing else ()
        if order.new is not None:
            self._add(order, order.new, (more, cost), at)
            self._recount(order.owner, order.new, today)
        return results

    def end(self, key: str, today: date) -> None:
        """Reserve nothing for an order any more."""
        order = self._orders.end(key)
        if order is not None and order.new is not None:
            self._recount(order.owner, order.new, today)

    def free(self, owner: Owner, positions: Iterable[Position]) -> Iterator[Position]:
        """Yield what is left of an owner's positions once all closes that are under way have filled."""
        return self._orders.free(owner, positions)

    def units_held(self, key: str) -> int | None:
        """Return how many units are held of what a close is of; None when that is not known."""
        order = self._orders.get(key)
        if order is None or not order.closing:
            return None
        held = self._holdings.of_same(order.owner, order.closing)
        quantities = [position.quantity for position in held if is_closed_by(order.closing, position)]
        return None if None in quantities else sum(filter(None, quantities))

    def recounted(self, expired: Position, rest: Position | None, today: date) -> bool:
        """Count again after an expiry; return whether the position was counted here at all."""
        owner = expired.playbook, expired.author_id, expired.account
        if (owner, expired.legs) not in self._counted:
            return False
        self._recount(owner, expired, today)
        if rest is not None:
            self._recount(owner, rest, today)
        return True

    def without(self, key: str, counted: Sequence[Activity], today: date) -> list[Activity]:
        """Return what scopes of an opening have counted, as if it had not been approved."""
        order = self._orders.get(key)
        if order is None or order.new is None:
            return list(counted)
        legs, is_today = order.new.legs, order.day == today
        is_held = self._holds(order.owner, legs) or self._orders.is_opening(order.owner, legs, key)
        own = 0 if is_held or not self._orders.is_opening(order.owner, legs) else 1
        return [
            replace(
                each,
                open_positions=None if each.open_positions is None else each.open_positions - own,
                openings=each.openings - is_today,
                over_mid=each.over_mid - (order.over_mid if is_today else 0),
            )
            for each in counted
        ]

    def _add(self, order: Underway, new: Position, filled: _Filled, at: datetime) -> None:
        before = self._holdings.of_same(order.owner, new.legs)
        known = next((each for each in before if each.legs == new.legs and order.by in each.messages), None)
        price = price_of(new, filled[1], opens=True)
        now = opened(before, replace(new, quantity=filled[0], price=price, opened_at=at))
        if known is not None:  # the rest of an order is no other message
            now = tuple(replace(each, followed_by=known.followed_by) if each.legs == new.legs else each for each in now)
        self._holdings.change(order.owner, before, now)

    def _take(self, order: Underway, filled: _Filled, at: datetime, today: date) -> Iterator[Result]:
        before = self._holdings.of_same(order.owner, order.closing)
        left = [_after_close(position, order, filled[0]) for position in before]
        now = tuple(position for position in left if position is not None)
        self._holdings.change(order.owner, before, now)
        for position in before:
            self._recount(order.owner, position, today)
        for position in before:
            price = price_of(position, filled[1], opens=False)
            for result in closed_at(price, (order.by, at), (position,), now):
                self._tallies.book(scopes_of(position), today, result.closed.profit)
                yield result

    def _recount(self, owner: Owner, position: Position, today: date) -> None:
        key = owner, position.legs
        is_there = self._holds(*key) or self._orders.is_opening(*key)
        if is_there is not (key in self._counted):
            (self._counted.add if is_there else self._counted.discard)(key)
            self._tallies.count(scopes_of(position), today, held=1 if is_there else -1)

    def _holds(self, owner: Owner, legs: tuple[Leg, ...]) -> bool:
        return any(position.legs == legs for position in self._holdings.of_same(owner, legs))


def _followed(position: Position, order: Underway) -> Position:
    """Return a position that the message of a close is about: a reply to it means this position."""
    if not is_closed_by(order.closing, position) or order.by in position.messages:
        return position
    return replace(position, followed_by=(*position.followed_by, order.by))


def _after_close(position: Position, order: Underway, units: int) -> Position | None:
    """Return what a close of so many units leaves of a position; None when nothing is left."""
    held = position.quantity
    if not is_closed_by(order.closing, position) or held is None:
        return position
    return less(position, held, min(held, units))
