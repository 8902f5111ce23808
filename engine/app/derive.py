"""A logged decision derived again: from its rulebook, its message and its facts, nothing else."""

from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.app.differing import differing
from engine.decide.decide import decide
from engine.decide.record import Record
from engine.model.alert import Reading
from engine.model.message import Message
from engine.playbook.hearing import Hearing
from engine.playbook.rulebook import LivePlaybook, Rulebook

Version = tuple[str, str]
"""A version of a playbook: its name, its content hash."""

_Readings = dict[Version, tuple[LivePlaybook, Reading]]
_ONCE: Final = "one decision about each message event"


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One value of a logged decision that comes out otherwise.

    field: where in the decision ("outcomes[0].reason"); "content_hash" when the playbook itself is another;
    "facts.stage" when its openings went elsewhere; "record" when a whole decision is missing, or is there again; it has
    no id then. content_hash: of the version that decides.
    """

    decision_id: str
    message_id: str
    event: int
    playbook: str
    field: str
    logged: str
    derived: str
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """
    A logged decision, held against what is derived.

    live: the version that makes it; None when none of its name hears the message. places: where it comes out otherwise.
    """

    record: Record
    live: LivePlaybook | None
    places: tuple[Difference, ...]

    @property
    def version(self) -> Version:
        """The version that makes it; where there is none, what was logged."""
        decision = self.record.decision
        return (decision.playbook, decision.content_hash) if self.live is None else _version(self.live)


class Deriver:
    """
    Derives decisions of rulebooks, as they were logged.

    rulebooks: several where more than one version of a playbook decides, each version in another one.
    """

    def __init__(self, *rulebooks: Rulebook) -> None:
        self._rulebooks = rulebooks
        self._hearings: dict[tuple[str, str], tuple[Hearing, ...]] = {}

    def readings(self, message: Message) -> _Readings:
        """Return what a message says to each version that hears it."""
        return {
            _version(live): (live, reading)
            for hearing in self._hear(message)
            for live, reading in hearing.read(message)
        }

    def missing(self, message: Message, deciders: Container[Version]) -> Iterator[Difference]:
        """Yield a difference for each version that hears a message and is not among those that decided about it."""
        for hearing in self._hear(message):
            for live in hearing.playbooks:
                name, content_hash = _version(live)
                if (name, content_hash) not in deciders:
                    yield Difference("", message.id, message.event, name, "record", "", _ONCE, content_hash)

    def compare(self, records: Sequence[Record]) -> Iterator[Compared]:
        """Yield each decision about one message event as it comes out."""
        readings = self.readings(records[0].message)
        free = readings.keys() - {_logged(record) for record in records}
        for record in records:
            version = _match(record, readings.keys(), free)
            free -= {version}
            of = readings.get(version)
            yield Compared(record, None if of is None else of[0], tuple(_places(record, of)))

    def _hear(self, message: Message) -> tuple[Hearing, ...]:
        place = (message.channel_id, message.parent_channel_id)
        if place not in self._hearings:
            heard = [rulebook.by_channel(*place) for rulebook in self._rulebooks]
            self._hearings[place] = tuple(Hearing(playbooks) for playbooks in heard if playbooks)
        return self._hearings[place]


def again(message_id: str, event: int, version: Version) -> Difference:
    """Return the difference of a decision that is logged although the version has decided about the event already."""
    return Difference("", message_id, event, version[0], "record", "again", _ONCE, version[1])


def _version(live: LivePlaybook) -> Version:
    return live.playbook.name, live.content_hash


def _logged(record: Record) -> Version:
    return record.decision.playbook, record.facts.content_hash


def _match(record: Record, known: Collection[Version], free: Collection[Version]) -> Version:
    """Return the version that makes a decision: of one that says another hash, the one of its name that is left."""
    logged = _logged(record)
    if logged in known:
        return logged
    of_name = [*sorted(free), *known]
    return next((version for version in of_name if version[0] == logged[0]), logged)


def _places(record: Record, of: tuple[LivePlaybook, Reading] | None) -> Iterator[Difference]:
    for field, logged, derived in _compared(record, of):
        decision = record.decision
        yield Difference(
            decision.decision_id,
            record.message.id,
            record.message.event,
            decision.playbook,
            field,
            logged,
            derived,
            record.facts.content_hash,
        )


def _compared(record: Record, of: tuple[LivePlaybook, Reading] | None) -> Iterator[tuple[str, str, str]]:
    logged = record.decision
    if of is None:
        yield "playbook", logged.playbook, "no playbook of that name hears the channel"
        return
    live, reading = of
    if live.content_hash != record.facts.content_hash:
        yield "content_hash", record.facts.content_hash, live.content_hash
    yield from differing(logged, decide(live.terms, record.message, reading, record.facts))
