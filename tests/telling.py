"""What a desk tells, as lines."""

from abc import ABC, abstractmethod

from engine.decide.record import Record
from engine.model.decision import Outcome
from engine.model.position import Closed
from engine.plan.entries import AccountHappened
from engine.plan.flow import Dropped


class Teller(ABC):
    """An audience of a desk (see desk_events.Audience), but for steps and orders."""

    @abstractmethod
    def say(self, line: str) -> None: ...

    def decided(self, record: Record) -> None:
        for each in record.decision.outcomes:
            self.say(f"decided {record.message.content}: {each.verdict.value} {each.reason.value} {each.detail}")

    def dropped(self, record: Record, outcome: Outcome, dropped: Dropped) -> None:
        self.say(f"dropped {dropped}")

    def closed(self, closed: Closed) -> None:
        self.say(f"closed {closed}")

    def told(self, happened: AccountHappened) -> None:
        self.say(f"told {happened}")

    def warn(self, sentence: str) -> None:
        self.say(f"WARN {sentence}")
