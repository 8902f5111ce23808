"""
Cancels openings straight at the broker: no engine, no journal, no database.

What closes a position is kept; what cannot be told apart is left alone and named.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

import anyio

from engine.app.order_text import order_text
from engine.model.account import Holding
from engine.model.errors import BrokerError, CredentialsRefused, NothingSent
from engine.model.order import InstrumentKind, OrderLeg, OrderStatus, PlacedOrder, Priority

Held = Mapping[str, Decimal]
_PAUSES: Final = (0.5, 1.0, 2.0)
_LAST_PAUSE: Final = 4.0
_ASKED_AGAIN: Final = 5.0  # seconds a cancel has to be carried out
_LONGEST_WAIT: Final = 15.0
_AT_ONCE: Final = 6
_QUIET_LOOKS: Final = 2  # an order that was on its way shows up a little later


class Canceller(Protocol):
    """What a direct kill can do in an account (see ports.Broker): look, and cancel; it has no way to send an order."""

    async def live_orders(self) -> tuple[PlacedOrder, ...]:
        """Return every order that works and every order created or changed today."""
        ...

    async def holdings(self) -> tuple[Holding, ...]:
        """Return every position."""
        ...

    async def order(self, order_id: str) -> PlacedOrder | None:
        """Return an order as it stands; None when there is none of that id."""
        ...

    async def cancel(self, order_id: str, priority: Priority = Priority.CANCEL) -> PlacedOrder:
        """Ask for an order to be cancelled."""
        ...


class Fate(StrEnum):
    """
    What became of an order.

    CANCELLED: also when a part of it had filled before. FILLED: before the cancel came. ENDED: expired or rejected.
    WORKS: it may still fill. KEPT: it only closes. UNCLEAR: it cannot be read, and was left alone.
    """

    CANCELLED = "cancelled"
    FILLED = "filled"
    ENDED = "ended"
    WORKS = "works"
    KEPT = "kept"
    UNCLEAR = "unclear"

    @property
    def may_open(self) -> bool:
        """Whether it may still open a position."""
        return self in (Fate.WORKS, Fate.UNCLEAR)


@dataclass(frozen=True, slots=True)
class OrderFate:
    """One order, and what became of it. what: its legs and price, for people. detail: one sentence, "" for none."""

    id: str
    client_id: str
    what: str
    fate: Fate
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AccountFate:
    """One account. problem: why it is not known how it stands; "" when it is."""

    account: str
    orders: tuple[OrderFate, ...]
    problem: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether nothing there can open a position any more."""
        return not self.problem and not any(order.fate.may_open for order in self.orders)


async def kill_direct(
    accounts: Mapping[str, Canceller], within: float, tell: Callable[[str], None] = lambda _: None
) -> tuple[AccountFate, ...]:
    """
    Cancel every order of these accounts that opens, over and over until none works, and return what became of all.

    accounts: by their alias. within: seconds after which it gives up. tell: told in a sentence what happens.
    """
    killings = [_Killing(alias, broker, tell) for alias, broker in accounts.items()]
    async with anyio.create_task_group() as together:
        for killing in killings:
            together.start_soon(killing.run, within)
    return tuple(killing.fate() for killing in killings)


