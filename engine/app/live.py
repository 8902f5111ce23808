"""
The live path of a message: decide it, write that down, and only then say so.

What opens a position is on disk before it is acknowledged; everything else follows at most 50 ms or 256 entries
later. After a write that failed nothing in memory counts any more: the state is what the journal holds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from engine.decide.record import Record
from engine.interpret.interpreter import OnClosed
from engine.journal.entry_bodies import Decided, decided, encoded
from engine.journal.log import JournalLog
from engine.model.activity import Restriction, Scope, TradingState
from engine.model.decision import Outcome, Verdict
from engine.model.entry import Entry, EntryKind
from engine.model.errors import JournalError
from engine.model.message import Message
from engine.model.position import Closed
from engine.ports import Restrictions

_GROUP_ENTRIES: Final = 256
_GROUP_SECONDS: Final = 0.05
_FULL: Final = "journal_full"
_SPARING: Final = (
    "half of the room kept for closes is used up: alerts that are refused are not written down any more, and are "
    "decided when they come again after a start; make room soon"
)
NO_ROOM: Final = Restriction(
    TradingState.REDUCING, Scope.ALL, "", "journal", "the disk is full: what opens cannot be written down"
)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A message event whose decisions are on disk, in this entry of the journal."""

    entry: Entry
    records: tuple[Record, ...]


class Listener(Protocol):
    """Who is told what became of messages."""

    def acknowledge(self, batch: Sequence[Acknowledged]) -> None:
        """Take in message events that are on disk, in the order of the journal."""
        ...

    def warn(self, sentence: str) -> None:
        """Tell a person, at once."""
        ...


class Decides(Protocol):
    """Whoever decides messages: what was decided bears on what is decided next."""

    def handle(self, message: Message) -> tuple[Record, ...]:
        """Return what each playbook decides about a message event, with what it rests on."""
        ...


class Recovery(Protocol):
    """
    The way to what the journal holds of a run.

    run: its name.
    """

    run: str

    def interpreter(self, on_closed: OnClosed) -> Decides:
        """Return one who decides and knows what the journal holds, and nothing else."""
        ...

    def written_after(self, seq: int) -> Iterable[Entry]:
        """Yield the run's entries after one."""
        ...


class WithoutRoom:
    """Restrictions (see ports.Restrictions) with one more while the journal has no room for openings."""

    def __init__(self, others: Restrictions, log: JournalLog) -> None:
        self._others = others
        self._log = log

    def in_force(self, at: datetime) -> tuple[Restriction, ...] | None:
        """Return every restriction in force at a time."""
        known = self._others.in_force(at)
        return known if known is None or self._log.can_open else (*known, NO_ROOM)


def _nothing(record: Record) -> bool:
    """Return that a refusal has no effect, as where no orders are sent."""
    return False


