"""Compares positions with the broker's, and says what a difference is: booked, by hand, forgotten, or a mismatch."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Final

from engine.execute.positions import Positions, explains
from engine.model.account import Booking, Holding
from engine.model.order import Fill, InstrumentKind, PlacedOrder
from engine.plan.entries import AccountFact, AccountHappened

_ZERO: Final = Decimal(0)
_LOOKS: Final = 2
_LAG: Final = timedelta(minutes=1)
"""How long a fill may be missing from positions: what was level then may not have held it yet."""
_FORGOTTEN: Final = "the sandbox has forgotten positions and orders of ours"

Tell = Callable[[AccountHappened], None]


@dataclass(slots=True)
class Suspect:
    """
    A difference that may only be a position that lags its fills.

    looks: how often it was seen, the first time and then once its grace was over. is_early: it was there when the
    engine started.
    """

    difference: Decimal
    since: datetime
    is_early: bool
    looks: int = 1


class Comparing:
    """
    What is known of an account's positions besides fills.

    grace: how long a difference has to stand, and be seen twice, before it counts.
    tell: what is found out; each fact is journaled before the next is looked for.
    """

    def __init__(self, account: str, positions: Positions, grace: timedelta, tell: Tell) -> None:
        self.holdings: dict[str, Holding] = {}
        self.mismatched: set[str] = set()
        self._account = account
        self._positions = positions
        self._grace = grace
        self._tell = tell
        self._suspects: dict[str, Suspect] = {}
        self._bookings: dict[str, Booking] = {}
        self._booked: set[str] = set()
        self._by_hand: dict[str, dict[str, tuple[Decimal, datetime]]] = defaultdict(dict)
        self._levelled_at: dict[str, datetime] = {}
        self._began_at: datetime | None = None

    @property
    def blocked(self) -> frozenset[str]:
        """Symbols in which nothing may open."""
        return frozenset(self.mismatched | {s for s, suspect in self._suspects.items() if suspect.is_early})

    @property
    def look_again_at(self) -> datetime | None:
        """When the first difference that was seen once will count if it is seen again; None when there is none."""
        seen_once = [each.since for each in self._suspects.values() if each.looks < _LOOKS]
        return min(seen_once) + self._grace if seen_once else None

    # ---------------------------------------------------------------- from the journal

    def restore(self, happened: AccountHappened, at: datetime) -> None:
        """Take in a fact of the journal."""
        match happened.fact:
            case AccountFact.RECOVERED:
                self.begin(at)
            case AccountFact.MISMATCH:
                self.mismatched.add(happened.symbol)
            case AccountFact.LEVEL:
                self.mismatched.discard(happened.symbol)
                if happened.holding is not None:
                    self._positions.own(happened.symbol, happened.holding.quantity)
            case AccountFact.EXTERNAL | AccountFact.BOOKED:
                self._explained(happened, at)
            case AccountFact.RESET:
                self._start_anew(at)

    def begin(self, at: datetime) -> None:
        """Note when the account was first looked at: what the broker booked before is no news."""
        self._began_at = self._began_at or at

    # ---------------------------------------------------------------- what is seen

    def bookings(self, found: Iterable[Booking]) -> None:
        """Take in rows of the account's history: those that move a position without an order are kept in mind."""
        for booking in found:
            is_news = self._began_at is not None and booking.at >= self._began_at
            if is_news and booking.quantity and booking.symbol and not booking.order_id:
                self._bookings.setdefault(booking.id, booking)

    def by_hand(self, placed: PlacedOrder) -> None:
        """Take in the fills of an order that is not ours."""
        for fill in placed.fills:
            self._by_hand[fill.symbol][fill.id] = (_signed(placed, fill), fill.at)

    def see(self, holdings: Iterable[Holding]) -> None:
        """Take in every position the broker shows."""
        self.holdings = {each.symbol: each for each in holdings if each.quantity}

    def see_one(self, holding: Holding) -> None:
        """Take in one position; one that is older than what is known was on its way for long and is passed over."""
        known = self.holdings.get(holding.symbol)
        if known and known.updated_at and holding.updated_at and holding.updated_at < known.updated_at:
            return
        if holding.quantity:
            self.holdings[holding.symbol] = holding
        else:
            self.holdings.pop(holding.symbol, None)

    def differs(self) -> bool:
        """Return whether anything is held that should not be, or not held that should."""
        return bool(self._positions.differences(self._held()))

    def compare(self, traded: frozenset[str], now: datetime, *, is_early: bool) -> tuple[str, ...]:
        """
        Compare positions as last seen; tell what is found, and return symbols whose difference counts, unexplained.

        traded: symbols any order of ours was for. is_early: this is the first look since the engine started.
        """
        self._take_in_strangers(traded, now)
        differences = self._positions.differences(self._held())
        self._suspect(differences, now, is_early=is_early)
        for symbol in [each for each in differences if self._counts(each, now)]:
            if self._is_explained(symbol, differences[symbol], now):
                del differences[symbol]
                self._suspects.pop(symbol, None)
        for symbol in sorted(self.mismatched - differences.keys()):
            self.mismatched.discard(symbol)
            self._say(AccountFact.LEVEL, symbol, f"ours and the broker's position are both {self._held_of(symbol)}")
        return tuple(symbol for symbol in differences if self._counts(symbol, now))

    def mismatch(self, symbol: str) -> None:
        """Have nothing open in a symbol until its positions agree again."""
        if symbol not in self.mismatched:
            self.mismatched.add(symbol)
            detail = f"ours is {self._positions.expected(symbol)}, the broker's {self._held_of(symbol)}"
            self._say(AccountFact.MISMATCH, symbol, detail)

    def ours_since_forgotten(self, counting: tuple[str, ...]) -> dict[str, Decimal] | None:
        """
        Return what of all that is held was traded by us since everything before was forgotten; None when it was not.

        counting: symbols whose difference counts, unexplained: every other has to agree.
        """
        held = self._held()
        if set(self._positions.differences(held)) != set(counting):
            return None
        by_hand = [(at, symbol, each) for symbol, fills in self._by_hand.items() for each, at in fills.values()]
        return self._positions.ours_since_forgotten(held, by_hand)

    def reset(self, ours: Mapping[str, Decimal], now: datetime) -> None:
        """Begin anew: the sandbox has forgotten everything but what is held now, of which some is ours."""
        self._tell(AccountHappened(self._account, AccountFact.RESET, "", _FORGOTTEN))
        self._start_anew(now)
        for symbol, holding in sorted(self.holdings.items()):
            if symbol in ours:
                mine = replace(holding, quantity=ours[symbol])
                detail = f"{mine.quantity} is ours since the sandbox began anew"
                self._tell(AccountHappened(self._account, AccountFact.LEVEL, symbol, detail, mine))
                self._positions.own(symbol, mine.quantity)
            if holding.quantity != ours.get(symbol):
                detail = f"{holding.quantity} held since the sandbox began anew"
                self._level(AccountFact.EXTERNAL, symbol, detail, now)

    def _start_anew(self, at: datetime) -> None:
        self._positions.start_anew()
        self._suspects.clear()
        self._levelled_at.clear()
        self._began_at = at
        self.mismatched.clear()

    # ---------------------------------------------------------------- small parts

    def _take_in_strangers(self, traded: frozenset[str], now: datetime) -> None:
        for symbol, difference in self._positions.differences(self._held()).items():
            if symbol not in traded and not self._is_explained(symbol, difference, now):
                self._level(AccountFact.EXTERNAL, symbol, f"{self._held_of(symbol)} held, of no order of ours", now)

    def _suspect(self, differences: Mapping[str, Decimal], now: datetime, *, is_early: bool) -> None:
        for symbol in self._suspects.keys() - differences.keys():
            del self._suspects[symbol]
        for symbol, difference in differences.items():
            known = self._suspects.get(symbol)
            if known is None or known.difference != difference:
                early = is_early or (known is not None and known.is_early)
                self._suspects[symbol] = Suspect(difference, now, early)
            elif now - known.since >= self._grace:
                known.looks += 1

    def _counts(self, symbol: str, now: datetime) -> bool:
        suspect = self._suspects.get(symbol)
        return suspect is not None and suspect.looks >= _LOOKS

    def _is_explained(self, symbol: str, difference: Decimal, now: datetime) -> bool:
        booked = [each for each in self._bookings.values() if each.symbol == symbol and each.id not in self._booked]
        if booked and explains([each.quantity or _ZERO for each in booked], difference):
            for booking in booked:
                what = f"{booking.sub_kind or booking.kind}: {self._held_of(symbol)} held now"
                self._level(AccountFact.BOOKED, symbol, what, now, booking)
            return True
        if difference in self._sums_by_hand(symbol):
            detail = f"{difference} traded by hand: {self._held_of(symbol)} held now"
            self._level(AccountFact.EXTERNAL, symbol, detail, now)
            return True
        return False

    def _sums_by_hand(self, symbol: str) -> set[Decimal]:
        """Return what was traded by hand since any moment, but for what was held before the symbol was last level."""
        since = self._levelled_at.get(symbol, self._began_at)
        fills = sorted((at, quantity) for quantity, at in self._by_hand[symbol].values())
        recent = [quantity for at, quantity in fills if since is None or at > since - _LAG]
        return set(accumulate(reversed(recent)))

    def _level(
        self, fact: AccountFact, symbol: str, detail: str, now: datetime, booking: Booking | None = None
    ) -> None:
        nothing = Holding(self._account, symbol, InstrumentKind.OTHER, symbol, _ZERO)
        holding = self.holdings.get(symbol, nothing)
        happened = AccountHappened(self._account, fact, symbol, detail, holding, booking)
        self._tell(happened)
        self._explained(happened, now)

    def _explained(self, happened: AccountHappened, at: datetime) -> None:
        if happened.holding is not None:
            self._positions.level(happened.symbol, happened.holding.quantity)
            self._levelled_at[happened.symbol] = at
        if happened.booking is not None:
            self._booked.add(happened.booking.id)

    def _held(self) -> dict[str, Decimal]:
        return {symbol: holding.quantity for symbol, holding in self.holdings.items()}

    def _held_of(self, symbol: str) -> Decimal:
        holding = self.holdings.get(symbol)
        return _ZERO if holding is None else holding.quantity

    def _say(self, fact: AccountFact, symbol: str, detail: str) -> None:
        self._tell(AccountHappened(self._account, fact, symbol, detail))


def _signed(placed: PlacedOrder, fill: Fill) -> Decimal:
    legs = [leg for leg in placed.legs if leg.symbol == fill.symbol]
    return Decimal(sum(fill.quantity if leg.action.buys else -fill.quantity for leg in legs[:1]))
