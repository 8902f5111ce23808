"""Events of orders and facts of an account: written first, then taken in, then handed on."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import anyio

from engine.execute.account_health import Unfit
from engine.execute.slots import Slots
from engine.lifecycle import events
from engine.lifecycle.effects import Cancel, Effect, Probe, Record, Wake
from engine.lifecycle.events import Event
from engine.lifecycle.order_state import Patience
from engine.lifecycle.slot import Refusal, Slot, SlotStep
from engine.lifecycle.states import State
from engine.model.errors import InvariantBroken, JournalError
from engine.plan.entries import AccountHappened, OrderHappened, Planned, TradeBody, TradeEntry
from engine.ports import Clock, TradeLog

CarryOut = Callable[[Effect], None]
Tell = Callable[[Slot, tuple[Effect, ...], TradeEntry], None]

_TOWARDS_SENDING: Final = (events.IntentJournaled, events.SendStarted, events.ReplaceAsked)
_WITHOUT_JOURNAL: Final = (Cancel, Probe, Wake)
_SIGHTS: Final = (events.Acknowledged, events.Reported, events.FillsSeen)


class Orders:
    """
    The orders of one account and what the journal holds of them.

    carry_out: told each effect once the event it answers is written. tell: told what changed.
    """

    def __init__(self, account: str, log: TradeLog, clock: Clock, patience: Patience) -> None:
        self.slots = Slots(patience)
        self.carry_out: CarryOut = lambda _: None
        self.tell: Tell = lambda *_: None
        self.journal_lost = ""
        self._account = account
        self._log = log
        self._clock = clock
        self._changed: dict[str, anyio.Event] = {}
        self._recorded: set[Record] = set()

    @property
    def may_open(self) -> bool:
        """Whether the journal has room for openings and has lost nothing."""
        return self._log.can_open and not self.journal_lost

    # ---------------------------------------------------------------- from the journal

    def restore(self, entry: TradeEntry) -> tuple[Effect, ...]:
        """Take in an entry about an order of this account; return the effects that followed then."""
        return self.slots.restore(entry)

    # ---------------------------------------------------------------- live

    def plan(self, planned: Planned) -> Refusal | None:
        """Write the next order of a slot down and begin with it; nothing is left of it when that is refused."""
        slot = self.slots.with_next(planned)
        if isinstance(slot, Refusal):
            return slot
        client_id = planned.order.client_id
        is_urgent = not slot.attempts[-1].is_opening
        try:
            entry = self._write(planned, is_urgent=is_urgent)
        except JournalError as error:
            return Refusal(Unfit.JOURNAL, error.message)
        self.slots.keep(slot, entry.at)
        try:
            self.ask(client_id, events.IntentJournaled())
        except JournalError as error:
            self.happened(client_id, events.NothingSent(f"the journal failed: {error.message}"))
            return Refusal(Unfit.JOURNAL, error.message)
        return None

    def ask(self, client_id: str, event: Event) -> State:
        """
        Take in an event that allows something to be sent; it is on disk before it does. Return the state it led to.

        Raises: JournalError, with the order as it was: nothing may be sent.
        """
        if self.journal_lost:
            raise JournalError("journal_unusable", self.journal_lost)
        entry = self._write(self._body(client_id, event), is_urgent=not self.slots.order(client_id).is_opening)
        self._sync()
        self._take(self.slots.stepped(client_id, event, entry.at), entry)
        return self.slots.order(client_id).state

    def happened(self, client_id: str, event: Event) -> None:
        """
        Take in what happened to an order; what says nothing new is not written.

        When the journal fails the event counts all the same, but of what follows only cancels, looks and waits are
        carried out, and nothing is sent any more by this process.
        """
        if isinstance(event, _TOWARDS_SENDING):
            raise InvariantBroken(f"{type(event).__name__} of {client_id} has to be on disk before it counts")
        if isinstance(event, _SIGHTS) and self._is_known(self.slots.stepped(client_id, event, self._clock.now())):
            return
        body = self._body(client_id, event)
        try:
            entry = self._write(body, is_urgent=True)
        except JournalError as error:
            self.lose_journal(error)
            entry = TradeEntry(0, self._clock.now(), body)
        self._take(self.slots.stepped(client_id, event, entry.at), entry)

    def fact(self, happened: AccountHappened) -> None:
        """Write a fact of the account down; what follows from it does so even when that fails."""
        try:
            self._write(happened, is_urgent=True)
        except JournalError as error:
            self.lose_journal(error)

    def sync(self) -> None:
        """Put on disk what has happened."""
        with suppress(JournalError):
            self._sync()

    def lose_journal(self, error: JournalError) -> None:
        """Send nothing any more: what has happened is not on disk."""
        self.journal_lost = self.journal_lost or error.message

    async def until(self, slot_id: str, wanted: Callable[[Slot], bool]) -> Slot:
        """Return a slot as soon as it is as wanted. Raises: KeyError."""
        while not wanted(slot := self.slots.all[slot_id]):
            await self._changed.setdefault(slot_id, anyio.Event()).wait()
        return slot

    # ---------------------------------------------------------------- small parts

    def _body(self, client_id: str, event: Event) -> OrderHappened:
        return OrderHappened(self._account, self.slots.slot_of(client_id).id, client_id, event)

    def _write(self, body: TradeBody, *, is_urgent: bool) -> TradeEntry:
        return self._log.write(body, urgent=is_urgent)

    def _sync(self) -> None:
        try:
            self._log.sync()
        except JournalError as error:
            self.lose_journal(error)
            raise

    def _is_known(self, found: SlotStep) -> bool:
        if found.slot != self.slots.all[found.slot.id]:
            return False
        return all(isinstance(effect, Record) and effect in self._recorded for effect in found.effects)

    def _take(self, found: SlotStep, entry: TradeEntry) -> None:
        self.slots.take(found)
        self._recorded.update(effect for effect in found.effects if isinstance(effect, Record))
        changed = self._changed.pop(found.slot.id, None)
        if changed is not None:
            changed.set()
        self.tell(found.slot, found.effects, entry)
        for effect in found.effects:
            if not self.journal_lost or isinstance(effect, _WITHOUT_JOURNAL):
                self.carry_out(effect)
