"""The only one who sends, cancels and replaces orders in one account; each event is on disk before what follows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Protocol

from engine.execute.account_health import AccountHealth, Unfit, restriction
from engine.execute.comparing import Comparing
from engine.execute.day_end import day_ends_at
from engine.execute.following import Following
from engine.execute.hands import Hands
from engine.execute.jobs import Jobs
from engine.execute.lookups import Lookups
from engine.execute.orders import Orders
from engine.execute.positions import Positions
from engine.execute.reconcile import Place, Reconcile
from engine.execute.timers import Timers
from engine.lifecycle import events
from engine.lifecycle.effects import Effect
from engine.lifecycle.order_state import PATIENCE, OrderState, Patience
from engine.lifecycle.slot import Refusal, Slot
from engine.lifecycle.states import OPEN, State
from engine.model.account import Funds, Holding, Standing
from engine.model.activity import Restriction, TradingState
from engine.model.desk import AccountKind
from engine.model.errors import CredentialsRefused, JournalError
from engine.model.order import OrderLeg
from engine.plan.entries import AccountHappened, Planned, TradeEntry
from engine.ports import Broker, Clock, TradeLog

RECONCILE_EVERY: Final = timedelta(seconds=30)
MISMATCH_GRACE: Final = timedelta(seconds=10)
SYNC_WITHIN: Final = timedelta(seconds=1)


class ExecutorListener(Protocol):
    """Who is told what becomes of orders and accounts, after it is in the journal. Must not block, must not raise."""

    def changed(self, account: str, slot: Slot, effects: tuple[Effect, ...], at: datetime) -> None:
        """Take in a slot after an event of one of its orders; never called while the journal is restored."""
        ...

    def told(self, happened: AccountHappened) -> None:
        """Take in a fact about the account."""
        ...


class Executor:
    """
    The orders of one account.

    account: its alias; orders are sent to the account of the broker. kind: a sandbox may forget everything, which is
    believed of no other account. reconcile_every: how often orders and positions are compared with the broker's.
    mismatch_grace: how long a difference of positions may stand, as they lag fills.
    """

    def __init__(  # noqa: PLR0913 - every one is a part of its own
        self,
        account: str,
        kind: AccountKind,
        broker: Broker,
        log: TradeLog,
        clock: Clock,
        listener: ExecutorListener,
        patience: Patience = PATIENCE,
        *,
        reconcile_every: timedelta = RECONCILE_EVERY,
        mismatch_grace: timedelta = MISMATCH_GRACE,
    ) -> None:
        self._account = account
        self._broker = broker
        self._clock = clock
        self._listener = listener
        self._patience = patience
        self._jobs = Jobs()
        self._timers = Timers(clock)
        self._orders = Orders(account, log, clock, patience)
        self._positions = positions = Positions(self._orders.slots)
        self._lookups = Lookups(broker, self._orders, positions, self._jobs)
        self._hands = Hands(broker, clock, self._orders, self._lookups, self._timers)
        self._comparing = Comparing(account, positions, mismatch_grace, self._tell)
        place = Place(account, kind, broker, clock, patience)
        self._reconcile = Reconcile(place, self._orders, self._comparing, self._lookups, self._tell)
        self._orders.carry_out = self._hands.carry_out
        self._orders.tell = self._told
        self._following = Following(account, clock, self._reconcile, self._timers, self._jobs, self._tell)
        self._following.every = reconcile_every
        self._has_recovered = False
        self._doubtful: set[str] = set()

    # ---------------------------------------------------------------- what is known

    @property
    def account(self) -> str:
        """The alias of the account."""
        return self._account

    @property
    def slots(self) -> Mapping[str, Slot]:
        """Every slot by its id; a view that follows what happens."""
        return self._orders.slots.all

    @property
    def holdings(self) -> Mapping[str, Holding]:
        """The broker's positions as last seen, by symbol."""
        return MappingProxyType(self._comparing.holdings)

    @property
    def ours(self) -> Mapping[str, Decimal]:
        """What fills of our orders add up to, by symbol: contracts or shares, negative for short."""
        return self._orders.slots.ours

    @property
    def funds(self) -> Funds | None:
        """The money as last seen; None before it was."""
        return self._reconcile.funds

    @property
    def standing(self) -> Standing | None:
        """What the account may do, as last seen; None before it was."""
        return self._reconcile.standing

    @property
    def health(self) -> AccountHealth:
        """Whether the account may be traded in."""
        found = tuple(self._restrictions())
        blocked = self._comparing.blocked
        differing = f"ours and the broker's position differ in {', '.join(sorted(blocked))}: nothing opens there"
        why = next((each.why for each in found), self._following.why or (differing if blocked else ""))
        return AccountHealth(self._following.is_ready, found, blocked, why)

    @property
    def timers(self) -> Timers:
        """What is due when; `run` sees to it."""
        return self._timers

    @property
    def busy(self) -> int:
        """How many requests are under way."""
        return self._jobs.busy

    def reserved_closes(self, symbol: str, counts: Callable[[str], bool] = lambda _: True) -> int:
        """
        Return how many contracts or shares of a symbol working closes could still take.

        counts: which closes, by the ids of their slots.
        """
        return self._orders.slots.reserved_closes(symbol, counts)

    # ---------------------------------------------------------------- from the journal

    def restore(self, entry: TradeEntry) -> tuple[Effect, ...]:
        """
        Take in one entry of the journal, in its order, before `recover` and `run`; others' accounts are passed over.

        Return the effects that followed then: none is to be carried out again, but fills are booked and released by
        them. Raises: InvariantBroken, when the journal contradicts itself.
        """
        if getattr(entry.body, "account", None) != self._account:
            return ()
        self._reconcile.restore(entry)
        return self._orders.restore(entry)

    async def recover(self) -> None:
        """
        Begin anew after `restore`: every order that is not settled is looked up, and positions are compared.

        Returns also when the broker does not answer: openings are refused then until it does, which `run` sees to.
        """
        self._has_recovered = True
        for order in list(self._orders.slots.unsettled()):
            if order.state is State.DRAFT:
                self._orders.happened(order.client_id, events.NothingSent("its intent was never on disk in full"))
            else:
                self._orders.happened(order.client_id, events.Recovered())
                self._expect_day_end(order)
            if self._orders.slots.order(order.client_id).state is State.UNKNOWN:
                self._doubtful.add(order.client_id)
        await self._following.look(is_full=True)

    async def run(self) -> None:
        """
        Follow the account until cancelled: its stream, what is due, comparing; recovers first where that was not done.

        Raises: CredentialsRefused, when the broker does not accept who we are: nothing more comes of this account.
        """
        if not self._has_recovered:
            await self.recover()
        refused: CredentialsRefused | None = None
        async with self._jobs.running() as group:
            group.start_soon(self._timers.run)
            try:
                await self._broker.listen(self._following.hear)
            except CredentialsRefused as error:
                refused = error
        if refused is not None:
            self._following.unanswered(refused)
            raise refused

    # ---------------------------------------------------------------- orders

    def submit(self, planned: Planned) -> Refusal | None:
        """
        Write the next order of a slot down, sync, and have it sent; return why it is not taken, None when it is.

        The code of the refusal is one of lifecycle.slot.NoRoom or of account_health.Unfit. A refused order has left
        nothing that could be sent. Sending goes on in `run`.
        """
        is_ours = planned.account == self._account and planned.order.account in (self._account, self._broker.account)
        if not is_ours:
            why = f"the order is for account {planned.account}, {planned.order.account}, not {self._account}"
            return Refusal(Unfit.OTHER_ACCOUNT, why)
        refused = self._unfit(planned.order.legs) or self._orders.plan(planned)
        if refused is None:
            self._expect_day_end(self._orders.slots.order(planned.order.client_id))
        return refused

    def replace(self, slot_id: str, price: Decimal) -> Refusal | None:
        """
        Ask for another price of the working order of a slot, unfilled so far; return why that is not done.

        Raises: KeyError.
        """
        order = self.slots[slot_id].attempts[-1]
        if order.state is not State.WORKING or order.is_cancel_wanted:
            why = f"{order.client_id} is {order.state.value}, and only a working order is replaced"
            return Refusal(Unfit.NOT_WORKING, why)
        refused = self._unfit(order.order.legs)
        if refused is not None:
            return refused
        try:
            self._orders.ask(order.client_id, events.ReplaceAsked(replace(order.order, price=price)))
        except JournalError as error:
            return Refusal(Unfit.JOURNAL, error.message)
        return None

    def cancel(self, slot_id: str, why: str) -> None:
        """Cancel every order of a slot that could still fill; the wish outlives a restart. Raises: KeyError."""
        for order in self.slots[slot_id].attempts:
            if not order.is_settled or order.could_fill:
                self._orders.happened(order.client_id, events.CancelAsked(why))

    def cancel_openings(self, why: str) -> tuple[str, ...]:
        """Cancel every opening that could still fill, before all other messages; return the ids of their slots."""
        found: dict[str, None] = {}
        for order in self._orders.slots.unsettled():
            if order.is_opening and order.could_fill:
                self._hands.hurry(order.client_id)
                found[self._orders.slots.slot_of(order.client_id).id] = None
        for slot_id in found:
            self.cancel(slot_id, why)
        return tuple(found)

    async def until(self, slot_id: str, wanted: Callable[[Slot], bool]) -> Slot:
        """Return a slot as soon as it is as wanted; looked at on every change of it. Raises: KeyError."""
        return await self._orders.until(slot_id, wanted)

    # ---------------------------------------------------------------- small parts

    def _tell(self, happened: AccountHappened) -> None:
        self._orders.fact(happened)
        self._sync_soon()
        self._listener.told(happened)

    def _told(self, slot: Slot, effects: tuple[Effect, ...], entry: TradeEntry) -> None:
        self._sync_soon()
        self._listener.changed(self._account, slot, effects, entry.at)

    def _sync_soon(self) -> None:
        # What the broker says can be asked of it again, so it need not be on disk at once.
        if "sync" not in self._timers:
            self._timers.set("sync", self._clock.now() + SYNC_WITHIN, self._orders.sync)

    def _unfit(self, legs: tuple[OrderLeg, ...]) -> Refusal | None:
        if self._orders.journal_lost:
            return Refusal(Unfit.JOURNAL, self._orders.journal_lost)
        return self._unfit_to_open(legs) if any(leg.action.opens for leg in legs) else None

    def _unfit_to_open(self, legs: tuple[OrderLeg, ...]) -> Refusal | None:
        health = self.health
        if not health.is_ready:
            return Refusal(Unfit.NOT_READY, health.why)
        if health.restrictions:
            return Refusal(Unfit.REDUCING, health.why)
        blocked = next((leg.symbol for leg in legs if leg.symbol in health.blocked), None)
        if blocked is not None:
            return Refusal(Unfit.BLOCKED, f"ours and the broker's position in {blocked} are not the same")
        # A broker holds one side of a contract only: the two would end each other, and neither could be closed.
        other = next((leg.symbol for leg in legs if leg.action.opens and self._positions.is_other_side(leg)), None)
        if other is not None:
            return Refusal(Unfit.OTHER_SIDE, f"account {self._account} holds, or opens, the other side of {other}")
        return None

    def _restrictions(self) -> Iterator[Restriction]:
        if self._orders.journal_lost:
            yield restriction(TradingState.HALTED, self._account, f"the journal failed: {self._orders.journal_lost}")
        elif not self._orders.may_open:
            yield restriction(TradingState.REDUCING, self._account, "the journal has no room for openings")
        if self._reconcile.unknown_of_ours:
            ids = ", ".join(sorted(self._reconcile.unknown_of_ours))
            yield restriction(
                TradingState.REDUCING,
                self._account,
                f"the broker works {ids} under ids of ours that the journal does not hold",
            )
        unresolved = sorted(order.client_id for order in self._orders.slots.unsettled() if self._is_unresolved(order))
        if unresolved:
            why = f"it is not known what became of {', '.join(unresolved)}"
            yield restriction(TradingState.REDUCING, self._account, why)

    def _is_unresolved(self, order: OrderState) -> bool:
        if order.state is State.UNKNOWN and order.client_id in self._doubtful:
            return True
        first = order.first_miss_at
        is_long = first is not None and self._clock.now() - first >= self._patience.absent_after
        return order.state in (State.UNKNOWN, *OPEN) and is_long and order.misses >= self._patience.probes

    def _expect_day_end(self, order: OrderState) -> None:
        planned_at = self._orders.slots.planned_at(order.client_id)
        at = day_ends_at(order.order, planned_at)
        if at is not None:
            self._timers.set(("day", order.client_id), at, lambda: self._day_ended(order.client_id))

    def _day_ended(self, client_id: str) -> None:
        if not self._orders.slots.order(client_id).is_settled:
            self._orders.happened(client_id, events.DayEnded())