class _Killing:
    """One account: what was seen of its orders that worked when it was looked at."""

    def __init__(self, alias: str, broker: Canceller, tell: Callable[[str], None]) -> None:
        self._alias = alias
        self._broker = broker
        self._tell = tell
        self._seen: dict[str, PlacedOrder] = {}
        self._asked_at: dict[str, float] = {}
        self._refused: dict[str, str] = {}
        self._held: Held | None = None
        self._problem = "it was not looked at in time"
        self._wait = 0.0
        self._is_hopeless = False

    async def run(self, within: float) -> None:
        try:
            with anyio.move_on_after(within):
                await self._run()
        except Exception as error:  # noqa: BLE001 - a fault in one account must not keep the others from being asked
            self._problem = f"bug: {error!r}"

    async def _run(self) -> None:
        quiet = 0
        for pause in _pauses():
            if await self._look():
                openings = self._openings()
                quiet = 0 if openings else quiet + 1
                if quiet == _QUIET_LOOKS:
                    return
                await self._cancel(openings)
            elif self._is_hopeless:
                return
            await anyio.sleep(max(pause, min(self._wait, _LONGEST_WAIT)))

    def fate(self) -> AccountFate:
        fates = (self._fate(order) for order in self._seen.values())
        return AccountFate(self._alias, tuple(sorted(fates, key=lambda each: each.fate is Fate.KEPT)), self._problem)

    # ---------------------------------------------------------------- looking

    async def _look(self) -> bool:
        """Look at every order; return whether that could be done."""
        try:
            orders = await self._broker.live_orders()
            shown = {order.id for order in orders}
            gone = [known.id for known in self._seen.values() if known.id not in shown and not known.status.is_final]
            found = [await self._broker.order(order_id) for order_id in gone]
        except BrokerError as error:
            self._problem = f"{error.code}: {error}"
            self._is_hopeless = isinstance(error, CredentialsRefused)
            self._wait = error.wait if isinstance(error, NothingSent) else 0.0
            self._tell(f"{self._alias}: {error}")
            return False
        self._problem, self._wait = "", 0.0
        for order in (*orders, *filter(None, found)):
            if order.id in self._seen or not order.status.is_final:
                self._seen[order.id] = order
        await self._look_at_positions()
        return True

    async def _look_at_positions(self) -> None:
        """Of a future the broker names only the side: whether an order closes is seen by what is held."""
        if not any(leg.kind is InstrumentKind.FUTURE for order in self._seen.values() for leg in order.legs):
            return
        try:
            self._held = {each.symbol: each.quantity for each in await self._broker.holdings()}
        except BrokerError as error:
            self._tell(f"{self._alias}: positions cannot be read ({error}): orders of futures count as openings")

    def _openings(self) -> list[PlacedOrder]:
        return [order for order in self._seen.values() if not order.status.is_final and opens(order, self._held)]

    # ---------------------------------------------------------------- cancelling

    async def _cancel(self, orders: Iterable[PlacedOrder]) -> None:
        now, limit = anyio.current_time(), anyio.CapacityLimiter(_AT_ONCE)
        async with anyio.create_task_group() as together:
            for order in orders:
                if now - self._asked_at.get(order.id, -_ASKED_AGAIN) >= _ASKED_AGAIN:
                    self._asked_at[order.id] = now
                    together.start_soon(self._cancel_one, order, limit)

    async def _cancel_one(self, order: PlacedOrder, limit: anyio.CapacityLimiter) -> None:
        async with limit:
            try:
                await self._broker.cancel(order.id, Priority.KILL)
            except BrokerError as error:
                self._refused[order.id] = str(error)
                self._asked_at.pop(order.id)
            else:
                self._refused.pop(order.id, None)
                self._tell(f"{self._alias}: asked to cancel {order.id}, {order_text(order)}")

    # ---------------------------------------------------------------- what became of it

    def _fate(self, order: PlacedOrder) -> OrderFate:
        fate = _FATES.get(order.status, Fate.ENDED if order.status.is_final else Fate.WORKS)
        detail = order.reject_reason
        if not order.legs:
            fate, detail = Fate.UNCLEAR, "its legs cannot be read: look at it at the broker"
        elif not order.status.is_final and not opens(order, self._held):
            fate = Fate.KEPT
        elif fate is Fate.WORKS:
            detail = self._refused.get(order.id, f"it was {order.status.value} when last seen")
        elif order.fills and fate is not Fate.FILLED:
            detail = "a part of it had filled"
        return OrderFate(order.id, order.client_id, order_text(order), fate, detail)


_FATES: Final = {
    OrderStatus.FILLED: Fate.FILLED,
    OrderStatus.CANCELLED: Fate.CANCELLED,
    OrderStatus.REMOVED: Fate.CANCELLED,
    OrderStatus.PARTIALLY_REMOVED: Fate.CANCELLED,
}


def opens(order: PlacedOrder, held: Held | None) -> bool:
    """
    Return whether an order opens a position with any leg; False for one whose legs cannot be read.

    held: contracts by symbol, negative for short; None when not known: then every order of a future opens.
    """
    return any(_opens(leg, order, held) for leg in order.legs)


def _opens(leg: OrderLeg, order: PlacedOrder, held: Held | None) -> bool:
    if leg.kind is not InstrumentKind.FUTURE or held is None:
        return leg.action.opens
    has = held.get(leg.symbol, Decimal(0))
    return min(leg.quantity, order.remaining) > (-has if leg.action.buys else has)


def _pauses() -> Iterable[float]:
    yield from _PAUSES
    while True:
        yield _LAST_PAUSE
