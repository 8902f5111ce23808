"""What happens to orders and intents, passed on: into positions first, then to whoever follows."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from engine.app.position_keeping import PositionKeeper
from engine.decide.record import Record
from engine.lifecycle.effects import Effect, Raise
from engine.lifecycle.slot import Slot
from engine.model.decision import Outcome
from engine.model.position import Closed
from engine.plan.entries import AccountHappened
from engine.plan.flow import Dropped, Ended, Flow, FlowEvent


class Audience(Protocol):
    """Who follows what a desk does. Must not block and must not raise."""

    def decided(self, record: Record) -> None:
        """Learn of a decision that is on disk."""
        ...

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        """Learn of a step of an intent (see execute.rules.StagerListener)."""
        ...

    def dropped(self, record: Record, outcome: Outcome, dropped: Dropped) -> None:
        """Learn that nothing can be sent for an approved outcome."""
        ...

    def changed(self, account: str, slot: Slot, at: datetime) -> None:
        """Learn how the orders of a slot stand."""
        ...

    def closed(self, closed: Closed) -> None:
        """Learn that a position, or a part of one, was closed."""
        ...

    def told(self, happened: AccountHappened) -> None:
        """Learn something about an account."""
        ...

    def warn(self, sentence: str) -> None:
        """Learn what a person should see, at once."""
        ...


class DeskEvents:
    """
    The listener of executors and of the stager (see execute.executor, execute.rules).

    Attributes, set before anything happens: keeper: of positions. on_closed: told what fills have closed.
    """

    keeper: PositionKeeper
    on_closed: Callable[[tuple[Closed, ...]], None]

    def __init__(self, audience: Audience) -> None:
        self._audience = audience

    def changed(self, account: str, slot: Slot, effects: tuple[Effect, ...], at: datetime) -> None:
        """Take in what became of an order."""
        closed = self.keeper.moved(slot, at)
        if closed:
            self.on_closed(closed)
        self._audience.changed(account, slot, at)
        for each in closed:
            self._audience.closed(each)
        for effect in effects:
            if isinstance(effect, Raise):
                self._audience.warn(f"{effect.alarm.value}: {effect.text} ({account}, order {effect.client_id})")

    def told(self, happened: AccountHappened) -> None:
        """Take in a fact about an account."""
        self._audience.told(happened)

    def moved(self, flow: Flow, event: FlowEvent | None, at: datetime) -> None:
        """Take in a step of an intent."""
        if isinstance(event, Dropped | Ended):
            self.keeper.released(flow.intent.intent_key)
        self._audience.moved(flow, event, at)

    def warn(self, intent_id: str, sentence: str) -> None:
        """Tell a person what changes nothing."""
        self._audience.warn(f"{sentence} (intent {intent_id[:12]})")
