"""The way of every intent, from the decision to its order's end: one task each, each step on disk before the next."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import anyio
from anyio.abc import TaskGroup

from engine.execute.approvals import Approvals
from engine.execute.drafts import slot_id
from engine.execute.flows import Flows
from engine.execute.journey import Journey
from engine.execute.rules import AccountDesk, Rules, StagerListener
from engine.execute.setting import Setting
from engine.execute.waiting import WaitingClock
from engine.model.desk import Person
from engine.model.errors import InvariantBroken, JournalError
from engine.model.intent import Intent
from engine.plan.entries import Role, TradeEntry
from engine.plan.flow import Dropped, Flow, Next, next_step
from engine.ports import TradeLog


class Stager:
    """
    Carries intents along their flows.

    desks: the accounts, by their aliases. clock: `waiting.Sleeping(clock)` where time is real.
    """

    def __init__(
        self,
        desks: Mapping[str, AccountDesk],
        log: TradeLog,
        clock: WaitingClock,
        rules: Rules,
        listener: StagerListener,
    ) -> None:
        self._desks = desks
        self._flows = Flows(log, clock, listener)
        self._approvals = Approvals(self._flows, clock, rules)
        setting = Setting(desks, self._flows, clock, rules, listener)
        self._journey = Journey(setting, self._approvals, self._beside)
        self._tasks: TaskGroup | None = None
        self._scopes: dict[str, anyio.CancelScope] = {}
        self._failure: JournalError | InvariantBroken | None = None

    @property
    def flows(self) -> Mapping[str, Flow]:
        """Every flow, by the id of its intent; a view."""
        return self._flows.all

    @property
    def awaiting(self) -> tuple[Flow, ...]:
        """The flows a person is asked about, the oldest first."""
        return tuple(flow for flow in self._flows.all.values() if flow.awaits_approval)

    def restore(self, entry: TradeEntry) -> None:
        """Take in an entry of the journal, in its order, before `run`; what is not about flows is passed over."""
        self._flows.restore(entry)

    def take(self, intent: Intent) -> None:
        """
        Write an intent down and begin with it, or drop it when it was given up before; a known one is passed over.

        Raises: JournalError, when it cannot be written; it was not begun then.
        """
        if self._flows.begin(intent):
            self._start(intent)

    async def run(self) -> None:
        """
        Carry every flow on, those of before a restart from their first step without a result, until cancelled.

        To be started once the executors have recovered. Raises: JournalError, InvariantBroken: nothing more may be
        sent then.
        """
        self._failure = None
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            try:
                self._resume()
                await anyio.sleep_forever()
            finally:
                self._tasks = None
                self._scopes.clear()
        if self._failure is not None:
            raise self._failure

    def approve(self, intent_id: str, by: Person) -> str | None:
        """Take in a yes; return why it does not count, None when it does. Raises: JournalError."""
        return self._approvals.approve(intent_id, by)

    def decline(self, intent_id: str, by: Person, why: str) -> str | None:
        """Take in a no; return why it does not count, None when it does. Raises: JournalError."""
        return self._approvals.decline(intent_id, by, why)

    def drop(self, intent_id: str, code: str, why: str) -> None:
        """
        Give an opening up: before its order is submitted nothing is sent, after it what is unfilled is cancelled.

        One that is not known yet is given up when it is taken. A close, and what is over, are left alone.
        Raises: JournalError.
        """
        flow = self._flows.all.get(intent_id)
        if flow is None:
            self._flows.forestall(intent_id, Dropped(code, why))
            return
        if flow.is_over or not flow.intent.is_opening:
            return
        if flow.is_sent:
            desk = self._desks.get(flow.intent.account)
            if desk is not None:
                desk.executor.cancel(slot_id(flow.intent, Role.TRADE), why)
            return
        self._flows.record(intent_id, Dropped(code, why))
        scope = self._scopes.get(intent_id)
        if scope is not None:
            scope.cancel()
        self._beside(partial(self._journey.prober.clear, flow.intent))

    def forestalled(self, intent_id: str) -> Dropped | None:
        """Return how an intent that is not known yet was given up; None when it was not."""
        return self._flows.forestalled(intent_id)

    def drop_openings(self, code: str, why: str) -> tuple[str, ...]:
        """Give up every opening that is not over, as `drop` does; return their ids. Raises: JournalError."""
        given_up = tuple(flow.intent.id for flow in self._flows.all.values() if not flow.is_over)
        given_up = tuple(each for each in given_up if self._flows[each].intent.is_opening)
        for intent_id in given_up:
            self.drop(intent_id, code, why)
        return given_up

    def _resume(self) -> None:
        for flow in self._flows.all.values():
            if next_step(flow) is not Next.NOTHING:
                self._start(flow.intent)
            if flow.probe is not None or flow.is_over:
                self._clear_up_after(flow)

    def _clear_up_after(self, flow: Flow) -> None:
        if self._journey.prober.needs_clearing(flow.intent):
            self._beside(partial(self._journey.prober.clear, flow.intent))

    def _start(self, intent: Intent) -> None:
        if self._tasks is not None:
            scope = self._scopes[intent.id] = anyio.CancelScope()
            self._tasks.start_soon(self._guarded, partial(self._journey.go, intent), scope)

    def _beside(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._tasks is not None:
            self._tasks.start_soon(self._guarded, work, anyio.CancelScope())

    async def _guarded(self, work: Callable[[], Awaitable[None]], scope: anyio.CancelScope) -> None:
        """Do some work; what must stop everything stops everything, as itself and not in a group of errors."""
        try:
            with scope:
                await work()
        except (JournalError, InvariantBroken) as error:
            self._failure = self._failure or error
            if self._tasks is not None:
                self._tasks.cancel_scope.cancel()
