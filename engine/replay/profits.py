"""What closed positions brought, by playbook and by author: always assumed, for a replay knows no fills."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.model.position import Closed, Position
from engine.parse.calendar import market_date


@dataclass(frozen=True, slots=True)
class AssumedProfit:
    """
    What became of the positions of one playbook or one author, as far as is assumed.

    closed: positions and parts of positions that ended, in whatever way. won, lost: of these, with a
    profit and with a loss. profit: dollars, of those whose profit is known. expired: of the closed,
    options taken to have expired worthless. unknown: of the closed, without a price or a size.
    still_open: positions nothing has closed at the end of the replay.
    """

    id: str
    name: str
    closed: int
    won: int
    lost: int
    profit: Decimal
    expired: int
    unknown: int
    still_open: int

    @property
    def is_known(self) -> bool:
        """Whether the profit says anything: not when every position that ended lacks a price or a size."""
        return self.unknown < self.closed or not self.closed


@dataclass(frozen=True, slots=True)
class ProfitOfDay:
    """Assumed dollars one playbook's positions brought that ended on a day, New York's."""

    day: date
    playbook: str
    profit: Decimal


class Profits:
    """Adds up closed positions; memory grows with authors, playbooks and days, not with positions."""

    def __init__(self) -> None:
        self._playbooks = _Sums()
        self._authors = _Sums()
        self._days: dict[tuple[date, str], Decimal] = {}

    def close(self, closed: Closed) -> None:
        """Add what one position, or a part of one, came to."""
        self._playbooks.close(closed.playbook, closed)
        self._authors.close(closed.author_id, closed)
        if closed.profit is not None:
            key = (market_date(closed.closed_at), closed.playbook)
            self._days[key] = self._days.get(key, Decimal(0)) + closed.profit

    def leave_open(self, position: Position) -> None:
        """Count a position that is open at the end."""
        self._playbooks.counts[position.playbook, "still_open"] += 1
        self._authors.counts[position.author_id, "still_open"] += 1

    def by_playbook(self) -> tuple[AssumedProfit, ...]:
        """Return the sums of each playbook, the best first."""
        return self._playbooks.result({})

    def by_author(self, names: Mapping[str, str]) -> tuple[AssumedProfit, ...]:
        """Return the sums of each author, the best first. names: of authors by id."""
        return self._authors.result(names)

    def by_day(self) -> tuple[ProfitOfDay, ...]:
        """Return what each day brought each playbook, in the order of time."""
        return tuple(ProfitOfDay(day, playbook, self._days[day, playbook]) for day, playbook in sorted(self._days))


class _Sums:
    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._profits: dict[str, Decimal] = {}

    def close(self, key: str, closed: Closed) -> None:
        self.counts[key, "closed"] += 1
        self.counts[key, "expired"] += closed.is_expired
        profit = closed.profit
        if profit is None:
            self.counts[key, "unknown"] += 1
            return
        self.counts[key, "won"] += profit > 0
        self.counts[key, "lost"] += profit < 0
        self._profits[key] = self._profits.get(key, Decimal(0)) + profit

    def result(self, names: Mapping[str, str]) -> tuple[AssumedProfit, ...]:
        sums = (
            AssumedProfit(
                id=key,
                name=names.get(key, key),
                closed=self.counts[key, "closed"],
                won=self.counts[key, "won"],
                lost=self.counts[key, "lost"],
                profit=self._profits.get(key, Decimal(0)),
                expired=self.counts[key, "expired"],
                unknown=self.counts[key, "unknown"],
                still_open=self.counts[key, "still_open"],
            )
            for key in dict.fromkeys(key for key, _ in self.counts)
        )
        return tuple(sorted(sums, key=lambda each: (-each.profit, each.name, each.id)))


def total(profits: Iterable[AssumedProfit]) -> Decimal:
    """Return the dollars all of them brought together."""
    return sum((each.profit for each in profits), Decimal(0))
