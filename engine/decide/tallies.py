"""What each scope of limits has done today: a playbook, a symbol, an author, an account."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from engine.model.activity import Activity

Scope = tuple[str, ...]

_NOTHING = Activity()
_ZERO = Decimal(0)


class _Tally:
    __slots__ = ("_shown", "day", "open_positions", "openings", "over_mid", "profit", "unpriced")

    def __init__(self, day: date) -> None:
        self.open_positions = 0
        self.begin(day)

    def begin(self, day: date) -> None:
        """Begin a new day: what is open stays."""
        self.day = day
        self.openings = self.unpriced = 0
        self.profit = self.over_mid = _ZERO
        self._shown: Activity | None = None

    def shown(self, *, knows_fills: bool) -> Activity:
        """Return it as a value; the same one until something changes."""
        if self._shown is None:
            held = self.open_positions if knows_fills else None
            profit = self.profit if knows_fills else None
            self._shown = Activity(held, self.openings, profit, self.unpriced, self.over_mid)
        return self._shown

    def changed(self) -> None:
        self._shown = None


class Tallies:
    """
    Counts by scope and day; a clock set back over midnight does not begin a day that was over.

    knows_fills: whether what is open and what it brought is known, or assumed; else both are None.
    """

    def __init__(self, *, knows_fills: bool) -> None:
        self._knows_fills = knows_fills
        self._tallies: dict[Scope, _Tally] = {}
        self._nothing = _NOTHING if knows_fills else Activity(open_positions=None, profit=None)

    def activities(self, scopes: Iterable[Scope], today: date) -> list[Activity]:
        """Return what each scope has done, as of a day in New York."""
        return [self._activity(scope, today) for scope in scopes]

    def _activity(self, scope: Scope, today: date) -> Activity:
        tally = self._tallies.get(scope)
        if tally is None:
            return self._nothing
        if tally.day < today:
            tally.begin(today)
        return tally.shown(knows_fills=self._knows_fills)

    def count(
        self, scopes: Iterable[Scope], today: date, *, openings: int = 0, held: int = 0, over_mid: Decimal = _ZERO
    ) -> None:
        """
        Count approved openings, and positions that came to be or (negative) are no more.

        over_mid: dollars the openings may pay beyond the mid.
        """
        for tally in self._of(scopes, today):
            tally.openings += openings
            tally.open_positions += held
            if over_mid:
                tally.over_mid += over_mid
            tally.changed()

    def book(self, scopes: Iterable[Scope], today: date, profit: Decimal | None) -> None:
        """Add what was closed today; None: what it brought is not known."""
        for tally in self._of(scopes, today):
            if profit is None:
                tally.unpriced += 1
            else:
                tally.profit += profit
            tally.changed()

    def _of(self, scopes: Iterable[Scope], today: date) -> Iterable[_Tally]:
        for scope in scopes:
            tally = self._tallies.get(scope)
            if tally is None:
                tally = self._tallies[scope] = _Tally(today)
            elif tally.day < today:
                tally.begin(today)
            yield tally
