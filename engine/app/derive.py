"""A logged decision derived again: from its rulebook, its message and its facts, nothing else."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.app.differing import differing
from engine.decide.decide import decide
from engine.decide.record import Record
from engine.model.alert import Reading
from engine.model.message import Message
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook, Rulebook

_Readings = dict[str, tuple[LivePlaybook, Reading]]
_ONCE: Final = "one decision about each message event"


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One value of a logged decision that comes out otherwise.

    field: where in the decision ("outcomes[0].reason"); "content_hash" when the playbook itself is another; "record"
    when a whole decision is missing, or is there again; it has no id then.
    """

    decision_id: str
    message_id: str
    event: int
    playbook: str
    field: str
    logged: str
    derived: str


class Deriver:
    """Derives the decisions of one rulebook, as it was logged."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._hearings: dict[tuple[str, str], Hearing] = {}

    def readings(self, message: Message) -> _Readings:
        """Return what a message says to each playbook that hears it, by the playbook's name."""
        return {live.playbook.name: (live, reading) for live, reading in self._hearing(message).read(message)}

    def missing(self, message: Message, deciders: Container[str]) -> Iterator[Difference]:
        """Yield a difference for each playbook that hears a message and is not among those that decided about it."""
        for live in self._hearing(message).playbooks:
            if live.playbook.name not in deciders:
                yield Difference("", message.id, message.event, live.playbook.name, "record", "", _ONCE)

    def differences(self, records: Sequence[Record]) -> Iterator[tuple[Difference, ...]]:
        """Yield for each decision about one message event where it comes out otherwise; nothing where it is equal."""
        readings = self.readings(records[0].message)
        for record in records:
            yield tuple(
                Difference(
                    record.decision.decision_id,
                    record.message.id,
                    record.message.event,
                    record.decision.playbook,
                    *found,
                )
                for found in _compared(record, readings)
            )

    def _hearing(self, message: Message) -> Hearing:
        place = (message.channel_id, message.parent_channel_id)
        if place not in self._hearings:
            self._hearings[place] = Hearing(self._rulebook.by_channel(*place))
        return self._hearings[place]


def again(message_id: str, event: int, playbook: str) -> Difference:
    """Return the difference of a decision that is logged although the playbook has decided about the event already."""
    return Difference("", message_id, event, playbook, "record", "again", _ONCE)


def _compared(record: Record, readings: _Readings) -> Iterator[tuple[str, str, str]]:
    logged = record.decision
    if logged.playbook not in readings:
        yield "playbook", logged.playbook, "no playbook of that name hears the channel"
        return
    live, reading = readings[logged.playbook]
    if live.content_hash != record.facts.content_hash:
        yield "content_hash", record.facts.content_hash, live.content_hash
    yield from differing(logged, decide(live.terms, record.message, reading, record.facts))
