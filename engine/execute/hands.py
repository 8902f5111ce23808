"""Carries out what follows from events: requests that change something at the broker, and timers."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.execute.jobs import Jobs
from engine.execute.lookups import Lookups
from engine.execute.orders import Orders
from engine.execute.timers import Timers
from engine.lifecycle import events
from engine.lifecycle.effects import Cancel, Effect, Probe, Replace, Send, Wake
from engine.lifecycle.events import Event
from engine.lifecycle.states import State
from engine.model.errors import JournalError, NothingSent, OrderRefused, OutcomeUnknown
from engine.model.order import Order, Priority
from engine.ports import Broker, Clock

NEWS_WITHIN: Final = timedelta(seconds=5)
"""How long after an accepted cancel its end may take before it is looked up."""
_GIVEN_UP: Final = "the request was given up"


class Hands:
    """The only caller of what changes something at the broker. Each request is a job of its own."""

    def __init__(self, broker: Broker, clock: Clock, orders: Orders, lookups: Lookups, timers: Timers) -> None:
        self._broker = broker
        self._clock = clock
        self._orders = orders
        self._lookups = lookups
        self._timers = timers
        self._jobs: Jobs = lookups.jobs
        self._killed: set[str] = set()

    def carry_out(self, effect: Effect) -> None:
        """Begin with what an effect asks for; what only has to be told is passed over."""
        match effect:
            case Send(order):
                self._jobs.start(lambda: self._place(order))
            case Replace(order_id, order):
                self._jobs.start(lambda: self._replace(order_id, order))
            case Cancel(order_id):
                self._jobs.start(lambda: self._cancel(order_id))
            case Probe(client_id, _, at):
                self._timers.set(("probe", client_id), at, lambda: self._lookups.probe(client_id))
            case Wake(client_id, at):
                self._timers.set(("wake", client_id), at, lambda: self._wake(client_id))

    def hurry(self, client_id: str) -> None:
        """Have cancels of an order go before all other messages, also those that wait for their turn."""
        self._killed.add(client_id)
        for order_id in self._orders.slots.order(client_id).order_ids:
            if ("cancel", order_id) in self._timers:
                self._cancel_again(order_id, self._clock.now())

    def _wake(self, client_id: str) -> None:
        self._orders.happened(client_id, events.GraceOver())

    async def _place(self, order: Order) -> None:
        try:
            state = self._orders.ask(order.client_id, events.SendStarted())
        except JournalError as error:
            self._orders.happened(order.client_id, events.NothingSent(f"the journal failed: {error.message}"))
            return
        if state is not State.SENT:
            return
        event: Event = events.OutcomeUnknown(_GIVEN_UP)
        try:
            event = await self._placed(order)
        finally:  # whatever ends this, the order may be at the broker
            self._orders.happened(order.client_id, event)

    async def _placed(self, order: Order) -> Event:
        try:
            return events.Acknowledged(await self._broker.place(self._addressed(order)))
        except NothingSent as error:
            return events.NothingSent(error.message)
        except OrderRefused as error:
            return events.Refused(error.codes)
        except OutcomeUnknown as error:
            return events.OutcomeUnknown(error.message)

    async def _replace(self, order_id: str, order: Order) -> None:
        if self._orders.slots.order(order.client_id).state is not State.REPLACE_ASKED:
            self._orders.happened(order.client_id, events.ReplaceFailed())  # news, or a cancel, was faster
            return
        event: Event = events.ReplaceUnanswered(_GIVEN_UP)
        try:
            event = await self._replaced(order_id, order)
        finally:
            self._orders.happened(order.client_id, event)

    async def _replaced(self, order_id: str, order: Order) -> Event:
        try:
            return events.ReplaceAcknowledged(await self._broker.replace(order_id, self._addressed(order)))
        except NothingSent:
            return events.ReplaceFailed()
        except OrderRefused as error:
            return events.ReplaceFailed(error.codes)
        except OutcomeUnknown as error:
            return events.ReplaceUnanswered(error.message)

    async def _cancel(self, order_id: str) -> None:
        client_id = self._orders.slots.client_of_id(order_id)
        priority = Priority.KILL if client_id in self._killed else Priority.CANCEL
        event: Event | None = events.CancelUnanswered(_GIVEN_UP)
        try:
            event = await self._cancelled(order_id, priority)
        finally:
            if event is not None:
                self._orders.happened(client_id, event)

    async def _cancelled(self, order_id: str, priority: Priority) -> Event | None:
        """Ask for a cancel and return what came of it; None when it will be asked for again by itself."""
        try:
            placed = await self._broker.cancel(order_id, priority)
        except NothingSent as error:
            if not error.wait:
                return events.CancelUnanswered(error.message)
            self._cancel_again(order_id, self._clock.now() + timedelta(seconds=error.wait))
            return None
        except OrderRefused as error:
            return events.CancelRefused(error.codes)
        except OutcomeUnknown as error:
            return events.CancelUnanswered(error.message)
        self._await_news(self._orders.slots.client_of_id(order_id))
        return events.Reported(placed)

    def _cancel_again(self, order_id: str, at: datetime) -> None:
        def ask() -> None:
            order = self._orders.slots.order(self._orders.slots.client_of_id(order_id))
            if any(ticket.id == order_id for ticket in order.open_tickets):
                self._jobs.start(lambda: self._cancel(order_id))

        self._timers.set(("cancel", order_id), at, ask)

    def _await_news(self, client_id: str) -> None:
        at = self._clock.now() + NEWS_WITHIN
        self._timers.set(("news", client_id), at, lambda: self._lookups.look_up(client_id))

    def _addressed(self, order: Order) -> Order:
        # Orders are written down under the alias of their account, whose number is the broker's to know.
        return replace(order, account=self._broker.account)