class LiveMessages:
    """
    Takes message events one after another.

    recovery: of the run its entries belong to; asked at first, and again after a write that failed.
    monotonic: seconds that only grow. gives_up: whether a decision that approves nothing has an effect all the same:
    a close before its opening has filled.
    Attribute unsaved: events the full disk left no room for; they have no decision yet and are taken again when the run
    goes on.
    """

    def __init__(
        self,
        log: JournalLog,
        recovery: Recovery,
        listener: Listener,
        monotonic: Callable[[], float],
        gives_up: Callable[[Record], bool] = _nothing,
    ) -> None:
        self.unsaved = 0
        self._gives_up = gives_up
        self._log = log
        self._run = recovery.run
        self._recovery = recovery
        self._listener = listener
        self._monotonic = monotonic
        self._interpreter = recovery.interpreter(self.add_closed)
        self._settled = log.last.seq if log.last is not None else 0
        self._held: list[Message] = []
        self._closed: tuple[Closed, ...] = ()
        self._written: list[Acknowledged] = []
        self._oldest = 0.0
        self._is_sparing = False
        self._is_without_room = not log.can_open
        if self._is_without_room:
            self._warn("there is no room left for the journal")

    @property
    def closed(self) -> tuple[Closed, ...]:
        """What was closed, or has expired, since the last decisions that were journaled."""
        return self._closed

    def take_closed(self) -> tuple[Closed, ...]:
        """Return the same, and leave writing it down to the caller."""
        closed, self._closed = self._closed, ()
        return closed

    @property
    def waiting(self) -> tuple[Acknowledged, ...]:
        """What is decided and not acknowledged yet."""
        return tuple(self._written)

    def take(self, message: Message) -> None:
        """
        Decide a message event, and journal what was decided.

        Raises: JournalError, when not even closes can be written down, or the disk failed; what was acknowledged
        before is on disk.
        """
        self._held.append(message)
        try:
            if self._write(message) or self._is_due():
                self._sync()
        except JournalError as error:
            self._go_on_from_journal(error)

    def settle(self) -> None:
        """Have everything taken so far on disk and acknowledged. Raises: JournalError, as `take` does."""
        try:
            self._sync()
        except JournalError as error:
            self._go_on_from_journal(error)

    def _write(self, message: Message) -> bool:
        """Decide a message event and add it to the journal; return whether it must be on disk at once."""
        records = self._interpreter.handle(message)
        if not records:
            self._held.pop()
            return False
        is_urgent = not self._log.can_open
        if is_urgent and not self._is_worth_room(records):
            self._held.pop()
            self.unsaved += 1
            return False
        entry = self._log.append(
            EntryKind.DECIDED, self._run, encoded(Decided(records, self._closed)), urgent=is_urgent
        )
        self._closed = ()
        if not self._written:
            self._oldest = self._monotonic()
        self._written.append(Acknowledged(entry, records))
        return is_urgent or any(map(_opens, records))

    def _is_worth_room(self, records: Iterable[Record]) -> bool:
        """Whether a message event goes into the reserve of a full disk: refusals do as long as they leave enough."""
        outcomes = [outcome for record in records for outcome in record.decision.outcomes]
        if any(outcome.verdict is Verdict.APPROVED for outcome in outcomes) or any(map(self._gives_up, records)):
            return True
        if not any(map(_matters, outcomes)):
            return False
        if not self._log.can_spare and not self._is_sparing:
            self._is_sparing = True
            self._listener.warn(_SPARING)
        return self._log.can_spare

    def _warn(self, why: str) -> None:
        self._listener.warn(f"{why}; from here on openings are refused, and only closes are taken")

    def add_closed(self, closed: tuple[Closed, ...]) -> None:
        """Have what was closed written down with the next decisions, unless somebody takes it first."""
        self._closed += closed

    def _is_due(self) -> bool:
        if not self._written:
            return False
        return len(self._written) >= _GROUP_ENTRIES or self._monotonic() - self._oldest >= _GROUP_SECONDS

    def _sync(self) -> None:
        if self._written:
            self._log.sync()
            self._acknowledge()

    def _acknowledge(self) -> None:
        batch, self._written, self._held = self._written, [], []
        self._settled = batch[-1].entry.seq
        self._listener.acknowledge(batch)

    def _go_on_from_journal(self, error: JournalError) -> None:
        """When the disk is full: acknowledge what it took, and decide the rest anew, without openings."""
        if error.code != _FULL or self._is_without_room:
            raise error
        self._is_without_room = True
        self._warn(str(error))
        held, self._held, self._written, self._closed = self._held, [], [], ()
        written = self._recovery.written_after(self._settled)
        kept = [Acknowledged(entry, decided(entry.body).records) for entry in written]
        self._interpreter = self._recovery.interpreter(self.add_closed)
        if kept:
            self._log.sync()
            self._written = kept
            self._acknowledge()
        known = {_event(each.records[0].message) for each in kept}
        for message in held:
            if _event(message) not in known:
                self.take(message)
        self.settle()


def _event(message: Message) -> tuple[str, int]:
    return message.id, message.event


def _opens(record: Record) -> bool:
    """Whether an order is to be sent that nothing may send twice."""
    return any(outcome.verdict is Verdict.APPROVED and bool(outcome.intent_key) for outcome in record.decision.outcomes)


def _matters(outcome: Outcome) -> bool:
    """Whether somebody may miss it: every alert, and whatever was refused."""
    return outcome.alert is not None or outcome.verdict is Verdict.DENIED
