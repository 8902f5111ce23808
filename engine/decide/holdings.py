"""Open positions, found by author, contract, symbol, message and expiry without looking through all of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from heapq import heappop, heappush
from itertools import chain, islice
from typing import Final

from engine.decide.assumed import Positions, first_expiry, unexpired
from engine.decide.ids import root_of
from engine.model.alert import Alert, Leg
from engine.model.position import Position

Owner = tuple[str, str, str]  # playbook, author id, account
_Key = tuple[object, ...]

_SHOWN: Final = 5  # as many as a refusal names


class _Owned:
    """The positions of one author under one playbook in one account; a bucket holds those of the same contracts."""

    __slots__ = ("buckets", "by_message", "by_root")

    def __init__(self) -> None:
        self.buckets: dict[_Key, Positions] = {}
        self.by_root: dict[str, dict[_Key, None]] = {}
        self.by_message: dict[str, set[_Key]] = {}


class Holdings:
    """All open positions. Changed one bucket at a time: the positions of one owner in the same contracts."""

    def __init__(self) -> None:
        self._owned: dict[Owner, _Owned] = {}
        self._owners: dict[tuple[str, str], dict[Owner, None]] = {}
        self._expiring: list[tuple[date, int, Owner, _Key]] = []
        self._number = 0

    def owners(self, playbook: str, author_id: str) -> tuple[Owner, ...]:
        """Return an author under a playbook once for each account in which something of theirs is open."""
        return tuple(self._owners.get((playbook, author_id), ()))

    def of(self, owner: Owner) -> Positions:
        """Return all positions of an owner."""
        owned = self._owned.get(owner)
        return () if owned is None else tuple(chain.from_iterable(owned.buckets.values()))

    def everything(self) -> Positions:
        """Return all positions, owner by owner."""
        return tuple(chain.from_iterable(map(self.of, self._owned)))

    def of_same(self, owner: Owner, legs: Sequence[Leg]) -> Positions:
        """Return the positions of an owner in the contracts of these legs, on either side."""
        owned = self._owned.get(owner)
        return () if owned is None else owned.buckets.get(_key(legs), ())

    def meant(self, owner: Owner, alerts: Iterable[Alert], answers: str) -> Positions:
        """
        Return the positions of an owner that exits may mean: those of the symbols they name, and the one answered.

        All of them when an exit names no symbol; a few others when there is none of its symbol, to say what there is.
        answers: id of the message replied to; "" for none.
        """
        owned = self._owned.get(owner)
        if owned is None:
            return ()
        keys: dict[_Key, None] = {}
        for alert in alerts:
            if not alert.symbol:
                return self.of(owner)
            keys.update(owned.by_root.get(root_of(alert.symbol)) or dict.fromkeys(islice(owned.buckets, _SHOWN)))
        answered = owned.by_message.get(answers, ()) if answers else ()
        keys.update(dict.fromkeys(sorted(answered, key=str)))
        return tuple(chain.from_iterable(owned.buckets[key] for key in keys))

    def change(self, owner: Owner, before: Positions, after: Positions) -> None:
        """
        Put positions of an owner in place of others.

        before: all in their contracts, as `of_same` returns them. after: in these contracts, or in others that the
        owner held nothing in.
        """
        changed: dict[_Key, list[Position]] = {_key(position.legs): [] for position in before}
        for position in after:
            changed.setdefault(_key(position.legs), []).append(position)
        for key, positions in changed.items():
            self._put(owner, key, tuple(positions))

    def expired(self, today: date) -> list[tuple[Position, Position | None, date]]:
        """
        Take out what expired before a day in New York.

        Returns each position with what is left of it, and the day it expired.
        """
        gone = []
        while self._expiring and self._expiring[0][0] < today:
            day, _, owner, key = heappop(self._expiring)
            owned = self._owned.get(owner)
            if owned is None:
                continue
            for position in owned.buckets.get(key, ()):
                rest = unexpired(position, today)
                if rest is position:
                    continue
                gone.append((position, rest, day))
                left = tuple([other for other in owned.buckets[key] if other is not position])
                self._put(owner, key, left)
                if rest is not None:
                    same = self.of_same(owner, rest.legs)
                    self.change(owner, same, (*same, rest))
        return gone

    def _put(self, owner: Owner, key: _Key, positions: Positions) -> None:
        owned = self._owned.get(owner)
        if owned is None:
            owned = self._owned[owner] = _Owned()
            self._owners.setdefault(owner[:2], {})[owner] = None
        before = owned.buckets.get(key, ())
        if positions:
            owned.buckets[key] = positions
            owned.by_root.setdefault(root_of(positions[0].symbol), {})[key] = None
        elif before:
            self._remove(owned, key, root_of(before[0].symbol))
        self._index(owner, owned, key, (before, positions))
        if not owned.buckets:
            del self._owned[owner]
            del self._owners[owner[:2]][owner]

    def _remove(self, owned: _Owned, key: _Key, root: str) -> None:
        del owned.buckets[key]
        of_root = owned.by_root[root]
        del of_root[key]
        if not of_root:
            del owned.by_root[root]

    def _index(self, owner: Owner, owned: _Owned, key: _Key, change: tuple[Positions, Positions]) -> None:
        before, after = change
        known = {message for position in before for message in position.messages}
        for position in after:
            for message in position.messages:
                if message in known:
                    known.discard(message)
                else:
                    owned.by_message.setdefault(message, set()).add(key)
        self._expire_later(owner, key, change)
        for message in known:
            keys = owned.by_message[message]
            keys.discard(key)
            if not keys:
                del owned.by_message[message]

    def _expire_later(self, owner: Owner, key: _Key, change: tuple[Positions, Positions]) -> None:
        before, after = change
        for day in sorted({first_expiry(position) or date.max for position in after}):
            if day != date.max and all(first_expiry(position) != day for position in before):
                self._number += 1
                heappush(self._expiring, (day, self._number, owner, key))


def _key(legs: Sequence[Leg]) -> _Key:
    """Return what legs are, whichever way they trade."""
    if len(legs) == 1:
        return _contract(legs[0])
    return tuple(sorted(map(_contract, legs), key=str))


def _contract(leg: Leg) -> _Key:
    return leg.symbol, leg.asset.value, leg.strike, leg.right and leg.right.value, leg.expiry, leg.ratio
