"""Every flow as the journal has it, and the one place where a step is written."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import anyio

from engine.execute.rules import StagerListener
from engine.model.intent import Intent
from engine.plan.entries import FlowHappened, Intended, Planned, Role, TradeEntry
from engine.plan.flow import Declined, Dropped, Ended, Flow, FlowEvent, after, submitted
from engine.ports import Clock, TradeLog

_ENDS: Final = (Declined, Dropped, Ended)


class Flows:
    """
    The flows by the ids of their intents, oldest first.

    A step is on disk before anybody sees it. What ends a flow, and whatever is about a close, may use the reserve of
    a full disk.
    """

    def __init__(self, log: TradeLog, clock: Clock, listener: StagerListener) -> None:
        self._log = log
        self._clock = clock
        self._listener = listener
        self._flows: dict[str, Flow] = {}
        self._planned_at: dict[str, datetime] = {}
        self._changed: dict[str, anyio.Event] = {}
        self._forestalled: dict[str, Dropped] = {}
        self._untold: list[tuple[str, FlowEvent, datetime]] = []

    @property
    def all(self) -> Mapping[str, Flow]:
        """Every flow, by the id of its intent."""
        return MappingProxyType(self._flows)

    def __getitem__(self, intent_id: str) -> Flow:
        """Return a flow as it stands."""
        return self._flows[intent_id]

    def restore(self, entry: TradeEntry) -> None:
        """Take in an entry of the journal; what is not about flows is passed over."""
        body = entry.body
        if isinstance(body, Intended):
            dropped = self._forestalled.get(body.intent.id)
            self._flows.setdefault(body.intent.id, Flow(body.intent, dropped=dropped))
        elif isinstance(body, FlowHappened) and body.intent_id in self._flows:
            self._apply(body.intent_id, body.event)
        elif isinstance(body, FlowHappened) and isinstance(body.event, Dropped):
            self._forestalled[body.intent_id] = body.event
        elif isinstance(body, Planned):
            self._note_planned(body, entry.at)

    def begin(self, intent: Intent) -> bool:
        """
        Write an intent down; return whether it is to be carried on: it is new, and was not dropped before it was made.

        Raises: JournalError, with nothing begun.
        """
        if intent.id in self._flows:
            return False
        self._log.write(Intended(intent), urgent=not intent.is_opening)
        self._log.sync()
        self._flows[intent.id] = Flow(intent)
        dropped = self._forestalled.get(intent.id)
        if dropped is not None:
            self.record(intent.id, dropped)
        return dropped is None

    def forestall(self, intent_id: str, dropped: Dropped) -> None:
        """Drop an intent that is not made yet, for when it is. Raises: JournalError."""
        if intent_id not in self._forestalled:
            self._log.write(FlowHappened(intent_id, dropped), urgent=True)
            self._log.sync()
            self._forestalled[intent_id] = dropped

    def forestalled(self, intent_id: str) -> Dropped | None:
        """Return how an intent was dropped before it was made; None when it was not."""
        return self._forestalled.get(intent_id)

    def record(self, intent_id: str, event: FlowEvent) -> None:
        """Write a step down, and then take it in. Raises: JournalError."""
        entry = self._written(intent_id, event)
        self._log.sync()
        self._apply(intent_id, event)
        self._tell(intent_id, event, entry.at)

    def record_with_next(self, intent_id: str, event: FlowEvent) -> None:
        """
        Write a step down which the next one, that follows at once, brings to disk; it is told with that one.

        Raises: JournalError.
        """
        entry = self._written(intent_id, event)
        self._apply(intent_id, event)
        self._untold.append((intent_id, event, entry.at))

    def note_planned(self, planned: Planned) -> None:
        """Take in that an order was submitted; the executor has written it down."""
        now = self._clock.now()
        self._note_planned(planned, now)
        if planned.role is Role.TRADE:
            self._tell(planned.intent_id, None, now)

    def planned_at(self, slot_id: str) -> datetime | None:
        """Return when the first order of a slot was planned; None when none was."""
        return self._planned_at.get(slot_id)

    async def until(self, intent_id: str, wanted: Callable[[Flow], bool]) -> Flow:
        """Return a flow once it is as wanted."""
        while not wanted(flow := self._flows[intent_id]):
            await self._changed.setdefault(intent_id, anyio.Event()).wait()
        return flow

    def _written(self, intent_id: str, event: FlowEvent) -> TradeEntry:
        is_urgent = isinstance(event, _ENDS) or not self._flows[intent_id].intent.is_opening
        return self._log.write(FlowHappened(intent_id, event), urgent=is_urgent)

    def _apply(self, intent_id: str, event: FlowEvent) -> None:
        self._flows[intent_id] = after(self._flows[intent_id], event)

    def _note_planned(self, planned: Planned, at: datetime) -> None:
        self._planned_at.setdefault(planned.slot_id, at)
        if planned.role is Role.TRADE and planned.intent_id in self._flows:
            self._flows[planned.intent_id] = submitted(self._flows[planned.intent_id])

    def _tell(self, intent_id: str, event: FlowEvent | None, at: datetime) -> None:
        self._changed.pop(intent_id, anyio.Event()).set()
        untold, self._untold = self._untold, []
        for earlier_id, earlier, earlier_at in untold:
            self._listener.moved(self._flows[earlier_id], earlier, earlier_at)
        self._listener.moved(self._flows[intent_id], event, at)
