"""Compares orders and positions of an account with the broker's, and tells each difference once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import anyio

from engine.execute.comparing import Comparing, Tell
from engine.execute.lookups import Lookups, in_order
from engine.execute.orders import Orders
from engine.lifecycle import events
from engine.lifecycle.order_state import OrderState, Patience, Ticket
from engine.lifecycle.states import PENDING, State
from engine.model.account import Booking, Funds, Standing
from engine.model.account_event import FundsSeen, HoldingSeen, StandingSeen
from engine.model.desk import AccountKind
from engine.model.order import OrderStatus, PlacedOrder
from engine.plan.entries import AccountFact, AccountHappened, TradeEntry
from engine.ports import Broker, Clock

_LOOKED_BACK: Final = timedelta(days=2)
_A_DAY: Final = timedelta(days=1)
Snapshot = Mapping[str, tuple[str, ...]]
"""Our orders that have any at the broker, by client id, with the broker's ids known at the time."""

_OUR_ID: Final = re.compile(r"[0-9a-f]{32}[a-z]?-[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Place:
    """Which account is compared. account: its alias."""

    account: str
    kind: AccountKind
    broker: Broker
    clock: Clock
    patience: Patience


class Reconcile:
    """Looks at an account as the broker has it. tell: what is found out besides orders' events."""

    def __init__(self, place: Place, orders: Orders, comparing: Comparing, lookups: Lookups, tell: Tell) -> None:
        self.funds: Funds | None = None
        self.standing: Standing | None = None
        self.unknown_of_ours: set[str] = set()
        self._place = place
        self._orders = orders
        self._comparing = comparing
        self._lookups = lookups
        self._tell = tell
        self._strangers: set[str] = set()
        self._last_words: dict[str, PlacedOrder] = {}
        self._away_since: datetime | None = None
        self._looking = anyio.Lock()

    @property
    def look_again_at(self) -> datetime | None:
        """When a difference of positions that was seen once is to be looked at again; None when there is none."""
        return self._comparing.look_again_at

    def restore(self, entry: TradeEntry) -> None:
        """Take in an entry of the journal about this account."""
        self._away_since = entry.at
        if isinstance(entry.body, AccountHappened):
            if entry.body.order_id:
                self._strangers.add(entry.body.order_id)
            self._comparing.restore(entry.body, entry.at)

    async def look(self, *, is_full: bool, is_early: bool = False) -> None:
        """
        Compare everything. is_full: also what changes rarely; else that is asked for only where something differs.

        Raises: BrokerError, with nothing compared.
        """
        async with self._looking:
            broker = self._place.broker
            before = {o.client_id: o.order_ids for o in self._orders.slots.unsettled() if o.tickets}
            found = {placed.id: placed for placed in await broker.live_orders()}
            self._comparing.see(await broker.holdings())
            if is_full:
                self.funds, self.standing = await broker.funds(), await broker.standing()
            bookings: tuple[Booking, ...] = ()
            if is_full or self._comparing.differs() or self._missing(before, found.values()):
                day = self._since()
                found |= {placed.id: placed for placed in await broker.orders_since(day)}
                bookings = await broker.bookings_since(day)
            self._conclude(before, tuple(found.values()), bookings, is_early=is_early)
            self._away_since = None

    def seen(self, placed: PlacedOrder) -> None:
        """Take in an order the broker shows, whoever placed it."""
        client_id = self._orders.slots.client_of(placed)
        if client_id is None:
            self._stranger(placed)
        elif self._last_words.get(placed.id) != placed:
            self._orders.happened(client_id, events.Reported(placed))
            if self._orders.slots.order(client_id).is_settled:
                self._last_words[placed.id] = placed  # every listing of the day repeats it

    def noted(self, event: HoldingSeen | FundsSeen | StandingSeen) -> None:
        """Take in what the stream tells of the account."""
        match event:
            case HoldingSeen(_, holding):
                self._comparing.see_one(holding)
            case FundsSeen(_, funds):
                self.funds = funds
            case StandingSeen(_, standing):
                self.standing = standing

    # ---------------------------------------------------------------- orders

    def _conclude(
        self, before: Snapshot, found: tuple[PlacedOrder, ...], bookings: tuple[Booking, ...], *, is_early: bool
    ) -> None:
        now = self._place.clock.now()
        self._comparing.begin(now)
        known = tuple(order_id for ids in before.values() for order_id in ids)
        self.unknown_of_ours.clear()
        for placed in in_order(found, known):
            self.seen(placed)
        for client_id in self._missing(before, found):
            self._lookups.look_up(client_id)
        self._comparing.bookings(bookings)
        counting = self._comparing.compare(self._orders.slots.traded, now, is_early=is_early)
        unclear = self._unclear()
        gone = self._gone(before, found)
        left = None if unclear else self._forgotten(counting, gone)
        if left is not None:
            self._comparing.reset(left, now)
            self._give_up(gone, now)
            return
        for symbol in counting:
            if symbol not in unclear:
                self._comparing.mismatch(symbol)

    def _unclear(self) -> frozenset[str]:
        """Return symbols of orders whose own fills are not known: their positions say nothing yet."""
        return frozenset(
            leg.symbol
            for order in self._orders.slots.unsettled()
            if order.state in (*PENDING, State.FILLED) and order.misses < self._place.patience.probes
            for leg in order.order.legs
        )

    def _missing(self, before: Snapshot, found: Iterable[PlacedOrder]) -> list[str]:
        """Return our orders that can still fill and are not shown."""
        return sorted({order.client_id for order, _ in self._gone(before, tuple(found))})

    def _stranger(self, placed: PlacedOrder) -> None:
        is_named_as_ours = _OUR_ID.fullmatch(placed.client_id) is not None
        if is_named_as_ours and not placed.status.is_final:
            self.unknown_of_ours.add(placed.id)
        else:
            self.unknown_of_ours.discard(placed.id)
        self._comparing.by_hand(placed)
        if placed.id in self._strangers or (placed.status.is_final and not placed.fills):
            return
        self._strangers.add(placed.id)
        ours = f"bears our id {placed.client_id} and is in no journal"
        whose = ours if is_named_as_ours else "is of no order of ours"
        detail = f"order {placed.id}, {placed.status.value}, {whose}"
        symbol = placed.legs[0].symbol if placed.legs else ""
        happened = AccountHappened(self._place.account, AccountFact.EXTERNAL, symbol, detail, order_id=placed.id)
        self._tell(happened)

    def _since(self) -> date:
        times = [self._orders.slots.planned_at(order.client_id) for order in self._orders.slots.unsettled()]
        times += [] if self._away_since is None else [self._away_since]
        # A day earlier: the broker's days are not those of UTC.
        return min([self._place.clock.now() - _LOOKED_BACK, *(at - _A_DAY for at in times)]).date()

    # ---------------------------------------------------------------- a sandbox that forgot

    def _gone(self, before: Snapshot, found: tuple[PlacedOrder, ...]) -> list[tuple[OrderState, Ticket]]:
        """Return what could fill before the broker was asked and is not among all that it shows."""
        ids = {placed.id for placed in found}
        orders = ((self._orders.slots.order(client_id), known) for client_id, known in before.items())
        return [
            (order, ticket)
            for order, known in orders
            for ticket in order.open_tickets
            if ticket.id in known and ticket.id not in ids
        ]

    def _forgotten(
        self, counting: tuple[str, ...], gone: list[tuple[OrderState, Ticket]]
    ) -> Mapping[str, Decimal] | None:
        """Return what is left to us where a sandbox has forgotten what was before; None where it has not."""
        is_long_gone = any(order.misses >= self._place.patience.probes for order, _ in gone)
        if self._place.kind is not AccountKind.SANDBOX or not (counting or is_long_gone):
            return None
        return self._comparing.ours_since_forgotten(counting)

    def _give_up(self, gone: list[tuple[OrderState, Ticket]], now: datetime) -> None:
        for order, ticket in gone:
            self._orders.happened(order.client_id, events.Reported(_removed(order, ticket, now)))


def _removed(order: OrderState, ticket: Ticket, now: datetime) -> PlacedOrder:
    # The broker does not say so: it has forgotten the order, which the entry before this one says.
    sent = order.order
    return PlacedOrder(
        id=ticket.id,
        client_id=order.client_id,
        account=sent.account,
        legs=sent.legs,
        order_type=sent.order_type,
        time_in_force=sent.time_in_force,
        status=OrderStatus.REMOVED,
        price=ticket.price,
        effect=sent.effect,
        remaining=ticket.remaining,
        fills=ticket.fills,
        updated_at=now,
    )
